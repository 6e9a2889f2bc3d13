"""Rules of the statuses of workloads: counts that are none, and counts greater than their whole.

In: an object. Out: `FieldError`s. Source: `k8s.io/kubernetes/pkg/apis/apps/validation`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from katalogc.localcluster.validation.field_errors import FieldError, invalid
from katalogc.localcluster.validation.rules.containers import NOT_NEGATIVE

_PARTS = {
    "Deployment": (
        "updatedReplicas", "readyReplicas", "availableReplicas", "unavailableReplicas",
    ),
    "ReplicaSet": ("fullyLabeledReplicas", "readyReplicas", "availableReplicas"),
    "ReplicationController": ("fullyLabeledReplicas", "readyReplicas", "availableReplicas"),
    "StatefulSet": (
        "readyReplicas", "currentReplicas", "updatedReplicas", "availableReplicas",
    ),
}  # fmt: skip
_UNBOUNDED = ("unavailableReplicas",)


def replica_status_errors(obj: dict[str, Any], _: dict[str, Any] | None) -> Iterator[FieldError]:
    """The counts of a workload's status."""
    status = obj.get("status") or {}
    parts = _PARTS[obj["kind"]]
    for field in ("replicas", *parts, "observedGeneration"):
        if status.get(field, 0) < 0:
            yield invalid(f"status.{field}", status[field], NOT_NEGATIVE)
    whole = status.get("replicas", 0)
    for field in parts:
        if field not in _UNBOUNDED and status.get(field, 0) > whole:
            text = "cannot be greater than status.replicas"
            yield invalid(f"status.{field}", status.get(field, 0), text)
    if status.get("availableReplicas", 0) > status.get("readyReplicas", 0):
        text = (
            "cannot be greater than status.readyReplicas"
            if obj["kind"] == "StatefulSet"
            else "cannot be greater than readyReplicas"
        )
        yield invalid("status.availableReplicas", status.get("availableReplicas", 0), text)


STATUS_RULES: dict[
    tuple[str, str], Callable[[dict[str, Any], dict[str, Any] | None], Iterator[FieldError]]
] = {
    ("" if kind == "ReplicationController" else "apps", kind): replica_status_errors
    for kind in _PARTS
}
"""By `(group, kind)`."""
