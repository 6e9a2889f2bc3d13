"""Honest answers to "are you alive?" and "are you ready?". Pure: views in, verdict and reasons out.

Ready means: every informer is synced and heard from, no queue is stuck, and the Lease is in order:
held by us, or by another whom we are prepared to follow. A follower is ready, because a rolling
update waits for readiness before it stops the leader; requiring the Lease would wait for ever.
Alive means: the event loop answers, and no part of the process has ended that should run. A cluster
in trouble is no reason to be restarted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from katalog_runtime.observe import ControllerView

QUEUE_BUDGET_SECONDS = 120.0
"""A key may wait this long, or four resyncs, before the operator counts as not keeping up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadershipView:
    """The election as this process sees it."""

    enabled: bool
    leading: bool
    leader: str = ""
    """Who leads; empty when nobody is known to."""
    trouble: str = ""
    """Why the Lease cannot be read or renewed; empty while it can."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """An answer of `/health` or `/ready`."""

    ok: bool
    reasons: tuple[str, ...] = ()
    """Why not, one sentence each; empty when ok."""

    @property
    def status(self) -> int:
        """The HTTP status that says so."""
        return 200 if self.ok else 503


def _verdict(reasons: Sequence[str]) -> Verdict:
    return Verdict(ok=not reasons, reasons=tuple(reasons))


def alive(failed_parts: Sequence[str]) -> Verdict:
    """Whether the process should be left running; `failed_parts` ended though they should run."""
    return _verdict([f"{part} has ended unexpectedly" for part in failed_parts])


def ready(
    views: Sequence[ControllerView], leadership: LeadershipView, *, stopping: bool
) -> Verdict:
    """Whether the operator does what it is here for."""
    reasons = ["the process is stopping"] if stopping else []
    for view in views:
        reasons += _informer_reasons(view)
        budget = max(QUEUE_BUDGET_SECONDS, 4 * view.resync_seconds)
        if view.active and view.queue_oldest_seconds > budget:
            waited = round(view.queue_oldest_seconds)
            reasons.append(f"{view.name}: a key has waited {waited} s to be reconciled")
    if leadership.enabled and leadership.trouble:
        reasons.append(f"the Lease cannot be renewed: {leadership.trouble}")
    elif leadership.enabled and not leadership.leading and not leadership.leader:
        reasons.append("no leader is known yet")
    return _verdict(reasons)


def _informer_reasons(view: ControllerView) -> list[str]:
    reasons = []
    for informer in view.informers:
        where = f" in {informer.namespace}" if informer.namespace else ""
        what = f"{view.name}: {informer.api.group_resource}{where}"
        if informer.trouble:
            reasons.append(f"{what} cannot be watched: {informer.trouble}")
        elif not informer.synced:
            reasons.append(f"{what} is not listed yet")
        elif not informer.fresh:
            silent = round(informer.silent_seconds)
            reasons.append(f"{what} was last heard from {silent} s ago")
    return reasons
