"""Server-side apply, and the bookkeeping of every other write, as the API server does it (KEP-555).

In: the live object, the applied or new one, who writes and when. Out: a new object whose
`metadata.managedFields` say who owns what. Pure; neither argument is modified, results share
unchanged parts with them.

Guarantees: an operation that changes nothing but time stamps gives the live object itself back. A
manager's entry without fields vanishes. At most ten Update entries remain. Not done: conversion
between API versions (all versions of a type are taken to have the same fields), and healing of
entries after a CRD turned an atomic field granular.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from katalogc.localcluster.structured_merge import last_applied
from katalogc.localcluster.structured_merge.applied_types import type_errors
from katalogc.localcluster.structured_merge.conflicts import FieldConflict
from katalogc.localcluster.structured_merge.field_paths import EMPTY, FieldsError, Path, PathSet
from katalogc.localcluster.structured_merge.managers import (
    Entry,
    ManagerKey,
    Managers,
    cap_updates,
    is_reset,
    key_for,
    read_managers,
    write_managers,
)
from katalogc.localcluster.structured_merge.schema_paths import (
    remove,
    with_named_fields,
)
from katalogc.localcluster.structured_merge.typed_values import (
    Comparison,
    Type,
    TypedValueError,
    compare,
    field_set,
    merge,
    same,
)
from katalogc.openapi.schema import Schema
from katalogc.openapi.zero_values import zero_value

Manifest = dict[str, Any]

BEFORE_FIRST_APPLY = "before-first-apply"
KUBECTL = "kubectl"

_UNTRACKED: PathSet = frozenset(
    {
        ("f:apiVersion",),
        ("f:kind",),
        ("f:metadata",),
        *(
            ("f:metadata", f"f:{name}")
            for name in (
                "name",
                "namespace",
                "creationTimestamp",
                "selfLink",
                "uid",
                "clusterName",
                "generation",
                "managedFields",
                "resourceVersion",
            )
        ),
    }
)
_STATUS: tuple[Path, ...] = (("f:status",),)


class ApplyError(Exception):
    """An applied object that cannot be taken: `status` is the HTTP status of the answer."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.reason = "BadRequest" if status == 400 else ""
        self.message = message


def apply(
    live: Manifest | None,
    applied: Manifest,
    *,
    manager: str,
    force: bool,
    schema: Schema,
    api_version: str,
    subresource: str = "",
    now: str,
    ignored: Iterable[Path] | None = None,
) -> Manifest:
    """Applies `applied` to `live` (None: creates it) for `manager`.

    Args:
        now: RFC 3339 time of the operation.
        ignored: paths that this endpoint takes from nobody (`(("f:status",),)`); by default the
            main resource of a
            type with a status subresource ignores `status`, and `/status` ignores all but `status`
                and `metadata`.

    Returns:
        The merged object, before defaulting; `live` itself when nothing changes.

    Raises:
        FieldConflict: other managers own changed fields, and `force` is false.
        ApplyError: the object has fields unknown to the schema or carries `managedFields`.
    """
    if applied.get("metadata", {}).get("managedFields") is not None:
        raise ApplyError(400, "metadata.managedFields must be nil")
    base = {"apiVersion": api_version, "kind": applied.get("kind")} if live is None else live
    table = _live_managers(base)
    if not table and live is not None:
        table = _before_first_apply(live, schema, api_version, subresource, now)
    if problems := type_errors(applied, schema):
        raise ApplyError(500, _typed_patch_message(applied, problems))
    clean = _without_managed_fields(base)
    hidden = _ignored(schema, subresource) if ignored is None else tuple(ignored)
    applied = {name: each for name, each in applied.items() if not _is_hidden(name, hidden)}
    key = key_for(manager, "Apply", api_version, subresource)
    wanted = frozenset(_outside(field_set(applied, schema), hidden))
    try:
        merged = _merge_and_prune(clean, applied, schema, table, key, wanted)
        difference = compare(clean, merged, schema)
    except TypedValueError as error:
        raise ApplyError(500, _typed_patch_message(applied, [str(error)])) from error
    conflicts = _conflicts(table, key, difference)
    if conflicts and manager == KUBECTL:
        conflicts = last_applied.remaining(conflicts, clean, schema)
    if conflicts and not force:
        raise FieldConflict(conflicts)
    result = _released(table, key, difference)
    # An apply without effect leaves the entry's time as it was, even unset.
    before = table.get(key)
    unchanged = live is not None and same(clean, merged)
    time = (before.time if before else "") if unchanged else now
    result[key] = Entry(wanted, api_version, time)
    if manager == KUBECTL:
        merged = last_applied.refreshed(merged, applied)
    return _finish(live, merged, _stripped(result, key))


