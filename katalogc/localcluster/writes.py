"""Create, update, patch and apply: from an operation to a stored object.

The order of steps is the API server's (`k8s.io/apiserver/pkg/endpoints/handlers`, `registry/rest`):
identity, decoding, system fields, strategy, validation, managedFields, and a store only if
something changed. Bodies belong to the operation and are changed in place; stored objects are
never.
"""

from __future__ import annotations

from typing import Any

from katalog_runtime.objects import GroupResource, Manifest
from katalogc.localcluster import conformance, metadata, strategies, structured_merge
from katalogc.localcluster.conversion import to_served, to_stored
from katalogc.localcluster.deletion import finish_if_released
from katalogc.localcluster.operations import Answer, Operation
from katalogc.localcluster.patches import (
    PatchError,
    json_patch,
    merge_patch,
    strategic_merge_patch,
)
from katalogc.localcluster.state import ClusterState, copy_json
from katalogc.localcluster.statuses import (
    Cause,
    Refusal,
    already_exists,
    bad_request,
    conflict,
    forbidden,
    invalid,
    name_exhausted,
    not_found,
    still_deleting,
    unsupported_media_type,
)

_CUSTOM_PATCHES = (
    "application/json-patch+json",
    "application/merge-patch+json",
    "application/apply-patch+yaml",
)


def create(state: ClusterState, operation: Operation) -> Answer:
    """POST: a new object."""
    manifest = conformance.check_type_meta(operation, operation.body)
    metadata.check_identity(manifest, operation)
    warnings = conformance.decode(operation, manifest, patched=False)
    strategies.normalise(type_=operation.type, manifest=manifest)
    if manifest["metadata"].get("resourceVersion"):
        raise Refusal(500, "", "resourceVersion should not be set on objects to be created")
    return _insert(state, operation, manifest, warnings)


