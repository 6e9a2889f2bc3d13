"""Reading times as Go's `time.Parse` does: a layout and a text in, an instant out, or Go's error.

Go is laxer than RFC 3339 here and there (an hour of one digit, a comma before the fraction, an
offset of 24 hours); so are we, because the reference is. No clock, no local zone: an unknown
abbreviation has the offset 0, as in Go.
"""

from __future__ import annotations

from dataclasses import dataclass

from katalog_runtime.functions.declaration import FunctionError
from katalog_runtime.functions.go_layout import RFC3339, Chunk, Field, chunks
from katalog_runtime.functions.go_time import (
    MONTHS,
    UTC_ZONE,
    WEEKDAYS,
    GoTime,
    Zone,
    days_from_civil,
    days_in,
    fixed_zone,
    is_leap,
)


class TimeError(FunctionError, ValueError):
    """The text is not a time of that layout; the message is Go's."""


class _BadValueError(Exception):
    """The value does not fit the chunk."""


class _OutOfRangeError(Exception):
    """The value fits the chunk, but no such moment exists; the argument names the part."""


@dataclass(slots=True)
class _Parts:
    year: int = 0
    month: int = -1
    day: int = -1
    year_day: int = -1
    hour: int = 0
    minute: int = 0
    second: int = 0
    nanoseconds: int = 0
    afternoon: bool | None = None
    offset: int | None = None
    zone_name: str = ""
    utc: bool = False


def parse_rfc3339(text: str) -> GoTime:
    """As `time.Parse(time.RFC3339, text)`.

    Raises:
        TimeError: with Go's text.
    """
    return parse(RFC3339, text)


def parse(layout: str, text: str) -> GoTime:
    """As `time.Parse(layout, text)` where the local zone is UTC.

    Raises:
        TimeError: with Go's text.
    """
    parts = _Parts()
    rest = text
    pieces = chunks(layout)
    for index, chunk in enumerate(pieces):
        try:
            rest = _skip(rest, chunk.literal)
        except _BadValueError:
            raise _mismatch(layout, text, chunk.literal, rest) from None
        if chunk.field is Field.END:
            if rest:
                raise TimeError(f'parsing time "{text}": extra text: "{rest}"')
            break
        hold = rest
        try:
            rest = _read(parts, chunk, rest)
            if chunk.field in (Field.SECOND, Field.ZERO_SECOND):
                rest = _unasked_fraction(parts, pieces[index + 1], rest)
        except _OutOfRangeError as error:
            raise TimeError(f'parsing time "{text}": {error} out of range') from None
        except _BadValueError:
            raise _mismatch(layout, text, chunk.text, hold) from None
    return _moment(parts, text)


def _mismatch(layout: str, text: str, wanted: str, found: str) -> TimeError:
    return TimeError(f'parsing time "{text}" as "{layout}": cannot parse "{found}" as "{wanted}"')


def _skip(value: str, literal: str) -> str:
    """Drop the literal text; runs of spaces match each other, whatever their length."""
    while literal:
        if literal[0] == " ":
            if value and value[0] != " ":
                raise _BadValueError
            literal, value = literal.lstrip(" "), value.lstrip(" ")
            continue
        if value[:1] != literal[0]:
            raise _BadValueError
        literal, value = literal[1:], value[1:]
    return value


def _is_digit(text: str, at: int) -> bool:
    return "0" <= text[at : at + 1] <= "9"


def _number(value: str, *, fixed: bool) -> tuple[int, str]:
    """One or two digits; exactly two where `fixed`."""
    if not _is_digit(value, 0):
        raise _BadValueError
    if not _is_digit(value, 1):
        if fixed:
            raise _BadValueError
        return int(value[0]), value[1:]
    return int(value[:2]), value[2:]


def _bounded(value: str, low: int, high: int, what: str, *, fixed: bool) -> tuple[int, str]:
    number, rest = _number(value, fixed=fixed)
    if not low <= number <= high:
        raise _OutOfRangeError(what)
    return number, rest


def _name(names: tuple[str, ...], length: int | None, value: str) -> tuple[int, str]:
    for index, name in enumerate(names):
        short = name[:length]
        if value[: len(short)].lower() == short.lower() and value[: len(short)].isascii():
            return index, value[len(short) :]
    raise _BadValueError


