"""What one process remembers of its work on one owner. Lost on restart, and not missed. No I/O.

Everything here saves work: nothing of it is needed to come to the right state, because the cluster
holds the truth. Time is an argument (monotonic seconds for pauses).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from katalog_runtime.backoff import delay_seconds
from katalog_runtime.bundle import Backoff
from katalog_runtime.cache import Child
from katalog_runtime.objects import Manifest
from katalog_runtime.plan import Problem, Seen
from katalog_runtime.render import ChildRef

REPAIR_BURST = 30
"""Repairs of one child in quick succession before we suspect that someone undoes them."""
CREATE_BURST = 10
"""Re-creations in quick succession before we suspect the same. Garbage collection does it to us
when our view of the owner is stale: the owner that we refer to is gone already."""

_FLAP_PAUSE = Backoff(initial_seconds=5.0, max_seconds=300.0, multiplier=2.0)
_FLAP_CALM_SECONDS = 60.0
_HOLD = Backoff(initial_seconds=1.0, max_seconds=300.0, multiplier=2.0)
_HOLD_STALLED = Backoff(initial_seconds=30.0, max_seconds=300.0, multiplier=2.0)


@dataclass(slots=True)
class Hold:
    """A child that was refused: not sent again before a time, unless what we want changes."""

    intent: str
    until: float
    failures: int
    problem: Problem


@dataclass(slots=True)
class Flap:
    """How often a child had to be repaired lately."""

    count: int
    last: float

    def pause_until(self, chance: float, burst: int) -> float:
        """When the next repair may be made (monotonic seconds)."""
        if self.count < burst:
            return self.last
        return self.last + delay_seconds(_FLAP_PAUSE, self.count - burst + 1, chance)


@dataclass(slots=True)
class OwnerMemory:
    """The last answer for one owner, and the versions it was given for."""

    uid: str
    set_identity: str = ""
    """The owner's ApplySet id, so that a walk over ten thousand owners need not derive it."""
    version: str = ""
    """The owner's resource version the last answer holds for; empty for none."""
    children: dict[ChildRef, Seen] = field(default_factory=dict)
    holds: dict[ChildRef, Hold] = field(default_factory=dict)
    flaps: dict[ChildRef, Flap] = field(default_factory=dict)
    next_moment: datetime | None = None
    """When time alone changes the answer; None for never."""
    retire_after: float = float("-inf")
    """When types that nothing makes any more may be listed again (monotonic), after a refusal."""
    status_refusal: str = ""
    """What the server gave back less than was sent (`status.refusal_of`): not to be sent again."""
    reported: str = ""
    """The last transition that an Event was written for: `True/ReconcileSucceeded`."""

    def still_stands(
        self, owner: Manifest, children: Mapping[ChildRef, Child], now: datetime
    ) -> bool:
        """Whether nothing that the last answer depends on has moved."""
        if self.version != owner["metadata"]["resourceVersion"]:
            return False
        if len(children) != len(self.children):
            return False
        for ref, child in children.items():
            seen = self.children.get(ref)
            if seen is None or seen.version != child.version:
                return False
        return self.next_moment is None or now < self.next_moment

    def note_moment(
        self, rotation: datetime | None, look: datetime | None, now: datetime, moment: float
    ) -> None:
        """Take in when time alone changes the answer: the earliest of what is known.

        Args:
            rotation: when a child is to be rendered anew.
            look: when expressions that read the clock are to be asked again.
            now: the wall clock of the answer.
            moment: the same in monotonic seconds.
        """
        soonest = rotation
        if look is not None and (soonest is None or look < soonest):
            soonest = look
        if self.retire_after > moment:
            again = now + timedelta(seconds=self.retire_after - moment)
            soonest = again if soonest is None else min(again, soonest)
        self.next_moment = soonest

    def hold(
        self, ref: ChildRef, intent: str, problem: Problem, moment: float, chance: float
    ) -> float:
        """Hold the child back after a refusal; returns until when."""
        known = self.holds.get(ref)
        failures = known.failures + 1 if known is not None and known.intent == intent else 1
        policy = _HOLD_STALLED if problem.stalled else _HOLD
        delay = max(delay_seconds(policy, failures, chance), problem.at_least_seconds)
        self.holds[ref] = Hold(intent, moment + delay, failures, problem)
        return moment + delay

    def repaired(self, ref: ChildRef, moment: float) -> None:
        """Count a repair of drift, or a child that had to be made again."""
        flap = self.flaps.get(ref)
        if flap is None:
            self.flaps[ref] = Flap(1, moment)
            return
        pause = flap.pause_until(1.0, CREATE_BURST) - flap.last
        calm = max(_FLAP_CALM_SECONDS, 2 * pause)
        flap.count = 1 if moment - flap.last > calm else flap.count + 1
        flap.last = moment
