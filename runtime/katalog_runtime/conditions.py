"""Conditions of an owner's status: a verdict in, a list out. Pure; time is an argument.

Follows the API conventions for conditions: `Ready` is always there; `Stalled` is abnormal-true and
only there while only a person can help. Conditions of other writers are kept as they are.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from katalog_runtime.rotation import timestamp

READY = "Ready"
STALLED = "Stalled"
MESSAGE_LIMIT = 1024
"""Characters; server texts and template output may be of any size."""


class Reason(StrEnum):
    """Why an owner is ready or not: a closed list, for tools that switch on it."""

    RECONCILE_SUCCEEDED = "ReconcileSucceeded"
    TEMPLATE_ERROR = "TemplateError"
    """An expression failed for this owner; the message names its line in the Katalog."""
    CHILD_INVALID = "ChildInvalid"
    """The API server will never accept the child as it is rendered (400, 422)."""
    CHILD_CONFLICT = "ChildConflict"
    """An object of that name belongs to someone else, or a field does."""
    CHILD_TERMINATING = "ChildTerminating"
    """The child is being deleted and something still holds it."""
    CHILD_FLAPPING = "ChildFlapping"
    """Someone keeps undoing what we apply."""
    KIND_UNAVAILABLE = "KindUnavailable"
    """The child's type cannot be listed: it is not installed, or RBAC forbids it."""
    NAMESPACE_TERMINATING = "NamespaceTerminating"
    FORBIDDEN = "Forbidden"
    """RBAC, a quota or an admission webhook refused."""
    RECONCILE_ERROR = "ReconcileError"
    """The API server failed, or could not be reached."""
    DELETION_BLOCKED = "DeletionBlocked"
    """The owner is being deleted and a child that must go first does not."""


class Verdict(NamedTuple):
    """How a reconcile of one owner ended, as its conditions say it."""

    ready: bool
    reason: Reason
    message: str
    stalled: bool = False
    """Whether only a change by a person can help."""


SUCCESS = Verdict(ready=True, reason=Reason.RECONCILE_SUCCEEDED, message="")


def conditions_after(
    present: list[dict[str, Any]], verdict: Verdict, generation: int, now: datetime
) -> list[dict[str, Any]]:
    """The owner's conditions after `verdict`.

    `lastTransitionTime` moves only when a condition's status does.
    """
    ours = [_condition(READY, verdict.ready, verdict, generation)]
    if verdict.stalled:
        ours.append(_condition(STALLED, True, verdict, generation))
    known = {each.get("type"): each for each in present if isinstance(each, dict)}
    result: list[dict[str, Any]] = []
    for condition in ours:
        before = known.get(condition["type"], {})
        same = before.get("status") == condition["status"]
        moved = before.get("lastTransitionTime") if same else None
        result.append({**condition, "lastTransitionTime": moved or timestamp(now)})
    foreign = [each for each in present if _type_of(each) not in (READY, STALLED)]
    return result + foreign


def ready_condition(owner: dict[str, Any]) -> dict[str, Any]:
    """The owner's `Ready` condition as observed; empty if there is none."""
    status = owner.get("status")
    conditions = status.get("conditions") if isinstance(status, dict) else None
    if isinstance(conditions, list):
        for each in conditions:
            if _type_of(each) == READY:
                found: dict[str, Any] = each
                return found
    return {}


def _condition(name: str, status: bool, verdict: Verdict, generation: int) -> dict[str, Any]:
    return {
        "type": name,
        "status": "True" if status else "False",
        "reason": str(verdict.reason),
        "message": verdict.message[:MESSAGE_LIMIT],
        "observedGeneration": generation,
    }


def _type_of(condition: Any) -> Any:
    return condition.get("type") if isinstance(condition, dict) else None
