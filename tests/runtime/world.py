"""A controller at work on the in-memory cluster, on virtual time (looptime)."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from katalog_runtime.bundle import Controller as Spec
from katalog_runtime.cluster import Cluster
from katalog_runtime.controller import Controller
from katalog_runtime.observe import EventRecord, NoMetrics
from katalog_runtime.settings import Settings
from katalogc.localcluster import LocalCluster
from tests.runtime.bundles import CRD, OPERATOR, data_job, job

START = datetime(2026, 1, 1, tzinfo=UTC)
READS = ("get", "list", "watch")


class VirtualClock:
    """Wall time that follows the event loop's."""

    def __init__(self) -> None:
        self.offset = timedelta()

    def now(self) -> datetime:
        return START + self.offset + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        try:
            return asyncio.get_running_loop().time()
        except RuntimeError:
            return 0.0

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class Counting(NoMetrics):
    """Metrics that tests look at."""

    def __init__(self) -> None:
        self.writes: list[tuple[str, str, str]] = []
        self.panics = 0
        self.repairs = 0
        self.overflows = 0
        self.watch_ends: list[str] = []
        self.list_repairs: list[int] = []

    def wrote(self, controller: str, verb: str, resource: str, outcome: str) -> None:
        self.writes.append((verb, resource, outcome))

    def panicked(self, controller: str) -> None:
        self.panics += 1

    def repaired(self, controller: str, resource: str) -> None:
        self.repairs += 1

    def queue_overflowed(self, controller: str) -> None:
        self.overflows += 1

    def listed(self, controller: str, resource: str, objects: int, repairs: int) -> None:
        self.list_repairs.append(repairs)

    def watch_ended(self, controller: str, resource: str, cause: str) -> None:
        self.watch_ends.append(cause)


class Events(list[EventRecord]):
    """A recorder that keeps what it gets."""

    def record(self, event: EventRecord) -> None:
        self.append(event)

    @property
    def reasons(self) -> list[str]:
        return [each.reason for each in self]


class World:
    """One cluster, and one operator after another on it."""

    def __init__(
        self, spec: Spec, settings: Settings | None = None, crd: dict[str, Any] | None = None
    ) -> None:
        self.clock = VirtualClock()
        self.local = LocalCluster(clock=self.clock.now)
        self.local.apply_manifests([crd or CRD, namespace("team")])
        self.spec = spec
        self.settings = settings or Settings()
        self.events = Events()
        self.metrics = Counting()
        self.controller: Controller = self._controller(self.local.direct())

    def _controller(self, cluster: Cluster, **more: Any) -> Controller:
        log = logging.getLogger("tests.runtime")
        return Controller(
            self.spec,
            OPERATOR,
            cluster=cluster,
            clock=self.clock,
            recorder=self.events,
            metrics=self.metrics,
            log=log,
            settings=self.settings,
            chance=random.Random(1),
            **more,
        )

    @asynccontextmanager
    async def operator(self, cluster: Cluster | None = None, **more: Any) -> AsyncIterator[None]:
        """The operator runs inside, and is gone (killed) after."""
        self.controller = self._controller(cluster or self.local.direct(), **more)
        task = asyncio.create_task(self.controller.run())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait([task])
            if not task.cancelled() and (error := task.exception()) is not None:
                raise error

    async def until(self, condition: Callable[[], bool], seconds: float = 60.0) -> None:
        """Let time pass until the condition holds."""
        async with asyncio.timeout(seconds):
            while not condition():
                await self.clock.sleep(0.05)

    async def quiet(self, seconds: float = 5.0) -> None:
        """Let time pass."""
        await self.clock.sleep(seconds)

    def create(self, *manifests: dict[str, Any]) -> None:
        self.local.apply_manifests(manifests or (job(),))

    async def running(self, owner: dict[str, Any] | None = None) -> None:
        """An owner that is ready, and nothing more to do."""
        self.create(*([owner] if owner else []))
        await self.until(self.is_ready)
        await self.quiet(1)

    def tear_away(self, name: str = "a") -> None:
        """The owner goes at once: someone took its finalizer."""
        self.local.patch("DataJob", name, {"metadata": {"finalizers": None}}, namespace="team")
        self.local.delete("DataJob", name, namespace="team")

    def get(self, kind: str, name: str, namespace: str = "team") -> dict[str, Any]:
        return self.local.get(kind, name, namespace=namespace)

    def exists(self, kind: str, name: str, namespace: str = "team") -> bool:
        return self.local.exists(kind, name, namespace=namespace)

    def owner(self, name: str = "a") -> dict[str, Any]:
        return self.get("DataJob", name)

    def is_ready(self, name: str = "a") -> bool:
        return self.ready(name).get("status") == "True"

    def ready(self, name: str = "a") -> dict[str, Any]:
        if not self.exists("DataJob", name):
            return {}
        conditions = self.owner(name).get("status", {}).get("conditions", [])
        return next((each for each in conditions if each["type"] == "Ready"), {})

    def writes(self) -> list[tuple[str, str]]:
        """Writes of the operator that the cluster was asked for: (verb, resource)."""
        return [
            ("apply" if each.patch == "apply" else each.verb, each.resource)
            for each in self.local.requests
            if each.verb not in READS
        ]


def namespace(name: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}


def world(
    *children: Any,
    settings: Settings | None = None,
    crd: dict[str, Any] | None = None,
    **more: Any,
) -> World:
    return World(data_job(*children, **more), settings, crd)


def with_settings(**more: Any) -> Settings:
    return replace(Settings(), **more)
