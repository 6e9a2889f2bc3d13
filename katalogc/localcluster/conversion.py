"""One stored object, several API versions: between what is stored and what a request's version
shows.

In: a manifest and a type. Out: the manifest in the other version; the same dict where nothing
differs. Custom resources know only the `None` strategy of CustomResourceDefinitions: `apiVersion`
changes, and what the other version does not know is left out. The two built-in pairs (Events,
HorizontalPodAutoscalers) are converted field by field.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from katalog_runtime.objects import Manifest
from katalogc.localcluster import validation
from katalogc.localcluster.resources import ResourceType

_EVENT_FIELDS = (
    ("involvedObject", "regarding"),
    ("message", "note"),
    ("source", "deprecatedSource"),
    ("count", "deprecatedCount"),
    ("firstTimestamp", "deprecatedFirstTimestamp"),
    ("lastTimestamp", "deprecatedLastTimestamp"),
    ("reportingComponent", "reportingController"),
)


def to_stored(type_: ResourceType, manifest: Manifest) -> Manifest:
    """The manifest as it is stored."""
    if type_.api_version == type_.stored_api_version:
        return manifest
    if type_.custom is not None:
        return _none(manifest, type_.stored_api_version, type_.custom.stored_schema)
    if type_.kind == "Event":
        return _rename(manifest, {new: old for old, new in _EVENT_FIELDS}, "v1")
    if type_.kind == "HorizontalPodAutoscaler":
        return _autoscaler_v2(manifest)
    return {**manifest, "apiVersion": type_.stored_api_version}


def to_served(type_: ResourceType, manifest: Manifest) -> Manifest:
    """The stored manifest in the version of `type_`."""
    if manifest["apiVersion"] == type_.api_version:
        return manifest
    if type_.custom is not None:
        return _none(manifest, type_.api_version, type_.custom.schema)
    if type_.kind == "Event":
        return _rename(manifest, dict(_EVENT_FIELDS), type_.api_version)
    if type_.kind == "HorizontalPodAutoscaler":
        return _autoscaler_v1(manifest)
    return {**manifest, "apiVersion": type_.api_version}


def _none(manifest: Manifest, api_version: str, schema: Any) -> Manifest:
    converted = deepcopy({**manifest, "apiVersion": api_version})
    validation.prune(converted, schema)
    return converted


def _rename(manifest: Manifest, names: dict[str, str], api_version: str) -> Manifest:
    renamed = {names.get(key, key): value for key, value in manifest.items()}
    if not renamed.get("reportingController", True):
        del renamed["reportingController"]
    if not renamed.get("reportingInstance", True) and api_version != "v1":
        del renamed["reportingInstance"]
    return {**renamed, "apiVersion": api_version}


def _autoscaler_v2(manifest: Manifest) -> Manifest:
    spec: dict[str, Any] = dict(manifest.get("spec") or {})
    percentage = spec.pop("targetCPUUtilizationPercentage", None)
    if percentage is not None:
        target = {"type": "Utilization", "averageUtilization": percentage}
        spec["metrics"] = [{"type": "Resource", "resource": {"name": "cpu", "target": target}}]
    status = dict(manifest.get("status") or {})
    status.pop("currentCPUUtilizationPercentage", None)
    return {**manifest, "apiVersion": "autoscaling/v2", "spec": spec, "status": status}


def _autoscaler_v1(manifest: Manifest) -> Manifest:
    spec: dict[str, Any] = dict(manifest.get("spec") or {})
    for metric in spec.pop("metrics", None) or ():
        resource = metric.get("resource") or {}
        percentage = (resource.get("target") or {}).get("averageUtilization")
        if resource.get("name") == "cpu" and percentage is not None:
            spec["targetCPUUtilizationPercentage"] = percentage
    spec.pop("behavior", None)
    status = dict(manifest.get("status") or {})
    status.pop("currentMetrics", None)
    status.pop("conditions", None)
    return {**manifest, "apiVersion": "autoscaling/v1", "spec": spec, "status": status}
