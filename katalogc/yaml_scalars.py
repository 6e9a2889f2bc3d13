"""Plain YAML scalars: text in, the value that YAML 1.1 readers take it for out. Pure.

Kubernetes' own reader follows YAML 1.1, so `on` is a boolean and `0123` is eighty-three. What is
resolved here keeps its text beside it: where text is expected, the text is what counts.
"""

from __future__ import annotations

import re

Scalar = str | int | float | bool | None

_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE = frozenset({"true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON"})
_FALSE = frozenset({"false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF"})
_INTEGER = re.compile(r"[-+]?[0-9][0-9_]*")
_BASED = re.compile(r"[-+]?0(?:x[0-9a-fA-F_]+|b[01_]+|o[0-7]+)")
_SEXAGESIMAL = re.compile(r"[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+")
_FLOAT = re.compile(r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?")
_INT64 = 2**63
_LONGEST_NUMBER = 40

TAG_PREFIX = "tag:yaml.org,2002:"
STANDARD_TAGS = frozenset({"str", "int", "float", "bool", "null", "map", "seq", "timestamp"})


def resolve(text: str) -> Scalar:
    """The value of an unquoted scalar: null, boolean, integer, float, or the text itself.

    Numbers that JSON or 64 bits cannot hold (`.inf`, `1e999`) stay text.
    """
    if text in _NULL:
        return None
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    if text[0] not in "+-.0123456789" or len(text) > _LONGEST_NUMBER:
        return text
    return _number(text)


def is_boolean_word(text: str) -> bool:
    """Whether YAML 1.1 takes the unquoted word for a boolean or null."""
    return text in _TRUE or text in _FALSE or (text in _NULL and text != "")


def _number(text: str) -> Scalar:
    number: int | float | None = None
    if _INTEGER.fullmatch(text):
        number = _decimal_or_octal(text.replace("_", ""))
    elif _BASED.fullmatch(text):
        digits = text.replace("_", "")
        number = int(digits, 0) if digits[-1] not in "xb" else None
    elif _SEXAGESIMAL.fullmatch(text):
        number = _sixties(text.replace("_", ""))
    elif _FLOAT.fullmatch(text):
        number = float(text)
    if number is None or (abs(number) >= _INT64 and isinstance(number, int)):
        return text
    return text if number in (float("inf"), float("-inf")) else number


def _decimal_or_octal(digits: str) -> int | None:
    bare = digits.lstrip("+-")
    if len(bare) > 1 and bare[0] == "0":
        octal = all(each in "01234567" for each in bare)
        return int(digits, 8) if octal else None
    return int(digits)


def _sixties(digits: str) -> int:
    total = 0
    for part in digits.lstrip("+-").split(":"):
        total = total * 60 + int(part)
    return -total if digits[0] == "-" else total
