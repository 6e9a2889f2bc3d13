"""Faults as data: which requests go wrong, how, and how often.

In: a script of `Fault`s and operations as they come. Out: the fault to commit, if it is an
operation's turn. Used by tests and by Simulate documents; an untouched cluster has an empty script.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from katalogc.localcluster.operations import Operation
from katalogc.localcluster.statuses import Refusal

FaultKind = Literal[
    "error",  # answered with a Status of `status` and `reason`; nothing happens
    "ambiguous",  # it happens, but the caller gets no answer (or `status`, if set)
    "unreachable",  # no answer, nothing happens
    "stale-list",  # a list shows the state of `revision` revisions ago
    "drop-watch",  # the watch ends at once, without a frame
    "watch-error",  # the watch gets an ERROR frame of `status` and `reason`, then ends
    "garbage",  # the watch gets a line that is no JSON, then ends
]

_REASONS = {
    400: "BadRequest",
    401: "Unauthorized",
    403: "Forbidden",
    404: "NotFound",
    409: "Conflict",
    410: "Expired",
    422: "Invalid",
    429: "TooManyRequests",
    500: "InternalError",
    503: "ServiceUnavailable",
    504: "Timeout",
}


class Unanswered(Exception):  # noqa: N818 - no answer is what it is
    """The transport shall drop the connection instead of answering."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One rule of the script. Empty conditions match everything."""

    kind: FaultKind = "error"
    verb: str = ""
    """An RBAC verb; `apply` matches server-side applies only, `write` everything that is no
    read."""
    resource: str = ""
    """`plural` for requests of any subresource too, or `plural/subresource`."""
    subresource: str | None = None
    namespace: str = ""
    name: str = ""
    user: str = ""
    skip: int = 0
    """How many matching requests pass first."""
    times: int = 1
    """How many then fail; 0 means all."""
    status: int = 0
    reason: str = ""
    message: str = ""
    retry_after_seconds: int = 0
    revisions: int = 0
    """For `stale-list`: how far back."""

    def matches(self, operation: Operation) -> bool:
        """Whether the operation is meant."""
        if self.verb and not self._verb_matches(operation):
            return False
        if self.subresource is not None and self.subresource != operation.subresource:
            return False
        plural, _, subresource = self.resource.partition("/")
        if subresource and subresource != operation.subresource:
            return False
        pairs = (
            (plural, operation.type.plural),
            (self.namespace, operation.namespace),
            (self.name, _target(operation)),
            (self.user, operation.user.name),
        )
        return all(not wanted or wanted == found for wanted, found in pairs)

    def _verb_matches(self, operation: Operation) -> bool:
        if self.verb == "write":
            return operation.verb not in ("get", "list", "watch")
        if self.verb == "apply":
            return operation.patch == "apply"
        return self.verb == operation.verb

    def refusal(self) -> Refusal:
        """The Status that this fault answers with."""
        status = self.status or 500
        reason = self.reason or _REASONS.get(status, "InternalError")
        details: dict[str, Any] = {}
        headers: dict[str, str] = {}
        if self.retry_after_seconds:
            details["retryAfterSeconds"] = self.retry_after_seconds
            headers["Retry-After"] = str(self.retry_after_seconds)
        message = self.message or f"scripted fault: {status} {reason}"
        return Refusal(status, reason, message, details=details or None, headers=headers)


def _target(operation: Operation) -> str:
    if operation.name:
        return operation.name
    body = operation.body
    metadata = body.get("metadata") if isinstance(body, dict) else None
    return str(metadata.get("name", "")) if isinstance(metadata, dict) else ""


class FaultScript:
    """The faults still to come; each counts its own matches."""

    def __init__(self) -> None:
        self._pending: list[tuple[Fault, list[int]]] = []

    def add(self, fault: Fault) -> None:
        """Appends a fault; where several match, the first one is committed."""
        self._pending.append((fault, [0]))

    def clear(self) -> None:
        """Forgets all faults."""
        self._pending.clear()

    def __len__(self) -> int:
        return len(self._pending)

    def take(self, operation: Operation) -> Fault | None:
        """The fault for this operation, counted as committed; None for an ordinary day."""
        for entry in self._pending:
            fault, (seen,) = entry[0], entry[1]
            if not fault.matches(operation):
                continue
            entry[1][0] = seen + 1
            if seen < fault.skip:
                continue
            if fault.times and seen + 1 >= fault.skip + fault.times:
                self._pending.remove(entry)
            return fault
        return None
