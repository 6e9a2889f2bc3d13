"""The YAML parser's complaint, traced to the line that a person would mend. Pure.

Loaded only for a file that is not YAML. Rules are tried in one order, the most specific first; each
looks at what the parser says and at the lines around, and answers with a diagnostic or with None.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import yaml

from katalogc.codes import Code
from katalogc.diagnostics import Diagnostic, Label
from katalogc.yaml_complaint import Complaint, LastScalar
from katalogc.yaml_indentation import mend
from katalogc.yaml_outline import Line
from katalogc.yaml_positions import Positions
from katalogc.yaml_punctuation import (
    OUT_OF_PLACE,
    blank_after_dash,
    closed_too_often,
    comma_after_value,
    comma_missing,
    in_plain_words,
    key_missing,
    line_leaves_block_text,
    reserved_character,
)

_BEFORE_EXPRESSION = re.compile(
    r"[ \t]*(?:-[ \t]+)*(?:[^\s#'\"{\[][^#'\"{\[]*?:[ \t]+|\"[^\"]*\":[ \t]+|'[^']*':[ \t]+)?"
    r"(?:[\[{][^'\"#]*?[,:\[{][ \t]*|\[[ \t]*)??(?=\{\{)"
)
_LONGEST = 80
_CONFLICT = re.compile(r"^(?:<{7}|>{7})(?= )", re.MULTILINE)
_ODD_BLANK = re.compile(r"[^\n\"'#]*?[\u00a0\u2000-\u200d\u202f\u2060\u3000\ufeff]")
_KEY_AND_BRACKET = re.compile(r"[\w.-]+[ \t]*[:=]?[ \t]*[{\[]")
_MISPLACED = (*OUT_OF_PLACE, "mapping values are not allowed", "block sequence entries")
_ENDED = (*OUT_OF_PLACE, "did not find expected ','")


def syntax_error(
    text: str, positions: Positions, error: yaml.YAMLError, last: LastScalar | None
) -> Diagnostic:
    """What is wrong with a text that the parser gave up on."""
    case = Complaint(text, positions, error, last)
    for rule in _RULES:
        found = rule(case)
        if found is not None:
            return found
    return case.says(case.technical or "the text is not YAML", None, case.offset)


def _unquoted_expression(case: Complaint) -> Diagnostic | None:
    """A value that begins with `{{`, on the line where the parser stopped or the one before."""
    here = case.text.rfind("\n", 0, case.offset) + 1
    for start in (here, case.text.rfind("\n", 0, max(here - 1, 0)) + 1):
        matched = _BEFORE_EXPRESSION.match(case.text, start)
        if matched is not None and matched.end() <= case.offset:
            return case.positions.unquoted_expression(matched.end())
    return None


def _expression_in_brackets(case: Complaint) -> Diagnostic | None:
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


def _merge_conflict(case: Complaint) -> Diagnostic | None:
    """Lines that git leaves where it could not merge."""
    matched = _CONFLICT.search(case.text)
    if matched is None:
        return None
    end = matched.end()
    return case.says(
        "a merge conflict is not resolved", "keep one side, and remove the marks", end - 7, end
    )


def _odd_blank(case: Complaint) -> Diagnostic | None:
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


def _tab(case: Complaint) -> Diagnostic | None:
    if case.text[case.offset : case.offset + 1] == "\t" and "token" in case.technical:
        return case.says("a tab cannot indent YAML", "indent with blanks", case.offset)
    return None


def _quote_closed_too_late(case: Complaint) -> Diagnostic | None:
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


def _quote_closed_too_early(case: Complaint) -> Diagnostic | None:
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


def _no_colon(case: Complaint) -> Diagnostic | None:
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


def _colon_wanted_after(case: Complaint) -> int | None:
    """Where a text begins that the parser took for a key, or for the start of one."""
    if "could not find expected ':'" in case.technical:
        return case.context
    last = case.last
    if "mapping values are not allowed" not in case.technical or not last or not last.is_plain:
        return None
    taken = case.text[last.start : case.offset]
    return last.start if "\n" in taken or _KEY_AND_BRACKET.match(taken) else None


def _without_colon(case: Complaint, line: Line) -> Diagnostic:
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


def _out_of_line(case: Complaint) -> Diagnostic | None:
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


_RULES: tuple[Callable[[Complaint], Diagnostic | None], ...] = (
    _unquoted_expression,
    _expression_in_brackets,
    _merge_conflict,
    _tab,
    _odd_blank,
    _quote_closed_too_late,
    comma_missing,
    comma_after_value,
    closed_too_often,
    _quote_closed_too_early,
    _no_colon,
    line_leaves_block_text,
    blank_after_dash,
    key_missing,
    _out_of_line,
    reserved_character,
    in_plain_words,
)
