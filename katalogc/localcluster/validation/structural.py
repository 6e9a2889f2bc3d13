"""Custom resources against their structural schema: pruning and defaulting.

In: an object (changed in place) and the `Schema` of its CRD version. Out: the paths of pruned
fields. The rules are those of `apiextensions-apiserver/pkg/apiserver/schema`: `apiVersion`, `kind`
and `metadata` of the root and of embedded resources always stay, `preserve-unknown-fields` keeps
what is below it unless it is declared.
"""

from __future__ import annotations

import copy
from typing import Any

from katalogc.localcluster.validation.decoding import decoding_error, round_trip
from katalogc.openapi.schema import MISSING, Schema

_TYPE_META = frozenset({"apiVersion", "kind", "metadata"})


def prune_custom(obj: dict[str, Any], schema: Schema) -> tuple[str, ...]:
    """Removes fields that the schema does not name, in place; returns their paths."""
    pruned: list[str] = []
    _prune(obj, schema, "", pruned, root=True)
    # The server reports metadata first, then the rest in order of names.
    return tuple(sorted(pruned, key=lambda path: (not path.startswith("metadata."), path)))


def _prune(value: Any, schema: Schema, path: str, pruned: list[str], *, root: bool = False) -> None:
    if isinstance(value, dict):
        is_resource = root or schema.embedded_resource
        for name in list(value):
            place = f"{path}.{name}" if path else name
            field = schema.properties.get(name)
            if field is None and is_resource and name in _TYPE_META:
                continue
            field = field or schema.additional
            if field is not None:
                if not (is_resource and name == "metadata"):
                    _prune(value[name], field, place, pruned)
                elif (
                    isinstance(value[name], dict) and decoding_error(value[name], field, "") is None
                ):
                    # Metadata is a Go type for custom resources too.
                    pruned += [f"{place}.{each}" for each in round_trip(value[name], field)]
            elif not schema.preserve_unknown:
                pruned.append(place)
                del value[name]
    elif isinstance(value, list) and schema.items is not None:
        for index, item in enumerate(value):
            _prune(item, schema.items, f"{path}[{index}]", pruned)


def default_custom(value: Any, schema: Schema) -> None:
    """Fills in the schema's defaults, in place; null counts as absent where it is not allowed."""
    if isinstance(value, dict):
        for name, field in schema.properties.items():
            if field.builtin or field.default is MISSING:
                continue
            if name not in value or (value[name] is None and not field.nullable):
                value[name] = copy.deepcopy(field.default)
        for name, below in value.items():
            inner = schema.properties.get(name) or schema.additional
            if inner is not None and not inner.builtin:
                default_custom(below, inner)
    elif isinstance(value, list) and schema.items is not None:
        for item in value:
            default_custom(item, schema.items)


def prune_nulls(value: Any, schema: Schema) -> None:
    """Removes nulls where they are not allowed, in place; what has a default has it already."""
    if isinstance(value, dict):
        for name in list(value):
            inner = schema.properties.get(name) or schema.additional
            if inner is None or inner.builtin:
                continue
            if value[name] is None and not inner.nullable:
                del value[name]
            else:
                prune_nulls(value[name], inner)
    elif isinstance(value, list) and schema.items is not None:
        for item in value:
            prune_nulls(item, schema.items)
