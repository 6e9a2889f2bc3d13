"""The one place where the operator asks what time it is, or waits.

In: nothing. Out: a protocol and its system implementation. Decisions take time as an argument; only
the shell asks a Clock. Durations are measured on the event loop's monotonic clock (a wall clock
that jumps must neither fire nor starve timers); wall time is for timestamps that objects carry.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Time as the operator's shell sees it."""

    def now(self) -> datetime:
        """The wall clock, timezone-aware, UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds on a clock that never jumps; only differences mean something."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait; ends early only by cancellation."""
        ...


class SystemClock:
    """The machine's clocks."""

    def now(self) -> datetime:
        """The machine's wall clock in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """The running event loop's clock, which timers of the loop use too."""
        return asyncio.get_running_loop().time()

    async def sleep(self, seconds: float) -> None:
        """Sleep on the event loop."""
        await asyncio.sleep(seconds)
