"""How a controller is doing: counts of reconciles, and the state that follows from them. Pure."""

from __future__ import annotations

from collections import deque
from datetime import datetime

from katalog_runtime.observe import CrdState

_WINDOW = 100


class Tally:
    """Counts of one controller."""

    def __init__(self, failure_threshold: int) -> None:
        """Nothing counted yet; so many failures in a row mean `degraded`."""
        self._failure_threshold = failure_threshold
        self._window: deque[bool] = deque(maxlen=_WINDOW)
        self.total = 0
        self.failed = 0
        self.consecutive = 0
        self.last_error = ""
        self.last_reconcile: datetime | None = None
        self.started_at: datetime | None = None

    def count(self, error: str, now: datetime) -> None:
        """One reconcile ended; an empty `error` means well."""
        self.total += 1
        self.last_reconcile = now
        self._window.append(bool(error))
        if error:
            self.failed += 1
            self.consecutive += 1
            self.last_error = error
        else:
            self.consecutive = 0

    @property
    def error_rate(self) -> float:
        """Share of the last hundred reconciles that failed."""
        return sum(self._window) / len(self._window) if self._window else 0.0

    def degraded_reason(self, missing: tuple[str, ...]) -> str:
        """Why the controller is degraded; empty if it is not."""
        if missing:
            return f"cannot list {', '.join(missing)}"
        if self.consecutive >= self._failure_threshold:
            return f"{self.consecutive} reconciles failed in a row: {self.last_error}"
        return ""

    def state(self, *, synced: bool, missing: tuple[str, ...]) -> CrdState:
        """The reference's health states."""
        if self.degraded_reason(missing):
            return "degraded"
        if not synced or self.started_at is None:
            return "pending"
        return "healthy" if self.total > self.failed or self.total == 0 else "started"
