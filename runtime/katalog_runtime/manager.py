"""The whole operator in one process: controllers, election, Events, HTTP, and an orderly end.

In: a bundle, a config, and (in tests and with the embedded cluster) a cluster. Out: a coroutine
that is the operator until SIGTERM, SIGINT or cancellation. The order of the end: answer "not
ready", let writes in flight finish while the Lease is still renewed, then give the Lease back, then
close.
"""

from __future__ import annotations

import asyncio
import logging
import os
import random
import socket
import uuid
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from katalog_runtime import health, stop_requests
from katalog_runtime.bundle import Bundle
from katalog_runtime.bundle import Controller as ControllerSpec
from katalog_runtime.client import HttpCluster
from katalog_runtime.clock import Clock, SystemClock
from katalog_runtime.cluster import Cluster
from katalog_runtime.config import Address, Config
from katalog_runtime.connection import connect
from katalog_runtime.controller import Controller
from katalog_runtime.events import EventRecorder, RecordedEvent
from katalog_runtime.health import LeadershipView
from katalog_runtime.katalog_shapes import ProcessView
from katalog_runtime.leader import Elector
from katalog_runtime.lease import lease_name
from katalog_runtime.listener import listen
from katalog_runtime.logs import LOGGER
from katalog_runtime.metrics import OperatorMetrics
from katalog_runtime.objects import NamespacedName
from katalog_runtime.observe import ControllerView, ObjectView
from katalog_runtime.settings import Settings
from katalog_runtime.shared_informers import SharedInformers
from katalog_runtime.supervision import Supervisor

if TYPE_CHECKING:
    from katalog_runtime.exposition import Exposition

STOP_SECONDS = 25.0
"""From SIGTERM to the end of the process; Kubernetes kills after 30 s (the pod's grace period)."""
_DRAIN_SECONDS = 20.0
_EVENT_SECONDS = 1.0


class Manager:
    """The process's parts. Implements `server.Observed`; `serve` runs it."""

    def __init__(
        self,
        bundle: Bundle,
        config: Config,
        *,
        cluster: Cluster,
        metrics: OperatorMetrics,
        clock: Clock,
        chance: random.Random,
        log: logging.Logger,
        lease_namespace: str,
    ) -> None:
        """Build everything; nothing runs yet."""
        self._bundle = bundle
        self._config = config
        self._cluster = cluster
        self._metrics = metrics
        self._exposition: Exposition | None = None
        self._clock = clock
        self._chance = chance
        self._log = log
        self._started_at = clock.now()
        self._stopping = False
        self._supervisor = Supervisor(clock=clock, log=log)
        host = config.pod_name or socket.gethostname()
        self._recorder = EventRecorder(
            cluster=cluster,
            clock=clock,
            component=bundle.operator.name,
            host=host,
            log=log,
            count=metrics.event,
        )
        self._elector: Elector | None = None
        if config.leader_elect:
            shard = config.shard
            lease = lease_name(bundle.operator.name, shard.index, shard.count)
            self._elector = Elector(
                cluster=cluster,
                clock=clock,
                identity=f"{host}_{uuid.uuid4()}",
                key=NamespacedName(lease_namespace, lease),
                on_change=self._on_leadership,
                log=log,
                chance=chance,
            )
        self._settings = Settings(
            workers=config.workers,
            resync_seconds=config.resync_seconds,
            queue_depth=config.queue_depth,
            namespaces=config.namespaces,
            shard=(config.shard.index, config.shard.count),
            drain_seconds=_DRAIN_SECONDS,
        )
        self._shared = SharedInformers(cluster, clock, self._settings, chance.random, log)
        self._controllers = {spec.name: self._build(spec) for spec in bundle.controllers}

    # What the routes see ----------------------------------------------------------------------

    def process(self) -> ProcessView:
        """See `server.Observed`."""
        views = {name: each.view() for name, each in self._controllers.items()}
        leadership = self._leadership()
        return ProcessView(
            bundle=self._bundle,
            views=views,
            leadership=leadership,
            readiness=health.ready(list(views.values()), leadership, stopping=self._stopping),
            liveness=health.alive(self._supervisor.failing),
            started_at=self._started_at,
            now=self._clock.now(),
        )

    def views(self) -> list[ControllerView]:
        """One view per controller."""
        return [each.view() for each in self._controllers.values()]

    def objects(self, controller: str) -> Sequence[ObjectView]:
        """See `server.Observed`."""
        return list(self._controllers[controller].objects())

    def object(self, controller: str, key: NamespacedName) -> ObjectView | None:
        """See `server.Observed`."""
        return self._controllers[controller].object(key)

    def events(self, uid: str) -> Sequence[RecordedEvent]:
        """See `server.Observed`."""
        return self._recorder.recent(uid)

    def metrics(self) -> bytes:
        """See `server.Observed`."""
        if self._exposition is None:
            from katalog_runtime.exposition import Exposition

            shard, name = self._config.shard, self._bundle.operator.name
            self._exposition = Exposition(
                self._metrics,
                self._bundle,
                views=self.views,
                is_leading=self.is_leading,
                lease_name=lease_name(name, shard.index, shard.count),
            )
        return self._exposition.render()

    def is_leading(self) -> bool:
        """Whether this process may write; asked before every write."""
        return self._elector is None or self._elector.is_leading()

    # Running ----------------------------------------------------------------------------------

    async def serve(self, stop: asyncio.Event, listening: Callable[[Address], None]) -> None:
        """Run all parts until `stop` is set, then end in order.

        Args:
            stop: set by a signal handler or a test.
            listening: called once with the address of the HTTP server.

        Raises:
            katalog_runtime.listener.ListenError: the address cannot be had.
        """
        listener = listen(self._config.address)
        listening(listener.address)
        keep = self._supervisor.keep
        tasks: list[asyncio.Task[None]] = []
        answering = asyncio.create_task(keep("http", lambda: listener.serve(self, self._log)))
        try:
            events = asyncio.create_task(keep("events", self._recorder.run))
            tasks.append(events)
            election: asyncio.Task[None] | None = None
            if self._elector is not None:
                election = asyncio.create_task(keep("election", self._elector.run))
                tasks.append(election)
            for spec in self._bundle.controllers:
                tasks.append(asyncio.create_task(keep(spec.name, self._starter(spec))))
            await stop.wait()
            await self._end(tasks, events, election)
        finally:
            await _cancel([*tasks, answering])
            listener.close()

    async def _end(
        self,
        tasks: list[asyncio.Task[None]],
        events: asyncio.Task[None],
        election: asyncio.Task[None] | None,
    ) -> None:
        self._stopping = True
        self._log.info("stopping")
        began = self._clock.monotonic()
        try:
            async with asyncio.timeout(STOP_SECONDS - 2 * _EVENT_SECONDS - 2.0):
                # The Lease is renewed meanwhile: writes in flight are still ours to finish.
                await asyncio.gather(*(each.stop() for each in self._controllers.values()))
        except TimeoutError:
            self._log.warning("writes abandoned at the end of the grace time")
        await _cancel([task for task in tasks if task not in (events, election)])
        if election is not None and self._elector is not None:
            await _cancel([election])
            await self._elector.release()
        await _cancel([events])
        await self._recorder.drain(_EVENT_SECONDS)
        took = round(self._clock.monotonic() - began, 3)
        self._log.info("stopped", extra={"fields": {"seconds": took}})

    def _build(self, spec: ControllerSpec) -> Controller:
        controller = Controller(
            spec,
            self._bundle.operator,
            cluster=self._cluster,
            clock=self._clock,
            recorder=self._recorder,
            metrics=self._metrics,
            log=self._log.getChild(spec.name),
            settings=self._settings,
            shared=self._shared,
            may_write=self.is_leading,
            chance=self._chance,
        )
        if not self.is_leading():
            controller.deactivate()
        return controller

    def _starter(self, spec: ControllerSpec) -> Callable[[], asyncio.Future[None]]:
        """Runs the controller at hand; after a crash, a new one whose cache is empty."""
        fresh = True

        def start() -> asyncio.Future[None]:
            nonlocal fresh
            if not fresh:
                self._controllers[spec.name] = self._build(spec)
            fresh = False
            return asyncio.ensure_future(self._controllers[spec.name].run())

        return start

    def _on_leadership(self, leading: bool) -> None:
        for controller in self._controllers.values():
            if leading:
                controller.activate()
            else:
                controller.deactivate()

    def _leadership(self) -> LeadershipView:
        elector = self._elector
        if elector is None:
            return LeadershipView(enabled=False, leading=True)
        return LeadershipView(
            enabled=True,
            leading=elector.is_leading(),
            leader=elector.leader,
            trouble=elector.trouble,
        )


