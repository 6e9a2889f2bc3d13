"""A cluster connection that goes dead after a number of writes: SIGKILL, as the server sees it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any, TypeVar

from katalog_runtime.cluster import Cluster
from tests.runtime.links import Link

_T = TypeVar("_T")


class Killing(Link):
    """Passes everything on; the answer to write number `after` never comes, nor anything later."""

    def __init__(self, inner: Cluster, after: int) -> None:
        super().__init__(inner)
        self._left = after
        self.writes = 0
        self.dead = asyncio.Event()

    async def _gone(self) -> Any:
        await asyncio.Event().wait()

    async def written(self, answer: Awaitable[_T]) -> _T:
        if self.dead.is_set():
            if asyncio.iscoroutine(answer):
                answer.close()
            await self._gone()
        given = await answer
        self.writes += 1
        self._left -= 1
        if self._left == 0:
            self.dead.set()
            await self._gone()
        return given
