"""An instant in a zone, and how Go prints it: arithmetic on seconds, no clock.

Years are not limited to Python's 1 to 9999: RFC 3339 knows the year 0, a schedule may reach 10000.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from katalog_runtime.functions.go_layout import RFC3339, Chunk, Field, chunks

MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
WEEKDAYS: Final = (
    "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
)  # fmt: skip
_MONTH_DAYS: Final = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


@dataclass(frozen=True, slots=True)
class Zone:
    """A zone: the offset (seconds east) and the abbreviation that hold at a Unix second."""

    key: str
    at: Callable[[int], tuple[int, str]]


def fixed_zone(offset_seconds: int, name: str = "") -> Zone:
    """A zone with one offset; without a name Go prints the offset in its place."""
    answer = (offset_seconds, name)
    return Zone(f"{name}{offset_seconds:+d}", lambda _second: answer)


UTC_ZONE: Final = fixed_zone(0, "UTC")


def is_leap(year: int) -> bool:
    """Gregorian leap years, in all directions of time."""
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def days_in(month: int, year: int) -> int:
    """Days of a month, 1 to 12."""
    return 29 if month == 2 and is_leap(year) else _MONTH_DAYS[month - 1]


def days_from_civil(year: int, month: int, day: int) -> int:
    """Days since 1970-01-01 of a Gregorian date; month and day may overflow as in Go's `Date`."""
    year += (month - 1) // 12
    month = (month - 1) % 12 + 1
    shifted = year - (month <= 2)  # years begin in March, so that the leap day is the last
    era, year_of_era = divmod(shifted, 400)
    day_of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5
    day_of_era = year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year
    return era * 146_097 + day_of_era - 719_468 + day - 1


def civil_from_days(days: int) -> tuple[int, int, int]:
    """Year, month and day of a number of days since 1970-01-01."""
    era, day_of_era = divmod(days + 719_468, 146_097)
    year_of_era = (
        day_of_era - day_of_era // 1_460 + day_of_era // 36_524 - day_of_era // 146_096
    ) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    shifted = (5 * day_of_year + 2) // 153
    month = shifted + (3 if shifted < 10 else -9)
    return (
        year_of_era + era * 400 + (month <= 2),
        month,
        day_of_year - (153 * shifted + 2) // 5 + 1,
    )


@dataclass(frozen=True, slots=True)
class Civil:
    """What a wall clock and a calendar show."""

    year: int
    month: int
    day: int
    hour: int
    minute: int
    second: int
    weekday: int
    """0 is Sunday."""


