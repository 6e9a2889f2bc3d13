"""Defaults of any object: Go-coded ones, the schema's, and the zero values that Go prints.

In: a pruned object (changed in place) and its `Schema`. Out: nothing.
"""

from __future__ import annotations

import copy
from typing import Any

from katalogc.localcluster.validation.kind_defaults import DEFAULTS
from katalogc.localcluster.validation.structural import default_custom
from katalogc.openapi.schema import MISSING, Schema
from katalogc.openapi.zero_values import zero_value

_ZEROS: tuple[Any, ...] = ({}, "", 0, False)


def default(obj: dict[str, Any], schema: Schema) -> None:
    """Fills in every default of the object's type, in place."""
    if not schema.builtin:
        default_custom(obj, schema)
        return
    api_version, kind = obj.get("apiVersion", ""), obj.get("kind", "")
    group = api_version.rpartition("/")[0]
    by_kind = DEFAULTS.get((group, kind))
    if by_kind is not None:
        by_kind(obj)
    _complete(obj, schema)


def _complete(value: dict[str, Any], schema: Schema) -> None:
    """Adds what the schema says is always there."""
    zeros = schema.printed_zeros
    for name, field in schema.properties.items():
        if name in value:
            _descend(value[name], field)
        elif name in zeros:
            zero = zeros[name]
            value[name] = copy.deepcopy(zero_value(field)) if zero == {} else zero
        elif field.default is not MISSING and field.default not in _ZEROS:
            value[name] = field.default


def _descend(value: Any, schema: Schema) -> None:
    if isinstance(value, dict):
        if schema.raw.get("properties"):
            _complete(value, schema)
        elif schema.additional is not None:
            for below in value.values():
                _descend(below, schema.additional)
    elif isinstance(value, list) and schema.items is not None and schema.items.type == "object":
        for item in value:
            _descend(item, schema.items)
