"""The store: every object of the cluster, one global resource version, and a bounded history of
changes.

What etcd and the watch cache are to an API server. Objects are immutable by convention: a write
stores a new dict, readers may keep the old one. Single-threaded, no I/O, no clock; whoever wants to
hear of changes registers a callback.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from katalog_runtime.objects import GroupResource, Manifest

ChangeType = Literal["ADDED", "MODIFIED", "DELETED"]


@dataclass(frozen=True, slots=True)
class Change:
    """One write, as watches and controllers see it."""

    revision: int
    type: ChangeType
    key: str
    """`namespace/name`; `/name` for cluster-scoped objects."""
    object: Manifest
    """The object after the write; for DELETED its last state with the deletion's resource
    version."""
    previous: Manifest | None


def storage_key(namespace: str, name: str) -> str:
    """The key within a collection; its order is the order of lists, as in etcd."""
    return f"{namespace}/{name}"


class Collection:
    """The objects of one resource, in etcd's order, with their recent history."""

    __slots__ = ("_base", "_history", "_order", "compacted", "listeners", "objects", "resource")

    def __init__(self, resource: GroupResource) -> None:
        self.resource = resource
        self.objects: dict[str, Manifest] = {}
        self.compacted = 0
        """The newest revision whose change is no longer known; watches must start at or after
        it."""
        self.listeners: set[Callable[[], None]] = set()
        """Called (without arguments) after every change; must be quick and must not raise."""
        self._order: list[str] = []
        self._history: list[Change] = []
        self._base = 0

    def select(self, namespace: str = "", after: str = "") -> Iterator[tuple[str, Manifest]]:
        """Objects in order, of one namespace or of all, with keys greater than `after`."""
        order, objects = self._order, self.objects
        prefix = f"{namespace}/" if namespace else ""
        start = bisect_left(order, max(prefix, after))
        for position in range(start, len(order)):
            key = order[position]
            if prefix and not key.startswith(prefix):
                return
            if key != after:
                yield key, objects[key]

    def count(self, namespace: str = "") -> int:
        """How many objects there are, in one namespace or in all."""
        if not namespace:
            return len(self._order)
        low = bisect_left(self._order, f"{namespace}/")
        # "0" is the character after "/": the first key that no longer has the prefix.
        return bisect_left(self._order, f"{namespace}0") - low

    def at(self, revision: int) -> Collection:
        """The collection as it was at `revision` (which must not be older than `compacted`)."""
        if not self._history or self._history[-1].revision <= revision:
            return self
        past = Collection(self.resource)
        past.objects = dict(self.objects)
        for change in reversed(self._history):
            if change.revision <= revision:
                break
            if change.previous is None:
                past.objects.pop(change.key, None)
            else:
                past.objects[change.key] = change.previous
        past._order = sorted(past.objects)
        return past

    # -- history ---------------------------------------------------------------------------------

    def position_after(self, revision: int) -> int:
        """The cursor of the first change that is newer than `revision`."""
        position = bisect_left(self._history, revision + 1, key=lambda change: change.revision)
        return self._base + position

    @property
    def end(self) -> int:
        """The cursor after the newest change."""
        return self._base + len(self._history)

    def changes(self, cursor: int) -> list[Change] | None:
        """The changes from `cursor` on; None if some of them are already forgotten."""
        if cursor < self._base:
            return None
        return self._history[cursor - self._base :]

    def record(self, change: Change, keep: int) -> None:
        """Stores the outcome of one write; used by `Store` only."""
        if change.type == "DELETED":
            del self.objects[change.key]
            del self._order[bisect_left(self._order, change.key)]
        else:
            if change.previous is None:
                insort(self._order, change.key)
            self.objects[change.key] = change.object
        self._history.append(change)
        if len(self._history) > 2 * keep:
            self.forget(len(self._history) - keep)
        for listener in tuple(self.listeners):
            listener()

    def forget(self, count: int | None = None) -> None:
        """Drops the oldest `count` changes (all by default), as a compaction does."""
        dropped = self._history[:count] if count is not None else self._history[:]
        if dropped:
            self.compacted = dropped[-1].revision
            self._base += len(dropped)
            del self._history[: len(dropped)]

    def load(self, objects: dict[str, Manifest], revision: int) -> None:
        """Takes over a saved state; nothing before `revision` can be watched."""
        self.objects = objects
        self._order = sorted(objects)
        self._base += len(self._history)
        self._history.clear()
        self.compacted = revision


class Store:
    """All collections and the one counter that orders every write of the cluster."""

    def __init__(self, *, history: int = 1000, revision: int = 1) -> None:
        self.revision = revision
        self.collections: dict[GroupResource, Collection] = {}
        self.observers: list[Callable[[GroupResource, Change], None]] = []
        """Called after every write, in order of registration; controllers queue work here."""
        self._history = history

    def collection(self, resource: GroupResource) -> Collection:
        """The collection of a resource, made on first use."""
        found = self.collections.get(resource)
        if found is None:
            found = self.collections[resource] = Collection(resource)
        return found

    def get(self, resource: GroupResource, namespace: str, name: str) -> Manifest | None:
        """The object as it is now, or None."""
        return self.collection(resource).objects.get(f"{namespace}/{name}")

    def put(self, resource: GroupResource, manifest: Manifest) -> Manifest:
        """Creates or replaces an object; the manifest must be the caller's own and is kept.

        Its `metadata.resourceVersion` is set in place.
        """
        metadata = manifest["metadata"]
        key = storage_key(metadata.get("namespace", ""), metadata["name"])
        collection = self.collection(resource)
        previous = collection.objects.get(key)
        self.revision += 1
        metadata["resourceVersion"] = str(self.revision)
        change = Change(
            self.revision, "ADDED" if previous is None else "MODIFIED", key, manifest, previous
        )
        self._publish(resource, collection, change)
        return manifest

    def remove(self, resource: GroupResource, namespace: str, name: str) -> Manifest:
        """Removes an object and returns its last state with the deletion's resource version."""
        collection = self.collection(resource)
        key = storage_key(namespace, name)
        previous = collection.objects[key]
        self.revision += 1
        metadata = {**previous["metadata"], "resourceVersion": str(self.revision)}
        last = {**previous, "metadata": metadata}
        self._publish(resource, collection, Change(self.revision, "DELETED", key, last, previous))
        return last

    def _publish(self, resource: GroupResource, collection: Collection, change: Change) -> None:
        collection.record(change, self._history)
        for observer in self.observers:
            observer(resource, change)

    def wake(self, resource: GroupResource) -> None:
        """Tells the watches of a collection to look again (its type may be gone)."""
        for listener in tuple(self.collection(resource).listeners):
            listener()

    def compact(self) -> None:
        """Forgets all history: every watch and continue token older than now is answered 410."""
        for collection in self.collections.values():
            collection.forget()
            collection.compacted = self.revision
