"""Which of two states of an object is the later one.

In: manifests and resource versions. Out: yes or no. Pure. Versions compare as integers (Kubernetes
promises that within one type since 1.35, and has kept to it before); where one is no number, all
that can be said is whether they differ.
"""

from __future__ import annotations

from typing import Any

from katalog_runtime.objects import Manifest


def is_newer(manifest: Manifest, than: str) -> bool:
    """Whether the manifest's version is after `than`; versions that are no numbers only differ."""
    version = manifest["metadata"]["resourceVersion"]
    if version == than:
        return False
    return not (version.isdigit() and than.isdigit()) or int(version) > int(than)


def not_after(version: str, than: str) -> bool:
    """Whether `version` is `than` or before it."""
    return not (version.isdigit() and than.isdigit()) or int(version) <= int(than)


def speaks_of_the_past(last: dict[str, Any], known: str) -> bool:
    """Whether a deletion, whose object last had this metadata, is older than the `known` version."""
    return not not_after(known, last["resourceVersion"])


class Progress:
    """How far watches have told: tells an answer that comes after the end of its object.

    A write and a watch travel on connections of their own. An object that was made and deleted
    within a moment may be reported as deleted before its creator hears that it was made. If a watch
    has told of a later time, and the object is not there, then it was deleted since.
    """

    def __init__(self) -> None:
        """Nothing was told yet."""
        self._told: dict[tuple[int, str], int] = {}

    def heard(self, kind: int, namespace: str, version: str) -> None:
        """A watch of that kind in that namespace (or in all: empty) told of this version."""
        number = _number(version)
        if number > self._told.get((kind, namespace), 0):
            self._told[kind, namespace] = number

    def began_anew(self, kind: int, namespace: str, version: str) -> None:
        """A full list was read, be it of an earlier time than what was told before."""
        self._told[kind, namespace] = _number(version)

    def has_passed(self, kind: int, namespace: str, version: str) -> bool:
        """Whether the watch that covers this namespace has told of this version or a later one."""
        told = self._told.get((kind, namespace), self._told.get((kind, ""), 0))
        return 0 < _number(version) <= told


def _number(version: str) -> int:
    return int(version) if version.isdigit() else 0
