"""Whether an applied object fits its schema's types: the first thing server-side apply looks at.

In: the applied object and its `Schema`. Out: complaints in structured-merge-diff's words, sorted.
Nothing is modified.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from katalogc.localcluster.go_text import plain, syntax, type_name
from katalogc.localcluster.structured_merge.field_paths import display
from katalogc.localcluster.structured_merge.typed_values import (
    Type,
    TypedValueError,
    field_type,
    item_element,
)
from katalogc.openapi.schema import Schema


def type_errors(value: Any, schema: Type) -> list[str]:
    """Undeclared fields, wrong JSON types, list items without their key or with the same one."""
    return sorted(_check(value, schema, ""))


def _check(value: Any, schema: Type, path: str) -> Iterator[str]:
    if schema is None or value is None:
        return
    shape = schema.topology
    if shape == "any":
        return
    if shape == "scalar" and _untyped(schema):
        if isinstance(value, dict | list):
            yield f"{path}: expected any scalar, got &{{{plain(value)}}}"
    elif shape == "scalar":
        if problem := _scalar_problem(value, schema.type):
            yield f"{path}: {problem}"
    elif schema.type == "array":
        if isinstance(value, list):
            yield from _check_items(value, schema, path)
        else:
            yield f"{path}: expected list, got &{{{plain(value)}}}"
    elif not isinstance(value, dict):
        yield f"{path}: expected map, got &{{{plain(value)}}}"
    else:
        for name in sorted(value):
            inner, declared = field_type(schema, name)
            if not declared and inner is None and not schema.arbitrary:
                # The walk through a map ends at its first undeclared field.
                yield f"{path}.{name}: field not declared in schema"
                return
            below = value[name]
            # Most leaves are texts where texts belong: no path is built for them.
            if not (isinstance(below, str) and inner is not None and inner.type == "string"):
                yield from _check(below, inner, f"{path}.{name}")


def _untyped(schema: Schema) -> bool:
    """Scalars of any JSON type, for which a Go type has a word of its own."""
    time = schema.builtin and schema.format == "date-time"
    return schema.int_or_string or schema.quantity or time


def _check_items(items: list[Any], schema: Schema, path: str) -> Iterator[str]:
    seen: set[str] = set()
    for index, item in enumerate(items):
        place = f"{path}[{index}]"
        if schema.topology in ("associative", "set"):
            if item is None and schema.topology == "associative":
                yield (
                    f"{path}: element {index}: associative list with keys may not have a null "
                    "element"
                )
                return
            try:
                element = item_element(schema, item)
            except TypedValueError as error:
                yield f"{path}: element {index}: {error}"
                return
            place = path + display((element,))
            if element in seen:
                yield f"{path}: duplicate entries for key {display((element,))}"
            seen.add(element)
        yield from _check(item, schema.items, place)


def _scalar_problem(value: Any, wanted: str) -> str:
    if wanted == "string" and not isinstance(value, str):
        return f"expected string, got &value.valueUnstructured{{Value:{syntax(value)}}}"
    if wanted == "boolean" and not isinstance(value, bool):
        return f"expected boolean, got &{{{plain(value)}}}"
    if wanted in ("integer", "number") and (
        isinstance(value, bool) or not isinstance(value, int | float)
    ):
        return f"expected numeric (int or float), got {type_name(value)}"
    return ""