@dataclass(frozen=True, slots=True)
class GoTime:
    """An instant: Unix seconds, the nanoseconds within that second, and the zone to show it in."""

    seconds: int
    nanoseconds: int = 0
    zone: Zone = UTC_ZONE

    def civil(self) -> Civil:
        """The wall clock of this instant in its zone."""
        local = self.seconds + self.zone.at(self.seconds)[0]
        days, rest = divmod(local, 86_400)
        year, month, day = civil_from_days(days)
        return Civil(year, month, day, rest // 3600, rest % 3600 // 60, rest % 60, (days + 4) % 7)

    def add_nanoseconds(self, amount: int) -> GoTime:
        """The instant `amount` nanoseconds later."""
        carry, nanoseconds = divmod(self.nanoseconds + amount, 1_000_000_000)
        return GoTime(self.seconds + carry, nanoseconds, self.zone)

    def since(self, other: GoTime) -> int:
        """Nanoseconds from `other` to this instant."""
        return (self.seconds - other.seconds) * 1_000_000_000 + self.nanoseconds - other.nanoseconds

    def in_zone(self, zone: Zone) -> GoTime:
        """The same instant, shown elsewhere."""
        return GoTime(self.seconds, self.nanoseconds, zone)

    def rfc3339(self) -> str:
        """As `Format(time.RFC3339)`."""
        return format_time(self, RFC3339)


def date(
    year: int, month: int, day: int, hour: int, minute: int, second: int, zone: Zone
) -> GoTime:
    """As Go's `time.Date`: values may overflow;

    a wall time that does not exist is moved as Go moves it.
    """
    local = days_from_civil(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second
    offset = zone.at(local)[0]
    if offset:
        # The first guess took local time for UTC; the second lookup corrects it near a transition.
        offset = zone.at(local - offset)[0]
    return GoTime(local - offset, 0, zone)


def from_datetime(moment: datetime) -> GoTime:
    """A timezone-aware `datetime` as an instant in UTC."""
    delta = moment.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return GoTime(delta.days * 86_400 + delta.seconds, delta.microseconds * 1000)


def _digits(value: int, width: int) -> str:
    return f"-{-value:0{width}d}" if value < 0 else f"{value:0{width}d}"


def _fraction(nanoseconds: int, chunk: Chunk) -> str:
    digits = f"{nanoseconds:09d}"[: len(chunk.text) - 1].ljust(len(chunk.text) - 1, "0")
    if chunk.field is Field.FRACTION_NINE:
        digits = digits.rstrip("0")
        if not digits:
            return ""
    return chunk.text[0] + digits


def _offset(offset: int, spelling: str) -> str:
    if spelling[0] == "Z" and offset == 0:
        return "Z"
    sign = "-" if offset <= -60 else "+"  # Go looks at whole minutes for the sign
    minutes, rest = divmod(abs(offset), 60)
    colon = ":" if ":" in spelling else ""
    text = f"{sign}{minutes // 60:02d}"
    if len(spelling) > 3:
        text += f"{colon}{minutes % 60:02d}"
    if len(spelling) > 6 and spelling not in ("-07:00", "Z07:00"):
        text += f"{colon}{rest:02d}"
    return text


def format_time(moment: GoTime, layout: str) -> str:
    """As Go's `Time.Format`."""
    civil = moment.civil()
    offset, name = moment.zone.at(moment.seconds)
    parts: list[str] = []
    for chunk in chunks(layout):
        parts.append(chunk.literal)
        parts.append(_field(moment, civil, offset, name, chunk))
    return "".join(parts)


def _field(moment: GoTime, civil: Civil, offset: int, name: str, chunk: Chunk) -> str:
    match chunk.field:
        case Field.END:
            return ""
        case Field.YEAR:
            return _digits(max(civil.year, 0) % 100, 2)
        case Field.LONG_YEAR:
            return _digits(civil.year, 4)
        case Field.LONG_MONTH:
            return MONTHS[civil.month - 1]
        case Field.MONTH:
            return MONTHS[civil.month - 1][:3]
        case Field.NUM_MONTH:
            return str(civil.month)
        case Field.ZERO_MONTH:
            return f"{civil.month:02d}"
        case Field.LONG_WEEKDAY:
            return WEEKDAYS[civil.weekday]
        case Field.WEEKDAY:
            return WEEKDAYS[civil.weekday][:3]
        case Field.DAY:
            return str(civil.day)
        case Field.UNDER_DAY:
            return f"{civil.day:2d}"
        case Field.ZERO_DAY:
            return f"{civil.day:02d}"
        case Field.UNDER_YEAR_DAY | Field.ZERO_YEAR_DAY:
            first = days_from_civil(civil.year, 1, 1)
            day = days_from_civil(civil.year, civil.month, civil.day) - first + 1
            return f"{day:3d}" if chunk.field is Field.UNDER_YEAR_DAY else f"{day:03d}"
        case Field.HOUR:
            return f"{civil.hour:02d}"
        case Field.HOUR12:
            return str(civil.hour % 12 or 12)
        case Field.ZERO_HOUR12:
            return f"{civil.hour % 12 or 12:02d}"
        case Field.MINUTE:
            return str(civil.minute)
        case Field.ZERO_MINUTE:
            return f"{civil.minute:02d}"
        case Field.SECOND:
            return str(civil.second)
        case Field.ZERO_SECOND:
            return f"{civil.second:02d}"
        case Field.PM:
            return "PM" if civil.hour >= 12 else "AM"
        case Field.LOWER_PM:
            return "pm" if civil.hour >= 12 else "am"
        case Field.ZONE_NAME:
            return name or _offset(offset, "-0700")
        case Field.OFFSET:
            return _offset(offset, chunk.text)
        case Field.FRACTION_ZERO | Field.FRACTION_NINE:
            return _fraction(moment.nanoseconds, chunk)
