"""Times: Go's layouts written and read, its lenience with RFC 3339, its errors."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from katalog_runtime.functions import go_time, go_time_parse
from katalog_runtime.functions.go_time import GoTime, fixed_zone, format_time
from katalog_runtime.functions.go_time_parse import TimeError, parse, parse_rfc3339

MOMENT = parse_rfc3339("2026-03-02T08:05:03.120Z")


@pytest.mark.parametrize(
    ("layout", "text"),
    [
        ("2006-01-02T15:04:05.999999999Z07:00", "2026-03-02T08:05:03.12Z"),
        ("Monday, 2 January 2006", "Monday, 2 March 2026"),
        ("Mon Jan _2 3:04PM 06", "Mon Mar  2 8:05AM 26"),
        ("002 __2 .000 ,00", "061  61 .120 ,12"),
        ("Janet Month", "Janet Month"),
        ("_2006", "_2026"),
        ("Z07 -07:00:00 MST", "Z +00:00:00 UTC"),
        ("2006.01.02", "2026.03.02"),
    ],
)
def test_a_layout_is_written_as_go_writes_it(layout: str, text: str) -> None:
    assert format_time(MOMENT, layout) == text


def test_a_zone_without_name_prints_its_offset() -> None:
    there = MOMENT.in_zone(fixed_zone(-5 * 3600 - 1800))
    assert format_time(there, "15:04 MST Z0700 -07") == "02:35 -0530 -0530 -05"


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("2026-03-22T8:15:30Z", "2026-03-22T08:15:30Z"),
        ("2026-03-22T08:15:30,5Z", "2026-03-22T08:15:30Z"),
        ("0000-01-01T00:00:00Z", "0000-01-01T00:00:00Z"),
        ("2026-03-22T08:15:30+24:00", "2026-03-22T08:15:30+24:00"),
        ("2026-03-22T08:15:30-00:00", "2026-03-22T08:15:30Z"),
        ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"),
    ],
)
def test_rfc_3339_is_read_as_laxly_as_go_does(text: str, same: str) -> None:
    assert parse_rfc3339(text).rfc3339() == same


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("2026-02-29T00:00:00Z", "day out of range"),
        ("2026-13-01T00:00:00Z", "month out of range"),
        ("2026-01-01T24:00:00Z", "hour out of range"),
        ("2026-01-01T00:00:60Z", "second out of range"),
        ("2026-01-01T00:00:00+25:00", "time zone offset hour out of range"),
        ("2026-01-01t00:00:00Z", 'cannot parse "t00:00:00Z" as "T"'),
        ("2026-01-01T00:00:00", 'cannot parse "" as "Z07:00"'),
        ("2026-01-01T00:00:00z", 'cannot parse "z" as "Z07:00"'),
        ("2026-01-01T00:00:00Zx", 'extra text: "x"'),
        ("2026-01-01T00:00:00.Z", 'cannot parse ".Z" as "Z07:00"'),
    ],
)
def test_what_is_no_timestamp_is_refused_with_go_s_words(text: str, message: str) -> None:
    with pytest.raises(TimeError) as caught:
        parse_rfc3339(text)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("layout", "text", "moment"),
    [
        ("Jan 2, 2006 at 3:04pm (MST)", "Feb 3, 2013 at 7:54pm (PST)", "2013-02-03T19:54:00Z"),
        ("2006-Jan-02", "2013-Feb-03", "2013-02-03T00:00:00Z"),
        ("02 Jan 06 15:04 -0700", "02 Jan 69 15:04 +0200", "1969-01-02T15:04:00+02:00"),
        ("2006 002", "2024 060", "2024-02-29T00:00:00Z"),
        ("3:04PM", "12:30AM", "0000-01-01T00:30:00Z"),
        ("Monday, January 2 2006", "monday, MARCH 2 2026", "2026-03-02T00:00:00Z"),
        ("2006-01-02 15:04:05", "2026-03-02 08:05:03.25", "2026-03-02T08:05:03Z"),
        ("2 Jan 2006 MST", "2 Mar 2026 GMT+3", "2026-03-02T00:00:00+03:00"),
    ],
)
def test_any_layout_can_be_read(layout: str, text: str, moment: str) -> None:
    assert parse(layout, text).rfc3339() == moment


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.integers(-62_000_000_000, 253_000_000_000), st.integers(0, 999_999_999))
def test_what_is_written_is_read_again(seconds: int, nanoseconds: int) -> None:
    moment = GoTime(seconds, nanoseconds)
    text = format_time(moment, "2006-01-02T15:04:05.999999999Z07:00")
    read = parse_rfc3339(text)
    assert (read.seconds, read.nanoseconds) == (seconds, nanoseconds)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.text(alphabet="2006-1T15:4Z07.MonJa_ +UTC", max_size=20), st.text(max_size=20))
def test_any_layout_and_text_are_a_time_or_refused(layout: str, text: str) -> None:
    try:
        moment = parse(layout, text)
    except TimeError:
        return
    assert isinstance(go_time.format_time(moment, layout), str)


def test_the_calendar_runs_both_ways() -> None:
    for days in (-719_528, -1, 0, 59, 60, 2_932_896):
        assert go_time.days_from_civil(*go_time.civil_from_days(days)) == days
    assert go_time_parse.parse("2006-01-02", "1970-01-01").seconds == 0
