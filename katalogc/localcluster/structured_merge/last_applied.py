"""kubectl's way from client-side to server-side apply: its annotation with the last configuration.

In: conflicts of an apply by the manager `kubectl`, the live object. Out: the conflicts that remain,
and the object with its annotation renewed. Rules of the API server's `lastAppliedManager` and
`lastAppliedUpdater`.
"""

from __future__ import annotations

import json
from typing import Any

from katalogc.localcluster.structured_merge.field_paths import PathSet
from katalogc.localcluster.structured_merge.managers import ManagerKey
from katalogc.localcluster.structured_merge.typed_values import (
    Type,
    TypedValueError,
    compare,
    field_set,
)

ANNOTATION = "kubectl.kubernetes.io/last-applied-configuration"


def remaining(
    conflicts: dict[ManagerKey, PathSet], live: dict[str, Any], schema: Type
) -> dict[ManagerKey, PathSet]:
    """The conflicts, unless the client-side applied configuration still stands for all of them."""
    allowed = _still_applied(live, schema)
    left = {key: paths - allowed for key, paths in conflicts.items()}
    return {key: paths for key, paths in left.items() if paths}


def _still_applied(live: dict[str, Any], schema: Type) -> PathSet:
    text = (live.get("metadata", {}).get("annotations") or {}).get(ANNOTATION)
    try:
        configuration = json.loads(text or "null")
        if not isinstance(configuration, dict):
            return frozenset()
        if configuration.get("apiVersion") != live.get("apiVersion"):
            return frozenset()
        difference = compare(live, configuration, schema)
        fields = field_set(configuration, schema)
    except (ValueError, TypedValueError):
        return frozenset()
    return fields - difference.modified - difference.added - difference.removed


def refreshed(merged: dict[str, Any], applied: dict[str, Any]) -> dict[str, Any]:
    """`merged` with the annotation telling `applied`, if the object has the annotation at all."""
    metadata = merged.get("metadata") or {}
    annotations = metadata.get("annotations") or {}
    if ANNOTATION not in annotations:
        return merged
    configuration = {name: value for name, value in applied.items() if name != "status"}
    inner = dict(applied.get("metadata") or {})
    if "annotations" in inner:
        given = inner["annotations"] or {}
        inner["annotations"] = {name: value for name, value in given.items() if name != ANNOTATION}
    configuration["metadata"] = inner
    text = json.dumps(configuration, sort_keys=True, separators=(",", ":")) + "\n"
    return {**merged, "metadata": {**metadata, "annotations": {**annotations, ANNOTATION: text}}}
