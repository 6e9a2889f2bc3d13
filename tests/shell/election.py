"""A Lease in memory, links to it with delays and losses, and candidates on virtual time."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from katalog_runtime.errors import (
    AlreadyExistsError,
    ConflictError,
    NotFoundError,
    UnreachableError,
)
from katalog_runtime.leader import Elector
from katalog_runtime.objects import Manifest, NamespacedName

KEY = NamespacedName("data-platform-system", "data-platform-leader")
LOG = logging.getLogger("tests.election")


class LoopClock:
    """Wall time that follows the loop's virtual time; `skew` makes a wrong wall clock."""

    def __init__(self, skew: timedelta = timedelta()) -> None:
        self._epoch = datetime(2026, 1, 1, tzinfo=UTC) + skew

    def now(self) -> datetime:
        return self._epoch + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


@dataclass
class LeaseStore:
    """The API server's side: one Lease, guarded by its resource version."""

    lease: Manifest | None = None
    version: int = 0
    writes: list[str] = field(default_factory=list)

    def read(self) -> Manifest:
        if self.lease is None:
            raise NotFoundError(404, "NotFound", "no lease")
        return self.lease

    def create(self, manifest: Manifest) -> Manifest:
        if self.lease is not None:
            raise AlreadyExistsError(409, "AlreadyExists", "exists")
        return self._store(manifest)

    def replace(self, manifest: Manifest) -> Manifest:
        if self.read()["metadata"]["resourceVersion"] != manifest["metadata"]["resourceVersion"]:
            raise ConflictError(409, "Conflict", "moved on")
        return self._store(manifest)

    def edit(self, **spec: Any) -> None:
        lease = self.read()
        self._store({**lease, "spec": {**lease["spec"], **spec}})

    def delete(self) -> None:
        self.lease = None

    def _store(self, manifest: Manifest) -> Manifest:
        self.version += 1
        metadata = {**manifest["metadata"], "resourceVersion": str(self.version)}
        self.lease = {**manifest, "metadata": metadata}
        self.writes.append(manifest["spec"].get("holderIdentity", ""))
        return self.lease


@dataclass(frozen=True, slots=True, kw_only=True)
class Trip:
    """One request's way: seconds there, seconds back, and what is lost."""

    there: float = 0.0
    back: float = 0.0
    lost: str = ""
    """`request` never arrives, `answer` never returns."""


class Link:
    """What one candidate has of the cluster. Trips repeat; while `down`, nothing arrives."""

    def __init__(self, store: LeaseStore, trips: Sequence[Trip] = (Trip(),)) -> None:
        self.store = store
        self.trips = list(trips)
        self.down = False
        self.asked = 0

    async def get(self, api: object, key: NamespacedName) -> Manifest:
        return await self._travel(self.store.read)

    async def create(self, api: object, manifest: Manifest) -> Manifest:
        return await self._travel(lambda: self.store.create(manifest))

    async def replace(self, api: object, manifest: Manifest) -> Manifest:
        return await self._travel(lambda: self.store.replace(manifest))

    async def _travel(self, act: Callable[[], Manifest]) -> Manifest:
        trip = self.trips[self.asked % len(self.trips)]
        self.asked += 1
        # A write that is on its way arrives even if its sender has given up waiting for it.
        arrived = asyncio.ensure_future(self._arrive(trip, act))
        arrived.add_done_callback(lambda task: task.cancelled() or task.exception())
        return await asyncio.shield(arrived)

    async def _arrive(self, trip: Trip, act: Callable[[], Manifest]) -> Manifest:
        await asyncio.sleep(trip.there)
        if trip.lost == "request" or self.down:
            await asyncio.sleep(trip.back)
            raise UnreachableError("no answer")
        answer = act()
        await asyncio.sleep(trip.back)
        if trip.lost == "answer" or self.down:
            raise UnreachableError("no answer")
        return answer


class Candidate:
    """An elector on its link, with the history of what it was told."""

    def __init__(self, name: str, link: Link, *, skew: timedelta = timedelta()) -> None:
        self.name = name
        self.link = link
        self.changes: list[tuple[float, bool]] = []
        self.elector = Elector(
            cluster=link,  # type: ignore[arg-type]  # an elector uses three methods of a Cluster
            clock=LoopClock(skew),
            identity=name,
            key=KEY,
            on_change=self._told,
            log=LOG,
            chance=random.Random(name),
        )
        self._task: asyncio.Task[None] | None = None

    def _told(self, leading: bool) -> None:
        self.changes.append((asyncio.get_running_loop().time(), leading))

    def start(self) -> None:
        self._task = asyncio.ensure_future(self.elector.run())

    async def kill(self) -> None:
        """End without a word, as SIGKILL does."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def stop(self) -> None:
        await self.kill()
        await self.elector.release()


def leaders(candidates: Sequence[Candidate]) -> list[str]:
    return [each.name for each in candidates if each.elector.is_leading()]


async def until(met: Callable[[], bool], *, within: float) -> None:
    """Let virtual time pass until `met`, at most `within` seconds."""
    async with asyncio.timeout(within):
        while not met():
            await asyncio.sleep(0.1)
