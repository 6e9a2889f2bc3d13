"""Path sets against a schema: removing fields from a value, naming the structs on the way.

In: values, path sets and the value's `Schema`. Out: new values that lack the paths, completed path
sets. Values are never modified.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from katalogc.localcluster.structured_merge.field_paths import Path, PathSet
from katalogc.localcluster.structured_merge.typed_values import (
    Type,
    field_type,
    item_element,
    topology,
)

_MEMBER = "."
Tree = dict[str, Any]


def with_named_fields(paths: Iterable[Path], schema: Type) -> PathSet:
    """The paths, and every struct field that lies on the way to one of them."""
    complete: set[Path] = set()
    for path in paths:
        complete.add(path)
        node = schema
        for depth, element in enumerate(path[:-1], 1):
            if element.startswith("f:"):
                node, declared = field_type(node, element[2:])
                if declared:
                    complete.add(path[:depth])
            else:
                node = None if node is None else node.items
    return frozenset(complete)


def remove(value: Any, paths: Iterable[Path], schema: Type) -> Any:
    """`value` without the fields and items at `paths`; what becomes empty is left as null."""
    tree: Tree = {}
    for path in paths:
        node = tree
        for element in path:
            node = node.setdefault(element, {})
        node[_MEMBER] = True
    return _remove(value, tree, schema) if tree else value


def _remove(value: Any, tree: Tree, schema: Type) -> Any:
    shape = topology(schema, value)
    kept: Any
    if shape in ("struct", "map"):
        if not isinstance(value, dict):
            return value
        kept = {}
        for name, below in value.items():
            doomed = tree.get("f:" + name)
            if doomed is None:
                kept[name] = below
            elif _MEMBER not in doomed:
                kept[name] = _remove(below, doomed, field_type(schema, name)[0])
    elif shape in ("associative", "set"):
        if not isinstance(value, list) or schema is None:
            return value
        kept = []
        for item in value:
            doomed = tree.get(item_element(schema, item))
            if doomed is None:
                kept.append(item)
            elif _MEMBER not in doomed:
                kept.append(_remove(item, doomed, schema.items))
    else:
        return value
    return kept or None
