"""Object metadata as the API server keeps it: what a create fills in, what an update may not touch.

In: manifests and the moment. Out: new metadata dicts, or a `Refusal`. The rules are those of
`k8s.io/apiserver/pkg/registry/rest` (create.go, update.go, meta.go) and of each type's strategy for
`metadata.generation`. Manifests handed in belong to the caller of this module and are changed in
place.
"""

from __future__ import annotations

from typing import Any

from katalog_runtime.objects import GroupResource, Manifest
from katalogc.localcluster.operations import Operation
from katalogc.localcluster.resources import ResourceType
from katalogc.localcluster.state import ClusterState
from katalogc.localcluster.statuses import Cause, Refusal, bad_request, conflict, invalid

MAX_GENERATED_NAME = 63
_SUFFIX_LENGTH = 5

_SYSTEM_FIELDS = (
    "uid",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "generation",
    "selfLink",
    "resourceVersion",
)

_COMPARED = ("uid", "deletionGracePeriodSeconds")

# Built-in resources whose strategy counts changes of the desired state in `metadata.generation`.
_GENERATION_GROUPS = frozenset(
    {"apps", "batch", "networking.k8s.io", "policy", "apiextensions.k8s.io",
     "admissionregistration.k8s.io", "flowcontrol.apiserver.k8s.io"}
)  # fmt: skip
_GENERATION_RESOURCES = frozenset(
    {
        GroupResource("", "pods"),
        GroupResource("", "replicationcontrollers"),
        GroupResource("discovery.k8s.io", "endpointslices"),
        GroupResource("storage.k8s.io", "csidrivers"),
        GroupResource("scheduling.k8s.io", "priorityclasses"),
        GroupResource("resource.k8s.io", "resourceslices"),
    }
)
_NO_GENERATION = frozenset(
    {
        GroupResource("apps", "controllerrevisions"),
        GroupResource("networking.k8s.io", "ipaddresses"),
        GroupResource("networking.k8s.io", "servicecidrs"),
    }
)

# Built-in resources whose strategy insists on a resource version in every PUT.
_CONDITIONAL_UPDATE_ONLY = frozenset(
    {
        GroupResource("apiextensions.k8s.io", "customresourcedefinitions"),
        GroupResource("apiregistration.k8s.io", "apiservices"),
        GroupResource("coordination.k8s.io", "leases"),
        GroupResource("admissionregistration.k8s.io", "mutatingwebhookconfigurations"),
        GroupResource("admissionregistration.k8s.io", "validatingwebhookconfigurations"),
        GroupResource("admissionregistration.k8s.io", "validatingadmissionpolicies"),
        GroupResource("admissionregistration.k8s.io", "validatingadmissionpolicybindings"),
        GroupResource("policy", "poddisruptionbudgets"),
        GroupResource("networking.k8s.io", "ingressclasses"),
    }
)


def has_generation(type_: ResourceType) -> bool:
    """Whether objects of this type carry `metadata.generation`."""
    if type_.custom is not None or type_.resource in _GENERATION_RESOURCES:
        return True
    return type_.group in _GENERATION_GROUPS and type_.resource not in _NO_GENERATION


def allows_unconditional_update(type_: ResourceType) -> bool:
    """Whether a PUT without resource version is accepted."""
    return type_.custom is None and type_.resource not in _CONDITIONAL_UPDATE_ONLY


def check_identity(manifest: Manifest, operation: Operation) -> dict[str, Any]:
    """Aligns name and namespace of a body with the path; returns the metadata, in place.

    Raises:
        Refusal: 400 where they contradict each other.
    """
    metadata = manifest.get("metadata")
    if not isinstance(metadata, dict):
        metadata = manifest["metadata"] = {}
    if operation.type.namespaced:
        given = metadata.get("namespace") or operation.namespace
        if given != operation.namespace:
            raise bad_request(
                "the namespace of the provided object does not match the namespace sent on the "
                "request"
            )
        metadata["namespace"] = operation.namespace
    else:
        metadata.pop("namespace", None)
    if operation.name and operation.verb != "create":
        name = metadata.get("name") or ""
        if name and name != operation.name:
            raise bad_request(
                f"the name of the object ({name}) does not match the name on the URL "
                f"({operation.name})"
            )
        if not name and operation.patch != "apply":
            raise bad_request(
                f"the name of the object ({operation.name} based on URL) was undeterminable: name "
                "must be provided"
            )
        metadata["name"] = operation.name
    return metadata


def wipe_system_fields(type_: ResourceType, manifest: Manifest) -> None:
    """Takes off what a client may not set on a new object."""
    for field in _SYSTEM_FIELDS:
        if field != "generation" or has_generation(type_):
            manifest["metadata"].pop(field, None)


def check_new_version(version: str) -> None:
    """Refuses (500) a resource version on an object that is to be created."""
    if version and not (version.isascii() and version.isdigit()):
        raise Refusal(500, "", f'strconv.ParseUint: parsing "{version}": invalid syntax')
    if version not in ("", "0"):
        raise Refusal(500, "", "resourceVersion should not be set on objects to be created")


