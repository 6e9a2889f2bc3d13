"""The YAML parser's complaint, traced to the line that a person would mend. Pure.

Loaded only for a file that is not YAML. Rules are tried in one order, the most specific first; each
looks at what the parser says and at the lines around, and answers with a diagnostic or with None.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import yaml

from katalogc.codes import Code
from katalogc.diagnostics import Diagnostic, Label
from katalogc.yaml_indentation import mend
from katalogc.yaml_outline import Line, outline
from katalogc.yaml_positions import Positions

_BEFORE_EXPRESSION = re.compile(
    r"[ \t]*(?:-[ \t]+)*(?:[^\s#'\"{\[][^#'\"{\[]*?:[ \t]+|\"[^\"]*\":[ \t]+|'[^']*':[ \t]+)?"
    r"(?:[\[{][^'\"#]*?[,:\[{][ \t]*|\[[ \t]*)??(?=\{\{)"
)
_LONGEST = 80
_CONFLICT = re.compile(r"^(?:<{7}|>{7})(?= )", re.MULTILINE)
_ODD_BLANK = re.compile(r"[^\n\"'#]*?[\u00a0\u2000-\u200d\u202f\u2060\u3000\ufeff]")
_KEY_AND_BRACKET = re.compile(r"[\w.-]+[ \t]*[:=]?[ \t]*[{\[]")
_PLAIN_WORDS = (
    ("cannot start any token", "a value cannot start with this character", "quote the value"),
    ("expected alphabetic or numeric character",
     "`*` and `&` begin an alias and an anchor, and this is neither", "quote the value"),
    ("mapping values are not allowed", "a second `: ` stands in one value", "quote the value"),
    ("block sequence entries are not allowed", "a list item cannot begin here",
     "begin the list in a line of its own"),
    ("did not find expected key", "this line does not fit into the mapping above it",
     "check the indentation and the quotes of the lines before"),
    ("did not find expected '-' indicator", "this line does not fit into the list above it",
     "list items begin with `- ` in one column"),
    ("did not find expected ',' or ']'", "a list in brackets is not closed", "add `]`"),
    ("did not find expected ',' or '}'", "a mapping in braces is not closed", "add `}`"),
    ("did not find expected <document start>", "this line does not fit below the lines above it",
     "begin all keys of the document in the first column"),
    ("unexpected end of stream", "a quoted text is not closed", "add the closing quote"),
    ("unexpected document indicator", "a quoted text is not closed", "add the closing quote"),
    ("unknown escape character", "the escape is not known in a double-quoted text",
     "write `\\\\` for a backslash, or use single quotes"),
    ("could not find expected ':'", "a key without `:`", "write `key: value`"),
    ("expected comment or line break", "text follows `|` or `>` in one line",
     "begin the text in the next line, indented; or quote the value"),
    ("incompatible YAML document", "the version of the `%YAML` line is not known",
     "remove the line"),
    ("tab character", "a tab cannot indent YAML", "indent with blanks"),
    ("control characters are not allowed", "control characters are not allowed",
     "remove the character, or write it as an escape in double quotes"),
)  # fmt: skip
_OUT_OF_PLACE = (
    "did not find expected key",
    "did not find expected '-' indicator",
    "did not find expected <document start>",
)
_MISPLACED = (*_OUT_OF_PLACE, "mapping values are not allowed", "block sequence entries")
_ENDED = (*_OUT_OF_PLACE, "did not find expected ','")


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


def syntax_error(
    text: str, positions: Positions, error: yaml.YAMLError, last: LastScalar | None
) -> Diagnostic:
    """What is wrong with a text that the parser gave up on."""
    case = _Case(text, positions, error, last)
    for rule in _RULES:
        found = rule(case)
        if found is not None:
            return found
    return case.says(case.technical or "the text is not YAML", None, case.offset)


class _Case:
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
        return outline(self.text)

    def line_of(self, offset: int) -> int | None:
        """The outline's line that holds an offset."""
        for index, line in enumerate(self.lines):
            if line.start - line.indent <= offset <= line.end:
                return index
        return None

    def number(self, offset: int) -> int:
        return self.positions.span(offset, offset).line

    def says(
        self,
        message: str,
        help: str | None,
        start: int,
        end: int | None = None,
        labels: tuple[Label, ...] = (),
    ) -> Diagnostic:
        span = self.positions.span(start, start + 1 if end is None else end)
        return Diagnostic(
            code=Code.YAML_SYNTAX, message=message, span=span, labels=labels, help=help
        )


