"""Events: written in the background, bounded, never in the way (fault A16)."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter

import pytest

from katalog_runtime.bundle import ApiType
from katalog_runtime.errors import ApiError, ForbiddenError, UnreachableError
from katalog_runtime.events import (
    BUDGET_BURST,
    PAUSE_SECONDS,
    QUEUE_LENGTH,
    REMEMBERED_EVENTS,
    ROUTINE_BURST,
    EventRecorder,
)
from katalog_runtime.objects import Manifest, NamespacedName
from katalog_runtime.observe import EventRecord
from tests.shell.election import LoopClock
from tests.shell.views import controller

pytestmark = pytest.mark.looptime


class Sink:
    """Takes Events; fails with what is scheduled, then never answers if told to."""

    def __init__(self, *faults: ApiError) -> None:
        self.faults = list(faults)
        self.stalled = False
        self.written: list[Manifest] = []

    async def create(self, api: ApiType, manifest: Manifest) -> Manifest:
        if self.stalled:
            await asyncio.Event().wait()
        if self.faults:
            raise self.faults.pop(0)
        self.written.append(manifest)
        return manifest


def recorder(sink: Sink, counts: Counter[str]) -> EventRecorder:
    return EventRecorder(
        cluster=sink,  # type: ignore[arg-type]  # a recorder uses one method of a Cluster
        clock=LoopClock(),
        component="data-platform",
        host="operator-1",
        log=logging.getLogger("tests.events"),
        count=lambda outcome: counts.update([outcome]),
    )


def record(
    number: int = 0, uid: str = "u1", namespace: str = "demo", *, routine: bool = False
) -> EventRecord:
    return EventRecord(
        controller="data-job", api=controller().api, key=NamespacedName(namespace, "nightly"),
        uid=uid, resource_version="7", type="Normal", reason="DataJobReconciled",
        message=f"message {number}", routine=routine,
    )  # fmt: skip


async def test_an_event_is_a_core_v1_event_about_the_owner():
    sink = Sink()
    events = recorder(sink, Counter())
    events.record(record())
    await events.drain(1)
    (written,) = sink.written
    assert written["involvedObject"] == {
        "apiVersion": "data.demo.orkestra.io/v1alpha1",
        "kind": "DataJob",
        "namespace": "demo",
        "name": "nightly",
        "uid": "u1",
        "resourceVersion": "7",
    }
    assert written["metadata"]["namespace"] == "demo"
    assert written["metadata"]["name"].startswith("nightly.")
    assert written["source"] == {"component": "data-platform", "host": "operator-1"}
    assert written["firstTimestamp"] == "2026-01-01T00:00:00Z"


async def test_events_of_one_moment_have_names_of_their_own():
    sink = Sink()
    events = recorder(sink, Counter())
    for number in range(5):
        events.record(record(number))
    await events.drain(1)
    assert len({each["metadata"]["name"] for each in sink.written}) == 5


async def test_an_event_of_a_cluster_scoped_object_goes_to_default():
    sink = Sink()
    events = recorder(sink, Counter())
    events.record(record(namespace=""))
    await events.drain(1)
    assert sink.written[0]["metadata"]["namespace"] == "default"


async def test_an_object_that_never_rests_has_a_budget():
    counts: Counter[str] = Counter()
    sink = Sink()
    events = recorder(sink, counts)
    for number in range(BUDGET_BURST + 10):
        events.record(record(number))
    events.record(record(uid="another"))
    await events.drain(1)
    assert counts == {"written": BUDGET_BURST + 1, "dropped": 10}


async def test_a_thousand_first_successes_write_a_few_events_and_trouble_is_still_told():
    counts: Counter[str] = Counter()
    sink = Sink()
    events = recorder(sink, counts)
    for number in range(1000):
        events.record(record(uid=f"u{number}", routine=True))
    events.record(record(uid="in-trouble"))
    await events.drain(1)
    assert counts == {"written": ROUTINE_BURST + 1, "spared": 1000 - ROUTINE_BURST}
    assert sink.written[-1]["involvedObject"]["uid"] == "in-trouble"
    assert [each.record.uid for each in events.recent("u999")] == ["u999"]


async def test_routine_events_are_written_again_after_a_while():
    counts: Counter[str] = Counter()
    events = recorder(Sink(), counts)
    for number in range(ROUTINE_BURST + 1):
        events.record(record(uid=f"u{number}", routine=True))
    await asyncio.sleep(60)
    events.record(record(uid="later", routine=True))
    await events.drain(1)
    assert counts == {"written": ROUTINE_BURST + 1, "spared": 1}


async def test_the_last_hundred_events_of_an_object_are_remembered():
    events = recorder(Sink(), Counter())
    for number in range(REMEMBERED_EVENTS + 5):
        events.record(record(number))
    messages = [each.record.message for each in events.recent("u1")]
    assert len(messages) == REMEMBERED_EVENTS
    assert messages[0] == f"message {REMEMBERED_EVENTS + 4}"


async def test_the_queue_is_bounded_while_the_server_stalls():
    counts: Counter[str] = Counter()
    sink = Sink()
    sink.stalled = True
    events = recorder(sink, counts)
    for number in range(QUEUE_LENGTH + 50):
        events.record(record(uid=f"u{number}"))
    assert counts == {"dropped": 50}


async def test_an_outage_pauses_the_writer_and_a_refusal_of_one_does_not():
    counts: Counter[str] = Counter()
    sink = Sink(UnreachableError("down"), ForbiddenError(403, "Forbidden", "terminating"))
    events = recorder(sink, counts)
    for number in range(3):
        events.record(record(number))
    task = asyncio.ensure_future(events.run())
    await asyncio.sleep(PAUSE_SECONDS - 0.1)
    assert counts == {"failed": 1}
    await asyncio.sleep(0.2)
    assert counts == {"failed": 2, "written": 1}
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_a_stop_gives_up_on_a_server_that_stalls():
    counts: Counter[str] = Counter()
    sink = Sink()
    sink.stalled = True
    events = recorder(sink, counts)
    for number in range(3):
        events.record(record(number))
    await events.drain(1)
    assert asyncio.get_running_loop().time() == 1
    assert counts["dropped"] == 2  # the first was on its way


async def test_recent_events_are_told_newest_first_even_when_none_was_written():
    events = recorder(Sink(UnreachableError("down")), Counter())
    for number in range(120):
        events.record(record(number))
    told = [each.record.message for each in events.recent("u1")]
    assert (len(told), told[0], told[-1]) == (100, "message 119", "message 20")
    assert events.recent("unknown") == []
