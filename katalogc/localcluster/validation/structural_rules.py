"""A CustomResourceDefinition against the rules of its kind: names, versions, structural schemas.

In: a defaulted CRD. Out: `FieldError`s. Source:
`apiextensions-apiserver/pkg/apis/apiextensions/validation` and KEP "structural schemas". Not
checked: CEL rules and their cost, webhook conversion details.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import re2

from katalogc.localcluster.validation.definition_names import group_errors, names_errors
from katalogc.localcluster.validation.definition_versions import (
    column_errors,
    conversion_errors,
    deprecation_errors,
    subresource_errors,
)
from katalogc.localcluster.validation.field_errors import (
    FieldError,
    forbidden,
    invalid,
    not_supported,
    required,
)
from katalogc.localcluster.validation.rules.metadata import immutable
from katalogc.localcluster.validation.rules.names import dns1035_label
from katalogc.localcluster.validation.schema_extensions import extension_errors
from katalogc.localcluster.validation.schema_rules import part, value_errors
from katalogc.localcluster.validation.selectable_fields import selectable_field_errors
from katalogc.localcluster.validation.structural import prune_custom

_TYPES = ("array", "boolean", "integer", "number", "object", "string")
_QUIET = re2.Options()
_QUIET.log_errors = False
_RE2_WORDS = {
    "missing ):": "missing closing ):",
    "missing ]:": "missing closing ]:",
    "no argument for": "missing argument to",
}
_UNSUPPORTED = ("id", "patternProperties", "definitions", "dependencies", "additionalItems")
_JUNCTORS = ("allOf", "anyOf", "oneOf")
_FORBIDDEN = {
    "uniqueItems": (
        "uniqueItems cannot be set to true since the runtime complexity becomes quadratic"
    )
}


def validate_crd(crd: dict[str, Any], old: dict[str, Any] | None = None) -> list[FieldError]:
    """Everything wrong with a CRD; of `metadata` only the name's form (see `validate_rules`)."""
    errors = [each for each in _definition(crd) if old is None or each.field != "metadata.name"]
    if old is not None:
        errors += _changes(crd, old)
    return errors


def _definition(crd: dict[str, Any]) -> Iterator[FieldError]:
    spec = crd.get("spec") or {}
    names, group = spec.get("names") or {}, spec.get("group", "")
    plural = names.get("plural", "")
    name = (crd.get("metadata") or {}).get("name", "")
    if name and name != f"{plural}.{group}":
        yield invalid("metadata.name", name, 'must be spec.names.plural+"."+spec.group')
    yield from group_errors(crd)
    scope = spec.get("scope", "")
    if not scope:
        yield required("spec.scope")
    elif scope not in ("Cluster", "Namespaced"):
        yield not_supported("spec.scope", scope, ("Cluster", "Namespaced"))
    yield from names_errors(names)
    yield from conversion_errors(spec)
    yield from _versions(spec.get("versions") or ())


def _versions(versions: Any) -> Iterator[FieldError]:
    for index, version in enumerate(versions):
        path = f"spec.versions[{index}]"
        name = version.get("name", "")
        if not name:
            yield required(f"{path}.name")
        else:
            yield from (invalid(f"{path}.name", name, each) for each in dns1035_label(name))
        yield from deprecation_errors(version, path)
        if (version.get("schema") or {}).get("openAPIV3Schema") is None:
            yield required(f"{path}.schema.openAPIV3Schema")
    names = [each.get("name", "") for each in versions]
    if len(set(names)) < len(names):
        yield invalid("spec.versions", _shown(versions), "must contain unique version names")
    if sum(bool(each.get("storage")) for each in versions) != 1:
        text = "must have exactly one version marked as storage version"
        yield invalid("spec.versions", _shown(versions), text)
    for path, version in _lifted(versions, "schema", "spec.validation"):
        schema = (version.get("schema") or {}).get("openAPIV3Schema")
        if schema is not None:
            if _somewhere(schema, "$schema"):
                text = "OpenAPIV3Schema 'schema' is not supported"
                yield invalid(f"{path}.openAPIV3Schema", "", text)
            yield from _root(schema, f"{path}.openAPIV3Schema")
    for path, version in _lifted(versions, "subresources", "spec.subresources"):
        yield from subresource_errors(version, path)
    for path, version in _lifted(versions, "selectableFields", "spec.selectableFields"):
        yield from selectable_field_errors(version, path)
    columns = "additionalPrinterColumns"
    for path, version in _lifted(versions, columns, f"spec.{columns}"):
        yield from column_errors(version.get(columns) or (), path)


