"""Names for dates and chance that users of Go templates know from Sprig. Clock and chance come from
the context.

A moment is an RFC 3339 text here, because values are JSON; the zone is UTC where Sprig takes the
machine's own.
"""

from __future__ import annotations

import string
from functools import partial
from typing import Any, Final

from katalog_runtime.functions import cron, go_duration, go_time, go_time_parse
from katalog_runtime.functions.declaration import CallContext, Function, FunctionError
from katalog_runtime.functions.familiar_numbers import to_int
from katalog_runtime.functions.go_time import GoTime
from katalog_runtime.functions.json_values import bounded_text
from katalog_runtime.functions.signature import ANY_TYPE, declare, kind_of
from katalog_runtime.functions.times import parse_timestamp

_declare = partial(declare, group="time", on_wrong_type=ANY_TYPE)
_random = partial(declare, group="random", purity="random")
_LIMIT: Final = 1 << 40
_SPANS: Final = (
    ("y", 365 * go_duration.DAY), ("mo", 30 * go_duration.DAY), ("d", go_duration.DAY),
    ("h", go_duration.HOUR), ("m", go_duration.MINUTE), ("s", go_duration.SECOND),
)  # fmt: skip


def moment_of(value: Any) -> GoTime:
    """A timestamp, a date, or Unix seconds, in UTC.

    Raises:
        FunctionError: none of them.
    """
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < _LIMIT:
        return GoTime(value)
    found = parse_timestamp(value) if isinstance(value, str) else None
    if found is None:
        raise FunctionError(f"expected a timestamp or Unix seconds; got {kind_of(value)}")
    return found.in_zone(go_time.UTC_ZONE)


def _date_in_zone(layout: str, value: Any, zone: str) -> str:
    return go_time.format_time(moment_of(value).in_zone(cron.load_zone(zone)), layout)


def _date(layout: str, value: Any) -> str:
    return go_time.format_time(moment_of(value), layout)


def _modify(duration: str, value: Any) -> str:
    return moment_of(value).add_nanoseconds(go_duration.parse(duration)).rfc3339()


def _to_date(layout: str, text: str) -> str:
    return go_time_parse.parse(layout, text).rfc3339()


def _duration(value: Any) -> str:
    seconds = to_int(value)
    if abs(seconds) > (1 << 63) // go_duration.SECOND:
        raise FunctionError("the duration is longer than 292 years")
    return go_duration.print_duration(seconds * go_duration.SECOND)


def _duration_round(value: Any) -> str:
    """The largest whole unit of a duration;

    a timestamp is not one here, because that would need a clock.
    """
    length = go_duration.parse(value) if isinstance(value, str) else to_int(value)
    for unit, size in _SPANS:
        if abs(length) > size:
            return f"{abs(length) // size}{unit}"
    return "0s"


def _now(context: CallContext) -> str:
    context.stands_open()
    return go_time.from_datetime(context.now()).rfc3339()


