"""Go's texts of floating-point numbers: every format of `strconv.FormatFloat`, for float64.

Python prints the shortest digits that read back the same, as Go does; the layout around them
differs.
"""

from __future__ import annotations

import math


def shortest(value: float) -> str:
    """The text of `%v`: the fewest digits that are exact, `1e+06` from a million on."""
    return format_float(value, "g", -1)


def _digits(value: float) -> tuple[str, int]:
    """Shortest digits of a finite positive number and the place of its point: 1.5 is ("15", 1)."""
    mantissa, _, exponent = f"{value!r}".partition("e")
    whole, _, fraction = mantissa.partition(".")
    if fraction == "0":
        fraction = ""
    digits = whole + fraction
    point = len(whole) + (int(exponent) if exponent else 0)
    stripped = digits.lstrip("0")
    point -= len(digits) - len(stripped)
    stripped = stripped.rstrip("0")
    return (stripped, point) if stripped else ("0", 1)


def _rounded(value: float, count: int) -> tuple[str, int]:
    """`count` significant digits (at least one), correctly rounded, and the place of the point."""
    if value == 0:
        return "0" * max(count, 1), 1
    mantissa, _, exponent = f"{value:.{max(count, 1) - 1}e}".partition("e")
    return mantissa.replace(".", ""), int(exponent) + 1


def _scientific(digits: str, point: int, sign: str) -> str:
    exponent = point - 1
    fraction = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{digits[0]}{fraction}{sign}{'-' if exponent < 0 else '+'}{abs(exponent):02d}"


def _plain(digits: str, point: int) -> str:
    if point <= 0:
        return "0." + "0" * -point + digits
    if len(digits) <= point:
        return digits + "0" * (point - len(digits))
    return f"{digits[:point]}.{digits[point:]}"


def format_float(value: float, verb: str, precision: int) -> str:
    """The number in one of Go's formats.

    Args:
        value: any float.
        verb: one of `e E f g G b x X`.
        precision: digits after the point, for `g` significant ones; -1 for the fewest that are
            exact.
    """
    if math.isnan(value):
        return "NaN"
    sign = "-" if math.copysign(1.0, value) < 0 else ""
    if math.isinf(value):
        return "-Inf" if sign else "+Inf"
    value = abs(value)
    match verb:
        case "b":
            return sign + _binary(value)
        case "x" | "X":
            text = _hexadecimal(value, precision)
            return sign + (text.upper() if verb == "X" else text)
        case "f":
            if precision < 0:
                return sign + _plain(*_digits(value)) if value else sign + "0"
            return sign + f"{value:.{precision}f}"
        case "e" | "E":
            digits, point = _digits(value) if precision < 0 else _rounded(value, precision + 1)
            return sign + _scientific(digits, point, verb)
        case _:
            return sign + _general(value, verb, precision)


def _general(value: float, verb: str, precision: int) -> str:
    if precision < 0:
        digits, point = _digits(value)
        limit = 6
    else:
        digits, point = _rounded(value, precision)
        digits = digits.rstrip("0") or "0"
        limit = max(precision, 1)
        if limit > len(digits) >= point:
            limit = len(digits)
    if value == 0:
        return "0"
    exponent = point - 1
    if exponent < -4 or exponent >= limit:
        return _scientific(digits, point, "e" if verb == "g" else "E")
    return _plain(digits, point)


def _binary(value: float) -> str:
    mantissa, exponent = math.frexp(value)
    whole = int(mantissa * (1 << 53))
    shift = exponent - 53
    if whole == 0:
        return "0p-1074"
    if shift < -1074:
        whole >>= -1074 - shift
        shift = -1074
    return f"{whole}p{shift:+d}"


def _hexadecimal(value: float, precision: int) -> str:
    if value == 0:
        return "0x0" + ("." + "0" * precision if precision > 0 else "") + "p+00"
    mantissa, exponent = math.frexp(value)
    bits = int(mantissa * (1 << 53))  # 53 bits, the first is one.
    exponent -= 1
    shown = 13
    if precision >= 0 and precision < 13:
        drop = 4 * (13 - precision)
        half, rest = 1 << (drop - 1), bits & ((1 << drop) - 1)
        bits >>= drop
        if rest > half or (rest == half and bits & 1):
            bits += 1
        if bits >> (4 * precision + 1):
            bits >>= 1
            exponent += 1
        shown = precision
    text = f"{bits & ((1 << (4 * shown)) - 1):0{shown}x}" if shown else ""
    if precision < 0:
        text = text.rstrip("0")
    elif precision > 13:
        text += "0" * (precision - 13)
    point = f".{text}" if text else ""
    return f"0x1{point}p{'-' if exponent < 0 else '+'}{abs(exponent):02d}"
