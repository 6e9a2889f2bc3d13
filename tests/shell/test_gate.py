"""Throttling: halved by 429, back by success, fair, and never stuck (fault A3)."""

from __future__ import annotations

import asyncio
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from katalog_runtime.errors import UnreachableError
from katalog_runtime.gate import MAX_PAUSE_SECONDS, Gate
from katalog_runtime.throttle import Throttle
from katalog_runtime.watch_lines import WatchLines

pytestmark = pytest.mark.looptime


def test_one_burst_of_refusals_halves_the_width_once():
    throttle = Throttle(64)
    for _ in range(40):
        throttle.refused(now=0.0, retry_after_seconds=1.0)
    assert (throttle.width, throttle.not_before) == (32, 1.0)


def test_refusals_that_go_on_narrow_to_one_and_no_further():
    throttle = Throttle(64)
    for second in range(20):
        throttle.refused(now=2.0 * second, retry_after_seconds=1.0)
    assert throttle.width == 1


def test_success_widens_to_where_it_was():
    throttle = Throttle(8)
    throttle.refused(now=0.0, retry_after_seconds=1.0)
    for _ in range(4 + 5 + 6 + 7):
        throttle.succeeded()
    assert throttle.width == 8


async def test_no_more_than_the_width_at_a_time_and_in_order():
    gate = Gate(2)
    order: list[int] = []

    async def request(number: int) -> None:
        await gate.enter()
        order.append(number)
        assert gate.active <= 2
        await asyncio.sleep(1)
        gate.leave()

    await asyncio.gather(*(request(number) for number in range(7)))
    assert order == list(range(7))
    assert asyncio.get_running_loop().time() == 4


async def test_a_free_place_is_had_at_once_unless_others_wait_or_the_server_asked_for_a_pause():
    gate = Gate(1)
    assert gate.enter_at_once()
    assert not gate.enter_at_once()
    waiting = asyncio.ensure_future(gate.enter())
    await asyncio.sleep(0)
    gate.leave()
    assert not gate.enter_at_once()
    await waiting
    gate.leave()
    gate.refused(3600)
    assert not gate.enter_at_once()
    assert gate.active == 0


async def test_a_long_retry_after_holds_back_the_others_only_so_long():
    gate = Gate(4)
    gate.refused(600.0)
    await gate.enter()
    assert asyncio.get_running_loop().time() == MAX_PAUSE_SECONDS


async def test_a_cancelled_request_leaves_its_place_to_the_next():
    gate = Gate(1)
    await gate.enter()
    waiting = [asyncio.ensure_future(gate.enter()) for _ in range(3)]
    await asyncio.sleep(1)
    waiting[0].cancel()
    gate.leave()
    waiting[1].cancel()  # in the moment in which the place was given to it
    await asyncio.wait(waiting)
    assert [each.cancelled() for each in waiting] == [True, True, False]
    gate.leave()
    assert gate.active == 0


@given(
    names=st.lists(st.text(st.characters(codec="utf-8"), max_size=12), max_size=12),
    cuts=st.lists(st.integers(min_value=1, max_value=40), min_size=1, max_size=30),
)
@settings(max_examples=60, deadline=None, derandomize=True)
def test_a_watch_reads_the_same_wherever_its_bytes_are_cut(names: list[str], cuts: list[int]):
    lines = [
        json.dumps({"type": "ADDED", "object": {"n": name}}, ensure_ascii=False) for name in names
    ]
    stream = "".join(f"{line}\n" for line in lines).encode()
    reader = WatchLines()
    found: list[object] = []
    position = 0
    for cut in [*cuts, len(stream) or 1]:
        found += [event.object["n"] for event in reader.feed(stream[position : position + cut])]
        position += cut
    found += [event.object["n"] for event in reader.feed(stream[position:])]
    reader.finish()
    assert found == names


def test_a_line_without_end_is_given_up():
    reader = WatchLines(max_line_bytes=1000)
    for _ in range(10):
        assert list(reader.feed(b"x" * 100)) == []
    with pytest.raises(UnreachableError, match="more than 1000 bytes"):
        list(reader.feed(b"x"))
