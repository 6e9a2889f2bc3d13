"""What a CustomResourceDefinition is refused for, beyond its structural schema."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from katalogc.localcluster.validation import validate_crd, warnings
from katalogc.openapi import LATEST, catalogue
from tests.localcluster.api import definition

CRD = catalogue(LATEST).schema("apiextensions.k8s.io", "v1", "CustomResourceDefinition")


def complaints(crd: dict[str, Any]) -> list[str]:
    names = {**crd["spec"]["names"], "listKind": "WidgetList"}
    crd = {**crd, "spec": {**crd["spec"], "names": names}}
    return [str(each) for each in validate_crd(crd)]


def with_field(schema: dict[str, Any]) -> dict[str, Any]:
    crd = copy.deepcopy(definition())
    schemas = crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]
    schemas["spec"]["properties"]["z"] = schema
    return crd


def test_a_good_definition_gives_no_complaint() -> None:
    assert complaints(definition(selectableFields=[{"jsonPath": ".spec.color"}])) == []


@pytest.mark.parametrize(
    ("path", "complaint"),
    [
        pytest.param(".spec", "must point to a field of type string", id="no scalar"),
        pytest.param(".spec.absent", "does not refer to a valid field", id="no field"),
        pytest.param(".metadata.name", "does not refer to a valid field", id="metadata"),
        pytest.param("spec.color", "expected [ or . but got: spec", id="no dot"),
        pytest.param("", "Required value", id="nothing"),
    ],
)
def test_a_selectable_field_names_a_scalar(path: str, complaint: str) -> None:
    (found,) = complaints(definition(selectableFields=[{"jsonPath": path}]))
    assert found.startswith("spec.selectableFields[0].jsonPath: ")
    assert complaint in found


@pytest.mark.parametrize(
    ("schema", "complaint"),
    [
        pytest.param({"type": "object", "x-kubernetes-embedded-resource": True},
                     ".properties: Required value: must not be empty", id="embedded"),
        pytest.param({"type": "object", "x-kubernetes-list-type": "set"},
                     ".type: Invalid value: \"object\": must be array", id="list type of an object"),
        pytest.param({"type": "object", "default": {"x": 1}},
                     ".default: Invalid value: {\"x\":1}: must not have unknown", id="default"),
        pytest.param({"type": "object", "patternProperties": {"a": {"type": "string"}}},
                     "patternProperties is not supported", id="not supported"),
    ],
)  # fmt: skip
def test_a_field_keeps_to_what_the_server_supports(schema: dict[str, Any], complaint: str) -> None:
    (found,) = complaints(with_field(schema))
    assert complaint in found


def test_a_group_of_kubernetes_needs_approval() -> None:
    crd = definition()
    crd["spec"]["group"] = "example.k8s.io"
    crd["metadata"] = {"name": "widgets.example.k8s.io"}
    (found,) = complaints(crd)
    assert found.startswith("metadata.annotations[api-approved.kubernetes.io]: Required value")
    crd["metadata"]["annotations"] = {"api-approved.kubernetes.io": "unapproved, for a test"}
    assert complaints(crd) == []


def test_a_format_that_nobody_checks_is_remarked_on() -> None:
    assert warnings(with_field({"type": "string", "format": "date-time"}), CRD) == ()
    odd = with_field({"type": "array", "items": {"type": "string", "format": "odd"}})
    assert warnings(odd, CRD) == ('unrecognized format "odd"',)
