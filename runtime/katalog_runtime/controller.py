"""One custom resource type, served: watches feed a cache and a queue, keys are decided and written.

In: the bundle's controller and everything it talks to. Out: a running loop, and views of it. The
loop decides one key at a time and keeps the writes of many owners in flight; what to write is
decided elsewhere, in pure modules.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Iterator

from katalog_runtime.bundle import Controller as ControllerSpec
from katalog_runtime.bundle import Operator
from katalog_runtime.cache import Cache
from katalog_runtime.clock import Clock
from katalog_runtime.cluster import Cluster
from katalog_runtime.execute import Executor, LeadershipLostError
from katalog_runtime.functions import TABLE
from katalog_runtime.informers import Informers, owner_namespaces, served_keys
from katalog_runtime.objects import NamespacedName
from katalog_runtime.observe import ControllerView, Metrics, ObjectView, ReconcileResult, Recorder
from katalog_runtime.outcome import Outcome, Work
from katalog_runtime.perform import OwnerReconciler
from katalog_runtime.reconcile_log import ReconcileLog
from katalog_runtime.render import compile_program
from katalog_runtime.settings import Settings
from katalog_runtime.shared_informers import SharedInformers
from katalog_runtime.tally import Tally
from katalog_runtime.views import object_view
from katalog_runtime.workqueue import Lane, Taken, WorkQueue

_CONFLICTS = 5
_CONTENDED_SECONDS = 5.0
"""After that many conflicts in a row, a change by others is no reason to try at once."""
_CHUNK = 200
"""Keys looked at before other tasks get their turn."""


class Controller:
    """Serves one custom resource type until cancelled."""

    def __init__(
        self,
        spec: ControllerSpec,
        operator: Operator,
        *,
        cluster: Cluster,
        clock: Clock,
        recorder: Recorder,
        metrics: Metrics,
        log: logging.Logger,
        settings: Settings,
        shared: SharedInformers | None = None,
        may_write: Callable[[], bool] = lambda: True,
        chance: random.Random | None = None,
    ) -> None:
        """Compile the spec's expressions; nothing runs yet.

        Args:
            log: Takes lines with `extra={"fields": {...}}`.
            shared: The watches that it shares with others; by default it has its own.
            may_write: Asked before every write; False stops all writing at once (a lost Lease).
            chance: Source of jitter and of random functions; the system's by default.
        """
        self.spec = spec
        self._clock = clock
        self._metrics = metrics
        self._settings = settings
        self._chance = chance or random.SystemRandom()
        self._workers = spec.workers or settings.workers
        resync = spec.resync_seconds
        self._resync_seconds = settings.resync_seconds if resync is None else resync
        depth = spec.queue_depth
        self._program = compile_program(spec, operator, TABLE)
        self._cache = Cache(self._program, served_keys(spec, settings))
        self._queue = WorkQueue(
            max_depth=settings.queue_depth if depth is None else depth,
            backoff=spec.backoff,
            chance=self._chance.random,
        )
        self._tally = Tally(settings.failure_threshold)
        self._lines = ReconcileLog(
            log, spec.name, owner=self._cache.owners.get, chance=self._chance
        )
        self._executor = Executor(
            self._program,
            self._cache,
            cluster=cluster,
            metrics=metrics,
            everywhere="" in owner_namespaces(spec, settings),
            may_write=may_write,
        )
        self._reconciler = OwnerReconciler(
            self._program,
            self._cache,
            self._executor,
            clock=clock,
            recorder=recorder,
            chance=self._chance,
            resync_seconds=self._resync_seconds,
            stray_seconds=settings.stray_seconds,
        )
        self._informers = Informers(
            self._program,
            self._cache,
            shared or SharedInformers(cluster, clock, settings, self._chance.random, log),
            settings=settings,
            metrics=metrics,
            log=log,
            notice=self._notice,
            changed=self._kinds_changed,
        )
        self._unavailable = self._informers.unavailable()
        self._wake = asyncio.Event()
        self._active = True
        self._stopping = False
        self._drained = False
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Serve until cancelled or stopped."""
        async with asyncio.TaskGroup() as group:
            watching = group.create_task(self._informers.run())
            resyncing = group.create_task(self._resync())
            try:
                await self._dispatch()
            finally:
                watching.cancel()
                resyncing.cancel()
                for task in self._tasks:
                    task.cancel()
                if self._tasks:
                    await asyncio.wait(self._tasks)

    async def stop(self) -> None:
        """Take no new key, wait for writes in flight (`drain_seconds`), then end `run`."""
        self._stopping = True
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=self._settings.drain_seconds)
        self._drained = True
        self._wake.set()

    def activate(self) -> None:
        """Reconcile: this process leads. All owners are looked at."""
        self._active = True
        for key in self._cache.named_owners():
            self._add(key, Lane.RESYNC)
        self._wake.set()

    def deactivate(self) -> None:
        """Only keep the cache warm: another process leads."""
        self._active = False

    def view(self) -> ControllerView:
        """The state at this moment."""
        missing, synced = self._informers.missing(), self._informers.synced
        tally, queue = self._tally, self._queue
        return ControllerView(
            name=self.spec.name,
            api=self.spec.api,
            state=tally.state(synced=synced, missing=missing),
            active=self._active,
            synced=synced,
            missing=missing,
            informers=self._informers.views(),
            started_at=tally.started_at,
            workers=self._workers,
            workers_busy=min(self._workers, queue.active),
            resync_seconds=self._resync_seconds,
            queue_depth=queue.depth,
            queue_max_depth=queue.max_depth,
            queue_overflowed=queue.marked,
            queue_oldest_seconds=queue.oldest_seconds(self._clock.monotonic()),
            resource_count=len(self._cache.owners),
            ready_count=self._cache.ready_count,
            child_count=self._cache.child_count,
            total_reconciles=tally.total,
            failed_reconciles=tally.failed,
            consecutive_failures=tally.consecutive,
            error_rate=tally.error_rate,
            last_error=tally.last_error,
            last_reconcile=tally.last_reconcile,
            degraded_reason=tally.degraded_reason(missing),
        )

    def objects(self) -> Iterator[ObjectView]:
        """All owners, by namespace and name, without their children."""
        for key in sorted(self._cache.owners):
            yield object_view(self._program, self._cache.owners[key])

    def object(self, key: NamespacedName) -> ObjectView | None:
        """One owner with its children, or None."""
        owner = self._cache.owners.get(key)
        if owner is None:
            return None
        children = self._cache.children_of(self._program.identity(key))
        return object_view(self._program, owner, children, self._reconciler.ids_of(key))

    def _notice(self, key: NamespacedName) -> None:
        """Something about this owner changed; in the first lists, everything is a part of a sweep."""
        if self._active:
            self._add(key, Lane.RESYNC if self._tally.started_at is None else Lane.FRESH)

    def _add(self, key: NamespacedName, lane: Lane = Lane.FRESH) -> None:
        before = self._queue.overflows
        if self._queue.add(key, self._clock.monotonic(), lane):
            self._metrics.queue_added(self.spec.name)
            if self._queue.overflows > before:
                self._metrics.queue_overflowed(self.spec.name)
            self._wake.set()

    def _kinds_changed(self) -> None:
        """A kind can be listed now, or no longer: what was decided without it may change."""
        unavailable = self._informers.unavailable()
        if unavailable.keys() != self._unavailable.keys() and self._active:
            for key in self._cache.owners:
                self._add(key, Lane.RESYNC)
        self._unavailable = unavailable
        self._wake.set()

    async def _dispatch(self) -> None:
        """Take keys as long as there are any and as writes in flight allow."""
        width = max(self._settings.writers, self._workers)
        streak = 0
        while not self._drained:
            self._wake.clear()
            now = self._clock.monotonic()
            ready = self._informers.asked and len(self._tasks) < width
            ready = ready and self._active and not self._stopping
            if ready and self._tally.started_at is None:
                self._tally.started_at = self._clock.now()
            taken = self._queue.take(now) if ready else None
            if taken is None:
                streak = 0
                await self._idle(self._queue.next_moment() if ready else None)
                continue
            self._serve(taken, now)
            streak += 1
            if streak % _CHUNK == 0:
                await asyncio.sleep(0)

    async def _idle(self, until: float | None) -> None:
        """Wait for news, or for the moment at which a delayed key is due."""
        # Never shorter than a millisecond: a timer may fire a rounding error early, again and again.
        seconds = None if until is None else max(0.001, until - self._clock.monotonic())
        try:
            async with asyncio.timeout(seconds):
                await self._wake.wait()
        except TimeoutError:
            return

    def _serve(self, taken: Taken, now: float) -> None:
        key = taken.key
        self._metrics.queue_taken(self.spec.name, taken.waited_seconds)
        failures = self._queue.failures(key)
        try:
            prepared = self._reconciler.prepare(key, self._unavailable)
        except Exception:
            # One owner's data met a bug of ours: that owner waits, the others go on.
            self._panicked(key)
            prepared = Outcome(error="an unexpected error; the log has it", retry=True)
        if isinstance(prepared, Outcome):
            self._finish(key, prepared, now)
            return
        task = asyncio.create_task(self._perform(prepared, failures, now))
        self._tasks.add(task)
        task.add_done_callback(self._performed)

    def _performed(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._wake.set()

    async def _perform(self, work: Work, failures: int, began: float) -> None:
        key = work.key
        try:
            async with asyncio.timeout(self._settings.reconcile_seconds):
                outcome = await self._reconciler.perform(work, failures)
        except LeadershipLostError:
            # Whoever leads now looks at every owner; so shall we, if we lead again.
            outcome = Outcome()
        except TimeoutError:
            seconds = self._settings.reconcile_seconds
            outcome = Outcome(error=f"not done within {seconds:g} s", retry=True)
        except Exception:
            self._panicked(key)
            outcome = Outcome(error="an unexpected error; the log has it", retry=True)
        self._finish(key, outcome, began)

    def _panicked(self, key: NamespacedName) -> None:
        self._metrics.panicked(self.spec.name)
        self._lines.panicked(key)

    def _finish(self, key: NamespacedName, outcome: Outcome, began: float) -> None:
        now = self._clock.monotonic()
        queue, name = self._queue, self.spec.name
        delay: float | None = None
        if outcome.gone:
            queue.forget(key)
        elif outcome.conflict and queue.failures(key) >= _CONFLICTS:
            delay = _CONTENDED_SECONDS
            queue.pause(key, now, delay)
            outcome = outcome._replace(error="others change it faster than it can be written")
        elif outcome.retry:
            delay = queue.fail(key, now, at_least=outcome.at_least_seconds)
        else:
            queue.succeed(key)
        if delay is not None:
            self._metrics.queue_retried(name)
        if outcome.at is not None and not outcome.gone:
            queue.schedule(key, outcome.at)
        # Our own writes come back by the watch too, often before their answers do.
        current = queue.is_dirty(key) and self._reconciler.is_current(key, self._clock.now())
        queue.done(key, now, current=current)
        if outcome.again:
            self._add(key)
        self._metrics.queue_done(name, now - began)
        result: ReconcileResult = "requeue" if outcome.again or outcome.retry else "success"
        if outcome.error:
            result = "error"
        self._lines.ended(key, outcome, delay)
        self._tally.count(outcome.error, self._clock.now())
        self._metrics.reconciled(name, result, now - began)

    async def _resync(self) -> None:
        """Walk over the cache now and then; only owners whose last answer fell are queued."""
        if self._resync_seconds <= 0:
            return
        while True:
            await self._clock.sleep(self._resync_seconds * (0.9 + 0.2 * self._chance.random()))
            if not self._active or not self._informers.asked:
                continue
            now = self._clock.now()
            for count, key in enumerate(self._cache.named_owners(), start=1):
                if not self._queue.is_backing_off(key) and not self._reconciler.is_current(
                    key, now
                ):
                    self._add(key, Lane.RESYNC)
                if count % _CHUNK == 0:
                    await asyncio.sleep(0)
