"""A crdFile's definition against what the API server accepts: fields, types, rules of its kind.

The definition is part of what is built, so a mistake in it would be found only by
`kubectl apply`. Fields and types come from the bundled OpenAPI schemas, rules from the
embedded cluster's validation (`apiextensions-apiserver/pkg/apis/apiextensions/validation`).
Loaded only for a Katalog with a `crdFile`. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from katalogc.codes import Code
from katalogc.diagnostics import Diagnostic
from katalogc.located import Located
from katalogc.openapi import LATEST, catalogue
from katalogc.openapi.schema import Schema
from katalogc.source import YamlPath
from katalogc.suggestions import did_you_mean

_API_VERSION = "apiextensions.k8s.io/v1"
_LIFTED = ("validation", "subresources", "additionalPrinterColumns")
_STEP = re.compile(r"\[([^\]]*)\]|([^.\[\]]+)")
_WANTED = {
    "object": ("a mapping", (dict,)),
    "array": ("a list", (list,)),
    "string": ("text", (str,)),
    "boolean": ("`true` or `false`", (bool,)),
    "integer": ("a whole number", (int,)),
    "number": ("a number", (int, float)),
}
_SCHEMAS_INSIDE = frozenset({"items", "additionalProperties", "not"})
"""Fields of a schema whose type OpenAPI leaves open, and which hold a schema."""


def faults(crd: Located) -> list[Diagnostic]:
    """Everything that the API server would refuse about a definition; wrong shapes first."""
    schema = catalogue(LATEST).schema("apiextensions.k8s.io", "v1", "CustomResourceDefinition")
    found = [*_api_version(crd), *_shape(crd, schema)]
    return found or list(_rules(crd))


def _api_version(crd: Located) -> Iterator[Diagnostic]:
    version = crd.at("apiVersion")
    if version is None or version.text != _API_VERSION:
        what = f"apiVersion `{version.text}`" if version is not None else "no `apiVersion`"
        yield _refused(
            f"the definition has {what}",
            version if version is not None else crd.nearest("kind"),
            f"write `apiVersion: {_API_VERSION}`",
        )


def _shape(node: Located, schema: Schema, holds: Schema | None = None) -> Iterator[Diagnostic]:
    """Unknown fields and wrong types; `holds` is the type of schemas below a schema."""
    if node.value is None or schema.topology == "any":
        return
    words, wanted = _WANTED.get(schema.type, ("", (object,)))
    is_wrong = not isinstance(node.value, wanted) or (
        isinstance(node.value, bool) and schema.type != "boolean"
    )
    if is_wrong:
        yield _refused(f"`{node.name()}` must be {words}", node)
    elif isinstance(node.value, list) and schema.items is not None:
        for item in node.value:
            if item.value is None:
                yield _refused(f"an item of `{node.name()}` has no value", item)
            yield from _shape(item, schema.items, holds)
    elif isinstance(node.value, dict):
        is_schema = "x-kubernetes-validations" in schema.properties
        for key, each in node.value.items():
            yield from _field(key, each, schema, schema if is_schema else holds)


def _field(key: str, node: Located, schema: Schema, holds: Schema | None) -> Iterator[Diagnostic]:
    child = schema.child(key)
    if child is None:
        if schema.properties:
            known = did_you_mean(key, schema.properties)
            yield _refused(f"unknown field `{key}` in `{_owner(node)}`", node, known, at_key=True)
    elif holds is not None and key in _SCHEMAS_INSIDE and schema is holds:
        if not isinstance(node.value, bool) or key != "additionalProperties":
            yield from _shape(node, holds, holds)
    else:
        yield from _shape(node, child, holds)


def _owner(node: Located) -> str:
    names = [part for part in node.path[:-1] if isinstance(part, str)]
    return names[-1] if names else "the definition"


def _rules(crd: Located) -> Iterator[Diagnostic]:
    from katalogc.localcluster import validation

    manifest = without_nulls(crd.plain())
    if not manifest.get("metadata", {}).get("name"):
        yield _refused(
            "the definition has no `metadata.name`",
            crd.nearest("metadata"),
            "write the plural and the group, such as `orders.shop.example.com`",
            at_key=True,
        )
        return
    schema = catalogue(LATEST).schema("apiextensions.k8s.io", "v1", "CustomResourceDefinition")
    validation.default(manifest, schema)
    for each in validation.validate_crd(manifest):
        path = _path(each.field)
        missing = crd.at(*path) is None
        yield _refused(f"{each.field}: {each.message}", crd.nearest(*path), at_key=missing)


def without_nulls(value: Any) -> Any:
    """A field without a value is a field that is not there."""
    if isinstance(value, dict):
        return {key: without_nulls(each) for key, each in value.items() if each is not None}
    return [without_nulls(each) for each in value] if isinstance(value, list) else value


def _path(field: str) -> YamlPath:
    """`spec.versions[0].schema.openAPIV3Schema.properties[size]`, step by step.

    What is the same in all versions the API server names as if it stood outside of them.
    """
    steps = [
        int(matched[1]) if matched[1] and matched[1].isdigit() else matched[1] or matched[2]
        for matched in _STEP.finditer(field)
    ]
    if len(steps) > 1 and steps[1] in _LIFTED:
        steps[1:2] = ["versions", 0, "schema" if steps[1] == "validation" else steps[1]]
    return tuple(steps)


def _refused(
    message: str, place: Located, help: str | None = None, *, at_key: bool = False
) -> Diagnostic:
    span = place.span if not at_key else place.key_span if place.path else place.heading
    return Diagnostic(
        code=Code.CRD_FILE_REFUSED,
        message=message,
        span=span,
        help=help or "the API server would refuse this CustomResourceDefinition",
    )
