"""Where things stand in the user's files: files, spans, and the way from a YAML path to a span.

Lines and columns count from 1, as editors show them. A span's end is exclusive.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

YamlPath = tuple[str | int, ...]
"""Mapping keys and sequence indices from a document's root, as written in the file."""


class SourceFile(NamedTuple):
    """A file as the user named it, with its text."""

    name: str
    """The path as the user gave it; printed, never resolved."""
    text: str


class Span(NamedTuple):
    """A piece of a file."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class SourceMap:
    """The spans of every key and value of one YAML document."""

    file: SourceFile
    keys: dict[YamlPath, Span] = field(default_factory=dict)
    values: dict[YamlPath, Span] = field(default_factory=dict)
    offsets: dict[YamlPath, Callable[[int, int], Span]] = field(default_factory=dict)
    """For string scalars: (start, end) offsets in the decoded text to a span in the file."""

    def key(self, *path: str | int) -> Span:
        """The span of the key at `path`; of the nearest ancestor where there is none."""
        return self.keys.get(path) or self.value(*path)

    def value(self, *path: str | int) -> Span:
        """The span of the value at `path`; of the nearest existing ancestor where there is none."""
        while path and path not in self.values:
            path = path[:-1]
        if path in self.values:
            return self.values[path]
        return Span(self.file.name, 1, 1, 1, 1)

    def within(self, path: YamlPath, start: int, end: int) -> Span:
        """The span of characters `start` to `end` of the string scalar at `path`.

        Escapes, folding and block indentation are undone: the span points into the file's own text.
        """
        locate = self.offsets.get(path)
        return locate(start, end) if locate else self.value(*path)
