"""What a built-in type looks like when nothing is set: Go's zero value as the API server prints it.

In: a `Schema`. Out: JSON values. Struct-valued fields appear as `{}`, fields without `omitempty` as `""`, `0` or
`null`. Custom resources have no zero values: theirs is the empty object. Pure; results are shared, do not modify them.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from katalogc.openapi.schema import MISSING, Schema


@lru_cache(maxsize=512)
def zero_value(schema: Schema) -> dict[str, Any]:
    """The zero value of an object type (recursively); shared, treat it as immutable."""
    if not schema.builtin:
        return {}
    value: dict[str, Any] = {}
    for name, field in schema.properties.items():
        if name in schema.nulls:
            value[name] = None
        elif is_zero_default(field):
            value[name] = zero_value(field) if field.type == "object" else field.default
    return value


def is_zero_default(schema: Schema) -> bool:
    """Whether the type's default is only Go's zero value (`{}`, `""`, `0`, `false`), printed but never chosen."""
    default = schema.default
    return schema.builtin and default is not MISSING and default in ({}, "", 0, False)
