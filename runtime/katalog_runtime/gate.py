"""Lets requests through: as many at a time as the throttle allows, none before its pause is over.

In: requests that want to start, and the refusals that some of them met. Out: the moment that each
may start. Waits on the event loop's clock; knows no HTTP.
"""

from __future__ import annotations

import asyncio
from collections import deque

from katalog_runtime.throttle import Throttle

DEFAULT_PAUSE_SECONDS = 1.0
MAX_PAUSE_SECONDS = 10.0
"""The longest that one `Retry-After` holds back all others; the refused caller waits in full."""


class Gate:
    """At most `width` requests at a time, fewer after the server asked to slow down."""

    def __init__(self, width: int) -> None:
        self._throttle = Throttle(width)
        self._active = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    @property
    def active(self) -> int:
        """Requests under way."""
        return self._active

    def enter_at_once(self) -> bool:
        """Whether there is a place and no pause; then it is taken, without a turn of the loop."""
        throttle = self._throttle
        if throttle.not_before or self._waiting or self._active >= throttle.width:
            return False
        self._active += 1
        return True

    async def enter(self) -> None:
        """Wait for a place among the requests under way, then for the end of the pause."""
        loop = asyncio.get_running_loop()
        if self._active < self._throttle.width and not self._waiting:
            self._active += 1
        else:
            await self._queue(loop.create_future())
        try:
            # A loop, since a refusal of another request may move the moment meanwhile.
            while (pause := self._throttle.not_before - loop.time()) > 0:  # noqa: ASYNC110 - a time
                await asyncio.sleep(pause)
        except asyncio.CancelledError:
            self.leave()
            raise

    def leave(self) -> None:
        """Give the place back."""
        self._active -= 1
        self._wake()

    def refused(self, retry_after_seconds: float | None) -> None:
        """A request was answered with 429 and perhaps a `Retry-After`."""
        pause = DEFAULT_PAUSE_SECONDS if retry_after_seconds is None else retry_after_seconds
        now = asyncio.get_running_loop().time()
        self._throttle.refused(now, min(pause, MAX_PAUSE_SECONDS))

    def succeeded(self) -> None:
        """A request was answered with success."""
        self._throttle.succeeded()

    async def _queue(self, place: asyncio.Future[None]) -> None:
        self._waiting.append(place)
        try:
            await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled():
                self.leave()  # the place was given to us in the same moment: hand it on
            raise

    def _wake(self) -> None:
        """Hand free places to those who wait, in order; a newcomer cannot slip in between."""
        while self._waiting and self._active < self._throttle.width:
            place = self._waiting.popleft()
            if not place.done():
                self._active += 1
                place.set_result(None)
