"""Diagnostics in every output format."""

from __future__ import annotations

from pathlib import Path

import pytest

from katalogc import report
from katalogc.codes import Code
from katalogc.compiler import DocumentSummary, check_file
from katalogc.diagnostics import Diagnostic, Label, in_order
from katalogc.files import DiskFiles
from katalogc.source import SourceFile, Span

SOURCES = {"k.yaml": SourceFile("k.yaml", "one: 1\ntwo: 2\nthree: x\n")}
UNKNOWN = Diagnostic(
    code=Code.UNKNOWN_FIELD,
    message="unknown field `three`",
    span=Span("k.yaml", 3, 1, 3, 6),
    labels=(Label(Span("k.yaml", 1, 1, 1, 4), "like this"),),
    help="did you mean `one`?",
)
WARNING = Diagnostic(
    code=Code.AMBIGUOUS_SCALAR, message="50%, a: b\nc", span=Span("k.yaml", 2, 6, 2, 7)
)

KATALOG_WITH_EMOJI = """apiVersion: orkestra.orkspace.io/v1
kind: Katalog
metadata: {name: shop, description: "🛒🛒", naem: x}
spec:
  crds: {}
"""


def plain(pieces: object) -> str:
    assert hasattr(pieces, "__iter__")
    return "".join(text for _, text in pieces)


def test_text_shows_the_lines_and_the_help() -> None:
    assert plain(report.text([UNKNOWN], SOURCES)) == (
        "error[KAT104]: unknown field `three`\n"
        " --> k.yaml:3:1\n"
        "  |\n"
        "1 | one: 1\n"
        "  | --- like this\n"
        "...\n"
        "3 | three: x\n"
        "  | ^^^^^\n"
        "  |\n"
        "  = help: did you mean `one`?\n"
        "\n"
        "1 error\n"
    )


def test_text_without_the_file_still_says_where() -> None:
    assert " --> k.yaml:3:1\n" in plain(report.text([UNKNOWN], {}))


def test_concise_is_one_line_each() -> None:
    assert plain(report.concise([UNKNOWN])) == "k.yaml:3:1: error[KAT104] unknown field `three`\n"


def test_json_has_the_documented_shape() -> None:
    data = report.as_json([UNKNOWN, WARNING], [DocumentSummary("k.yaml", "Katalog", "shop")])
    assert data["errors"] == 1
    assert data["warnings"] == 1
    assert data["documents"] == [{"file": "k.yaml", "kind": "Katalog", "name": "shop"}]
    assert data["diagnostics"][0] == {
        "code": "KAT104",
        "severity": "error",
        "message": "unknown field `three`",
        "file": "k.yaml",
        "line": 3,
        "column": 1,
        "endLine": 3,
        "endColumn": 6,
        "help": "did you mean `one`?",
        "labels": [{"file": "k.yaml", "line": 1, "column": 1, "message": "like this"}],
    }
    assert data["diagnostics"][1]["help"] is None


def test_sarif_names_rules_and_regions() -> None:
    log = report.sarif([UNKNOWN, WARNING], "1.2.3")
    run = log["runs"][0]
    assert log["version"] == "2.1.0"
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["KAT005", "KAT104"]
    first = run["results"][0]
    assert (first["ruleId"], first["ruleIndex"], first["level"]) == ("KAT104", 1, "error")
    region = first["locations"][0]["physicalLocation"]["region"]
    assert region == {"startLine": 3, "startColumn": 1, "endLine": 3, "endColumn": 6}
    assert first["relatedLocations"][0]["message"]["text"] == "like this"