def fill_system_fields(state: ClusterState, type_: ResourceType, manifest: Manifest) -> None:
    """Gives a new object its name (where a prefix is given), UID, time stamp and generation."""
    metadata = manifest["metadata"]
    prefix = metadata.get("generateName")
    if prefix and not metadata.get("name"):
        base = prefix[: MAX_GENERATED_NAME - _SUFFIX_LENGTH]
        metadata["name"] = f"{base}{state.new_suffix()}"
    metadata["uid"] = state.new_uid()
    metadata["creationTimestamp"] = state.now()
    if has_generation(type_):
        metadata["generation"] = 1


def keep_system_fields(
    type_: ResourceType, live: Manifest, manifest: Manifest, *, unconditional: bool
) -> None:
    """Checks the preconditions inside an update and puts the server's own fields back.

    Args:
        unconditional: whether a missing resource version is fine.

    Raises:
        Refusal: 409 for another UID or resource version, 422 where one is required.
    """
    metadata, old = manifest["metadata"], live["metadata"]
    uid = metadata.get("uid") or metadata.pop("uid", None)
    if uid and uid != old["uid"] and not unconditional:
        key = f"/registry/{type_.plural}/" + "/".join(
            part for part in (old.get("namespace", ""), old["name"]) if part
        )
        raise conflict(
            type_.resource,
            old["name"],
            f"StorageError: invalid object, Code: 4, Key: {key}, ResourceVersion: 0, "
            f"AdditionalErrorMsg: Precondition failed: UID in precondition: {uid}, "
            f"UID in object meta: {old['uid']}",
        )
    version = metadata.get("resourceVersion")
    if version and version != "0":
        check_version(type_, live, version)
    elif not unconditional and not allows_unconditional_update(type_):
        text = "Invalid value: 0: must be specified for an update"
        raise invalid(
            type_.group,
            type_.plural,  # upstream names the resource here, not the kind
            old["name"],
            [Cause("FieldValueInvalid", text, "metadata.resourceVersion")],
        )
    for field in _SYSTEM_FIELDS:
        if metadata.get(field) is not None and (
            field in _COMPARED or (field == "deletionTimestamp" and field not in old)
        ):
            continue  # left for validation, which refuses a change
        if field in old:
            metadata[field] = old[field]
        else:
            metadata.pop(field, None)
    if "generateName" in old:
        metadata.setdefault("generateName", old["generateName"])


def check_version(type_: ResourceType, live: Manifest, version: str) -> None:
    """Compares the resource version of a write with the live one.

    Raises:
        Refusal: 409, they differ; 500, it is no number.
    """
    if not (version.isascii() and version.isdigit()):
        raise Refusal(500, "", f'strconv.ParseUint: parsing "{version}": invalid syntax')
    if version != live["metadata"]["resourceVersion"]:
        raise conflict(type_.resource, live["metadata"]["name"])


def check_finalizers(type_: ResourceType, live: Manifest, manifest: Manifest) -> None:
    """Refuses new finalizers on an object that is being deleted.

    Raises:
        Refusal: 422.
    """
    if not live["metadata"].get("deletionTimestamp"):
        return
    known = set(live["metadata"].get("finalizers") or ())
    added = [each for each in manifest["metadata"].get("finalizers") or () if each not in known]
    if added:
        listed = ", ".join(f'"{each}"' for each in sorted(added))
        text = (
            "Forbidden: no new finalizers can be added if the object is being deleted, found new "
            f"finalizers []string{{{listed}}}"
        )
        raise invalid(
            type_.group,
            type_.kind,
            live["metadata"]["name"],
            [Cause("FieldValueForbidden", text, "metadata.finalizers")] * 2,  # said twice upstream
        )


def bump_generation(
    type_: ResourceType, live: Manifest, manifest: Manifest, subresource: str
) -> None:
    """Counts a change of the desired state: everything but metadata (and status, where it is
    apart)."""
    if subresource == "status" or not has_generation(type_):
        return
    aside = {"metadata", "apiVersion", "kind"}
    if type_.custom is None or type_.has_status:
        aside.add("status")
    before = {key: value for key, value in live.items() if key not in aside}
    after = {key: value for key, value in manifest.items() if key not in aside}
    if before != after:
        manifest["metadata"]["generation"] = live["metadata"].get("generation", 0) + 1


def same_content(live: Manifest, manifest: Manifest) -> bool:
    """Whether a write changes nothing (time stamps of managedFields apart), so that it is no
    write."""
    if live.keys() != manifest.keys():
        return False
    for key, value in manifest.items():
        if key not in ("metadata", "apiVersion") and live[key] != value:
            return False
    before, after = live["metadata"], manifest["metadata"]
    if before is after:
        return True
    for field in before.keys() | after.keys():
        if field == "managedFields":
            if _without_times(before.get(field)) != _without_times(after.get(field)):
                return False
        elif field != "resourceVersion" and before.get(field) != after.get(field):
            return False
    return True


def _without_times(entries: Any) -> list[Any]:
    return [{key: value for key, value in each.items() if key != "time"} for each in entries or ()]
