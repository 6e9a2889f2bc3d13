"""Whether the answer to a write is still about the owner that was decided on. Manifests in; pure.

A write's answer is put into the cache, so the events up to its version are no news. If someone else
changed the owner between our decision and our write, this comparison is what notices it.
"""

from __future__ import annotations

from collections.abc import Collection

from katalog_runtime.inventory import OWN_NAMES
from katalog_runtime.objects import Manifest


def is_same_question(before: Manifest, after: Manifest, wrote: Collection[str] = ()) -> bool:
    """Whether an answer still is about the owner that was decided on.

    Everything that a template may read and that our own patches do not change has to be equal; if
    it is not, someone else's change came in between, and its event will be no news to the cache.
    `wrote` names the status fields that our own patch set.
    """
    old, new = before["metadata"], after["metadata"]
    same = ("uid", "generation", "deletionTimestamp")
    if any(old.get(name) != new.get(name) for name in same):
        return False
    for name in ("labels", "annotations"):
        if _foreign(old.get(name)) != _foreign(new.get(name)):
            return False
    if before.get("spec") != after.get("spec"):
        return False
    earlier, later = before.get("status") or {}, after.get("status") or {}
    return {key: each for key, each in earlier.items() if key not in wrote} == {
        key: each for key, each in later.items() if key not in wrote
    }


def _foreign(names: dict[str, str] | None) -> dict[str, str]:
    return {name: text for name, text in (names or {}).items() if name not in OWN_NAMES}
