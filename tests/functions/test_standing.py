"""How long an answer stands: the same at every moment before the reported one, another one at it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from katalog_runtime.functions import TABLE
from katalog_runtime.functions.standing import Standing
from tests.functions.context import NOW, ask, call

TICK = timedelta(microseconds=1)
ALWAYS_OPEN = {"now", "ago", "timeSince"}
"""They count seconds: each resync asks them again."""
AT_TIMES_OPEN = {"timeAgo", "timeUntil", "nextCron"}
"""They count seconds for a while, or are asked for what has no next moment of its own."""
REPORTING = {
    *AT_TIMES_OPEN,
    "isExpired",
    "timeInWindow",
    "timeNotInWindow",
    "weekday",
    "weekend",
}

MOMENTS = st.integers(0, 3_000_000_000 * 10**6).map(
    lambda microseconds: datetime(2001, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
)
FRACTIONS = st.lists(st.floats(0, 1, exclude_max=True), min_size=8, max_size=8)
ZONES = st.sampled_from(["Z", "+02:00", "-09:30", "+05:45"])
CLOCK_TIMES = st.builds("{:02d}:{:02d}".format, st.integers(0, 23), st.integers(0, 59))


@st.composite
def stamps(draw: st.DrawFn, now: datetime) -> str:
    """A timestamp near the moment: seconds, hours or months from it, either way, in some zone."""
    reach = draw(st.sampled_from([2, 90, 4_000, 90_000, 10_000_000]))
    at = now + timedelta(seconds=draw(st.integers(-reach, reach)))
    fraction = draw(st.sampled_from(["", ".5", ".000001", ".123456789", f".{now.microsecond:06d}"]))
    return at.strftime("%Y-%m-%dT%H:%M:%S") + fraction + draw(ZONES)


@st.composite
def schedules(draw: st.DrawFn) -> str:
    minute = draw(st.sampled_from(["*", "0", "*/7", "5,59", "30-40"]))
    hour = draw(st.sampled_from(["*", "0", "9-17", "*/5", "23"]))
    day = draw(st.sampled_from(["*", "1", "*/9", "31"]))
    weekday = draw(st.sampled_from(["*", "MON-FRI", "0"]))
    zone = draw(st.sampled_from(["", "", "TZ=Europe/Berlin ", "TZ=Australia/Lord_Howe "]))
    return f"{zone}{minute} {hour} {day} * {weekday}"


def arguments_of(name: str, now: datetime) -> st.SearchStrategy[tuple[Any, ...]]:
    match name:
        case "timeAgo" | "timeUntil":
            return st.tuples(stamps(now) | st.just("nonsense"))
        case "isExpired":
            periods = st.sampled_from(["1s", "90m", "1d", "2mo", "-5m", "never", "1ns", "nonsense"])
            return st.tuples(stamps(now), periods)
        case "timeInWindow" | "timeNotInWindow":
            times = CLOCK_TIMES | st.sampled_from(["00:00", "24:00", ""])
            return st.tuples(times, times)
        case "nextCron":
            return st.tuples(schedules() | st.sampled_from(["@daily", "@every 1h", "0 0 30 2 *"]))
        case _:
            return st.just(())


def between(now: datetime, until: datetime, fractions: list[float]) -> list[datetime]:
    """Moments from `now` up to, but without, `until`; the last one among them."""
    sampled = (now + (until - now) * each for each in fractions)
    return [each for each in (*sampled, until - TICK) if now <= each < until]


def test_no_function_that_reads_the_clock_is_forgotten() -> None:
    reading = {name for name, each in TABLE.items() if each.purity == "clock"}
    assert reading == ALWAYS_OPEN | REPORTING


@pytest.mark.parametrize("name", sorted(ALWAYS_OPEN))
def test_what_counts_seconds_stays_open(name: str) -> None:
    arguments = ["2025-12-31T00:00:00Z"] * TABLE[name].least
    _, standing = ask(name, *arguments, now=NOW)
    assert standing.is_open
    assert standing.until is None


@pytest.mark.parametrize("name", sorted(REPORTING))
@settings(max_examples=120, deadline=None, derandomize=True)
@given(data=st.data(), now=MOMENTS, fractions=FRACTIONS)
def test_an_answer_is_the_same_until_the_reported_moment_and_another_at_it(
    name: str, data: st.DataObject, now: datetime, fractions: list[float]
) -> None:
    arguments = data.draw(arguments_of(name, now))
    answer, standing = ask(name, *arguments, now=now)
    until = standing.until
    if standing.is_open:
        assert name in AT_TIMES_OPEN
        assert until is None or until > now
        return
    horizon = until or now + timedelta(days=3_000)
    assert horizon > now
    for moment in between(now, horizon, fractions):
        assert call(name, *arguments, now=moment) == answer, moment
    if until is not None:
        assert call(name, *arguments, now=until) != answer


@pytest.mark.parametrize(
    ("name", "arguments", "until"),
    [
        ("isExpired", ("2025-12-31T00:00:00Z", "36h"), "2026-01-01T12:00:00.000001+00:00"),
        ("isExpired", ("2025-12-31T00:00:00Z", "12h"), None),
        ("isExpired", ("2025-12-31T00:00:00Z", "no period"), None),
        ("isExpired", ("9999-12-31T00:00:00Z", "1y"), None),
        ("timeInWindow", ("00:00", "06:00"), "2026-01-01T06:00:00+00:00"),
        ("timeInWindow", ("09:00", "18:00"), "2026-01-01T09:00:00+00:00"),
        ("timeNotInWindow", ("22:00", "06:00"), None),
        ("weekday", (), "2026-01-03T00:00:00+00:00"),
        ("weekend", (), "2026-01-03T00:00:00+00:00"),
        ("nextCron", ("0 9 * * *",), "2026-01-01T09:00:00+00:00"),
        ("nextCron", ("TZ=Europe/Berlin 0 9 * * *",), "2026-01-01T08:00:00+00:00"),
        ("nextCron", ("nonsense",), None),
        ("timeAgo", ("2025-12-31T23:58:30Z",), "2026-01-01T00:00:30+00:00"),
        ("timeAgo", ("2025-12-31T22:30:00Z",), "2026-01-01T00:30:00+00:00"),
        ("timeAgo", ("2025-12-29T06:00:00Z",), "2026-01-01T06:00:00+00:00"),
        ("timeUntil", ("2025-12-31T22:30:00Z",), None),
    ],
)
def test_the_moment_at_which_an_answer_changes(
    name: str, arguments: tuple[str, ...], until: str | None
) -> None:
    _, standing = ask(name, *arguments, now=NOW)
    assert (standing.until.isoformat() if standing.until else None, standing.is_open) == (
        until,
        False,
    )


@pytest.mark.parametrize(
    ("name", "stamp", "until"),
    [
        ("timeAgo", "2025-12-31T23:59:50Z", NOW + timedelta(seconds=50)),
        ("timeUntil", "2026-01-01T00:10:00Z", NOW + timedelta(seconds=599, microseconds=1)),
    ],
)
def test_what_counts_seconds_for_a_while_is_open_and_no_longer_than_that(
    name: str, stamp: str, until: datetime
) -> None:
    answer, standing = ask(name, stamp, now=NOW)
    assert (standing.is_open, standing.until) == (True, until)
    assert call(name, stamp, now=until) != answer


@given(
    before=st.integers(-200_000, 400_000),
    schedule=schedules(),
    change=st.sampled_from(
        [
            ("Asia/Beirut", 1_269_727_200),
            ("America/Havana", 1_268_542_800),
            ("Antarctica/Troll", 1_288_486_800),
            ("Australia/Lord_Howe", 1_270_306_800),
        ]
    ),
    fractions=FRACTIONS,
)
@settings(max_examples=150, deadline=None, derandomize=True)
def test_a_schedule_s_moment_is_certain_only_where_no_clocks_change(
    before: int, schedule: str, change: tuple[str, int], fractions: list[float]
) -> None:
    zone, moment_of_change = change
    now = datetime.fromtimestamp(moment_of_change - before, UTC)
    fields = schedule.split()[-5:]
    local = f"TZ={zone} {' '.join(fields)}"
    answer, standing = ask("nextCron", local, now=now)
    if standing.until is None or standing.is_open:
        return
    for moment in between(now, standing.until, fractions):
        assert call("nextCron", local, now=moment) == answer, moment


def test_a_clock_change_on_the_way_leaves_a_schedule_open() -> None:
    now = datetime(2026, 3, 28, tzinfo=UTC)
    _, standing = ask("nextCron", "TZ=Europe/Berlin 0 9 * * MON", now=now)
    assert standing.is_open
    assert standing.until == datetime(2026, 3, 30, 7, tzinfo=UTC)


def test_the_earliest_report_wins_and_an_open_answer_waits_for_the_resync() -> None:
    standing = Standing()
    assert standing.next_look(NOW, 15) is None
    standing.report(1_800_000_000)
    standing.report(1_700_000_000, 1)
    standing.report(1_900_000_000)
    assert standing.until == datetime.fromtimestamp(1_700_000_000, UTC) + TICK
    standing = Standing()
    standing.leave_open()
    assert standing.next_look(NOW, 15) == NOW + timedelta(seconds=15)
    assert standing.next_look(NOW, 0) is None
    standing.report(int(NOW.timestamp()) + 5)
    assert standing.next_look(NOW, 15) == NOW + timedelta(seconds=5)
