"""Cron schedules as robfig/cron v3 reads standard specs: text in, a schedule out that knows its
next moment.

Five fields, descriptors (`@daily`, `@every 1h30m`), `TZ=` and `CRON_TZ=`, and its rules for
daylight saving: a local time that does not exist is skipped. No clock: the moment to start from is
an argument. Zones come from the system's database.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from katalog_runtime.expressions.values import SPACES
from katalog_runtime.functions import go_duration, go_text
from katalog_runtime.functions.declaration import FunctionError
from katalog_runtime.functions.go_time import UTC_ZONE, Civil, GoTime, Zone, date

_STAR: Final = 1 << 63
_YEARS_AHEAD: Final = 5
_MONTHS: Final = {
    name: number
    for number, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
        start=1,
    )
}
_DAYS: Final = {
    name: number for number, name in enumerate(["sun", "mon", "tue", "wed", "thu", "fri", "sat"])
}
_BOUNDS: Final[tuple[tuple[int, int, dict[str, int]], ...]] = (
    (0, 59, {}),
    (0, 23, {}),
    (1, 31, {}),
    (1, 12, _MONTHS),
    (0, 6, _DAYS),
)
_DESCRIPTORS: Final = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}


class CronError(FunctionError, ValueError):
    """The text is not a schedule; the message is the library's."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """When something happens: bit masks of the five fields, or a constant delay."""

    minute: int = 0
    hour: int = 0
    day_of_month: int = 0
    month: int = 0
    day_of_week: int = 0
    zone: Zone | None = None
    """None: the zone of the moment to start from."""
    every_seconds: int = 0
    """For `@every`; otherwise 0."""

    def next(self, after: GoTime) -> GoTime | None:
        """The first moment after `after`, in the zone of `after`;

        None where five years hold none.
        """
        if self.every_seconds:
            return GoTime(after.seconds + self.every_seconds, 0, after.zone)
        if not (self.minute and self.hour and self.month):
            return None  # a field without any value never matches
        found = self._search(after.in_zone(self.zone) if self.zone else after)
        return None if found is None else found.in_zone(after.zone)

    def _search(self, after: GoTime) -> GoTime | None:
        """Align month, day, hour, minute, second in this order;

        a carry begins again at the month.
        """
        moment = GoTime(after.seconds + 1, 0, after.zone)
        limit = moment.civil().year + _YEARS_AHEAD
        steps = (self._align_month, self._align_day, self._align_hour, self._align_minute)
        moved = False
        while moment.civil().year <= limit:
            for align in steps:
                moment, moved, carried = align(moment, moved)
                if carried:
                    break
            else:
                second = moment.seconds % 60
                if second == 0:
                    return moment
                moment = GoTime(moment.seconds - second + 60, 0, moment.zone)
                moved = True
        return None

    def _align_month(self, moment: GoTime, moved: bool) -> tuple[GoTime, bool, bool]:
        civil = moment.civil()
        while not self.month >> civil.month & 1:
            if not moved:
                moment, moved = date(civil.year, civil.month, 1, 0, 0, 0, moment.zone), True
            moment = _add_months(moment, 1)
            civil = moment.civil()
            if civil.month == 1:
                return moment, moved, True
        return moment, moved, False

    def _align_day(self, moment: GoTime, moved: bool) -> tuple[GoTime, bool, bool]:
        civil = moment.civil()
        while not self._day_matches(civil):
            if not moved:
                midnight = date(civil.year, civil.month, civil.day, 0, 0, 0, moment.zone)
                moment, moved = midnight, True
            moment = _next_midnight(moment)
            civil = moment.civil()
            if civil.day == 1:
                return moment, moved, True
        return moment, moved, False

    def _align_hour(self, moment: GoTime, moved: bool) -> tuple[GoTime, bool, bool]:
        civil = moment.civil()
        while not self.hour >> civil.hour & 1:
            if not moved:
                start = date(civil.year, civil.month, civil.day, civil.hour, 0, 0, moment.zone)
                moment, moved = start, True
            moment = GoTime(moment.seconds + 3600, 0, moment.zone)
            civil = moment.civil()
            if civil.hour == 0:
                return moment, moved, True
        return moment, moved, False

    def _align_minute(self, moment: GoTime, moved: bool) -> tuple[GoTime, bool, bool]:
        minute = moment.civil().minute
        while not self.minute >> minute & 1:
            if not moved:
                moment, moved = GoTime(moment.seconds - moment.seconds % 60, 0, moment.zone), True
            moment = GoTime(moment.seconds + 60, 0, moment.zone)
            minute = moment.civil().minute
            if minute == 0:
                return moment, moved, True
        return moment, moved, False

    def _day_matches(self, civil: Civil) -> bool:
        in_month = bool(self.day_of_month >> civil.day & 1)
        in_week = bool(self.day_of_week >> civil.weekday & 1)
        if (self.day_of_month | self.day_of_week) & _STAR:
            return in_month and in_week
        return in_month or in_week  # both restricted: either will do, as in every cron


