"""What has to be true of a cluster once its operator has come to rest: manifests in, complaints out."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

from katalog_runtime.inventory import set_id
from katalog_runtime.objects import (
    FINALIZER,
    MANAGED_LABEL,
    MANAGED_VALUE,
    OWNER_LABEL,
    PART_OF_LABEL,
    SET_ID_LABEL,
    Manifest,
    NamespacedName,
    controller_of,
)
from katalogc.localcluster import LocalCluster
from tests.runtime.bundles import (
    DATA_JOB,
    cluster_role,
    config_map,
    generated_secret,
    named_config_map,
    replica_set,
    status_field,
)
from tests.runtime.hands import CHILD_KINDS, Hands

CHILDREN = (
    config_map(),
    replica_set(),
    config_map("kept", sync="apply"),
    named_config_map("{{ .metadata.name }}-{{ .spec.shard }}"),
    generated_secret(),
    cluster_role(),
)
STATUS = (
    status_field("phase", "Running"),
    status_field("workers", "{{ .children.replicaset.spec.replicas }}", "integer"),
)

Place = tuple[str, str, str]
"""Kind, namespace, name."""


def complaints(local: LocalCluster, hands: Hands) -> list[str]:
    """Everything that is not as the owners' specs ask; empty when all is well."""
    found: list[str] = []
    wanted: set[Place] = set()
    owners = local.list("DataJob")
    for owner in owners:
        found += _about_owner(local, hands, owner)
        wanted |= {(kind, where, name) for kind, where, name, _ in _wanted(owner)}
    found += _strangers(local, hands, owners, wanted)
    for place, made in hands.foreign.items():
        where, name = place
        there = local.exists("ConfigMap", name, namespace=where)
        if not there or local.get("ConfigMap", name, namespace=where) != made:
            found.append(f"foreign ConfigMap {where}/{name} was touched")
    return found


def _wanted(owner: Manifest) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """The children of an owner: kind, namespace, name, and the values that are kept in sync."""
    name, where = owner["metadata"]["name"], owner["metadata"]["namespace"]
    spec = owner["spec"]
    data = {"MODE": "batch", "TIMEOUT": spec["timeout"]}
    yield "ConfigMap", where, f"{name}-config", {}
    yield "Secret", where, f"{name}-key", {}
    yield "ConfigMap", where, f"{name}-kept", {"data": data}
    yield "ConfigMap", where, f"{name}-{spec['shard']}", {"data": {"SHARD": spec["shard"]}}
    if _is_valid(owner):
        replicas = {"replicas": int(spec["parallelism"])}
        yield "ReplicaSet", where, f"{name}-worker", {"spec": replicas}
    rules = [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}]
    yield "ClusterRole", "", f"{where}-{name}", {"rules": rules}


def _is_valid(owner: Manifest) -> bool:
    return bool(owner["spec"]["parallelism"].isdigit())


def _about_owner(local: LocalCluster, hands: Hands, owner: Manifest) -> Iterator[str]:
    metadata = owner["metadata"]
    name, where = metadata["name"], metadata["namespace"]
    what = f"DataJob {where}/{name}"
    if "deletionTimestamp" in metadata:
        yield f"{what} does not go: {metadata.get('finalizers')} {_ready(owner)}"
        return
    if metadata.get("finalizers") != [FINALIZER]:
        yield f"{what} has finalizers {metadata.get('finalizers')}"
    identity = set_id("DataJob", DATA_JOB.group, NamespacedName(where, name))
    labels = metadata.get("labels") or {}
    if labels.get(SET_ID_LABEL) != identity or labels.get(MANAGED_LABEL) != MANAGED_VALUE:
        yield f"{what} is not labelled: {labels}"
    blocked = (where, f"{name}-kept") in hands.foreign
    for kind, place, child, values in _wanted(owner):
        if kind == "ConfigMap" and (place, child) in hands.foreign:
            continue
        if not local.exists(kind, child, namespace=place):
            yield f"{what} lacks {kind} {place}/{child}"
            continue
        there = local.get(kind, child, namespace=place)
        yield from _about_child(f"{kind} {place}/{child}", there, values, owner, identity)
    yield from _about_status(what, owner, blocked)


