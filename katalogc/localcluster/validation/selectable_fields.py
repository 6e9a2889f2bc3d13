"""`selectableFields` of a CustomResourceDefinition: paths to scalars that field selectors may name.

In: a version of a definition and where it stands. Out: `FieldError`s. Source:
`apiextensions-apiserver/pkg/apis/apiextensions/validation`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from katalogc.localcluster.validation.field_errors import (
    FieldError,
    duplicate,
    invalid,
    required,
    too_many,
)

_MOST = 8
_SCALARS = ("string", "boolean", "integer")
_NO_SCALAR = (
    "must point to a field of type string, boolean or integer. Enum string fields and strings with "
    "formats are allowed."
)


def selectable_field_errors(version: dict[str, Any], path: str) -> Iterator[FieldError]:
    """What is wrong with the selectable fields of one version.

    Args:
        path: where the server looks for the list, as `spec.versions[0].selectableFields`.
    """
    schema = (version.get("schema") or {}).get("openAPIV3Schema") or {}
    seen: set[str] = set()
    for index, each in enumerate(version.get("selectableFields") or ()):
        place, text = f"{path}[{index}].jsonPath", each.get("jsonPath", "")
        if not text:
            yield required(place)
        elif text in seen:
            yield duplicate(place, text)
        elif complaint := _complaint(text, schema):
            yield invalid(place, text, complaint)
        seen.add(text)
    if len(seen) > _MOST:
        yield too_many(path, len(seen), _MOST)


def _complaint(text: str, schema: dict[str, Any]) -> str:
    """Why a path names no scalar of the schema; empty if it does."""
    if not text.startswith("."):
        return f"is an invalid path: expected [ or . but got: {text.partition('.')[0]}"
    if "[" in text:
        return "is an invalid path: array notation is not allowed"
    field: Any = schema
    for depth, part in enumerate(text[1:].split(".")):
        unknown = depth == 0 and part in ("apiVersion", "kind", "metadata")
        field = None if unknown else (field.get("properties") or {}).get(part)
        if not isinstance(field, dict):
            return "is an invalid path: does not refer to a valid field"
    return "" if field.get("type") in _SCALARS else _NO_SCALAR
