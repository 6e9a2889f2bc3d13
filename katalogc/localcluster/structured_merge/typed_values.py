"""Walks of a value along its schema: its fields, how two values differ, how one merges into another.

In: values (decoded JSON) and the `Schema` that says which lists and maps are granular
(structured-merge-diff's rules, KEP-555). Out: path sets, comparisons, new values. Values are never
modified; results share what did not change. A missing schema (None) means "any": maps are granular,
lists atomic. `schema_paths` removes fields and checks them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from katalogc.localcluster.structured_merge.field_paths import Path, PathSet, json_text
from katalogc.openapi.schema import MISSING, Schema

Type = Schema | None
_GRANULAR = ("associative", "set")


class TypedValueError(ValueError):
    """A value that server-side apply cannot take apart: an item without its key, or twice."""


@dataclass(slots=True)
class Comparison:
    """How a new value differs from an old one."""

    added: set[Path] = field(default_factory=set)
    modified: set[Path] = field(default_factory=set)
    removed: set[Path] = field(default_factory=set)


def topology(schema: Type, value: Any) -> str:
    """`Schema.topology`, with `any` resolved by the value at hand."""
    shape = "any" if schema is None else schema.topology
    if shape != "any":
        return shape
    return "map" if isinstance(value, dict) else "scalar"


def field_type(schema: Type, name: str) -> tuple[Type, bool]:
    """The type of a map's entry, and whether the schema names the field."""
    if schema is None:
        return None, False
    declared = schema.properties.get(name)
    return (schema.additional, False) if declared is None else (declared, True)


def same(left: Any, right: Any) -> bool:
    """Equality of JSON values: `1` is `1.0`, but never `True`."""
    if left is right:
        return True
    if left != right:
        return False
    if isinstance(left, dict):
        return all(same(value, right[key]) for key, value in left.items())
    if isinstance(left, list):
        return all(map(same, left, right))
    return isinstance(left, bool) == isinstance(right, bool)


# --- items of granular lists ---------------------------------------------------------------------


def item_element(schema: Schema, item: Any) -> str:
    """The path element of an item of a set or of an associative list.

    Raises:
        TypedValueError: the item has none of the list's keys, or is no object.
    """
    if schema.topology == "set":
        return _value_element(item) if isinstance(item, str) else "v:" + json_text(item)
    if not isinstance(item, dict):
        raise TypedValueError("associative list with keys may not have non-map elements")
    keys = schema.merge_keys
    if len(keys) == 1:
        value = item.get(keys[0])
        if isinstance(value, str):
            return _key_element(keys[0], value)
    found: dict[str, Any] = {}
    for key in sorted(keys):
        value = item.get(key)
        if value is None:
            value = _key_default(schema, key)
        if value is not MISSING:
            found[key] = value
    if not found:
        raise TypedValueError(
            "associative list with keys has an element that omits all key fields "
            f"{_quoted_list(keys)} (and doesn't have default values for any key fields)"
        )
    return "k:" + json_text(found)


def _quoted_list(keys: tuple[str, ...]) -> str:
    return "[" + " ".join(f'"{key}"' for key in keys) + "]"


def _key_default(schema: Schema, key: str) -> Any:
    item_type = schema.items
    declared = item_type.properties.get(key) if item_type else None
    return MISSING if declared is None else declared.default


@lru_cache(maxsize=8192)
def _key_element(key: str, value: str) -> str:
    return "k:" + json_text({key: value})


@lru_cache(maxsize=8192)
def _value_element(value: str) -> str:
    return "v:" + json_text(value)


def _indexed(schema: Schema, items: list[Any], *, unique: bool = False) -> dict[str, list[Any]]:
    index: dict[str, list[Any]] = {}
    for item in items:
        element = item_element(schema, item)
        if unique and element in index:
            raise TypedValueError(f"duplicate entries for key {_duplicate(element)}")
        index.setdefault(element, []).append(item)
    return index


def _duplicate(element: str) -> str:
    from katalogc.localcluster.structured_merge.field_paths import display

    return display((element,))


# --- the set of fields ---------------------------------------------------------------------------


def field_set(value: Any, schema: Type) -> PathSet:
    """The paths that a value sets: leaves, list items and map entries, no struct fields between."""
    found: set[Path] = set()
    _collect(value, schema, (), found)
    found.discard(())
    return frozenset(found)


def _collect(value: Any, schema: Type, path: Path, found: set[Path]) -> None:
    shape = topology(schema, value)
    if shape in ("struct", "map"):
        if isinstance(value, dict):
            for name, below in value.items():
                step = (*path, "f:" + name)
                if isinstance(below, str):
                    found.add(step)
                    continue
                inner, declared = field_type(schema, name)
                _collect(below, inner, step, found)
                if not declared or below is None or below == {}:
                    found.add(step)
    elif shape in _GRANULAR:
        assert schema is not None
        for item in value or ():
            step = (*path, item_element(schema, item))
            _collect(item, schema.items, step, found)
            found.add(step)
    else:
        found.add(path)


# --- comparison ----------------------------------------------------------------------------------


def compare(old: Any, new: Any, schema: Type) -> Comparison:
    """What was added, modified and removed on the way from `old` to `new`."""
    result = Comparison()
    _compare(old, new, schema, (), result)
    return result