async def _cancel(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def run(
    bundle: Bundle,
    config: Config,
    *,
    cluster: Cluster | None = None,
    stop: asyncio.Event | None = None,
    listening: Callable[[Address], None] | None = None,
) -> None:
    """Be the operator until SIGTERM or SIGINT, until `stop` is set, or until cancelled.

    With `config.end_with_stdin` the end of standard input is such a signal too.

    Args:
        bundle: what to execute.
        config: how.
        cluster: where; None means the cluster that kubectl (or the pod) would use.
        stop: ends the operator when set; signals and standard input are then left to the caller.
        listening: called with the HTTP server's address.

    Raises:
        katalog_runtime.connection.ConnectionSetupError: no cluster can be addressed.
        katalog_runtime.listener.ListenError: the address of the HTTP server cannot be had.
    """
    log = logging.getLogger(LOGGER)
    async with AsyncExitStack() as stack:
        namespace, host = "default", ""
        connection = None
        if cluster is None:
            connection = await connect(
                os.environ, kubeconfig=config.kubeconfig, context=config.context
            )
            namespace, host = connection.namespace, connection.server.partition("//")[2]
        metrics = OperatorMetrics(bundle, host=host)
        if connection is not None:
            client = HttpCluster(connection, name=bundle.operator.name, observe=metrics.requested)
            cluster = await stack.enter_async_context(client)
        assert cluster is not None
        manager = Manager(
            bundle,
            config,
            cluster=cluster,
            metrics=metrics,
            clock=SystemClock(),
            chance=random.SystemRandom(),
            log=log,
            lease_namespace=config.pod_namespace or namespace,
        )
        if stop is None:
            stop = asyncio.Event()
            stack.enter_context(stop_requests.signals(stop))
            if config.end_with_stdin:
                stop_requests.standard_input(stop)

        def heard(address: Address) -> None:
            facts = {"address": str(address), "url": address.url}
            log.info("listening", extra={"fields": facts})
            if listening is not None:
                listening(address)

        facts = {"operator": bundle.operator.name, "digest": bundle.digest[:19]}
        log.info("starting", extra={"fields": facts})
        await manager.serve(stop, heard)
