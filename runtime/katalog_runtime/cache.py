"""What the watches and our own writes told us: owners, their children, and who belongs to whom.

In: manifests from lists, watches and write responses. Out: which owner's key has to be looked at.
Pure; every method answers at once. Objects are kept as they came, trimmed, and never changed.

Rules of this file:

1. Of one object (same UID) the higher resource version wins, whatever order they come in: an API
   server that lags behind cannot bring the past back. Versions compare as integers (Kubernetes
   promises that within one type since 1.35, and has kept to it before).
2. Another UID is another object: it replaces the old one, unless it is older.
3. The answer to a write is put in like an event, so that the event itself is no news. An answer
   about an object that is not here, older than what its watch has told, comes too late: the watch
   has seen the object go. Put in, it would stay for ever.
4. A controller reference says whose child an object is; without one, the ApplySet label does. An
   object that copied our labels from a Service or a Deployment has a controller of its own.
5. Watches are shared by all controllers; only children that name an owner of this type are kept, by
   a reference, by a note, or by the label of an owner that is known. A label whose owner is not
   known yet waits in `unclaimed`, and is asked for when an owner comes.
6. A child whose note names an owner that is not here is a reason to look for that owner.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from katalog_runtime.conditions import ready_condition
from katalog_runtime.handover import Handover, handover_of
from katalog_runtime.inventory import noted_owner, set_id
from katalog_runtime.listwatch import Delta, Remove, Sweep, Upsert
from katalog_runtime.objects import (
    Manifest,
    NamespacedName,
    controller_of,
    key_of,
    without_managed_fields,
)
from katalog_runtime.projection import trim_child
from katalog_runtime.render import ChildRef, Program
from katalog_runtime.unclaimed import UnclaimedChildren, labelled_set
from katalog_runtime.versions import Progress, is_newer, not_after, speaks_of_the_past

_OWNERS = -1
"""Stands for the owners where a kind of children is meant."""


@dataclass(slots=True)
class Child:
    """A child as the cache holds it."""

    ref: ChildRef
    uid: str
    version: str
    set_identity: str
    """The ApplySet it belongs to; our index."""
    manifest: Manifest
    """Trimmed to what the bundle uses."""
    handover: Handover | None
    """Where our first write stands as an Update in `managedFields`, if it does."""
    deleting: bool
    """Deletion was requested: by its timestamp, or by us a moment ago."""


class Cache:
    """Owners and children of one controller."""

    def __init__(self, program: Program, serves: Callable[[NamespacedName], bool]) -> None:
        """An empty cache; `serves` says whether an owner's key is this process's (sharding)."""
        self._program = program
        self._serves = serves
        self._group = program.spec.api.group
        self._kind = program.spec.api.kind
        self._namespaced = program.spec.api.namespaced
        self.owners: dict[NamespacedName, Manifest] = {}
        self._key_by_set: dict[str, NamespacedName] = {}
        self._children: tuple[dict[NamespacedName, Child], ...] = tuple({} for _ in program.kinds)
        self._by_set: dict[str, dict[ChildRef, Child]] = {}
        self._unclaimed: Sequence[Sequence[UnclaimedChildren]] = ()
        self._progress = Progress()
        self._ready: set[NamespacedName] = set()

    def claim_from(self, unclaimed: Sequence[Sequence[UnclaimedChildren]]) -> None:
        """Where children of owners that are not known yet wait: by kind, one per watch of it."""
        self._unclaimed = unclaimed

    @property
    def ready_count(self) -> int:
        """Owners whose `Ready` condition is True."""
        return len(self._ready)

    @property
    def child_count(self) -> int:
        """Children in the cache."""
        return sum(map(len, self._children))

    def children_of(self, set_identity: str) -> dict[ChildRef, Child]:
        """All children of one owner. The mapping is the cache's own: read it at once."""
        return self._by_set.get(set_identity, {})

    def named_owners(self) -> tuple[NamespacedName, ...]:
        """The owners that are here, and those whom only notes on their children name."""
        strays = (each for each in self._by_set if each not in self._key_by_set)
        return (*self.owners, *(key for each in strays for key in self._owner_of(each)))

    def child(self, ref: ChildRef) -> Child | None:
        """The child, if there is one."""
        return self._children[ref.kind].get(ref.key)

    def owner_deltas(self, namespace: str, deltas: list[Delta]) -> Iterator[NamespacedName]:
        """Take in what a watch of owners said; yields the keys for which it was news."""
        for delta in deltas:
            self._note(_OWNERS, namespace, delta)
            match delta:
                case Upsert(manifest):
                    key = key_of(manifest)
                    if self._serves(key) and self._keep_owner(key, manifest):
                        yield key
                case Remove(manifest):
                    key = key_of(manifest)
                    if self._drop_owner(key, manifest):
                        yield key
                case Sweep(seen, version):
                    yield from self._sweep_owners(namespace, seen, version)

    def child_deltas(
        self, kind: int, namespace: str, deltas: list[Delta]
    ) -> Iterator[NamespacedName]:
        """Take in what a watch of children said; yields the keys of the owners to look at."""
        for delta in deltas:
            self._note(kind, namespace, delta)
            match delta:
                case Upsert(manifest):
                    yield from self._take_child(kind, manifest)
                case Remove(manifest):
                    yield from self._drop_child(kind, manifest)
                case Sweep(seen, version):
                    yield from self._sweep_children(kind, namespace, seen, version)

    def put_owner(self, manifest: Manifest) -> bool:
        """Keep an answer about an owner, unless what we know is as new; True if it was news."""
        key = key_of(manifest)
        if key not in self.owners and self._is_late(_OWNERS, key, manifest):
            return False
        return self._keep_owner(key, manifest)

    def _keep_owner(self, key: NamespacedName, manifest: Manifest) -> bool:
        known = self.owners.get(key)
        if known is not None and not is_newer(manifest, known["metadata"]["resourceVersion"]):
            return False
        manifest = without_managed_fields(manifest)
        self.owners[key] = manifest
        if ready_condition(manifest).get("status") == "True":
            self._ready.add(key)
        else:
            self._ready.discard(key)
        if known is None:
            identity = set_id(self._kind, self._group, key)
            self._key_by_set[identity] = key
            self._claim(identity)
        return True

    def put_child(self, kind: int, manifest: Manifest, set_identity: str) -> bool:
        """Keep an answer about a child, unless what we know is as new; True if it was news."""
        key = key_of(manifest)
        known = self._children[kind].get(key)
        if known is None:
            if self._is_late(kind, key, manifest):
                return False
        elif not is_newer(manifest, known.version):
            return False
        self._keep(ChildRef(kind, key), manifest, set_identity, handover_of(manifest), known)
        return True

    def holds(self, kind: int, key: NamespacedName, set_identity: str) -> bool:
        """Whether that child is here, as one of that set."""
        known = self._children[kind].get(key)
        return known is not None and known.set_identity == set_identity

    def forget_owner(self, key: NamespacedName) -> None:
        """The server says that there is no such owner; should it be wrong, its watch puts it back."""
        known = self.owners.get(key)
        if known is not None:
            self._remove_owner(key)

    def forget_child(self, ref: ChildRef, uid: str) -> None:
        """We deleted the child: it counts as leaving until its watch says that it is gone."""
        known = self._children[ref.kind].get(ref.key)
        if known is not None and known.uid == uid:
            known.deleting = True

    def _note(self, kind: int, namespace: str, delta: Delta) -> None:
        if isinstance(delta, Sweep):
            self._progress.began_anew(kind, namespace, delta.resource_version)
        else:
            version = delta.manifest["metadata"]["resourceVersion"]
            self._progress.heard(kind, namespace, version)

    def _is_late(self, kind: int, key: NamespacedName, manifest: Manifest) -> bool:
        version = manifest["metadata"]["resourceVersion"]
        return self._progress.has_passed(kind, key.namespace, version)

    def _owner_of(self, set_identity: str) -> Iterator[NamespacedName]:
        key = self._key_by_set.get(set_identity)
        if key is not None:
            yield key
            return
        for child in self._by_set.get(set_identity, {}).values():
            noted = noted_owner(child.manifest, self._kind, self._group)
            if noted is not None:
                yield noted
                return

    def _take_child(self, kind: int, manifest: Manifest) -> Iterator[NamespacedName]:
        key = key_of(manifest)
        known = self._children[kind].get(key)
        if known is not None and not is_newer(manifest, known.version):
            return
        identity = self._set_of(manifest, known)
        if identity:
            self._keep(ChildRef(kind, key), manifest, identity, handover_of(manifest), known)
            yield from self._owner_of(identity)
        elif known is not None:
            self._remove_child(known)
        if known is not None and known.set_identity != identity:
            yield from self._owner_of(known.set_identity)

    def _set_of(self, manifest: Manifest, known: Child | None) -> str:
        """The ApplySet id of the owner that the child belongs to; empty if none of ours."""
        reference = controller_of(manifest)
        if reference is None:
            label = labelled_set(manifest)
            if label in self._key_by_set:
                return label
            # Its owner may be gone, or it was found by its name and carries no such label.
            if known is not None and label in ("", known.set_identity):
                return known.set_identity
            noted = noted_owner(manifest, self._kind, self._group)
            return label if noted is not None and self._serves(noted) else ""
        group = str(reference.get("apiVersion", "")).rpartition("/")[0]
        if reference.get("kind") != self._kind or group != self._group:
            return ""
        namespace = manifest["metadata"].get("namespace", "") if self._namespaced else ""
        key = NamespacedName(namespace, str(reference.get("name")))
        return set_id(self._kind, self._group, key) if self._serves(key) else ""

    def _claim(self, set_identity: str) -> None:
        """An owner showed up: its children may have come first."""
        for kind, watches in enumerate(self._unclaimed):
            for unclaimed in watches:
                for child in unclaimed.claim(set_identity):
                    known = self._children[kind].get(child.key)
                    if known is None or is_newer(child.manifest, known.version):
                        ref = ChildRef(kind, child.key)
                        self._keep(ref, child.manifest, set_identity, child.handover, known)

    def _keep(
        self,
        ref: ChildRef,
        manifest: Manifest,
        set_identity: str,
        handover: Handover | None,
        known: Child | None,
    ) -> None:
        metadata = manifest["metadata"]
        if known is not None and known.set_identity != set_identity:
            self._unlink(known)
        child = Child(
            ref=ref,
            uid=metadata["uid"],
            version=metadata["resourceVersion"],
            set_identity=set_identity,
            manifest=trim_child(manifest, self._program.kinds[ref.kind].mask),
            handover=handover,
            deleting=bool(metadata.get("deletionTimestamp")),
        )
        self._children[ref.kind][ref.key] = child
        self._by_set.setdefault(set_identity, {})[ref] = child

    def _drop_owner(self, key: NamespacedName, last: Manifest) -> bool:
        known = self.owners.get(key)
        if known is None or speaks_of_the_past(
            last["metadata"], known["metadata"]["resourceVersion"]
        ):
            return False
        self._remove_owner(key)
        return True

    def _remove_owner(self, key: NamespacedName) -> None:
        del self.owners[key]
        self._key_by_set.pop(set_id(self._kind, self._group, key), None)
        self._ready.discard(key)

    def _drop_child(self, kind: int, last: Manifest) -> Iterator[NamespacedName]:
        known = self._children[kind].get(key_of(last))
        if known is None or speaks_of_the_past(last["metadata"], known.version):
            return
        self._remove_child(known)
        yield from self._owner_of(known.set_identity)

    def _remove_child(self, child: Child) -> None:
        del self._children[child.ref.kind][child.ref.key]
        self._unlink(child)

    def _unlink(self, child: Child) -> None:
        family = self._by_set.get(child.set_identity)
        if family is not None:
            family.pop(child.ref, None)
            if not family:
                del self._by_set[child.set_identity]

    def _sweep_owners(
        self, namespace: str, seen: frozenset[NamespacedName], version: str
    ) -> Iterator[NamespacedName]:
        gone = [
            key
            for key, manifest in self.owners.items()
            if key not in seen
            and (not namespace or key.namespace == namespace)
            and not_after(manifest["metadata"]["resourceVersion"], version)
        ]
        for key in gone:
            self._remove_owner(key)
            yield key

    def _sweep_children(
        self, kind: int, namespace: str, seen: frozenset[NamespacedName], version: str
    ) -> Iterator[NamespacedName]:
        gone = [
            child
            for key, child in self._children[kind].items()
            if key not in seen
            and (not namespace or key.namespace == namespace)
            and not_after(child.version, version)
        ]
        for child in gone:
            self._remove_child(child)
            yield from self._owner_of(child.set_identity)
