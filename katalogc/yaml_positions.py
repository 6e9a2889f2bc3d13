"""Character offsets to lines and columns. Pure."""

from __future__ import annotations

from bisect import bisect_right

from katalogc.codes import Code
from katalogc.diagnostics import Diagnostic
from katalogc.source import SourceFile, Span


class Positions:
    """Lines and columns of one text, counted from 1 in characters."""

    def __init__(self, source: SourceFile) -> None:
        self._file = source.name
        self._text = source.text
        self._starts = [0]
        found = source.text.find("\n")
        while found != -1:
            self._starts.append(found + 1)
            found = source.text.find("\n", found + 1)

    def span(self, start: int, end: int) -> Span:
        """The span of the characters from `start` to before `end`."""
        start = min(max(start, 0), len(self._text))
        end = min(max(end, start), len(self._text))
        line = bisect_right(self._starts, start)
        end_line = bisect_right(self._starts, end, line - 1)
        return Span(
            self._file,
            line,
            start - self._starts[line - 1] + 1,
            end_line,
            end - self._starts[end_line - 1] + 1,
        )

    def unquoted_expression(self, offset: int) -> Diagnostic:
        """A value that begins with `{{` and is not quoted."""
        line_end = self._text.find("\n", offset)
        line_end = len(self._text) if line_end == -1 else line_end
        value = self._text[offset:line_end].rstrip()
        quote = "'" if '"' in value else '"'
        return Diagnostic(
            code=Code.UNQUOTED_EXPRESSION,
            message="an expression at the start of a value must be quoted",
            span=self.span(offset, offset + len(value)),
            help=f"write {quote}{value}{quote}" if len(value) < 100 else None,
        )
