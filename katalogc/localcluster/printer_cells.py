"""The cells of `kubectl get` for built-in kinds (`k8s.io/kubernetes/pkg/printers/internalversion`).

In: a manifest and the moment. Out: what one cell shows. Ages are computed on the server, so the
moment is an argument.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from katalog_runtime.objects import Manifest
from katalogc.localcluster.state import parse_timestamp

Cell = Callable[[Manifest, datetime], Any]

NONE = "<none>"
UNKNOWN = "<unknown>"


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


def text_at(*path: str, default: str = NONE) -> Callable[[Manifest, datetime], str]:
    """A cell that shows the value at a path as text, a number or a percentage."""
    found = at(*path, default=default)
    return lambda manifest, now: str(found(manifest, now))


def age(manifest: Manifest, now: datetime) -> str:
    """Time since creation."""
    return since(manifest["metadata"].get("creationTimestamp"), now)


def size_of(*fields: str) -> Callable[[Manifest, datetime], int]:
    """How many entries the given maps have together."""
    return lambda manifest, _: sum(len(manifest.get(field) or ()) for field in fields)


def labels_text(value: Any) -> str:
    """Labels in the notation of selectors."""
    if not value:
        return NONE
    return ",".join(f"{key}={text}" for key, text in sorted(value.items()))


def selector_text(manifest: Manifest, _: datetime) -> str:
    """The label selector's exact labels."""
    selector = (manifest.get("spec") or {}).get("selector") or {}
    return labels_text(selector.get("matchLabels") if "matchLabels" in selector else None)


def containers_of(field: str) -> Callable[[Manifest, datetime], str]:
    """One field of every container."""

    def cell(manifest: Manifest, _: datetime) -> str:
        spec = manifest.get("spec") or {}
        spec = (spec.get("jobTemplate") or {}).get("spec") or spec
        template = (spec.get("template") or {}).get("spec") or {}
        return ",".join(str(each.get(field, "")) for each in template.get("containers") or ())

    return cell


def ready_of(wanted: str) -> Callable[[Manifest, datetime], str]:
    """`ready/wanted`."""

    def cell(manifest: Manifest, now: datetime) -> str:
        ready = at("status", "readyReplicas", default=0)(manifest, now)
        return f"{ready}/{at('spec', wanted, default=0)(manifest, now)}"

    return cell


def pod_ready(manifest: Manifest, _: datetime) -> str:
    """Ready containers of all."""
    total = len((manifest.get("spec") or {}).get("containers") or ())
    statuses = (manifest.get("status") or {}).get("containerStatuses") or ()
    return f"{sum(1 for each in statuses if each.get('ready'))}/{total}"


def pod_status(manifest: Manifest, _: datetime) -> str:
    """The phase, or what keeps a container."""
    if manifest["metadata"].get("deletionTimestamp"):
        return "Terminating"
    status = manifest.get("status") or {}
    for each in status.get("containerStatuses") or ():
        state = each.get("state") or {}
        for phase in ("waiting", "terminated"):
            if (state.get(phase) or {}).get("reason"):
                return str(state[phase]["reason"])
    return str(status.get("reason") or status.get("phase") or "")


def restarts(manifest: Manifest, _: datetime) -> str:
    """Restarts of all containers together."""
    statuses = (manifest.get("status") or {}).get("containerStatuses") or ()
    return str(sum(each.get("restartCount", 0) for each in statuses))


def external_address(manifest: Manifest, _: datetime) -> str:
    """What a Service is reached by from outside."""
    spec = manifest.get("spec") or {}
    if spec.get("type") == "ExternalName":
        return str(spec.get("externalName", ""))
    addresses = list(spec.get("externalIPs") or ())
    if spec.get("type") == "LoadBalancer":
        addresses += load_balancer(manifest)
        return ",".join(addresses) or "<pending>"
    return ",".join(addresses) or NONE


def load_balancer(manifest: Manifest) -> list[str]:
    """The addresses of a load balancer."""
    ingress = ((manifest.get("status") or {}).get("loadBalancer") or {}).get("ingress") or ()
    return [each.get("ip") or each.get("hostname") or "" for each in ingress]


def ports_text(manifest: Manifest, _: datetime) -> str:
    """`80:30080/TCP`."""
    shown = []
    for port in (manifest.get("spec") or {}).get("ports") or ():
        node = f":{port['nodePort']}" if port.get("nodePort") else ""
        shown.append(f"{port.get('port')}{node}/{port.get('protocol', 'TCP')}")
    return ",".join(shown) or NONE


def hosts_text(manifest: Manifest, _: datetime) -> str:
    """The hosts of an Ingress."""
    rules = (manifest.get("spec") or {}).get("rules") or ()
    return ",".join(each["host"] for each in rules if each.get("host")) or "*"


def job_status(manifest: Manifest, _: datetime) -> str:
    """How a Job stands."""
    conditions = (manifest.get("status") or {}).get("conditions") or ()
    true = {each["type"] for each in conditions if each.get("status") == "True"}
    for name in ("Complete", "Failed"):
        if name in true:
            return name
    if manifest["metadata"].get("deletionTimestamp"):
        return "Terminating"
    return "Suspended" if "Suspended" in true else "Running"


def suspended(manifest: Manifest, _: datetime) -> str:
    """Whether a CronJob is suspended, in words."""
    found = (manifest.get("spec") or {}).get("suspend")
    return "<unset>" if found is None else str(found)


def completions(manifest: Manifest, now: datetime) -> str:
    """`succeeded/wanted`."""
    done = at("status", "succeeded", default=0)(manifest, now)
    return f"{done}/{at('spec', 'completions', default=1)(manifest, now)}"


def job_duration(manifest: Manifest, now: datetime) -> str:
    """How long a Job took, or has been taking."""
    status = manifest.get("status") or {}
    start, end = status.get("startTime"), status.get("completionTime")
    if not start:
        return ""
    return since(start, parse_timestamp(end) if end else now)


def involved_object(manifest: Manifest, _: datetime) -> str:
    """What an Event is about."""
    target = manifest.get("involvedObject") or manifest.get("regarding") or {}
    return f"{str(target.get('kind', '')).lower()}/{target.get('name', '')}"


def last_seen(manifest: Manifest, now: datetime) -> str:
    """When an Event was seen last."""
    names = ("lastTimestamp", "deprecatedLastTimestamp", "eventTime", "firstTimestamp")
    return since(next((manifest[name] for name in names if manifest.get(name)), None), now)


def role_reference(manifest: Manifest, _: datetime) -> str:
    """`Kind/name` of a role."""
    reference = manifest.get("roleRef") or {}
    return f"{reference.get('kind', '')}/{reference.get('name', '')}"


def subjects_of(kind: str) -> Callable[[Manifest, datetime], str]:
    """The subjects of one kind."""

    def cell(manifest: Manifest, _: datetime) -> str:
        found = [each for each in manifest.get("subjects") or () if each.get("kind") == kind]
        names = [
            f"{each.get('namespace', '')}/{each['name']}"
            if kind == "ServiceAccount"
            else each["name"]
            for each in found
        ]
        return ", ".join(names)

    return cell
