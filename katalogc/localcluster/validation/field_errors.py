"""What is wrong with a field, worded as the API server words it.

In: a path, a value, a reason. Out: `FieldError`s; `type` is the cause's `reason`, `message` its
text without the field. Values print as Go's `field.Error` prints them: text quoted, numbers plain,
the rest as JSON.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, NamedTuple

from katalogc.localcluster import go_text


class FieldError(NamedTuple):
    """One mistake; becomes one entry of `Status.details.causes`."""

    type: str
    """`FieldValueInvalid`, `FieldValueRequired`, …"""
    field: str
    message: str
    """`Invalid value: "x": must be …`, ready for `details.causes[].message`."""
    value: Any = None

    def __str__(self) -> str:
        return f"{self.field}: {self.message}"


def shown(value: Any) -> str:
    """A value inside a message."""
    if isinstance(value, str):
        return go_text.quoted(value)
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def invalid(field: str, value: Any, detail: str) -> FieldError:
    """The value breaks a rule."""
    return FieldError("FieldValueInvalid", field, f"Invalid value: {shown(value)}: {detail}", value)


def type_invalid(field: str, value: Any, detail: str) -> FieldError:
    """The value has the wrong JSON type."""
    return FieldError(
        "FieldValueTypeInvalid", field, f"Invalid value: {shown(value)}: {detail}", value
    )


def required(field: str, detail: str = "") -> FieldError:
    """The field must be given."""
    return FieldError("FieldValueRequired", field, _with("Required value", detail))


def forbidden(field: str, detail: str) -> FieldError:
    """The field must not be given here."""
    return FieldError("FieldValueForbidden", field, f"Forbidden: {detail}")


def duplicate(field: str, value: Any) -> FieldError:
    """A list has the value twice."""
    return FieldError("FieldValueDuplicate", field, f"Duplicate value: {shown(value)}", value)


def not_found(field: str, value: Any) -> FieldError:
    """The value names something that is not there."""
    return FieldError("FieldValueNotFound", field, f"Not found: {shown(value)}", value)


def not_supported(field: str, value: Any, supported: Iterable[str]) -> FieldError:
    """The value is none of an enumeration; an empty enumeration is not printed."""
    known = ", ".join(shown(each) for each in supported)
    detail = f"Unsupported value: {shown(value)}" + (
        f": supported values: {known}" if known else ""
    )
    return FieldError("FieldValueNotSupported", field, detail, value)


def too_long(field: str, detail: str) -> FieldError:
    """Longer than allowed; the value is not repeated."""
    return FieldError("FieldValueTooLong", field, f"Too long: {detail}")


def too_many(field: str, count: int, limit: int) -> FieldError:
    """More items than allowed."""
    return FieldError(
        "FieldValueTooMany", field, f"Too many: {count}: must have at most {limit} items", count
    )


def _with(text: str, detail: str) -> str:
    return f"{text}: {detail}" if detail else text