def _add_months(moment: GoTime, months: int) -> GoTime:
    civil = moment.civil()
    return date(
        civil.year, civil.month + months, civil.day, civil.hour, civil.minute, civil.second,
        moment.zone,
    )  # fmt: skip


def _next_midnight(moment: GoTime) -> GoTime:
    """The next day; where its midnight does not exist, the library takes the nearest whole day."""
    civil = moment.civil()
    following = date(
        civil.year, civil.month, civil.day + 1, civil.hour, civil.minute, civil.second, moment.zone
    )
    hour = following.civil().hour
    if hour == 0:
        return following
    shift = 24 - hour if hour > 12 else -hour
    return GoTime(following.seconds + shift * 3600, 0, moment.zone)


@lru_cache(maxsize=256)
def parse(spec: str) -> Schedule:
    """As `cron.ParseStandard`.

    Raises:
        CronError: with the library's text.
    """
    if not spec:
        raise CronError("empty spec string")
    zone: Zone | None = None
    if spec.startswith(("TZ=", "CRON_TZ=")):
        head, space, tail = spec.partition(" ")
        name = head.partition("=")[2]
        if not space:
            raise CronError(f"no schedule after the time zone: {spec}")
        # `Local` is, as without a zone, that of the moment to start from.
        zone = None if name == "Local" else load_zone(name)
        spec = tail.strip(SPACES)
    if spec.startswith("@"):
        return _descriptor(spec, zone)
    return _fields(spec, zone)


def _fields(spec: str, zone: Zone | None) -> Schedule:
    fields = go_text.fields(spec)
    if len(fields) != 5:
        raise CronError(f"expected exactly 5 fields, found {len(fields)}: [{' '.join(fields)}]")
    minute, hour, day_of_month, month, day_of_week = (
        _field(field, low, high, names)
        for field, (low, high, names) in zip(fields, _BOUNDS, strict=True)
    )
    return Schedule(minute, hour, day_of_month, month, day_of_week, zone)


def _descriptor(text: str, zone: Zone | None) -> Schedule:
    if text in _DESCRIPTORS:
        return _fields(_DESCRIPTORS[text], zone)
    if text.startswith("@every "):
        try:
            delay = go_duration.parse(text.removeprefix("@every "))
        except go_duration.DurationError as error:
            raise CronError(f"failed to parse duration {text}: {error}") from error
        return Schedule(every_seconds=max(delay, go_duration.SECOND) // go_duration.SECOND)
    raise CronError(f"unrecognized descriptor: {text}")


def _field(text: str, low: int, high: int, names: dict[str, int]) -> int:
    mask = 0
    for part in text.split(","):
        if part:  # empty members of a list are dropped
            mask |= _range(part, low, high, names)
    return mask


def _range(text: str, low: int, high: int, names: dict[str, int]) -> int:
    bounds, *steps = text.split("/")
    ends = bounds.split("-")
    star = 0
    if ends[0] in ("*", "?"):
        start, end, star = low, high, _STAR
    else:
        if len(ends) > 2:
            raise CronError(f"too many hyphens: {text}")
        start = _number(ends[0], names)
        end = _number(ends[1], names) if len(ends) == 2 else start
    step = 1
    if steps:
        if len(steps) > 1:
            raise CronError(f"too many slashes: {text}")
        step = _number(steps[0], {})
        if len(ends) == 1:
            end = high  # `N/step` means `N-max/step`
        if step > 1:
            star = 0
    if start < low:
        raise CronError(f"beginning of range ({start}) below minimum ({low}): {text}")
    if end > high:
        raise CronError(f"end of range ({end}) above maximum ({high}): {text}")
    if start > end:
        raise CronError(f"beginning of range ({start}) beyond end of range ({end}): {text}")
    if step == 0:
        raise CronError(f"step of range should be a positive number: {text}")
    return sum(1 << value for value in range(start, end + 1, step)) | star


def _number(text: str, names: dict[str, int]) -> int:
    named = names.get(text.lower())
    if named is not None:
        return named
    digits = text[1:] if text[:1] in ("+", "-") else text
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 18:
        raise CronError(
            f'failed to parse int from {text}: strconv.Atoi: parsing "{text}": invalid syntax'
        )
    number = int(text)
    if number < 0:
        raise CronError(f"negative number ({number}) not allowed: {text}")
    return number


@lru_cache(maxsize=64)
def load_zone(name: str) -> Zone:
    """A zone of the IANA database, as `time.LoadLocation`.

    Raises:
        CronError: no such zone.
    """
    if name in ("", "UTC", "Local"):
        return UTC_ZONE
    try:
        zone = ZoneInfo(name)
    except (LookupError, ValueError, OSError) as error:
        raise CronError(f"provided bad location {name}: unknown time zone {name}") from error
    first = datetime(1970, 1, 1, tzinfo=UTC)

    def at(second: int) -> tuple[int, str]:
        # The database says nothing beyond these years; the rules of the last one hold.
        clamped = min(max(second, -62_000_000_000), 253_300_000_000)
        moment = (first + timedelta(seconds=clamped)).astimezone(zone)
        offset = moment.utcoffset() or timedelta()
        return int(offset.total_seconds()), moment.tzname() or ""

    return Zone(name, at)
