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
