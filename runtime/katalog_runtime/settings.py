"""What a process may tell its controllers: sizes, deadlines and limits. Frozen values only."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Process-wide settings; a Katalog's own `workers`, `resync` and `queue.maxDepth` win."""

    workers: int = 3
    """Keys decided at once, per controller."""
    resync_seconds: float = 15.0
    queue_depth: int = 100
    """Keys that wait in order; more are only marked and swept in later. 0 means unlimited."""
    namespaces: tuple[str, ...] = ()
    """Where the process was told to watch (`--namespace`); empty means wherever the bundle says."""
    shard: tuple[int, int] = (0, 1)
    """(I, N): this process serves the owners whose key hashes to I modulo N."""
    writers: int = 64
    """Owners with writes in flight, per controller; more than `workers`, since writes wait.

    Measured on two cores: with 32 and 64 in flight the API server and etcd need 0.93 and 0.80 times
    the CPU for each write that they need with 16, as both work in batches; 100 change nothing more.
    """
    page_size: int = 500
    """Objects per page of a list."""
    watch_seconds: int = 290
    """How long a watch is asked to last before it is resumed."""
    idle_seconds: float = 90.0
    """A watch that says nothing, not even a bookmark, for this long is taken as dead."""
    audit_seconds: float = 4 * 3600.0
    """After this long a watch is followed by a full list, in case an event was lost."""
    reconcile_seconds: float = 60.0
    """One owner's writes may take this long; then they are abandoned and retried."""
    stray_seconds: float = 600.0
    """Children whose owner was never seen here are left alone for so long."""
    drain_seconds: float = 20.0
    """How long `stop` waits for writes in flight."""
    failure_threshold: int = 5
    """Failed reconciles in a row that make a controller `degraded`."""
