"""The columns of `kubectl get` for built-in kinds: which cells a kind shows, in what order.

Kinds without an entry show name and creation time, as upstream's default does.
"""

from __future__ import annotations

from typing import NamedTuple

from katalogc.localcluster.printer_cells import (
    NONE,
    UNKNOWN,
    Cell,
    age,
    at,
    completions,
    containers_of,
    external_address,
    hosts_text,
    involved_object,
    job_duration,
    job_status,
    labels_text,
    last_seen,
    load_balancer,
    pod_ready,
    pod_status,
    ports_text,
    ready_of,
    restarts,
    role_reference,
    selector_text,
    since,
    size_of,
    subjects_of,
    suspended,
    text_at,
)
from katalogc.localcluster.printer_cells_of_capacity import (
    claim_access_modes,
    claim_capacity,
    metrics_text,
    minimum_pods,
    node_address,
    node_roles,
    node_status,
    quota_text,
    scale_target,
)


class Column(NamedTuple):
    """A column definition."""

    name: str
    cell: Cell
    type: str = "string"
    priority: int = 0
    """0 is always shown, 1 only in wide output."""


NAME = Column("Name", at("metadata", "name"))
AGE = Column("Age", age)
CREATED = Column("Created At", at("metadata", "creationTimestamp"), "date")
_WIDE_PODS = (
    Column("Containers", containers_of("name"), priority=1),
    Column("Images", containers_of("image"), priority=1),
)
_SELECTOR = Column("Selector", selector_text, priority=1)


def _number(name: str, *path: str) -> Column:
    return Column(name, at(*path, default=0), "integer")


def _text_number(name: str, *path: str) -> Column:
    return Column(name, at(*path, default=0))


