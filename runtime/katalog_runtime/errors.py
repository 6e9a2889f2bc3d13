"""What an API server refuses, as a tree of exceptions; classified by status and reason, never by text.

ApiError                                  retryable
├── BadRequestError    400                no
├── UnauthorizedError  401                yes  (tokens rotate)
├── ForbiddenError     403                yes  (RBAC may be mended; the message says what is missing)
├── NotFoundError      404                by context
├── ConflictError      409                yes, at once
│   └── AlreadyExistsError (by reason)    by context
├── GoneError          410                relist
├── InvalidError       422                no   (until the owner or the Katalog changes)
├── ThrottledError     429                after `retry_after_seconds`
├── ServerError        5xx                yes
└── UnreachableError   no answer          yes
"""

from __future__ import annotations

from typing import Any, ClassVar


class ApiError(Exception):
    """An answer of the API server that is not a success, or no answer at all (`status` 0)."""

    retryable: ClassVar[bool] = True

    def __init__(
        self,
        status: int,
        reason: str,
        message: str,
        *,
        details: dict[str, Any] | None = None,
        retry_after_seconds: float | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        """The HTTP status code; 0 where no answer came."""
        self.reason = reason
        """The `reason` of the Status object, CamelCase."""
        self.message = message
        self.details = details or {}
        """The `details` of the Status object: name, group, kind, causes."""
        self.retry_after_seconds = retry_after_seconds

    def __str__(self) -> str:
        return self.message


class BadRequestError(ApiError):
    """400: the request itself is malformed; repeating it changes nothing."""

    retryable = False


class UnauthorizedError(ApiError):
    """401: the credentials are not (or no longer) accepted."""


class ForbiddenError(ApiError):
    """403: RBAC, a quota, an admission webhook or a terminating namespace refused."""


class NotFoundError(ApiError):
    """404: no such object, or no such resource type."""


class ConflictError(ApiError):
    """409: the object moved on, or another field manager owns the field."""


class AlreadyExistsError(ConflictError):
    """409 with reason AlreadyExists: a create met an object of that name."""


class GoneError(ApiError):
    """410: the resource version or the continue token is too old; list again."""


class InvalidError(ApiError):
    """422: the object breaks a rule of its type; only a change of input can help."""

    retryable = False


class ThrottledError(ApiError):
    """429: API priority and fairness asks us to slow down."""


class ServerError(ApiError):
    """5xx: the server failed; the write may or may not have happened."""


class UnreachableError(ApiError):
    """No answer: refused, reset, timed out; the write may or may not have happened."""

    def __init__(self, message: str) -> None:
        super().__init__(0, "Unreachable", message)


_BY_STATUS: dict[int, type[ApiError]] = {
    400: BadRequestError,
    401: UnauthorizedError,
    403: ForbiddenError,
    404: NotFoundError,
    409: ConflictError,
    410: GoneError,
    422: InvalidError,
    429: ThrottledError,
}


def api_error(
    http_status: int, body: dict[str, Any], *, retry_after_seconds: float | None = None
) -> ApiError:
    """The exception for an HTTP status and the `Status` object that came with it (may be empty)."""
    reason = str(body.get("reason") or "")
    message = str(body.get("message") or f"the API server answered {http_status}")[:1024]
    kind = AlreadyExistsError if reason == "AlreadyExists" else _BY_STATUS.get(http_status)
    if kind is None:
        kind = ServerError if http_status >= 500 else ApiError
    return kind(
        http_status,
        reason or kind.__name__.removesuffix("Error"),
        message,
        details=body.get("details"),
        retry_after_seconds=retry_after_seconds,
    )
