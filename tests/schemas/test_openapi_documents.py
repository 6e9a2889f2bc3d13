"""The OpenAPI documents that kubectl reads."""

from __future__ import annotations

from typing import Any

from katalogc.localcluster.openapi_documents import openapi_v2, openapi_v3, openapi_v3_index

CRD: dict[str, Any] = {
    "metadata": {"name": "things.demo.io"},
    "spec": {
        "group": "demo.io",
        "scope": "Namespaced",
        "names": {"plural": "things", "singular": "thing", "kind": "Thing"},
        "versions": [
            {
                "name": "v1",
                "served": True,
                "storage": True,
                "subresources": {"status": {}},
                "schema": {
                    "openAPIV3Schema": {
                        "type": "object",
                        "description": "A thing.",
                        "properties": {"spec": {"type": "object", "nullable": True}},
                    }
                },
            },
            {"name": "v2", "served": False, "storage": False},
        ],
    },
}


def _references(value: Any) -> set[str]:
    if isinstance(value, dict):
        found = {value["$ref"]} if isinstance(value.get("$ref"), str) else set()
        return found.union(*(_references(each) for each in value.values()))
    if isinstance(value, list):
        return set[str]().union(*(_references(each) for each in value))
    return set()


def test_the_index_lists_custom_groups_and_changes_with_their_schema() -> None:
    index = openapi_v3_index([CRD])["paths"]
    assert "apis/apps/v1" in index
    assert "apis/demo.io/v1" in index
    assert "apis/demo.io/v2" not in index
    changed = {**CRD, "spec": {**CRD["spec"], "scope": "Cluster"}}
    other = openapi_v3_index([changed])["paths"]
    assert {path for path in index if index[path] != other[path]} == {"apis/demo.io/v1"}


def test_a_document_holds_everything_it_refers_to() -> None:
    for path in openapi_v3_index([CRD])["paths"]:
        document = openapi_v3(path, [CRD])
        assert document is not None
        known = document["components"]["schemas"]
        missing = {each.rpartition("/")[2] for each in _references(known)} - known.keys()
        assert missing == set(), path


def test_an_unknown_group_version_has_no_document() -> None:
    assert openapi_v3("apis/nothing.io/v1", [CRD]) is None


def test_patch_operations_tell_their_kind_and_field_validation() -> None:
    document = openapi_v3("apis/demo.io/v1", [CRD])
    assert document is not None
    patch = document["paths"]["/apis/demo.io/v1/namespaces/{namespace}/things/{name}"]["patch"]
    kind = {"group": "demo.io", "kind": "Thing", "version": "v1"}
    assert patch["x-kubernetes-group-version-kind"] == kind
    assert "fieldValidation" in {each["name"] for each in patch["parameters"]}
    assert "/apis/demo.io/v1/namespaces/{namespace}/things/{name}/status" in document["paths"]


def test_version_two_refers_to_its_own_definitions_and_knows_no_nullable() -> None:
    document = openapi_v2([CRD])
    names = document["definitions"].keys()
    missing = {each.rpartition("/")[2] for each in _references(document["definitions"])} - names
    assert missing == set()
    thing = document["definitions"]["io.demo.v1.Thing"]
    assert thing["properties"]["spec"] == {}
    assert thing["description"] == "A thing."


def test_unions_are_spelled_out_again() -> None:
    document = openapi_v3("api/v1")
    assert document is not None
    schemas = document["components"]["schemas"]
    either = schemas["io.k8s.apimachinery.pkg.util.intstr.IntOrString"]
    assert either == {
        "format": "int-or-string",
        "oneOf": [{"type": "integer"}, {"type": "string"}],
    }
    assert schemas["io.k8s.apimachinery.pkg.api.resource.Quantity"] == {
        "oneOf": [{"type": "string"}, {"type": "number"}]
    }
