from dataclasses import replace

import pytest

from katalogc.codegen.samples import sample
from katalogc.ir import CrdFileIR
from tests.codegen.operators import DATA_JOB, config_map, controller, operator

INTEGER = {"type": "integer"}


def with_schema(spec, **changes):
    manifest = {
        "spec": {
            "names": {"singular": "datajob"},
            "versions": [
                {
                    "name": "v1alpha1",
                    "schema": {"openAPIV3Schema": {"type": "object", "properties": {"spec": spec}}},
                }
            ],
        }
    }
    return sample(operator(), controller(crd=CrdFileIR(manifest=manifest, file=""), **changes))


def value_of(schema, name="field"):
    spec = {"type": "object", "required": [name], "properties": {name: schema}}
    return with_schema(spec, children=(), status_fields=())["spec"][name]


def test_a_sample_holds_every_field_that_an_expression_reads():
    assert sample(operator(), controller()) == {
        "apiVersion": "data.example.com/v1alpha1",
        "kind": "DataJob",
        "metadata": {"name": "demo", "namespace": "default"},
        "spec": {"image": "nginx:1.29", "parallelism": 2, "timeout": "1h"},
    }


def test_samples_of_several_types_have_names_of_their_own_as_their_children_may_share_a_suffix():
    first, second = controller(), controller(name="report")
    ir = operator(first, second)
    names = [sample(ir, each)["metadata"]["name"] for each in (first, second)]
    assert names == [f"demo-{first.name}", "demo-report"]


def test_a_sample_lives_where_the_operator_watches():
    made = sample(operator(), controller(namespaces=("demo-05",)))
    assert made["metadata"]["namespace"] == "demo-05"


def test_a_sample_of_a_cluster_scoped_type_has_no_namespace():
    api = replace(DATA_JOB, namespaced=False)
    assert sample(operator(), controller(api=api))["metadata"] == {"name": "demo"}


def test_a_field_of_unknown_type_is_left_out():
    children = (config_map(A="{{ range .spec.items }}x{{ end }}", B="{{ .spec.title }}"),)
    assert sample(operator(), controller(children=children, status_fields=()))["spec"] == {
        "title": "demo"
    }


def test_optional_fields_that_nothing_reads_are_left_out():
    spec = {
        "type": "object",
        "required": ["image"],
        "properties": {"image": {"type": "string"}, "extra": {"type": "string"}},
    }
    made = with_schema(spec, children=(), status_fields=())
    assert made["spec"] == {"image": "nginx:1.29"}


def test_a_schema_that_says_nothing_gets_the_fields_that_are_read():
    made = with_schema({"type": "object", "x-kubernetes-preserve-unknown-fields": True})
    assert made["spec"] == {"image": "nginx:1.29", "parallelism": "demo", "timeout": "1h"}


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        pytest.param({"type": "string", "default": "x"}, "x", id="default"),
        pytest.param({"type": "string", "enum": ["full", "part"]}, "full", id="enum"),
        pytest.param({"type": "string", "pattern": "^[A-Z]+$"}, "A", id="pattern"),
        pytest.param({"type": "string", "pattern": "^[0-9]+(s|m|h)$"}, "1h", id="duration-pattern"),
        pytest.param({"type": "string", "minLength": 6}, "demodemo", id="min-length"),
        pytest.param({"type": "string", "maxLength": 2}, "de", id="max-length"),
        pytest.param({"type": "string", "format": "date"}, "2026-01-01", id="format"),
        pytest.param({"type": "integer", "minimum": 5}, 5, id="minimum"),
        pytest.param({"type": "integer", "maximum": 0}, 0, id="maximum"),
        pytest.param({"type": "integer", "multipleOf": 4, "minimum": 5}, 8, id="multiple"),
        pytest.param({"type": "boolean"}, True, id="boolean"),
        pytest.param({"type": "array", "minItems": 2, "items": INTEGER}, [1, 1], id="array"),
        pytest.param(
            {"type": "object", "required": ["n"], "properties": {"n": INTEGER}},
            {"n": 1},
            id="object",
        ),
    ],
)
def test_values_fit_their_schema(schema, value):
    assert value_of(schema) == value
