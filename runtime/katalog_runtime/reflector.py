"""Drive one list and watch: ask a Cluster what the state machine wants to know, and pass deltas on.

The only decisions made here are about I/O: deadlines, and closing streams. What to ask next is
decided in `listwatch`, who is interested in the answers in `shared_informers`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from typing import Protocol

from katalog_runtime.bundle import ApiType
from katalog_runtime.clock import Clock
from katalog_runtime.cluster import Cluster
from katalog_runtime.errors import ApiError, UnreachableError
from katalog_runtime.listwatch import (
    Delta,
    ListRequest,
    ListWatch,
    Phase,
    WaitRequest,
    WatchRequest,
)
from katalog_runtime.settings import Settings

_LIST_SECONDS = 120.0


class Sink(Protocol):
    """Where deltas go. Every call returns at once."""

    def page(self, deltas: list[Delta], *, first: bool) -> None:
        """A page of a list; a Sweep ends the last one."""
        ...

    def event(self, deltas: list[Delta]) -> None:
        """What a watch said."""
        ...

    def ended(self, cause: str) -> None:
        """A watch ended; see `observe.Metrics.watch_ended`."""
        ...

    def settled(self) -> None:
        """`synced` and `trouble` of the machine are up to date, and may have changed."""
        ...


class Reflector:
    """One type in one namespace (or all), kept in step with the server for ever."""

    def __init__(
        self,
        api: ApiType,
        namespace: str,
        label_selector: str,
        sink: Sink,
        *,
        cluster: Cluster,
        clock: Clock,
        settings: Settings,
        chance: Callable[[], float],
    ) -> None:
        """`chance` draws from [0, 1)."""
        self.api = api
        self.namespace = namespace
        self._selector = label_selector
        self._sink = sink
        self._cluster = cluster
        self._clock = clock
        self._idle_seconds = settings.idle_seconds
        self._deadline: asyncio.Timeout | None = None
        self.machine = ListWatch(
            page_size=settings.page_size,
            watch_seconds=settings.watch_seconds,
            audit_seconds=settings.audit_seconds,
            chance=chance,
        )

    async def run(self) -> None:
        """Until cancelled."""
        machine = self.machine
        machine.heard_at = self._clock.monotonic()
        while True:
            match machine.request(self._clock.monotonic()):
                case ListRequest() as request:
                    await self._list(request)
                case WatchRequest() as request:
                    await self._watch(request)
                case WaitRequest(seconds):
                    await self._clock.sleep(seconds)
                    machine.on_waited()
            self._sink.settled()

    def replay(self) -> None:
        """List everything from the start, soon: somebody has heard nothing yet."""
        self.machine.want_list()
        deadline = self._deadline
        if self.machine.list_wanted and deadline is not None and not deadline.expired():
            deadline.reschedule(asyncio.get_running_loop().time())

    @property
    def is_fresh(self) -> bool:
        """Whether the server was heard from within the idle deadline, and refuses nothing."""
        machine = self.machine
        hears = machine.phase is Phase.WATCHING or self.silent_seconds < self._idle_seconds
        return machine.synced and not machine.trouble and hears

    @property
    def silent_seconds(self) -> float:
        """Since the server last said anything."""
        return max(0.0, self._clock.monotonic() - self.machine.heard_at)

    async def _list(self, request: ListRequest) -> None:
        machine = self.machine
        try:
            async with asyncio.timeout(_LIST_SECONDS):
                page = await self._cluster.list_page(
                    self.api,
                    namespace=self.namespace,
                    label_selector=self._selector,
                    limit=request.limit,
                    continue_token=request.continue_token,
                    resource_version="",
                )
        except TimeoutError:
            what = self.api.group_resource
            error: ApiError = UnreachableError(f"listing {what} took too long")
        except ApiError as refused:
            error = refused
        else:
            deltas = machine.on_page(page, self._clock.monotonic())
            self._sink.page(deltas, first=not request.continue_token)
            return
        machine.on_error(error)

    async def _watch(self, request: WatchRequest) -> None:
        machine = self.machine
        loop = asyncio.get_running_loop()
        idle = self._idle_seconds
        stream = self._cluster.watch(
            self.api,
            namespace=self.namespace,
            label_selector=self._selector,
            resource_version=request.resource_version,
            timeout_seconds=request.timeout_seconds,
        )
        cause = "timeout"
        try:
            armed = loop.time()
            async with asyncio.timeout_at(armed + idle) as deadline:
                self._deadline = deadline
                async for event in stream:
                    now = self._clock.monotonic()
                    troubled = bool(machine.trouble)
                    deltas = machine.on_event(event, now)
                    if deltas:
                        self._sink.event(deltas)
                    if machine.phase is not Phase.WATCHING:
                        cause = "error" if event.type == "ERROR" else "broken"
                        break
                    if machine.list_wanted:
                        cause = "replay"
                        machine.on_hangup()
                        break
                    if troubled:
                        self._sink.settled()
                    # Rearming a timer for each of thousands of events would cost more than they do.
                    moment = loop.time()
                    if moment - armed > idle / 10:
                        armed = moment
                        deadline.reschedule(armed + idle)
                else:
                    machine.on_end(self._clock.monotonic())
        except TimeoutError:
            cause = "replay" if machine.list_wanted else "idle"
            if machine.list_wanted:
                machine.on_hangup()
            else:
                machine.on_silence()
        except ApiError as error:
            cause = "gone" if error.status == 410 else "error"
            machine.on_error(error)
        finally:
            self._deadline = None
            if isinstance(stream, AsyncGenerator):
                await stream.aclose()
        self._sink.ended(cause)
