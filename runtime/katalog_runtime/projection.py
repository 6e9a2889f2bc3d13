"""Parts of objects: the fields that a bundle uses, and the fields that one write of ours set.

In: manifests. Out: smaller manifests that share what they can with their source; nothing is copied
deeply and nothing is changed in place. Pure.

A *mask* says what the cache keeps of a kind: True keeps a value whole, a mapping keeps some keys;
lists are transparent (the mask of a list is the mask of its items).
"""

from __future__ import annotations

from typing import Any

from katalog_runtime.listkeys import item_keys, key_fields
from katalog_runtime.objects import (
    GENERATED_AT_ANNOTATION,
    INTENT_ANNOTATION,
    OWNER_ANNOTATION,
    Manifest,
)

Mask = bool | dict[str, Any]
"""True, or a mapping from key to Mask."""

_METADATA = (
    "name",
    "namespace",
    "uid",
    "resourceVersion",
    "creationTimestamp",
    "deletionTimestamp",
    "labels",
    "ownerReferences",
    "finalizers",
)
_ANNOTATIONS = frozenset({GENERATED_AT_ANNOTATION, INTENT_ANNOTATION, OWNER_ANNOTATION})


def mask_of(value: Any, field: str = "") -> Mask:
    """The mask that keeps exactly the fields `value` has, and the keys of its lists' items."""
    if isinstance(value, dict):
        return {key: mask_of(each, key) for key, each in value.items()}
    if isinstance(value, list):
        merged: Mask = {}
        for item in value:
            merged = merge_masks(merged, mask_of(item))
        if isinstance(merged, dict) and merged:
            keyed: dict[str, Any] = dict(merged)
            for name in key_fields(field):
                keyed.setdefault(name, True)
            return keyed
        return True
    return True


def merge_masks(one: Mask, other: Mask) -> Mask:
    """The mask that keeps what either keeps."""
    if isinstance(one, bool) or isinstance(other, bool):
        return True if one is True or other is True else one or other
    merged = dict(one)
    for key, mask in other.items():
        merged[key] = merge_masks(merged[key], mask) if key in merged else mask
    return merged


def trim(value: Any, mask: Mask) -> Any:
    """`value` reduced to what `mask` keeps."""
    if mask is True:
        return value
    if isinstance(value, dict) and isinstance(mask, dict):
        return {key: trim(value[key], each) for key, each in mask.items() if key in value}
    if isinstance(value, list):
        return [trim(item, mask) for item in value]
    return value


def trim_child(manifest: Manifest, mask: Mask) -> Manifest:
    """A child as the cache keeps it: identity, labels, references, and what the bundle uses.

    `managedFields`, the last-applied annotation and everything that nobody compares stay out.
    """
    observed = manifest["metadata"]
    metadata = {key: observed[key] for key in _METADATA if key in observed}
    annotations = observed.get("annotations")
    if annotations:
        wanted: Any = True if mask is True else mask.get("metadata", {}) if mask else {}
        names = wanted.get("annotations", {}) if isinstance(wanted, dict) else annotations
        names = annotations if names is True else names
        kept = {
            name: text
            for name, text in annotations.items()
            if name in names or name in _ANNOTATIONS
        }
        if kept:
            metadata["annotations"] = kept
    trimmed: Manifest = {"apiVersion": manifest.get("apiVersion"), "kind": manifest.get("kind")}
    trimmed["metadata"] = metadata
    if mask is True:
        rest = {key: value for key, value in manifest.items() if key not in trimmed}
    else:
        assert isinstance(mask, dict)
        rest = {
            key: trim(manifest[key], each)
            for key, each in mask.items()
            if key not in trimmed and key in manifest
        }
    trimmed.update(rest)
    return trimmed


def project(observed: Any, intent: Any, field: str = "") -> Any:
    """The observed values of the fields that `intent` sets.

    Items of keyed lists are matched by their keys, so that items of others (an injected sidecar) do
    not count; other lists are taken whole.
    """
    if isinstance(intent, dict):
        if not isinstance(observed, dict):
            return observed
        # Most fields are scalars, for which a call would cost more than the answer.
        return {
            key: project(observed[key], each, key)
            if isinstance(each, (dict, list))
            else observed[key]
            for key, each in intent.items()
            if key in observed
        }
    if isinstance(intent, list) and isinstance(observed, list):
        wanted = item_keys(field, intent)
        present = item_keys(field, observed) if wanted is not None else None
        if wanted is None or present is None:
            return observed
        by_key = dict(zip(present, observed, strict=True))
        return [
            project(by_key[key], item)
            for key, item in zip(wanted, intent, strict=True)
            if key in by_key
        ]
    return observed
