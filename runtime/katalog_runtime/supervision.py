"""Keeps the parts of the process running: one that ends by an exception is built and run again.

In: named parts, each a function that makes a fresh coroutine. Out: which of them keep failing, for
`/health`. A part's crash never reaches another part (fault Q4); it costs a traceback in the log and
a growing pause. After `HOPELESS_CRASHES` in a row the process says that it is not alive, and
whoever watches it may start it anew.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from katalog_runtime.clock import Clock

FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 60.0
CALM_SECONDS = 600.0
"""A part that ran this long is not the one that kept crashing."""
HOPELESS_CRASHES = 3


class Supervisor:
    """Runs parts and remembers their crashes."""

    def __init__(self, *, clock: Clock, log: logging.Logger) -> None:
        self._clock = clock
        self._log = log
        self._crashes: dict[str, int] = {}

    @property
    def failing(self) -> tuple[str, ...]:
        """The parts that crashed too often in a row, by name."""
        hopeless = (n for n, count in self._crashes.items() if count >= HOPELESS_CRASHES)
        return tuple(sorted(hopeless))

    async def keep(self, name: str, start: Callable[[], Awaitable[None]]) -> None:
        """Run what `start` makes until it ends by itself or is cancelled; after a crash, anew."""
        while True:
            began = self._clock.monotonic()
            try:
                await start()
            except Exception:
                lasted = self._clock.monotonic() - began
                crashes = 1 if lasted >= CALM_SECONDS else self._crashes.get(name, 0) + 1
                self._crashes[name] = crashes
                pause = min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2 ** (crashes - 1))
                facts = {"part": name, "crashes": crashes, "restartIn": pause}
                self._log.exception("part crashed", extra={"fields": facts})
            else:
                self._crashes.pop(name, None)
                return
            await self._clock.sleep(pause)
