"""Refusals: what an API server answers instead of an object, as `Status` objects with its own
words.

In: what was wrong. Out: a `Refusal` that carries the HTTP status and the `metav1.Status` body. The
texts are those of `k8s.io/apimachinery/pkg/api/errors`, because clients and people compare them. No
I/O.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from katalog_runtime.objects import GroupResource, Manifest

CONFLICT_TEXT = (
    "the object has been modified; please apply your changes to the latest version and try again"
)


class Cause(NamedTuple):
    """One entry of `details.causes`."""

    reason: str
    message: str
    field: str = ""

    def as_json(self) -> Manifest:
        """The cause as the API server writes it: absent keys for what is empty."""
        pairs = (("reason", self.reason), ("message", self.message), ("field", self.field))
        return {name: text for name, text in pairs if text}


class Refusal(Exception):  # noqa: N818 - a refusal is an answer of the API, not a fault of ours
    """A request that the API server turns down: HTTP `status` and the `Status` object `body`."""

    def __init__(
        self,
        status: int,
        reason: str,
        message: str,
        *,
        details: Manifest | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.reason = reason
        self.message = message
        self.headers = headers or {}
        self.warnings: tuple[str, ...] = ()
        """What had to be said before the refusal; goes into `Warning` headers."""
        self.body: Manifest = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": message,
            **({"reason": reason} if reason else {}),
            **({"details": details} if details is not None else {}),
            "code": status,
        }


@contextmanager
def announcing(warnings: tuple[str, ...]) -> Iterator[None]:
    """What is refused inside still carries these warnings."""
    try:
        yield
    except Refusal as refusal:
        refusal.warnings = (*warnings, *refusal.warnings)
        raise


def warning_header(text: str) -> str:
    """A `Warning` header, as RFC 7234 and the API server write it."""
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'299 - "{quoted}"'


def success(resource: GroupResource, name: str, uid: str) -> Manifest:
    """The `Status` that a completed deletion answers; `kind` holds the plural, as upstream."""
    details = _details(resource, name)
    if uid:
        details["uid"] = uid
    return {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Success",
        "details": details,
    }


def _details(resource: GroupResource, name: str, causes: Iterable[Cause] = ()) -> Manifest:
    details: dict[str, Any] = {}
    if name:
        details["name"] = name
    if resource.group:
        details["group"] = resource.group
    if resource.resource:
        details["kind"] = resource.resource
    listed = [cause.as_json() for cause in causes]
    if listed:
        details["causes"] = listed
    return details


def _named(resource: GroupResource, name: str) -> str:
    return f'{resource} "{name}"' if name else str(resource)


def not_found(resource: GroupResource, name: str) -> Refusal:
    """404: no such object."""
    message = f'{resource} "{name}" not found'
    return Refusal(404, "NotFound", message, details=_details(resource, name))


def no_such_path() -> Refusal:
    """404 for a path that no API serves (the HTTP layer answers plain text for it)."""
    return Refusal(404, "NotFound", "the server could not find the requested resource", details={})


def already_exists(resource: GroupResource, name: str) -> Refusal:
    """409: a create met an object of that name."""
    message = f'{resource} "{name}" already exists'
    return Refusal(409, "AlreadyExists", message, details=_details(resource, name))


def still_deleting(resource: GroupResource, name: str) -> Refusal:
    """409: the name is taken by an object that is on its way out."""
    message = f'object is being deleted: {resource} "{name}" already exists'
    return Refusal(409, "AlreadyExists", message, details=_details(resource, name))


def name_exhausted(resource: GroupResource, name: str) -> Refusal:
    """409: the name generated from `generateName` is taken; clients may try again."""
    message = (
        f'{resource} "{name}" already exists, the server was not able to generate a unique name '
        "for the object"
    )
    details = _details(resource, name) | {"retryAfterSeconds": 1}
    return Refusal(409, "AlreadyExists", message, details=details, headers={"Retry-After": "1"})


def conflict(resource: GroupResource, name: str, why: str = CONFLICT_TEXT) -> Refusal:
    """409: the write was based on something that is no longer so."""
    message = f'Operation cannot be fulfilled on {resource} "{name}": {why}'
    return Refusal(409, "Conflict", message, details=_details(resource, name))


def forbidden(resource: GroupResource, name: str, why: str, *causes: Cause) -> Refusal:
    """403: an authorizer or an admission rule says no."""
    message = f"{_named(resource, name)} is forbidden: {why}"
    return Refusal(403, "Forbidden", message, details=_details(resource, name, causes))


def path_forbidden(user: str, verb: str, path: str) -> Refusal:
    """403 for a path that is no resource."""
    message = f'forbidden: User "{user}" cannot {verb} path "{path}"'
    return Refusal(403, "Forbidden", message, details={})


def unauthorized() -> Refusal:
    """401: no credentials, or none that we know."""
    return Refusal(401, "Unauthorized", "Unauthorized")


def bad_request(message: str) -> Refusal:
    """400: the request cannot be understood."""
    return Refusal(400, "BadRequest", message)


def method_not_supported(resource: GroupResource, verb: str) -> Refusal:
    """405 for a verb that this resource does not have."""
    message = f"{verb} is not supported on resources of kind {str(resource)!r}".replace("'", '"')
    details = _details(GroupResource(resource.group, resource.resource), "")
    return Refusal(405, "MethodNotAllowed", message, details=details)


def method_not_allowed() -> Refusal:
    """405 for a method that the path does not take."""
    message = "the server does not allow this method on the requested resource"
    return Refusal(405, "MethodNotAllowed", message, details={})


def invalid(group: str, kind: str, name: str, causes: Sequence[Cause]) -> Refusal:
    """422: the object breaks rules of its type; each cause's message stands without its field."""
    texts = [
        f"{cause.field}: {cause.message}" if cause.field else cause.message for cause in causes
    ]
    unique = list(dict.fromkeys(texts))
    joined = unique[0] if len(unique) == 1 else f"[{', '.join(unique)}]"
    group_kind = f"{kind}.{group}" if group else kind
    message = (
        f'{group_kind} "{name}" is invalid: {joined}'
        if unique
        else f'{group_kind} "{name}" is invalid'
    )
    details = _details(GroupResource(group, kind), name, causes)
    return Refusal(422, "Invalid", message, details=details)