def update(
    live: Manifest | None,
    new: Manifest,
    *,
    manager: str,
    operation: str = "Update",
    schema: Schema,
    api_version: str,
    subresource: str = "",
    now: str,
    ignored: Iterable[Path] | None = None,
) -> Manifest:
    """Keeps the books of a create (`live` None), replace or patch: `manager` owns what it changed.

    `new` is the whole object after the request and after defaulting. Its own `managedFields` count
    when they can be read (that is how clients edit them), `[]` or `[{}]` clears them, absent ones
    leave the live ones in place. Arguments and result as for `apply`.
    """
    base = zero_value(schema) if live is None else live
    requested = new.get("metadata", {}).get("managedFields")
    table = _requested_managers(base, requested, subresource)
    if live is not None and not table:
        # Tracking was cleared or never began; the next apply starts it again.
        return _finish(live, _without_managed_fields(new), table)
    clean_new = _without_managed_fields(new)
    clean_old = _without_managed_fields(base)
    key = key_for(manager, operation, api_version, subresource)
    try:
        difference = compare(clean_old, clean_new, schema)
    except TypedValueError:
        return _finish(live, clean_new, table)
    hidden = _ignored(schema, subresource) if ignored is None else tuple(ignored)
    current = ManagerKey("current-operation", operation, api_version, subresource)
    result = _released(table, current, difference)
    taken = _outside(difference.added | difference.modified, hidden) - _UNTRACKED
    if taken:
        before = result.get(key)
        result[key] = Entry(taken | (before.paths if before else EMPTY), api_version, now)
        result = cap_updates(result)
    return _finish(live, clean_new, result)


def settle(live: Manifest | None, new: Manifest) -> Manifest:
    """`live` when `new` differs in nothing but time stamps of managed fields, else `new`.

    For callers that default or normalise after `apply`: an operation without effect must not be
    written.
    """
    if live is None or not same(_timeless(live), _timeless(new)):
        return new
    return live


# --- parts ---------------------------------------------------------------------------------------


def _merge_and_prune(
    live: Manifest,
    applied: Manifest,
    schema: Type,
    table: Managers,
    key: ManagerKey,
    wanted: PathSet,
) -> Manifest:
    """The merge, without what this manager applied last time, not now, and nobody else owns."""
    merged: Manifest = merge(live, applied, schema)
    previous = table.get(key)
    if previous is None or previous.paths <= wanted:
        return merged
    last = with_named_fields(previous.paths, schema)
    pruned = remove(merged, last, schema) or {}
    owned: set[Path] = set(wanted)
    for other, entry in table.items():
        if other != key:
            owned |= entry.paths
    present = with_named_fields(field_set(merged, schema), schema)
    kept = with_named_fields(field_set(pruned, schema), schema) | with_named_fields(owned, schema)
    pruned = remove(merged, present - kept, schema) or {}
    left = with_named_fields(field_set(pruned, schema), schema)
    dropped: Manifest = remove(merged, (present - left) & last, schema) or {}
    return dropped


def _conflicts(
    table: Managers, key: ManagerKey, difference: Comparison
) -> dict[ManagerKey, PathSet]:
    changed = difference.modified | difference.added
    if not changed:
        return {}
    found = {other: entry.paths & changed for other, entry in table.items() if other != key}
    return {other: paths for other, paths in found.items() if paths}


