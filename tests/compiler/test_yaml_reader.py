"""The YAML reader: places of keys, values and characters; what plain scalars are."""

from __future__ import annotations

from typing import Any

import pytest

from katalogc.source import SourceFile, Span
from katalogc.yaml_reader import Document, decode, read


def document(text: str) -> Document:
    reading = read(SourceFile("k.yaml", text))
    assert reading.diagnostics == ()
    return reading.documents[0]


def place(span: Span) -> tuple[int, int, int, int]:
    return (span.line, span.column, span.end_line, span.end_column)


def test_every_key_and_value_has_its_place() -> None:
    places = document("a: 1\nb:\n  - c: é\n    d: {e: f}\n").source_map
    assert place(places.key("b", 0, "d")) == (4, 5, 4, 6)
    assert place(places.value("b", 0, "c")) == (3, 8, 3, 9)
    assert place(places.value("b", 0, "d", "e")) == (4, 12, 4, 13)


def test_the_place_of_what_is_not_there_is_its_nearest_ancestor() -> None:
    places = document("a:\n  b: 1\n").source_map
    assert place(places.value("a", "x", "y")) == place(places.value("a"))
    assert place(places.key("a", "x")) == place(places.value("a"))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        pytest.param("k: a {{ .b }} c", (1, 9, 1, 11), id="plain"),
        pytest.param("k: a\n  {{ .b }}", (2, 6, 2, 8), id="plain-over-lines"),
        pytest.param('k: "a {{ .b }}"', (1, 10, 1, 12), id="double-quoted"),
        pytest.param('k: "\\"\\u00e9\\" {{ .b }}"', (1, 19, 1, 21), id="escapes-before"),
        pytest.param('k: "a \\\n     c {{ .b }}"', (2, 11, 2, 13), id="escaped-line-break"),
        pytest.param("k: 'it''s {{ .b }}'", (1, 14, 1, 16), id="single-quoted"),
        pytest.param("k: 'a\n\n  {{ .b }}'", (3, 6, 3, 8), id="folded-quotes"),
        pytest.param("k: |\n  a\n  {{ .b }}\n", (3, 6, 3, 8), id="literal"),
        pytest.param("k: |2-\n    a\n  {{ .b }}\n", (3, 6, 3, 8), id="literal-with-indicator"),
        pytest.param("k: >\n  a\n  b {{ .b }}\n", (3, 8, 3, 10), id="folded"),
        pytest.param("k: >-\n  a\n\n\n  b {{ .b }}\n", (5, 8, 5, 10), id="folded-paragraphs"),
        pytest.param("- x\n- k: &q !!str 'a {{ .b }}'", (2, 21, 2, 23), id="anchor-and-tag"),
    ],
)
def test_characters_of_a_value_have_their_place(text: str, wanted: tuple[int, ...]) -> None:
    found = document(text)
    path: tuple[str | int, ...] = ("k",) if isinstance(found.data, dict) else (1, "k")
    value: Any = found.data
    for part in path:
        value = value[part]
    at = value.index(".b")
    assert place(found.source_map.within(path, at, at + 2)) == wanted


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("~", None), ("", None), ("yes", True), ("Off", False), ("0123", 83), ("0x1F", 31),
        ("089", "089"), ("1_000", 1000), ("1:30", 90), ("-1:30", -90), ("1.50", 1.5), (".5", 0.5),
        ("1e3", 1000.0), ("1e999", "1e999"), (".inf", ".inf"), ("2024-01-01", "2024-01-01"),
        ("99999999999999999999", "99999999999999999999"), ("1.2.3", "1.2.3"), ("+", "+"),
        ("'yes'", "yes"), ("!!str 12", "12"), ("!!int '12'", 12), ("0x", "0x"), ("y", "y"),
    ],
)  # fmt: skip
def test_plain_scalars_are_what_yaml_1_1_takes_them_for(written: str, value: object) -> None:
    found = document(f"k: {written}\n").data["k"]
    assert found == value
    assert type(found) is type(value)


def test_the_text_of_a_number_is_kept() -> None:
    found = document("version: 1.10\n")
    assert found.data == {"version": 1.1}
    assert found.written[("version",)] == "1.10"


def test_a_file_may_hold_several_documents() -> None:
    reading = read(SourceFile("k.yaml", "a: 1\n---\n---\nb: 2\n"))
    assert [each.data for each in reading.documents] == [{"a": 1}, {"b": 2}]
    assert place(reading.documents[1].source_map.key("b")) == (4, 1, 4, 2)


def test_own_keys_win_over_merged_ones() -> None:
    text = "x: &x {a: 1, b: 2}\ny: {b: 3, <<: *x}\nz: {<<: [*x, {c: 4}]}\n"
    data = document(text).data
    assert data["y"] == {"a": 1, "b": 3}
    assert data["z"] == {"a": 1, "b": 2, "c": 4}


def test_a_byte_order_mark_and_carriage_returns_do_not_move_places() -> None:
    source, faults = decode("k.yaml", b"\xef\xbb\xbfa: 1\r\nb: 2\r\n")
    assert faults == ()
    assert place(read(source).documents[0].source_map.key("b")) == (2, 1, 2, 2)


def test_values_of_an_alias_stand_where_the_anchor_stands() -> None:
    places = document("a: &a {b: 1}\nc: *a\n").source_map
    assert place(places.value("c", "b")) == (1, 11, 1, 12)
