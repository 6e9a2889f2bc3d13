"""Character offsets to lines and columns, and the YAML parser's complaints in plain words. Pure."""

from __future__ import annotations

import re
from bisect import bisect_right

import yaml

from katalogc.codes import Code
from katalogc.diagnostics import Diagnostic
from katalogc.source import SourceFile, Span

_EXPRESSION_VALUE = re.compile(r"[:\-,\[{][ \t]+(\{\{)|^[ \t]*(\{\{)")

_PLAIN_WORDS = (
    ("cannot start any token", "a value cannot start with this character", "quote the value"),
    ("mapping values are not allowed", "a second `: ` stands in one value", "quote the value"),
    ("did not find expected key", "this line does not fit into the mapping above it",
     "check the indentation and the quotes of the lines before"),
    ("did not find expected '-' indicator", "this line does not fit into the list above it",
     "list items begin with `- ` in one column"),
    ("did not find expected ',' or ']'", "a list in brackets is not closed", "add `]`"),
    ("did not find expected ',' or '}'", "a mapping in braces is not closed", "add `}`"),
    ("unexpected end of stream", "a quoted text is not closed", "add the closing quote"),
    ("unknown escape character", "the escape is not known in a double-quoted text",
     "write `\\\\` for a backslash, or use single quotes"),
    ("could not find expected ':'", "a key without `:`", "write `key: value`"),
    ("control characters are not allowed", "control characters are not allowed",
     "remove the character, or write it as an escape in double quotes"),
)  # fmt: skip


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

    def syntax_error(
        self, error: yaml.YAMLError, last: tuple[int, int, str] | None = None
    ) -> Diagnostic:
        """The parser's complaint, in words for a Katalog's author.

        Args:
            error: what the parser says.
            last: start, end and quote (or nothing) of the last scalar before.
        """
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        offset = mark.index if mark else self._control_character(error)
        technical = getattr(error, "problem", None) or getattr(error, "reason", None) or ""
        unquoted = self._unquoted_expression(offset)
        if unquoted is not None:
            return self.unquoted_expression(unquoted)
        if self._text[offset : offset + 1] == "\t" and "token" in technical:
            return self._syntax(offset, "a tab cannot indent YAML", "indent with blanks", length=1)
        swallowed = self._swallowed(offset, technical, last)
        if swallowed is not None:
            return swallowed
        for fragment, words, mend in _PLAIN_WORDS:
            if fragment in technical:
                opening = getattr(error, "context_mark", None)
                if "not closed" in words and opening is not None:
                    offset = opening.index
                return self._syntax(offset, words, mend, length=1)
        return self._syntax(offset, technical or "the text is not YAML", None, length=1)

    def _swallowed(
        self, offset: int, technical: str, last: tuple[int, int, str] | None
    ) -> Diagnostic | None:
        """A scalar that took in the lines after it: its quote is missing, or they are indented."""
        if last is None or "\n" not in self._text[last[0] : min(last[1], offset)]:
            return None
        start, end, quote = last
        if quote in ("'", '"') and not self._text[end:offset].strip():
            line = self.span(start, start).line
            closed = self.span(end, end).line
            return self._syntax(
                start,
                f"the quote that opens here is closed only in line {closed}",
                f"add the closing {quote} in line {line}",
                length=1,
            )
        if quote == "" and "mapping values are not allowed" in technical:
            line_start = self._text.rfind("\n", 0, offset) + 1
            key = self._text[line_start:offset].strip()
            return self._syntax(
                offset - len(key),
                f"`{key}:` is indented deeper than the key above it, which has a value already",
                "begin it in the column of the key above",
                length=len(key),
            )
        return None

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

    def _unquoted_expression(self, offset: int) -> int | None:
        """Where an unquoted `{{` starts the value on the line of `offset`, or on the one before."""
        line = bisect_right(self._starts, min(offset, len(self._text)))
        for number in (line, line - 1):
            if number < 1:
                continue
            start = self._starts[number - 1]
            end = self._starts[number] if number < len(self._starts) else len(self._text)
            matched = _EXPRESSION_VALUE.search(self._text, start, end)
            if matched:
                return matched.start(1) if matched.group(1) else matched.start(2)
        return None

    def _control_character(self, error: yaml.YAMLError) -> int:
        position = getattr(error, "position", 0)
        return position if isinstance(position, int) else 0

    def _syntax(self, offset: int, message: str, help: str | None, length: int) -> Diagnostic:
        span = self.span(offset, offset + length)
        return Diagnostic(code=Code.YAML_SYNTAX, message=message, span=span, help=help)
