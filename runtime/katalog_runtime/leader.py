"""Leader election over a Lease: the moves that `lease` decides, made on a cluster, until stopped.

In: a cluster, a clock, an identity. Out: `is_leading()`, asked before every write, and one call of
`on_change` per change. An outage of the API server, however long, ends in following and trying on,
never in an exit (fault L2). After a pause of the whole process `is_leading()` is false at once,
because it looks at the clock and not at a flag (fault Q8).
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable

from katalog_runtime import lease
from katalog_runtime.clock import Clock
from katalog_runtime.cluster import Cluster
from katalog_runtime.errors import (
    AlreadyExistsError,
    ApiError,
    ConflictError,
    NotFoundError,
    UnreachableError,
)
from katalog_runtime.lease import LEASES, Candidacy, Create, Look, Terms, Wait, Write
from katalog_runtime.objects import NamespacedName

_JITTER = 0.2
"""client-go's factor: candidates that started together must not knock together for ever."""
_LEAST_PAUSE = 0.001


class Elector:
    """One candidate in the election for one Lease."""

    def __init__(
        self,
        *,
        cluster: Cluster,
        clock: Clock,
        identity: str,
        key: NamespacedName,
        on_change: Callable[[bool], None],
        log: logging.Logger,
        chance: random.Random,
        terms: Terms | None = None,
    ) -> None:
        self._cluster = cluster
        self._clock = clock
        self._key = key
        self._on_change = on_change
        self._log = log
        self._chance = chance
        self._terms = terms or Terms()
        self._state = Candidacy(identity=identity)
        self._told = False
        self._trouble = ""
        self._leader = ""

    @property
    def leader(self) -> str:
        """The identity that leads as far as we know; empty when nobody does."""
        return lease.holder_of(self._state.lease)

    @property
    def trouble(self) -> str:
        """Why the last try failed; empty while tries succeed."""
        return self._trouble

    def is_leading(self) -> bool:
        """Whether this process may write at this moment."""
        return lease.is_leading(self._state, self._clock.monotonic())

    async def run(self) -> None:
        """Campaign, lead, lose, campaign again; until cancelled."""
        while True:
            await self._try()
            self._tell()
            pause = self._terms.retry_seconds * (1 + _JITTER * self._chance.random())
            until = self._state.leading_until
            if until is not None:
                # Never sleep past the moment at which leading ends; yet a timer may fire a rounding
                # error before it, and asking again and again in that instant helps nobody.
                pause = min(pause, max(_LEAST_PAUSE, until - self._clock.monotonic()))
            await self._clock.sleep(pause)

    async def release(self) -> None:
        """Give the Lease back; call after the last write of the process was answered."""
        leading = self.is_leading()
        self._state = lease.expired(self._state)
        self._tell()
        if not leading:
            return
        try:
            async with asyncio.timeout(self._terms.retry_seconds):
                # The renewal that the stop cut off may have been written: look first.
                await self._look()
                manifest = lease.released(self._state, self._clock.now())
                if manifest is not None:
                    await self._cluster.replace(LEASES, manifest)
            self._log.info("lease released")
        except (ApiError, TimeoutError) as error:
            self._log.warning("lease not released", extra={"fields": {"error": str(error)}})

    async def _try(self) -> None:
        """Moves until one writes, waits or fails; all within the time that leading leaves."""
        try:
            async with asyncio.timeout(self._patience()):
                # Look and write, and once more after a refused write; then it is time to wait.
                for _ in range(4):
                    if await self._move():
                        break
            self._trouble = ""
        except TimeoutError:
            self._fail("the API server does not answer")
        except ApiError as error:
            self._fail(str(error))
        now = self._clock.monotonic()
        if self._state.leading_until is not None and now >= self._state.leading_until:
            self._state = lease.expired(self._state)

    def _patience(self) -> float:
        """How long one try may take: half of the deadline, so that a second one has a chance."""
        half = self._terms.renew_seconds / 2
        until = self._state.leading_until
        return half if until is None else max(0.0, min(half, until - self._clock.monotonic()))

    async def _move(self) -> bool:
        """One move; True when it settled this try."""
        now, wall = self._clock.monotonic(), self._clock.now()
        move = lease.next_move(self._state, self._key, self._terms, now, wall)
        try:
            match move:
                case Wait():
                    # Look anew next time: the holder must be seen to live or not.
                    self._state = lease.refused(self._state)
                    return True
                case Look():
                    await self._look()
                    return False
                case Create(manifest):
                    answer = await self._cluster.create(LEASES, manifest)
                case Write(manifest):
                    answer = await self._cluster.replace(LEASES, manifest)
        except (AlreadyExistsError, ConflictError):
            self._state = lease.refused(self._state)
            return False
        except NotFoundError:
            self._state = lease.vanished(self._state)
            raise
        after = self._clock.monotonic()
        self._state = lease.written(self._state, answer, self._terms, sent_at=now, now=after)
        return True

    async def _look(self) -> None:
        try:
            found = await self._cluster.get(LEASES, self._key)
        except NotFoundError:
            self._state = lease.seen(self._state, None, self._clock.monotonic())
        else:
            if not isinstance(found.get("metadata"), dict):
                raise UnreachableError("the answer is no Lease")
            self._state = lease.seen(self._state, found, self._clock.monotonic())

    def _fail(self, trouble: str) -> None:
        if trouble != self._trouble:
            self._log.warning("lease not renewed", extra={"fields": {"error": trouble}})
        self._trouble = trouble

    def _tell(self) -> None:
        leading = self.is_leading()
        if self.leader != self._leader:
            self._leader = self.leader
            self._log.info("leader seen", extra={"fields": {"leader": self._leader}})
        if leading != self._told:
            self._told = leading
            self._log.info("leading" if leading else "following")
            self._on_change(leading)
