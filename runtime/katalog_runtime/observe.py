"""What the operator lets others see: protocols it reports to, and views of its state.

In: nothing. Out: two protocols (`Metrics`, `Recorder`) that the process implements and the
controllers call, and frozen views that HTTP routes, health answers and gauges are built from. No
I/O, no clock.
Every call of a protocol returns at once: neither metrics nor Events may delay a reconcile.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from katalog_runtime.bundle import ApiType
from katalog_runtime.objects import Manifest, NamespacedName

ReconcileResult = Literal["success", "error", "requeue", "requeue_after"]
"""controller-runtime's label values: done; failed and backed off; again at once; again later."""

CrdState = Literal["pending", "started", "healthy", "degraded"]
"""Waiting for its first synced cache; running; succeeding; too many failures in a row."""

Readiness = Literal["True", "False", "Unknown"]
"""The status of an owner's `Ready` condition; `Unknown` before the first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRecord:
    """One Kubernetes Event to be written about an owner: a transition, never a repetition."""

    controller: str
    api: ApiType
    key: NamespacedName
    uid: str
    resource_version: str
    type: Literal["Normal", "Warning"]
    reason: str
    """CamelCase, such as `DataJobReconciled`."""
    message: str
    """One sentence, at most 1,024 characters."""
    routine: bool = False
    """Whether it tells of the ordinary course: for one object news, for a thousand at once none."""


class Recorder(Protocol):
    """Writes Events, best effort."""

    def record(self, event: EventRecord) -> None:
        """Take the event and return at once; it may be dropped when the server is slow."""
        ...


class Metrics(Protocol):
    """Counters and histograms. Gauges are read from `ControllerView` when metrics are scraped.

    `controller` is the bundle's controller name; `resource` is `plural.group`.
    """

    def reconciled(self, controller: str, result: ReconcileResult, seconds: float) -> None:
        """One reconcile ended."""
        ...

    def panicked(self, controller: str) -> None:
        """A reconcile, or taking in a watched object, raised what is no ApiError: our bug, survived."""
        ...

    def queue_added(self, controller: str) -> None:
        """A key entered the queue (duplicates are not counted)."""
        ...

    def queue_taken(self, controller: str, waited_seconds: float) -> None:
        """A worker took a key that had waited this long."""
        ...

    def queue_done(self, controller: str, worked_seconds: float) -> None:
        """The key was worked on for this long, its writes included."""
        ...

    def queue_retried(self, controller: str) -> None:
        """A key was put back with a backoff delay."""
        ...

    def queue_overflowed(self, controller: str) -> None:
        """A key did not fit and was marked to be swept in later; nothing is lost."""
        ...

    def wrote(self, controller: str, verb: str, resource: str, outcome: str) -> None:
        """A write was answered: create|apply|patch|status|delete, with `ok` or a reason."""
        ...

    def repaired(self, controller: str, resource: str) -> None:
        """A child that had drifted from what was accepted was applied again."""
        ...

    def watch_ended(self, controller: str, resource: str, cause: str) -> None:
        """A watch ended: `timeout`, `idle`, `gone`, `error`, `broken`, `replay`.

        Each controller that shares the watch is told, as of `listed`. `replay` means that we ended
        it, to list everything for a controller that came late.
        """
        ...

    def listed(self, controller: str, resource: str, objects: int, repairs: int) -> None:
        """A full list was read; `repairs` objects differed from the cache without a watch event."""
        ...


class NoMetrics:
    """Counts nothing; for tools and tests."""

    def reconciled(self, controller: str, result: ReconcileResult, seconds: float) -> None:
        """Ignored."""

    def panicked(self, controller: str) -> None:
        """Ignored."""

    def queue_added(self, controller: str) -> None:
        """Ignored."""

    def queue_taken(self, controller: str, waited_seconds: float) -> None:
        """Ignored."""

    def queue_done(self, controller: str, worked_seconds: float) -> None:
        """Ignored."""

    def queue_retried(self, controller: str) -> None:
        """Ignored."""

    def queue_overflowed(self, controller: str) -> None:
        """Ignored."""

    def wrote(self, controller: str, verb: str, resource: str, outcome: str) -> None:
        """Ignored."""

    def repaired(self, controller: str, resource: str) -> None:
        """Ignored."""

    def watch_ended(self, controller: str, resource: str, cause: str) -> None:
        """Ignored."""

    def listed(self, controller: str, resource: str, objects: int, repairs: int) -> None:
        """Ignored."""


class NoRecorder:
    """Writes no Events; for tools and tests."""

    def record(self, event: EventRecord) -> None:
        """Ignored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InformerView:
    """One list and watch, in one namespace or all."""

    api: ApiType
    namespace: str
    """Empty means all namespaces."""
    synced: bool
    """Whether a first full list is in the cache."""
    trouble: str
    """Why it waits (`configmaps is forbidden: …`), empty while it works."""
    silent_seconds: float
    """Since the server last said anything (bookmarks count)."""
    fresh: bool
    """Synced, watching, and heard from within the idle deadline."""
    lists: int
    """Full lists read so far."""
    watch_ends: int
    """Watches that ended so far, for whatever cause. Controllers may share one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ControllerView:
    """One controller's state at one moment. Cheap: its cost does not grow with the objects."""

    name: str
    api: ApiType
    state: CrdState
    active: bool
    """Whether it reconciles (a follower only keeps its cache warm)."""
    synced: bool
    """Whether all informers are synced."""
    missing: tuple[str, ...]
    """Resources (`plural.group`) whose list is refused or unknown to the server."""
    informers: tuple[InformerView, ...]
    started_at: datetime | None
    """When it first reconciled or could have."""
    workers: int
    workers_busy: int
    resync_seconds: float
    queue_depth: int
    """Keys that wait, marked ones included."""
    queue_max_depth: int
    """0 means unlimited."""
    queue_overflowed: int
    """Keys that did not fit and wait to be swept in."""
    queue_oldest_seconds: float
    """How long the key that has waited longest has waited; 0 when nothing waits."""
    resource_count: int
    """Owners in the cache."""
    ready_count: int
    """Owners whose `Ready` condition is True."""
    child_count: int
    total_reconciles: int
    failed_reconciles: int
    consecutive_failures: int
    error_rate: float
    """Share of the last 100 reconciles that failed, 0.0 to 1.0."""
    last_error: str
    last_reconcile: datetime | None
    degraded_reason: str
    """Empty unless `state` is `degraded`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildView:
    """One child as the cache holds it (trimmed to metadata and the fields in use)."""

    id: str
    """The bundle's child id; empty where the bundle no longer wants it."""
    api: ApiType
    key: NamespacedName
    phase: str
    """`onCreate`, `onReconcile`, or empty."""
    resource_version: str
    deleting: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectView:
    """One owner. `manifest` is the cache's own: read it, never change it."""

    key: NamespacedName
    manifest: Manifest
    """Without `managedFields`."""
    ready: Readiness
    ready_reason: str
    ready_message: str
    children: tuple[ChildView, ...] = ()
    """Filled in by `Controller.object`, empty in `Controller.objects`."""
