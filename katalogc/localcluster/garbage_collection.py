"""The garbage collector: dependents follow their owners, as their owner references and finalizers
say.

In: changes of the store. Out: deletions and released finalizers. Background, foreground and orphan
propagation as in `k8s.io/kubernetes/pkg/controller/garbagecollector`; a reference to an owner that
does not exist (or lives in another namespace) counts for nothing, and an object with only such
references is deleted.
"""

from __future__ import annotations

from typing import Any

from katalog_runtime.objects import GroupResource, Manifest
from katalogc.localcluster.delete_options import FOREGROUND, ORPHAN
from katalogc.localcluster.deletion import delete_object, release_finalizer
from katalogc.localcluster.state import ClusterState
from katalogc.localcluster.storage import Change

Place = tuple[GroupResource, str]
"""A collection and a key in it."""


class GarbageCollector:
    """Knows who depends on whom; works when asked to, never by itself."""

    def __init__(self, state: ClusterState) -> None:
        self._state = state
        self._dependents: dict[str, set[Place]] = {}
        """Places of dependents by the UID of their owner."""
        self._owners: dict[Place, tuple[str, ...]] = {}
        self._queue: dict[Place, None] = {}
        self._released: dict[str, None] = {}
        """UIDs whose objects are gone, and whose dependents have not been looked at yet."""
        self._gone: set[str] = set()
        """UIDs of owners that were seen to go; they never come back, even if their type does."""

    def observe(self, resource: GroupResource, change: Change) -> None:
        """Takes note of a change; cheap for objects that nobody owns."""
        metadata = change.object["metadata"]
        place = (resource, change.key)
        gone = change.type == "DELETED"
        references = () if gone else metadata.get("ownerReferences") or ()
        uids = tuple(each["uid"] for each in references)
        known = self._owners.get(place, ())
        if uids != known:
            for uid in known:
                self._dependents.get(uid, set()).discard(place)
            for uid in uids:
                self._dependents.setdefault(uid, set()).add(place)
            if uids:
                self._owners[place] = uids
            else:
                self._owners.pop(place, None)
        if gone:
            if metadata["uid"] in self._dependents:
                self._released[metadata["uid"]] = None
            for uid in known:
                # A foreground deletion of the owner may have waited for this one.
                self._queue_owner(change.object, uid)
            return
        finalizers = metadata.get("finalizers") or ()
        waiting = metadata.get("deletionTimestamp") and (
            FOREGROUND in finalizers or ORPHAN in finalizers
        )
        if waiting or (uids and uids != known):
            self._queue[place] = None

    def _queue_owner(self, dependent: Manifest, uid: str) -> None:
        for reference in dependent["metadata"].get("ownerReferences") or ():
            if reference["uid"] == uid:
                owner = self._find_owner(dependent, reference)
                if owner is not None and owner[1]["metadata"].get("deletionTimestamp"):
                    self._queue[owner[0]] = None

    def rebuild(self) -> None:
        """Learns all references anew (after a snapshot was loaded)."""
        self._dependents.clear()
        self._owners.clear()
        for resource, collection in self._state.store.collections.items():
            for key, manifest in collection.objects.items():
                references = manifest["metadata"].get("ownerReferences") or ()
                uids = tuple(each["uid"] for each in references)
                if uids:
                    self._owners[resource, key] = uids
                    for uid in uids:
                        self._dependents.setdefault(uid, set()).add((resource, key))
                self._queue[resource, key] = None

    def work(self) -> bool:
        """Does one step; False when there is nothing to do."""
        if self._released:
            uid = next(iter(self._released))
            del self._released[uid]
            self._gone.add(uid)
            for place in sorted(self._dependents.pop(uid, ())):
                self._queue[place] = None
            return True
        if self._queue:
            place = next(iter(self._queue))
            del self._queue[place]
            self._collect(place)
            return True
        return False

    def _collect(self, place: Place) -> None:
        manifest = self._state.store.collection(place[0]).objects.get(place[1])
        type_ = self._state.registry.stored_as(place[0])
        if manifest is None or type_ is None:
            return
        metadata = manifest["metadata"]
        finalizers = metadata.get("finalizers") or ()
        if metadata.get("deletionTimestamp"):
            if ORPHAN in finalizers:
                self._orphan(place, manifest)
            elif FOREGROUND in finalizers:
                self._foreground(place, manifest)
            return
        references = metadata.get("ownerReferences") or ()
        solid, dangling, waiting = self._sort_owners(manifest, references)
        if solid:
            if dangling or waiting:
                keep = [each for each in references if each in solid]
                self._write(place, manifest, "ownerReferences", keep)
        elif dangling or waiting:
            dependents = self._dependents.get(metadata["uid"])
            policy = "Foreground" if waiting and dependents else "Background"
            delete_object(self._state, type_, manifest, {"propagationPolicy": policy})

    def _sort_owners(
        self, manifest: Manifest, references: Any
    ) -> tuple[list[Manifest], list[Manifest], list[Manifest]]:
        """References to living owners, to none, and to owners waiting for their dependents."""
        solid: list[Manifest] = []
        dangling: list[Manifest] = []
        waiting: list[Manifest] = []
        for reference in references:
            if reference["uid"] in self._gone:
                dangling.append(reference)
                continue
            if (
                self._state.registry.resolve_kind(reference["apiVersion"], reference["kind"])
                is None
            ):
                solid.append(reference)  # an unknown kind may be served again; upstream waits too
                continue
            found = self._find_owner(manifest, reference)
            if found is None:
                dangling.append(reference)
                continue
            owner = found[1]["metadata"]
            deleting_foreground = owner.get("deletionTimestamp") and FOREGROUND in (
                owner.get("finalizers") or ()
            )
            (waiting if deleting_foreground else solid).append(reference)
        return solid, dangling, waiting

    def _find_owner(self, manifest: Manifest, reference: Manifest) -> tuple[Place, Manifest] | None:
        type_ = self._state.registry.resolve_kind(reference["apiVersion"], reference["kind"])
        if type_ is None:
            return None
        namespace = manifest["metadata"].get("namespace", "") if type_.namespaced else ""
        owner = self._state.store.get(type_.storage, namespace, reference["name"])
        if owner is None or owner["metadata"]["uid"] != reference["uid"]:
            return None
        return (type_.storage, f"{namespace}/{reference['name']}"), owner

    def _orphan(self, place: Place, manifest: Manifest) -> None:
        uid = manifest["metadata"]["uid"]
        for dependent in sorted(self._dependents.get(uid, ())):
            child = self._state.store.collection(dependent[0]).objects[dependent[1]]
            references = child["metadata"].get("ownerReferences") or ()
            keep = [each for each in references if each["uid"] != uid]
            self._write(dependent, child, "ownerReferences", keep)
        release_finalizer(self._state, place[0], manifest, ORPHAN)

    def _foreground(self, place: Place, manifest: Manifest) -> None:
        uid = manifest["metadata"]["uid"]
        blocked = False
        for dependent in sorted(self._dependents.get(uid, ())):
            child = self._state.store.collection(dependent[0]).objects.get(dependent[1])
            if child is None:
                continue
            if not child["metadata"].get("deletionTimestamp"):
                self._collect(dependent)
            child = self._state.store.collection(dependent[0]).objects.get(dependent[1])
            references = child["metadata"].get("ownerReferences") or () if child else ()
            blocked |= any(
                each["uid"] == uid and each.get("blockOwnerDeletion") for each in references
            )
        if not blocked:
            release_finalizer(self._state, place[0], manifest, FOREGROUND)

    def _write(self, place: Place, manifest: Manifest, field: str, value: list[Any]) -> None:
        metadata = {key: each for key, each in manifest["metadata"].items() if key != field}
        if value:
            metadata[field] = value
        self._state.store.put(place[0], {**manifest, "metadata": metadata})