def _read(parts: _Parts, chunk: Chunk, value: str) -> str:
    field = chunk.field
    match field:
        case Field.YEAR:
            if not (_is_digit(value, 0) and _is_digit(value, 1)):
                raise _BadValueError
            short = int(value[:2])
            parts.year = short + (1900 if short >= 69 else 2000)
            return value[2:]
        case Field.LONG_YEAR:
            if not all(_is_digit(value, at) for at in range(4)):
                raise _BadValueError
            parts.year = int(value[:4])
            return value[4:]
        case Field.MONTH | Field.LONG_MONTH:
            month, rest = _name(MONTHS, 3 if field is Field.MONTH else None, value)
            parts.month = month + 1
        case Field.NUM_MONTH | Field.ZERO_MONTH:
            parts.month, rest = _bounded(value, 1, 12, "month", fixed=field is Field.ZERO_MONTH)
        case Field.WEEKDAY | Field.LONG_WEEKDAY:
            _, rest = _name(WEEKDAYS, 3 if field is Field.WEEKDAY else None, value)
        case Field.DAY | Field.UNDER_DAY | Field.ZERO_DAY:
            if field is Field.UNDER_DAY:
                value = value.removeprefix(" ")
            parts.day, rest = _number(value, fixed=field is Field.ZERO_DAY)
        case Field.UNDER_YEAR_DAY | Field.ZERO_YEAR_DAY:
            parts.year_day, rest = _day_of_year(value, fixed=field is Field.ZERO_YEAR_DAY)
        case Field.HOUR:
            parts.hour, rest = _bounded(value, 0, 23, "hour", fixed=False)
        case Field.HOUR12 | Field.ZERO_HOUR12:
            parts.hour, rest = _bounded(value, 0, 12, "hour", fixed=field is Field.ZERO_HOUR12)
        case Field.MINUTE | Field.ZERO_MINUTE:
            parts.minute, rest = _bounded(value, 0, 59, "minute", fixed=field is Field.ZERO_MINUTE)
        case Field.SECOND | Field.ZERO_SECOND:
            parts.second, rest = _bounded(value, 0, 59, "second", fixed=field is Field.ZERO_SECOND)
        case Field.PM | Field.LOWER_PM:
            words = ("AM", "PM") if field is Field.PM else ("am", "pm")
            if value[:2] not in words:
                raise _BadValueError
            parts.afternoon, rest = value[:2] == words[1], value[2:]
        case Field.ZONE_NAME:
            rest = _zone_name(parts, value)
        case Field.OFFSET:
            rest = _zone_offset(parts, chunk.text, value)
        case Field.FRACTION_ZERO:
            rest = _fraction(parts, value, len(chunk.text))
        case Field.FRACTION_NINE:
            if value[:1] not in (".", ",") or not _is_digit(value, 1):
                return value  # the fraction is optional
            end = 1
            while end < 10 and _is_digit(value, end):
                end += 1
            rest = _fraction(parts, value, end)
        case Field.END:
            rest = value
    return rest


def _day_of_year(value: str, *, fixed: bool) -> tuple[int, str]:
    if not fixed:
        value = value.removeprefix(" ").removeprefix(" ")
    end = 0
    while end < 3 and _is_digit(value, end):
        end += 1
    if end == 0 or (fixed and end != 3):
        raise _BadValueError
    return int(value[:end]), value[end:]


def _fraction(parts: _Parts, value: str, length: int) -> str:
    """Read a separator and digits, `length` characters in all; digits beyond nine are dropped."""
    digits = value[1:length]
    if (
        len(value) < length
        or value[:1] not in (".", ",")
        or not (digits.isascii() and digits.isdigit())
    ):
        raise _BadValueError
    parts.nanoseconds = int(digits[:9].ljust(9, "0"))
    return value[length:]


def _unasked_fraction(parts: _Parts, following: Chunk, value: str) -> str:
    """A fraction of a second may follow the seconds although the layout has none."""
    if value[:1] not in (".", ",") or not _is_digit(value, 1):
        return value
    if not following.literal and following.field in (Field.FRACTION_ZERO, Field.FRACTION_NINE):
        return value
    end = 2
    while _is_digit(value, end):
        end += 1
    return _fraction(parts, value, end)


