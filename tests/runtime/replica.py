"""One replica of an operator on the in-memory cluster: a controller that writes while it leads."""

from __future__ import annotations

import asyncio
import logging
import random

from katalog_runtime.bundle import Controller as Spec
from katalog_runtime.controller import Controller
from katalog_runtime.leader import Elector
from katalog_runtime.objects import NamespacedName
from katalog_runtime.settings import Settings
from katalogc.localcluster import LocalCluster
from katalogc.localcluster.operations import User
from tests.runtime.bundles import OPERATOR
from tests.runtime.weather import Weather
from tests.runtime.world import Counting, Events, VirtualClock

LEASE = NamespacedName("operators", "data-platform-leader")
OPERATOR_USER = User(name="operator", groups=("system:masters",))
LOG = logging.getLogger("tests.replica")


class Replica:
    """One operator process: a controller, an elector, and their connection."""

    def __init__(
        self,
        local: LocalCluster,
        name: str,
        spec: Spec,
        settings: Settings,
        chance: random.Random,
    ) -> None:
        self._local = local
        self._spec = spec
        self._settings = settings
        self.name = name
        self._chance = chance
        self._lives = 0
        self._tasks: list[asyncio.Task[None]] = []
        self.clock = VirtualClock()
        self.metrics = Counting()
        self.events = Events()
        self.storm = 0.0
        self.links: list[Weather] = []

    @property
    def alive(self) -> bool:
        return bool(self._tasks)

    def start(self) -> None:
        self._lives += 1
        link = Weather(self._local.direct(user=OPERATOR_USER), self._chance)
        link.storm = self.storm
        self.links.append(link)
        elector = Elector(
            cluster=link,
            clock=self.clock,
            identity=f"{self.name}-{self._lives}",
            key=LEASE,
            on_change=self._led,
            log=LOG,
            chance=self._chance,
        )
        self.elector = elector
        self.controller = Controller(
            self._spec,
            OPERATOR,
            cluster=link,
            clock=self.clock,
            recorder=self.events,
            metrics=self.metrics,
            log=LOG,
            settings=self._settings,
            may_write=elector.is_leading,
            chance=self._chance,
        )
        self.controller.deactivate()
        self._tasks = [
            asyncio.create_task(self.controller.run()),
            asyncio.create_task(self.elector.run()),
        ]

    def _led(self, leading: bool) -> None:
        if leading:
            self.controller.activate()
        else:
            self.controller.deactivate()

    async def kill(self) -> None:
        """As SIGKILL does: what was sent arrives, nothing else is said."""
        self.links[-1].dead = True
        await self._end()

    async def terminate(self) -> None:
        """As SIGTERM does."""
        await self.controller.stop()
        await self._end()
        await self.elector.release()

    async def _end(self) -> None:
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
        crashed = [each for each in ended if isinstance(each, Exception)]
        assert not crashed, crashed

    def weather(self, storm: float) -> None:
        self.storm = storm
        if self.alive:
            self.links[-1].storm = storm
