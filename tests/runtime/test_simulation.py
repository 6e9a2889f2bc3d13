"""Days in the life of two replicas, by a seed: people, weather, kills, lost Leases; then calm.

Anvil's property: once faults stop and nobody changes anything, the cluster comes to what its owners
ask for within a bounded time, and stays there without a request. `KATALOG_SEEDS=0-1000` runs more
of it than the suite does.
"""

from __future__ import annotations

import asyncio
import os
import random
from datetime import timedelta

import pytest

from katalog_runtime.bundle import Backoff
from katalog_runtime.settings import Settings
from katalogc.localcluster import LocalCluster
from tests.runtime.bundles import CRD, data_job
from tests.runtime.hands import Hands, namespace
from tests.runtime.replica import Replica
from tests.runtime.truth import CHILDREN, STATUS, complaints
from tests.runtime.world import VirtualClock

pytestmark = pytest.mark.looptime(noop_cycles=0)

STORM_SECONDS = 300.0
ACTS_A_SECOND = 0.7
CONVERGENCE_SECONDS = 1200.0
"""Twice the longest pause that anything makes (five minutes), and then as much again."""
QUIET_SECONDS = 600.0
SPEC = data_job(
    *CHILDREN, status_fields=STATUS, backoff=Backoff(initial_seconds=0.5, max_seconds=60.0)
)
SETTINGS = Settings(queue_depth=2, page_size=2, reconcile_seconds=60.0)


def _seeds() -> range:
    first, _, last = os.environ.get("KATALOG_SEEDS", "0-5").partition("-")
    return range(int(first), int(last or first) + 1)


class Life:
    """A cluster, its people, its replicas, and what happens to them."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        clock = VirtualClock()
        self.local = LocalCluster(clock=clock.now, seed=seed, history=60)
        names = ("operators", "team", "other")
        self.local.apply_manifests([CRD, *map(namespace, names)])
        self.hands = Hands(self.local, random.Random(f"{seed} hands"))
        self.replicas = [
            Replica(self.local, name, SPEC, SETTINGS, random.Random(f"{seed} {name}"))
            for name in ("one", "two")
        ]

    async def storm(self) -> None:
        """People and faults, side by side."""
        loop = asyncio.get_running_loop()
        for replica in self.replicas:
            replica.start()
        end = loop.time() + STORM_SECONDS
        while loop.time() < end:
            await asyncio.sleep(self.chance.expovariate(ACTS_A_SECOND))
            fate = self.chance.random()
            if fate < 0.03:
                await self._strike(self.chance.choice(self.replicas))
            elif fate < 0.06:
                for replica in self.replicas:
                    replica.weather(self.chance.choice((0.0, 0.0, 0.02, 0.1, 0.4)))
            else:
                self.hands.act(loop.time())
            for replica in self.replicas:
                if not replica.alive and self.chance.random() < 0.1:
                    replica.start()

    async def _strike(self, replica: Replica) -> None:
        if not replica.alive:
            return
        end = self.chance.choice((replica.kill, replica.terminate))
        now = asyncio.get_running_loop().time()
        self.hands.trace.append(f"{now:7.1f} {end.__name__} {replica.name}")
        await end()
        # The next process may find the wall clock anywhere.
        replica.clock.offset += timedelta(hours=self.chance.choice((-1, 0, 0, 1)))

    async def calm(self) -> None:
        """No more faults; who was killed is started again."""
        self.hands.leave()
        for replica in self.replicas:
            replica.weather(0.0)
            if not replica.alive:
                replica.start()

    async def converge(self) -> list[str]:
        """Let time pass until all is well; what is wrong when time is up."""
        loop = asyncio.get_running_loop()
        end = loop.time() + CONVERGENCE_SECONDS
        while (wrong := complaints(self.local, self.hands)) and loop.time() < end:
            await asyncio.sleep(2.0)
        return wrong

    async def end(self) -> None:
        for replica in self.replicas:
            if replica.alive:
                await replica.kill()
            for link in replica.links:
                await link.settle()

    def told(self, wrong: list[str]) -> str:
        """A failure's story."""
        return "\n".join(["", *self.hands.trace[-60:], "---", *wrong])


@pytest.mark.parametrize("seed", _seeds())
async def test_whatever_happened_calm_brings_what_the_owners_ask_for_and_then_silence(
    seed: int,
) -> None:
    life = Life(seed)
    try:
        await life.storm()
        await life.calm()
        wrong = await life.converge()
        assert not wrong, life.told(wrong)
        life.hands.heal()
        wrong = await life.converge()
        assert not wrong, life.told(wrong)
        await asyncio.sleep(60.0)
        life.local.forget_requests()
        await asyncio.sleep(QUIET_SECONDS)
        sent = [
            (each.verb, each.resource, each.name)
            for each in life.local.requests
            if each.verb != "watch" and each.resource != "leases"
        ]
        wrong = complaints(life.local, life.hands)
        assert (sent, wrong) == ([], []), life.told(wrong)
        assert [replica.metrics.panics for replica in life.replicas] == [0, 0]
        assert [replica.elector.is_leading() for replica in life.replicas].count(True) == 1
    finally:
        await life.end()
