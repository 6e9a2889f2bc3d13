"""All lists and watches of one controller: its owners, and its children by kind and namespace.

In: a program, a cluster, a cache. Out: running reflectors that feed the cache, the keys to look at,
and which kinds cannot be trusted yet. Decides nothing about objects.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from functools import partial

from katalog_runtime.bundle import Controller
from katalog_runtime.cache import Cache
from katalog_runtime.clock import Clock
from katalog_runtime.cluster import Cluster
from katalog_runtime.listwatch import Delta
from katalog_runtime.objects import MANAGED_LABEL, MANAGED_VALUE, NamespacedName
from katalog_runtime.observe import InformerView, Metrics
from katalog_runtime.reflector import Reflector
from katalog_runtime.render import Program
from katalog_runtime.settings import Settings

MANAGED_SELECTOR = f"{MANAGED_LABEL}={MANAGED_VALUE}"
_RESTART_SECONDS = 5.0


class Informers:
    """The reflectors of one controller. A kind that cannot be listed holds up nobody else."""

    def __init__(
        self,
        program: Program,
        cache: Cache,
        *,
        cluster: Cluster,
        clock: Clock,
        settings: Settings,
        metrics: Metrics,
        log: logging.Logger,
        chance: Callable[[], float],
        notice: Callable[[NamespacedName], None],
        changed: Callable[[], None],
    ) -> None:
        """`notice` takes keys to look at; `changed` is called when a kind comes or goes."""
        self._cache = cache
        self._clock = clock
        self._log = log
        self._notice = notice
        self._program = program
        name = program.spec.name

        def reflector(
            api_index: int | None, namespace: str, take: Callable[[list[Delta]], int]
        ) -> Reflector:
            api = program.spec.api if api_index is None else program.kinds[api_index].api
            return Reflector(
                api,
                namespace,
                "" if api_index is None else MANAGED_SELECTOR,
                cluster=cluster,
                clock=clock,
                settings=settings,
                chance=chance,
                take=take,
                changed=changed,
                metrics=metrics,
                log=log,
                controller=name,
            )

        self.owners = tuple(
            reflector(None, namespace, partial(self._take_owners, namespace))
            for namespace in owner_namespaces(program.spec, settings)
        )
        self.children = tuple(
            tuple(
                reflector(kind, namespace, partial(self._take_children, kind, namespace))
                for namespace in child_namespaces(program, kind, settings)
            )
            for kind in range(len(program.kinds))
        )

    def __iter__(self) -> Iterator[Reflector]:
        yield from self.owners
        for group in self.children:
            yield from group

    @property
    def asked(self) -> bool:
        """Whether every server question was answered once, so that reconciling may begin."""
        return all(each.asked for each in self)

    @property
    def synced(self) -> bool:
        """Whether every cache is filled."""
        return all(each.machine.synced for each in self)

    def unavailable(self) -> dict[int, str]:
        """Kinds of which not everything is known, and why."""
        return {
            kind: next(
                (each.machine.trouble for each in group if each.machine.trouble), "not listed yet"
            )
            for kind, group in enumerate(self.children)
            if not all(each.machine.synced for each in group)
        }

    def missing(self) -> tuple[str, ...]:
        """Resources that the server refuses or does not know."""
        return tuple(
            sorted({str(each.api.group_resource) for each in self if each.machine.trouble})
        )

    def views(self) -> tuple[InformerView, ...]:
        """How each stands."""
        return tuple(each.view() for each in self)

    async def run(self) -> None:
        """Run all of them until cancelled."""
        async with asyncio.TaskGroup() as group:
            for each in self:
                group.create_task(self._supervise(each))

    async def _supervise(self, reflector: Reflector) -> None:
        """A bug met in one stream must not end the others: log it, wait, go on."""
        while True:
            try:
                await reflector.run()
            except Exception:
                facts = {"resource": str(reflector.api.group_resource)}
                self._log.exception("watching failed unexpectedly", extra={"fields": facts})
                await self._clock.sleep(_RESTART_SECONDS)

    def _take_owners(self, namespace: str, deltas: list[Delta]) -> int:
        news = 0
        for key in self._cache.owner_deltas(namespace, deltas):
            self._notice(key)
            news += 1
        return news

    def _take_children(self, kind: int, namespace: str, deltas: list[Delta]) -> int:
        news = 0
        for key in self._cache.child_deltas(kind, namespace, deltas):
            self._notice(key)
            news += 1
        return news


def owner_namespaces(spec: Controller, settings: Settings) -> tuple[str, ...]:
    """Where owners are watched; one empty name means everywhere."""
    if not spec.api.namespaced:
        return ("",)
    if settings.namespaces and spec.namespaces:
        return tuple(each for each in spec.namespaces if each in settings.namespaces)
    return spec.namespaces or settings.namespaces or ("",)


def child_namespaces(program: Program, kind: int, settings: Settings) -> tuple[str, ...]:
    """Where children of a kind are watched: with their owners, and where a template puts them."""
    if not program.kinds[kind].api.namespaced:
        return ("",)
    watched = owner_namespaces(program.spec, settings)
    if "" in watched:
        return ("",)
    fixed = {
        str(metadata["namespace"])
        for child in program.children
        if child.kind == kind
        and (metadata := child.template.manifest.skeleton.get("metadata") or {}).get("namespace")
    }
    return (*watched, *sorted(fixed.difference(watched)))
