"""Hostile expressions and data: every one ends within its bounds, with an answer or an error."""

from __future__ import annotations

from typing import Any

import pytest

from katalog_runtime.expressions import ExpressionError, Limits
from tests.expressions.data import render


def nested(levels: int) -> Any:
    """Lists within lists."""
    value: Any = []
    for _ in range(levels):
        value = [value]
    return value


DOUBLING = "".join(
    f'{{{{define "d{level}"}}}}' + f'{{{{template "d{level + 1}"}}}}' * 2 + "{{end}}"
    for level in range(40)
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{{ range 10000 }}{{ range 10000 }}{{ end }}{{ end }}", "more than 100000 steps"),
        ("{{ range 99999999 }}x{{ end }}", "range over 99999999, more than 10000"),
        ("{{ range .many }}x{{ end }}", "range over 20000 members, more than 10000"),
        ("{{ range .wide }}{{ range $.wide }}{{ $.text }}{{ end }}{{ end }}", "longer than 104857"),
        ('{{ $x := "aaaaaaaaaa" }}{{ range 50 }}{{ $x = print $x $x }}{{ end }}', "grows too long"),
        ("{{ $x := .text }}{{ range 99 }}{{ $x = html $x $x $x }}{{ end }}", "grows too long"),
        ('{{ printf "%1000000d%1000000d" 1 2 }}', "grows too long"),
        ('{{ range 9999 }}{{ $x := printf "%900000d" (len $.wide) }}{{ end }}', "100000 steps"),
        ("{{ range 9999 }}{{ $x := slice $.many 1 }}{{ end }}", "more than 100000 steps"),
        (
            "{{ range 9999 }}{{ range $.wide }}{{ break }}{{ end }}"
            "{{ range $.map }}{{ break }}{{ end }}{{ end }}",
            "more than 100000 steps",
        ),
        ('{{ define "a" }}{{ template "a" }}{{ end }}{{ template "a" }}', "itself too deeply"),
        (
            '{{ define "a" }}{{ template "b" }}{{ end }}{{ define "b" }}{{ template "a" }}{{ end }}'
            '{{ template "a" }}',
            "includes itself too deeply",
        ),
        (DOUBLING + '{{ define "d40" }}{{ end }}{{ template "d0" }}', "more than 100000 steps"),
        ("{{ .deep }}", "nested more than 100 deep"),
        ('{{ printf "%v" .deep }}', "nested more than 100 deep"),
        ("{{ regexMatch `(` .text }}", "regexMatch"),
    ],
)  # fmt: skip
def test_crossing_a_bound_is_an_error_on_that_object(text: str, message: str) -> None:
    data = {
        "many": list(range(20_000)),
        "wide": list(range(9_000)),
        "map": {f"k{number}": number for number in range(2_000)},
        "text": "x" * 1000,
        "deep": nested(300),
    }
    with pytest.raises(ExpressionError, match=message) as error:
        render(text, data)
    assert error.value.origin.startswith("k.yaml:")


def test_recursion_as_deep_as_real_trees_works() -> None:
    text = '{{define "n"}}{{.v}}{{with .next}}{{template "n" .}}{{end}}{{end}}{{template "n" .}}'
    data: dict[str, Any] = {"v": "x"}
    for _ in range(79):
        data = {"v": "x", "next": data}
    assert render(text, data) == "x" * 80


def test_every_bound_can_be_set() -> None:
    cases: list[tuple[str, Limits]] = [
        ("{{ range 5 }}{{ end }}", Limits(steps=4)),
        ("{{ range 5 }}{{ end }}", Limits(range_size=4)),
        ("{{ .text }}", Limits(output=2)),
        ("a{{ .text }}", Limits(output=2)),
        ("abc{{ range 1 }}{{ end }}", Limits(output=2)),
        ("{{ mapKeys .map | toJson }}", Limits(items=2)),
        ('{{ define "a" }}{{ if .x }}{{ end }}{{ end }}{{ template "a" . }}', Limits(depth=3)),
    ]
    for text, limits in cases:
        render(text, {"text": "abc", "map": {"a": 1, "b": 2, "c": 3}})
        with pytest.raises(ExpressionError):
            render(text, {"text": "abc", "map": {"a": 1, "b": 2, "c": 3}}, limits=limits)


@pytest.mark.parametrize(
    ("text", "output"),
    [
        ("{{ .__class__ }}", "a key"),
        ('{{ index . "__dict__" }}', ""),
        ("{{ .items }}{{ .keys }}{{ .get }}", ""),
        ("{{ (index .list 0).__init__ }}", ""),
        ('{{ printf "%(a)s {0.__class__} {a}" .list }}', '[map[]]a)s {0.__class__} {a}'),
        ('{{ "{__import__}" }} ${x} $(x) %s', "{__import__} ${x} $(x) %s"),
        ("{{ .a.b.__globals__ }}", ""),
        ('{{ regexMatch "(a+)+$" .long }}', "false"),
    ],
)  # fmt: skip
def test_names_that_mean_something_to_python_are_plain_keys(text: str, output: str) -> None:
    data = {"__class__": "a key", "list": [{}], "long": "a" * 50_000 + "b"}
    assert render(text, data) == output


@pytest.mark.parametrize(
    "text",
    [
        "{{ .text.upper }}",
        "{{ .text.__class__ }}",
        "{{ .number.real }}",
        "{{ .list.append }}",
        "{{ (len .text).__class__ }}",
        '{{ call .text }}',
        '{{ .text.format "x" }}',
    ],
)  # fmt: skip
def test_values_other_than_maps_have_no_fields(text: str) -> None:
    with pytest.raises(ExpressionError):
        render(text, {"text": "x", "number": 1, "list": []})


def test_data_are_never_changed() -> None:
    data = {"l": [1, 2, 3], "m": {"a": {"b": 1}}}
    before = repr(data)
    render("{{ $l := slice .l 0 1 }}{{ range $i, $e := .l }}{{ $e = 5 }}{{ end }}{{ $l }}", data)
    render("{{ with .m.a }}{{ $x := .b }}{{ $x = 9 }}{{ end }}", data)
    assert repr(data) == before
