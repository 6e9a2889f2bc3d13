"""Diagnostics: what is wrong, where, in the user's words, and how to mend it.

The codes are a closed enum (`katalogc.codes.Code`): stable, never reused, each with a docstring.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from katalogc.codes import Code
from katalogc.source import Span


class Severity(StrEnum):
    """How much a diagnostic weighs: only errors stop a build."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Label(NamedTuple):
    """Another place that belongs to a diagnostic, with a few words."""

    span: Span
    message: str


class Diagnostic(NamedTuple):
    """One mistake, one diagnostic.

    The message stands alone, starts lower-case, has no full stop and quotes the user's words in backticks.
    """

    code: Code
    message: str
    span: Span
    labels: tuple[Label, ...] = ()
    help: str | None = None

    @property
    def severity(self) -> Severity:
        """Severity belongs to the code."""
        return Severity(self.code.severity)

    @property
    def sort_key(self) -> tuple[str, int, int, str, str]:
        """File, line, column, code, message: two runs print the same bytes."""
        return (self.span.file, self.span.line, self.span.column, self.code.name, self.message)


def in_order(diagnostics: list[Diagnostic]) -> list[Diagnostic]:
    """Sorted for printing, without repetitions."""
    return sorted(set(diagnostics), key=lambda each: each.sort_key)