def _lifted(versions: Any, field: str, lifted: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Where the server looks for a field: at one place when all versions agree, else in each version."""
    if versions and all(each.get(field) == versions[0].get(field) for each in versions):
        yield lifted, versions[0]
    else:
        yield from ((f"spec.versions[{i}].{field}", each) for i, each in enumerate(versions))


def _shown(versions: Any) -> list[dict[str, Any]]:
    """Versions as the server's internal type prints them, lifted fields left out."""
    return [
        {
            "Name": each.get("name", ""),
            "Served": bool(each.get("served")),
            "Storage": bool(each.get("storage")),
            "Deprecated": bool(each.get("deprecated")),
            "DeprecationWarning": each.get("deprecationWarning"),
            "Schema": None,
            "Subresources": None,
            "AdditionalPrinterColumns": None,
            "SelectableFields": None,
        }
        for each in versions
    ]


def _root(schema: dict[str, Any], path: str) -> Iterator[FieldError]:
    if schema.get("type") != "object":
        if schema.get("type"):
            yield invalid(f"{path}.type", schema["type"], "must be object at the root")
        else:
            yield required(f"{path}.type", "must not be empty at the root")
    metadata = (schema.get("properties") or {}).get("metadata")
    if isinstance(metadata, dict):
        allowed = {"type", "description", "properties"}
        inner = set(metadata.get("properties") or {}) - {"name", "generateName"}
        if inner or set(metadata) - allowed:
            text = (
                "must not specify anything other than name and generateName, but metadata is "
                "implicitly specified"
            )
            yield forbidden(f"{path}.properties[metadata]", text)
    if schema.get("nullable"):
        yield forbidden(f"{path}.nullable", "nullable cannot be true at the root")
    yield from _type_meta(schema, path)
    yield from _node(schema, path, root=True)


def _type_meta(schema: dict[str, Any], path: str) -> Iterator[FieldError]:
    """The fields that every resource has are of the types that they have everywhere."""
    for name, wanted in (("metadata", "object"), ("apiVersion", "string"), ("kind", "string")):
        field = (schema.get("properties") or {}).get(name)
        if isinstance(field, dict) and field.get("type", "") != wanted:
            place = f"{path}.properties[{name}].type"
            yield invalid(place, field.get("type", ""), f"must be {wanted}")


def _somewhere(schema: Any, name: str) -> bool:
    """Whether any node of a schema has the field."""
    if isinstance(schema, list):
        return any(_somewhere(each, name) for each in schema)
    if not isinstance(schema, dict):
        return False
    below = (schema.get(field) for field in ("items", "additionalProperties"))
    fields = (schema.get("properties") or {}).values()
    return name in schema or any(_somewhere(each, name) for each in (*below, *fields))


def _node(schema: dict[str, Any], path: str, *, root: bool = False) -> Iterator[FieldError]:
    """A structural schema: every node typed, nothing that pruning could not follow."""
    loose = schema.get("x-kubernetes-int-or-string") or schema.get(
        "x-kubernetes-preserve-unknown-fields"
    )
    kind = schema.get("type", "")
    if not kind and not loose and not root and "$ref" not in schema:
        what = "array items" if path.endswith(".items") else "object fields"
        yield required(f"{path}.type", f"must not be empty for specified {what}")
    if kind and kind not in _TYPES:
        yield not_supported(f"{path}.type", kind, _TYPES)
    if schema.get("uniqueItems"):
        yield forbidden(f"{path}.uniqueItems", _FORBIDDEN["uniqueItems"])
    if schema.get("properties") and schema.get("additionalProperties"):
        text = "additionalProperties and properties are mutual exclusive"
        yield forbidden(f"{path}.additionalProperties", text)
    if schema.get("additionalProperties") is False:
        text = "additionalProperties cannot be set to false"
        yield forbidden(f"{path}.additionalProperties", text)
    if "$ref" in schema:
        yield forbidden(f"{path}.$ref", "$ref is not supported")
    for name in _UNSUPPORTED:
        if schema.get(name):
            yield forbidden(f"{path}.{name}", f"{name} is not supported")
    yield from _pattern(schema, path)
    yield from _default(schema, path)
    yield from extension_errors(schema, path)
    yield from _children(schema, path)
    typed = bool(loose)
    for junctor in _JUNCTORS:
        for index, each in enumerate(schema.get(junctor) or ()):
            yield from _value_node(
                each, f"{path}.{junctor}[{index}]", typed=typed and junctor == "anyOf"
            )
    if isinstance(schema.get("not"), dict):
        yield from _value_node(schema["not"], f"{path}.not")


def _pattern(schema: dict[str, Any], path: str) -> Iterator[FieldError]:
    pattern = schema.get("pattern")
    if pattern:
        try:
            re2.compile(pattern, _QUIET)
        except re2.error as error:
            text = f"must be a valid regular expression, but isn't: {_in_go(error)}"
            yield invalid(f"{path}.pattern", pattern, text)


def _in_go(error: re2.error) -> str:
    """What Go's regexp says where RE2 says the same in other words."""
    found = error.args[0] if error.args else ""
    text = found.decode(errors="replace") if isinstance(found, bytes) else str(found)
    for ours, theirs in _RE2_WORDS.items():
        text = text.replace(ours, theirs)
    what, colon, where = text.partition(": ")
    return f"error parsing regexp: {what}{colon}" + (f"`{where}`" if where else "")


def _default(schema: dict[str, Any], path: str) -> Iterator[FieldError]:
    """A default must fit its own schema."""
    if "default" in schema:
        value = copy.deepcopy(schema["default"])
        if isinstance(value, dict) and prune_custom(value, part(schema)):
            yield invalid(f"{path}.default", schema["default"], "must not have unknown fields")
            return
        for each in value_errors(schema["default"], schema):
            place = f"{path}.default" + (f".{each.field}" if each.field else "")
            yield each._replace(field=place)


def _children(schema: dict[str, Any], path: str) -> Iterator[FieldError]:
    for name, field in sorted((schema.get("properties") or {}).items()):
        if isinstance(field, dict):
            yield from _node(field, f"{path}.properties[{name}]")
    items = schema.get("items")
    if isinstance(items, list) and items:
        yield forbidden(f"{path}.items", "items must be a schema object and not an array")
    elif isinstance(items, dict):
        yield from _node(items, f"{path}.items")
    elif schema.get("type") == "array":
        yield required(f"{path}.items", "must be specified")
    if isinstance(schema.get("additionalProperties"), dict):
        yield from _node(schema["additionalProperties"], f"{path}.additionalProperties")


def _value_node(schema: dict[str, Any], path: str, *, typed: bool = False) -> Iterator[FieldError]:
    """Inside a junctor only value validations may stand; int-or-string may repeat its types."""
    for field in ("type", "default", "additionalProperties", "nullable", "description"):
        if schema.get(field) and not (field == "type" and typed):
            yield forbidden(f"{path}.{field}", "must be empty to be structural")
    for name, field in sorted((schema.get("properties") or {}).items()):
        yield from _value_node(field, f"{path}.properties[{name}]")


def _changes(crd: dict[str, Any], old: dict[str, Any]) -> Iterator[FieldError]:
    spec, before = crd.get("spec") or {}, old.get("spec") or {}
    names, named = spec.get("names") or {}, before.get("names") or {}
    for path, now, then, field in (
        ("spec.group", spec, before, "group"),
        ("spec.scope", spec, before, "scope"),
        ("spec.names.plural", names, named, "plural"),
        ("spec.names.kind", names, named, "kind"),
    ):
        yield from immutable(now.get(field), then.get(field), path)
    versions = [each.get("name") for each in spec.get("versions") or ()]
    for index, stored in enumerate((old.get("status") or {}).get("storedVersions") or ()):
        if stored not in versions:
            yield invalid(
                f"status.storedVersions[{index}]",
                stored,
                "missing from spec.versions; "
                f"{stored} was previously a storage version, and must remain in spec.versions "
                "until a storage "
                f"migration ensures no data remains persisted in {stored} and removes {stored} "
                "from "
                "status.storedVersions",
            )
