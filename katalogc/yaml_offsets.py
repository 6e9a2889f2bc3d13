"""From a character of a decoded YAML string to its place in the file. Pure.

A scalar's text in the file differs from its value: escapes, folded lines, block indentation. The
alignment is rebuilt on demand (only a diagnostic asks for it) and checked: where the rebuilt
value is not the value that the YAML reader gave, there is no alignment and the whole scalar is
pointed at.
"""

from __future__ import annotations

import re

_BREAK = re.compile(r"[ \t]*\r?\n[ \t]*(?:\r?\n[ \t]*)*")
_PROPERTIES = re.compile(r"(?:[&!][^\s]*\s+)*")
_HEADER = re.compile(r"[|>][-+0-9]*[ \t]*(?:#[^\n]*)?\r?\n?")
_ESCAPE_LENGTH = {"x": 2, "u": 4, "U": 8}
_ESCAPES = {
    "0": "\0", "a": "\a", "b": "\b", "t": "\t", "\t": "\t", "n": "\n", "v": "\v", "f": "\f",
    "r": "\r", "e": "\x1b", " ": " ", '"': '"', "/": "/", "\\": "\\", "N": "\x85", "_": "\xa0",
    "L": "\u2028", "P": "\u2029",
}  # fmt: skip

_Aligned = tuple[str, list[int]]


def align(text: str, start: int, end: int, style: str, value: str) -> list[int] | None:
    """Offsets into `text` of every character of `value`, and one more for its end.

    `start` and `end` delimit the scalar as the reader marked it; `style` is `''`, `'`, `"`, `|`
    or `>`. None where the value cannot be rebuilt from the text.
    """
    matched = _PROPERTIES.match(text, start, end)
    start = matched.end() if matched else start
    if style in ("|", ">"):
        decoded, places = _block(text, start, end, folded=style == ">", wanted=value)
    elif style == '"':
        decoded, places = _double_quoted(text, start + 1, end - 1)
    elif style == "'":
        decoded, places = _single_quoted(text, start + 1, end - 1)
    else:
        decoded, places = _plain(text, start, end)
    if decoded != value:
        return None
    last = places[-1] + 1 if places else start
    return [*places, last]


def _fold(matched: re.Match[str]) -> str:
    breaks = matched.group().count("\n")
    return " " if breaks == 1 else "\n" * (breaks - 1)


def _plain(text: str, start: int, end: int) -> _Aligned:
    return _flow(text, start, end, escape=None)


def _single_quoted(text: str, start: int, end: int) -> _Aligned:
    return _flow(text, start, end, escape="'")


def _flow(text: str, start: int, end: int, escape: str | None) -> _Aligned:
    """Characters as they are, line breaks folded, `escape` doubled."""
    decoded: list[str] = []
    places: list[int] = []
    at = start
    while at < end:
        matched = _BREAK.match(text, at, end)
        if matched:
            piece = _fold(matched)
            after = matched.end()
        else:
            piece = text[at]
            after = at + (2 if piece == escape else 1)
        decoded.append(piece)
        places.extend([at] * len(piece))
        at = after
    return "".join(decoded), places


def _double_quoted(text: str, start: int, end: int) -> _Aligned:
    decoded: list[str] = []
    places: list[int] = []
    at = start
    while at < end:
        matched = _BREAK.match(text, at, end)
        if matched:
            piece, after = _fold(matched), matched.end()
        elif text[at] == "\\":
            piece, after = _escape(text, at, end)
        else:
            piece, after = text[at], at + 1
        decoded.append(piece)
        places.extend([at] * len(piece))
        at = after
    return "".join(decoded), places


def _escape(text: str, at: int, end: int) -> tuple[str, int]:
    """The character that an escape stands for, and where reading goes on."""
    kind = text[at + 1 : at + 2]
    if kind in _ESCAPE_LENGTH:
        after = at + 2 + _ESCAPE_LENGTH[kind]
        return chr(int(text[at + 2 : after], 16)), after
    if kind in ("\n", "\r"):
        matched = _BREAK.match(text, at + 1, end)
        return "", matched.end() if matched else at + 2
    return _ESCAPES.get(kind, kind), at + 2


def _block(text: str, start: int, end: int, *, folded: bool, wanted: str) -> _Aligned:
    """Lines without their indentation, aligned greedily with the value that the reader gave."""
    header = _HEADER.match(text, start, end)
    at = header.end() if header else start
    digits = re.search(r"[1-9]", header.group()) if header else None
    raw = text[at:end]
    indent = _indent(raw, int(digits.group()) if digits else None, text, start)
    content: list[tuple[str, int]] = []
    for line in raw.splitlines(keepends=True):
        body = line[indent:] if line[:indent].strip(" ") == "" else line
        offset = at + len(line) - len(body)
        body = body.replace("\r\n", "\n")
        content.extend((character, offset + index) for index, character in enumerate(body))
        at += len(line)
    return _greedy(content, wanted, folded=folded, end=at)


def _indent(raw: str, explicit: int | None, text: str, start: int) -> int:
    first = next((line for line in raw.splitlines() if line.strip()), "")
    if explicit is None:
        return len(first) - len(first.lstrip(" "))
    line = text[text.rfind("\n", 0, start) + 1 : start]
    return len(line) - len(line.lstrip(" -")) + explicit


def _greedy(content: list[tuple[str, int]], wanted: str, *, folded: bool, end: int) -> _Aligned:
    """Match value and text character by character; a folded break stands for a blank or nothing."""
    decoded: list[str] = []
    places: list[int] = []
    position = 0
    for character in wanted:
        while position < len(content):
            found, offset = content[position]
            if found == character or (folded and found == "\n" and character == " "):
                break
            if not (folded and found == "\n"):
                return "", []
            position += 1
        else:
            offset = end
        decoded.append(character)
        places.append(offset)
        position += 1
    return "".join(decoded), places
