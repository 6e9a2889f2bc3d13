"""Functions on lists and maps that never fail on a missing value:

access, keys, picks, typed fallbacks. Pure.
"""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from katalog_runtime.expressions.values import sorted_items
from katalog_runtime.functions.conditional import is_empty
from katalog_runtime.functions.declaration import Function
from katalog_runtime.functions.go_numbers import NumberError, truncate
from katalog_runtime.functions.json_values import same
from katalog_runtime.functions.signature import ANY_TYPE, declare

_declare = partial(declare, group="collections", on_wrong_type=ANY_TYPE)


def _list_has(items: Any, wanted: Any) -> bool:
    return isinstance(items, list) and any(same(item, wanted) for item in items)


def _list_get(items: Any, index: int) -> Any:
    return items[index] if isinstance(items, list) and 0 <= index < len(items) else None


def map_keys(mapping: dict[str, Any]) -> list[str]:
    """The keys in Go's order."""
    return [key for key, _ in sorted_items(mapping)]


def map_values(mapping: dict[str, Any]) -> list[Any]:
    """The values in the order of their keys."""
    return [value for _, value in sorted_items(mapping)]


def pick(mapping: dict[str, Any], *keys: str) -> dict[str, Any]:
    """The entries of these keys."""
    return {key: mapping[key] for key in keys if key in mapping}


def omit(mapping: dict[str, Any], *keys: str) -> dict[str, Any]:
    """The entries but those of these keys."""
    return {key: value for key, value in mapping.items() if key not in keys}


def _string_or(value: Any, fallback: str) -> str:
    return value if isinstance(value, str) and value else fallback


def _int_or(value: Any, fallback: int) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return fallback
    try:
        return truncate(value)
    except NumberError:
        return fallback


_LABELS: Final = {"metadata": {"labels": {"tier": "web", "app": "shop"}}}

FUNCTIONS: Final[tuple[Function, ...]] = (
    _declare(
        "listHas list:any value:any -> bool",
        "Whether the list holds the value.",
        _list_has,
        ('{{ listHas .spec.regions "eu" }}', "true", {"spec": {"regions": ["us", "eu"]}}),
        on_nil='"false"',
    ),
    _declare(
        "listGet list:any index:int? -> any",
        "The item at the index, from 0 on; nil where there is none.",
        _list_get,
        ("{{ listGet .spec.regions 1 }}", "eu", {"spec": {"regions": ["us", "eu"]}}),
        on_nil='""',
        on_wrong_type="error",
    ),
    _declare(
        "listLen list:any -> int",
        "The number of items; 0 of what is no list.",
        lambda value: len(value) if isinstance(value, list) else 0,
        ("{{ listLen .spec.regions }}", "2", {"spec": {"regions": ["us", "eu"]}}),
        on_nil='"0"',
    ),
    _declare(
        "mapGet map:object key:string? -> any",
        "The value of the key; nil where there is none.",
        lambda mapping, key: mapping.get(key),
        ('{{ mapGet .metadata.labels "app" }}', "shop", _LABELS),
        on_nil='""',
        on_wrong_type='""',
    ),
    _declare(
        "mapKeys map:object -> list",
        "The keys, sorted.",
        map_keys,
        ("{{ mapKeys .metadata.labels }}", "[app tier]", _LABELS),
        on_nil='"[]"',
        on_wrong_type='"[]"',
    ),
    _declare(
        "mapValues map:object -> list",
        "The values, in the order of their keys.",
        map_values,
        ("{{ mapValues .metadata.labels }}", "[shop web]", _LABELS),
        on_nil='"[]"',
        on_wrong_type='"[]"',
    ),
    _declare(
        "mapPick map:object keys:string... -> map",
        "A map of only these keys.",
        pick,
        ('{{ mapPick .metadata.labels "app" "x" }}', "map[app:shop]", _LABELS),
        on_nil='"map[]"',
        on_wrong_type='"map[]"',
    ),
    _declare(
        "mapOmit map:object keys:string... -> map",
        "The map without these keys.",
        omit,
        ('{{ mapOmit .metadata.labels "app" }}', "map[tier:web]", _LABELS),
        on_nil='"map[]"',
        on_wrong_type='"map[]"',
    ),
    _declare(
        "getOr value:any fallback:any -> any",
        "The value, or the fallback where it is empty; the value comes first here.",
        lambda value, fallback: fallback if is_empty(value) else value,
        ("{{ getOr .spec.replicas 1 }}", "1"),
        on_nil='""',
    ),
    _declare(
        "getStringOr value:any fallback:string? -> string",
        "The value where it is a non-empty text, else the fallback.",
        _string_or,
        ('{{ getStringOr .spec.image "nginx" }}', "nginx"),
        on_nil='"a"',
        on_wrong_type="error",
    ),
    _declare(
        "getIntOr value:any fallback:int? -> int",
        "The value as an integer where it is a number, else the fallback.",
        _int_or,
        ("{{ getIntOr .spec.replicas 1 }}", "3", {"spec": {"replicas": 3}}),
        on_nil='"1"',
        on_wrong_type="error",
    ),
    _declare(
        "getBoolOr value:any fallback:bool? -> bool",
        "The value where it is a boolean, else the fallback.",
        lambda value, fallback: value if isinstance(value, bool) else fallback,
        ("{{ getBoolOr .spec.enabled true }}", "false", {"spec": {"enabled": False}}),
        on_nil='"true"',
        on_wrong_type="error",
    ),
)
