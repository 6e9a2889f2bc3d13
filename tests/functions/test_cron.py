"""Schedules: the next moment, also where the clock jumps; what the library refuses."""

from __future__ import annotations

import pytest

from katalog_runtime.functions import cron
from katalog_runtime.functions.cron import CronError
from katalog_runtime.functions.go_time_parse import parse_rfc3339


def after(spec: str, start: str) -> str | None:
    found = cron.parse(spec).next(parse_rfc3339(start))
    return found.rfc3339() if found else None


@pytest.mark.parametrize(
    ("spec", "start", "moment"),
    [
        ("0 3 * * 1", "2026-03-22T08:15:30Z", "2026-03-23T03:00:00Z"),
        ("0 0 13 * 5", "2026-03-22T08:15:30Z", "2026-03-27T00:00:00Z"),
        ("0 0 */2 * 1", "2026-03-22T08:15:30Z", "2026-03-23T00:00:00Z"),
        ("59 23 29 2 *", "2026-01-01T00:00:00Z", "2028-02-29T23:59:00Z"),
        ("@every 1h30m", "2026-03-22T08:15:30.9Z", "2026-03-22T09:45:30Z"),
        ("@every 1ms", "2026-03-22T08:15:30Z", "2026-03-22T08:15:31Z"),
        ("0 9 * jan-mar SUN", "2026-04-01T00:00:00Z", "2027-01-03T09:00:00Z"),
        ("+5 * * * *", "2026-03-22T08:15:30Z", "2026-03-22T09:05:00Z"),
        ("5/20 * * * *", "2026-03-22T08:15:30Z", "2026-03-22T08:25:00Z"),
        ("0 0 1 1 *", "9999-06-01T00:00:00Z", "10000-01-01T00:00:00Z"),
    ],
)
def test_the_next_moment(spec: str, start: str, moment: str) -> None:
    assert after(spec, start) == moment


@pytest.mark.parametrize("spec", ["0 0 30 2 *", ", * * * *", "* , * * *", "* * * , *"])
def test_five_years_without_a_match_are_the_end(spec: str) -> None:
    assert after(spec, "2026-03-22T08:15:30Z") is None


@pytest.mark.parametrize(
    ("spec", "start", "moment"),
    [
        # 02:30 does not exist on 29 March in Berlin: that day is skipped.
        ("TZ=Europe/Berlin 30 2 * * *", "2026-03-28T12:00:00Z", "2026-03-30T00:30:00Z"),
        # 02:30 happens twice on 25 October: the first one is taken.
        ("CRON_TZ=Europe/Berlin 30 2 * * *", "2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z"),
        ("CRON_TZ=America/New_York 30 2 8 3 *", "2026-03-01T00:00:00Z", "2027-03-08T07:30:00Z"),
        # In Sao Paulo the day of 4 November 2018 began at 01:00.
        ("TZ=America/Sao_Paulo 0 0 * * *", "2018-11-03T12:00:00Z", "2018-11-05T02:00:00Z"),
        ("TZ=America/Sao_Paulo 0 1 5 11 *", "2018-11-03T12:00:00Z", "2018-11-05T03:00:00Z"),
        ("TZ=Local 0 9 * * *", "2026-03-22T08:15:30+02:00", "2026-03-22T09:00:00+02:00"),
        ("CRON_TZ=UTC @daily", "2026-03-22T23:30:00+05:30", "2026-03-23T05:30:00+05:30"),
    ],
)
def test_daylight_saving_is_treated_as_the_library_does(spec: str, start: str, moment: str) -> None:
    assert after(spec, start) == moment


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("", "empty spec string"),
        ("* * * *", "expected exactly 5 fields, found 4"),
        ("60 * * * *", "end of range (60) above maximum (59)"),
        ("* * 0 * *", "beginning of range (0) below minimum (1)"),
        ("5-1 * * * *", "beyond end of range"),
        ("*/0 * * * *", "step of range should be a positive number"),
        ("1-2-3 * * * *", "too many hyphens"),
        ("1/2/3 * * * *", "too many slashes"),
        ("* * * * 7", "end of range (7) above maximum (6)"),
        ("@Daily", "unrecognized descriptor"),
        ("@every 1d", "failed to parse duration"),
        ("TZ=Nowhere/City * * * * *", "unknown time zone Nowhere/City"),
        ("TZ=../../etc/passwd * * * * *", "provided bad location"),
        ("TZ=UTC", "no schedule after the time zone"),
        ("0\x1c9 * * *", "expected exactly 5 fields, found 4"),
        ("٣ * * * *", "failed to parse int"),
    ],
)
def test_what_is_no_schedule_is_refused_with_the_library_s_words(spec: str, message: str) -> None:
    with pytest.raises(CronError) as caught:
        cron.parse(spec)
    assert message in str(caught.value)
