"""Create and update: from an operation to a stored object.

The order of steps is the API server's (`k8s.io/apiserver/pkg/endpoints/handlers`, `registry/rest`):
identity, decoding, system fields, strategy, validation, managedFields, and a store only if
something changed. Bodies belong to the operation and are changed in place; stored objects are
never.
"""

from __future__ import annotations

from typing import Any

from katalog_runtime.objects import GroupResource, Manifest
from katalogc.localcluster import (
    conformance,
    metadata,
    strategies,
    structured_merge,
    validation,
)
from katalogc.localcluster.conversion import to_served, to_stored
from katalogc.localcluster.deletion import finish_if_released
from katalogc.localcluster.operations import Answer, Operation
from katalogc.localcluster.resources import ResourceType
from katalogc.localcluster.state import ClusterState
from katalogc.localcluster.statuses import (
    Cause,
    already_exists,
    announcing,
    forbidden,
    name_exhausted,
    not_found,
    still_deleting,
)


def create(state: ClusterState, operation: Operation) -> Answer:
    """POST: a new object."""
    manifest = conformance.check_type_meta(operation, operation.body)
    warnings = conformance.decode(operation, manifest, patched=False)
    with announcing(warnings):
        metadata.check_identity(manifest, operation)
        strategies.normalise(type_=operation.type, manifest=manifest)
        return insert(state, operation, manifest, warnings)


def insert(
    state: ClusterState,
    operation: Operation,
    manifest: Manifest,
    warnings: tuple[str, ...],
    *,
    applied: Manifest | None = None,
) -> Answer:
    """Stores a decoded new object; `applied` is the intent when it comes by server-side apply."""
    type_ = operation.type
    check_namespace(state, operation, manifest)
    metadata.check_new_version(manifest["metadata"].get("resourceVersion") or "")
    metadata.wipe_system_fields(type_, manifest)
    if applied is None:
        manifest = _managed(state, operation, None, manifest)
    metadata.fill_system_fields(state, type_, manifest)
    strategies.prepare_create(state, type_, manifest)
    conformance.check(type_, manifest, None)
    said = validation.warnings(manifest, type_.schema)
    with announcing(said):
        _check_free(state, operation, manifest)
    if not operation.dry_run:
        manifest = to_served(type_, state.store.put(type_.storage, to_stored(type_, manifest)))
    return Answer(status=201, body=manifest, warnings=(*warnings, *said), type=type_)


def _check_free(state: ClusterState, operation: Operation, manifest: Manifest) -> None:
    """Raises a Refusal (409) where the name of a new object is taken."""
    type_ = operation.type
    name = manifest["metadata"]["name"]
    key = (type_.storage, operation.namespace if type_.namespaced else "", name)
    taken = state.store.get(*key)
    if taken is not None:
        if manifest["metadata"].get("generateName"):
            raise name_exhausted(type_.resource, name)
        if taken["metadata"].get("deletionTimestamp"):
            raise still_deleting(type_.resource, name)
        raise already_exists(type_.resource, name)


def check_namespace(state: ClusterState, operation: Operation, manifest: Manifest) -> None:
    """The NamespaceLifecycle admission rule for new objects.

    Raises:
        Refusal: 404, no such namespace; 403, it is being terminated, or so is the type.
    """
    type_ = operation.type
    if type_.custom is not None and type_.custom.terminating:
        why = "create not allowed while custom resource definition is terminating"
        raise forbidden(type_.resource, manifest["metadata"].get("name", ""), why)
    if not type_.namespaced:
        return
    namespace = state.namespace(operation.namespace)
    if namespace is None:
        raise not_found(GroupResource("", "namespaces"), operation.namespace)
    if namespace["metadata"].get("deletionTimestamp"):
        raise forbidden(
            type_.resource,
            manifest["metadata"].get("name", ""),
            f"unable to create new content in namespace {operation.namespace} because it is being "
            "terminated",
            Cause(
                "NamespaceTerminating",
                f"namespace {operation.namespace} is being terminated",
                "metadata.namespace",
            ),
        )


