"""Functions that choose: default, ternary, coalesce and their relatives. Pure."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from katalog_runtime.expressions.values import NO_VALUE
from katalog_runtime.functions.declaration import Function
from katalog_runtime.functions.json_values import text_of
from katalog_runtime.functions.signature import ANY_TYPE, declare

_declare = partial(declare, group="conditional", on_wrong_type=ANY_TYPE)


def is_empty(value: Any) -> bool:
    """nil, "", "<no value>", 0, false, an empty list or map."""
    return not value or value == NO_VALUE


def _default(fallback: Any, value: Any) -> Any:
    return fallback if is_empty(value) else value


def is_truthy(value: Any) -> bool:
    """The truth of `ternary`: as everywhere, but every integer counts as true.

    The reference compares a 64-bit 0 with an `int` 0, which are never equal in Go.
    """
    return bool(value) or (isinstance(value, int) and not isinstance(value, bool))


def _ternary(condition: Any, yes: Any, no: Any) -> Any:
    return yes if is_truthy(condition) else no


def _bool_ternary(condition: bool, yes: Any, no: Any) -> Any:
    return yes if condition else no


def _eq_ternary(value: Any, target: Any, yes: Any, no: Any) -> Any:
    return yes if text_of(value) == text_of(target) else no


def _bool_default(value: Any, fallback: bool) -> bool:
    return value if isinstance(value, bool) else fallback


def _coalesce(*values: Any) -> Any:
    return next((value for value in values if not is_empty(value)), None)


FUNCTIONS: Final[tuple[Function, ...]] = (
    _declare(
        "default fallback:any value:any -> any",
        "The value, or the fallback where the value is empty; the fallback comes first.",
        _default,
        ("{{ default 2 .spec.replicas }}", "2"),
        ('{{ .spec.image | default "nginx" }}', "redis", {"spec": {"image": "redis"}}),
        on_nil='""',
    ),
    _declare(
        "ternary condition:any yes:any no:any -> any",
        "`yes` where the condition is true, a non-empty text, list or map, or a number; else `no`.",
        _ternary,
        ('{{ ternary .spec.debug "debug" "info" }}', "debug", {"spec": {"debug": True}}),
        ('{{ ternary .spec.debug "debug" "info" }}', "info"),
        on_nil='""',
    ),
    _declare(
        "boolTernary condition:bool? yes:any no:any -> any",
        "`yes` where the boolean is true, else `no`.",
        _bool_ternary,
        (
            '{{ boolTernary .spec.suspend "Suspended" "Active" }}',
            "Active",
            {"spec": {"suspend": False}},
        ),
        on_nil='""',
        on_wrong_type="error",
    ),
    _declare(
        "eqTernary value:any target:any yes:any no:any -> any",
        "`yes` where value and target print the same, else `no`.",
        _eq_ternary,
        ('{{ eqTernary .spec.mode "prod" "strict" "lax" }}', "strict", {"spec": {"mode": "prod"}}),
        on_nil='""',
    ),
    _declare(
        "boolDefault value:any fallback:bool? -> bool",
        "The value where it is a boolean, else the fallback.",
        _bool_default,
        ("{{ boolDefault .spec.suspend true }}", "true"),
        ("{{ boolDefault .spec.suspend true }}", "false", {"spec": {"suspend": False}}),
        on_nil='"true"',
        on_wrong_type="error",
    ),
    _declare(
        "coalesce values:any... -> any",
        "The first value that is not empty.",
        _coalesce,
        ('{{ coalesce .spec.image .spec.fallback "nginx" }}', "nginx"),
        on_nil='""',
    ),
    _declare(
        "empty value:any -> bool",
        'Whether the value is nil, "", 0, false, an empty list or map.',
        is_empty,
        ("{{ empty .spec.image }}", "true"),
        ("{{ empty .spec.image }}", "false", {"spec": {"image": "nginx"}}),
        on_nil='"true"',
    ),
    _declare(
        "notEmpty value:any -> bool",
        "The opposite of `empty`.",
        lambda value: not is_empty(value),
        ("{{ notEmpty .spec.image }}", "false"),
        on_nil='"false"',
    ),
)
