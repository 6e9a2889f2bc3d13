"""YAML values that know where they were written, through every rearrangement.

Spellings are normalised and motifs merged by moving these values about; each keeps the file and the
path that its author wrote, so that a diagnostic about any place of the merged tree points at that
file.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from katalogc.source import SourceMap, Span, YamlPath
from katalogc.yaml_reader import Document


@dataclass(frozen=True, slots=True, eq=False)
class InputScope:
    """What `.inputs` means in an imported motif: the motif, and the value that each input got."""

    motif: str
    imported_at: Span
    values: dict[str, Located]
    """By input name: the importer's `with:` value, or the motif's own default; null where a
    required one is missing, which has been reported."""


@dataclass(frozen=True, slots=True, eq=False)
class Located:
    """A value, its children located too, and where it stands."""

    value: dict[str, Located] | list[Located] | str | int | float | bool | None
    source_map: SourceMap
    path: YamlPath
    """As written in `source_map`'s file."""
    written: str | None = None
    """The text of an unquoted scalar that YAML did not take for text."""
    scope: InputScope | None = None
    """Set on everything that an imported motif brought."""

    @property
    def span(self) -> Span:
        """Where the value stands."""
        return self.source_map.value(*self.path)

    @property
    def key_span(self) -> Span:
        """Where the value's key stands; the value itself where it has none."""
        return self.source_map.key(*self.path)

    @property
    def heading(self) -> Span:
        """Where a mapping begins: its first key as written; the value itself where it has none."""
        length = len(self.path) + 1
        keys = self.source_map.keys
        below = (keys[path] for path in keys if len(path) == length and path[:-1] == self.path)
        return next(below, self.span)

    def within(self, start: int, end: int) -> Span:
        """Where characters `start` to `end` of a text value stand."""
        return self.source_map.within(self.path, start, end)

    @property
    def mapping(self) -> dict[str, Located]:
        """The entries of a mapping; of anything else, none."""
        return self.value if isinstance(self.value, dict) else {}

    @property
    def items(self) -> list[Located]:
        """The items of a list; of anything else, none."""
        return self.value if isinstance(self.value, list) else []

    @property
    def text(self) -> str:
        """The text of a scalar as its author wrote it."""
        if isinstance(self.value, str):
            return self.value
        return self.written or ""

    def at(self, *path: str | int) -> Located | None:
        """The value at `path` below this one, if there is one."""
        here: Located = self
        for part in path:
            if isinstance(here.value, dict) and isinstance(part, str) and part in here.value:
                here = here.value[part]
            elif isinstance(here.value, list) and isinstance(part, int):
                if not 0 <= part < len(here.value):
                    return None
                here = here.value[part]
            else:
                return None
        return here

    def nearest(self, *path: str | int) -> Located:
        """The value at `path`, or its nearest existing ancestor."""
        found = self.at(*path)
        while found is None:
            path = path[:-1]
            found = self.at(*path)
        return found

    def plain(self) -> Any:
        """The data without places."""
        if isinstance(self.value, dict):
            return {key: each.plain() for key, each in self.value.items()}
        if isinstance(self.value, list):
            return [each.plain() for each in self.value]
        return self.value

    def scalars(self, *prefix: str | int) -> Iterator[tuple[YamlPath, Located]]:
        """Every scalar below (or this one), with its path in this tree, in order."""
        if isinstance(self.value, dict):
            for key, each in self.value.items():
                yield from each.scalars(*prefix, key)
        elif isinstance(self.value, list):
            for index, each in enumerate(self.value):
                yield from each.scalars(*prefix, index)
        else:
            yield prefix, self

    def with_value(self, value: dict[str, Located] | list[Located] | str | None) -> Located:
        """The same place, another value."""
        return replace(self, value=value)

    def name(self) -> str:
        """The last key on the way to the value, as a person would name it."""
        names = [part for part in self.path if isinstance(part, str)]
        return names[-1] if names else "the document"


def locate(document: Document, scope: InputScope | None = None) -> Located:
    """The document as located values."""

    def build(data: Any, path: YamlPath) -> Located:
        value: Any = data
        if isinstance(data, dict):
            value = {key: build(each, (*path, key)) for key, each in data.items()}
        elif isinstance(data, list):
            value = [build(each, (*path, index)) for index, each in enumerate(data)]
        written = document.written.get(path)
        return Located(value, document.source_map, path, written, scope)

    return build(document.data, ())