COLUMNS: dict[tuple[str, str], tuple[Column, ...]] = {
    ("", "configmaps"): (NAME, Column("Data", size_of("data", "binaryData")), AGE),
    ("", "secrets"): (NAME, Column("Type", at("type")), Column("Data", size_of("data")), AGE),
    ("", "namespaces"): (NAME, Column("Status", at("status", "phase")), AGE),
    ("", "serviceaccounts"): (NAME, AGE),
    ("", "pods"): (
        NAME,
        Column("Ready", pod_ready),
        Column("Status", pod_status),
        Column("Restarts", restarts),
        AGE,
        Column("IP", at("status", "podIP"), priority=1),
        Column("Node", at("spec", "nodeName"), priority=1),
        Column("Nominated Node", at("status", "nominatedNodeName"), priority=1),
        Column("Readiness Gates", lambda _, __: NONE, priority=1),
    ),
    ("", "services"): (
        NAME,
        Column("Type", at("spec", "type")),
        Column("Cluster-IP", at("spec", "clusterIP")),
        Column("External-IP", external_address),
        Column("Port(s)", ports_text),
        AGE,
        Column(
            "Selector",
            lambda each, _: labels_text((each.get("spec") or {}).get("selector")),
            priority=1,
        ),
    ),
    ("", "nodes"): (
        NAME,
        Column("Status", node_status),
        Column("Roles", node_roles),
        AGE,
        Column("Version", at("status", "nodeInfo", "kubeletVersion", default="")),
        Column("Internal-IP", node_address("InternalIP"), priority=1),
        Column("External-IP", node_address("ExternalIP"), priority=1),
        Column("OS-Image", at("status", "nodeInfo", "osImage", default=UNKNOWN), priority=1),
        Column(
            "Kernel-Version", at("status", "nodeInfo", "kernelVersion", default=UNKNOWN), priority=1
        ),
        Column(
            "Container-Runtime",
            at("status", "nodeInfo", "containerRuntimeVersion", default=UNKNOWN),
            priority=1,
        ),
    ),
    ("", "resourcequotas"): (
        NAME,
        Column("Request", quota_text(limits=False)),
        Column("Limit", quota_text(limits=True)),
        AGE,
    ),
    ("autoscaling", "horizontalpodautoscalers"): (
        NAME,
        Column("Reference", scale_target),
        Column("Targets", metrics_text),
        Column("MinPods", minimum_pods),
        Column("MaxPods", at("spec", "maxReplicas", default=0)),
        Column("Replicas", at("status", "currentReplicas", default=0)),
        AGE,
    ),
    ("", "events"): (
        Column("Last Seen", last_seen),
        Column("Type", at("type", default="")),
        Column("Reason", at("reason", default="")),
        Column("Object", involved_object),
        Column("Subobject", at("involvedObject", "fieldPath", default=""), priority=1),
        Column("Source", at("source", "component", default=""), priority=1),
        Column(
            "Message", lambda each, _: str(each.get("message") or each.get("note") or "").strip()
        ),
        Column("First Seen", lambda each, now: since(each.get("firstTimestamp"), now), priority=1),
        Column("Count", at("count", default=1), priority=1),
        Column("Name", at("metadata", "name"), priority=1),
    ),
    ("", "persistentvolumeclaims"): (
        NAME,
        Column("Status", at("status", "phase")),
        Column("Volume", at("spec", "volumeName", default="")),
        Column("Capacity", claim_capacity),
        Column("Access Modes", claim_access_modes),
        Column("StorageClass", at("spec", "storageClassName", default="")),
        Column("VolumeAttributesClass", at("spec", "volumeAttributesClassName", default="<unset>")),
        AGE,
        Column("VolumeMode", at("spec", "volumeMode", default="<unset>"), priority=1),
    ),
    ("apps", "deployments"): (
        NAME,
        Column("Ready", ready_of("replicas")),
        _text_number("Up-to-date", "status", "updatedReplicas"),
        _text_number("Available", "status", "availableReplicas"),
        AGE,
        *_WIDE_PODS,
        _SELECTOR,
    ),
    ("apps", "replicasets"): (
        NAME,
        _number("Desired", "spec", "replicas"),
        _number("Current", "status", "replicas"),
        _number("Ready", "status", "readyReplicas"),
        AGE,
        *_WIDE_PODS,
        _SELECTOR,
    ),
    ("apps", "statefulsets"): (NAME, Column("Ready", ready_of("replicas")), AGE, *_WIDE_PODS),
    ("apps", "daemonsets"): (
        NAME,
        _number("Desired", "status", "desiredNumberScheduled"),
        _number("Current", "status", "currentNumberScheduled"),
        _number("Ready", "status", "numberReady"),
        _number("Up-to-date", "status", "updatedNumberScheduled"),
        _number("Available", "status", "numberAvailable"),
        Column(
            "Node Selector",
            lambda each, _: labels_text(
                (((each.get("spec") or {}).get("template") or {}).get("spec") or {}).get(
                    "nodeSelector"
                )
            ),
        ),
        AGE,
        *_WIDE_PODS,
        _SELECTOR,
    ),
    ("batch", "jobs"): (
        NAME,
        Column("Status", job_status),
        Column("Completions", completions),
        Column("Duration", job_duration),
        AGE,
        *_WIDE_PODS,
        _SELECTOR,
    ),
    ("batch", "cronjobs"): (
        NAME,
        Column("Schedule", at("spec", "schedule")),
        Column("Timezone", at("spec", "timeZone")),
        Column("Suspend", suspended, "boolean"),
        Column(
            "Active", lambda each, _: len((each.get("status") or {}).get("active") or ()), "integer"
        ),
        Column(
            "Last Schedule",
            lambda each, now: (
                since((each.get("status") or {}).get("lastScheduleTime"), now)
                if (each.get("status") or {}).get("lastScheduleTime")
                else NONE
            ),
        ),
        AGE,
        *_WIDE_PODS,
        _SELECTOR,
    ),
    ("networking.k8s.io", "ingresses"): (
        NAME,
        Column("Class", at("spec", "ingressClassName")),
        Column("Hosts", hosts_text),
        Column("Address", lambda each, _: ",".join(load_balancer(each))),
        Column("Ports", lambda each, _: "80, 443" if (each.get("spec") or {}).get("tls") else "80"),
        AGE,
    ),
    ("networking.k8s.io", "networkpolicies"): (
        NAME,
        Column(
            "Pod-Selector",
            lambda each, _: labels_text(
                ((each.get("spec") or {}).get("podSelector") or {}).get("matchLabels")
            ),
        ),
        AGE,
    ),
    ("policy", "poddisruptionbudgets"): (
        NAME,
        Column("Min Available", text_at("spec", "minAvailable", default="N/A")),
        Column("Max Unavailable", text_at("spec", "maxUnavailable", default="N/A")),
        _number("Allowed Disruptions", "status", "disruptionsAllowed"),
        AGE,
    ),
    ("coordination.k8s.io", "leases"): (
        NAME,
        Column("Holder", at("spec", "holderIdentity", default="")),
        AGE,
    ),
    ("storage.k8s.io", "storageclasses"): (
        NAME,
        Column("Provisioner", at("provisioner")),
        Column("ReclaimPolicy", at("reclaimPolicy", default="Delete")),
        Column("VolumeBindingMode", at("volumeBindingMode", default="Immediate")),
        Column("AllowVolumeExpansion", at("allowVolumeExpansion", default=False)),
        AGE,
    ),
}
_BINDING = (
    NAME,
    Column("Role", role_reference),
    AGE,
    Column("Users", subjects_of("User"), priority=1),
    Column("Groups", subjects_of("Group"), priority=1),
    Column("ServiceAccounts", subjects_of("ServiceAccount"), priority=1),
)
COLUMNS["rbac.authorization.k8s.io", "rolebindings"] = _BINDING
COLUMNS["rbac.authorization.k8s.io", "clusterrolebindings"] = _BINDING
COLUMNS["", "replicationcontrollers"] = COLUMNS["apps", "replicasets"]
COLUMNS["events.k8s.io", "events"] = COLUMNS["", "events"]
DEFAULT_COLUMNS = (NAME, CREATED)
