"""How long an answer that read the clock stands. Moments in, the earliest of them out; no clock.

A function that reads the clock reports here when its own answer next changes. One that reports
nothing gave an answer that time alone never changes: an expiry that has passed, a text that is no
timestamp. Reports are made while an expression runs, so a branch that was not taken counts for
nothing, and what holds an answer in place is exactly what was asked.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_SECOND = 253_402_300_799
"""9999-12-31T23:59:59Z, the last second that a `datetime` holds."""


class Standing:
    """Collects reports of everything that one answer is made of; the earliest moment wins."""

    __slots__ = ("is_open", "until")

    def __init__(self) -> None:
        self.until: datetime | None = None
        """The answer changes then, or not before then; None for no such moment."""
        self.is_open = False
        """Whether a part of the answer may change at any moment, as that of `now` does."""

    def report(self, seconds: int, nanoseconds: int = 0) -> None:
        """The answer stands before this moment, in Unix time; `nanoseconds` below one second.

        The operator's clock ticks in microseconds: the first tick that is not before it counts.
        """
        if seconds >= _LAST_SECOND:
            return
        microseconds = -(-nanoseconds // 1000)
        at = _EPOCH + timedelta(seconds=seconds, microseconds=microseconds)
        if self.until is None or at < self.until:
            self.until = at

    def leave_open(self) -> None:
        """Nothing can be said of when the answer changes."""
        self.is_open = True

    def next_look(self, now: datetime, resync_seconds: float) -> datetime | None:
        """When to look again; None for never.

        An open answer is looked at again after a resync, or not at all where there is none.
        """
        if not self.is_open or resync_seconds <= 0:
            return self.until
        resync = now + timedelta(seconds=resync_seconds)
        return resync if self.until is None else min(resync, self.until)
