"""Children that name no controller and an owner whom nobody knows yet.

In: what one watch of children said. Out: the children of an owner, once a cache gets to know it.
Pure. Kept once per watch, for all controllers that share it, and trimmed to what any of them uses.

A child in another namespace than its owner, or in none, can carry no owner reference. If it has no
note of its owner either (it may be older than such notes), its ApplySet label is all there is, a
digest that does not tell the owner's type. Whose it is shows when the owner is listed, which may be
later. Until then it waits here, whoever it belongs to; so do the children of other operators and of
other shards.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from katalog_runtime.handover import Handover, handover_of
from katalog_runtime.listwatch import Delta, Remove, Sweep, Upsert
from katalog_runtime.objects import PART_OF_LABEL, Manifest, NamespacedName, controller_of, key_of
from katalog_runtime.projection import Mask, merge_masks, trim_child
from katalog_runtime.versions import is_newer, not_after, speaks_of_the_past


class UnclaimedChild(NamedTuple):
    """One child that waits for its owner."""

    key: NamespacedName
    set_identity: str
    version: str
    manifest: Manifest
    """Trimmed to what any of the sharing controllers uses."""
    handover: Handover | None


class UnclaimedChildren:
    """The unclaimed children of one watch."""

    def __init__(self) -> None:
        self._mask: Mask = {}
        self._by_key: dict[NamespacedName, UnclaimedChild] = {}
        self._by_set: dict[str, dict[NamespacedName, UnclaimedChild]] = {}

    def __len__(self) -> int:
        return len(self._by_key)

    def widen(self, mask: Mask) -> None:
        """A controller that uses these fields takes part; to be said before the watch begins."""
        self._mask = merge_masks(self._mask, mask)

    def clear(self) -> None:
        """Forget all: the watch begins anew."""
        self._by_key.clear()
        self._by_set.clear()

    def take(self, deltas: list[Delta], held: Callable[[NamespacedName, str], bool]) -> None:
        """Keep what no cache has taken; `held` says whether one holds that child of that set."""
        for delta in deltas:
            match delta:
                case Upsert(manifest):
                    identity = labelled_set(manifest)
                    if identity and not held(key_of(manifest), identity):
                        self._keep(manifest, identity)
                    else:
                        self._drop(manifest)
                case Remove(manifest):
                    self._drop(manifest)
                case Sweep(seen, version):
                    gone = [
                        known.key
                        for known in self._by_key.values()
                        if known.key not in seen and not_after(known.version, version)
                    ]
                    for key in gone:
                        self._discard(key)

    def claim(self, set_identity: str) -> Iterator[UnclaimedChild]:
        """The children of an owner that has shown up; they are the caller's from now on."""
        for key in list(self._by_set.get(set_identity, ())):
            yield self._by_key[key]
            self._discard(key)

    def _keep(self, manifest: Manifest, set_identity: str) -> None:
        key = key_of(manifest)
        known = self._by_key.get(key)
        if known is not None:
            if not is_newer(manifest, known.version):
                return
            self._discard(key)
        child = UnclaimedChild(
            key=key,
            set_identity=set_identity,
            version=manifest["metadata"]["resourceVersion"],
            manifest=trim_child(manifest, self._mask),
            handover=handover_of(manifest),
        )
        self._by_key[key] = child
        self._by_set.setdefault(set_identity, {})[key] = child

    def _drop(self, manifest: Manifest) -> None:
        known = self._by_key.get(key_of(manifest)) if self._by_key else None
        if known and not speaks_of_the_past(manifest["metadata"], known.version):
            self._discard(known.key)

    def _discard(self, key: NamespacedName) -> None:
        known = self._by_key.pop(key)
        family = self._by_set[known.set_identity]
        del family[key]
        if not family:
            del self._by_set[known.set_identity]


def labelled_set(manifest: Manifest) -> str:
    """The ApplySet that an object is labelled with, if no controller reference says more."""
    if controller_of(manifest) is not None:
        return ""
    identity: str = (manifest["metadata"].get("labels") or {}).get(PART_OF_LABEL) or ""
    return identity
