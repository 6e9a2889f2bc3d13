"""The columns of `kubectl get` for built-in kinds: definitions and cells (`pkg/printers/internalversion`).

In: a manifest and the moment. Out: one cell for each column. Kinds without an entry show name and creation time, as
upstream's default does.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from katalog_runtime.objects import Manifest
from katalogc.localcluster.state import parse_timestamp

NONE = "<none>"
UNKNOWN = "<unknown>"


class Column(NamedTuple):
    """A column definition."""

    name: str
    cell: Callable[[Manifest, datetime], Any]
    type: str = "string"
    priority: int = 0
    """0 is always shown, 1 only in wide output."""


def human_duration(seconds: float) -> str:
    """`k8s.io/apimachinery/pkg/util/duration.HumanDuration`."""
    whole = int(seconds)
    if whole < -1:
        return "<invalid>"
    if whole < 0:
        return "0s"
    if whole < 120:
        return f"{whole}s"
    minutes = whole // 60
    if minutes < 10:
        return f"{minutes}m{whole % 60}s" if whole % 60 else f"{minutes}m"
    if minutes < 180:
        return f"{minutes}m"
    hours = whole // 3600
    if hours < 8:
        return f"{hours}h{minutes % 60}m" if minutes % 60 else f"{hours}h"
    if hours < 48:
        return f"{hours}h"
    days = hours // 24
    if hours < 192:
        return f"{days}d{hours % 24}h" if hours % 24 else f"{days}d"
    if days < 730:
        return f"{days}d"
    years = days // 365
    if years < 8:
        rest = days % 365
        return f"{years}y{rest}d" if rest else f"{years}y"
    return f"{years}y"


def since(text: Any, now: datetime) -> str:
    """The age of a time stamp."""
    if not isinstance(text, str) or not text:
        return UNKNOWN
    try:
        return human_duration((now - parse_timestamp(text)).total_seconds())
    except ValueError:
        return UNKNOWN


def at(*path: str, default: Any = NONE) -> Callable[[Manifest, datetime], Any]:
    """A cell that shows the value at a path."""

    def cell(manifest: Manifest, _: datetime) -> Any:
        value: Any = manifest
        for part in path:
            value = value.get(part) if isinstance(value, dict) else None
        return default if value in (None, "") else value

    return cell


def _age(manifest: Manifest, now: datetime) -> str:
    return since(manifest["metadata"].get("creationTimestamp"), now)


def _size(*fields: str) -> Callable[[Manifest, datetime], int]:
    return lambda manifest, _: sum(len(manifest.get(field) or ()) for field in fields)


def _labels(value: Any) -> str:
    if not value:
        return NONE
    return ",".join(f"{key}={text}" for key, text in sorted(value.items()))


def _selector(manifest: Manifest, _: datetime) -> str:
    selector = (manifest.get("spec") or {}).get("selector") or {}
    return _labels(selector.get("matchLabels") if "matchLabels" in selector else None)


def _containers(field: str) -> Callable[[Manifest, datetime], str]:
    def cell(manifest: Manifest, _: datetime) -> str:
        spec = manifest.get("spec") or {}
        spec = (spec.get("jobTemplate") or {}).get("spec") or spec
        template = (spec.get("template") or {}).get("spec") or {}
        return ",".join(str(each.get(field, "")) for each in template.get("containers") or ())

    return cell


def _ready_of(wanted: str) -> Callable[[Manifest, datetime], str]:
    def cell(manifest: Manifest, now: datetime) -> str:
        ready = at("status", "readyReplicas", default=0)(manifest, now)
        return f"{ready}/{at('spec', wanted, default=0)(manifest, now)}"

    return cell


def _pod_ready(manifest: Manifest, _: datetime) -> str:
    total = len((manifest.get("spec") or {}).get("containers") or ())
    statuses = (manifest.get("status") or {}).get("containerStatuses") or ()
    return f"{sum(1 for each in statuses if each.get('ready'))}/{total}"


def _pod_status(manifest: Manifest, _: datetime) -> str:
    if manifest["metadata"].get("deletionTimestamp"):
        return "Terminating"
    status = manifest.get("status") or {}
    for each in status.get("containerStatuses") or ():
        state = each.get("state") or {}
        for phase in ("waiting", "terminated"):
            if (state.get(phase) or {}).get("reason"):
                return str(state[phase]["reason"])
    return str(status.get("reason") or status.get("phase") or "")


def _restarts(manifest: Manifest, _: datetime) -> str:
    statuses = (manifest.get("status") or {}).get("containerStatuses") or ()
    return str(sum(each.get("restartCount", 0) for each in statuses))


def _external_address(manifest: Manifest, _: datetime) -> str:
    spec = manifest.get("spec") or {}
    if spec.get("type") == "ExternalName":
        return str(spec.get("externalName", ""))
    addresses = list(spec.get("externalIPs") or ())
    if spec.get("type") == "LoadBalancer":
        addresses += _load_balancer(manifest)
        return ",".join(addresses) or "<pending>"
    return ",".join(addresses) or NONE


def _load_balancer(manifest: Manifest) -> list[str]:
    ingress = ((manifest.get("status") or {}).get("loadBalancer") or {}).get("ingress") or ()
    return [each.get("ip") or each.get("hostname") or "" for each in ingress]


def _ports(manifest: Manifest, _: datetime) -> str:
    shown = []
    for port in (manifest.get("spec") or {}).get("ports") or ():
        node = f":{port['nodePort']}" if port.get("nodePort") else ""
        shown.append(f"{port.get('port')}{node}/{port.get('protocol', 'TCP')}")
    return ",".join(shown) or NONE


def _hosts(manifest: Manifest, _: datetime) -> str:
    rules = (manifest.get("spec") or {}).get("rules") or ()
    return ",".join(each["host"] for each in rules if each.get("host")) or "*"


def _job_status(manifest: Manifest, _: datetime) -> str:
    conditions = (manifest.get("status") or {}).get("conditions") or ()
    true = {each["type"] for each in conditions if each.get("status") == "True"}
    for name in ("Complete", "Failed"):
        if name in true:
            return name
    if manifest["metadata"].get("deletionTimestamp"):
        return "Terminating"
    return "Suspended" if "Suspended" in true else "Running"


def _completions(manifest: Manifest, now: datetime) -> str:
    done = at("status", "succeeded", default=0)(manifest, now)
    return f"{done}/{at('spec', 'completions', default=1)(manifest, now)}"


def _job_duration(manifest: Manifest, now: datetime) -> str:
    status = manifest.get("status") or {}
    start, end = status.get("startTime"), status.get("completionTime")
    if not start:
        return ""
    return since(start, parse_timestamp(end) if end else now)


def _involved(manifest: Manifest, _: datetime) -> str:
    target = manifest.get("involvedObject") or manifest.get("regarding") or {}
    return f"{str(target.get('kind', '')).lower()}/{target.get('name', '')}"


def _last_seen(manifest: Manifest, now: datetime) -> str:
    names = ("lastTimestamp", "deprecatedLastTimestamp", "eventTime", "firstTimestamp")
    return since(next((manifest[name] for name in names if manifest.get(name)), None), now)


def _node_status(manifest: Manifest, _: datetime) -> str:
    conditions = (manifest.get("status") or {}).get("conditions") or ()
    ready = any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)
    cordoned = ",SchedulingDisabled" if (manifest.get("spec") or {}).get("unschedulable") else ""
    return ("Ready" if ready else "NotReady") + cordoned


def _role_reference(manifest: Manifest, _: datetime) -> str:
    reference = manifest.get("roleRef") or {}
    return f"{reference.get('kind', '')}/{reference.get('name', '')}"


def _subjects(kind: str) -> Callable[[Manifest, datetime], str]:
    def cell(manifest: Manifest, _: datetime) -> str:
        found = [each for each in manifest.get("subjects") or () if each.get("kind") == kind]
        names = [
            f"{each['namespace']}/{each['name']}"
            if kind == "ServiceAccount" and "namespace" in each
            else each["name"]
            for each in found
        ]
        return ", ".join(names)

    return cell


NAME = Column("Name", at("metadata", "name"))
AGE = Column("Age", _age)
CREATED = Column("Created At", at("metadata", "creationTimestamp"), "date")
_WIDE_PODS = (
    Column("Containers", _containers("name"), priority=1),
    Column("Images", _containers("image"), priority=1),
)
_SELECTOR = Column("Selector", _selector, priority=1)


def _number(name: str, *path: str) -> Column:
    return Column(name, at(*path, default=0), "integer")


def _text_number(name: str, *path: str) -> Column:
    return Column(name, at(*path, default=0))


COLUMNS: dict[tuple[str, str], tuple[Column, ...]] = {
    ("", "configmaps"): (NAME, Column("Data", _size("data", "binaryData")), AGE),
    ("", "secrets"): (NAME, Column("Type", at("type")), Column("Data", _size("data")), AGE),
    ("", "namespaces"): (NAME, Column("Status", at("status", "phase")), AGE),
    ("", "serviceaccounts"): (NAME, AGE),
    ("", "pods"): (
        NAME,
        Column("Ready", _pod_ready),
        Column("Status", _pod_status),
        Column("Restarts", _restarts),
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
        Column("External-IP", _external_address),
        Column("Port(s)", _ports),
        AGE,
        Column(
            "Selector",
            lambda each, _: _labels((each.get("spec") or {}).get("selector")),
            priority=1,
        ),
    ),
    ("", "nodes"): (
        NAME,
        Column("Status", _node_status),
        Column("Roles", lambda _, __: NONE),
        AGE,
        Column("Version", at("status", "nodeInfo", "kubeletVersion")),
    ),
    ("", "events"): (
        Column("Last Seen", _last_seen),
        Column("Type", at("type", default="")),
        Column("Reason", at("reason", default="")),
        Column("Object", _involved),
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
        Column("Capacity", at("status", "capacity", "storage", default="")),
        Column(
            "Access Modes",
            lambda each, _: ",".join((each.get("spec") or {}).get("accessModes") or ()),
        ),
        Column("StorageClass", at("spec", "storageClassName", default="")),
        Column("VolumeAttributesClass", at("spec", "volumeAttributesClassName", default="<unset>")),
        AGE,
        Column("VolumeMode", at("spec", "volumeMode", default="<unset>"), priority=1),
    ),
    ("apps", "deployments"): (
        NAME,
        Column("Ready", _ready_of("replicas")),
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
    ("apps", "statefulsets"): (NAME, Column("Ready", _ready_of("replicas")), AGE, *_WIDE_PODS),
    ("apps", "daemonsets"): (
        NAME,
        _number("Desired", "status", "desiredNumberScheduled"),
        _number("Current", "status", "currentNumberScheduled"),
        _number("Ready", "status", "numberReady"),
        _number("Up-to-date", "status", "updatedNumberScheduled"),
        _number("Available", "status", "numberAvailable"),
        Column(
            "Node Selector",
            lambda each, _: _labels(
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
        Column("Status", _job_status),
        Column("Completions", _completions),
        Column("Duration", _job_duration),
        AGE,
        *_WIDE_PODS,
        _SELECTOR,
    ),
    ("batch", "cronjobs"): (
        NAME,
        Column("Schedule", at("spec", "schedule")),
        Column("Timezone", at("spec", "timeZone")),
        Column("Suspend", at("spec", "suspend", default=False), "boolean"),
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
        Column("Hosts", _hosts),
        Column("Address", lambda each, _: ",".join(_load_balancer(each))),
        Column("Ports", lambda each, _: "80, 443" if (each.get("spec") or {}).get("tls") else "80"),
        AGE,
    ),
    ("networking.k8s.io", "networkpolicies"): (
        NAME,
        Column(
            "Pod-Selector",
            lambda each, _: _labels(
                ((each.get("spec") or {}).get("podSelector") or {}).get("matchLabels")
            ),
        ),
        AGE,
    ),
    ("policy", "poddisruptionbudgets"): (
        NAME,
        Column("Min Available", at("spec", "minAvailable", default="N/A")),
        Column("Max Unavailable", at("spec", "maxUnavailable", default="N/A")),
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
    Column("Role", _role_reference),
    AGE,
    Column("Users", _subjects("User"), priority=1),
    Column("Groups", _subjects("Group"), priority=1),
    Column("ServiceAccounts", _subjects("ServiceAccount"), priority=1),
)
COLUMNS["rbac.authorization.k8s.io", "rolebindings"] = _BINDING
COLUMNS["rbac.authorization.k8s.io", "clusterrolebindings"] = _BINDING
COLUMNS["", "replicationcontrollers"] = COLUMNS["apps", "replicasets"]
COLUMNS["events.k8s.io", "events"] = COLUMNS["", "events"]
DEFAULT_COLUMNS = (NAME, CREATED)
