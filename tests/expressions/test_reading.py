"""The Katalog's reading of templates on top of Go's: missing is empty, output is trimmed."""

from __future__ import annotations

import pytest

from katalog_runtime.expressions import (
    ExpressionError,
    TreeError,
    compile_template,
    dump_tree,
    load_tree,
)
from katalog_runtime.functions import TABLE
from katalogc.expressions import attach_notes, parse
from tests.expressions.data import CONTEXT, render

DATA = {
    "kind": "Shop",
    "spec": {"image": "nginx", "n": 3, "f": 1.0, "on": True, "l": [1, {"a": "b"}], "none": None},
    "children": {"deployments": {"my-service": {"ready": 2}}},
}


@pytest.mark.parametrize(
    ("text", "output"),
    [
        ("{{ .nope }}", ""),
        ("{{ .nope.a.b }}", ""),
        ("{{ .spec.none.a }}", ""),
        ("[{{ .nope }}]", "[]"),
        ("  {{ .kind }} \n", "Shop"),
        ("{{ with .nope.deeper }}x{{ else }}y{{ end }}", "y"),
        ("{{ range .nope.items }}x{{ end }}", ""),
        ("{{ $x := .spec }}{{ $x.nope.a }}", ""),
        ("{{ range .spec.l }}{{ end }}{{ .children.deployments.my-service.ready }}", "2"),
        ('{{ .spec.none | default "d" }}', "d"),
        ("{{ .spec.n }} {{ .spec.f }} {{ .spec.on }} {{ .spec.l }}", "3 1 true [1 map[a:b]]"),
        ('a<no value>b{{ "<no value>" }}', "ab"),
        ("{{ slice .spec.l .spec.one }}", None),
    ],
)  # fmt: skip
def test_missing_values_are_empty_and_output_is_trimmed(text: str, output: str | None) -> None:
    if output is None:
        with pytest.raises(ExpressionError):
            render(text, DATA)
    else:
        assert render(text, DATA) == output


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{{ .spec.n }}", 3),
        ("{{ .spec.f }}", 1.0),
        ("{{ .spec.on }}", True),
        (" {{- $.spec.l }} ", [1, {"a": "b"}]),
        ("{{ .spec.nope }}", None),
        ("{{ .spec.nope.deeper }}", None),
        ("{{ .spec.n }}x", "3x"),
        ("{{ .spec.n | print }}", "3"),
        ("plain", "plain"),
    ],
)
def test_a_lone_path_keeps_its_type(text: str, value: object) -> None:
    compiled = compile_template(load_tree(dump_tree(parse(text))), TABLE)
    found = compiled.value(DATA, CONTEXT)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "{{ .spec.image.tag }}",
            "k.yaml:7:12: cannot read field `tag`: "
            '`.spec.image` is a string "nginx", expected a map',
        ),
        (
            "a\n  {{ .spec.l.x }}",
            "k.yaml:8:6: cannot read field `x`: `.spec.l` is a list of 2, expected a map",
        ),
        ("{{ len .spec.n }}", "k.yaml:7:12: error calling len: len of an integer (3)"),
        (
            "{{ if gt .spec.n 1.5 }}{{ end }}",
            "k.yaml:7:15: error calling gt: incompatible types for comparison: an integer (3) "
            "and a decimal number (1.5) (int64 and float64)",
        ),
        ('{{ template "x" }}', "k.yaml:7:12: template `x` not defined"),
    ],
)  # fmt: skip
def test_an_error_names_the_place_the_value_and_what_was_expected(text: str, message: str) -> None:
    tree = load_tree(dump_tree(parse(text)))
    compiled = compile_template(tree, TABLE, origin="k.yaml:7:9")
    with pytest.raises(ExpressionError) as error:
        compiled.render(DATA, CONTEXT)
    assert str(error.value) == message