def _ago(context: CallContext, value: Any) -> str:
    context.stands_open()
    past = go_time.from_datetime(context.now()).since(moment_of(value))
    half = go_duration.SECOND // 2
    return go_duration.print_duration((past + half) // go_duration.SECOND * go_duration.SECOND)


def _characters(alphabet: str) -> Any:
    def drawn(context: CallContext, count: int) -> str:
        bounded_text(count)
        return "".join(context.chance.choice(alphabet) for _ in range(count))

    return drawn


def _shuffle(context: CallContext, text: str) -> str:
    characters = list(text)
    context.chance.shuffle(characters)
    return "".join(characters)


def _random_int(context: CallContext, low: int, high: int) -> int:
    if high <= low:
        raise FunctionError(f"no integer from {low} up to, but without, {high}")
    return context.chance.randrange(low, high)


_STAMP: Final = {"status": {"at": "2025-12-31T10:30:00Z"}}
_PRINTABLE: Final = "".join(map(chr, range(32, 127)))

FUNCTIONS: Final[tuple[Function, ...]] = (
    _declare(
        "now -> string",
        "This moment, RFC 3339 in UTC.",
        _now,
        ("{{ now }}", "2026-01-01T00:00:00Z"),
        ('{{ now | date "2006" }}', "2026"),
        on_nil="takes no argument",
        on_wrong_type="takes no argument",
        purity="clock",
    ),
    _declare(
        "date layout:string moment:any -> string",
        "A timestamp or Unix seconds in Go's layout, in UTC.",
        _date,
        ('{{ date "2 Jan 2006 15:04" .status.at }}', "31 Dec 2025 10:30", _STAMP),
        on_nil="error",
        on_wrong_type="error",
    ),
    _declare(
        "dateInZone layout:string moment:any zone:string -> string",
        "A timestamp or Unix seconds in Go's layout, in a zone such as `Europe/Berlin`.",
        _date_in_zone,
        ('{{ dateInZone "15:04 MST" .status.at "Europe/Berlin" }}', "11:30 CET", _STAMP),
        on_nil="error",
        on_wrong_type="error",
    ),
    _declare(
        "htmlDate moment:any -> string",
        "The date of a timestamp, `2006-01-02`.",
        lambda value: _date("2006-01-02", value),
        ("{{ htmlDate .status.at }}", "2025-12-31", _STAMP),
        on_nil="error",
    ),
    _declare(
        "dateModify duration:string moment:any -> string",
        "The timestamp moved by a Go duration.",
        _modify,
        ('{{ dateModify "-30m" .status.at }}', "2025-12-31T10:00:00Z", _STAMP),
        on_nil="error",
        on_wrong_type="error",
    ),
    _declare(
        "toDate layout:string text:string -> string",
        "The timestamp that a text in Go's layout means.",
        _to_date,
        ('{{ toDate "02.01.2006" "31.12.2025" }}', "2025-12-31T00:00:00Z"),
        on_nil="error",
        on_wrong_type="error",
    ),
    _declare(
        "unixEpoch moment:any -> string",
        "The Unix seconds of a timestamp.",
        lambda value: str(moment_of(value).seconds),
        ("{{ unixEpoch .status.at }}", "1767177000", _STAMP),
        on_nil="error",
    ),
    _declare(
        "ago moment:any -> string",
        "How long ago a timestamp was, as a duration.",
        _ago,
        ("{{ ago .status.at }}", "13h30m0s", _STAMP),
        on_nil="error",
        purity="clock",
    ),
    _declare(
        "duration seconds:any -> string",
        "A number of seconds as a duration.",
        _duration,
        ("{{ duration 95 }}", "1m35s"),
        on_nil='"0s"',
    ),
    _declare(
        "durationRound duration:any -> string",
        "The largest unit of a duration: `2h10m5s` is `2h`.",
        _duration_round,
        ('{{ durationRound "2h10m5s" }}', "2h"),
        on_nil='"0s"',
    ),
    _random(
        "randAlphaNum length:int? -> string",
        "That many random letters and digits; use it with `once: true`.",
        _characters(string.ascii_letters + string.digits),
        ("{{ len (randAlphaNum 5) }}", "5"),
        on_nil='""',
    ),
    _random(
        "randAlpha length:int? -> string",
        "That many random letters; use it with `once: true`.",
        _characters(string.ascii_letters),
        ("{{ len (randAlpha 5) }}", "5"),
        on_nil='""',
    ),
    _random(
        "randNumeric length:int? -> string",
        "That many random digits; use it with `once: true`.",
        _characters(string.digits),
        ("{{ len (randNumeric 5) }}", "5"),
        on_nil='""',
    ),
    _random(
        "randAscii length:int? -> string",
        "That many random printable characters; use it with `once: true`.",
        _characters(_PRINTABLE),
        ("{{ len (randAscii 5) }}", "5"),
        on_nil='""',
    ),
    _random(
        "randInt low:int high:int -> int",
        "A random integer from `low` up to, but without, `high`; use it with `once: true`.",
        _random_int,
        ("{{ randInt 7 8 }}", "7"),
    ),
    _random(
        "shuffle text:string? -> string",
        "The characters of the text in random order; use it with `once: true`.",
        _shuffle,
        ('{{ len (shuffle "hello") }}', "5"),
        on_nil='""',
    ),
)
