"""The JSON of `/katalog/{crd}/cr`, of one custom resource, and of its Events. Pure.

In: views from the cache, so no route asks the API server anything. Out: dicts with the names that
the reference's Control Center reads. Annotations that are bookkeeping, the operator's own or kubectl's,
are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from katalog_runtime.bundle import Controller
from katalog_runtime.events import RecordedEvent
from katalog_runtime.katalog_shapes import Json, gvk
from katalog_runtime.objects import Manifest
from katalog_runtime.observe import ObjectView
from katalog_runtime.spans import age, age_of, rfc3339

_BOOKKEEPING = ("orkestra.orkspace.io/", "kubectl.kubernetes.io/last-applied-configuration")
"""Annotations that begin so are ours, or kubectl's copy of the whole manifest."""


def read_path(manifest: Manifest, path: str) -> Any:
    """The value at `spec.items.0.name`, or None where the path leads nowhere."""
    value: Any = manifest
    for part in path.split("."):
        if isinstance(value, dict):
            value = value.get(part)
        elif isinstance(value, list) and part.isascii() and part.isdigit() and len(part) < 10:
            value = value[int(part)] if int(part) < len(value) else None
        else:
            return None
    return value


def readings(place: str) -> list[tuple[list[str], bool]]:
    """What `[namespace/]name[/events]` may mean, likeliest first, and whether Events are asked for.

    `a/events` is the object `events` in namespace `a` where there is one, else the Events of `a`.
    """
    parts = place.strip("/").split("/")
    found = []
    if len(parts) <= 2:
        found.append((parts, False))
    if 2 <= len(parts) <= 3 and parts[-1] == "events":
        found.append((parts[:-1], True))
    return found


def objects(
    spec: Controller, found: Sequence[ObjectView], *, leads: bool, field: str, now: datetime
) -> Json:
    """`/katalog/{crd}/cr`; with `?field=dot.path` each item carries that `value`."""
    items = [_item(each, field, now) for each in sorted(found, key=lambda each: each.key)]
    return {
        "crd": spec.name,
        "gvk": gvk(spec),
        "total": len(items),
        "items": items,
        "isKonductor": leads,
    }


def _item(found: ObjectView, field: str, now: datetime) -> Json:
    metadata = found.manifest["metadata"]
    item = {
        "name": found.key.name,
        "namespace": found.key.namespace,
        "phase": _phase(found.manifest),
        "ready": found.ready == "True",
        "readyReason": found.ready_reason,
        "age": age_of(str(metadata.get("creationTimestamp") or ""), now),
        "generation": metadata.get("generation", 0),
    }
    if field:
        item["value"] = read_path(found.manifest, field)
    return item


def detail(spec: Controller, found: ObjectView, *, leads: bool, now: datetime) -> Json:
    """`/katalog/{crd}/cr/{namespace}/{name}`."""
    metadata = found.manifest["metadata"]
    annotations = metadata.get("annotations") or {}
    created = str(metadata.get("creationTimestamp") or "")
    place = f"{found.key.namespace}/{found.key.name}" if found.key.namespace else found.key.name
    children: dict[str, list[Json]] = {}
    for child in found.children:
        children.setdefault(child.api.kind, []).append(
            {
                "name": child.key.name,
                "namespace": child.key.namespace,
                "id": child.id,
                "phase": child.phase,
                "resourceVersion": child.resource_version,
                "deleting": child.deleting,
            }
        )
    return {
        "name": found.key.name,
        "namespace": found.key.namespace,
        "phase": _phase(found.manifest),
        "generation": metadata.get("generation", 0),
        "creationTimestamp": created,
        "age": age_of(created, now),
        "labels": metadata.get("labels") or {},
        "annotations": {
            name: value for name, value in annotations.items() if not name.startswith(_BOOKKEEPING)
        },
        "ready": found.ready == "True",
        "readyReason": found.ready_reason,
        "readyMessage": found.ready_message,
        "status": found.manifest.get("status") or {},
        "children": dict(sorted(children.items())),
        "eventsEndpoint": f"/katalog/{spec.name.lower()}/cr/{place}/events",
        "isKonductor": leads,
    }


def events(found: ObjectView, recorded: Sequence[RecordedEvent], *, now: datetime) -> Json:
    """`…/events`: what this process recorded for the object, newest first, at most 100."""
    return {
        "name": found.key.name,
        "namespace": found.key.namespace,
        "total": len(recorded),
        "events": [
            {
                "type": each.record.type,
                "reason": each.record.reason,
                "message": each.record.message,
                "source": each.record.controller,
                "object": f"{each.record.api.kind}/{each.record.key.name}",
                "count": 1,
                "firstSeen": rfc3339(each.at),
                "lastSeen": rfc3339(each.at),
                "age": age((now - each.at).total_seconds()),
            }
            for each in recorded
        ],
    }


def _phase(manifest: Manifest) -> str:
    status = manifest.get("status")
    phase = status.get("phase") if isinstance(status, dict) else None
    return phase if isinstance(phase, str) else ""
