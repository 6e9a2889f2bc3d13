"""Functions on timestamps and durations.

What reads the clock takes it from the context, and reports how long its answer stands; the rest is
pure.
"""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from katalog_runtime.functions import go_duration, go_layout, go_time, go_time_parse
from katalog_runtime.functions.declaration import CallContext, Function
from katalog_runtime.functions.go_time import GoTime
from katalog_runtime.functions.json_values import text_of
from katalog_runtime.functions.signature import declare

_declare = partial(declare, group="time")
_clock = partial(_declare, purity="clock")
_DAY_SECONDS: Final = 86_400


def parse_timestamp(value: Any) -> GoTime | None:
    """An RFC 3339 timestamp, or a date alone; None for everything else."""
    text = text_of(value)
    for layout in (go_layout.RFC3339, "2006-01-02"):
        try:
            return go_time_parse.parse(layout, text)
        except go_time_parse.TimeError:
            continue
    return None


def _now(context: CallContext) -> GoTime:
    return go_time.from_datetime(context.now())


def _stands_until(context: CallContext, moment: GoTime) -> None:
    context.stands_until(moment.seconds, moment.nanoseconds)


def _ago(context: CallContext, timestamp: str) -> str:
    moment = parse_timestamp(timestamp)
    if moment is None:
        return ""
    past = _now(context).since(moment)
    if past < go_duration.MINUTE:
        # It counts seconds: nobody wants a write for each of them.
        context.stands_open()
        _stands_until(context, moment.add_nanoseconds(go_duration.MINUTE))
    for unit, size, limit in (
        ("s", go_duration.SECOND, go_duration.MINUTE),
        ("m", go_duration.MINUTE, go_duration.HOUR),
        ("h", go_duration.HOUR, go_duration.DAY),
    ):
        if past < limit:
            if past >= go_duration.MINUTE:
                _stands_until(context, moment.add_nanoseconds((past // size + 1) * size))
            return f"{int(past / size)}{unit} ago"
    days = past // go_duration.DAY
    _stands_until(context, moment.add_nanoseconds((days + 1) * go_duration.DAY))
    return f"{days}d ago"


def _since(context: CallContext, timestamp: str) -> int:
    moment = parse_timestamp(timestamp)
    if moment is None:
        return 0
    context.stands_open()
    past = _now(context).since(moment)
    rounded = (abs(past) + go_duration.SECOND // 2) // go_duration.SECOND
    return rounded if past >= 0 else -rounded


def _until(context: CallContext, timestamp: str) -> str:
    moment = parse_timestamp(timestamp)
    if moment is None:
        return "0s"
    left = moment.since(_now(context))
    if left < go_duration.SECOND:
        return "0s"
    context.stands_open()  # Until the last second it counts seconds.
    _stands_until(context, moment.add_nanoseconds(1 - go_duration.SECOND))
    return go_duration.print_duration(left - left % go_duration.SECOND)


def _is_expired(context: CallContext, timestamp: Any, duration: str) -> bool:
    moment = parse_timestamp(timestamp)
    if moment is None or not duration:
        return False
    try:
        allowed = go_duration.parse_extended(duration)
    except go_duration.DurationError:
        return False
    if _now(context).since(moment) > allowed:
        return True
    _stands_until(context, moment.add_nanoseconds(allowed + 1))
    return False


def _format(timestamp: str, layout: str) -> str:
    return go_time.format_time(go_time_parse.parse_rfc3339(timestamp), layout)


def _duration_add(left: str, right: str) -> str:
    try:
        total = go_duration.parse_extended(left) + go_duration.parse_extended(right)
    except go_duration.DurationError:
        return "0s"
    return go_duration.print_duration(total)


def _duration_valid(text: str) -> bool:
    try:
        go_duration.parse(text)
    except go_duration.DurationError:
        return False
    return True


def _weekday(context: CallContext) -> bool:
    now = _now(context)
    weekday = now.civil().weekday
    days = 6 - weekday if 1 <= weekday <= 5 else 1 if weekday == 0 else 2
    context.stands_until((now.seconds // _DAY_SECONDS + days) * _DAY_SECONDS)
    return 1 <= weekday <= 5


def _weekend(context: CallContext) -> bool:
    return not _weekday(context)


def _in_window(context: CallContext, after: str, before: str) -> bool:
    minutes: list[int] = []
    for text in (after, before):
        try:
            civil = go_time_parse.parse("15:04", text).civil()
        except go_time_parse.TimeError:
            return False
        minutes.append(civil.hour * 60 + civil.minute)
    first, end = minutes
    if first >= end:
        return False  # It holds no minute: a window does not reach over midnight.
    midnight, second = divmod(_now(context).seconds, _DAY_SECONDS)
    is_inside = first * 60 <= second < end * 60
    boundary = (end if is_inside else first) * 60
    days = midnight if boundary > second else midnight + 1
    context.stands_until(days * _DAY_SECONDS + boundary)
    return is_inside


_STAMP: Final = {"status": {"at": "2025-12-31T00:00:00Z"}}

FUNCTIONS: Final[tuple[Function, ...]] = (
    _clock(
        "timeAgo timestamp:string? -> string",
        'How long ago the moment was, in one unit: `5m ago`; "" for what is no timestamp.',
        _ago,
        ("{{ timeAgo .status.at }}", "1d ago", _STAMP),
        on_nil='""',
    ),
    _clock(
        "timeSince timestamp:string? -> int",
        "Seconds since the moment; 0 for what is no timestamp.",
        _since,
        ("{{ timeSince .status.at }}", "86400", _STAMP),
        on_nil='"0"',
    ),
    _clock(
        "timeUntil timestamp:string? -> string",
        "How long until the moment, as a duration; `0s` where it is past or no timestamp.",
        _until,
        ('{{ timeUntil "2026-01-04T00:00:00Z" }}', "72h0m0s"),
        on_nil='"0s"',
    ),
    _clock(
        "isExpired timestamp:any duration:string? -> bool",
        "Whether the duration (also d, w, mo, y) has passed since the moment.",
        _is_expired,
        ('{{ isExpired .status.at "12h" }}', "true", _STAMP),
        on_nil='"false"',
    ),
    _declare(
        "timeFormat timestamp:string layout:string -> string",
        "An RFC 3339 timestamp in Go's layout, such as `Jan 2, 2006` or `15:04`.",
        _format,
        ('{{ timeFormat .status.at "2 Jan 2006" }}', "31 Dec 2025", _STAMP),
    ),
    _declare(
        "durationSeconds duration:string -> float",
        "Seconds of a Go duration such as `1h30m`.",
        lambda text: go_duration.seconds(go_duration.parse(text)),
        ('{{ durationSeconds "1h30m" }}', "5400"),
    ),
    _declare(
        "durationAdd left:string? right:string? -> string",
        "The sum of two durations (also d, w, mo, y); `0s` where one is none.",
        _duration_add,
        ('{{ durationAdd "1d" "12h" }}', "36h0m0s"),
        on_nil='"0s"',
    ),
    _declare(
        "durationValid duration:string -> bool",
        "Whether the text is a Go duration.",
        _duration_valid,
        ('{{ durationValid "1h30m" }} {{ durationValid "5 minutes" }}', "true false"),
    ),
    _clock(
        "timeInWindow after:string? before:string? -> bool",
        "Whether it is now, in UTC, `HH:MM` or later, and before the other `HH:MM`.",
        _in_window,
        ('{{ timeInWindow "00:00" "06:00" }}', "true"),
        on_nil='"false"',
    ),
    _clock(
        "timeNotInWindow after:string? before:string? -> bool",
        "The opposite of `timeInWindow`.",
        lambda context, after, before: not _in_window(context, after, before),
        ('{{ timeNotInWindow "00:00" "06:00" }}', "false"),
        on_nil='"true"',
    ),
    _clock(
        "weekday -> bool",
        "Whether today, in UTC, is Monday to Friday.",
        _weekday,
        ("{{ weekday }}", "true"),
        on_nil="takes no argument",
        on_wrong_type="takes no argument",
    ),
    _clock(
        "weekend -> bool",
        "Whether today, in UTC, is Saturday or Sunday.",
        _weekend,
        ("{{ weekend }}", "false"),
        on_nil="takes no argument",
        on_wrong_type="takes no argument",
    ),
)
