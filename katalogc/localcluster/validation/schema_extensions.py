"""The `x-kubernetes-…` extensions of one node of a CustomResourceDefinition's schema.

In: a node as data and where it stands. Out: `FieldError`s. Source: `ValidateCustomResourceDefinition`
of `apiextensions-apiserver/pkg/apis/apiextensions/validation`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from katalogc.localcluster.validation.field_errors import (
    FieldError,
    forbidden,
    invalid,
    not_supported,
    required,
)

_SCALARS = ("boolean", "integer", "number", "string")
_LIST_TYPE, _LIST_KEYS = "x-kubernetes-list-type", "x-kubernetes-list-map-keys"
_PRESERVE = "x-kubernetes-preserve-unknown-fields"
_EMBEDDED = "x-kubernetes-embedded-resource"


def extension_errors(schema: dict[str, Any], path: str) -> Iterator[FieldError]:
    """What is wrong with the extensions of one node; not of the nodes below it."""
    if schema.get(_PRESERVE) is False:
        yield invalid(f"{path}.{_PRESERVE}", False, "must be true or undefined")
    yield from _map_type(schema, path)
    yield from _embedded(schema, path)
    yield from _list_type(schema, path)
    for index, rule in enumerate(schema.get("x-kubernetes-validations") or ()):
        if not rule.get("rule", "").strip():
            place = f"{path}.x-kubernetes-validations[{index}].rule"
            yield required(place, "rule is not specified")


def _needs_type(schema: dict[str, Any], path: str, wanted: str, why: str) -> Iterator[FieldError]:
    found = schema.get("type", "")
    if not found:
        yield required(f"{path}.type", f"must be {wanted} if {why}")
    elif found != wanted:
        yield invalid(f"{path}.type", found, f"must be {wanted} if {why}")


def _map_type(schema: dict[str, Any], path: str) -> Iterator[FieldError]:
    kind = schema.get("x-kubernetes-map-type")
    if not kind:
        return
    if kind not in ("atomic", "granular"):
        yield not_supported(f"{path}.x-kubernetes-map-type", kind, ("atomic", "granular"))
    yield from _needs_type(schema, path, "object", "x-kubernetes-map-type is specified")


def _embedded(schema: dict[str, Any], path: str) -> Iterator[FieldError]:
    if not schema.get(_EMBEDDED):
        return
    yield from _needs_type(schema, path, "object", f"{_EMBEDDED} is true")
    if not schema.get("properties") and not schema.get("x-kubernetes-preserve-unknown-fields"):
        text = (
            f"must not be empty if {_EMBEDDED} is true without x-kubernetes-preserve-unknown-fields"
        )
        yield required(f"{path}.properties", text)


def _list_type(schema: dict[str, Any], path: str) -> Iterator[FieldError]:
    kind, keys = schema.get(_LIST_TYPE), schema.get(_LIST_KEYS) or ()
    if kind and schema.get("type") != "array":
        yield from _needs_type(schema, path, "array", f"{_LIST_TYPE} is specified")
        return
    if kind and kind not in ("atomic", "set", "map"):
        yield not_supported(f"{path}.{_LIST_TYPE}", kind, ("atomic", "set", "map"))
    if keys and kind != "map":
        text = f"must be map if {_LIST_KEYS} is non-empty"
        place = f"{path}.{_LIST_TYPE}"
        yield invalid(place, kind, text) if kind else required(place, text)
        return
    if kind == "map" and not keys:
        yield required(f"{path}.{_LIST_KEYS}", f"must not be empty if {_LIST_TYPE} is map")
    items = schema.get("items")
    if kind == "set" and isinstance(items, dict):
        yield from _set_items(items, f"{path}.items")
    elif kind == "map" and not isinstance(items, dict):
        yield required(f"{path}.items", f"must have a schema if {_LIST_TYPE} is map")
    elif kind == "map" and isinstance(items, dict):
        yield from _map_items(items, list(keys), path)


def _set_items(items: dict[str, Any], path: str) -> Iterator[FieldError]:
    nested = {"array": "list", "object": "map"}.get(items.get("type", ""))
    if nested is None:
        return
    inner = items.get(f"x-kubernetes-{nested}-type")
    if inner != "atomic" and (inner is not None or nested == "map"):
        text = f"must be atomic as item of a list with {_LIST_TYPE}=set"
        yield invalid(f"{path}.x-kubernetes-{nested}-type", inner, text)


def _map_items(items: dict[str, Any], keys: list[str], path: str) -> Iterator[FieldError]:
    if items.get("type") != "object":
        text = f"must be object if parent array's {_LIST_TYPE} is map"
        yield invalid(f"{path}.items.type", items.get("type", ""), text)
        return
    if items.get("nullable"):
        text = f"cannot be nullable when {_LIST_TYPE} is map"
        yield forbidden(f"{path}.items.nullable", text)
    fields = items.get("properties") or {}
    if any(key not in fields for key in keys):
        text = "entries must all be names of item properties"
        yield invalid(f"{path}.{_LIST_KEYS}", keys, text)
        return
    if len(set(keys)) < len(keys):
        yield invalid(f"{path}.{_LIST_KEYS}", keys, "must not contain duplicate entries")
    for key in keys:
        field, place = fields[key], f"{path}.items.properties[{key}]"
        if field.get("type") not in _SCALARS:
            text = f"must be a scalar type if parent array's {_LIST_TYPE} is map"
            yield invalid(f"{place}.type", field.get("type", ""), text)
        if key not in (items.get("required") or ()) and "default" not in field:
            text = (
                f"this property is in {_LIST_KEYS}, so it must have a default or be a required "
                "property"
            )
            yield required(f"{place}.default", text)
