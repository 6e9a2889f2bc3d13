"""The watches of the process: one for each type, namespace and selector, shared by all controllers.

In: what each controller wants to watch. Out: one list and one watch of it, whose deltas every
subscriber takes into a cache of its own. A watch begins with its first subscriber and ends with its
last; who comes later is told everything by another list, which is no news to the others.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from katalog_runtime.bundle import ApiType
from katalog_runtime.clock import Clock
from katalog_runtime.cluster import Cluster
from katalog_runtime.listwatch import Delta
from katalog_runtime.objects import NamespacedName
from katalog_runtime.observe import InformerView
from katalog_runtime.reflector import Reflector
from katalog_runtime.settings import Settings
from katalog_runtime.subscription import Subscription
from katalog_runtime.unclaimed import UnclaimedChildren

_RESTART_SECONDS = 5.0


class SharedInformers:
    """All watches of a process."""

    def __init__(
        self,
        cluster: Cluster,
        clock: Clock,
        settings: Settings,
        chance: Callable[[], float],
        log: logging.Logger,
    ) -> None:
        """No watch yet; `chance` draws from [0, 1)."""
        self._cluster = cluster
        self._clock = clock
        self._settings = settings
        self._chance = chance
        self._log = log
        self._informers: dict[tuple[ApiType, str, str], SharedInformer] = {}

    def informer(self, api: ApiType, namespace: str, label_selector: str) -> SharedInformer:
        """The one watch of that; an empty `namespace` means all, an empty selector everything."""
        key = (api, namespace, label_selector)
        known = self._informers.get(key)
        if known is None:
            known = self._informers[key] = SharedInformer(
                api,
                namespace,
                label_selector,
                cluster=self._cluster,
                clock=self._clock,
                settings=self._settings,
                chance=self._chance,
                log=self._log,
            )
        return known


class SharedInformer:
    """One watch and its subscribers. Implements `reflector.Sink`."""

    def __init__(
        self,
        api: ApiType,
        namespace: str,
        label_selector: str,
        *,
        cluster: Cluster,
        clock: Clock,
        settings: Settings,
        chance: Callable[[], float],
        log: logging.Logger,
    ) -> None:
        """Nothing runs before the first subscriber."""
        self.api = api
        self.namespace = namespace
        self.unclaimed = UnclaimedChildren()
        self._selector = label_selector
        self._cluster = cluster
        self._clock = clock
        self._settings = settings
        self._chance = chance
        self._log = log
        self._subscribers: list[Subscription] = []
        self._task: asyncio.Task[None] | None = None
        self._reported = (False, "")
        self._reflector = self._new_reflector()

    @property
    def trouble(self) -> str:
        """What the server said, while it refuses; empty while all is well."""
        return self._reflector.machine.trouble

    def join(self, subscription: Subscription) -> None:
        """Tell it everything, by a list from its first page on, and then whatever comes."""
        self._subscribers.append(subscription)
        if self._task is None:
            self._task = asyncio.create_task(self._run(self._reflector))
        else:
            self._reflector.replay()

    def leave(self, subscription: Subscription) -> asyncio.Task[None] | None:
        """Tell it nothing more; returns the task that is ending if nobody is left to be told."""
        self._subscribers.remove(subscription)
        subscription.forget()
        ending = self._task
        if self._subscribers or ending is None:
            return None
        ending.cancel()
        self._task = None
        self._reported = (False, "")
        self._reflector = self._new_reflector()
        self.unclaimed.clear()
        return ending

    def audit(self) -> None:
        """Something that was said got lost: say all of it again when the watch ends."""
        self._reflector.machine.want_audit()

    def view(self, subscription: Subscription) -> InformerView:
        """How the watch stands, as far as this subscriber can rely on it."""
        reflector = self._reflector
        return InformerView(
            api=self.api,
            namespace=self.namespace,
            synced=subscription.synced,
            trouble=self.trouble,
            silent_seconds=reflector.silent_seconds,
            fresh=subscription.synced and reflector.is_fresh,
            lists=reflector.machine.lists,
            watch_ends=reflector.machine.watch_ends,
        )

    def page(self, deltas: list[Delta], *, first: bool) -> None:
        """See `reflector.Sink`."""
        for each in self._subscribers:
            each.page(deltas, first=first)
        self._taken(deltas)

    def event(self, deltas: list[Delta]) -> None:
        """See `reflector.Sink`."""
        for each in self._subscribers:
            each.give(deltas)
        self._taken(deltas)

    def ended(self, cause: str) -> None:
        """See `reflector.Sink`."""
        for each in self._subscribers:
            each.ended(cause)

    def settled(self) -> None:
        """See `reflector.Sink`."""
        machine = self._reflector.machine
        for each in self._subscribers:
            each.settle(machine.trouble)
        self._report(machine.synced, machine.trouble)

    def _new_reflector(self) -> Reflector:
        return Reflector(
            self.api,
            self.namespace,
            self._selector,
            self,
            cluster=self._cluster,
            clock=self._clock,
            settings=self._settings,
            chance=self._chance,
        )

    async def _run(self, reflector: Reflector) -> None:
        """A bug met in one stream must not end the others: log it, wait, go on."""
        while True:
            try:
                await reflector.run()
            except Exception:
                self._log.exception("watching failed unexpectedly", extra={"fields": self._facts()})
                await self._clock.sleep(_RESTART_SECONDS)

    def _taken(self, deltas: list[Delta]) -> None:
        if self._selector:
            self.unclaimed.take(deltas, self._is_held)

    def _is_held(self, key: NamespacedName, set_identity: str) -> bool:
        return any(each.holds(key, set_identity) for each in self._subscribers)

    def _report(self, synced: bool, trouble: str) -> None:
        """Say once when trouble begins and once when it ends."""
        before, now = self._reported, (synced, trouble)
        if before == now:
            return
        self._reported = now
        if trouble:
            facts = {**self._facts(), "error": trouble[:256]}
            self._log.warning("cannot list or watch", extra={"fields": facts})
        elif before[1]:
            self._log.info("watching", extra={"fields": self._facts()})

    def _facts(self) -> dict[str, object]:
        facts: dict[str, object] = {"resource": str(self.api.group_resource)}
        if self.namespace:
            facts["namespace"] = self.namespace
        facts["controllers"] = sorted({each.controller for each in self._subscribers})
        return facts
