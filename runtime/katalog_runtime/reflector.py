"""Drive one list and watch: ask a Cluster what the state machine wants to know, and pass deltas on.

The only decisions made here are about I/O: deadlines, and closing streams. What to ask next is
decided in `listwatch`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable

from katalog_runtime.bundle import ApiType
from katalog_runtime.clock import Clock
from katalog_runtime.cluster import Cluster
from katalog_runtime.errors import ApiError, UnreachableError
from katalog_runtime.listwatch import (
    Delta,
    ListRequest,
    ListWatch,
    Phase,
    Sweep,
    WaitRequest,
    WatchRequest,
)
from katalog_runtime.observe import InformerView, Metrics
from katalog_runtime.settings import Settings

_LIST_SECONDS = 120.0


class Reflector:
    """One type in one namespace (or all), kept in step with the server for ever."""

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
        take: Callable[[list[Delta]], int],
        changed: Callable[[], None],
        metrics: Metrics,
        log: logging.Logger,
        controller: str,
    ) -> None:
        """`take` puts deltas into a cache and returns how many were news; `changed` is called when
        `synced` or `trouble` change."""
        self.api = api
        self.namespace = namespace
        self._selector = label_selector
        self._cluster = cluster
        self._clock = clock
        self._settings = settings
        self._take = take
        self._changed = changed
        self._metrics = metrics
        self._log = log
        self._controller = controller
        self._resource = str(api.group_resource)
        self._listed_news = 0
        self._listed_objects = 0
        self._reported = ""
        self.machine = ListWatch(
            page_size=settings.page_size,
            watch_seconds=settings.watch_seconds,
            audit_seconds=settings.audit_seconds,
            chance=chance,
        )
        self.asked = False
        """Whether the server has answered at least once, well or badly."""

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
            self._report()

    def view(self) -> InformerView:
        """How it stands."""
        machine = self.machine
        silent = max(0.0, self._clock.monotonic() - machine.heard_at)
        watching = machine.phase is Phase.WATCHING
        return InformerView(
            api=self.api,
            namespace=self.namespace,
            synced=machine.synced,
            trouble=machine.trouble,
            silent_seconds=silent,
            fresh=machine.synced
            and not machine.trouble
            and (watching or silent < self._settings.idle_seconds),
            lists=machine.lists,
            watch_ends=machine.watch_ends,
        )

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
            error: ApiError = UnreachableError(f"listing {self._resource} took too long")
        except ApiError as refused:
            error = refused
        else:
            self._deliver(machine.on_page(page, self._clock.monotonic()))
            return
        machine.on_error(error)

    def _deliver(self, deltas: list[Delta]) -> None:
        first = not self.machine.synced or self.machine.lists == 1
        self._listed_news += self._take(deltas)
        self._listed_objects += len(deltas)
        if deltas and isinstance(deltas[-1], Sweep):
            repairs = 0 if first else self._listed_news
            self._metrics.listed(
                self._controller, self._resource, self._listed_objects - 1, repairs
            )
            self._listed_news = self._listed_objects = 0

    async def _watch(self, request: WatchRequest) -> None:
        machine = self.machine
        loop = asyncio.get_running_loop()
        idle = self._settings.idle_seconds
        stream = self._cluster.watch(
            self.api,
            namespace=self.namespace,
            label_selector=self._selector,
            resource_version=request.resource_version,
            timeout_seconds=request.timeout_seconds,
        )
        cause = "timeout"
        self._report()
        try:
            armed = loop.time()
            async with asyncio.timeout_at(armed + idle) as deadline:
                async for event in stream:
                    now = self._clock.monotonic()
                    deltas = machine.on_event(event, now)
                    if deltas:
                        self._take(deltas)
                    if machine.phase is not Phase.WATCHING:
                        cause = "error" if event.type == "ERROR" else "broken"
                        break
                    # Rearming a timer for each of thousands of events would cost more than they do.
                    moment = loop.time()
                    if moment - armed > idle / 10:
                        armed = moment
                        deadline.reschedule(armed + idle)
                else:
                    machine.on_end(self._clock.monotonic())
        except TimeoutError:
            cause = "idle"
            machine.on_silence()
        except ApiError as error:
            cause = "gone" if error.status == 410 else "error"
            machine.on_error(error)
        finally:
            if isinstance(stream, AsyncGenerator):
                await stream.aclose()
        self._metrics.watch_ended(self._controller, self._resource, cause)

    def _report(self) -> None:
        """Say once when trouble begins and once when it ends."""
        machine = self.machine
        first = not self.asked and (machine.synced or bool(machine.trouble))
        self.asked = self.asked or first
        state = f"{machine.synced}{machine.trouble}"
        if state == self._reported and not first:
            return
        before, self._reported = self._reported, state
        facts = {"controller": self._controller, "resource": self._resource}
        if self.namespace:
            facts["namespace"] = self.namespace
        if machine.trouble:
            facts["error"] = machine.trouble[:256]
            self._log.warning("cannot list or watch", extra={"fields": facts})
        elif before:
            self._log.info("watching", extra={"fields": facts})
        self._changed()
