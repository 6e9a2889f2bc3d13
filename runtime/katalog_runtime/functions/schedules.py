"""Functions on cron expressions: their fields, their two shapes, their next moment.

Pure but for `nextCron`, which reads the context's clock.
"""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from katalog_runtime.expressions.values import SPACES
from katalog_runtime.functions import cron, go_text, go_time
from katalog_runtime.functions.declaration import CallContext, Function, FunctionError
from katalog_runtime.functions.go_time_parse import parse_rfc3339
from katalog_runtime.functions.json_values import text_of
from katalog_runtime.functions.signature import ANY_TYPE, declare

_declare = partial(declare, group="cron")

KEYS: Final = ("minute", "hour", "dayOfMonth", "month", "dayOfWeek")
_EVERY_MINUTE: Final = "* * * * *"
_MACROS: Final = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_DAY_SECONDS: Final = 86_400
_WEEK_SECONDS: Final = 7 * _DAY_SECONDS
"""No zone has changed its clocks twice within a week."""
NEVER: Final = "0001-01-01T00:00:00Z"
"""What stands for a moment that does not come: Go's zero time."""


def expand(text: str) -> str:
    """Five fields for `@daily` and its like, in any case; other texts as they are."""
    return _MACROS.get(text.strip(SPACES).lower(), text)


def field(text: str, index: int) -> str:
    """One of the five fields; `*` of an empty text.

    Raises:
        FunctionError: not five fields, or no such field.
    """
    if not text.strip(SPACES):
        return "*"
    if not 0 <= index <= 4:
        raise FunctionError(f"position {index} out of range [0-4]")
    fields = go_text.fields(expand(text))
    if len(fields) != 5:
        raise FunctionError(f'expected 5 fields in "{text}", got {len(fields)}')
    return fields[index]


def _valid(text: str) -> bool:
    expanded = expand(text)
    if len(go_text.fields(expanded)) != 5:
        return False
    try:
        cron.parse(expanded.strip(SPACES))
    except cron.CronError:
        return False
    return True


def _expression(*fields: str) -> str:
    return " ".join(each if each.strip(SPACES) else "*" for each in fields)


def _from_map(schedule: dict[str, Any]) -> str:
    return _expression(*(text_of(schedule.get(key, "*")) for key in KEYS))


def normalize(text: str) -> str:
    """Five fields with single spaces; every minute where the text has not five."""
    fields = go_text.fields(expand(text))
    return " ".join(fields) if len(fields) == 5 else _EVERY_MINUTE


def _from_any(value: Any) -> str:
    match value:
        case dict():
            return _from_map(value)
        case str():
            return normalize(value)
        case _:
            return _EVERY_MINUTE


def _to_map(value: Any) -> dict[str, Any]:
    if isinstance(value, dict):
        return value
    fields = normalize(value if isinstance(value, str) else "").split()
    return dict(zip(KEYS, fields, strict=True))


def _describe(text: str) -> str:
    expression = normalize(text)
    minute, hour, day, month, weekday = expression.split()
    rest = (day, month, weekday)
    if minute.startswith("*/") and hour == "*" and rest == ("*", "*", "*"):
        return f"Every {minute.removeprefix('*/')} minutes"
    if minute == "0" and hour == "*" and rest == ("*", "*", "*"):
        return "Every hour"
    if rest == ("*", "*", "*") and minute != "*" and hour != "*":
        return f"At {hour}:{minute} every day"
    if day == month == "*" and weekday != "*":
        return f"At {hour}:{minute} on day-of-week {weekday}"
    if day != "*" and month == weekday == "*":
        return f"At {hour}:{minute} on day {day} of every month"
    return f"Cron: {expression}"


def _next_after(expression: str, timestamp: str) -> str:
    schedule = cron.parse(expression)
    found = schedule.next(parse_rfc3339(timestamp))
    return NEVER if found is None else found.rfc3339()


def _next(context: CallContext, expression: str) -> str:
    try:
        schedule = cron.parse(expression)
    except cron.CronError:
        return ""
    now = go_time.from_datetime(context.now())
    found = schedule.next(now)
    if found is None:
        context.stands_open()  # The years that are searched move on.
        return NEVER
    if schedule.every_seconds:
        context.stands_open()  # `@every 1h` is an hour from now, whenever that is.
        return found.rfc3339()
    context.stands_until(found.seconds)
    if schedule.zone is not None and _has_clock_change(schedule.zone, now.seconds, found.seconds):
        # Around a clock change the search's answer depends on where in the day it begins.
        context.stands_open()
    return found.rfc3339()


