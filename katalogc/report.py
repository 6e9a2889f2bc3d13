"""Diagnostics to text, concise text, JSON, SARIF 2.1.0 and GitHub annotations. Pure.

Colour is the caller's decision: text is made of styled pieces, which are joined or given to a
terminal.
"""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from katalogc.codes import Code
from katalogc.diagnostics import Diagnostic, Label, Severity
from katalogc.source import SourceFile, Span

if TYPE_CHECKING:
    from katalogc.compiler import DocumentSummary

FORMATS = ("text", "concise", "json", "sarif", "github")
Piece = tuple[str, str]
"""A style (`error`, `warning`, `info`, `bold`, `gutter`, `help`, or none) and a text."""
_WIDEST_LINE = 160


def text(diagnostics: Sequence[Diagnostic], sources: Mapping[str, SourceFile]) -> Iterator[Piece]:
    """Each diagnostic with its piece of the file, then a line of totals."""
    for diagnostic in diagnostics:
        yield from _one(diagnostic, sources)
        yield "", "\n"
    yield from _totals(diagnostics)


def concise(diagnostics: Sequence[Diagnostic]) -> Iterator[Piece]:
    """One line for each diagnostic: `file:line:column: error[KAT104] message`."""
    for each in diagnostics:
        style = each.severity.value
        yield "", f"{each.span}: "
        yield style, f"{style}[{each.code.id}]"
        yield "", f" {each.message}\n"


def as_json(
    diagnostics: Sequence[Diagnostic], documents: Iterable[DocumentSummary]
) -> dict[str, Any]:
    """The shape that `interface.md` fixes for `validate` and `build`."""
    return {
        "diagnostics": [_json(each) for each in diagnostics],
        "documents": [
            {"file": each.file, "kind": each.kind, "name": each.name} for each in documents
        ],
        "errors": count(diagnostics, Severity.ERROR),
        "warnings": count(diagnostics, Severity.WARNING),
    }


def sarif(diagnostics: Sequence[Diagnostic], version: str) -> dict[str, Any]:
    """A SARIF 2.1.0 log with one run; the rules are the codes that occur.

    It has what GitHub's code scanning requires of a rule and a result besides the specification.
    """
    codes = sorted({each.code for each in diagnostics}, key=lambda code: code.id)
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "katalogc",
                        "version": version,
                        "rules": [_sarif_rule(code) for code in codes],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "results": [_sarif_result(each, codes.index(each.code)) for each in diagnostics],
            }
        ],
    }


def github(diagnostics: Sequence[Diagnostic]) -> Iterator[str]:
    """Workflow commands that annotate a pull request."""
    commands = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}
    for each in diagnostics:
        span = each.span
        end = f",endColumn={span.end_column}" if span.end_line == span.line else ""
        properties = (
            f"file={_escape(span.file, True)},line={span.line},col={span.column},"
            f"endLine={span.end_line}{end},title={each.code.id}"
        )
        message = each.message if each.help is None else f"{each.message}\n{each.help}"
        yield f"::{commands[each.severity]} {properties}::{_escape(message, False)}"


def count(diagnostics: Iterable[Diagnostic], severity: Severity) -> int:
    """How many diagnostics weigh this much."""
    return sum(each.severity is severity for each in diagnostics)


def _one(diagnostic: Diagnostic, sources: Mapping[str, SourceFile]) -> Iterator[Piece]:
    style = diagnostic.severity.value
    span = diagnostic.span
    here = [label for label in diagnostic.labels if label.span.file == span.file]
    elsewhere = [label for label in diagnostic.labels if label.span.file != span.file]
    last = max([span.line, *(label.span.line for label in diagnostic.labels)])
    gutter = " " * len(str(last))
    yield style, f"{style}[{diagnostic.code.id}]"
    yield "bold", f": {diagnostic.message}\n"
    yield "gutter", f"{gutter}--> "
    yield "", f"{span}\n"
    yield from _snippet(span, style, here, sources, gutter)
    for label in elsewhere:
        yield "gutter", f"{gutter}::: "
        yield "", f"{label.span}\n"
        yield from _snippet(label.span, "info", [], sources, gutter, label.message)
    if diagnostic.help is not None:
        yield "gutter", f"{gutter} = "
        yield "help", "help"
        yield "", f": {diagnostic.help}\n"


