"""Who leads: a candidate's knowledge of the Lease in, its next move out. Pure; time is an argument.

The rules of this file. Time is the candidate's own monotonic clock, never the times written into
the Lease, so clocks may differ and jump (fault Q11).

1. A candidate leads until `renew_seconds` after it *sent* the last write that succeeded.
2. A Lease that names a holder may be taken `lease_seconds` after it was *seen* to change last.
3. Every write carries the `resourceVersion` of what was seen, so of two takers one is refused.

Seen is never before sent, and `renew_seconds` is less than `lease_seconds`: the leader stops before
anyone can follow (fault L1). A Lease that was deleted, or that names someone else, is lost (L4).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from katalog_runtime.bundle import ApiType
from katalog_runtime.objects import Manifest, NamespacedName

LEASES = ApiType(group="coordination.k8s.io", version="v1", kind="Lease", plural="leases")


def lease_name(operator: str, index: int, count: int) -> str:
    """The Lease that processes serving share `index` of `count` compete for."""
    name = f"{operator}-leader"
    return name if count == 1 else f"{name}-{index}-of-{count}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The deadlines of an election, in seconds; client-go's defaults."""

    lease_seconds: float = 15.0
    """How long a silent leader is left alone."""
    renew_seconds: float = 10.0
    """How long a leader goes on without a successful renewal."""
    retry_seconds: float = 2.0
    """Between two tries."""

    def __post_init__(self) -> None:
        if not 0 < self.retry_seconds < self.renew_seconds < self.lease_seconds:
            raise ValueError("a leader must retry, then stop, before its Lease can be taken")


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidacy:
    """What one candidate knows, and whether it leads."""

    identity: str
    lease: Manifest | None = None
    """The Lease as last seen; None before the first look, or where there is none."""
    looked: bool = False
    """Whether the newest state was seen since the last refusal."""
    changed_at: float = 0.0
    """When the Lease's content was first seen as it is now."""
    leading_until: float | None = None
    """The moment to stop at; None while following."""


@dataclass(frozen=True, slots=True)
class Look:
    """Read the Lease."""


@dataclass(frozen=True, slots=True)
class Create:
    """POST the first Lease."""

    manifest: Manifest


@dataclass(frozen=True, slots=True)
class Write:
    """PUT the Lease: a renewal, or a take-over."""

    manifest: Manifest


@dataclass(frozen=True, slots=True)
class Wait:
    """Someone else leads."""


Move = Look | Create | Write | Wait


def holder_of(lease: Manifest | None) -> str:
    """The identity that a Lease names; empty where it is free or of no sense."""
    spec = (lease or {}).get("spec")
    holder = spec.get("holderIdentity") if isinstance(spec, dict) else None
    return holder if isinstance(holder, str) else ""


def is_leading(state: Candidacy, now: float) -> bool:
    """Whether this candidate may write at this moment."""
    return state.leading_until is not None and now < state.leading_until


def next_move(
    state: Candidacy, key: NamespacedName, terms: Terms, now: float, wall: datetime
) -> Move:
    """What to do next. A leader renews without looking; a follower looks first."""
    if not state.looked:
        return Look()
    if state.lease is None:
        manifest = {
            "apiVersion": LEASES.api_version,
            "kind": LEASES.kind,
            "metadata": {"name": key.name, "namespace": key.namespace},
        }
        return Create(_claimed(manifest, state, terms, wall))
    holder = holder_of(state.lease)
    if holder not in ("", state.identity) and now < _free_at(state, terms):
        return Wait()
    return Write(_claimed(state.lease, state, terms, wall))


def seen(state: Candidacy, lease: Manifest | None, now: float) -> Candidacy:
    """The Lease was read (None: there is none)."""
    changed = state.lease is None or (lease or {}).get("spec") != state.lease.get("spec")
    lost = holder_of(lease) != state.identity
    return replace(
        state,
        lease=lease,
        looked=True,
        # Only a change of content shows a living leader; an annotation by hand does not.
        changed_at=now if changed else state.changed_at,
        leading_until=None if lost else state.leading_until,
    )


def written(
    state: Candidacy, lease: Manifest, terms: Terms, *, sent_at: float, now: float
) -> Candidacy:
    """Our write succeeded; the answer is the newest Lease."""
    until = sent_at + terms.renew_seconds if holder_of(lease) == state.identity else None
    return replace(state, lease=lease, looked=True, changed_at=now, leading_until=until)


def refused(state: Candidacy) -> Candidacy:
    """Our write met another version: look again. Whether we still lead, the look tells."""
    return replace(state, looked=False)


def vanished(state: Candidacy) -> Candidacy:
    """Our write met no Lease: it was deleted, and with it our claim."""
    return replace(state, lease=None, looked=False, leading_until=None)


def expired(state: Candidacy) -> Candidacy:
    """The renewal came too late: follow, and look before anything else."""
    return replace(state, looked=False, leading_until=None)


def released(state: Candidacy, wall: datetime) -> Manifest | None:
    """The Lease that lets the next leader start at once, for a clean stop; None if not ours."""
    if state.lease is None or holder_of(state.lease) != state.identity:
        return None
    spec = {**state.lease["spec"], "leaseDurationSeconds": 1, "renewTime": micro_time(wall)}
    # Absent, not empty: the API server refuses an empty holder.
    del spec["holderIdentity"]
    return {**state.lease, "spec": spec}


def micro_time(wall: datetime) -> str:
    """A MicroTime: RFC 3339 in UTC with six digits, as Leases carry it."""
    return wall.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _free_at(state: Candidacy, terms: Terms) -> float:
    spec: dict[str, Any] = (state.lease or {}).get("spec") or {}
    stated = spec.get("leaseDurationSeconds")
    # The holder's own terms count where they are longer; a shorter figure (an edit by hand) must
    # not let us take what its holder still believes to have.
    longest = max(float(stated) if isinstance(stated, int) else 0.0, terms.lease_seconds)
    return state.changed_at + longest


def _claimed(lease: Manifest, state: Candidacy, terms: Terms, wall: datetime) -> Manifest:
    """The Lease with us as its holder, keeping what others wrote beside the claim."""
    before: dict[str, Any] = lease.get("spec") or {}
    spec = {
        **before,
        "holderIdentity": state.identity,
        "leaseDurationSeconds": round(terms.lease_seconds),
        "renewTime": micro_time(wall),
    }
    if holder_of(lease) != state.identity:
        transitions = before.get("leaseTransitions")
        count = transitions if isinstance(transitions, int) else -1
        spec |= {"acquireTime": micro_time(wall), "leaseTransitions": count + 1}
    return {**lease, "spec": spec}