def expired(message: str) -> Refusal:
    """410: a resource version or continue token whose history is gone."""
    return Refusal(410, "Expired", message)


def version_too_large(wanted: int, current: int) -> Refusal:
    """504: the caller asks for a state that is still to come."""
    cause = Cause("ResourceVersionTooLarge", "Too large resource version")
    return Refusal(
        504,
        "Timeout",
        f"Timeout: Too large resource version: {wanted}, current: {current}",
        details={"causes": [cause.as_json()], "retryAfterSeconds": 1},
        headers={"Retry-After": "1"},
    )


def unsupported_media_type(supported: Sequence[str]) -> Refusal:
    """415: a body in a format that this server does not read."""
    message = (
        "the body of the request was in an unknown format - accepted media types include: "
        + ", ".join(supported)
    )
    return Refusal(415, "UnsupportedMediaType", message)


def not_acceptable(supported: Sequence[str], *, known: bool = True) -> Refusal:
    """406: none of the formats of the Accept header can be produced.

    Args:
        known: whether it is only the form (`as=`), not the media type, that is unknown.
    """
    if not known:
        text = "406: Not Acceptable\n\nAvailable representations: " + ", ".join(supported)
        return Refusal(406, "NotAcceptable", text, details={})
    message = "only the following media types are accepted: " + ", ".join(supported)
    return Refusal(406, "NotAcceptable", message)


def refused_form(message: str) -> Refusal:
    """406: the answer cannot take the form that is asked for."""
    return Refusal(406, "NotAcceptable", message)


def too_many_requests(message: str, retry_after_seconds: int) -> Refusal:
    """429: slow down."""
    return Refusal(
        429,
        "TooManyRequests",
        message,
        details={"retryAfterSeconds": retry_after_seconds},
        headers={"Retry-After": str(retry_after_seconds)},
    )


def internal_error(message: str) -> Refusal:
    """500: what went wrong is not the caller's doing."""
    return Refusal(
        500,
        "InternalError",
        f"Internal error occurred: {message}",
        details={"causes": [{"message": message}]},
    )


def not_implemented(what: str) -> Refusal:
    """501: a part of the Kubernetes API that this in-memory cluster does not have."""
    return Refusal(501, "NotImplemented", f"the embedded cluster does not offer {what}")
