import pytest

from katalogc.codegen.openapi import root_schema, spec_schema, status_schema
from tests.codegen.operators import config_map, controller, replica_set, status_field

ANY = {"x-kubernetes-preserve-unknown-fields": True}


def typed(schema):
    """A field's schema without the words for people."""
    return {key: value for key, value in schema.items() if key != "description"}


def spec(**data):
    return spec_schema(controller(children=(config_map(**data),), status_fields=()))["properties"]


def test_a_field_that_is_printed_is_text():
    assert typed(spec(A="{{ .spec.timeout }}")["timeout"]) == {"type": "string"}


def test_a_field_that_is_printed_among_other_words_is_text():
    fields = spec(A="{{ .spec.image }}:{{ .spec.tag }}")
    assert typed(fields["tag"]) == {"type": "string"}


def test_a_field_that_feeds_replicas_is_an_integer_that_may_be_written_as_text():
    fields = spec_schema(controller())["properties"]
    assert typed(fields["parallelism"]) == {
        "anyOf": [{"type": "integer"}, {"type": "string"}],
        "x-kubernetes-int-or-string": True,
        "pattern": "^(-?[0-9]+)?$",
    }


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("{{ upper .spec.x }}", id="argument"),
        pytest.param("{{ if .spec.x }}on{{ end }}", id="condition"),
        pytest.param("{{ .spec.x }}{{ if .spec.x }}on{{ end }}", id="printed-and-tested"),
        pytest.param("{{ range .spec.x }}on{{ end }}", id="range"),
    ],
)
def test_a_field_of_unknown_type_stays_open(text):
    assert typed(spec(A=text)["x"]) == ANY


def test_nested_fields_make_objects_that_keep_unknown_fields():
    database = spec(A="{{ .spec.database.host }}", B="{{ .spec.database.name }}")["database"]
    assert database["type"] == "object"
    assert database["x-kubernetes-preserve-unknown-fields"] is True
    assert set(database["properties"]) == {"host", "name"}


def test_the_spec_keeps_fields_that_no_expression_reads():
    assert spec_schema(controller())["x-kubernetes-preserve-unknown-fields"] is True


def test_a_field_says_what_it_feeds():
    description = spec_schema(controller())["properties"]["parallelism"]["description"]
    assert description == "Feeds `spec.replicas` of the ReplicaSet, `status.parallelism`."


def test_the_status_holds_what_the_operator_writes():
    fields = (
        status_field(("phase",), "Running"),
        status_field(("workers", "ready"), "{{ .spec.parallelism }}", "integer"),
        status_field(("anything",), "{{ .spec.parallelism }}", "auto"),
    )
    schema = status_schema(controller(status_fields=fields))
    assert "x-kubernetes-preserve-unknown-fields" not in schema
    properties = schema["properties"]
    assert properties["conditions"]["x-kubernetes-list-map-keys"] == ["type"]
    assert properties["phase"] == {"type": "string"}
    assert properties["workers"]["properties"]["ready"] == {"type": "integer", "format": "int64"}
    assert properties["anything"] == ANY


def test_a_type_without_conditions_has_none_in_its_status():
    schema = status_schema(controller(conditions=False, status_fields=()))
    assert schema["properties"] == {}


def structural(schema, *, root=True):
    """The rules of apiextensions.k8s.io/v1 that a generated schema could break."""
    if root:
        assert schema["type"] == "object"
    int_or_string = schema.get("x-kubernetes-int-or-string", False)
    preserves = schema.get("x-kubernetes-preserve-unknown-fields", False)
    assert ("type" in schema) or int_or_string or preserves
    if int_or_string:
        assert "type" not in schema
        assert schema["anyOf"] == [{"type": "integer"}, {"type": "string"}]
    else:
        assert "anyOf" not in schema
    for each in schema.get("properties", {}).values():
        structural(each, root=False)
    if "items" in schema:
        structural(schema["items"], root=False)


def test_the_inferred_schema_is_structural():
    children = (
        config_map(A="{{ .spec.a.b.c }}", B="{{ index .spec.list 0 }}", C="{{ .spec.a }}"),
        replica_set("{{ .spec.workers.count }}"),
    )
    structural(root_schema(controller(children=children)))
