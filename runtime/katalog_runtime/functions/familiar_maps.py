"""Names for maps that users of Go templates know from Sprig, with their meaning. Pure.

Values never change here: `set`, `unset` and `merge` return a new map and leave their arguments as
they were.
"""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from katalog_runtime.functions.collections import map_keys, map_values, omit, pick
from katalog_runtime.functions.conditional import is_empty
from katalog_runtime.functions.declaration import Function, FunctionError
from katalog_runtime.functions.json_values import MOST_DEPTH, same, text_of
from katalog_runtime.functions.signature import ANY_TYPE, declare

_declare = partial(declare, group="collections")


def _dict(*pairs: Any) -> dict[str, Any]:
    values = [*pairs[1::2], ""] if len(pairs) % 2 else pairs[1::2]
    return {text_of(key): value for key, value in zip(pairs[::2], values, strict=True)}


def _set(mapping: dict[str, Any], key: str, value: Any) -> dict[str, Any]:
    return {**mapping, key: value}


def _pluck(key: str, *mappings: dict[str, Any]) -> list[Any]:
    return [mapping[key] for mapping in mappings if key in mapping]


def _keys(*mappings: dict[str, Any]) -> list[str]:
    return [key for mapping in mappings for key in map_keys(mapping)]


def _dig(*arguments: Any) -> Any:
    """Keys, a fallback, a map."""
    if len(arguments) < 3:
        raise FunctionError("dig takes at least a key, a fallback and a map")
    *keys, fallback, value = arguments
    for key in keys:
        if not isinstance(value, dict):
            return fallback
        if not isinstance(key, str):
            raise FunctionError("the keys of dig are texts")
        if key not in value:
            return fallback
        value = value[key]
    return value


def merge(target: dict[str, Any], *sources: dict[str, Any]) -> dict[str, Any]:
    """The maps as one, maps inside them too; what the earlier map has, and is not empty, stays."""
    for source in sources:
        target = _merged(target, source, overwrite=False, depth=0)
    return target


def _merge_overwrite(target: dict[str, Any], *sources: dict[str, Any]) -> dict[str, Any]:
    for source in sources:
        target = _merged(target, source, overwrite=True, depth=0)
    return target


def _merged(
    target: dict[str, Any], source: dict[str, Any], *, overwrite: bool, depth: int
) -> dict[str, Any]:
    if depth > MOST_DEPTH:
        raise FunctionError(f"the maps nest deeper than {MOST_DEPTH} levels")
    result = dict(target)
    for key, value in source.items():
        mine = result.get(key)
        if isinstance(mine, dict) and isinstance(value, dict):
            if mine is not value:
                result[key] = _merged(mine, value, overwrite=overwrite, depth=depth + 1)
        elif is_empty(mine) or (overwrite and not is_empty(value)):
            result[key] = value
    return result


FUNCTIONS: Final[tuple[Function, ...]] = (
    _declare(
        "dict pairs:any... -> map",
        "The arguments as a map: key, value, key, value; a last key alone gets an empty text.",
        _dict,
        ('{{ dict "a" 1 "b" 2 }}', "map[a:1 b:2]"),
        on_nil='"map[<nil>:]"',
        on_wrong_type=ANY_TYPE,
    ),
    _declare(
        "set map:map? key:string? value:any -> map",
        "The map with the key set to the value; the map itself stays as it was.",
        _set,
        ('{{ set (dict "a" 1) "b" 2 }}', "map[a:1 b:2]"),
        on_nil='"map[a:<nil>]"',
    ),
    _declare(
        "unset map:map? key:string? -> map",
        "The map without the key; the map itself stays as it was.",
        omit,
        ('{{ unset (dict "a" 1 "b" 2) "b" }}', "map[a:1]"),
        on_nil='"map[]"',
    ),
    _declare(
        "hasKey map:map? key:string? -> bool",
        "Whether the map has the key.",
        lambda mapping, key: key in mapping,
        ('{{ hasKey .spec "tls" }}', "false", {"spec": {"image": "nginx"}}),
        on_nil='"false"',
    ),
    _declare(
        "pluck key:string? maps:map?... -> list",
        "The values of the key in the maps that have it.",
        _pluck,
        ('{{ pluck "a" (dict "a" 1) (dict "b" 2) (dict "a" 3) }}', "[1 3]"),
        on_nil='"[]"',
    ),
    _declare(
        "dig arguments:any... -> any",
        'The value at keys: `dig "a" "b" fallback map`; the fallback where one is missing.',
        _dig,
        ('{{ dig "limits" "cpu" "100m" .spec }}', "100m", {"spec": {"limits": {}}}),
        on_wrong_type=ANY_TYPE,
    ),
    _declare(
        "keys maps:map?... -> list",
        "The keys of the maps, sorted within each.",
        _keys,
        ('{{ keys (dict "b" 1 "a" 2) }}', "[a b]"),
        on_nil='"[]"',
    ),
    _declare(
        "values map:map? -> list",
        "The values, in the order of their keys.",
        map_values,
        ('{{ values (dict "b" 1 "a" 2) }}', "[2 1]"),
        on_nil='"[]"',
    ),
    _declare(
        "pick map:map? keys:string... -> map",
        "A map of only these keys.",
        pick,
        ('{{ pick (dict "a" 1 "b" 2) "b" }}', "map[b:2]"),
        on_nil='"map[]"',
    ),
    _declare(
        "omit map:map? keys:string... -> map",
        "The map without these keys.",
        omit,
        ('{{ omit (dict "a" 1 "b" 2) "b" }}', "map[a:1]"),
        on_nil='"map[]"',
    ),
    _declare(
        "merge target:map? sources:map?... -> map",
        "The maps as one, maps inside them too; the first one wins.",
        merge,
        ('{{ merge (dict "a" 1) (dict "a" 9 "b" 2) }}', "map[a:1 b:2]"),
        on_nil='"map[a:b]"',
    ),
    _declare(
        "mergeOverwrite target:map? sources:map?... -> map",
        "The maps as one, maps inside them too; the last one wins where it is not empty.",
        _merge_overwrite,
        ('{{ mergeOverwrite (dict "a" 1) (dict "a" 9 "b" 2) }}', "map[a:9 b:2]"),
        on_nil='"map[a:b]"',
    ),
    _declare(
        "deepCopy value:any -> any",
        "The value; values never change, so it is its own copy.",
        lambda value: value,
        ('{{ deepCopy (dict "a" 1) }}', "map[a:1]"),
        on_nil='""',
        on_wrong_type=ANY_TYPE,
    ),
    _declare(
        "deepEqual left:any right:any -> bool",
        "Whether two values are equal, member by member.",
        same,
        ("{{ deepEqual (list 1 2) (list 1 2) }}", "true"),
        on_nil='"true"',
        on_wrong_type=ANY_TYPE,
    ),
)
