"""Rules of label selectors, and whether labels match one.

In: selectors as the API writes them. Out: `FieldError`s, or a truth value.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from katalogc.localcluster.validation.field_errors import (
    FieldError,
    forbidden,
    invalid,
    required,
)
from katalogc.localcluster.validation.rules.metadata import label_errors
from katalogc.localcluster.validation.rules.names import label_value, qualified_name

_SETS = ("In", "NotIn")
_PRESENCE = ("Exists", "DoesNotExist")


def selector_errors(selector: Any, path: str) -> Iterator[FieldError]:
    """A `LabelSelector`: labels, and expressions with the right operands."""
    if not isinstance(selector, dict):
        return
    yield from label_errors(selector.get("matchLabels"), f"{path}.matchLabels")
    for index, each in enumerate(selector.get("matchExpressions") or ()):
        yield from _expression_errors(each, f"{path}.matchExpressions[{index}]")


def _expression_errors(expression: dict[str, Any], path: str) -> Iterator[FieldError]:
    operator, values = expression.get("operator", ""), expression.get("values") or ()
    if operator in _SETS:
        if not values:
            yield required(f"{path}.values", "must be specified when `operator` is 'In' or 'NotIn'")
    elif operator in _PRESENCE:
        if values:
            yield forbidden(
                f"{path}.values",
                "may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
            )
    else:
        yield invalid(f"{path}.operator", operator, "not a valid selector operator")
    key = expression.get("key", "")
    yield from (invalid(f"{path}.key", key, each) for each in qualified_name(key))
    for place, value in enumerate(values):
        yield from (invalid(f"{path}.values[{place}]", value, each) for each in label_value(value))


def matches(selector: Any, labels: Any) -> bool:
    """Whether labels satisfy a `LabelSelector`; no selector matches nothing."""
    if not isinstance(selector, dict):
        return False
    labels = labels or {}
    if any(labels.get(key) != value for key, value in (selector.get("matchLabels") or {}).items()):
        return False
    return all(_holds(each, labels) for each in selector.get("matchExpressions") or ())


def _holds(expression: dict[str, Any], labels: dict[str, Any]) -> bool:
    key, operator = expression.get("key", ""), expression.get("operator")
    values = expression.get("values") or ()
    if operator == "In":
        return labels.get(key) in values and key in labels
    if operator == "NotIn":
        return key not in labels or labels[key] not in values
    if operator == "Exists":
        return key in labels
    return operator == "DoesNotExist" and key not in labels


def is_empty(selector: Any) -> bool:
    """Whether a selector selects everything."""
    return not selector or not (selector.get("matchLabels") or selector.get("matchExpressions"))
