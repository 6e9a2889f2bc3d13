"""Text as Go's `strings` and `unicode` treat it:

case character by character, lengths and cuts in bytes.
"""

from __future__ import annotations

from typing import Final

from katalog_runtime.expressions.values import SPACES, byte_length, from_bytes, go_bytes

_TO_SPACE: Final = {ord(each): " " for each in SPACES}


def fields(text: str) -> list[str]:
    """As `strings.Fields`: the parts between runs of Unicode's White_Space."""
    return [part for part in text.translate(_TO_SPACE).split(" ") if part]


def lower(text: str) -> str:
    """As `strings.ToLower`: one character for each, without regard to its neighbours."""
    if text.isascii():
        return text.lower()
    return "".join(_lower_one(each) for each in text)


def upper(text: str) -> str:
    """As `strings.ToUpper`: one character for each, so `ß` stays."""
    if text.isascii():
        return text.upper()
    return "".join(_one(each, each.upper()) for each in text)


def title_one(character: str) -> str:
    """The title case of one character."""
    return _one(character, character.title())


def _lower_one(character: str) -> str:
    # The one character whose lower case has two in Python and one in Go.
    return "i" if character == "\u0130" else character.lower()


def _one(character: str, cased: str) -> str:
    if len(cased) == 1:
        return cased
    single = character.title()
    return single if len(single) == 1 else character


def cut(text: str, length: int) -> str:
    """The first `length` bytes, without half a character at the end."""
    if byte_length(text) <= length:
        return text
    if text.isascii():
        return text[:length]
    data = go_bytes(text)
    end = length
    while end > 0 and data[end] & 0xC0 == 0x80:
        end -= 1
    return from_bytes(data[:end])


def part(text: str, start: int, end: int) -> str:
    """The bytes from `start` up to `end`, without half a character at either side."""
    if text.isascii():
        return text[start:end]
    data = go_bytes(text)
    while start < len(data) and data[start] & 0xC0 == 0x80:
        start += 1
    while end < len(data) and end > start and data[end] & 0xC0 == 0x80:
        end -= 1
    return from_bytes(data[start:end])