def test_sarif_has_what_code_scanning_requires() -> None:
    """docs.github.com, "SARIF support for code scanning": required properties, one by one."""
    log = report.sarif([WARNING, UNKNOWN, UNKNOWN], "1.2.3")
    (run,) = log["runs"]
    assert run["columnKind"] == "unicodeCodePoints"
    rules = run["tool"]["driver"]["rules"]
    for rule in rules:
        for key in ("shortDescription", "fullDescription", "help"):
            assert rule[key]["text"], key
        assert rule["defaultConfiguration"]["level"] in ("error", "warning", "note")
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in ("error", "warning", "note")
        assert result["message"]["text"]
        (location,) = result["locations"]
        place = location["physicalLocation"]
        assert place["artifactLocation"]["uri"] == "k.yaml"
        region = place["region"]
        assert min(region.values()) >= 1
        start, end = (region["startLine"], region["startColumn"]), (
            region["endLine"], region["endColumn"],
        )  # fmt: skip
        assert start <= end


@pytest.mark.parametrize(
    ("file", "uri"),
    [
        ("k.yaml", "k.yaml"),
        ("./shop/../bar/k.yaml", "bar/k.yaml"),
        ("../k.yaml", "../k.yaml"),
        ("a b/100%/k:1.yaml", "a%20b/100%25/k%3A1.yaml"),
        ("süß.yaml", "s%C3%BC%C3%9F.yaml"),
        ("/srv/k.yaml", "file:///srv/k.yaml"),
    ],
)
def test_sarif_names_files_by_uris(file: str, uri: str) -> None:
    one = Diagnostic(code=Code.YAML_SYNTAX, message="m", span=Span(file, 1, 1, 1, 2))
    location = report.sarif([one], "0")["runs"][0]["results"][0]["locations"][0]
    assert location["physicalLocation"]["artifactLocation"] == {"uri": uri}


def test_sarif_columns_count_characters_as_it_says(tmp_path: Path) -> None:
    """`columnKind` is unicodeCodePoints: one for each character, also beyond the first 65,536."""
    file = tmp_path / "k.yaml"
    file.write_text(KATALOG_WITH_EMOJI, encoding="utf-8")
    diagnostics = check_file(str(file), DiskFiles()).diagnostics
    (result,) = [
        each for each in report.sarif(diagnostics, "0")["runs"][0]["results"]
        if each["ruleId"] == "KAT104"
    ]  # fmt: skip
    region = result["locations"][0]["physicalLocation"]["region"]
    line = KATALOG_WITH_EMOJI.splitlines()[region["startLine"] - 1]
    assert line[region["startColumn"] - 1 : region["endColumn"] - 1] == "naem"


def test_github_commands_are_escaped() -> None:
    assert list(report.github([WARNING])) == [
        "::warning file=k.yaml,line=2,col=6,endLine=2,endColumn=7,title=KAT005::50%25, a: b%0Ac"
    ]


def test_colour_is_a_matter_of_pieces_not_of_text() -> None:
    styles = {style for style, _ in report.text([UNKNOWN, WARNING], SOURCES)}
    assert {"error", "warning", "help", "gutter"} <= styles


def test_diagnostics_are_sorted_and_said_once() -> None:
    assert in_order([UNKNOWN, WARNING, UNKNOWN]) == [WARNING, UNKNOWN]


@pytest.mark.parametrize("line", ["x" * 500, "a\tb", "日本"])
def test_any_line_can_be_shown(line: str) -> None:
    wide = Diagnostic(code=Code.YAML_SYNTAX, message="m", span=Span("k", 1, 1, 1, len(line) + 1))
    shown = plain(report.text([wide], {"k": SourceFile("k", line)}))
    assert all(len(each) < 170 for each in shown.splitlines())


def test_a_long_line_is_shown_around_its_place() -> None:
    line = "a: " + "x" * 400 + "WRONG" + "y" * 400
    place = Span("k.yaml", 1, 404, 1, 409)
    wrong = Diagnostic(code=Code.WRONG_TYPE, message="wrong", span=place)
    shown = plain(report.text([wrong], {"k.yaml": SourceFile("k.yaml", line)})).splitlines()
    column = shown[4].index("^^^^^")
    assert shown[3][column : column + 5] == "WRONG"
    assert len(shown[3]) <= 170
