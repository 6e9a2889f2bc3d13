"""What single built-in types do on create and update beyond the common rules (upstream's
strategies).

In: a new manifest (the caller's own, changed in place), the live object on updates, and the
cluster's state. Out: the manifest with the server's share filled in: initial status, allocated
addresses, protected fields.
"""

from __future__ import annotations

import base64
import ipaddress
from collections.abc import Callable
from typing import Any

from katalog_runtime.objects import GroupResource, Manifest
from katalogc.localcluster.resources import ResourceType
from katalogc.localcluster.state import ClusterState, copy_json
from katalogc.localcluster.statuses import forbidden

SERVICE_NETWORK = ipaddress.ip_network("10.96.0.0/16")
NAMESPACE_LABEL = "kubernetes.io/metadata.name"
CLAIM_PROTECTION = "kubernetes.io/pvc-protection"
VOLUME_PROTECTION = "kubernetes.io/pv-protection"
TEMPLATE_GENERATION = "deprecated.daemonset.template.generation"
RBAC = "rbac.authorization.k8s.io"
NODES = GroupResource("", "nodes")
SERVICES = GroupResource("", "services")
ACCOUNTS = GroupResource("", "serviceaccounts")

_INITIAL_STATUS: dict[str, Manifest] = {
    "Deployment": {},
    "ReplicaSet": {"replicas": 0},
    "ReplicationController": {"replicas": 0},
    "StatefulSet": {"replicas": 0, "availableReplicas": 0},
    "DaemonSet": {
        "currentNumberScheduled": 0,
        "numberMisscheduled": 0,
        "desiredNumberScheduled": 0,
        "numberReady": 0,
    },
    "Job": {},
    "CronJob": {},
    "Service": {"loadBalancer": {}},
    "Ingress": {"loadBalancer": {}},
    "PersistentVolumeClaim": {"phase": "Pending"},
    "PersistentVolume": {"phase": "Pending"},
    "Namespace": {"phase": "Active"},
    "PodDisruptionBudget": {
        "disruptionsAllowed": 0,
        "currentHealthy": 0,
        "desiredHealthy": 0,
        "expectedPods": 0,
    },
    "HorizontalPodAutoscaler": {"desiredReplicas": 0, "currentMetrics": None},
    "ResourceQuota": {},
    "FlowSchema": {},
    "PriorityLevelConfiguration": {},
    "CertificateSigningRequest": {},
    "APIService": {},
}
"""The zero values that the API server prints for a status nobody has written yet (observed on
1.36)."""


def normalise(type_: ResourceType, manifest: Manifest) -> None:
    """What decoding itself does to a body of some types; the caller owns these fields, so early."""
    if type_.group == "" and type_.kind == "Secret":
        _write_secret(manifest)
    elif type_.group == "" and type_.kind == "Namespace" and manifest["metadata"].get("name"):
        metadata = manifest["metadata"]
        labels = metadata.get("labels") or {}
        metadata["labels"] = {**labels, NAMESPACE_LABEL: metadata["name"]}
    elif type_.group == "batch" and type_.kind == "Job":
        manifest.setdefault("spec", {}).setdefault("manualSelector", False)
    elif type_.group == "apps" and type_.kind == "DaemonSet":
        # A field of the internal type that only this annotation carries; unset, it reads 0.
        metadata = manifest["metadata"]
        metadata["annotations"] = {TEMPLATE_GENERATION: "0", **(metadata.get("annotations") or {})}


_CREATED_BY_UPDATE = frozenset(
    {
        *(GroupResource("", each) for each in ("endpoints", "events", "limitranges", "services")),
        GroupResource("coordination.k8s.io", "leases"),
        GroupResource("events.k8s.io", "events"),
        GroupResource("node.k8s.io", "runtimeclasses"),
        *(GroupResource(RBAC, each) for each in (
            "clusterrolebindings", "clusterroles", "rolebindings", "roles",
        )),
    }
)  # fmt: skip


def creates_on_update(type_: ResourceType) -> bool:
    """Whether a PUT of an object that is not there creates it (`AllowCreateOnUpdate` upstream)."""
    return type_.resource in _CREATED_BY_UPDATE


def metadata_of_status(type_: ResourceType, live: Manifest, given: Manifest) -> Manifest:
    """The metadata after a write to the status: custom resources keep theirs, built-in types take
    what is given, but for a few fields."""
    if type_.custom is not None or type_.kind == "CustomResourceDefinition":
        return dict(live)
    kept = dict(given)
    field = {"Deployment": "labels", "Pod": "ownerReferences"}.get(type_.kind)
    if field is not None:
        kept.pop(field, None)
        kept.update({field: live[field]} if field in live else {})
    return kept


def prepare_create(state: ClusterState, type_: ResourceType, manifest: Manifest) -> None:
    """Fills in what the type's strategy gives a new object."""
    if type_.has_status and type_.resource != NODES:
        manifest.pop("status", None)
    if type_.custom is not None:
        return
    initial = _INITIAL_STATUS.get(type_.kind)
    if initial is not None:
        manifest["status"] = copy_json(initial)
    prepare = _ON_CREATE.get((type_.group, type_.kind))
    if prepare is not None:
        prepare(state, manifest)


