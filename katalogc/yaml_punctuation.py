"""Rules of `yaml_faults` about single characters: commas, brackets, what a value begins with. Pure."""

from __future__ import annotations

import re

from katalogc.diagnostics import Diagnostic, Label
from katalogc.yaml_complaint import Complaint

_PLAIN_WORDS = (
    ("mapping keys are not allowed", "a value cannot begin with `? `", "quote the value"),
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
    ("did not find expected node content", "a value is wanted here, inside brackets or braces",
     "write a value, or remove the comma before; quote what begins with `,`, `]`, `}` or `:`"),
    ("found unexpected ':'", "`:` stands in a value inside brackets or braces",
     "write a blank after `:`, or quote the value"),
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
OUT_OF_PLACE = (
    "did not find expected key",
    "did not find expected '-' indicator",
    "did not find expected <document start>",
)
"""How the parser says that something follows a whole value."""
_ENTRY = re.compile(r"""(?:"[^"\n]*"|'[^'\n]*'|[\w./-]+)(?=\s*:)""")
_LAST_WORD = re.compile(r"[\w./-]+$")
_QUOTED_OR_BRACKET = re.compile(r""""(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[\[\]{}]""")
_COMMENT = re.compile(r"[ \t]#[^\n]*")
_VALUE = re.compile(r"[^\n]*")


def comma_missing(case: Complaint) -> Diagnostic | None:
    """Two entries in brackets or braces that are closed, and no comma between them."""
    if "did not find expected ','" not in case.technical or case.context is None:
        return None
    last = case.last
    if last is None or not _is_closed(case.text, case.context):
        return None
    start = case.offset
    if last.is_plain and case.text[start : start + 1] == ":":
        word = _LAST_WORD.search(case.text[last.start : start].rstrip())
        if word is None or word.start() == 0:
            return None
        start, end = last.start + word.start(), last.start + word.end()
    else:
        if not case.text[last.end : start].isspace():
            return None
        entry = _ENTRY.match(case.text, start)
        if entry is None:
            return None
        end = entry.end()
    name = case.text[start:end].strip("\"'")
    return case.says(
        f"a comma is missing before `{name}`", "write `,` between two entries", start, end
    )


def _is_closed(text: str, start: int) -> bool:
    """Whether the bracket at `start` has its partner; brackets in quotes do not count."""
    depth = 0
    for found in _QUOTED_OR_BRACKET.finditer(text, start):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(found[0], 0)
        if depth == 0:
            return True
    return False


def comma_after_value(case: Complaint) -> Diagnostic | None:
    """`name: "x",` as JSON has it, outside of brackets."""
    if not _is_out_of_place(case) or case.text[case.offset : case.offset + 1] != ",":
        return None
    return case.says(
        "a comma stands after the value",
        "remove it: entries in lines of their own need none",
        case.offset,
    )


def closed_too_often(case: Complaint) -> Diagnostic | None:
    """`{a: b}}`, `[a]]`."""
    here = case.text[case.offset : case.offset + 1]
    if not _is_out_of_place(case) or here not in ("}", "]"):
        return None
    return case.says(f"`{here}` closes what is not open", "remove it", case.offset)


def _is_out_of_place(case: Complaint) -> bool:
    """Whether the parser had a whole value outside of brackets, and cannot go on after it."""
    return case.technical.startswith(OUT_OF_PLACE)


def line_leaves_block_text(case: Complaint) -> Diagnostic | None:
    """A line of a text after `|` that begins left of the first one."""
    last = case.last
    if last is None or last.style not in ("|", ">") or not case.technical.startswith("did not"):
        return None
    if case.text[last.end : case.offset].strip():
        return None
    index, first = case.line_of(case.offset), case.line_of(last.start)
    if index is None or first is None or case.lines[index].indent <= case.lines[first].indent:
        return None
    body = case.text.find("\n", last.start) + 1
    column = len(case.text[body:]) - len(case.text[body:].lstrip(" \n"))
    indent = column - case.text[body : body + column].count("\n")
    begun = case.positions.span(last.start, last.start + 1)
    line = case.lines[index]
    return case.says(
        f"this line begins left of the text after `{last.style}`",
        f"begin it in column {indent + 1}, as the first line of the text",
        line.start,
        line.end,
        (Label(begun, "the text"),),
    )


def blank_after_dash(case: Complaint) -> Diagnostic | None:
    """`-name: y` among the items of a list."""
    here = case.text[case.offset : case.offset + 2]
    if "did not find expected '-' indicator" not in case.technical or here[:1] != "-":
        return None
    rest = _VALUE.match(case.text, case.offset + 1)
    assert rest is not None
    return case.says("a blank is missing after `-`", f"write `- {rest[0].strip()}`", case.offset)


def key_missing(case: Complaint) -> Diagnostic | None:
    """`: x` without a key before it."""
    line = case.text.rfind("\n", 0, case.offset) + 1
    before = case.text[line : case.offset].strip(" -")
    if before or case.text[case.offset : case.offset + 1] != ":":
        return None
    return case.says("the key before `:` is missing", "write `key: value`", case.offset)


def reserved_character(case: Complaint) -> Diagnostic | None:
    """A value that begins with `@`, a backtick, `%`; or with `*` or `&` that name nothing."""
    start = case.offset
    if "expected alphabetic or numeric character" in case.technical:
        start = case.context if case.context is not None else start
    elif case.context is not None and case.text[case.context : case.context + 1] in ("!", "%"):
        start = case.context  # taken for a tag or a directive
    elif "cannot start any token" not in case.technical:
        return None
    here = case.text[start : start + 1]
    if case.text.startswith("```", start):
        return case.says(
            "a fence of Markdown stands in the file", "remove the line", start, start + 3
        )
    value = _VALUE.match(case.text, start)
    assert value is not None
    written = _COMMENT.sub("", value[0]).rstrip()
    simple = not set(written) & set('"\\,[]{}')
    help = f'write "{written}"' if simple and written else "quote the value"
    shown = "a backtick" if here == "`" else f"`{here}`"
    return case.says(f"a value that begins with {shown} must be quoted", help, start)


def in_plain_words(case: Complaint) -> Diagnostic | None:
    """What the parser says, in words."""
    for fragment, words, help in _PLAIN_WORDS:
        if fragment in case.technical:
            unclosed = "not closed" in words and case.context is not None
            at = case.context if unclosed and case.context is not None else case.offset
            return case.says(words, help, at)
    return None
