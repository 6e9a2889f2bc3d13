"""Durations: Go's grammar, its bounds, its printed form, and the Katalog's long units."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from katalog_runtime.functions import go_duration
from katalog_runtime.functions.go_duration import DurationError


@pytest.mark.parametrize(
    ("text", "nanoseconds"),
    [
        ("0", 0),
        ("-0", 0),
        ("1h30m", 5_400_000_000_000),
        ("-1.5s", -1_500_000_000),
        ("1µs", 1_000),
        ("1μs", 1_000),
        (".5s", 500_000_000),
        ("0.3333333333333333333h", 1_200_000_000_000),
        ("-9223372036854775808ns", -(1 << 63)),
        ("9223372036854775807ns", (1 << 63) - 1),
    ],
)
def test_a_duration_is_read_as_go_reads_it(text: str, nanoseconds: int) -> None:
    assert go_duration.parse(text) == nanoseconds


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "invalid duration"),
        ("1", "missing unit"),
        ("1d", 'unknown unit "d"'),
        ("--1s", "invalid duration"),
        (".s", "invalid duration"),
        ("9223372036854775808ns", "invalid duration"),
        ("3000000h", "invalid duration"),
        ("9" * 5000 + "s", "invalid duration"),
        ("0" * 5000 + "1s" + "x", 'unknown unit "sx"'),
    ],
)
def test_what_is_no_duration_is_refused_with_go_s_words(text: str, message: str) -> None:
    with pytest.raises(DurationError, match=message):
        go_duration.parse(text)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30s", 30),
        ("1d", 86_400),
        ("2w", 1_209_600),
        ("3mo", 7_776_000),
        ("1y", 31_536_000),
        ("1.5mo", 3_888_000),
        ("1d12h", 129_600),
        ("1mo1m", 2_592_060),
        (" 10m ", 600),
        ("never", 0),
    ],
)
def test_a_katalog_may_count_in_days_weeks_months_and_years(text: str, seconds: float) -> None:
    assert go_duration.parse_duration(text) == seconds


@pytest.mark.parametrize(
    ("nanoseconds", "text"),
    [
        (0, "0s"),
        (1, "1ns"),
        (1_100, "1.1µs"),
        (2_200_000, "2.2ms"),
        (3_300_000_000, "3.3s"),
        (-90_000_000_000, "-1m30s"),
        (259_200_000_000_000, "72h0m0s"),
        (-(1 << 63), "-2562047h47m16.854775808s"),
    ],
)
def test_a_duration_prints_as_go_prints_it(nanoseconds: int, text: str) -> None:
    assert go_duration.print_duration(nanoseconds) == text


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.integers(-(1 << 63), (1 << 63) - 1))
def test_what_is_printed_is_read_again(nanoseconds: int) -> None:
    assert go_duration.parse(go_duration.print_duration(nanoseconds)) == nanoseconds


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.text(alphabet="0123456789.hmsnuµ-+dwy x", max_size=30))
def test_any_text_is_a_duration_or_refused(text: str) -> None:
    try:
        nanoseconds = go_duration.parse(text)
    except DurationError:
        return
    assert -(1 << 63) <= nanoseconds < 1 << 63