def _snippet(
    span: Span,
    style: str,
    labels: Sequence[Label],
    sources: Mapping[str, SourceFile],
    gutter: str,
    words: str = "",
) -> Iterator[Piece]:
    """The lines that a diagnostic is about, underlined; nothing where the file is not known."""
    source = sources.get(span.file)
    if source is None or not source.text:
        return
    lines = source.text.split("\n")
    marks = [(span, "^", style, words)]
    marks += [(label.span, "-", "info", label.message) for label in labels]
    yield "gutter", f"{gutter} |\n"
    previous: int | None = None
    skipped = 0
    for place, mark, mark_style, message in sorted(marks, key=lambda each: each[0]):
        if place.line > len(lines):
            continue
        if previous is not None and place.line > previous + 1:
            yield "gutter", "...\n"
        line = lines[place.line - 1]
        if place.line != previous:
            skipped = _skipped(place, line)
            yield "gutter", f"{place.line:>{len(gutter)}} | "
            yield "", f"{_shown(line, skipped)}\n"
        yield from _underline(place, line, skipped, mark, mark_style, message, gutter)
        previous = place.line
    yield "gutter", f"{gutter} |\n"


def _underline(
    place: Span, line: str, skipped: int, mark: str, style: str, message: str, gutter: str
) -> Iterator[Piece]:
    end = (place.end_column if place.end_line == place.line else len(line) + 1) - skipped
    start = min(max(place.column - skipped, 1), _WIDEST_LINE)
    width = max(1, min(end, _WIDEST_LINE) - start)
    yield "gutter", f"{gutter} | "
    yield style, " " * (start - 1) + mark * width + (f" {message}" if message else "")
    yield "", "\n"


def _skipped(place: Span, line: str) -> int:
    """How many characters of a long line are left out before what it is shown for."""
    if place.column <= _WIDEST_LINE * 3 // 4 or len(line) <= _WIDEST_LINE:
        return 0
    return min(place.column - _WIDEST_LINE // 2, len(line) - _WIDEST_LINE)


def _shown(line: str, skipped: int = 0) -> str:
    """A line for a terminal: one column for each character, not wider than a wide terminal."""
    printable = "".join(each if each.isprintable() else " " for each in line)
    if skipped:
        printable = "…" + printable[skipped + 1 :]
    return printable if len(printable) <= _WIDEST_LINE else printable[: _WIDEST_LINE - 1] + "…"


def _totals(diagnostics: Sequence[Diagnostic]) -> Iterator[Piece]:
    parts = []
    for severity in (Severity.ERROR, Severity.WARNING):
        number = count(diagnostics, severity)
        if number:
            parts.append((severity.value, f"{number} {severity.value}{'s' * (number != 1)}"))
    for index, part in enumerate(parts):
        if index:
            yield "", ", "
        yield part
    if parts:
        yield "", "\n"


def _json(each: Diagnostic) -> dict[str, Any]:
    span = each.span
    return {
        "code": each.code.id,
        "severity": each.severity.value,
        "message": each.message,
        "file": span.file,
        "line": span.line,
        "column": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
        "help": each.help,
        "labels": [
            {
                "file": label.span.file,
                "line": label.span.line,
                "column": label.span.column,
                "message": label.message,
            }
            for label in each.labels
        ],
    }


def dumps(value: Any) -> str:
    """JSON for a person or a program: indented, UTF-8 kept."""
    return json.dumps(value, indent=2, ensure_ascii=False)


def _sarif_rule(code: Code) -> dict[str, Any]:
    levels = {"error": "error", "warning": "warning", "info": "note"}
    return {
        "id": code.id,
        "name": code.name.title().replace("_", ""),
        "shortDescription": {"text": code.title},
        "fullDescription": {"text": code.explanation},
        "help": {"text": code.explanation},
        "defaultConfiguration": {"level": levels[code.severity]},
    }


def _sarif_result(each: Diagnostic, index: int) -> dict[str, Any]:
    levels = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
    result: dict[str, Any] = {
        "ruleId": each.code.id,
        "ruleIndex": index,
        "level": levels[each.severity],
        "message": {"text": each.message if each.help is None else f"{each.message}; {each.help}"},
        "locations": [_sarif_location(each.span)],
    }
    if each.labels:
        result["relatedLocations"] = [
            {**_sarif_location(label.span), "message": {"text": label.message}}
            for label in each.labels
        ]
    return result


def _sarif_location(span: Span) -> dict[str, Any]:
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": _sarif_uri(span.file)},
            "region": {
                "startLine": span.line,
                "startColumn": span.column,
                "endLine": span.end_line,
                "endColumn": span.end_column,
            },
        }
    }


def _sarif_uri(file: str) -> str:
    """Relative to the working directory, so that it means the same file in every checkout.

    SARIF 3.4.4 wants no `.` and no `x/..` in it, and an absolute path as a whole URI.
    """
    from urllib.parse import quote

    uri = quote(posixpath.normpath(file))
    return f"file://{uri}" if uri.startswith("/") else uri


def _escape(text: str, is_property: bool) -> str:
    escaped = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return escaped.replace(":", "%3A").replace(",", "%2C") if is_property else escaped
