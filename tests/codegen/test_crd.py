import copy

import pytest

from katalogc.codegen.crd import custom_resource_definition, schema_of
from katalogc.ir import CrdFileIR
from tests.codegen.operators import controller, operator, status_field

OWN = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "datajobs.data.example.com", "annotations": {"team": "data"}},
    "spec": {
        "group": "data.example.com",
        "scope": "Namespaced",
        "names": {"kind": "DataJob", "plural": "datajobs", "singular": "dj"},
        "versions": [
            {
                "name": "v1alpha1",
                "served": True,
                "storage": True,
                "subresources": {"status": {}, "scale": {"specReplicasPath": ".spec.n"}},
                "additionalPrinterColumns": [
                    {"name": "N", "type": "integer", "jsonPath": ".spec.n"}
                ],
                "schema": {
                    "openAPIV3Schema": {
                        "type": "object",
                        "properties": {
                            "spec": {"type": "object", "properties": {"n": {"type": "integer"}}}
                        },
                    }
                },
            }
        ],
    },
}


def completed(manifest, **changes):
    crd = CrdFileIR(manifest=manifest, file="crd.yaml")
    return custom_resource_definition(operator(), controller(crd=crd, **changes))


def version(manifest):
    return manifest["spec"]["versions"][0]


def without(*path):
    manifest = copy.deepcopy(OWN)
    place = version(manifest)
    for part in path[:-1]:
        place = place[part]
    del place[path[-1]]
    return manifest


def test_a_users_crd_keeps_every_word():
    before = copy.deepcopy(OWN)
    made = completed(OWN)
    assert before == OWN
    assert made["metadata"] == OWN["metadata"]
    assert made["spec"]["names"] == OWN["spec"]["names"]
    assert version(made)["additionalPrinterColumns"] == version(OWN)["additionalPrinterColumns"]
    assert version(made)["subresources"] == version(OWN)["subresources"]


def test_a_users_crd_gets_the_status_subresource_that_the_operator_writes_through():
    made = version(completed(without("subresources", "status")))
    assert made["subresources"] == {"scale": {"specReplicasPath": ".spec.n"}, "status": {}}


def test_a_users_crd_without_columns_gets_some():
    made = version(completed(without("additionalPrinterColumns")))
    assert made["additionalPrinterColumns"][0]["name"] == "Ready"


def test_a_users_schema_gets_the_status_fields_that_the_server_would_drop():
    status = version(completed(OWN))["schema"]["openAPIV3Schema"]["properties"]["status"]
    assert set(status["properties"]) == {
        "observedGeneration",
        "conditions",
        "phase",
        "parallelism",
    }


def test_a_users_declaration_of_a_status_field_wins():
    manifest = copy.deepcopy(OWN)
    own = {"type": "object", "properties": {"phase": {"type": "string", "enum": ["Running"]}}}
    version(manifest)["schema"]["openAPIV3Schema"]["properties"]["status"] = own
    status = version(completed(manifest))["schema"]["openAPIV3Schema"]["properties"]["status"]
    assert status["properties"]["phase"] == {"type": "string", "enum": ["Running"]}
    assert "conditions" in status["properties"]


@pytest.mark.parametrize(
    "schema",
    [
        pytest.param(
            {"type": "object", "x-kubernetes-preserve-unknown-fields": True}, id="whole-object"
        ),
        pytest.param(
            {
                "type": "object",
                "properties": {
                    "status": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
                },
            },
            id="status",
        ),
    ],
)
def test_a_users_schema_that_keeps_unknown_fields_is_left_alone(schema):
    manifest = copy.deepcopy(OWN)
    version(manifest)["schema"]["openAPIV3Schema"] = copy.deepcopy(schema)
    assert version(completed(manifest))["schema"]["openAPIV3Schema"] == schema


def test_a_status_that_a_generator_left_in_the_file_is_dropped():
    assert "status" not in completed({**OWN, "status": {"storedVersions": []}})


def test_columns_show_readiness_the_first_status_fields_and_the_age():
    fields = tuple(status_field((name,), "x") for name in ("phase", "a", "b", "c"))
    made = version(custom_resource_definition(operator(), controller(status_fields=fields)))[
        "additionalPrinterColumns"
    ]
    assert [(each["name"], each.get("priority", 0)) for each in made] == [
        ("Ready", 0),
        ("Reason", 1),
        ("Phase", 0),
        ("A", 0),
        ("B", 0),
        ("C", 1),
        ("Age", 0),
    ]


def test_an_inferred_crd_watches_the_type_that_the_katalog_names():
    made = custom_resource_definition(operator(), controller())
    assert made["metadata"]["name"] == "datajobs.data.example.com"
    assert made["spec"]["names"] == {
        "kind": "DataJob",
        "listKind": "DataJobList",
        "plural": "datajobs",
        "singular": "datajob",
    }
    assert version(made)["subresources"] == {"status": {}}
    assert schema_of(operator(), controller())["type"] == "object"
