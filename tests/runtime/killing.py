"""A cluster connection that goes dead after a number of writes: SIGKILL, as the server sees it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from typing import Any, TypeVar

from katalog_runtime.bundle import ApiType
from katalog_runtime.cluster import Cluster, ListPage, PatchType, WatchEvent
from katalog_runtime.objects import Manifest, NamespacedName

_T = TypeVar("_T")


class Killing:
    """Passes everything on; the answer to write number `after` never comes, nor anything later."""

    def __init__(self, inner: Cluster, after: int) -> None:
        self._inner = inner
        self._left = after
        self.writes = 0
        self.dead = asyncio.Event()

    async def _gone(self) -> Any:
        await asyncio.Event().wait()

    async def _write(self, request: Awaitable[_T]) -> _T:
        if self.dead.is_set():
            if asyncio.iscoroutine(request):
                request.close()
            await self._gone()
        answer = await request
        self.writes += 1
        self._left -= 1
        if self._left == 0:
            self.dead.set()
            await self._gone()
        return answer

    async def list_page(self, api: ApiType, **more: Any) -> ListPage:
        return await self._inner.list_page(api, **more)

    async def watch(self, api: ApiType, **more: Any) -> AsyncIterator[WatchEvent]:
        async for event in self._inner.watch(api, **more):
            yield event

    async def get(self, api: ApiType, key: NamespacedName) -> Manifest:
        return await self._inner.get(api, key)

    async def create(self, api: ApiType, manifest: Manifest) -> Manifest:
        return await self._write(self._inner.create(api, manifest))

    async def apply(self, api: ApiType, manifest: Manifest, *, force: bool) -> Manifest:
        return await self._write(self._inner.apply(api, manifest, force=force))

    async def patch(
        self,
        api: ApiType,
        key: NamespacedName,
        body: Any,
        *,
        patch_type: PatchType,
        subresource: str = "",
    ) -> Manifest:
        return await self._write(
            self._inner.patch(api, key, body, patch_type=patch_type, subresource=subresource)
        )

    async def replace(self, api: ApiType, manifest: Manifest) -> Manifest:
        return await self._write(self._inner.replace(api, manifest))

    async def delete(self, api: ApiType, key: NamespacedName, *, uid: str) -> None:
        await self._write(self._inner.delete(api, key, uid=uid))