def prepare_update(
    state: ClusterState, type_: ResourceType, live: Manifest, manifest: Manifest
) -> None:
    """Puts back what an update of the main resource may not change silently."""
    if type_.custom is not None:
        return
    prepare = _ON_UPDATE.get((type_.group, type_.kind))
    if prepare is not None:
        prepare(state, live, manifest)


def _create_namespace(_: ClusterState, manifest: Manifest) -> None:
    manifest.setdefault("spec", {})["finalizers"] = ["kubernetes"]


def _update_namespace(_: ClusterState, live: Manifest, manifest: Manifest) -> None:
    manifest["spec"] = live.get("spec", {})


def _create_job(_: ClusterState, manifest: Manifest) -> None:
    spec, metadata = manifest["spec"], manifest["metadata"]
    template = spec.setdefault("template", {}).setdefault("metadata", {})
    if not spec.get("manualSelector"):
        uid, name = metadata["uid"], metadata.get("name", "")
        generated = {
            "batch.kubernetes.io/controller-uid": uid,
            "batch.kubernetes.io/job-name": name,
            "controller-uid": uid,
            "job-name": name,
        }
        template["labels"] = {**(template.get("labels") or {}), **generated}
        selector = {"matchLabels": {"batch.kubernetes.io/controller-uid": uid}}
        spec.setdefault("selector", selector)
    if not metadata.get("labels") and template.get("labels"):
        metadata["labels"] = dict(template["labels"])


def _create_pod(state: ClusterState, manifest: Manifest) -> None:
    spec, metadata = manifest.setdefault("spec", {}), manifest["metadata"]
    account = spec.setdefault("serviceAccountName", "default")
    spec.setdefault("serviceAccount", account)
    if state.store.get(ACCOUNTS, metadata["namespace"], account) is None:
        # The admission plugin ServiceAccount.
        why = (
            f"error looking up service account {metadata['namespace']}/{account}: "
            f'serviceaccount "{account}" not found'
        )
        raise forbidden(GroupResource("", "pods"), metadata.get("name", ""), why)
    spec.setdefault("priority", 0)
    spec.setdefault("preemptionPolicy", "PreemptLowerPriority")
    spec.setdefault("enableServiceLinks", True)
    given = spec.get("tolerations") or []
    spec["tolerations"] = [*given, *_default_tolerations(given)]
    manifest["status"] = {"phase": "Pending", "qosClass": _quality_of_service(spec)}


def _default_tolerations(given: list[Manifest]) -> list[Manifest]:
    """The admission plugin DefaultTolerationSeconds: five minutes for a node in trouble."""
    keys = {each.get("key", "") for each in given if each.get("effect") in (None, "", "NoExecute")}
    return [
        {
            "key": f"node.kubernetes.io/{taint}",
            "operator": "Exists",
            "effect": "NoExecute",
            "tolerationSeconds": 300,
        }
        for taint in ("not-ready", "unreachable")
        if not keys & {"", f"node.kubernetes.io/{taint}"}
    ]


def _create_node(_: ClusterState, manifest: Manifest) -> None:
    """The admission plugin TaintNodesByCondition: nothing is scheduled before a node is ready."""
    taint = {"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"}
    spec = manifest.setdefault("spec", {})
    taints = spec.get("taints") or []
    if taint not in taints:
        spec["taints"] = [*taints, taint]


def _create_daemon_set(_: ClusterState, manifest: Manifest) -> None:
    annotations = manifest["metadata"]["annotations"]
    if annotations[TEMPLATE_GENERATION] == "0":
        manifest["metadata"]["annotations"] = {**annotations, TEMPLATE_GENERATION: "1"}


def _update_daemon_set(_: ClusterState, live: Manifest, manifest: Manifest) -> None:
    before = (live["metadata"].get("annotations") or {}).get(TEMPLATE_GENERATION, "1")
    changed = live["spec"].get("template") != manifest["spec"].get("template")
    counted = str(int(before) + changed)
    annotations = manifest["metadata"].get("annotations") or {}
    manifest["metadata"]["annotations"] = {**annotations, TEMPLATE_GENERATION: counted}


def _protect(finalizer: str) -> Callable[[ClusterState, Manifest], None]:
    """The admission plugin StorageObjectInUseProtection."""

    def add(_: ClusterState, manifest: Manifest) -> None:
        finalizers = manifest["metadata"].get("finalizers") or []
        if finalizer not in finalizers:
            manifest["metadata"]["finalizers"] = [*finalizers, finalizer]

    return add


