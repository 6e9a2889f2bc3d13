"""The one-time handover of our fields from `Update` to `Apply` in `managedFields`.

In: an object as the server holds it. Out: a JSON patch, or None if nothing is left to do. Pure.

A child is created with POST, which records our fields under operation `Update`. Server-side apply
records under `Apply` and knows nothing of the former: a field that the template later drops would
stay for ever, owned by our own past. client-go calls this `csaupgrade`.
"""

from __future__ import annotations

from typing import Any

from katalog_runtime.objects import FIELD_MANAGER, Manifest


def needs_handover(manifest: Manifest) -> bool:
    """Whether an entry of ours is still recorded as an Update of the main resource."""
    return any(
        _is_ours(entry, "Update") for entry in manifest["metadata"].get("managedFields") or ()
    )


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
        # Replacing the version by itself makes the server refuse (409) if the object moved on.
        {
            "op": "replace",
            "path": "/metadata/resourceVersion",
            "value": manifest["metadata"]["resourceVersion"],
        },
    ]


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
