"""The lines of a text that may not be YAML: where each begins, its key, whether a value follows. Pure.

A YAML reader stops at the first thing that it cannot place, often lines after the mistake. To find
the line that a person would mend, its neighbours are compared; this module sees them as an
editor's outline does: blank lines, comments and the text of block scalars are left out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_LINE = re.compile(
    r"(?P<indent>[ \t]*)(?P<dashes>(?:-[ \t]+)*)"
    r"(?:(?P<key>\"(?:[^\"\\\n]|\\.)*\"|'[^'\n]*'|[^\s#&*!|>'\"%@`{}\[\],-][^#\n{\[]*?)"
    r":(?=[ \t]|$))?(?P<rest>.*)"
)
_NO_VALUE = re.compile(r"(?:[ \t]+[&!][^ \t]+)*[ \t]*(?:#.*)?")
_BLOCK_SCALAR = re.compile(r"[ \t]+(?:[&!]\S+[ \t]+)*[|>][-+0-9]*[ \t]*(?:#.*)?$")


@dataclass(frozen=True, slots=True)
class Line:
    """A line with a key, an item, or something that is neither."""

    number: int
    """Counted from 0."""
    start: int
    """Offset of the first character that is no blank."""
    end: int
    """Offset after the last character that is no blank."""
    content: int
    """Offset of what follows `- `; the same as `start` where there is none."""
    column: int
    """Of `content`: siblings begin in one column."""
    indent: int
    """Of `start`."""
    key: str | None
    has_value: bool
    is_item: bool
    opens_text: bool
    """Whether the line ends with `|` or `>`."""


def outline(text: str) -> list[Line]:
    """The lines that give a text its structure, in order."""
    found: list[Line] = []
    start = 0
    text_below: tuple[int, int] | None = None  # of the key, and of the text's first line
    for number, raw in enumerate(text.split("\n")):
        line = raw.rstrip()
        offset, start = start, start + len(raw) + 1
        stripped = line.lstrip(" \t")
        indent = len(line) - len(stripped)
        if not stripped or (stripped[0] == "#" and text_below is None):
            continue
        if text_below is not None and indent > text_below[0]:
            text_below = (text_below[0], text_below[1] or indent)
            if indent >= text_below[1]:
                continue
        text_below = None
        if stripped.startswith(("---", "...")) or stripped[0] == "#":
            continue
        each = _line(number, offset, line, indent)
        if each.opens_text:
            text_below = (each.indent, 0)
        found.append(each)
    return found


def _line(number: int, offset: int, line: str, indent: int) -> Line:
    if line[indent:] == "-":
        end = offset + len(line)
        return Line(number, offset + indent, end, end, indent + 2, indent, None, False, True, False)
    matched = _LINE.match(line)
    assert matched is not None
    column = matched.end("dashes")
    key: str | None = matched["key"].rstrip() if matched["key"] is not None else None
    rest = matched["rest"]
    return Line(
        number=number,
        start=offset + indent,
        end=offset + len(line),
        content=offset + column,
        column=column,
        indent=indent,
        key=key,
        has_value=_NO_VALUE.fullmatch(rest) is None,
        is_item=bool(matched["dashes"]),
        opens_text=key is not None and _BLOCK_SCALAR.match(rest) is not None,
    )
