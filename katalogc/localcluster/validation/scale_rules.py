"""What a custom resource with a scale subresource must hold at its replica and selector paths.

In: an object and the `scale` declaration of its CRD version. Out: `FieldError`s. Source:
`apiextensions-apiserver/pkg/registry/customresource/validator.go`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from katalogc.localcluster.go_text import plain, type_name
from katalogc.localcluster.validation.field_errors import FieldError, invalid

_MOST = 2**31 - 1


def scale_errors(obj: dict[str, Any], scale: dict[str, Any]) -> Iterator[FieldError]:
    """Replica counts are small numbers, the selector is text, where they are there at all."""
    for field in ("specReplicasPath", "statusReplicasPath"):
        yield from _count(obj, scale[field])
    if path := scale.get("labelSelectorPath"):
        value, problem = _find(obj, path, str, "string")
        if problem:
            yield invalid(path, value, problem)


def _count(obj: dict[str, Any], path: str) -> Iterator[FieldError]:
    value, problem = _find(obj, path, int, "int64")
    if problem:
        yield invalid(path, 0, problem)
    elif value is not None and value < 0:
        yield invalid(path, value, "should be a non-negative integer")
    elif value is not None and value > _MOST:
        yield invalid(path, value, f"should be less than or equal to {_MOST}")


def _find(obj: Any, path: str, wanted: type, name: str) -> tuple[Any, str]:
    """The value at a path, or what is wrong with it or on the way to it."""
    steps = path.lstrip(".").split(".")
    value: Any = obj
    for depth, step in enumerate(steps, 1):
        if not isinstance(value, dict):
            return "", _accessor_error(steps[:depth], value, "map[string]interface{}")
        if step not in value:
            return None, ""
        value = value[step]
    if isinstance(value, bool) or not isinstance(value, wanted):
        return "", _accessor_error(steps, value, name)
    return value, ""


def _accessor_error(steps: list[str], value: Any, wanted: str) -> str:
    place = ".".join(["", *steps])
    found = f"{plain(value)} is of the type {type_name(value)}"
    return f"{place} accessor error: {found}, expected {wanted}"
