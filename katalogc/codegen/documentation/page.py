"""A documentation page as data: sections of paragraphs, tables and code, for HTML and Markdown.

Text is written once. Inside it, backticks mark code; everything else is plain words. Text that
comes from the user and may hold any character travels as `Verbatim` or inside `mono`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

_CODE = re.compile(r"(?<!`)(?P<fence>`+)(?!`) ?(?P<code>.+?) ?(?<!`)(?P=fence)(?!`)", re.DOTALL)
_MARKDOWN = re.compile(r"([\\*_<>\[\]#|~])")


def mono(text: str) -> str:
    """`text` as code, whatever characters it holds (CommonMark 6.1)."""
    flat = " ".join(text.split())
    if "`" not in flat:
        return f"`{flat}`"
    fence = "`" * (1 + max(len(run) for run in re.findall(r"`+", flat)))
    return f"{fence} {flat} {fence}"


def pieces(text: str) -> Iterator[tuple[bool, str]]:
    """The runs of a text: whether it is code, and its characters."""
    position = 0
    for found in _CODE.finditer(text):
        if found.start() > position:
            yield False, text[position : found.start()]
        yield True, found["code"]
        position = found.end()
    if position < len(text):
        yield False, text[position:]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A few sentences; backticks mark code."""

    text: str
    kind: Literal["paragraph"] = "paragraph"


@dataclass(frozen=True, slots=True)
class Verbatim:
    """A paragraph in the user's own words: no character means anything."""

    text: str
    kind: Literal["verbatim"] = "verbatim"

    @property
    def markdown(self) -> str:
        """The words with Markdown's characters escaped."""
        return _MARKDOWN.sub(r"\\\1", " ".join(self.text.split()))


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a head; cells are texts with backticks for code."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    is_wide: bool = False
    """Whether its rows need more width than a phone has; there each cell gets a line of its own."""
    kind: Literal["table"] = "table"

    @property
    def markdown_rows(self) -> Iterator[str]:
        """The lines of the table in Markdown, where a bar in a cell needs a backslash."""
        yield _markdown_row(self.head)
        yield _markdown_row(("---",) * len(self.head))
        for row in self.rows:
            yield _markdown_row(row)


def _markdown_row(cells: tuple[str, ...]) -> str:
    escaped = (" ".join(cell.split()).replace("|", "\\|") for cell in cells)
    return f"| {' | '.join(escaped)} |"


@dataclass(frozen=True, slots=True)
class Code:
    """A block of code under a few words."""

    caption: str
    language: str
    text: str
    kind: Literal["code"] = "code"


Block = Paragraph | Verbatim | Table | Code


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands under it."""

    title: str
    blocks: tuple[Block, ...]

    @property
    def anchor(self) -> str:
        """The fragment that links to the section."""
        return re.sub(r"[^a-z0-9]+", "-", self.title.lower()).strip("-")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The documentation of one custom resource type."""

    name: str
    """The CRD's name in the Katalog: `data-job`."""
    kind: str
    gvk: str
    """`group/version, Kind=Kind`."""
    operator: str
    version: str
    scope: str
    description: str
    sections: tuple[Section, ...]