def update(state: ClusterState, operation: Operation) -> Answer:
    """PUT: the whole object (or its status) anew."""
    type_ = operation.type
    manifest = conformance.check_type_meta(operation, operation.body)
    warnings = conformance.decode(operation, manifest, patched=False)
    with announcing(warnings):
        metadata.check_identity(manifest, operation)
        live = live_object(state, operation)
        if live is None:
            if operation.subresource or not strategies.creates_on_update(type_):
                raise not_found(operation.resource, operation.name)
            strategies.normalise(type_=type_, manifest=manifest)
            return insert(state, operation, manifest, warnings)
        strategies.normalise(type_=type_, manifest=manifest)
        return replace(state, operation, live, manifest, warnings)


def replace(
    state: ClusterState,
    operation: Operation,
    live: Manifest,
    manifest: Manifest,
    warnings: tuple[str, ...] = (),
    *,
    applied: bool = False,
) -> Answer:
    """Stores a decoded new state of `live`.

    Args:
        applied: the manifest's managedFields are already those of a server-side apply.
    """
    type_ = operation.type
    unconditional = operation.verb == "patch"
    metadata.keep_system_fields(type_, live, manifest, unconditional=unconditional)
    if operation.subresource == "status":
        _status_only(type_, live, manifest)
    else:
        if type_.has_status:
            _put(manifest, "status", live.get("status"))
    if not applied:
        manifest = _managed(state, operation, live, manifest)
        if manifest is live:
            return Answer(status=200, body=live, warnings=warnings, type=type_)
    if operation.subresource != "status":
        strategies.prepare_update(state, type_, live, manifest)
    metadata.bump_generation(type_, live, manifest, operation.subresource)
    metadata.check_finalizers(type_, live, manifest)
    conformance.check(type_, manifest, live, subresource=operation.subresource)
    if manifest["metadata"].get("generation") != live["metadata"].get("generation"):
        warnings = (*warnings, *validation.warnings(manifest, type_.schema))
    if metadata.same_content(live, manifest):
        return Answer(status=200, body=live, warnings=warnings, type=type_)
    if operation.dry_run:
        return Answer(status=200, body=manifest, warnings=warnings, type=type_)
    released = finish_if_released(state, type_, live, manifest)
    if released is None:
        released = to_served(type_, state.store.put(type_.storage, to_stored(type_, manifest)))
    return Answer(status=200, body=released, warnings=warnings, type=type_)


def _status_only(type_: ResourceType, live: Manifest, manifest: Manifest) -> None:
    """Keeps everything of the live object but its status, and what of the metadata the type lets a
    status writer change."""
    status, given = manifest.get("status"), manifest["metadata"]
    for key in [key for key in manifest if key not in live]:
        del manifest[key]
    manifest.update(live)
    kept = strategies.metadata_of_status(type_, live["metadata"], given)
    _put(kept, "managedFields", given.get("managedFields"))
    manifest["metadata"] = kept
    _put(manifest, "status", status)


def _put(mapping: dict[str, Any], key: str, value: Any) -> None:
    if value is None:
        mapping.pop(key, None)
    else:
        mapping[key] = value


def live_object(state: ClusterState, operation: Operation) -> Manifest | None:
    """The object that an operation names, in the version that it speaks."""
    type_ = operation.type
    namespace = operation.namespace if type_.namespaced else ""
    found = state.store.get(type_.storage, namespace, operation.name)
    return None if found is None else to_served(type_, found)


def _managed(
    state: ClusterState, operation: Operation, live: Manifest | None, manifest: Manifest
) -> Manifest:
    type_ = operation.type
    managed = structured_merge.update(
        live,
        manifest,
        manager=operation.manager,
        schema=type_.schema,
        api_version=type_.api_version,
        subresource=operation.subresource,
        now=state.now(),
    )
    if operation.subresource == "scale" and managed is not live:
        _forget_time_of_scale(managed)
    return managed


def _forget_time_of_scale(manifest: Manifest) -> None:
    """Upstream's scale handler records no time, and entries without time come first."""
    entries = manifest["metadata"].get("managedFields") or []
    for entry in entries:
        if entry.get("subresource") == "scale":
            entry.pop("time", None)
    entries.sort(key=lambda entry: (entry["operation"], "time" in entry))
