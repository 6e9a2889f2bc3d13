"""Children without their owner, and how long they are left alone. Pure; moments are monotonic.

An owner that this process saw go leaves nothing that is worth waiting for. One that it never saw
may come yet: a backup that is played back can bring its children long before it.
"""

from __future__ import annotations

from collections.abc import Iterable

from katalog_runtime.objects import NamespacedName


class Strays:
    """What one controller knows of owners that are not there."""

    def __init__(self, seconds: float) -> None:
        """Args: `seconds` from the last new child of an owner that was never seen."""
        self._seconds = seconds
        self._departed: set[NamespacedName] = set()
        self._found: dict[NamespacedName, tuple[frozenset[str], float]] = {}

    def departed(self, key: NamespacedName) -> None:
        """The owner was here and is gone."""
        self._departed.add(key)

    def forget(self, key: NamespacedName) -> None:
        """The owner is here, or has left nothing."""
        self._departed.discard(key)
        self._found.pop(key, None)

    def due(self, key: NamespacedName, uids: Iterable[str], moment: float) -> float:
        """From when on children with these UIDs count as left behind by their owner."""
        if key in self._departed:
            return moment
        known, since = self._found.get(key, (frozenset(), moment))
        found = frozenset(uids)
        if not found <= known:
            since = moment
            self._found[key] = known | found, since
        return since + self._seconds