def _unquoted_expression(case: _Case) -> Diagnostic | None:
    """A value that begins with `{{`, on the line where the parser stopped or the one before."""
    here = case.text.rfind("\n", 0, case.offset) + 1
    for start in (here, case.text.rfind("\n", 0, max(here - 1, 0)) + 1):
        matched = _BEFORE_EXPRESSION.match(case.text, start)
        if matched is not None and matched.end() <= case.offset:
            return case.positions.unquoted_expression(matched.end())
    return None


def _expression_in_brackets(case: _Case) -> Diagnostic | None:
    """`[sh, echo {{ .a }}]`: inside brackets, braces end a plain value."""
    last = case.last
    if last is None or not last.is_plain or "did not find expected ','" not in case.technical:
        return None
    if (
        case.text[case.offset : case.offset + 2] != "{{"
        or "\n" in case.text[last.end : case.offset]
    ):
        return None
    end = case.text.find("}}", case.offset)
    span = case.positions.span(last.start, case.offset + 2 if end == -1 else end + 2)
    return Diagnostic(
        code=Code.UNQUOTED_EXPRESSION,
        message="a value with an expression must be quoted inside brackets and braces",
        span=span,
        help="put the whole value in quotes",
    )


def _merge_conflict(case: _Case) -> Diagnostic | None:
    """Lines that git leaves where it could not merge."""
    matched = _CONFLICT.search(case.text)
    if matched is None:
        return None
    end = matched.end()
    return case.says(
        "a merge conflict is not resolved", "keep one side, and remove the marks", end - 7, end
    )


def _odd_blank(case: _Case) -> Diagnostic | None:
    """A character that looks like a blank, or like nothing at all, where a blank is wanted."""
    here = case.text.rfind("\n", 0, case.offset) + 1
    for start in (here, case.text.rfind("\n", 0, max(here - 1, 0)) + 1):
        matched = _ODD_BLANK.match(case.text, start)
        if matched is not None and matched.end() <= case.offset + 1:
            at = matched.end() - 1
            return case.says(
                f"this is not a blank, but the character U+{ord(case.text[at]):04X}",
                "replace it by a blank",
                at,
            )
    return None


def _tab(case: _Case) -> Diagnostic | None:
    if case.text[case.offset : case.offset + 1] == "\t" and "token" in case.technical:
        return case.says("a tab cannot indent YAML", "indent with blanks", case.offset)
    return None


def _quote_closed_too_late(case: _Case) -> Diagnostic | None:
    """A quoted text that took in the lines after it."""
    last = case.last
    if last is None or not last.is_quoted or case.text[last.end : case.offset].strip():
        return None
    if "\n" not in case.text[last.start : min(last.end, case.offset)]:
        return None
    line, closed = case.number(last.start), case.number(last.end)
    return case.says(
        f"the quote that opens here is closed only in line {closed}",
        f"add the closing {last.style} in line {line}",
        last.start,
    )


def _quote_closed_too_early(case: _Case) -> Diagnostic | None:
    """Text after the quote that ends a value: `"{{ default "x" .a }}"`."""
    last = case.last
    if last is None or not last.is_quoted or not case.technical.startswith(_ENDED):
        return None
    between = case.text[last.end : case.offset]
    rest = case.text[case.offset : case.offset + 1]
    if between.strip(" \t") or rest in ("", "\n", "#", ",", "]", "}"):
        return None
    end = case.text.find("\n", case.offset)
    end = len(case.text) if end == -1 else end
    other = "single" if last.style == '"' else "double"
    inside = '\\"' if last.style == '"' else "''"
    return case.says(
        "text follows the quote that ends the value",
        f"write {inside} for a quote inside the value, or put the whole value in {other} quotes",
        last.end - 1,
        last.end - 1 + len(case.text[last.end - 1 : end].rstrip()),
    )


