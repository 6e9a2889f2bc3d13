"""Several custom resource types in one process, on the in-memory cluster and on virtual time."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from katalog_runtime.bundle import ApiType, ChildTemplate
from katalog_runtime.bundle import Controller as Spec
from katalog_runtime.clock import Clock
from katalog_runtime.controller import Controller
from katalog_runtime.settings import Settings
from katalog_runtime.shared_informers import SharedInformers
from katalogc.localcluster import LocalCluster
from tests.runtime.bundles import CRD, OPERATOR, config_map, data_job, job
from tests.runtime.world import Counting, Events, VirtualClock, namespace

LOG = logging.getLogger("tests.platform")


def owner_type(number: int) -> ApiType:
    return ApiType(
        group="data.example.com", version="v1", kind=f"Type{number}", plural=f"type{number}s"
    )


def crd(number: int) -> dict[str, Any]:
    api = owner_type(number)
    names = {"plural": api.plural, "singular": f"type{number}", "kind": api.kind}
    metadata = {"name": f"{api.plural}.{api.group}"}
    return {**CRD, "metadata": metadata, "spec": {**CRD["spec"], "names": names}}


def owner(number: int, name: str, where: str = "team", **spec: Any) -> dict[str, Any]:
    return {**job(name, where, **spec), "kind": f"Type{number}"}


def spec(number: int, *children: ChildTemplate, **more: Any) -> Spec:
    made = data_job(*(children or (config_map(f"c{number}"),)), **more)
    return replace(made, name=f"type-{number}", api=owner_type(number))


class Platform:
    """One process with a controller for each spec; the watches are shared."""

    def __init__(self, *specs: Spec, settings: Settings | None = None) -> None:
        self.clock = VirtualClock()
        self.local = LocalCluster(clock=self.clock.now)
        self.local.apply_manifests([namespace("team"), namespace("other")])
        self.local.apply_manifests([crd(number) for number in range(len(specs))])
        self.settings = settings or Settings()
        self.specs = specs
        self.metrics = [Counting() for _ in specs]
        self.cluster = self.local.direct(latency_seconds=0.01)
        self.shared = SharedInformers(
            self.cluster, self.clock, self.settings, random.Random(1).random, LOG
        )
        self.controllers = [self.build(number) for number in range(len(specs))]

    def build(self, number: int, clock: Clock | None = None) -> Controller:
        return Controller(
            self.specs[number],
            OPERATOR,
            cluster=self.cluster,
            clock=clock or self.clock,
            recorder=Events(),
            metrics=self.metrics[number],
            log=LOG,
            settings=self.settings,
            shared=self.shared,
            chance=random.Random(number),
        )

    @asynccontextmanager
    async def running(self, *numbers: int) -> AsyncIterator[None]:
        """These controllers (all by default) run inside, and are gone after."""
        chosen = numbers or range(len(self.specs))
        tasks = [asyncio.create_task(self.controllers[number].run()) for number in chosen]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def asked(self, verb: str, resource: str) -> list[str]:
        """The namespaces of the requests so far."""
        found = self.local.requests
        return [each.namespace for each in found if (each.verb, each.resource) == (verb, resource)]

    def reads(self) -> list[tuple[str, str]]:
        return [
            (each.verb, each.resource)
            for each in self.local.requests
            if each.verb in ("get", "list", "watch")
        ]

    def writes(self) -> list[tuple[str, str]]:
        return [
            (each.verb, each.resource)
            for each in self.local.requests
            if each.verb not in ("get", "list", "watch")
        ]

    def ready_count(self) -> int:
        return sum(each.view().ready_count for each in self.controllers)

    async def until(self, condition: Any, seconds: float = 60.0) -> None:
        async with asyncio.timeout(seconds):
            while not condition():
                await self.clock.sleep(0.05)
