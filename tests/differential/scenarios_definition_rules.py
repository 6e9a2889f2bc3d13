"""What may not stand in a CustomResourceDefinition, rule by rule, in dry runs."""

from __future__ import annotations

import copy
from typing import Any

from tests.differential.scenarios_types import DEFINITIONS, definition
from tests.differential.steps import Scenario, Step, create

GROUP = "g.c.diff.katalogc.dev"
SPEC: dict[str, Any] = {"type": "object", "properties": {
    "color": {"type": "string"}, "ratio": {"type": "number"},
    "object": {"type": "object", "properties": {"x": {"type": "string"}}},
    "list": {"type": "array", "items": {"type": "string"}}}}  # fmt: skip
TEXT: dict[str, Any] = {"type": "string"}


def _definition() -> dict[str, Any]:
    return definition(GROUP, {"type": "object", "properties": {"spec": copy.deepcopy(SPEC)}})


def _tried(crd: dict[str, Any]) -> Step:
    return create(DEFINITIONS, crd, dryRun="All")


def _field(schema: Any) -> Step:
    """A definition with one more field."""
    crd = _definition()
    schemas = crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]
    schemas["spec"]["properties"]["z"] = schema
    return _tried(crd)


def _version(**changes: Any) -> Step:
    crd = _definition()
    crd["spec"]["versions"][0].update(changes)
    return _tried(crd)


def _root(**schema: Any) -> Step:
    return _version(schema={"openAPIV3Schema": {"type": "object", **schema}})


def _spec(**changes: Any) -> Step:
    crd = _definition()
    crd["spec"].update(changes)
    return _tried(crd)


def _names(**changes: Any) -> Step:
    crd = _definition()
    crd["spec"]["names"].update(changes)
    return _tried(crd)


def _keyed(items: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {"type": "array", "items": items, "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": list(keys)}  # fmt: skip


def _selectable(*paths: str) -> Step:
    return _version(selectableFields=[{"jsonPath": path} for path in paths])


SCENARIOS = (
    Scenario(
        name="rules-of-schemas",
        steps=tuple(map(_field, (
            {"type": "integer", "format": "float"}, {"type": "string", "format": "regex"},
            {"type": "string", "format": "date-time"}, {"type": "integer", "format": "int32"},
            {"type": "object", "default": {"x": 1}}, {"type": "string", "default": 5},
            {"type": "string", "description": 5}, {"type": ["string"]}, {"type": "odd"},
            {"type": "array", "items": []}, {"type": "array", "items": [TEXT]},
            {"type": "array", "items": {"type": "object", "properties": {"a": {"type": 5}}}},
            {"type": "object", "id": "x"}, {"type": "object", "patternProperties": {"a": TEXT}},
            {"type": "object", "definitions": {"a": TEXT}},
            {"type": "object", "dependencies": {"a": ["b"]}},
            {"type": "array", "items": TEXT, "additionalItems": True},
            {"type": "object", "$schema": "x"},
            {"oneOf": [{"type": "integer"}, TEXT], "x-kubernetes-int-or-string": True},
            {"type": "object", "x-kubernetes-preserve-unknown-fields": False},
            {"type": "object", "x-kubernetes-embedded-resource": True},
            {"type": "string", "x-kubernetes-embedded-resource": True,
             "x-kubernetes-preserve-unknown-fields": True},
            {"type": "string", "x-kubernetes-map-type": "atomic"},
            {"type": "object", "x-kubernetes-map-type": "odd"},
            {"type": "object", "x-kubernetes-list-type": "set"},
            {"type": "object", "x-kubernetes-validations": [{"rule": ""}]},
            {"type": "array", "items": {"type": "object"}, "x-kubernetes-list-map-keys": ["a"]},
            {"type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["a"]},
            _keyed({"a": "b"}, "a"), _keyed(TEXT, "a"),
            _keyed({"type": "object", "required": ["a"], "properties": {
                "a": {"type": "object"}}}, "a", "a"),
            _keyed({"type": "object", "required": ["a"], "nullable": True, "properties": {
                "a": TEXT}}, "a"),
        ))),
    ),
    Scenario(
        name="rules-of-definitions",
        steps=(
            *(_selectable(path) for path in (
                ".spec.color", ".spec.ratio", ".spec.object", ".spec.object.x", ".spec.list",
                ".spec.absent", "spec.color", "", ".metadata.name", ".spec.color[0]")),
            _selectable(".spec.color", ".spec.color"),
            _version(name="1"),
            _version(deprecationWarning="x"),
            _version(deprecated=True, deprecationWarning="x" * 300),
            _version(additionalPrinterColumns=[{}]),
            _version(additionalPrinterColumns=[
                {"name": "a", "type": "string", "jsonPath": ".x", "format": "odd"}]),
            _version(subresources={"scale": {
                "specReplicasPath": ".spec.x", "statusReplicasPath": "status",
                "labelSelectorPath": ".x"}}),
            _root(nullable=True),
            _root(properties={"metadata": TEXT, "kind": {"type": "integer"}}),
            _spec(preserveUnknownFields=True),
            _spec(conversion={"strategy": "Webhook"}),
            _spec(conversion={"strategy": "Odd"}),
            _spec(conversion={"strategy": "None", "webhook": {
                "conversionReviewVersions": ["v1"]}}),
            _spec(conversion={"strategy": "Webhook", "webhook": {
                "clientConfig": {"url": "http://x"}, "conversionReviewVersions": []}}),
            _spec(group="x.k8s.io"),
            _names(shortNames=["1a"], categories=["Bad"], kind="bad.kind"),
            _tried({**_definition(), "apiVersion": "apiextensions.k8s.io/v1beta1"}),
        ),
    ),
)  # fmt: skip
