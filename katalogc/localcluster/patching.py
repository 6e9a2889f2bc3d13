"""PATCH in its four languages: merge, JSON, strategic merge, server-side apply.

In: an operation with a decoded patch. Out: an answer; the patched object goes the ways of `writes`.
Stored objects are never changed in place. Source: `k8s.io/apiserver/pkg/endpoints/handlers/patch.go`.
"""

from __future__ import annotations

from typing import Any

from katalog_runtime.objects import Manifest
from katalogc.localcluster import conformance, metadata, strategies, structured_merge
from katalogc.localcluster.operations import CUSTOM_PATCHES, Answer, Operation
from katalogc.localcluster.patches import (
    PatchError,
    json_patch,
    merge_patch,
    strategic_merge_patch,
)
from katalogc.localcluster.state import ClusterState, copy_json
from katalogc.localcluster.statuses import (
    Refusal,
    announcing,
    bad_request,
    conflict,
    not_found,
    unsupported_media_type,
)
from katalogc.localcluster.writes import insert, live_object, replace


def patch(state: ClusterState, operation: Operation) -> Answer:
    """PATCH in any of its four languages."""
    if operation.patch == "apply":
        return _apply(state, operation)
    type_ = operation.type
    if operation.patch == "strategic" and type_.custom is not None:
        raise unsupported_media_type(CUSTOM_PATCHES)
    live = live_object(state, operation)
    if live is None:
        raise not_found(operation.resource, operation.name)
    manifest = patched(live, operation.patch, operation.body, type_.schema)
    if operation.patch == "strategic":
        # It is merged into a Go struct, whose type a patch cannot change.
        manifest["apiVersion"], manifest["kind"] = type_.api_version, type_.kind
    if manifest.get("kind") != type_.kind or manifest.get("apiVersion") != type_.api_version:
        conformance.check_type_meta(operation, manifest, patched=True)
    warnings = conformance.decode(operation, manifest, patched=True)
    with announcing(warnings):
        metadata.check_identity(manifest, operation)
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
    live = live_object(state, operation)
    if live is None and operation.subresource:
        raise not_found(type_.resource, operation.name)
    if live is None and intent["metadata"].get("uid"):
        uid = intent["metadata"]["uid"]
        why = (
            f"uid mismatch: the provided object specified uid {uid}, and no existing object was "
            "found"
        )
        raise conflict(type_.resource, operation.name, why)
    version = intent["metadata"].get("resourceVersion")
    if live is not None and version and version != "0":
        metadata.check_version(type_, live, version)
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
    with announcing(warnings):
        strategies.normalise(type_=type_, manifest=merged)
        if live is None:
            return insert(state, operation, merged, warnings, applied=intent)
        return replace(state, operation, live, merged, warnings, applied=True)


def _check_apply(operation: Operation, intent: Any) -> None:
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
