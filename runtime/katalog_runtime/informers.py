"""All watches that one controller takes part in: of its owners, and of its children by kind.

In: a program, a cache, the process's watches. Out: a filled cache, the keys to look at, and which
kinds cannot be trusted yet. Decides nothing about objects.
"""

from __future__ import annotations

import asyncio
import logging
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

from katalog_runtime.bundle import Controller
from katalog_runtime.cache import Cache
from katalog_runtime.listwatch import Delta
from katalog_runtime.objects import MANAGED_SELECTOR, NamespacedName
from katalog_runtime.observe import InformerView, Metrics
from katalog_runtime.render import Program
from katalog_runtime.settings import Settings
from katalog_runtime.shared_informers import SharedInformer, SharedInformers
from katalog_runtime.subscription import Subscription


class Part(NamedTuple):
    """A watch, and how this controller stands to it."""

    informer: SharedInformer
    subscription: Subscription


class Informers:
    """The watches of one controller. A kind that cannot be listed holds up nobody else."""

    def __init__(
        self,
        program: Program,
        cache: Cache,
        shared: SharedInformers,
        *,
        settings: Settings,
        metrics: Metrics,
        log: logging.Logger,
        notice: Callable[[NamespacedName], None],
        changed: Callable[[], None],
    ) -> None:
        """`notice` takes keys to look at; `changed` is called when a kind comes or goes."""
        self._cache = cache
        self._notice = notice

        def subscribe(
            informer: SharedInformer,
            deltas: Callable[[list[Delta]], Iterator[NamespacedName]],
            holds: Callable[[NamespacedName, str], bool],
        ) -> Part:
            subscription = Subscription(
                program.spec.name,
                informer.api,
                take=partial(self._take, deltas),
                holds=holds,
                changed=changed,
                lost=informer.audit,
                metrics=metrics,
                log=log,
            )
            return Part(informer, subscription)

        def children(kind: int, namespace: str) -> Part:
            wanted = program.kinds[kind]
            informer = shared.informer(wanted.api, namespace, MANAGED_SELECTOR)
            informer.unclaimed.widen(wanted.mask)
            return subscribe(
                informer, partial(cache.child_deltas, kind, namespace), partial(cache.holds, kind)
            )

        self.owners = tuple(
            subscribe(
                shared.informer(program.spec.api, namespace, ""),
                partial(cache.owner_deltas, namespace),
                _holds_no_child,
            )
            for namespace in owner_namespaces(program.spec, settings)
        )
        self.children = tuple(
            tuple(
                children(kind, namespace) for namespace in child_namespaces(program, kind, settings)
            )
            for kind in range(len(program.kinds))
        )
        cache.claim_from([[each.informer.unclaimed for each in group] for group in self.children])

    def __iter__(self) -> Iterator[Part]:
        yield from self.owners
        for group in self.children:
            yield from group

    @property
    def asked(self) -> bool:
        """Whether every server question was answered once, so that reconciling may begin."""
        return all(each.subscription.asked for each in self)

    @property
    def synced(self) -> bool:
        """Whether every cache is filled."""
        return all(each.subscription.synced for each in self)

    def unavailable(self) -> dict[int, str]:
        """Kinds of which not everything is known, and why."""
        return {
            kind: next(
                (each.informer.trouble for each in group if each.informer.trouble),
                "not listed yet",
            )
            for kind, group in enumerate(self.children)
            if not all(each.subscription.synced for each in group)
        }

    def missing(self) -> tuple[str, ...]:
        """Resources that the server refuses or does not know."""
        troubled = {each.informer.api.group_resource for each in self if each.informer.trouble}
        return tuple(sorted(map(str, troubled)))

    def views(self) -> tuple[InformerView, ...]:
        """How each stands."""
        return tuple(each.informer.view(each.subscription) for each in self)

    async def run(self) -> None:
        """Take part in all of them until cancelled."""
        for informer, subscription in self:
            informer.join(subscription)
        try:
            await asyncio.Event().wait()
        finally:
            left = [informer.leave(subscription) for informer, subscription in self]
            if ending := [each for each in left if each is not None]:
                await asyncio.wait(ending)

    def _take(
        self, deltas: Callable[[list[Delta]], Iterator[NamespacedName]], said: list[Delta]
    ) -> int:
        news = 0
        for key in deltas(said):
            self._notice(key)
            news += 1
        return news


def _holds_no_child(_key: NamespacedName, _set_identity: str) -> bool:
    return False


def owner_namespaces(spec: Controller, settings: Settings) -> tuple[str, ...]:
    """Where owners are watched; one empty name means everywhere."""
    if not spec.api.namespaced:
        return ("",)
    if settings.namespaces and spec.namespaces:
        return tuple(each for each in spec.namespaces if each in settings.namespaces)
    return spec.namespaces or settings.namespaces or ("",)


def served_keys(spec: Controller, settings: Settings) -> Callable[[NamespacedName], bool]:
    """Tells whether an owner of that name is this process's, by namespace and by shard."""
    watched = owner_namespaces(spec, settings)
    everywhere = "" in watched
    index, count = settings.shard

    def is_served(key: NamespacedName) -> bool:
        if not everywhere and key.namespace not in watched:
            return False
        return count < 2 or zlib.crc32(str(key).encode()) % count == index

    return is_served


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
