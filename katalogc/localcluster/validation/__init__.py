"""Whether an object fits its type: decode, prune, default, validate, as the API server does it.

In: objects as decoded JSON and the `Schema` of their type. Out: field errors, pruned paths. `prune`
and `default` change the object in place (hand them the request's own copy); nothing else does. No
I/O, no clock.
"""

from __future__ import annotations

from typing import Any

from katalogc.localcluster.validation.custom_types import crd_schema
from katalogc.localcluster.validation.decoding import decoding_error, round_trip
from katalogc.localcluster.validation.defaulting import default
from katalogc.localcluster.validation.definition_warnings import definition_warnings
from katalogc.localcluster.validation.field_errors import FieldError
from katalogc.localcluster.validation.pod_warnings import pod_warnings
from katalogc.localcluster.validation.rules import validate_rules, validate_status
from katalogc.localcluster.validation.scale_rules import scale_errors
from katalogc.localcluster.validation.schema_rules import validate_custom
from katalogc.localcluster.validation.stored_versions import stored_version_errors
from katalogc.localcluster.validation.structural import prune_custom, prune_nulls
from katalogc.localcluster.validation.structural_rules import validate_crd
from katalogc.openapi.schema import Schema

__all__ = [
    "FieldError",
    "crd_schema",
    "decoding_error",
    "default",
    "prune",
    "prune_nulls",
    "scale_errors",
    "stored_version_errors",
    "validate",
    "validate_crd",
    "validate_rules",
    "validate_status",
    "warnings",
]


def prune(obj: dict[str, Any], schema: Schema) -> tuple[str, ...]:
    """Removes unknown fields in place; returns their paths (`spec.containers[0].bar`).

    A built-in object also loses what a round trip through its Go type loses (nulls, empty
    `omitempty` fields) and gets canonical quantities and times. Call it only when `decoding_error`
    had no complaint.
    """
    return round_trip(obj, schema) if schema.builtin else prune_custom(obj, schema)


def validate(obj: dict[str, Any], schema: Schema) -> list[FieldError]:
    """What is wrong with a custom resource by its schema; built-in types have rules instead."""
    return [] if schema.builtin else validate_custom(obj, schema)


def warnings(obj: dict[str, Any], schema: Schema) -> tuple[str, ...]:
    """What is accepted and probably not meant, in sentences for `Warning` headers."""
    if obj.get("kind") == "CustomResourceDefinition":
        return definition_warnings(obj)
    return pod_warnings(obj) if schema.builtin else ()
