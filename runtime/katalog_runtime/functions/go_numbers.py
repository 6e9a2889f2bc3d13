"""Numbers as Go's `strconv` reads them, and as the language's arithmetic returns them;

text in, numbers out.
"""

from __future__ import annotations

from typing import Final

import re2

from katalog_runtime.expressions.floats import shortest
from katalog_runtime.functions.declaration import FunctionError

_DECIMAL: Final = re2.compile(r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$")
_HEXADECIMAL: Final = re2.compile(
    r"^[+-]?0[xX]_?([0-9a-fA-F]+(_[0-9a-fA-F]+)*\.?[0-9a-fA-F]*|\.[0-9a-fA-F]+)[pP][+-]?[0-9]+$"
)
_WORDS: Final = {"inf": "inf", "infinity": "inf", "nan": "nan"}
_MOST_CHARACTERS: Final = 1_024
MOST_INT64: Final = (1 << 63) - 1
LEAST_INT64: Final = -(1 << 63)


class NumberError(FunctionError, ValueError):
    """The text is not a number, or the number has no place in 64 bits."""


def parse_float(text: str) -> float:
    """As `strconv.ParseFloat(text, 64)`.

    Raises:
        NumberError: not a number, or beyond the largest float.
    """
    word = text[1:] if text[:1] in ("+", "-") else text
    if word.lower() in _WORDS:
        return float(text)
    if len(text) <= _MOST_CHARACTERS and text.isascii() and not text.endswith("\n"):
        if _DECIMAL.search(text):
            return _finite(float(text), text)
        if _HEXADECIMAL.search(text):
            try:
                return _finite(float.fromhex(text.replace("_", "")), text)
            except OverflowError:
                return _finite(float("inf"), text)
    raise NumberError(f'strconv.ParseFloat: parsing "{text}": invalid syntax')


def _finite(number: float, text: str) -> float:
    if number in (float("inf"), float("-inf")):
        raise NumberError(f'strconv.ParseFloat: parsing "{text}": value out of range')
    return number


def parse_int(text: str) -> int:
    """As `strconv.ParseInt(text, 10, 64)`.

    Raises:
        NumberError: not a decimal integer of 64 bits.
    """
    digits = text[1:] if text[:1] in ("+", "-") else text
    if not (digits.isascii() and digits.isdigit()) or len(digits) > _MOST_CHARACTERS:
        raise NumberError(f'strconv.ParseInt: parsing "{text}": invalid syntax')
    number = int(text)
    if not LEAST_INT64 <= number <= MOST_INT64:
        raise NumberError(f'strconv.ParseInt: parsing "{text}": value out of range')
    return number


def leading_int(text: str) -> int:
    """As `Sscanf(text, "%d")`:

    the integer at the beginning, after spaces; 0 where there is none.
    """
    stripped = text.lstrip(" \t\r\n")
    end = 1 if stripped[:1] in ("+", "-") else 0
    while end < len(stripped) and "0" <= stripped[end] <= "9" and end < 25:
        end += 1
    try:
        return parse_int(stripped[:end])
    except NumberError:
        return 0


def truncate(number: int | float) -> int:
    """The integer part as `int64(number)`.

    Raises:
        NumberError: no 64-bit integer: not finite, or too large.
    """
    if isinstance(number, float) and not abs(number) < 2**63:
        raise NumberError(f"{shortest(number)} does not fit a 64-bit integer")
    whole = int(number)
    if not LEAST_INT64 <= whole <= MOST_INT64:
        raise NumberError(f"{whole} does not fit a 64-bit integer")
    return whole


def native(number: int | float) -> int | float:
    """An integer where the number is whole and fits 64 bits, else the float."""
    if isinstance(number, int):
        return number if LEAST_INT64 <= number <= MOST_INT64 else float(number)
    return int(number) if number.is_integer() and abs(number) < 2**63 else number
