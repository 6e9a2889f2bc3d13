"""Connections to a cluster that have one defect each; everything else passes unchanged."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any, TypeVar

from katalog_runtime.bundle import ApiType
from katalog_runtime.cluster import Cluster, ListPage, PatchType, WatchEvent
from katalog_runtime.errors import UnreachableError
from katalog_runtime.objects import Manifest, NamespacedName

_T = TypeVar("_T")


class Link:
    """No defect: what the others are made of."""

    def __init__(self, inner: Cluster) -> None:
        self._inner = inner

    async def written(self, answer: Awaitable[_T]) -> _T:
        """How a write is sent and answered."""
        return await answer

    async def read(self, answer: Awaitable[_T]) -> _T:
        """How a get or a page is asked for and answered."""
        return await answer

    def sent(self, manifest: Manifest) -> Manifest:
        """What reaches the server of a created or applied object."""
        return manifest

    async def list_page(self, api: ApiType, **more: Any) -> ListPage:
        return await self.read(self._inner.list_page(api, **more))

    async def watch(self, api: ApiType, **more: Any) -> AsyncGenerator[WatchEvent, None]:
        async for event in self._inner.watch(api, **more):
            yield event

    async def get(self, api: ApiType, key: NamespacedName) -> Manifest:
        return await self.read(self._inner.get(api, key))

    async def create(self, api: ApiType, manifest: Manifest) -> Manifest:
        return await self.written(self._inner.create(api, self.sent(manifest)))

    async def apply(self, api: ApiType, manifest: Manifest, *, force: bool) -> Manifest:
        return await self.written(self._inner.apply(api, self.sent(manifest), force=force))

    async def patch(
        self,
        api: ApiType,
        key: NamespacedName,
        body: Any,
        *,
        patch_type: PatchType,
    ) -> Manifest:
        return await self.written(self._inner.patch(api, key, body, patch_type=patch_type))

    async def replace(self, api: ApiType, manifest: Manifest, *, subresource: str = "") -> Manifest:
        return await self.written(self._inner.replace(api, manifest, subresource=subresource))

    async def delete(self, api: ApiType, key: NamespacedName, **more: Any) -> None:
        await self.written(self._inner.delete(api, key, **more))


class LateAnswers(Link):
    """Writes happen at once, and are answered (well or badly) after the watch has told of them."""

    seconds = 0.0

    async def written(self, answer: Awaitable[_T]) -> _T:
        try:
            return await answer
        finally:
            await asyncio.sleep(self.seconds)


class LateEvents(Link):
    """Watches (of one resource, or of all) lag behind by so many seconds."""

    seconds = 0.0
    plural = ""

    async def watch(self, api: ApiType, **more: Any) -> AsyncGenerator[WatchEvent, None]:
        async for event in self._inner.watch(api, **more):
            if self.plural in ("", api.plural):
                await asyncio.sleep(self.seconds)
            yield event


class LosingEvents(Link):
    """Watches leave out what `loses` says; nobody ever tells of it again."""

    loses: Callable[[WatchEvent], bool] = staticmethod(lambda event: event.type == "BOOKMARK")

    async def watch(self, api: ApiType, **more: Any) -> AsyncGenerator[WatchEvent, None]:
        async for event in self._inner.watch(api, **more):
            if not self.loses(event):
                yield event


class Cut(Link):
    """While `down`, nothing gets through, and open watches end."""

    down = False
    asked = 0
    """Requests that met the outage."""

    async def written(self, answer: Awaitable[_T]) -> _T:
        return await self.read(answer)

    async def read(self, answer: Awaitable[_T]) -> _T:
        if self.down:
            self.asked += 1
            if asyncio.iscoroutine(answer):
                answer.close()
            raise UnreachableError("connection refused")
        return await answer

    async def watch(self, api: ApiType, **more: Any) -> AsyncGenerator[WatchEvent, None]:
        if self.down:
            self.asked += 1
            raise UnreachableError("connection refused")
        async for event in self._inner.watch(api, **more):
            if self.down:
                raise UnreachableError("connection reset")
            yield event


class Webhook(Link):
    """A mutating webhook changes what is written, every time."""

    def sent(self, manifest: Manifest) -> Manifest:
        if manifest["kind"] != "ReplicaSet":
            return manifest
        spec = {**manifest["spec"], "replicas": manifest["spec"]["replicas"] + 1}
        return {**manifest, "spec": spec}


class Stuck(Link):
    """Creating an object whose name begins with `prefix` is never answered."""

    prefix = ""

    async def create(self, api: ApiType, manifest: Manifest) -> Manifest:
        if manifest["metadata"]["name"].startswith(self.prefix):
            await asyncio.Event().wait()
        return await self._inner.create(api, manifest)


class Buggy(Link):
    """Creating an object whose name begins with `prefix` meets a bug of ours."""

    prefix = ""

    async def create(self, api: ApiType, manifest: Manifest) -> Manifest:
        if manifest["metadata"]["name"].startswith(self.prefix):
            raise RecursionError("maximum recursion depth exceeded")
        return await self._inner.create(api, manifest)
