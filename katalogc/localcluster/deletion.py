"""Deletion: preconditions, finalizers, propagation, collections, and the end of objects that were
released.

The rules of `k8s.io/apiserver/pkg/registry/rest/delete.go` and of the generic store. There is no
kubelet, so a pod needs no grace period. Stored objects are never changed in place.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from katalog_runtime.objects import GroupResource, Manifest
from katalogc.localcluster.conversion import to_served
from katalogc.localcluster.delete_options import (
    delete_options,
    deletion_warnings,
    propagation_finalizers,
)
from katalogc.localcluster.metadata import has_generation
from katalogc.localcluster.operations import Answer, Operation
from katalogc.localcluster.reads import list_
from katalogc.localcluster.resources import ResourceType
from katalogc.localcluster.state import ClusterState
from katalogc.localcluster.statuses import announcing, conflict, forbidden, not_found, success
from katalogc.localcluster.storage import storage_key

NAMESPACES = GroupResource("", "namespaces")
PODS = GroupResource("", "pods")
CRDS = GroupResource("apiextensions.k8s.io", "customresourcedefinitions")
CLEANUP = "customresourcecleanup.apiextensions.k8s.io"
"""Holds a definition that is being deleted until its instances are gone."""
PROTECTED_NAMESPACES = ("default", "kube-system", "kube-public")

# Types that answer with the deleted object instead of a Status (`ReturnDeletedObject` upstream).
_RETURN_DELETED = frozenset(
    {
        *(GroupResource("", each) for each in (
            "pods", "services", "serviceaccounts", "persistentvolumes", "persistentvolumeclaims",
            "podtemplates", "resourcequotas", "namespaces",
        )),
        *(GroupResource("storage.k8s.io", each) for each in (
            "storageclasses", "volumeattachments", "csinodes", "csidrivers",
        )),
    }
)  # fmt: skip


def delete(state: ClusterState, operation: Operation) -> Answer:
    """DELETE of one object."""
    type_ = operation.type
    namespace = operation.namespace if type_.namespaced else ""
    options = delete_options(operation, state.minor)
    warnings = deletion_warnings(type_.resource, options)
    live = state.store.get(type_.storage, namespace, operation.name)
    with announcing(warnings):
        if live is None:
            raise not_found(type_.resource, operation.name)
        if type_.resource == NAMESPACES and operation.name in PROTECTED_NAMESPACES:
            raise forbidden(type_.resource, operation.name, "this namespace may not be deleted")
        body, done = delete_object(state, type_, live, options, dry_run=operation.dry_run)
    if done and type_.resource not in _RETURN_DELETED:
        answer = success(type_.resource, operation.name, live["metadata"]["uid"])
        return Answer(status=200, body=answer, warnings=warnings)
    accepted = not done and options.get("orphanDependents") is False
    return Answer(
        status=202 if accepted else 200,
        body=to_served(type_, body),
        warnings=warnings,
        type=type_,
    )


def delete_collection(state: ClusterState, operation: Operation) -> Answer:
    """DELETE of all that the selectors match, or of the first page of them."""
    type_ = operation.type
    options = delete_options(operation, state.minor)
    listed = list_(state, operation)
    collection = state.store.collection(type_.storage)
    for each in listed.body["items"]:
        key = storage_key(each["metadata"].get("namespace", ""), each["metadata"]["name"])
        delete_object(state, type_, collection.objects[key], options, dry_run=operation.dry_run)
    warnings = deletion_warnings(type_.resource, options)
    return replace(listed, warnings=warnings)


def delete_object(
    state: ClusterState,
    type_: ResourceType,
    live: Manifest,
    options: dict[str, Any],
    *,
    dry_run: bool = False,
) -> tuple[Manifest, bool]:
    """Deletes an object or marks it; returns its last state and whether it is gone.

    Raises:
        Refusal: 409, a precondition fails.
    """
    _check_preconditions(type_, live, options.get("preconditions") or {})
    metadata = live["metadata"]
    given = metadata.get("finalizers") or []
    finalizers = propagation_finalizers(type_.storage, given, options)
    if type_.resource == CRDS and not metadata.get("deletionTimestamp"):
        finalizers = [*(each for each in finalizers if each != CLEANUP), CLEANUP]
    namespace_held = type_.resource == NAMESPACES and (live.get("spec") or {}).get("finalizers")
    if not finalizers and not namespace_held:
        if type_.resource == PODS:
            live = _terminating(state, live)
            if not dry_run:
                state.store.put(type_.storage, live)
        if dry_run:
            return live, True
        gone = state.store.remove(type_.storage, metadata.get("namespace", ""), metadata["name"])
        return gone, True
    if metadata.get("deletionTimestamp") and finalizers == (metadata.get("finalizers") or []):
        return live, False
    marked = {**metadata}
    if finalizers:
        marked["finalizers"] = finalizers
    own_deletion = type_.resource in (NAMESPACES, CRDS)
    if not metadata.get("deletionTimestamp"):
        marked["deletionTimestamp"] = state.now()
        if not own_deletion:
            marked["deletionGracePeriodSeconds"] = 0
            if has_generation(type_) and "generation" in marked:
                marked["generation"] += 1
    manifest = {**live, "metadata": marked}
    if type_.resource == NAMESPACES:
        manifest["status"] = {**(live.get("status") or {}), "phase": "Terminating"}
    if dry_run:
        return manifest, False
    return state.store.put(type_.storage, manifest), False


def _terminating(state: ClusterState, pod: Manifest) -> Manifest:
    """A pod on its way out: deletable gracefully, with nothing to wait for."""
    metadata = {**pod["metadata"], "deletionGracePeriodSeconds": 0}
    if "deletionTimestamp" not in metadata:
        metadata["deletionTimestamp"] = state.now()
        metadata["generation"] = metadata.get("generation", 0) + 1
    return {**pod, "metadata": metadata}


def _check_preconditions(type_: ResourceType, live: Manifest, wanted: Manifest) -> None:
    metadata = live["metadata"]
    kind = GroupResource(type_.storage.group, type_.kind)
    uid, version = wanted.get("uid"), wanted.get("resourceVersion")
    if uid is not None and uid != metadata["uid"]:
        raise conflict(
            kind,
            metadata["name"],
            f"the UID in the precondition ({uid}) does not match the UID in record "
            f"({metadata['uid']}). The object might have been deleted and then recreated",
        )
    if version is not None and version != metadata["resourceVersion"]:
        raise conflict(
            kind,
            metadata["name"],
            f"the ResourceVersion in the precondition ({version}) does not match the "
            f"ResourceVersion in record ({metadata['resourceVersion']}). The object might "
            "have been "
            "modified",
        )


def finish_if_released(
    state: ClusterState, type_: ResourceType, live: Manifest, manifest: Manifest
) -> Manifest | None:
    """Removes an object whose last finalizer an update took away; returns the update's answer.

    None if the object stays. As upstream, the answer shows the resource version before the removal.
    """
    metadata = manifest["metadata"]
    if not metadata.get("deletionTimestamp") or metadata.get("finalizers"):
        return None
    if type_.resource == NAMESPACES and (manifest.get("spec") or {}).get("finalizers"):
        return None
    state.store.remove(type_.storage, metadata.get("namespace", ""), metadata["name"])
    kept = {**metadata, "resourceVersion": live["metadata"]["resourceVersion"]}
    return {**manifest, "metadata": kept}


def release_finalizer(
    state: ClusterState, resource: GroupResource, manifest: Manifest, finalizer: str
) -> None:
    """Takes a finalizer off a stored object that is being deleted; removes it after its last."""
    metadata = {key: each for key, each in manifest["metadata"].items() if key != "finalizers"}
    keep = [each for each in manifest["metadata"].get("finalizers") or () if each != finalizer]
    if keep:
        state.store.put(resource, {**manifest, "metadata": {**metadata, "finalizers": keep}})
    else:
        state.store.remove(resource, metadata.get("namespace", ""), metadata["name"])
