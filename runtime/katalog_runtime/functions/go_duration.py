"""Durations as Go writes and reads them; text in, whole nanoseconds (or seconds) out.

`parse` and `print_duration` follow `time.ParseDuration` and `time.Duration.String`.
`parse_duration` also reads the Katalog's long units d, w, mo (30 days) and y (365 days). Nothing
here knows the time.
"""

from __future__ import annotations

from typing import Final

from katalog_runtime.functions.declaration import FunctionError

NANOSECOND: Final = 1
MICROSECOND: Final = 1_000
MILLISECOND: Final = 1_000_000
SECOND: Final = 1_000_000_000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR

_LIMIT: Final = 1 << 63
_GO_UNITS: Final = {
    "ns": NANOSECOND,
    "us": MICROSECOND,
    "µs": MICROSECOND,  # U+00B5, the micro sign
    "μs": MICROSECOND,  # U+03BC, the Greek letter
    "ms": MILLISECOND,
    "s": SECOND,
    "m": MINUTE,
    "h": HOUR,
}
_KATALOG_UNITS: Final = _GO_UNITS | {"d": DAY, "w": 7 * DAY, "mo": 30 * DAY, "y": 365 * DAY}


class DurationError(FunctionError, ValueError):
    """The text is not a duration; the message is Go's."""


def parse(text: str) -> int:
    """Nanoseconds of a Go duration such as `1h30m`, `-1.5s` or `0`.

    Raises:
        DurationError: as `time.ParseDuration`, also where 64 bits do not hold the result.
    """
    return _parse(text, _GO_UNITS)


def parse_duration(text: str) -> float:
    """Seconds of a Katalog duration: Go's units, and `d`, `w`, `mo`, `y`; `never` is 0.

    The reference reads one long unit alone (`1.5mo`); we also read them combined (`1d12h`).

    Raises:
        DurationError: not a duration, or longer than 292 years.
    """
    return parse_extended(text) / SECOND


def parse_extended(text: str) -> int:
    """Nanoseconds of a Katalog duration, see `parse_duration`."""
    stripped = text.strip()
    if stripped == "never":
        return 0
    return _parse(stripped, _KATALOG_UNITS)


def seconds(nanoseconds: int) -> float:
    """What `Duration.Seconds` gives: whole seconds and the rest are converted apart, then added."""
    whole, rest = divmod(abs(nanoseconds), SECOND)
    value = float(whole) + float(rest) / 1e9
    return -value if nanoseconds < 0 else value


def print_duration(nanoseconds: int) -> str:
    """What `Duration.String` gives: `1h30m0s`, `1.5s`, `100ms`, `0s`."""
    if nanoseconds == 0:
        return "0s"
    sign, rest = ("-", -nanoseconds) if nanoseconds < 0 else ("", nanoseconds)
    if rest < SECOND:
        for unit, size in (("ms", MILLISECOND), ("µs", MICROSECOND), ("ns", NANOSECOND)):
            if rest >= size:
                return f"{sign}{_decimal(rest, size)}{unit}"
    whole, fraction = divmod(rest, MINUTE)
    hours, minutes = divmod(whole, 60)
    text = f"{_decimal(fraction, SECOND)}s"
    if whole:
        text = f"{minutes}m{text}"
    if hours:
        text = f"{hours}h{text}"
    return sign + text


def _decimal(value: int, unit: int) -> str:
    whole, rest = divmod(value, unit)
    if rest == 0:
        return str(whole)
    digits = str(rest).rjust(len(str(unit)) - 1, "0").rstrip("0")
    return f"{whole}.{digits}"


def _is_digit(character: str) -> bool:
    return "0" <= character <= "9"


def _parse(text: str, units: dict[str, int]) -> int:
    position = 1 if text[:1] in ("-", "+") else 0
    negative = text[:1] == "-"
    if text[position:] == "0":
        return 0
    if position == len(text):
        raise DurationError(f'time: invalid duration "{text}"')
    total = 0
    while position < len(text):
        amount, position = _term(text, position, units)
        total += amount
        if total > _LIMIT:
            raise DurationError(f'time: invalid duration "{text}"')
    if not negative and total > _LIMIT - 1:
        raise DurationError(f'time: invalid duration "{text}"')
    return -total if negative else total


def _term(text: str, position: int, units: dict[str, int]) -> tuple[int, int]:
    """One number with its unit: nanoseconds, and where the next one begins."""
    invalid = DurationError(f'time: invalid duration "{text}"')
    start, end = position, len(text)
    while position < end and _is_digit(text[position]):
        position += 1
    digits = text[start:position].lstrip("0")
    whole = int(digits or "0") if len(digits) <= 19 else _LIMIT + 1
    if whole > _LIMIT:
        raise invalid
    fraction, scale, seen = 0, 1.0, position > start
    if position < end and text[position] == ".":
        position += 1
        point = position
        full = False
        while position < end and _is_digit(text[position]):
            # Go drops digits beyond what 63 bits hold; so the result is the same to the nanosecond.
            if not full and fraction <= (_LIMIT - 1) // 10:
                larger = fraction * 10 + int(text[position])
                full = larger > _LIMIT
                if not full:
                    fraction, scale = larger, scale * 10
            else:
                full = True
            position += 1
        seen = seen or position > point
    if not seen:
        raise invalid
    start = position
    while position < end and text[position] != "." and not _is_digit(text[position]):
        position += 1
    name = text[start:position]
    if not name:
        raise DurationError(f'time: missing unit in duration "{text}"')
    unit = units.get(name)
    if unit is None:
        raise DurationError(f'time: unknown unit "{name}" in duration "{text}"')
    if whole > _LIMIT // unit:
        raise invalid
    amount = whole * unit
    if fraction:
        amount += int(float(fraction) * (float(unit) / scale))
        if amount > _LIMIT:
            raise invalid
    return amount, position
