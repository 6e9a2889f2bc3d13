"""The queue of one controller: keys, never objects. Time comes in as an argument; no I/O, no clock.

Rules of this file (client-go's workqueue, plus lanes, depth and ageing):

1. A key is in at most one place: waiting or active; a delay may exist besides.
2. A key that is added while it is active is marked dirty and waits again once it is done.
3. Fresh changes go before resyncs. Once a resync has waited `ageing_seconds`, one goes after every
   `FRESH_IN_A_ROW` fresh keys: neither a storm of changes nor a sweep over everything starves the
   other lane.
4. A full queue loses nothing. Keys beyond `max_depth` wait their turn like all others; they are
   counted, because someone wanted to know that there are so many. (A key is as small wherever it
   waits, and an order that depended on the room would let newcomers overtake.)
5. Nothing is ever lost: a failed key is delayed, for ever longer up to the policy's cap. A change
   brings it back at once, unless changes are what makes it fail: then it is paused.
"""

from __future__ import annotations

import heapq
from collections import OrderedDict
from collections.abc import Callable
from enum import IntEnum
from typing import NamedTuple

from katalog_runtime.backoff import delay_seconds
from katalog_runtime.bundle import Backoff
from katalog_runtime.objects import NamespacedName

FRESH_IN_A_ROW = 3
"""Fresh keys that may go before a resync whose patience is at its end."""

_Places = OrderedDict[NamespacedName, float]
"""Keys in order, each with the moment at which it began to wait."""


class Lane(IntEnum):
    """Why a key waits."""

    FRESH = 0
    """Something changed."""
    RESYNC = 1
    """Time has passed."""


class Taken(NamedTuple):
    """A key handed to a worker."""

    key: NamespacedName
    waited_seconds: float


class WorkQueue:
    """Keys in, keys out, each at most once at a time. Not thread-safe: one event loop owns it."""

    def __init__(
        self,
        *,
        max_depth: int,
        backoff: Backoff,
        chance: Callable[[], float],
        ageing_seconds: float = 5.0,
    ) -> None:
        """An empty queue; `max_depth` 0 means unlimited, `chance` draws from [0, 1)."""
        self.max_depth = max_depth
        self._backoff = backoff
        self._chance = chance
        self._ageing_seconds = ageing_seconds
        self._lanes: tuple[_Places, _Places] = (OrderedDict(), OrderedDict())
        self._fresh_in_a_row = 0
        self._active: dict[NamespacedName, float] = {}
        self._dirty: dict[NamespacedName, Lane] = {}
        self._due: dict[NamespacedName, float] = {}
        self._heap: list[tuple[float, NamespacedName]] = []
        self._failures: dict[NamespacedName, int] = {}
        self._paused: set[NamespacedName] = set()
        self.overflows = 0
        """Keys that came when the queue was full, ever."""

    def add(self, key: NamespacedName, now: float, lane: Lane = Lane.FRESH) -> bool:
        """Let the key wait; True if it did not wait yet."""
        if key in self._paused:
            return False
        if key in self._active:
            known = self._dirty.get(key)
            self._dirty[key] = lane if known is None else min(known, lane)
            return known is None
        fresh, resync = self._lanes
        if key in fresh:
            return False
        if key in resync:
            if lane is Lane.FRESH:
                fresh[key] = resync.pop(key)
            return False
        if 0 < self.max_depth <= self.depth:
            self.overflows += 1
        self._lanes[lane][key] = now
        return True

    def schedule(self, key: NamespacedName, at: float) -> None:
        """Add the key at that time, unless it is due earlier already."""
        known = self._due.get(key)
        if known is None or at < known:
            self._due[key] = at
            heapq.heappush(self._heap, (at, key))

    def take(self, now: float) -> Taken | None:
        """The next key to work on, or None. The caller owes a `done` for it."""
        self._promote(now)
        fresh, resync = self._lanes
        if not fresh and not resync:
            return None
        lane = fresh or resync
        if resync and self._fresh_in_a_row >= FRESH_IN_A_ROW:
            since = next(iter(resync.values()))
            lane = resync if now - since >= self._ageing_seconds else lane
        key, entered = lane.popitem(last=False)
        self._fresh_in_a_row = self._fresh_in_a_row + 1 if lane is fresh else 0
        # What is decided now decides the next delay too.
        self._due.pop(key, None)
        self._active[key] = now
        return Taken(key, max(0.0, now - entered))

    def is_dirty(self, key: NamespacedName) -> bool:
        """Whether the key was added while it was being worked on."""
        return key in self._dirty

    def done(self, key: NamespacedName, now: float, *, current: bool = False) -> None:
        """The worker is finished with the key; if it got dirty meanwhile, it waits again.

        `current` says that the work took in whatever made the key dirty: then it need not.
        """
        del self._active[key]
        lane = self._dirty.pop(key, None)
        if lane is not None and not current:
            self.add(key, now, lane)

    def fail(self, key: NamespacedName, now: float, *, at_least: float = 0.0) -> float:
        """Count a failure of the key and delay it; returns the delay in seconds."""
        failures = self._failures[key] = self._failures.get(key, 0) + 1
        delay = max(delay_seconds(self._backoff, failures, self._chance()), at_least)
        self.schedule(key, now + delay)
        return delay

    def pause(self, key: NamespacedName, now: float, seconds: float) -> None:
        """Count a failure of the active key; until its delay is over, no change matters."""
        self._failures[key] = self._failures.get(key, 0) + 1
        self._paused.add(key)
        self.schedule(key, now + seconds)

    def failures(self, key: NamespacedName) -> int:
        """Failures of the key in a row."""
        return self._failures.get(key, 0)

    def succeed(self, key: NamespacedName) -> None:
        """The next failure of the key is its first again."""
        self._failures.pop(key, None)

    def forget(self, key: NamespacedName) -> None:
        """The object is gone: neither delay nor failures of its key matter."""
        self._failures.pop(key, None)
        self._due.pop(key, None)
        self._paused.discard(key)

    def is_backing_off(self, key: NamespacedName) -> bool:
        """Whether the key failed last time and its delay is running."""
        return key in self._due and key in self._failures

    def next_moment(self) -> float | None:
        """When `take` can next have a key: minus infinity for now, None for not before an `add`."""
        if self.depth:
            return float("-inf")
        while self._heap and self._due.get(self._heap[0][1]) != self._heap[0][0]:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    @property
    def depth(self) -> int:
        """Keys that wait, those beyond the limit included."""
        return len(self._lanes[0]) + len(self._lanes[1])

    @property
    def marked(self) -> int:
        """Keys that wait beyond the limit (the design calls them marked)."""
        return max(0, self.depth - self.max_depth) if self.max_depth else 0

    @property
    def active(self) -> int:
        """Keys that are being worked on."""
        return len(self._active)

    @property
    def delayed(self) -> int:
        """Keys with a time to come back at."""
        return len(self._due)

    def oldest_seconds(self, now: float) -> float:
        """How long the key that has waited longest has waited; 0 when nothing waits."""
        # A resync that became fresh stands behind keys that have waited for less.
        entered = [min(place.values()) for place in self._lanes if place]
        return max(0.0, now - min(entered)) if entered else 0.0

    def _promote(self, now: float) -> None:
        while self._heap and self._heap[0][0] <= now:
            at, key = heapq.heappop(self._heap)
            if self._due.get(key) == at:
                del self._due[key]
                self._paused.discard(key)
                self.add(key, at)
