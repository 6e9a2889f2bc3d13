"""The YAML parser's complaint about a text, with what is needed to look around in it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import yaml

from katalogc.codes import Code
from katalogc.diagnostics import Diagnostic, Label
from katalogc.yaml_outline import Line, outline
from katalogc.yaml_positions import Positions


@dataclass(frozen=True)
class LastScalar:
    """The scalar that was read last: often the one that took in too much."""

    start: int
    end: int
    style: str
    """`'`, `"`, `|`, `>`, or nothing for a plain one."""

    @property
    def is_quoted(self) -> bool:
        """Whether quotes delimit it."""
        return self.style in ("'", '"')

    @property
    def is_plain(self) -> bool:
        """Whether nothing delimits it."""
        return self.style == ""


class Complaint:
    """One text, where the parser stopped, and why."""

    def __init__(
        self, text: str, positions: Positions, error: yaml.YAMLError, last: LastScalar | None
    ) -> None:
        self.text = text
        self.positions = positions
        self.last = last
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        context = getattr(error, "context_mark", None)
        position = getattr(error, "position", 0)
        self.offset: int = mark.index if mark else position if isinstance(position, int) else 0
        self.context: int | None = context.index if context is not None else None
        self.technical: str = (
            getattr(error, "problem", None) or getattr(error, "reason", None) or ""
        )

    @cached_property
    def lines(self) -> list[Line]:
        """The outline of the text."""
        return outline(self.text)

    def line_of(self, offset: int) -> int | None:
        """The outline's line that holds an offset."""
        for index, line in enumerate(self.lines):
            if line.start - line.indent <= offset <= line.end:
                return index
        return None

    def number(self, offset: int) -> int:
        """The number of the line that holds an offset, counted from 1."""
        return self.positions.span(offset, offset).line

    def says(
        self,
        message: str,
        help: str | None,
        start: int,
        end: int | None = None,
        labels: tuple[Label, ...] = (),
    ) -> Diagnostic:
        """A diagnostic at the characters `start` to `end`; at one where there is no end."""
        span = self.positions.span(start, start + 1 if end is None else end)
        return Diagnostic(
            code=Code.YAML_SYNTAX, message=message, span=span, labels=labels, help=help
        )
