"""The one-time handover of our fields from `Update` to `Apply` in `managedFields`.

In: an object as the server holds it. Out: a JSON patch, or None if nothing is left to do. Pure.

A child is created with POST, which records our fields under operation `Update`. Server-side apply
records under `Apply` and knows nothing of the former: a field that the template later drops would
stay for ever, owned by our own past. client-go calls this `csaupgrade`.

The cache keeps no `managedFields`, only where our entry stands (`Handover`): in the usual case one
small patch does it, and the object need not be read again.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from katalog_runtime.objects import FIELD_MANAGER, Manifest


class Handover(NamedTuple):
    """A handover that is still to be made, as seen in one version of an object."""

    position: int
    """Where our only entry stands in `managedFields`; -1 if we have several, to be merged."""
    resource_version: str


def handover_of(manifest: Manifest) -> Handover | None:
    """What is to be handed over: our entry that is recorded as an Update of the main resource."""
    metadata = manifest["metadata"]
    entries = metadata.get("managedFields") or ()
    updates = [at for at, entry in enumerate(entries) if _is_ours(entry, "Update")]
    if not updates:
        return None
    alone = len(updates) == 1 and not any(_is_ours(entry, "Apply") for entry in entries)
    return Handover(updates[0] if alone else -1, metadata["resourceVersion"])


def short_patch(handover: Handover) -> list[dict[str, Any]] | None:
    """A JSON patch that renames our only entry's operation; None where entries must be merged."""
    if handover.position < 0:
        return None
    path = f"/metadata/managedFields/{handover.position}/operation"
    return [
        {"op": "replace", "path": path, "value": "Apply"},
        _guard(handover.resource_version),
    ]


def handover_patch(manifest: Manifest) -> list[dict[str, Any]] | None:
    """A JSON patch that turns our Update entry into an Apply entry, guarded by the version."""
    entries = list(manifest["metadata"].get("managedFields") or ())
    updates = [entry for entry in entries if _is_ours(entry, "Update")]
    if not updates:
        return None
    applies = [entry for entry in entries if _is_ours(entry, "Apply")]
    fields: dict[str, Any] = {}
    for entry in (*applies, *updates):
        fields = _union(fields, entry.get("fieldsV1") or {})
    first = (applies or updates)[0]
    merged = {**first, "operation": "Apply", "fieldsV1": fields}
    rest = [entry for entry in entries if not any(entry is own for own in (*updates, *applies))]
    return [
        {"op": "replace", "path": "/metadata/managedFields", "value": [merged, *rest]},
        _guard(manifest["metadata"]["resourceVersion"]),
    ]


def retirement_patch(applied: Manifest) -> list[dict[str, Any]] | None:
    """A JSON patch that takes our Update entries away from an object that we have just applied.

    Guarded by the entries themselves and not by the version, since controllers write their statuses
    as soon as a workload changes: an entry that stands elsewhere by now makes the server refuse.
    """
    entries = applied["metadata"].get("managedFields") or ()
    ours = [at for at, entry in enumerate(entries) if _is_ours(entry, "Update")]
    patch: list[dict[str, Any]] = []
    for at in reversed(ours):
        path = f"/metadata/managedFields/{at}"
        patch += (
            {"op": "test", "path": f"{path}/manager", "value": FIELD_MANAGER},
            {"op": "test", "path": f"{path}/operation", "value": "Update"},
            {"op": "remove", "path": path},
        )
    return patch or None


def _guard(version: str) -> dict[str, Any]:
    """Replacing the version by itself makes the server refuse (409) if the object moved on."""
    return {"op": "replace", "path": "/metadata/resourceVersion", "value": version}


def _is_ours(entry: dict[str, Any], operation: str) -> bool:
    return (
        entry.get("manager") == FIELD_MANAGER
        and entry.get("operation") == operation
        and not entry.get("subresource")
    )


def _union(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    merged = dict(one)
    for key, fields in other.items():
        known = merged.get(key)
        both = isinstance(known, dict) and isinstance(fields, dict)
        merged[key] = _union(known, fields) if both else fields  # type: ignore[arg-type]  # narrowed
    return merged