def _insert(
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
    given_name = manifest["metadata"].get("name")
    if applied is None:
        manifest = _managed(state, operation, None, manifest)
    metadata.fill_system_fields(state, type_, manifest)
    strategies.prepare_create(state, type_, manifest)
    conformance.check(type_, manifest, None)
    name = manifest["metadata"]["name"]
    key = (type_.storage, operation.namespace if type_.namespaced else "", name)
    taken = state.store.get(*key)
    if taken is not None:
        if not given_name:
            raise name_exhausted(type_.resource, name)
        if taken["metadata"].get("deletionTimestamp"):
            raise still_deleting(type_.resource, name)
        raise already_exists(type_.resource, name)
    if not operation.dry_run:
        manifest = to_served(type_, state.store.put(type_.storage, to_stored(type_, manifest)))
    return Answer(status=201, body=manifest, warnings=warnings, type=type_)


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
    manifest = conformance.check_type_meta(operation, operation.body)
    metadata.check_identity(manifest, operation)
    live = _live(state, operation)
    if live is None:
        raise not_found(operation.resource, operation.name)
    warnings = conformance.decode(operation, manifest, patched=False)
    strategies.normalise(type_=operation.type, manifest=manifest)
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
        _status_only(type_.custom is not None, live, manifest)
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
    if metadata.same_content(live, manifest):
        return Answer(status=200, body=live, warnings=warnings, type=type_)
    if operation.dry_run:
        return Answer(status=200, body=manifest, warnings=warnings, type=type_)
    released = finish_if_released(state, type_, live, manifest)
    if released is None:
        released = to_served(type_, state.store.put(type_.storage, to_stored(type_, manifest)))
    return Answer(status=200, body=released, warnings=warnings, type=type_)


def _status_only(custom: bool, live: Manifest, manifest: Manifest) -> None:
    """Keeps everything of the live object but its status (built-ins: and metadata, minus labels'
    rules)."""
    status, given = manifest.get("status"), manifest["metadata"]
    for key in [key for key in manifest if key not in live]:
        del manifest[key]
    manifest.update(live)
    if custom:
        kept = dict(live["metadata"])
    else:
        kept = given
        for field in ("finalizers", "ownerReferences"):
            _put(kept, field, live["metadata"].get(field))
    if "managedFields" in given:
        kept["managedFields"] = given["managedFields"]
    else:
        kept.pop("managedFields", None)
    manifest["metadata"] = kept
    _put(manifest, "status", status)


def _put(mapping: dict[str, Any], key: str, value: Any) -> None:
    if value is None:
        mapping.pop(key, None)
    else:
        mapping[key] = value


def _live(state: ClusterState, operation: Operation) -> Manifest | None:
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


def patch(state: ClusterState, operation: Operation) -> Answer:
    """PATCH in any of its four languages."""
    if operation.patch == "apply":
        return _apply(state, operation)
    type_ = operation.type
    if operation.patch == "strategic" and type_.custom is not None:
        raise unsupported_media_type(_CUSTOM_PATCHES)
    live = _live(state, operation)
    if live is None:
        raise not_found(operation.resource, operation.name)
    manifest = patched(live, operation.patch, operation.body, type_.schema)
    if manifest.get("kind") != type_.kind or manifest.get("apiVersion") != type_.api_version:
        conformance.check_type_meta(operation, manifest, patched=True)
    metadata.check_identity(manifest, operation)
    warnings = conformance.decode(operation, manifest, patched=True)
    strategies.normalise(type_=type_, manifest=manifest)
    return replace(state, operation, live, manifest, warnings)


def patched(live: Manifest, language: str, body: Any, schema: Any) -> Manifest:
    """An independent copy of `live` with a patch applied.

    Raises:
        Refusal: as the patch language says (400 or 422).
    """
    try:
        match language:
            case "json":
                manifest = json_patch(live, body)
            case "merge":
                manifest = merge_patch(live, body)
            case _:
                manifest = strategic_merge_patch(live, body, schema)
    except PatchError as error:
        if error.status == 422:
            # Upstream answers all patches that do not fit with the same sentence.
            text = "the server rejected our request due to an error in our request"
            raise Refusal(422, "Invalid", text, details={}) from error
        raise Refusal(error.status, error.reason, error.message) from error
    if not isinstance(manifest, dict):
        raise bad_request("the patch does not leave an object")
    return dict[str, Any](copy_json(manifest))


def _apply(state: ClusterState, operation: Operation) -> Answer:
    type_ = operation.type
    intent = operation.body
    _check_apply(operation, intent)
    metadata.check_identity(copy_json(intent), operation)
    live = _live(state, operation)
    if live is None and intent["metadata"].get("uid"):
        uid = intent["metadata"]["uid"]
        why = (
            f"uid mismatch: the provided object specified uid {uid}, and no existing object was "
            "found"
        )
        raise conflict(type_.resource, operation.name, why)
    if live is None and operation.subresource:
        raise not_found(operation.resource, operation.name)
    version = intent["metadata"].get("resourceVersion")
    if live is not None and version and version != live["metadata"]["resourceVersion"]:
        raise conflict(type_.resource, operation.name)
    try:
        merged = structured_merge.apply(
            live,
            intent,
            manager=operation.manager,
            force=operation.force,
            schema=type_.schema,
            api_version=type_.api_version,
            subresource=operation.subresource,
            now=state.now(),
        )
    except structured_merge.FieldConflict as error:
        raise Refusal(409, "Conflict", error.message, details={"causes": error.causes}) from error
    except structured_merge.ApplyError as error:
        reason = "BadRequest" if error.status == 400 else ""
        raise Refusal(error.status, reason, error.message) from error
    merged = copy_json(merged)
    metadata.check_identity(merged, operation)
    warnings = conformance.decode(operation, merged, patched=True)
    strategies.normalise(type_=type_, manifest=merged)
    if live is None:
        return _insert(state, operation, merged, warnings, applied=intent)
    return replace(state, operation, live, merged, warnings, applied=True)


def _check_apply(operation: Operation, intent: Any) -> None:
    if not operation.field_manager:
        cause = Cause(
            "FieldValueRequired", "Required value: is required for apply patch", "fieldManager"
        )
        raise invalid("meta.k8s.io", "PatchOptions", "", [cause])
    if not isinstance(intent, dict):
        raise bad_request("error decoding YAML: the patch is no object")
    kind, api_version = intent.get("kind", ""), intent.get("apiVersion", "")
    if (kind, api_version) != (operation.type.kind, operation.type.api_version):
        group_version = api_version if "/" in api_version else f"/{api_version}"
        raise bad_request(f"invalid object type: {group_version}, Kind={kind}")
    if not isinstance(intent.get("metadata"), dict):
        intent["metadata"] = {}
    if intent["metadata"].get("managedFields"):
        raise bad_request("metadata.managedFields must be nil")
