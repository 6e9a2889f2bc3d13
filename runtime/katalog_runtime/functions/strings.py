"""Functions on texts: case, trimming, searching, cutting, joining. Pure.

Texts are measured as Go measures them, in bytes; a cut never leaves half a character behind.
"""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from katalog_runtime.expressions.values import SPACES, byte_length
from katalog_runtime.functions import go_text
from katalog_runtime.functions.declaration import Function, FunctionError
from katalog_runtime.functions.json_values import bounded_items, bounded_text, shown
from katalog_runtime.functions.signature import declare

_declare = partial(declare, group="strings")


def split(text: str, separator: str) -> list[str]:
    """The parts between separators;

    no parts of an empty text; characters where the separator is empty.
    """
    if not text:
        return []
    bounded_items(text.count(separator) if separator else len(text))
    return text.split(separator) if separator else list(text)


def join(items: list[Any], separator: str) -> str:
    """The items as they print, the separator between them."""
    texts = [shown(item) for item in items]
    bounded_text(sum(map(len, texts)) + len(separator) * max(len(texts) - 1, 0))
    return separator.join(texts)


def repeat(text: str, count: int) -> str:
    """The text `count` times.

    Raises:
        FunctionError: a negative count, or a result beyond the bounds.
    """
    if count < 0:
        raise FunctionError("negative repeat count")
    bounded_text(len(text) * count)
    return text * count


def replace(text: str, old: str, new: str) -> str:
    """Every `old` replaced by `new`; an empty `old` matches between all characters."""
    count = text.count(old) if old else len(text) + 1
    bounded_text(len(text) + count * (len(new) - len(old)))
    return text.replace(old, new)


def camel_to_kebab(text: str) -> str:
    """`HTTPRequest` to `http-request`: hyphens at the borders of words, ASCII letters only."""
    parts: list[str] = []
    for index, character in enumerate(text):
        if index and "A" <= character <= "Z":
            before, after = text[index - 1], text[index + 1 : index + 2]
            ends_word = "a" <= before <= "z"
            ends_acronym = "A" <= before <= "Z" and "a" <= after <= "z"
            if ends_word or ends_acronym:
                parts.append("-")
        parts.append(character.lower() if character.isascii() else character)
    return "".join(parts)


def truncate(text: str, length: int) -> str:
    """At most `length` bytes; where something is cut and there is room, it ends with `...`.

    Raises:
        FunctionError: a negative length.
    """
    if byte_length(text) <= length:
        return text
    if length < 0:
        raise FunctionError(f"the length {length} is negative")
    return go_text.cut(text, length) if length <= 3 else go_text.cut(text, length - 3) + "..."


def _concat(*parts: str) -> str:
    bounded_text(sum(map(len, parts)))
    return "".join(parts)


FUNCTIONS: Final[tuple[Function, ...]] = (
    _declare(
        "toLower text:string? -> string",
        "The text in lower case.",
        go_text.lower,
        ('{{ toLower "Prod" }}', "prod"),
        on_nil='""',
    ),
    _declare(
        "toUpper text:string? -> string",
        "The text in upper case.",
        go_text.upper,
        ('{{ "prod" | toUpper }}', "PROD"),
        on_nil='""',
    ),
    _declare(
        "trimSpace text:string? -> string",
        "The text without the spaces around it.",
        lambda text: text.strip(SPACES),
        ('{{ trimSpace "  a b " }}', "a b"),
        on_nil='""',
    ),
    _declare(
        "trim text:string? characters:string? -> string",
        "The text without any of the characters at its ends.",
        lambda text, characters: text.strip(characters) if characters else text,
        ('{{ trim "--a-b--" "-" }}', "a-b"),
        on_nil='""',
    ),
    _declare(
        "trimPrefix text:string? prefix:string? -> string",
        "The text without the prefix, if it has it.",
        lambda text, prefix: text.removeprefix(prefix),
        ('{{ trimPrefix "v1.2" "v" }}', "1.2"),
        on_nil='""',
    ),
    _declare(
        "trimSuffix text:string? suffix:string? -> string",
        "The text without the suffix, if it has it.",
        lambda text, suffix: text.removesuffix(suffix),
        ('{{ trimSuffix "app.git" ".git" }}', "app"),
        on_nil='""',
    ),
    _declare(
        "hasPrefix text:string? prefix:string? -> bool",
        "Whether the text begins with the prefix.",
        lambda text, prefix: text.startswith(prefix),
        ('{{ hasPrefix "release-1" "release-" }}', "true"),
        on_nil='"false"',
    ),
    _declare(
        "hasSuffix text:string? suffix:string? -> bool",
        "Whether the text ends with the suffix.",
        lambda text, suffix: text.endswith(suffix),
        ('{{ hasSuffix "app.git" ".git" }}', "true"),
        on_nil='"false"',
    ),
    _declare(
        "contains text:string? part:string? -> bool",
        "Whether the part occurs in the text; the text comes first.",
        lambda text, part: part in text,
        ('{{ contains "a-canary-1" "canary" }}', "true"),
        on_nil='"false"',
    ),
    _declare(
        "replace text:string? old:string? new:string? -> string",
        "The text with every `old` replaced by `new`.",
        replace,
        ('{{ replace "a.b.c" "." "-" }}', "a-b-c"),
        on_nil='""',
    ),
    _declare(
        "split text:string? separator:string? -> list",
        "The parts between separators; an empty text has none.",
        split,
        ('{{ index (split "a,b,c" ",") 1 }}', "b"),
        on_nil='"[]"',
    ),
    _declare(
        "join items:list? separator:string? -> string",
        "The items as they print, with the separator between them.",
        join,
        ('{{ join .spec.hosts ", " }}', "a, b", {"spec": {"hosts": ["a", "b"]}}),
        on_nil='""',
    ),
    _declare(
        "repeat text:string? count:int? -> string",
        "The text that many times.",
        repeat,
        ('{{ repeat "ab" 3 }}', "ababab"),
        on_nil='""',
    ),
    _declare(
        "concat parts:string?... -> string",
        "The texts one after the other.",
        _concat,
        ('{{ concat "*." .spec.domain }}', "*.example.com", {"spec": {"domain": "example.com"}}),
        on_nil='""',
    ),
    _declare(
        "camelToKebab text:string? -> string",
        "`WebsiteOperator` becomes `website-operator`.",
        camel_to_kebab,
        ('{{ camelToKebab "HTTPRequest" }}', "http-request"),
        on_nil='""',
    ),
    _declare(
        "truncate text:string? length:int? -> string",
        "At most that many bytes; a text that was cut ends with `...`.",
        truncate,
        ('{{ truncate "a-long-name" 8 }}', "a-lon..."),
        on_nil='""',
    ),
)