def test_places_come_from_the_compiler_where_text_and_file_differ() -> None:
    text = "x: {{ .kind }}\ny: {{ .kind.a }}"  # In the file indented by ten, from line 40 on.

    def locate(offset: int) -> tuple[int, int]:
        line = text.count("\n", 0, offset)
        return 40 + line, 11 + offset - (text.rfind("\n", 0, offset) + 1)

    data = dump_tree(parse(text), locate)
    assert data["points"] == [[0, 40, 11], [18, 41, 14]]
    compiled = compile_template(load_tree(data), TABLE, origin="k.yaml:39:9")
    with pytest.raises(ExpressionError) as error:
        compiled.render(DATA, CONTEXT)
    assert error.value.origin == "k.yaml:41:17"


def test_notes_are_functions_on_the_same_data_with_typed_booleans() -> None:
    notes = {
        "full": parse("{{ .kind }}-{{ name }}"),
        "name": parse("  {{ .spec.image }} "),
        "is_on": parse("{{ eq .spec.on true }}"),
    }
    text = "{{ range .spec.l }}{{ full }} {{ end }}"
    text += "{{ if is_on }}{{ printf `%T %T` is_on name }}{{ end }}"
    tree = load_tree(dump_tree(attach_notes(parse(text), notes)))
    output = compile_template(tree, TABLE).render(DATA, CONTEXT)
    assert output == "Shop-nginx Shop-nginx bool string"


def test_only_the_notes_that_are_needed_travel_with_a_template() -> None:
    notes = {"a": parse("{{ b }}"), "b": parse("x"), "c": parse("y")}
    assert set(attach_notes(parse("{{ a }}"), notes).notes) == {"a", "b"}
    assert "notes" not in dump_tree(attach_notes(parse("{{ .x }}"), notes))


def test_a_note_that_calls_itself_is_refused_at_load() -> None:
    notes = {"a": parse("{{ b }}"), "b": parse("{{ a }}")}
    with pytest.raises(ExpressionError, match="note `a` calls itself: a → b → a"):
        compile_template(parse("{{ a }}"), TABLE, notes=notes)


def test_a_note_takes_no_arguments() -> None:
    compiled = compile_template(parse("{{ a 1 }}"), TABLE, notes={"a": parse("x")})
    with pytest.raises(ExpressionError, match="wrong number of args for a: want 0 got 1"):
        compiled.render(DATA, CONTEXT)


def test_a_template_without_actions_is_known_to_be_constant() -> None:
    assert compile_template(parse(" text "), TABLE).constant == "text"
    assert compile_template(parse("{{ .x }}"), TABLE).constant is None


def test_constant_parts_are_computed_once() -> None:
    calls = []
    function = TABLE["toUpper"]

    def count(context: object, text: str) -> str:
        calls.append(text)
        return text.upper()

    import dataclasses

    table = {"toUpper": dataclasses.replace(function, call=count)}
    compiled = compile_template(parse('{{ toUpper "a" }}{{ toUpper .kind }}'), table)
    outputs = [compiled.render(DATA, CONTEXT) for _ in range(3)]
    assert outputs == ["ASHOP"] * 3
    assert calls.count("a") == 1


def test_what_fails_on_constants_fails_only_where_it_is_reached() -> None:
    assert render('{{ if .nope }}{{ index "abc" 9 }}{{ end }}ok', DATA) == "ok"


@pytest.mark.parametrize(
    "data",
    [
        None,
        {"format": 2},
        {"format": 1},
        {"format": 1, "rows": [["field"]], "body": [], "points": []},
        {"format": 1, "rows": [["do", 0, 5]], "body": [0], "points": []},
        {"format": 1, "rows": [["evil", 0]], "body": [0], "points": []},
        {"format": 1, "rows": [], "body": [0], "points": []},
    ],
)  # fmt: skip
def test_a_malformed_tree_is_refused(data: object) -> None:
    with pytest.raises(TreeError):
        load_tree(data)