def _has_clock_change(zone: go_time.Zone, start: int, end: int) -> bool:
    """Whether the zone's offset moves between the two (Unix seconds), or a day around them."""
    first, last = start - _DAY_SECONDS, end + _DAY_SECONDS
    offset = zone.at(first)[0]
    return any(
        zone.at(second)[0] != offset for second in (*range(first, last, _WEEK_SECONDS), last)
    )


def _named(name: str, index: int, word: str, example: str, output: str) -> Function:
    return _declare(
        f"{name} schedule:string? -> string",
        f"The {word} field of a cron expression; `*` of an empty one.",
        lambda text: field(text, index),
        (f'{{{{ {name} "{example}" }}}}', output),
        on_nil='"*"',
    )


_MAP_EXAMPLE: Final = {"spec": {"schedule": {"minute": "*/5", "hour": 0, "dayOfWeek": "1"}}}

FUNCTIONS: Final[tuple[Function, ...]] = (
    _named("cronMinute", 0, "minute", "*/5 2 * * 1", "*/5"),
    _named("cronHour", 1, "hour", "@daily", "0"),
    _named("cronDom", 2, "day-of-month", "0 0 15 * *", "15"),
    _named("cronMonth", 3, "month", "0 0 1 6 *", "6"),
    _named("cronDow", 4, "day-of-week", "0 0 * * 1", "1"),
    _declare(
        "cronField schedule:string? index:int? -> string",
        "The field at the index, 0 (minute) to 4 (day of week); `*` of an empty expression.",
        field,
        ('{{ cronField "0 3 * * 1" 1 }}', "3"),
        on_nil='"*"',
    ),
    _declare(
        "cronExpr minute:string? hour:string? dayOfMonth:string? month:string? "
        "dayOfWeek:string? -> string",
        "An expression of its five fields; empty ones become `*`.",
        _expression,
        ('{{ cronExpr "0" "3" "" "" "1" }}', "0 3 * * 1"),
        on_nil='"* a a a a"',
    ),
    _declare(
        "cronValid schedule:string? -> bool",
        "Whether the text is a macro or five valid fields.",
        _valid,
        ('{{ cronValid "0 3 * * MON" }} {{ cronValid "61 * * * *" }}', "true false"),
        on_nil='"false"',
    ),
    _declare(
        "cronFromMap schedule:map -> string",
        "The expression of a map of fields; missing ones become `*`.",
        _from_map,
        ("{{ cronFromMap .spec.schedule }}", "*/5 0 * * 1", _MAP_EXAMPLE),
    ),
    _declare(
        "cronFromAny schedule:any -> string",
        "The expression of a map or a text; every minute for everything else.",
        _from_any,
        ("{{ cronFromAny .spec.schedule }}", "*/5 0 * * 1", _MAP_EXAMPLE),
        ('{{ cronFromAny "@hourly" }}', "0 * * * *"),
        on_nil='"* * * * *"',
        on_wrong_type=ANY_TYPE,
    ),
    _declare(
        "cronToMap schedule:any -> map",
        "The map: minute, hour, dayOfMonth, month, dayOfWeek; a map stays as it is.",
        _to_map,
        ('{{ (cronToMap "0 3 * * 1").hour }}', "3"),
        on_nil='"map[dayOfMonth:* dayOfWeek:* hour:* minute:* month:*]"',
        on_wrong_type=ANY_TYPE,
    ),
    _declare(
        "cronNormalize schedule:string? -> string",
        "Macros expanded, single spaces; every minute where there are not five fields.",
        normalize,
        ('{{ cronNormalize " @daily " }}', "0 0 * * *"),
        on_nil='"* * * * *"',
    ),
    _declare(
        "cronDescribe schedule:string? -> string",
        "The expression in words.",
        _describe,
        ('{{ cronDescribe "*/5 * * * *" }}', "Every 5 minutes"),
        on_nil='"Cron: * * * * *"',
    ),
    _declare(
        "cronNextAfter schedule:string timestamp:string -> string",
        "The next moment after an RFC 3339 timestamp; the year 1 where five years hold none.",
        _next_after,
        ('{{ cronNextAfter "0 3 * * 1" "2026-03-22T08:15:30Z" }}', "2026-03-23T03:00:00Z"),
    ),
    _declare(
        "nextCron schedule:string? -> string",
        'The schedule\'s next moment, RFC 3339 in UTC; "" where the schedule is not valid.',
        _next,
        ('{{ nextCron "0 9 * * *" }}', "2026-01-01T09:00:00Z"),
        on_nil='""',
        purity="clock",
    ),
)