def _no_colon(case: _Case) -> Diagnostic | None:
    """A line that should be `key: value`: the colon is missing, or something stands for it."""
    begin = _colon_wanted_after(case)
    index = case.line_of(begin) if begin is not None else None
    if index is None or case.lines[index].key is not None or case.lines[index].content != begin:
        return None
    line = case.lines[index]
    above = case.lines[index - 1] if index else None
    if above is not None and above.opens_text and line.indent <= above.column:
        between = case.text[above.end : line.start - line.indent]
        if not between.strip():
            return case.says(
                f"the text of `{above.key}:` is not indented deeper than its key",
                f"begin the text in column {above.column + 3}",
                above.content,
                above.end,
            )
    return _without_colon(case, line)


def _colon_wanted_after(case: _Case) -> int | None:
    """Where a text begins that the parser took for a key, or for the start of one."""
    if "could not find expected ':'" in case.technical:
        return case.context
    last = case.last
    if "mapping values are not allowed" not in case.technical or not last or not last.is_plain:
        return None
    taken = case.text[last.start : case.offset]
    return last.start if "\n" in taken or _KEY_AND_BRACKET.match(taken) else None


def _without_colon(case: _Case, line: Line) -> Diagnostic:
    written = case.text[line.content : line.end]
    key = re.split(r"[\s:={\[]", written, maxsplit=1)[0]
    rest = written[len(key) :].lstrip(" \t:=")
    shown = _shown(key)
    wanted = f"{shown}: {_shown(rest)}" if rest else f"{shown}:"
    if written.startswith(f"{key}:"):
        message = f"a blank is missing after `{shown}:`"
    elif written[len(key) :].lstrip().startswith("="):
        message = f"`=` stands after the key `{shown}` instead of `:`"
    else:
        message = f"the key `{shown}` has no `:` after it"
    return case.says(message, f"write `{wanted}`", line.content, line.content + len(key))


def _shown(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _out_of_line(case: _Case) -> Diagnostic | None:
    """A line that the lines around it leave no place for: it, or one of them, must move."""
    index = case.line_of(case.offset)
    if not index or not case.technical.startswith(_MISPLACED):
        return None
    found = mend(case.lines, index)
    if found is None:
        return None
    stopped, wrong, right = case.lines[index], case.lines[found.at], found.line
    above = case.lines[found.at - 1] if found.at else None
    name = f"`{_shown(wrong.key)}:`" if wrong.key is not None else "this line"
    start, end = wrong.content, wrong.content + len(wrong.key or "-")
    here = case.positions.span(stopped.content, stopped.content + len(stopped.key or "-"))
    labels = (Label(here, "so this line has no place"),) if found.at != index else ()
    if right.is_item and not wrong.is_item:
        return case.says(
            f"`- ` is missing before {name}", f"write `- {name[1:]}", start, end, labels
        )
    if wrong.is_item and not right.is_item:
        return case.says(
            f"{name} begins a list item, but stands among the keys of a mapping",
            f"begin it in column {right.column + 1} without `- `",
            wrong.start,
            end,
            labels,
        )
    if above and above.has_value and above.column == right.column and wrong.column > right.column:
        message = f"{name} is indented deeper than the key above it, which has a value already"
        help = "begin it in the column of the key above"
        key = case.positions.span(above.content, above.content + len(above.key or "-"))
        labels = (Label(key, "the key above"),)
    else:
        message = f"{name} begins in column {wrong.indent + 1}, which does not fit the lines around"
        help = f"begin it in column {right.indent + 1}"
    return case.says(message, help, wrong.start if wrong.is_item else start, end, labels)


def _in_plain_words(case: _Case) -> Diagnostic | None:
    for fragment, words, help in _PLAIN_WORDS:
        if fragment in case.technical:
            unclosed = "not closed" in words and case.context is not None
            at = case.context if unclosed and case.context is not None else case.offset
            return case.says(words, help, at)
    return None


_RULES: tuple[Callable[[_Case], Diagnostic | None], ...] = (
    _unquoted_expression,
    _expression_in_brackets,
    _merge_conflict,
    _tab,
    _odd_blank,
    _quote_closed_too_late,
    _quote_closed_too_early,
    _no_colon,
    _out_of_line,
    _in_plain_words,
)
