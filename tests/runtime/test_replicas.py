"""Two replicas of one operator: who writes when one follows the other."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from katalog_runtime.bundle import Controller as Spec
from katalog_runtime.settings import Settings
from katalogc.localcluster import LocalCluster
from tests.runtime.bundles import CRD, cluster_role, config_map, data_job, job, replica_set
from tests.runtime.hands import namespace
from tests.runtime.replica import Replica
from tests.runtime.world import VirtualClock

pytestmark = pytest.mark.looptime(noop_cycles=0)


@asynccontextmanager
async def replicas(*specs: Spec) -> AsyncIterator[tuple[LocalCluster, list[Replica]]]:
    """A cluster, and replicas of these specs that do not run yet."""
    local = LocalCluster(clock=VirtualClock().now)
    local.apply_manifests([CRD, *map(namespace, ("operators", "team"))])
    made = [
        Replica(local, str(number), spec, Settings(), random.Random(number))
        for number, spec in enumerate(specs)
    ]
    try:
        yield local, made
    finally:
        for each in made:
            if each.alive:
                await each.kill()
            for link in each.links:
                await link.settle()


async def until(met: Callable[[], bool], within: float = 60.0) -> None:
    async with asyncio.timeout(within):
        while not met():
            await asyncio.sleep(0.1)


def is_ready(local: LocalCluster, name: str = "a") -> bool:
    conditions = local.get("DataJob", name, namespace="team").get("status", {}).get("conditions")
    return any(each["type"] == "Ready" and each["status"] == "True" for each in conditions or ())


def kept(local: LocalCluster) -> str:
    data: dict[str, str] = local.get("ConfigMap", "a-kept", namespace="team")["data"]
    return data["TIMEOUT"]


def writes(local: LocalCluster) -> list[tuple[str, str]]:
    found = (each for each in local.requests if each.writes and each.resource != "leases")
    return [(each.verb, each.resource) for each in found]


async def test_l5_a_rolling_update_has_one_writer_and_then_the_new_templates_hold() -> None:
    former = data_job(config_map("kept", sync="apply"), config_map("former"), cluster_role())
    latter = data_job(config_map("kept", "{{ .spec.image }}", sync="apply"), replica_set())
    async with replicas(former, latter) as (local, (one, two)):
        local.apply_manifests([job()])
        one.start()
        await until(lambda: is_ready(local))
        two.start()
        await asyncio.sleep(300)
        assert kept(local) == "2h"
        assert not local.exists("ReplicaSet", "a-worker", namespace="team")
        await one.terminate()
        await until(lambda: kept(local) == "python:3.12", within=20)
        await until(lambda: not local.exists("ClusterRole", "team-a"))
        await until(lambda: is_ready(local))
        assert local.exists("ReplicaSet", "a-worker", namespace="team")
        assert not local.exists("ConfigMap", "a-former", namespace="team")
        local.forget_requests()
        await asyncio.sleep(600)
        assert writes(local) == []


async def test_l3_a_leader_that_was_cut_off_stops_before_its_follower_writes() -> None:
    spec = data_job(config_map(), replica_set())
    async with replicas(spec, spec) as (local, (one, two)):
        one.start()
        await until(lambda: one.elector.is_leading())
        two.start()
        await asyncio.sleep(10)
        one.weather(1.0)
        local.apply_manifests([job(name) for name in ("a", "b", "c")])
        both = 0
        for _ in range(600):
            await asyncio.sleep(0.1)
            both += one.elector.is_leading() and two.elector.is_leading()
        assert both == 0
        one.weather(0.0)
        await until(lambda: all(is_ready(local, name) for name in ("a", "b", "c")), within=120)
        await asyncio.sleep(60)
        local.forget_requests()
        await asyncio.sleep(600)
        assert writes(local) == []
