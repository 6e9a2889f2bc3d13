"""What an error of the API server means for one child. Errors in, `Problem` values out. Pure."""

from __future__ import annotations

from katalog_runtime.bundle import ApiType
from katalog_runtime.conditions import SUCCESS, Reason, Verdict
from katalog_runtime.errors import (
    AlreadyExistsError,
    ApiError,
    BadRequestError,
    ConflictError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
)
from katalog_runtime.holes import TemplateError
from katalog_runtime.plan import Problem
from katalog_runtime.render import ChildRef

_ORDER = tuple(Reason)
"""Which reason speaks for an owner with several problems: the one its author can mend first."""


def describe(api: ApiType, ref: ChildRef) -> str:
    """The child as a person would write it: `ConfigMap team-a/settings`."""
    return f"{api.kind} {ref.key}"


def problem_of(error: ApiError, api: ApiType, ref: ChildRef) -> Problem:
    """Classify by status and reason, never by text."""
    message = f"{describe(api, ref)}: {error.message}"
    patience = error.retry_after_seconds or 0.0
    if isinstance(error, (InvalidError, BadRequestError)):
        return Problem(reason=Reason.CHILD_INVALID, message=message, ref=ref, stalled=True)
    if isinstance(error, ForbiddenError):
        reason = Reason.FORBIDDEN
        if is_namespace_terminating(error):
            reason = Reason.NAMESPACE_TERMINATING
        return Problem(reason=reason, message=message, ref=ref, at_least_seconds=patience)
    if isinstance(error, NotFoundError):
        return Problem(reason=Reason.RECONCILE_ERROR, message=message, ref=ref)
    if isinstance(error, ConflictError) and not isinstance(error, AlreadyExistsError):
        causes = error.details.get("causes") or ()
        if any(cause.get("reason") == "FieldManagerConflict" for cause in causes):
            return Problem(reason=Reason.CHILD_CONFLICT, message=message, ref=ref)
    return Problem(
        reason=Reason.RECONCILE_ERROR,
        message=message,
        ref=ref,
        transient=True,
        at_least_seconds=patience,
    )


def is_namespace_terminating(error: ApiError) -> bool:
    """Whether the namespace is being deleted, so that nothing new may be made in it."""
    causes = error.details.get("causes") or ()
    return any(cause.get("reason") == "NamespaceTerminating" for cause in causes)


def template_problem(error: TemplateError, what: str, ref: ChildRef | None = None) -> Problem:
    """A template that failed; `what` names the child or status field it belongs to."""
    place = f"{error.origin}: " if error.origin else ""
    return Problem(reason=Reason.TEMPLATE_ERROR, message=f"{place}{what}: {error.message}", ref=ref)


def verdict_of(problems: tuple[Problem, ...]) -> Verdict:
    """The owner's verdict: success, or the first problem by reason, and how many more there are."""
    if not problems:
        return SUCCESS
    first = min(problems, key=lambda each: (_ORDER.index(each.reason), each.message))
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    return Verdict(
        ready=False,
        reason=first.reason,
        message=first.message + more,
        stalled=any(each.stalled for each in problems),
    )
