"""The functions of expressions as readers see them: the table in; JSON, text and Markdown out.

Pure and deterministic: `docs/functions.md` is `markdown()`, and a test fails when it is stale.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Any, Final

from katalog_runtime.functions import TABLE
from katalog_runtime.functions.declaration import Example, Function, Parameter
from katalogc.predefined_functions import PREDEFINED

MOMENT: Final = "2026-01-01T00:00:00Z"
"""When the examples in the documentation are evaluated."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One function as documentation shows it."""

    name: str
    group: str
    signature: str
    parameters: tuple[Parameter, ...]
    result: str
    description: str
    examples: tuple[Example, ...]
    on_nil: str
    on_wrong_type: str
    purity: str


def entries() -> tuple[Entry, ...]:
    """All functions: Go's own first, then the table's in its order."""
    return (*map(_entry, PREDEFINED), *map(_entry, TABLE.values()))


def _entry(function: Function) -> Entry:
    return Entry(
        function.name,
        function.group,
        function.signature,
        function.parameters,
        function.result,
        function.description,
        function.examples,
        function.on_nil,
        function.on_wrong_type,
        function.purity,
    )


def as_json(entry: Entry) -> dict[str, Any]:
    """The entry as `katalogc functions --format json` prints it."""
    return {
        "name": entry.name,
        "group": entry.group,
        "signature": entry.signature,
        "parameters": [
            {
                "name": each.name,
                "type": each.type,
                "variadic": each.variadic,
                "optional": each.optional,
            }
            for each in entry.parameters
        ],
        "result": entry.result,
        "description": entry.description,
        "examples": [
            {"template": each.template, "data": dict(each.data), "output": each.output}
            for each in entry.examples
        ],
        "onNil": entry.on_nil,
        "onWrongType": entry.on_wrong_type,
        "purity": entry.purity,
    }


def detail(entry: Entry) -> str:
    """Everything about one function, as text."""
    lines = [entry.signature, "", f"  {entry.description}", ""]
    for example in entry.examples:
        lines.append(f"  {example.template}")
        lines += [f"    {line}" for line in example.output.split("\n")]
    lines += [
        "",
        f"  group       {entry.group}",
        f"  nil         {entry.on_nil}",
        f"  wrong type  {entry.on_wrong_type}",
        f"  purity      {_PURITY[entry.purity]}",
    ]
    return "\n".join(lines) + "\n"


def listing(shown: Sequence[Entry], columns: int | None = None) -> str:
    """One line for each function, by group.

    Args:
        shown: the functions.
        columns: the width of a terminal: longer descriptions go on in lines below their beginning;
            None, and a terminal too narrow for that, leave each in one line.
    """
    width = max((len(entry.name) for entry in shown), default=0)
    margin = " " * (width + 4)
    room = columns - len(margin) if columns is not None else 0
    parts = []
    for group, members in _by_group(shown):
        parts.append(f"{group}\n")
        for each in members:
            text = each.description
            lines = (
                wrap(text, room, break_on_hyphens=False, break_long_words=False)
                if room >= _READABLE
                else [text]
            )
            parts.append(f"  {each.name.ljust(width)}  " + f"\n{margin}".join(lines) + "\n")
    return "".join(parts)


_READABLE = 20
"""Columns below which a description is not worth wrapping."""


_PURITY: Final = {
    "pure": "pure",
    "clock": "reads the clock",
    "random": "random; use it with `once: true`",
    "process": "constant while the operator runs",
}


def _by_group(shown: Iterable[Entry]) -> list[tuple[str, list[Entry]]]:
    groups: dict[str, list[Entry]] = {}
    for entry in shown:
        groups.setdefault(entry.group, []).append(entry)
    return list(groups.items())


def _code(text: str) -> str:
    """Inline code in a table cell."""
    fence = "``" if "`" in text else "`"
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{pad}{text}{pad}{fence}".replace("|", "\\|").replace("\n", "⏎")


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def markdown() -> str:
    """The whole reference page."""
    shown = entries()
    lines = [
        "# Functions of expressions",
        "",
        "Generated from the table of functions by `scripts/function_docs.py`; every example runs",
        f"as a test, at the moment {MOMENT}. `katalogc functions NAME` shows one of them.",
        "",
        "A trailing `…` takes any number of arguments, brackets mark an optional one, `object`",
        "takes anything and reads what is no map as an empty one. *nil* is what a nil or missing",
        "first argument gives, *other* what a value of another type gives; `error` ends the",
        "evaluation of that template. ⏎ stands for a line break. Differences to the reference",
        "system and to Sprig are in [compatibility.md](compatibility.md).",
        "",
        "A random function gives another value on every rendering. Use it only in a Secret with",
        "`once: true`: the value that was written once stays; elsewhere `katalogc validate` warns.",
        "",
        "What reads the clock is asked again at the moment at which its answer changes: `isExpired`",
        "when the duration has passed, `timeInWindow` at the window's edges, `weekday` at midnight,",
        "`nextCron` at the moment it gave, `timeAgo` with its unit. What counts seconds (`now`,",
        "`ago`, `timeSince`, `timeUntil`, `timeAgo` in its first minute) and a schedule with a clock",
        "change on the way are asked again at every resync.",
        "",
        f"{len(shown)} functions in {len(_by_group(shown))} groups.",
    ]
    for group, members in _by_group(shown):
        lines += ["", f"## {group}", ""]
        lines += [
            "| signature | what it gives | example | nil | other |",
            "| --- | --- | --- | --- | --- |",
        ]
        lines += [_row(entry) for entry in members]
    lines += ["", "## Coverage", "", *_coverage(shown)]
    return "\n".join(lines) + "\n"


def _row(entry: Entry) -> str:
    first = entry.examples[0]
    note = "" if entry.purity == "pure" else f" *({_PURITY[entry.purity].split(';')[0]})*"
    example = f"{_code(first.template)} → {_code(first.output) if first.output else '(empty)'}"
    return (
        f"| {_code(entry.signature)} | {_cell(entry.description)}{note} | {example} "
        f"| {_cell(entry.on_nil)} | {_cell(entry.on_wrong_type)} |"
    )


def _coverage(shown: Sequence[Entry]) -> list[str]:
    """A table that shows, group by group, that nothing is without example or behaviour."""
    lines = [
        "| group | functions | with example | with nil behaviour | and for other types |",
        "| --- | --- | --- | --- | --- |",
    ]
    rows = [*_by_group(shown), ("**all**", list(shown))]
    for group, members in rows:
        examples = sum(bool(each.examples) for each in members)
        nil = sum(bool(each.on_nil) for each in members)
        other = sum(bool(each.on_wrong_type) for each in members)
        lines.append(f"| {group} | {len(members)} | {examples} | {nil} | {other} |")
    return lines
