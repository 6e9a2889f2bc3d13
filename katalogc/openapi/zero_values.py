"""What a built-in type looks like when nothing is set: Go's zero value as the API server prints it.

In: a `Schema`. Out: JSON values. Struct-valued fields appear as `{}`, fields without `omitempty` as
`""`, `0` or `null`. Custom resources have no zero values: theirs is the empty object. Pure; results
are shared, do not modify them.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from katalogc.openapi.schema import Schema


@lru_cache(maxsize=512)
def zero_value(schema: Schema) -> dict[str, Any]:
    """The zero value of an object type (recursively); shared, treat it as immutable."""
    return {
        name: zero_value(schema.properties[name]) if zero == {} else zero
        for name, zero in schema.printed_zeros.items()
    }
