"""What the log says of one controller's reconciles: a line for each that did something or failed.

In: outcomes. Out: log lines. A key that fails the same way again is no news and is said at DEBUG.
Decides nothing.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable
from typing import Any

from katalog_runtime.objects import Manifest, NamespacedName
from katalog_runtime.outcome import Outcome

_ERROR_LIMIT = 256


class ReconcileLog:
    """Writes one controller's lines."""

    def __init__(
        self,
        log: logging.Logger,
        controller: str,
        *,
        owner: Callable[[NamespacedName], Manifest | None],
        chance: random.Random,
    ) -> None:
        """Args: `log` takes lines with `extra={"fields": {...}}`; `owner` finds the custom resource
        of a key; `chance` makes the ids by which lines of one reconcile are told from others."""
        self._log = log
        self._controller = controller
        self._owner = owner
        self._chance = chance
        self._errors: dict[NamespacedName, str] = {}

    def ended(self, key: NamespacedName, outcome: Outcome, delay: float | None) -> None:
        """A reconcile ended; `delay` is when it is tried again, in seconds."""
        if not outcome.error:
            self._errors.pop(key, None)
            if outcome.acted and self._log.isEnabledFor(logging.INFO):
                fields = {**self._fields(key), "did": list(outcome.acted)}
                self._log.info("reconciled", extra={"fields": fields})
            return
        level = logging.WARNING if self._errors.get(key) != outcome.error else logging.DEBUG
        self._errors[key] = outcome.error
        fields = {**self._fields(key), "error": outcome.error[:_ERROR_LIMIT]}
        if outcome.acted:
            fields["did"] = list(outcome.acted)
        if delay is not None:
            fields["requeueAfter"] = round(delay, 3)
        self._log.log(level, "reconcile failed", extra={"fields": fields})

    def panicked(self, key: NamespacedName) -> None:
        """A reconcile met a bug of ours; call it where the exception was caught."""
        self._log.exception("reconcile failed unexpectedly", extra={"fields": self._fields(key)})

    def _fields(self, key: NamespacedName) -> dict[str, Any]:
        fields: dict[str, Any] = {"controller": self._controller, "name": key.name}
        if key.namespace:
            fields["namespace"] = key.namespace
        if (owner := self._owner(key)) is not None:
            fields["generation"] = owner["metadata"].get("generation")
        fields["reconcileID"] = f"{self._chance.getrandbits(32):08x}"
        return fields