def _released(table: Managers, key: ManagerKey, difference: Comparison) -> Managers:
    """The table after everybody but `key` lost what was changed or removed; empty entries gone."""
    lost = difference.modified | difference.added | difference.removed
    result: Managers = {}
    for other, entry in table.items():
        if other == key:
            result[other] = entry
        elif paths := (entry.paths - lost if lost else entry.paths):
            result[other] = entry.owning(paths)
    return result


def _stripped(table: Managers, key: ManagerKey) -> Managers:
    paths = table[key].paths - _UNTRACKED
    if paths:
        table[key] = table[key].owning(paths)
    else:
        del table[key]
    return table


def _outside(paths: Iterable[Path], hidden: tuple[Path, ...]) -> frozenset[Path]:
    """The paths that do not lie at or below a hidden one."""
    if not hidden:
        return frozenset(paths)
    return frozenset(p for p in paths if not any(p[: len(each)] == each for each in hidden))


def _is_hidden(name: str, hidden: tuple[Path, ...]) -> bool:
    return (f"f:{name}",) in hidden and name not in ("apiVersion", "kind")


def _ignored(schema: Schema, subresource: str) -> tuple[Path, ...]:
    if subresource == "":
        return _STATUS if schema.status_subresource else ()
    if subresource == "status":
        known = (each for each in schema.properties if each not in ("status", "metadata"))
        return tuple((f"f:{name}",) for name in known)
    return ()


def _before_first_apply(
    live: Manifest, schema: Schema, api_version: str, subresource: str, now: str
) -> Managers:
    """One entry that owns the whole live object, for objects which nobody tracked so far."""
    key = key_for(BEFORE_FIRST_APPLY, "Update", api_version, subresource)
    difference = compare(zero_value(schema), _without_managed_fields(live), schema)
    taken = (
        _outside(difference.added | difference.modified, _ignored(schema, subresource)) - _UNTRACKED
    )
    return {key: Entry(taken, api_version, now)} if taken else {}


def _live_managers(live: Manifest) -> Managers:
    try:
        return read_managers(live.get("metadata", {}).get("managedFields"))
    except FieldsError:
        return {}


def _requested_managers(live: Manifest, requested: Any, subresource: str) -> Managers:
    if subresource:
        return _live_managers(live)
    if is_reset(requested):
        return {}
    try:
        return read_managers(requested) or _live_managers(live)
    except FieldsError:
        return _live_managers(live)


def _without_managed_fields(manifest: Manifest) -> Manifest:
    metadata = manifest.get("metadata")
    if not isinstance(metadata, dict) or "managedFields" not in metadata:
        return manifest
    bare = {name: value for name, value in metadata.items() if name != "managedFields"}
    return {**manifest, "metadata": bare}


def _timeless(manifest: Manifest) -> Manifest:
    metadata = manifest.get("metadata") or {}
    rows = metadata.get("managedFields") or ()
    timeless = [{name: value for name, value in row.items() if name != "time"} for row in rows]
    return {**manifest, "metadata": {**metadata, "managedFields": timeless}}


def _finish(live: Manifest | None, manifest: Manifest, table: Managers) -> Manifest:
    metadata = dict(manifest.get("metadata") or {})
    metadata.pop("managedFields", None)
    if table:
        metadata["managedFields"] = write_managers(table)
    return settle(live, {**manifest, "metadata": metadata})


def _typed_patch_message(applied: Manifest, problems: list[str]) -> str:
    metadata = applied.get("metadata") or {}
    version, kind = applied.get("apiVersion", ""), applied.get("kind", "")
    name = f"{metadata.get('namespace', '')}/{metadata.get('name', '')}"
    text = (
        problems[0]
        if len(problems) == 1
        else "errors:\n" + "\n".join(f"  {each}" for each in problems)
    )
    group_version = version if "/" in version else f"/{version}"
    return f"failed to create typed patch object ({name}; {group_version}, Kind={kind}): {text}"
