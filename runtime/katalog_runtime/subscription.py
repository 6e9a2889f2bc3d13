"""One controller's part in a shared watch: what it has heard so far, and how it takes that in.

In: the deltas of a watch, from its first list to its last word. Out: calls of the controller's
`take`, and answers about how much of the watch it can rely on. A bug in `take` costs the controller
the object at hand, until the next list; the watch and its other subscribers do not notice.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress

from katalog_runtime.bundle import ApiType
from katalog_runtime.listwatch import Delta, Sweep
from katalog_runtime.objects import NamespacedName
from katalog_runtime.observe import Metrics


class Subscription:
    """How one controller stands to one watch."""

    def __init__(
        self,
        controller: str,
        api: ApiType,
        *,
        take: Callable[[list[Delta]], int],
        holds: Callable[[NamespacedName, str], bool],
        changed: Callable[[], None],
        lost: Callable[[], None],
        metrics: Metrics,
        log: logging.Logger,
    ) -> None:
        """Nothing is heard yet.

        Args:
            take: Puts deltas into the controller's cache and returns how many were news.
            holds: Whether the controller's cache has that child, as one of that ApplySet.
            changed: Called when `synced`, or what the server refuses, has changed.
            lost: Called when something was lost by a bug, so that it should be said again.
        """
        self.controller = controller
        self.api = api
        self.holds = holds
        self._take = take
        self._changed = changed
        self._lost = lost
        self._metrics = metrics
        self._log = log
        self._resource = str(api.group_resource)
        self.forget()

    def forget(self) -> None:
        """Nothing that was heard counts any more."""
        self.synced = False
        """Whether a full list was heard from its first page to its last."""
        self.asked = False
        """Whether the server has answered at least once, well or badly."""
        self._follows = False
        self._news = 0
        self._objects = 0
        self._told = (False, "")

    def page(self, deltas: list[Delta], *, first: bool) -> None:
        """Take a page of a list."""
        if first:
            self._follows = True
            self._news = self._objects = 0
        self._news += self.give(deltas)
        self._objects += len(deltas)
        if self._follows and deltas and isinstance(deltas[-1], Sweep):
            repairs = self._news if self.synced else 0
            self._metrics.listed(self.controller, self._resource, self._objects - 1, repairs)
            self.synced = True

    def give(self, deltas: list[Delta]) -> int:
        """Hand deltas on; returns how many were news. A bug met there is logged and counted."""
        try:
            return self._take(deltas)
        except Exception:
            facts = {"controller": self.controller, "resource": self._resource}
            self._log.exception("watched object not taken", extra={"fields": facts})
            self._metrics.panicked(self.controller)
            self._lost()
        news = 0
        # To be told twice does no harm; the object that met the bug is passed over.
        for delta in deltas if len(deltas) > 1 else ():
            with suppress(Exception):
                news += self._take([delta])
        return news

    def ended(self, cause: str) -> None:
        """The watch ended; see `observe.Metrics.watch_ended`."""
        self._metrics.watch_ended(self.controller, self._resource, cause)

    def settle(self, trouble: str) -> None:
        """Tell the controller once of each change of `synced` and of what the server refuses."""
        first = not self.asked and (self.synced or bool(trouble))
        self.asked = self.asked or first
        if first or self._told != (self.synced, trouble):
            self._told = (self.synced, trouble)
            self._changed()