def _zone_offset(parts: _Parts, spelling: str, value: str) -> str:
    if spelling[0] == "Z" and value[:1] == "Z":
        parts.utc = True
        return value[1:]
    if len(value) < len(spelling):
        raise _BadValueError
    text, rest = value[: len(spelling)], value[len(spelling) :]
    digits = text[1:]
    if ":" in spelling:
        if text[3] != ":" or (len(spelling) > 6 and text[6] != ":"):
            raise _BadValueError
        digits = digits.replace(":", "")
        if len(digits) != len(spelling.replace(":", "")) - 1:
            raise _BadValueError
    numbers = [_number(digits[at : at + 2], fixed=True)[0] for at in range(0, len(digits), 2)]
    hours, minutes, seconds = (*numbers, 0, 0)[:3]
    # Go lets 24 hours, 60 minutes and 60 seconds pass, because people write them.
    for number, limit, what in (
        (hours, 24, "hour"),
        (minutes, 60, "minute"),
        (seconds, 60, "second"),
    ):
        if number > limit:
            raise _OutOfRangeError(f"time zone offset {what}")
    if text[0] not in "+-":
        raise _BadValueError
    offset = (hours * 60 + minutes) * 60 + seconds
    parts.offset = -offset if text[0] == "-" else offset
    return rest


def _zone_name(parts: _Parts, value: str) -> str:
    if value.startswith("UTC"):
        parts.utc = True
        return value[3:]
    length = _zone_name_length(value)
    if length == 0:
        raise _BadValueError
    parts.zone_name = value[:length]
    if length > 3 and parts.zone_name.startswith("GMT"):
        parts.offset = int(parts.zone_name[3:]) * 3600
    return value[length:]


def _zone_name_length(value: str) -> int:
    if value[:4] in ("ChST", "MeST"):
        return 4
    if value.startswith("GMT"):
        return 3 + _signed_hours(value[3:])
    if value[:1] in ("+", "-"):
        return _signed_hours(value)
    upper = 0
    while upper < 6 and "A" <= value[upper : upper + 1] <= "Z":
        upper += 1
    match upper:
        case 3:
            return 3
        case 4 if value[3] == "T" or value.startswith("WITA"):
            return 4
        case 5 if value[4] == "T":
            return 5
    return 0


def _signed_hours(value: str) -> int:
    """The length of `+3` or `-11` at the beginning; 0 where there is none, or beyond 23 hours."""
    if value[:1] not in ("+", "-"):
        return 0
    end = 1
    while _is_digit(value, end):
        end += 1
    return end if end > 1 and int(value[1:end][:4]) < 24 else 0


def _moment(parts: _Parts, text: str) -> GoTime:
    hour = parts.hour
    if parts.afternoon is True and hour < 12:
        hour += 12
    elif parts.afternoon is False and hour == 12:
        hour = 0
    month, day = _month_and_day(parts, text)
    local = days_from_civil(parts.year, month, day) * 86_400 + hour * 3600
    local += parts.minute * 60 + parts.second
    zone: Zone = UTC_ZONE
    if not parts.utc and parts.offset is not None:
        # Where the offset is that of the local zone (UTC), Go takes the local zone.
        if parts.offset or parts.zone_name not in ("", "UTC"):
            zone = fixed_zone(parts.offset, parts.zone_name)
    elif not parts.utc and parts.zone_name:
        zone = fixed_zone(0, parts.zone_name)
    return GoTime(local - zone.at(0)[0], parts.nanoseconds, zone)


def _month_and_day(parts: _Parts, text: str) -> tuple[int, int]:
    month, day = parts.month, parts.day
    if parts.year_day >= 0:
        if not 1 <= parts.year_day <= 365 + is_leap(parts.year):
            raise TimeError(f'parsing time "{text}": day-of-year out of range')
        of_month, of_day = 1, parts.year_day
        while of_day > days_in(of_month, parts.year):
            of_day -= days_in(of_month, parts.year)
            of_month += 1
        if month not in (-1, of_month):
            raise TimeError(f'parsing time "{text}": day-of-year does not match month')
        if day not in (-1, of_day):
            raise TimeError(f'parsing time "{text}": day-of-year does not match day')
        return of_month, of_day
    month = 1 if month < 0 else month
    day = 1 if day < 0 else day
    if not 1 <= day <= days_in(month, parts.year):
        raise TimeError(f'parsing time "{text}": day out of range')
    return month, day