def _compare(old: Any, new: Any, schema: Type, path: Path, result: Comparison) -> None:
    if old is new:
        return
    shape = topology(schema, old if new is MISSING else new)
    if schema is None or schema.topology == "any":
        was = topology(schema, old)
        if old is not MISSING and new is not MISSING and was != shape:
            # The value changed its JSON type: what was below is gone, the path itself is modified.
            if was == "map":
                _compare(old, {}, schema, path, result)
            elif shape == "map":
                _compare({}, new, schema, path, result)
            result.modified.add(path)
            return
    if shape in ("struct", "map"):
        before, after = _as_dict(old), _as_dict(new)
        if before or after:
            for name, left in before.items():
                right = after.get(name, MISSING)
                if left is not right:
                    inner, _ = field_type(schema, name)
                    _compare(left, right, inner, (*path, "f:" + name), result)
            for name, right in after.items():
                if name not in before:
                    inner, _ = field_type(schema, name)
                    _compare(MISSING, right, inner, (*path, "f:" + name), result)
            _mark_presence(old, new, path, result)
            return
    elif shape in _GRANULAR and (old or new) and _any_items(old, new):
        assert schema is not None
        _compare_items(old, new, schema, path, result)
        _mark_presence(old, new, path, result)
        return
    _leaf(old, new, path, result)


def _any_items(old: Any, new: Any) -> bool:
    return (isinstance(old, list) and bool(old)) or (isinstance(new, list) and bool(new))


def _compare_items(old: Any, new: Any, schema: Schema, path: Path, result: Comparison) -> None:
    before = _indexed(schema, old if isinstance(old, list) else [])
    after = _indexed(schema, new if isinstance(new, list) else [])
    for element in before.keys() | after.keys():
        left, right = before.get(element, []), after.get(element, [])
        step = (*path, element)
        if len(left) > 1 or len(right) > 1:
            # Duplicates cannot be taken apart: they count as one item.
            _leaf(left or MISSING, right or MISSING, step, result)
            continue
        _compare(
            left[0] if left else MISSING, right[0] if right else MISSING, schema.items, step, result
        )


def _mark_presence(old: Any, new: Any, path: Path, result: Comparison) -> None:
    if old is MISSING:
        result.added.add(path)
    elif new is MISSING:
        result.removed.add(path)


def _leaf(old: Any, new: Any, path: Path, result: Comparison) -> None:
    if old is MISSING:
        result.added.add(path)
    elif new is MISSING:
        result.removed.add(path)
    elif not same(old, new):
        result.modified.add(path)


def _as_dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


# --- merge ---------------------------------------------------------------------------------------


def merge(live: Any, applied: Any, schema: Type) -> Any:
    """`live` with everything that `applied` says; granular parts merge, the rest is replaced.

    Raises:
        TypedValueError: an applied list has two items of one key.
    """
    if applied is MISSING or applied is live:
        return live
    shape = topology(schema, applied)
    if live is MISSING or live is None:
        if shape in _GRANULAR and schema is not None and isinstance(applied, list):
            _indexed(schema, applied, unique=True)
        return applied
    if shape in ("struct", "map"):
        if not isinstance(live, dict):
            return applied
        return _merge_maps(live, applied, schema)
    if shape in _GRANULAR and live:
        assert schema is not None
        return merge_items(live, applied, schema) if applied else live
    return live if same(live, applied) else applied


def _merge_maps(live: dict[str, Any], applied: Any, schema: Type) -> Any:
    if not applied:
        # An empty map or null on both sides is a leaf; otherwise it removes nothing.
        return live or applied
    merged: dict[str, Any] | None = None
    for name, value in applied.items():
        before = live.get(name, MISSING)
        inner, _ = field_type(schema, name)
        after = merge(before, value, inner)
        # An equal text stays the live one, so that an apply without change is the live object.
        if after is not before and not (isinstance(after, str) and after == before):
            if merged is None:
                merged = dict(live)
            merged[name] = after
    return live if merged is None else merged


def merge_items(live: list[Any], applied: list[Any], schema: Schema) -> list[Any]:
    """Two granular lists: applied items in their order, live items kept near their neighbours.

    The order is structured-merge-diff's: both lists are walked at once; an item of the live list
    alone comes when the walk meets it, a shared item when the applied list's order allows it.
    """
    wanted = _indexed(schema, applied, unique=True)
    present = _indexed(schema, live)
    left = [item_element(schema, item) for item in live]
    right = list(wanted)
    shared = [element for element in right if element in present]
    next_shared = 0
    merged: list[Any] = []
    placed: set[str] = set()

    def place(element: str) -> None:
        nonlocal next_shared
        before = present.get(element, [])
        base = before[0] if len(before) == 1 else MISSING
        merged.append(merge(base, wanted[element][0], schema.items))
        placed.add(element)
        if next_shared < len(shared) and shared[next_shared] == element:
            next_shared += 1

    i = j = 0
    while i < len(left) or j < len(right):
        if i < len(left) and j < len(right):
            if left[i] == right[j]:
                place(left[i])
                i, j = i + 1, j + 1
                continue
            if left[i] in wanted and next_shared < len(shared) and shared[next_shared] != left[i]:
                i += 1
                continue
        if i < len(left):
            if left[i] not in wanted:
                merged.append(live[i])
                i += 1
                continue
            if left[i] in placed:
                i += 1
        if j < len(right):
            place(right[j])
            j += 1
    unchanged = len(merged) == len(live) and all(a is b for a, b in zip(merged, live, strict=True))
    return live if unchanged else merged
