"""Whether the answer to a write is still about the owner that was decided on. Manifests in; pure.

A write's answer is put into the cache, so the events up to its version are no news. Nobody changes
the owner between our decision and our write, which the version guards; but what admits the write
may change it, and this comparison is what notices that.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from katalog_runtime.inventory import OWN_NAMES
from katalog_runtime.objects import Manifest


def is_same_question(before: Manifest, after: Manifest, wrote: Collection[str] = ()) -> bool:
    """Whether an answer still is about the owner that was decided on.

    Everything that a template may read and that our own writes do not change has to be equal; if it
    is not, a webhook changed what we sent, and the event of that will be no news to the cache.
    `wrote` names the status fields that our own write set.
    """
    old, new = before["metadata"], after["metadata"]
    return (
        old["uid"] == new["uid"]
        and old.get("generation") == new.get("generation")
        and old.get("deletionTimestamp") == new.get("deletionTimestamp")
        and before.get("spec") == after.get("spec")
        and _is_same_without(OWN_NAMES, old.get("labels"), new.get("labels"))
        and _is_same_without(OWN_NAMES, old.get("annotations"), new.get("annotations"))
        and _is_same_without(wrote, before.get("status"), after.get("status"))
    )


def _is_same_without(names: Collection[str], one: Any, other: Any) -> bool:
    """Whether two mappings (None is an empty one) agree but for the entries of these names."""
    if one == other:
        return True
    one, other = one or {}, other or {}
    if not (isinstance(one, dict) and isinstance(other, dict)):
        return False  # A schema can let a status be anything.
    return all(
        name in names or (name in one and name in other and one[name] == other[name])
        for name in one.keys() | other.keys()
    )
