"""Resource quantities (`500m`, `1Gi`, `1e3`): reading them, and the API server's canonical spelling.

In: text or numbers. Out: exact values and canonical text. Rules of `apimachinery/pkg/api/resource`.
Pure.
"""

from __future__ import annotations

import re
from decimal import ROUND_CEILING, Decimal
from functools import lru_cache

FORMAT_MESSAGE = (
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
)
_SHAPE = re.compile(r"^([+-]?)(\d+\.?\d*|\.\d+)(?:([eE])([+-]?\d+)|([numkMGTPE]|[KMGTPE]i)?)$")
_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY = {"Ki": 1, "Mi": 2, "Gi": 3, "Ti": 4, "Pi": 5, "Ei": 6}
_SMALLEST = Decimal(1).scaleb(-9)


class QuantityError(ValueError):
    """The text is no quantity."""


@lru_cache(maxsize=4096)
def parse(text: str) -> tuple[Decimal, str]:
    """The value, rounded up to nano, and its format (`decimal`, `binary` or `exponent`).

    Raises:
        QuantityError: not a quantity.
    """
    found = _SHAPE.match(text.strip())
    if found is None:
        raise QuantityError(FORMAT_MESSAGE)
    sign, digits, exponent_mark, exponent, suffix = found.groups()
    value = Decimal(sign + digits)
    kind = "decimal"
    if exponent_mark:
        value, kind = value.scaleb(int(exponent)), "exponent"
    elif suffix in _BINARY:
        value, kind = value * 1024 ** _BINARY[suffix], "binary"
    else:
        value = value.scaleb(_DECIMAL[suffix or ""])
    magnitude = (
        abs(value).quantize(_SMALLEST, rounding=ROUND_CEILING) if value % _SMALLEST else abs(value)
    )
    return (-magnitude if value < 0 else magnitude), kind


@lru_cache(maxsize=4096)
def canonical(text: str) -> str:
    """The spelling the API server stores: `1000m` is `1`, `0.5` is `500m`, `1024Mi` is `1Gi`.

    Raises:
        QuantityError: not a quantity.
    """
    value, kind = parse(text)
    if value == 0:
        return "0"
    if kind == "binary" and value % 1 == 0 and abs(value) >= 1024:
        number, power = int(value), 0
        while number % 1024 == 0 and power < 6:
            number, power = number // 1024, power + 1
        return f"{number}{next((s for s, p in _BINARY.items() if p == power), '')}"
    if kind == "binary" and value % 1 == 0:
        return str(int(value))
    exponent = -9
    number = int(value.scaleb(9))
    while number % 1000 == 0 and exponent < 18:
        number, exponent = number // 1000, exponent + 3
    if kind == "exponent":
        return f"{number}e{exponent}" if exponent else str(number)
    return f"{number}{next(s for s, e in _DECIMAL.items() if e == exponent)}"
