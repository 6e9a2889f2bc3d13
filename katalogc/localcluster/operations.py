"""What a caller asks and what it gets: one value for each, whatever transport they came by.

An `Operation` is a request with its path, query and body understood; an `Answer` is a status and an
object. Both are plain data. Parsing of HTTP paths lives in `routes`, doing lives in the handlers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from katalog_runtime.objects import GroupResource, Manifest
from katalogc.localcluster.resources import ResourceType

Verb = Literal["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"]
Patch = Literal["", "merge", "json", "strategic", "apply"]

PATCH_TYPES: dict[str, Patch] = {
    "application/json-patch+json": "json",
    "application/merge-patch+json": "merge",
    "application/strategic-merge-patch+json": "strategic",
    "application/apply-patch+yaml": "apply",
    "application/apply-patch+json": "apply",
}
CUSTOM_PATCHES = (
    "application/json-patch+json",
    "application/merge-patch+json",
    "application/apply-patch+yaml",
)
"""The patches that custom resources take, as a refusal lists them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Who asks, as an authenticator found out."""

    name: str
    groups: tuple[str, ...] = ()
    uid: str = ""
    extra: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


ADMIN = User(name="kubernetes-admin", groups=("system:masters", "system:authenticated"))
ANONYMOUS = User(name="system:anonymous", groups=("system:unauthenticated",))


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One request on a resource."""

    verb: Verb
    type: ResourceType
    namespace: str = ""
    name: str = ""
    subresource: str = ""
    user: User = ADMIN
    user_agent: str = ""

    body: Any = None
    """The decoded body: an object, a patch (mapping or list), `DeleteOptions`, or None."""
    patch: Patch = ""
    field_manager: str = ""
    force: bool = False
    dry_run: bool = False
    field_validation: str = "Warn"

    label_selector: str = ""
    field_selector: str = ""
    limit: int = 0
    continue_token: str = ""
    resource_version: str = ""
    resource_version_match: str = ""
    timeout_seconds: float | None = None
    bookmarks: bool = False
    send_initial_events: bool | None = None
    delete_options: Mapping[str, Any] = field(default_factory=dict)
    """`DeleteOptions` from the query; the body's win."""

    @property
    def manager(self) -> str:
        """The field manager: as given, else the user agent up to its first slash (upstream's
        rule)."""
        return self.field_manager or self.user_agent.partition("/")[0] or "unknown"

    @property
    def resource(self) -> GroupResource:
        """The resource as messages name it."""
        return self.type.resource


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A success: HTTP status, body, and what goes into headers."""

    status: int
    body: Manifest
    warnings: tuple[str, ...] = ()
    type: ResourceType | None = None
    """The type of the object or list items, for tables; None where the body is of another kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRecord:
    """One line of the request log, like an audit event at level Metadata."""

    verb: str
    group: str
    version: str
    resource: str
    """`plural`, or `plural/subresource`, as RBAC rules name it."""
    namespace: str
    name: str
    user: str
    user_agent: str
    field_manager: str
    patch: str
    dry_run: bool
    code: int
    """The answer's HTTP status; for a watch, 200 once it has started; 0 for no answer."""

    @property
    def writes(self) -> bool:
        """Whether the request could change something."""
        return self.verb not in ("get", "list", "watch")
