"""Functions that find and replace with regular expressions (RE2), under the names of Sprig;

and paths. Pure.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from functools import partial
from typing import Any, Final

import re2

from katalog_runtime.functions.declaration import Function, FunctionError
from katalog_runtime.functions.json_values import bounded_items, bounded_text
from katalog_runtime.functions.regular_expressions import compile_pattern
from katalog_runtime.functions.signature import declare
from katalog_runtime.functions.validation import regex_match

_declare = partial(declare, group="strings")
_REFERENCE: Final = re2.compile(r"\$(?:\$|([0-9A-Za-z_]+)|\{([0-9A-Za-z_]+)\})")


def matches(pattern: str, text: str) -> Iterator[Any]:
    """All matches, as Go finds them: an empty one does not follow right after another match.

    Raises:
        FunctionError: a wrong pattern, a text that is not UTF-8, or too many matches.
    """
    found, end = 0, -1
    try:
        for match in compile_pattern(pattern).finditer(text):
            if match.end() == match.start() == end:
                continue
            found, end = found + 1, match.end()
            bounded_items(found)
            yield match
    except UnicodeEncodeError:
        raise FunctionError("the text is not UTF-8") from None


def _find(pattern: str, text: str) -> str:
    return next((match.group() for match in matches(pattern, text)), "")


def _find_all(pattern: str, text: str, most: int) -> list[str]:
    found: list[str] = []
    for match in matches(pattern, text):
        if len(found) == most:
            break
        found.append(match.group())
    return found


def _expanded(template: str, match: Any) -> str:
    """`$1`, `${name}` and `$$` in a replacement; a group that is not there is empty."""
    parts: list[str] = []
    end = 0
    for reference in _REFERENCE.finditer(template):
        parts.append(template[end : reference.start()])
        end = reference.end()
        name = reference.group(1) or reference.group(2)
        if name is None:
            parts.append("$")
        elif name.isdigit():
            parts.append(
                (match.group(int(name)) or "")
                if len(name) < 5 and int(name) <= match.re.groups
                else ""
            )
        elif name in match.re.groupindex:
            parts.append(match.group(match.re.groupindex[name]) or "")
    parts.append(template[end:])
    return "".join(parts)


def _replace(pattern: str, text: str, replacement: str, *, literal: bool = False) -> str:
    parts: list[str] = []
    end = length = 0
    for match in matches(pattern, text):
        put = replacement if literal else _expanded(replacement, match)
        length += len(put) + match.start() - end
        bounded_text(length)
        parts += (text[end : match.start()], put)
        end = match.end()
    return "".join([*parts, text[end:]])


def _replace_literal(pattern: str, text: str, replacement: str) -> str:
    return _replace(pattern, text, replacement, literal=True)


def _split(pattern: str, text: str, most: int) -> list[str]:
    """As `Regexp.Split`: at most `most` parts, all of them where it is negative."""
    if most == 0:
        return []
    if pattern and not text:
        return [""]
    parts: list[str] = []
    begin = end = 0
    for match in matches(pattern, text):
        if 0 < most == len(parts) + 1:
            break
        end = match.start()
        if match.end() != 0:
            parts.append(text[begin:end])
        begin = match.end()
    if end != len(text):
        parts.append(text[begin:])
    return parts


def _quote_meta(text: str) -> str:
    return "".join("\\" + each if each in r"\.+*?()|[]{}^$" else each for each in text)


def clean(path: str) -> str:
    """As Go's `path.Clean`."""
    cleaned = posixpath.normpath(path) if path else "."
    return "/" + cleaned.lstrip("/") if cleaned.startswith("//") else cleaned


def _base(path: str) -> str:
    if not path:
        return "."
    return path.rstrip("/").rpartition("/")[2] or "/"


def _extension(path: str) -> str:
    name = path.rpartition("/")[2]
    return name[name.rindex(".") :] if "." in name else ""


FUNCTIONS: Final[tuple[Function, ...]] = (
    _declare(
        "mustRegexMatch pattern:string text:string -> bool",
        "Another name of `regexMatch`.",
        regex_match,
        ('{{ mustRegexMatch "^v" "v1" }}', "true"),
    ),
    _declare(
        "regexFind pattern:string text:string? -> string",
        'The first match; "" where there is none.',
        _find,
        ('{{ regexFind "[0-9]+" "v12.3" }}', "12"),
    ),
    _declare(
        "regexFindAll pattern:string text:string? most:int -> list",
        "The matches, at most so many; all of them for -1.",
        _find_all,
        ('{{ regexFindAll "[0-9]+" "v12.3" -1 }}', "[12 3]"),
    ),
    _declare(
        "regexReplaceAll pattern:string text:string? replacement:string? -> string",
        "The text with every match replaced; `$1` or `${name}` stand for groups.",
        _replace,
        ('{{ regexReplaceAll "a(x*)b" "-ab-axxb-" "${1}W" }}', "-W-xxW-"),
    ),
    _declare(
        "regexReplaceAllLiteral pattern:string text:string? replacement:string? -> string",
        "The text with every match replaced by the text as it is.",
        _replace_literal,
        ('{{ regexReplaceAllLiteral "a(x*)b" "-ab-" "$1" }}', "-$1-"),
    ),
    _declare(
        "regexSplit pattern:string text:string? most:int -> list",
        "The parts between matches, at most so many; all of them for -1.",
        _split,
        ('{{ regexSplit "z+" "pizza" -1 }}', "[pi a]"),
    ),
    _declare(
        "regexQuoteMeta text:string? -> string",
        "The text as a pattern that matches it.",
        _quote_meta,
        ('{{ regexQuoteMeta "1.2" }}', "1\\.2"),
        on_nil='""',
    ),
    _declare(
        "base path:string? -> string",
        "The last part of a path.",
        _base,
        ('{{ base "/etc/app/config.yaml" }}', "config.yaml"),
        on_nil='"."',
    ),
    _declare(
        "dir path:string? -> string",
        "A path without its last part.",
        lambda path: clean(path[: path.rfind("/") + 1]),
        ('{{ dir "/etc/app/config.yaml" }}', "/etc/app"),
        on_nil='"."',
    ),
    _declare(
        "ext path:string? -> string",
        "The end of a path from its last dot on.",
        _extension,
        ('{{ ext "config.yaml" }}', ".yaml"),
        on_nil='""',
    ),
    _declare(
        "clean path:string? -> string",
        "The shortest path that means the same.",
        clean,
        ('{{ clean "/a/../b//c" }}', "/b/c"),
        on_nil='"."',
    ),
    _declare(
        "isAbs path:string? -> bool",
        "Whether the path begins at the root.",
        lambda path: path.startswith("/"),
        ('{{ isAbs "/etc" }}', "true"),
        on_nil='"false"',
    ),
)
