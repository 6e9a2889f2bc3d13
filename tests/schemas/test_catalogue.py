"""The offline catalogue of built-in types, and how it is made."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

import katalogc.openapi
from katalogc.openapi import catalogue, minors
from katalogc.openapi.compaction import encode
from katalogc.openapi.go_types import zero_value_facts
from katalogc.openapi.zero_values import zero_value

DATA = Path(katalogc.openapi.__file__).with_name("kubernetes.jsonl.gz")


def test_four_minors_in_less_than_a_hundred_kilobytes() -> None:
    assert minors() == ("1.33", "1.34", "1.35", "1.36")
    assert DATA.stat().st_size < 100_000


@pytest.mark.parametrize("minor", minors())
def test_every_served_resource_has_a_schema(minor: str) -> None:
    known = catalogue(minor)
    for each in known.resources:
        assert known.schema(each.group, each.version, each.kind).type == "object", each


def test_an_unknown_kind_and_an_unknown_minor_are_key_errors() -> None:
    with pytest.raises(KeyError, match="has no Foo in apps/v1"):
        catalogue().schema("apps", "v1", "Foo")
    with pytest.raises(KeyError, match=r"no schemas for Kubernetes 1\.2"):
        catalogue("1.2")


@pytest.mark.parametrize(
    ("path", "topology", "keys"),
    [
        pytest.param(("spec",), "struct", (), id="struct"),
        pytest.param(("metadata", "labels"), "map", (), id="map"),
        pytest.param(("metadata", "finalizers"), "set", (), id="set-by-patch-strategy"),
        pytest.param(("metadata", "ownerReferences", 0), "atomic", (), id="atomic-map"),
        pytest.param(("spec", "selector"), "atomic", (), id="atomic-struct"),
        pytest.param(
            ("spec", "template", "spec", "containers", 0, "ports"),
            "associative",
            ("containerPort", "protocol"),
            id="two-keys",
        ),
        pytest.param(
            ("spec", "template", "spec", "containers", 0, "args"), "atomic", (), id="list"
        ),
        pytest.param(
            ("spec", "strategy", "rollingUpdate", "maxSurge"), "scalar", (), id="int-or-string"
        ),
    ],
)
def test_topologies_come_from_the_extensions(
    path: tuple[str | int, ...], topology: str, keys: tuple[str, ...]
) -> None:
    node = catalogue().schema("apps", "v1", "Deployment").at(*path)
    assert node is not None
    assert (node.topology, node.list_map_keys) == (topology, keys)


def test_recursive_definitions_can_be_walked() -> None:
    node = catalogue().schema("apiextensions.k8s.io", "v1", "CustomResourceDefinition")
    path = ("spec", "versions", 0, "schema", "openAPIV3Schema", "properties", "a", "not", "not")
    deep = node.at(*path)
    assert deep is not None
    assert "pattern" in deep.properties


def test_zero_values_print_structs_and_required_lists_only() -> None:
    assert zero_value(catalogue().schema("apps", "v1", "Deployment")) == {
        "metadata": {},
        "spec": {
            "strategy": {},
            "template": {"metadata": {}, "spec": {"containers": None}},
        },
        "status": {},
    }


def test_the_data_file_is_stable_and_equal_definitions_are_stored_once() -> None:
    schema = {
        "description": "prose",
        "type": "object",
        "properties": {
            "b": {"allOf": [{"$ref": "#/components/schemas/io.x.Y"}], "default": {}},
            "a": {"type": "string", "default": "", "description": "more prose"},
        },
    }
    schemas = {"api/v1": {"components": {"schemas": {"io.x.Y": schema}}}}
    discovery = {
        "v1": {
            "resources": [
                {
                    "name": "ys",
                    "kind": "Y",
                    "namespaced": True,
                    "verbs": [],
                    "storageVersionHash": "q",
                }
            ]
        }
    }
    extra = {"io.x.Y": {"x-omit": ["a", "gone"], "x-pointer": ["b"]}}
    one, two = ("v1.9.1", schemas, discovery), ("v1.10.0", schemas, discovery)
    text = encode([two, one], extra)
    assert text == encode([one, two], extra)
    header, *rest = [json.loads(line) for line in text.splitlines()]
    assert header == {"format": "katalogc.openapi/v1", "minors": {"1.9": 1, "1.10": 2}}
    assert rest[0]["resources"] == [
        ["", "v1", {"kind": "Y", "name": "ys", "namespaced": True, "verbs": []}]
    ]
    assert rest[2:] == [
        {
            "type": "object",
            "properties": {
                "a": {"default": "", "type": "string"},
                "b": {"$ref": "io.x.Y", "default": {}},
            },
            "x-omit": ["a"],
            "x-pointer": ["b"],
        }
    ]


def test_the_packaged_file_holds_no_prose() -> None:
    text = gzip.decompress(DATA.read_bytes()).decode()
    assert '"description":"' not in text


GO = """
type Inner struct {
	Kept *bool `json:"kept,omitempty" protobuf:"1"`
}

type Outer struct {
	Inner `json:",inline"`
	Items []string `json:"items"`
	When metav1.Time `json:"when,omitempty"`
	Name string `json:"name,omitempty"`
}
"""


def test_go_types_tell_which_zero_values_survive() -> None:
    facts = zero_value_facts([("/mod/k8s.io/api@v0.36.3/apps/v1", GO)])
    assert facts["io.k8s.api.apps.v1.Outer"] == {
        "x-pointer": ["kept"],
        "x-null": ["items", "when"],
        "x-omit": ["name"],
    }
