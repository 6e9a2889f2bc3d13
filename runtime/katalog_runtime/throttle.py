"""How many requests may be under way: halved when the API server asks us to slow down. Pure.

API priority and fairness answers 429 with `Retry-After` when its queues are full. Retrying at full
width would keep them full, so the width halves with each burst of 429 and grows by one after as
many successes as it is wide (additive increase, multiplicative decrease, as in TCP).
"""

from __future__ import annotations


class Throttle:
    """The current width, between 1 and `most`."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._width = most
        self._successes = 0
        self._not_before = 0.0

    @property
    def width(self) -> int:
        """Requests that may be under way at a time."""
        return self._width

    @property
    def not_before(self) -> float:
        """The moment (same clock as `refused`) before which nothing new should start."""
        return self._not_before

    def refused(self, now: float, retry_after_seconds: float) -> None:
        """A request was answered with 429.

        One burst of refusals is one signal: answers to requests that were sent before the width was
        halved do not halve it again while the pause lasts.
        """
        if now >= self._not_before:
            self._width = max(1, self._width // 2)
        self._successes = 0
        self._not_before = max(self._not_before, now + retry_after_seconds)

    def succeeded(self) -> None:
        """A request was answered otherwise."""
        if self._width == self._most:
            return
        self._successes += 1
        if self._successes >= self._width:
            self._successes = 0
            self._width += 1
