"""Go's literals: their text in, their value out. Numbers of every base, runes, strings.

Go strings are bytes. Bytes that are no UTF-8 travel in a Python string as lone surrogates U+DC80
to U+DCFF (`surrogateescape`), which the evaluator turns back into bytes where bytes count.
"""

from __future__ import annotations

import re
from typing import Literal as OneOf

_SIMPLE = {"a": 7, "b": 8, "f": 12, "n": 10, "r": 13, "t": 9, "v": 11, "\\": 92}
_FIXED = {"x": 2, "u": 4, "U": 8}
_FLOAT = re.compile(r"[+-]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)\Z")
_HEX_FLOAT = re.compile(
    r"([+-]?)0[xX](?:([0-9a-fA-F]+)\.?([0-9a-fA-F]*)|\.([0-9a-fA-F]+))[pP]([+-]?[0-9]+)\Z"
)
_BASES = {"b": (2, "01"), "o": (8, "01234567"), "x": (16, "0123456789abcdefABCDEF")}
_COMPLEX = re.compile(r"(.*[^eEpP+-])([+-].*)i\Z", re.DOTALL)


class LiteralError(ValueError):
    """The text is no literal of its kind."""


def unquote(text: str) -> str:
    """The string that a quoted (`"…"`) or raw (`` `…` ``) literal stands for.

    Raises:
        LiteralError: an escape that Go does not know, or that is no character.
    """
    body = text[1:-1]
    if text[0] == "`":
        return body.replace("\r", "")
    if "\\" not in body:
        return body
    out = bytearray()
    at = 0
    while at < len(body):
        code, is_byte, at = _character(body, at, '"')
        out += bytes((code,)) if is_byte else chr(code).encode("utf-8", "surrogateescape")
    return out.decode("utf-8", "surrogateescape")


def rune(text: str) -> int:
    """The code point that a character constant (`'x'`) stands for.

    Raises:
        LiteralError: no character, more than one, or a wrong escape.
    """
    if text[1] == "'":
        raise LiteralError("malformed character constant: ''")
    code, _, end = _character(text, 1, "'")
    if text[end:] != "'":
        raise LiteralError(f"malformed character constant: {text}")
    return code


def _character(text: str, at: int, quote: str) -> tuple[int, bool, int]:
    """One character or escape at `at`: its code, whether it is a byte, and the place after it."""
    if text[at] != "\\":
        return ord(text[at]), False, at + 1
    sign = text[at + 1 : at + 2]
    if sign in _SIMPLE:
        return _SIMPLE[sign], False, at + 2
    if sign == quote and sign:
        return ord(sign), False, at + 2
    if sign in _FIXED:
        digits = text[at + 2 : at + 2 + _FIXED[sign]]
        if re.fullmatch(r"[0-9a-fA-F]+", digits) and len(digits) == _FIXED[sign]:
            code = int(digits, 16)
            if sign == "x":
                return code, quote == '"', at + 4
            if code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF:
                return code, False, at + 2 + len(digits)
    elif re.fullmatch(r"[0-7]{3}", digits := text[at + 1 : at + 4]):
        code = int(digits, 8)
        if code <= 255:
            return code, quote == '"', at + 4
    raise LiteralError(f"invalid escape `{text[at : at + 2]}`")


def number(
    text: str,
) -> tuple[OneOf["int", "float", "complex"], int | float | complex]:
    """Kind (`int`, `float`, `complex`) and value of a number's text.

    Raises:
        LiteralError: malformed, or an integer too large for 64 bits.
    """
    if text.endswith("i"):
        imaginary = _float(text[:-1])
        if imaginary is not None:
            return "complex", complex(0.0, imaginary)
    integer = _integer(text)
    if integer is not None and -(1 << 63) <= integer < 1 << 64:
        if integer < 0 or text[0] not in "+-":
            return "int", integer
        if integer < 1 << 63:
            return "int", integer
    decimal = _float(text)
    if decimal is None:
        raise LiteralError(f"illegal number syntax: {text}")
    if not re.search(r"[.eEpP]", text):
        raise LiteralError(f"integer overflow: {text}")
    return "float", decimal


def complex_number(text: str) -> complex:
    """The value of `1+2i`.

    Raises:
        LiteralError: one of its parts is malformed.
    """
    parts = _COMPLEX.match(text)
    if parts:
        real, imaginary = _float(parts[1]), _float(parts[2])
        if real is not None and imaginary is not None:
            return complex(real, imaginary)
    raise LiteralError(f"illegal number syntax: {text}")


def _separated(text: str) -> bool:
    """Whether underscores stand only between digits, or after a base prefix."""
    if "_" not in text:
        return True
    body = text.lstrip("+-")
    last = "^"
    is_hex = False
    if body[:1] == "0" and body[1:2] and body[1] in "bBoOxX":
        is_hex = body[1] in "xX"
        body, last = body[2:], "0"
    for character in body:
        if character.isdigit() or (is_hex and character in "abcdefABCDEF"):
            last = "0"
        elif character == "_":
            if last != "0":
                return False
            last = "_"
        else:
            if last == "_":
                return False
            last = "!"
    return last != "_"


def _integer(text: str) -> int | None:
    if not _separated(text):
        return None
    sign = -1 if text[0] == "-" else 1
    digits = text.lstrip("+-").replace("_", "")
    base, allowed = 10, "0123456789"
    if digits[:1] == "0" and len(digits) > 1:
        prefixed = _BASES.get(digits[1].lower())
        if prefixed and len(digits) > 2:
            base, allowed = prefixed
            digits = digits[2:]
        else:
            base, allowed = 8, "01234567"
            digits = digits[1:]
    if not digits or any(each not in allowed for each in digits):
        return None
    return sign * int(digits, base)


def _float(text: str) -> float | None:
    if not _separated(text):
        return None
    plain = text.replace("_", "")
    if _FLOAT.match(plain):
        value = float(plain)
    elif parts := _HEX_FLOAT.match(plain):
        digits = (parts[2] or "") + (parts[3] or parts[4] or "")
        fraction = len(parts[3] or parts[4] or "")
        exponent = int(parts[5]) if len(parts[5]) < 8 else 10**6 * (-1 if parts[5][0] == "-" else 1)
        try:
            value = float.fromhex(f"{parts[1]}0x{digits}p{exponent - 4 * fraction}")
        except OverflowError:
            return None
    else:
        return None
    return None if value in (float("inf"), float("-inf")) else value
