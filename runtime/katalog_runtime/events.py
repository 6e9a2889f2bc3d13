"""Kubernetes Events, best effort: taken at once, written by one task, never in a reconcile's way.

In: `observe.EventRecord`s. Out: core/v1 Events, created and never updated (the operator may only
`create` them), and for the HTTP routes the last ones per object from memory. The queue is bounded,
each object has a budget, and while the API server refuses or stalls, records are dropped and
counted (fault A16). Routine Events (see `transitions`) share one small budget: an Event costs the
API server as much as a child, and a thousand owners that all went well need no thousand more
writes to say so. What is spared that way is still in memory, and in the owners' conditions.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from katalog_runtime.bundle import ApiType
from katalog_runtime.clock import Clock
from katalog_runtime.cluster import Cluster
from katalog_runtime.errors import ApiError
from katalog_runtime.objects import Manifest
from katalog_runtime.observe import EventRecord

EVENTS = ApiType(group="", version="v1", kind="Event", plural="events")
QUEUE_LENGTH = 1000
BUDGET_BURST = 25
"""Events that an object may have at once; client-go's figures, for this and the next line."""
BUDGET_REFILL_SECONDS = 300.0
ROUTINE_BURST = 10
"""Routine Events of all objects together that may be written at once; this and the next line."""
ROUTINE_REFILL_SECONDS = 6.0
REMEMBERED_OBJECTS = 2000
REMEMBERED_EVENTS = 100
PAUSE_SECONDS = 5.0
"""After a failure that no other Event would escape (no answer, throttled, server error)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedEvent:
    """An Event as it was recorded, whether or not the API server took it."""

    record: EventRecord
    at: datetime


@dataclass(slots=True)
class _Budget:
    burst: int
    refill_seconds: float
    filled_at: float
    tokens: float

    def spend(self, now: float) -> bool:
        gained = (now - self.filled_at) / self.refill_seconds
        self.tokens = min(float(self.burst), self.tokens + gained)
        self.filled_at = now
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True


@dataclass(slots=True)
class _History:
    budget: _Budget
    events: list[RecordedEvent]
    """Oldest first. A list: a deque takes 600 bytes before it holds anything."""


def event_manifest(recorded: RecordedEvent, *, component: str, host: str, serial: int) -> Manifest:
    """The core/v1 Event for a record. Pure; `serial` makes the name unique within the object."""
    record = recorded.record
    # Events of cluster-scoped objects live in `default`, by the API server's own rule.
    namespace = record.key.namespace or "default"
    moment = recorded.at.strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": f"{record.key.name[:230]}.{serial:x}", "namespace": namespace},
        "involvedObject": {
            "apiVersion": record.api.api_version,
            "kind": record.api.kind,
            "namespace": record.key.namespace,
            "name": record.key.name,
            "uid": record.uid,
            "resourceVersion": record.resource_version,
        },
        "reason": record.reason,
        "message": record.message[:1024],
        "type": record.type,
        "count": 1,
        "firstTimestamp": moment,
        "lastTimestamp": moment,
        "source": {"component": component, "host": host},
        "reportingComponent": component,
        "reportingInstance": host,
    }


class EventRecorder:
    """Implements `observe.Recorder`; `run` writes what was recorded."""

    def __init__(
        self,
        *,
        cluster: Cluster,
        clock: Clock,
        component: str,
        host: str,
        log: logging.Logger,
        count: Callable[[str], None],
    ) -> None:
        """Args: `component`, `host` name the reporter; `count` takes `written|failed|spared|dropped`."""
        self._cluster = cluster
        self._clock = clock
        self._component = component
        self._host = host
        self._log = log
        self._count = count
        self._queue: deque[RecordedEvent] = deque()
        self._arrived = asyncio.Event()
        self._histories: OrderedDict[str, _History] = OrderedDict()
        self._serial = 0
        now = clock.monotonic()
        self._routine = _Budget(ROUTINE_BURST, ROUTINE_REFILL_SECONDS, now, float(ROUTINE_BURST))

    def record(self, event: EventRecord) -> None:
        """See `observe.Recorder`."""
        recorded = RecordedEvent(record=event, at=self._clock.now())
        history = self._history(event.uid)
        history.events.append(recorded)
        del history.events[:-REMEMBERED_EVENTS]
        if event.routine and not self._routine.spend(self._clock.monotonic()):
            self._count("spared")
            return
        if len(self._queue) >= QUEUE_LENGTH or not history.budget.spend(self._clock.monotonic()):
            self._count("dropped")
            return
        self._queue.append(recorded)
        self._arrived.set()

    def recent(self, uid: str) -> list[RecordedEvent]:
        """What was recorded for an object, newest first, at most 100; gone with the process."""
        history = self._histories.get(uid)
        return list(reversed(history.events)) if history else []

    async def run(self) -> None:
        """Write Events one after the other, until cancelled."""
        while True:
            await self._arrived.wait()
            while self._queue:
                await self._write(self._queue.popleft())
            self._arrived.clear()

    async def drain(self, seconds: float) -> None:
        """Write what waits, for at most this long; call after `run` was cancelled."""
        try:
            async with asyncio.timeout(seconds):
                while self._queue:
                    await self._write(self._queue.popleft(), pause=False)
        except TimeoutError:
            for _ in self._queue:
                self._count("dropped")

    async def _write(self, recorded: RecordedEvent, *, pause: bool = True) -> None:
        # Nanoseconds, as in client-go, but never the same twice.
        self._serial = max(self._serial + 1, int(recorded.at.timestamp() * 1e9))
        manifest = event_manifest(
            recorded, component=self._component, host=self._host, serial=self._serial
        )
        try:
            await self._cluster.create(EVENTS, manifest)
            self._count("written")
        except ApiError as error:
            self._count("failed")
            self._log.debug("event not written", extra={"fields": {"error": str(error)}})
            hopeless_for_all = error.status in (0, 429) or error.status >= 500
            if pause and hopeless_for_all:
                await self._clock.sleep(error.retry_after_seconds or PAUSE_SECONDS)

    def _history(self, uid: str) -> _History:
        history = self._histories.get(uid)
        if history is None:
            now = self._clock.monotonic()
            budget = _Budget(BUDGET_BURST, BUDGET_REFILL_SECONDS, now, float(BUDGET_BURST))
            history = _History(budget, [])
            self._histories[uid] = history
            if len(self._histories) > REMEMBERED_OBJECTS:
                self._histories.popitem(last=False)
        else:
            self._histories.move_to_end(uid)
        return history
