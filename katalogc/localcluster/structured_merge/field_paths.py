"""Field paths and sets of them: the `fieldsV1` notation of `metadata.managedFields`.

In: `fieldsV1` objects. Out: frozen sets of paths, and back. A path is a tuple of path elements in
their serialised form: `f:<field>`, `k:<keys of a list item as JSON>`, `v:<value of a set item as
JSON>`, `i:<index>`; a set of paths is all the algebra that server-side apply needs. Pure; sets are
never modified.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

Path = tuple[str, ...]
PathSet = frozenset[Path]
EMPTY: PathSet = frozenset()


class FieldsError(ValueError):
    """A `fieldsV1` object that is none."""


def decode(fields: Any) -> PathSet:
    """The paths of a `fieldsV1` object.

    Raises:
        FieldsError: it is no object of objects, or a key has no known prefix.
    """
    found: list[Path] = []
    _decode(fields, (), found)
    return frozenset(found)


def _decode(fields: Any, prefix: Path, found: list[Path]) -> None:
    if not isinstance(fields, dict):
        raise FieldsError(f"expected an object, got {json.dumps(fields)}")
    for key, below in fields.items():
        if key == ".":
            if prefix:
                found.append(prefix)
            continue
        path = (*prefix, key if key.startswith("f:") else _canonical(key))
        if below == {}:
            found.append(path)
        else:
            _decode(below, path, found)


@lru_cache(maxsize=4096)
def _canonical(element: str) -> str:
    """Keys and values in one spelling, however a client spaced or ordered them."""
    kind, _, rest = element.partition(":")
    try:
        if kind == "k":
            keys = json.loads(rest)
            if not isinstance(keys, dict):
                raise FieldsError(f"invalid key {element!r}")
            return "k:" + json_text(dict(sorted(keys.items())))
        if kind == "v":
            return "v:" + json_text(json.loads(rest))
        if kind == "i":
            return f"i:{int(rest)}"
    except ValueError as error:
        raise FieldsError(f"invalid path element {element!r}") from error
    raise FieldsError(f"missing key type in path element {element!r}")


@lru_cache(maxsize=8192)
def encode(paths: PathSet) -> dict[str, Any]:
    """The `fieldsV1` object of a set of paths, sorted as the API server does.

    Equal sets give the same dict: owners with children of one shape share it. Do not modify it.
    """
    root: dict[str, Any] = {}
    for path in sorted(paths, key=_path_order):
        node = root
        for element in path[:-1]:
            below = node.get(element)
            if below is None:
                below = node[element] = {}
            elif not below:
                below["."] = {}
            node = below
        node[path[-1]] = {}
    return root


def _path_order(path: Path) -> list[tuple[Any, ...]]:
    return [element_order(element) for element in path]


@lru_cache(maxsize=16384)
def element_order(element: str) -> tuple[Any, ...]:
    """Sort key of a path element: fields, then keys, then values, then indexes."""
    kind, _, rest = element.partition(":")
    if kind == "f":
        return (0, rest)
    if kind == "k":
        return (1, [(name, *_value_order(value)) for name, value in json.loads(rest).items()])
    if kind == "v":
        return (2, *_value_order(json.loads(rest)))
    return (3, int(rest))


def _value_order(value: Any) -> tuple[int, Any]:
    if isinstance(value, bool):
        return (2, value)
    if isinstance(value, int | float):
        return (0, value)
    if isinstance(value, str):
        return (1, value)
    return (3, json_text(value))


def in_server_order(paths: Iterable[Path]) -> list[Path]:
    """Paths in the order of the server's messages: a level's members before what is below."""
    tree: dict[str, Any] = {}
    for path in paths:
        node = tree
        for element in path[:-1]:
            node = node.setdefault(element, {})
        node.setdefault(path[-1], {})[""] = None
    ordered: list[Path] = []
    _flatten(tree, (), ordered)
    return ordered


def _flatten(tree: dict[str, Any], prefix: Path, ordered: list[Path]) -> None:
    elements = sorted((each for each in tree if each), key=element_order)
    ordered.extend((*prefix, each) for each in elements if "" in tree[each])
    for each in elements:
        _flatten(tree[each], (*prefix, each), ordered)


def display(path: Path) -> str:
    """A path in the words of conflict messages: `.spec.containers[name="web"].image`."""
    return "".join(_display_element(element) for element in path)


def _display_element(element: str) -> str:
    kind, _, rest = element.partition(":")
    if kind == "f":
        return f".{rest}"
    if kind == "k":
        keys = json.loads(rest)
        return "[" + ",".join(f"{name}={json_text(keys[name])}" for name in keys) + "]"
    return f"[={rest}]" if kind == "v" else f"[{rest}]"


def json_text(value: Any) -> str:
    """JSON without spaces, text as it is."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