def _about_child(
    what: str, there: Manifest, values: dict[str, Any], owner: Manifest, identity: str
) -> Iterator[str]:
    metadata = there["metadata"]
    labels = metadata.get("labels") or {}
    reference = controller_of(there) or {}
    if "deletionTimestamp" in metadata:
        yield f"{what} is being deleted"
    if reference and reference["uid"] != owner["metadata"]["uid"]:
        yield f"{what} belongs to {reference}"
    if labels.get(MANAGED_LABEL) != MANAGED_VALUE or labels.get(PART_OF_LABEL) != identity:
        yield f"{what} has labels {labels}"
    if "/" in what and metadata.get("namespace") and values and not reference:
        yield f"{what} has no owner"
    for field, value in values.items():
        held = there.get(field)
        same = value.items() <= (held or {}).items() if isinstance(value, dict) else value == held
        if not same:
            yield f"{what} has {field} {held} for {value}"
    if there["kind"] == "Secret" and len(base64.b64decode(there["data"]["key"])) != 32:
        yield f"{what} has no key"


def _about_status(what: str, owner: Manifest, blocked: bool) -> Iterator[str]:
    ready, reason = "True", "ReconcileSucceeded"
    if blocked:
        ready, reason = "False", "ChildConflict"
    if owner["spec"]["parallelism"] == "-1":
        ready, reason = "False", "ChildInvalid"
    if owner["spec"]["parallelism"] == "many":
        ready, reason = "False", "TemplateError"
    found = _ready(owner)
    generation = owner["metadata"]["generation"]
    if (found.get("status"), found.get("reason")) != (ready, reason):
        yield f"{what} says {found}"
    status = owner.get("status") or {}
    at = (found.get("observedGeneration"), status.get("observedGeneration"))
    if at != (generation, generation):
        yield f"{what} is at {at} of {generation}"
    if ready == "True":
        workers = int(owner["spec"]["parallelism"])
        declared = {key: status.get(key) for key in ("phase", "workers")}
        if declared != {"phase": "Running", "workers": workers}:
            yield f"{what} declares {declared}"
        if [each["type"] for each in status.get("conditions") or ()] != ["Ready"]:
            yield f"{what} has conditions {status.get('conditions')}"


def _ready(owner: Manifest) -> dict[str, Any]:
    conditions = (owner.get("status") or {}).get("conditions") or []
    return next((each for each in conditions if each["type"] == "Ready"), {})


def _strangers(
    local: LocalCluster, hands: Hands, owners: list[Manifest], wanted: set[Place]
) -> Iterator[str]:
    """Objects of ours that no owner wants."""
    living = {(each["metadata"]["namespace"], each["metadata"]["name"]): each for each in owners}
    for kind in CHILD_KINDS:
        for each in local.list(kind):
            metadata = each["metadata"]
            labels = metadata.get("labels") or {}
            place = (kind, metadata.get("namespace", ""), metadata["name"])
            if MANAGED_LABEL not in labels or place in wanted:
                continue
            where = metadata.get("namespace") or metadata["name"].partition("-")[0]
            key = (where, labels.get(OWNER_LABEL, ""))
            owner = living.get(key)
            blocked = (where, f"{key[1]}-kept") in hands.foreign
            if owner is not None and (blocked or not _is_valid(owner)):
                continue  # Nothing is taken away while something else cannot be put in its place.
            if kind != "ClusterRole" and controller_of(each) is None:
                continue  # Someone took its owner reference away, and the owner went before we saw.
            yield f"{kind} {place[1]}/{place[2]} is nobody's"
