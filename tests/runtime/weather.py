"""A process's way to the cluster in bad weather: every mishap is drawn from one seeded source.

Requests are late, refused, lost, or answered after the caller has given up; watches lag, repeat
themselves, break off, fall silent. A request that is on its way arrives even if its sender was
killed meanwhile.
"""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any, TypeVar

from katalog_runtime.bundle import ApiType
from katalog_runtime.cluster import Cluster, ListPage, PatchType, WatchEvent
from katalog_runtime.errors import ApiError, UnreachableError, api_error
from katalog_runtime.objects import Manifest, NamespacedName

_T = TypeVar("_T")

READ_STATUSES = (401, 403, 410, 429, 500, 503, 504)
WRITE_STATUSES = (401, 403, 409, 422, 429, 500, 503, 504)
REPLAYED = 8
"""Events that a server which lags behind says again."""


class Weather:
    """Implements `Cluster` around another one; `storm` is the share of requests that go wrong."""

    def __init__(self, inner: Cluster, chance: random.Random) -> None:
        self._inner = inner
        self._chance = chance
        self._travelling: set[asyncio.Task[Any]] = set()
        self.storm = 0.0
        self.dead = False
        """Whether the process was killed: it hears nothing and sends nothing any more."""

    async def settle(self) -> None:
        """Wait for what is still on its way."""
        if self._travelling:
            await asyncio.wait(self._travelling)

    async def list_page(self, api: ApiType, **more: Any) -> ListPage:
        return await self._travel(lambda: self._inner.list_page(api, **more), READ_STATUSES)

    async def get(self, api: ApiType, key: NamespacedName) -> Manifest:
        return await self._travel(lambda: self._inner.get(api, key), READ_STATUSES)

    async def create(self, api: ApiType, manifest: Manifest) -> Manifest:
        return await self._travel(lambda: self._inner.create(api, manifest), WRITE_STATUSES)

    async def apply(self, api: ApiType, manifest: Manifest, *, force: bool) -> Manifest:
        return await self._travel(
            lambda: self._inner.apply(api, manifest, force=force), WRITE_STATUSES
        )

    async def patch(
        self,
        api: ApiType,
        key: NamespacedName,
        body: Any,
        *,
        patch_type: PatchType,
    ) -> Manifest:
        return await self._travel(
            lambda: self._inner.patch(api, key, body, patch_type=patch_type), WRITE_STATUSES
        )

    async def replace(self, api: ApiType, manifest: Manifest, *, subresource: str = "") -> Manifest:
        return await self._travel(
            lambda: self._inner.replace(api, manifest, subresource=subresource), WRITE_STATUSES
        )

    async def delete(self, api: ApiType, key: NamespacedName, **more: Any) -> None:
        await self._travel(lambda: self._inner.delete(api, key, **more), WRITE_STATUSES)

    async def watch(self, api: ApiType, **more: Any) -> AsyncGenerator[WatchEvent, None]:
        await self._pause()
        if self._strikes(1.0):
            raise self._mishap(READ_STATUSES)
        events = self._inner.watch(api, **more)
        recent: deque[WatchEvent] = deque(maxlen=REPLAYED)
        try:
            async for event in events:
                if self._strikes(0.3):
                    await asyncio.sleep(self._chance.uniform(0.1, 20.0))
                if self._strikes(0.1):
                    for again in recent:
                        yield again
                recent.append(event)
                if self._strikes(0.2):
                    broken = self._break_off()
                    if broken is None:
                        return
                    yield broken
                if self.dead:
                    await self._hang()
                yield event
        finally:
            await events.aclose()  # type: ignore[attr-defined]  # every implementation is a generator

    def _break_off(self) -> WatchEvent | None:
        """The last word of a watch; None for none at all."""
        if self._chance.random() < 0.3:
            return None
        if self._chance.random() < 0.3:
            raise UnreachableError("a line of the watch is no JSON object")
        code, reason = self._chance.choice(
            ((410, "Expired"), (500, "InternalError"), (429, "TooManyRequests"))
        )
        return WatchEvent(type="ERROR", object={"code": code, "reason": reason, "kind": "Status"})

    async def _travel(self, act: Callable[[], Awaitable[_T]], statuses: tuple[int, ...]) -> _T:
        if self.dead:
            await self._hang()
        arriving = asyncio.ensure_future(self._arrive(act, statuses))
        self._travelling.add(arriving)
        arriving.add_done_callback(self._arrived)
        answer = await asyncio.shield(arriving)
        if self.dead:
            await self._hang()
        return answer

    def _arrived(self, task: asyncio.Task[Any]) -> None:
        self._travelling.discard(task)
        if not task.cancelled():
            task.exception()

    async def _arrive(self, act: Callable[[], Awaitable[_T]], statuses: tuple[int, ...]) -> _T:
        await self._pause()
        if self._strikes(1.0):
            raise self._mishap(statuses)
        lost = self._strikes(0.5)
        answer = await act()
        await self._pause()
        if lost:
            await asyncio.sleep(self._chance.choice((0.0, 0.5, 30.0)))
            raise UnreachableError("the answer was lost")
        return answer

    async def _pause(self) -> None:
        """A moment's way; in a storm now and then seconds."""
        most = 4.0 if self._strikes(1.0) else 0.02
        await asyncio.sleep(self._chance.uniform(0.0, most))

    def _strikes(self, share: float) -> bool:
        return self.storm > 0 and self._chance.random() < self.storm * share

    def _mishap(self, statuses: tuple[int, ...]) -> ApiError:
        if self._chance.random() < 0.3:
            return UnreachableError("the connection was refused")
        status = self._chance.choice(statuses)
        patience = self._chance.choice((1.0, 5.0)) if status == 429 else None
        return api_error(status, {}, retry_after_seconds=patience)

    async def _hang(self) -> Any:
        await asyncio.Event().wait()