def _quality_of_service(spec: Manifest) -> str:
    """The QoS class, by the rules of `k8s.io/kubernetes/pkg/apis/core/v1/helper/qos`."""
    containers = [*(spec.get("containers") or ()), *(spec.get("initContainers") or ())]
    requests = [(each.get("resources") or {}).get("requests") or {} for each in containers]
    limits = [(each.get("resources") or {}).get("limits") or {} for each in containers]
    if not any(requests) and not any(limits):
        return "BestEffort"
    guaranteed = all(
        {"cpu", "memory"} <= bound.keys()
        and all(wanted.get(name, bound[name]) == bound[name] for name in ("cpu", "memory"))
        for wanted, bound in zip(requests, limits, strict=True)
    )
    return "Guaranteed" if guaranteed else "Burstable"


def _create_service(state: ClusterState, manifest: Manifest) -> None:
    spec = manifest.setdefault("spec", {})
    if spec.get("type") == "ExternalName":
        return
    _allocate_address(state, spec)
    _allocate_node_ports(state, spec)


def _update_service(state: ClusterState, live: Manifest, manifest: Manifest) -> None:
    spec, old = manifest.setdefault("spec", {}), live.get("spec") or {}
    if spec.get("type") == "ExternalName":
        return
    for field in ("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"):
        if field in old and not spec.get(field):
            spec[field] = old[field]
    _allocate_address(state, spec)
    ports = {port.get("port"): port.get("nodePort") for port in old.get("ports") or ()}
    for port in spec.get("ports") or ():
        if spec.get("type") in ("NodePort", "LoadBalancer") and ports.get(port.get("port")):
            port.setdefault("nodePort", ports[port["port"]])
    _allocate_node_ports(state, spec)


def _allocate_address(state: ClusterState, spec: Manifest) -> None:
    if not spec.get("clusterIP"):
        services = state.store.collection(SERVICES).objects.values()
        taken = {each.get("spec", {}).get("clusterIP") for each in services}
        for offset in range(10, SERVICE_NETWORK.num_addresses - 1):
            address = str(SERVICE_NETWORK[offset])
            if address not in taken:
                spec["clusterIP"] = address
                break
    spec["clusterIPs"] = [spec["clusterIP"]]
    # A headless Service without selector may get endpoints of either family.
    both = spec["clusterIP"] == "None" and not spec.get("selector")
    spec.setdefault("ipFamilies", ["IPv4", "IPv6"] if both else ["IPv4"])
    spec.setdefault("ipFamilyPolicy", "RequireDualStack" if both else "SingleStack")


def _allocate_node_ports(state: ClusterState, spec: Manifest) -> None:
    if spec.get("type") not in ("NodePort", "LoadBalancer"):
        return
    services = state.store.collection(SERVICES).objects.values()
    taken = {
        port.get("nodePort")
        for each in services
        for port in each.get("spec", {}).get("ports") or ()
    }
    for port in spec.get("ports") or ():
        if not port.get("nodePort"):
            port["nodePort"] = next(each for each in range(30000, 32768) if each not in taken)
        taken.add(port["nodePort"])


def _write_secret(manifest: Manifest) -> None:
    plain = manifest.pop("stringData", None)
    if plain:
        encoded = {key: base64.b64encode(text.encode()).decode() for key, text in plain.items()}
        manifest["data"] = {**(manifest.get("data") or {}), **encoded}


def _create_custom_resource_definition(_: ClusterState, manifest: Manifest) -> None:
    stored = [
        each["name"] for each in (manifest["spec"].get("versions") or ()) if each.get("storage")
    ]
    stored = stored[:1]
    manifest["status"] = {
        "conditions": None,
        "acceptedNames": {"plural": "", "kind": ""},
        "storedVersions": stored,
    }


def _update_custom_resource_definition(_: ClusterState, live: Manifest, manifest: Manifest) -> None:
    status = dict(live.get("status") or {})
    stored = list(status.get("storedVersions") or ())
    for each in manifest["spec"].get("versions") or ():
        if each.get("storage") and each["name"] not in stored:
            stored.append(each["name"])
    manifest["status"] = {**status, "storedVersions": stored}


_ON_CREATE: dict[tuple[str, str], Callable[[ClusterState, Manifest], Any]] = {
    ("", "Namespace"): _create_namespace,
    ("", "Pod"): _create_pod,
    ("", "Node"): _create_node,
    ("", "PersistentVolume"): _protect(VOLUME_PROTECTION),
    ("", "PersistentVolumeClaim"): _protect(CLAIM_PROTECTION),
    ("", "Service"): _create_service,
    ("apps", "DaemonSet"): _create_daemon_set,
    ("batch", "Job"): _create_job,
    ("apiextensions.k8s.io", "CustomResourceDefinition"): _create_custom_resource_definition,
}
_ON_UPDATE: dict[tuple[str, str], Callable[[ClusterState, Manifest, Manifest], Any]] = {
    ("", "Namespace"): _update_namespace,
    ("", "Service"): _update_service,
    ("apps", "DaemonSet"): _update_daemon_set,
    ("apiextensions.k8s.io", "CustomResourceDefinition"): _update_custom_resource_definition,
}
