"""The cells of `kubectl get` for nodes, quotas, claims and autoscalers.

In: a manifest and the moment. Out: what one cell shows, as in
`k8s.io/kubernetes/pkg/printers/internalversion`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from katalog_runtime.objects import Manifest
from katalogc.localcluster.printer_cells import NONE, UNKNOWN

_ROLE_LABEL = "node-role.kubernetes.io/"
_SHOWN_METRICS = 2
_ACCESS_MODES = {
    "ReadWriteOnce": "RWO",
    "ReadOnlyMany": "ROX",
    "ReadWriteMany": "RWX",
    "ReadWriteOncePod": "RWOP",
}


def node_status(manifest: Manifest, _: datetime) -> str:
    """Whether a node is ready."""
    conditions = (manifest.get("status") or {}).get("conditions") or ()
    ready = next((each for each in conditions if each.get("type") == "Ready"), None)
    text = "Unknown" if ready is None else "Ready" if ready["status"] == "True" else "NotReady"
    cordoned = ",SchedulingDisabled" if (manifest.get("spec") or {}).get("unschedulable") else ""
    return text + cordoned


def node_roles(manifest: Manifest, _: datetime) -> str:
    """The roles that a node's labels name."""
    labels: dict[str, str] = manifest["metadata"].get("labels") or {}
    roles = {name.removeprefix(_ROLE_LABEL) for name in labels if name.startswith(_ROLE_LABEL)}
    if "kubernetes.io/role" in labels:
        roles.add(labels["kubernetes.io/role"])
    return ",".join(sorted(role for role in roles if role)) or NONE


def node_address(kind: str) -> Callable[[Manifest, datetime], str]:
    """A node's first address of a kind."""

    def cell(manifest: Manifest, _: datetime) -> str:
        addresses = (manifest.get("status") or {}).get("addresses") or ()
        return next((each["address"] for each in addresses if each.get("type") == kind), NONE)

    return cell


def quota_text(*, limits: bool) -> Callable[[Manifest, datetime], str]:
    """`resource: used/hard` of a quota's limits, or of everything else."""

    def cell(manifest: Manifest, _: datetime) -> str:
        status = manifest.get("status") or {}
        hard, used = status.get("hard") or {}, status.get("used") or {}
        names = [name for name in sorted(hard) if name.startswith("limits.") == limits]
        return ", ".join(f"{name}: {used.get(name, '0')}/{hard[name]}" for name in names)

    return cell


def claim_capacity(manifest: Manifest, _: datetime) -> str:
    """What a bound claim got."""
    if not (manifest.get("spec") or {}).get("volumeName"):
        return ""
    capacity = (manifest.get("status") or {}).get("capacity") or {}
    return str(capacity.get("storage", ""))


def claim_access_modes(manifest: Manifest, _: datetime) -> str:
    """How a bound claim may be mounted."""
    if not (manifest.get("spec") or {}).get("volumeName"):
        return ""
    modes = (manifest.get("status") or {}).get("accessModes") or ()
    return ",".join(short for mode, short in _ACCESS_MODES.items() if mode in modes)


def scale_target(manifest: Manifest, _: datetime) -> str:
    """`Kind/name` of what an autoscaler scales."""
    target = (manifest.get("spec") or {}).get("scaleTargetRef") or {}
    return f"{target.get('kind', '')}/{target.get('name', '')}"


def minimum_pods(manifest: Manifest, _: datetime) -> str:
    """An autoscaler's lower limit."""
    least = (manifest.get("spec") or {}).get("minReplicas")
    return "<unset>" if least is None else str(least)


def metrics_text(manifest: Manifest, _: datetime) -> str:
    """An autoscaler's metrics, `name: current/target`; the first two."""
    wanted = (manifest.get("spec") or {}).get("metrics") or []
    if not wanted:
        return NONE
    current = (manifest.get("status") or {}).get("currentMetrics") or []
    current = current + [{}] * (len(wanted) - len(current))
    shown = [_metric(each, now) for each, now in zip(wanted, current, strict=False)]
    text = ", ".join(shown[:_SHOWN_METRICS])
    more = len(shown) - _SHOWN_METRICS
    return f"{text} + {more} more..." if more > 0 else text


def _metric(wanted: Manifest, current: Manifest) -> str:
    kind = str(wanted.get("type", ""))
    field = kind[:1].lower() + kind[1:]
    spec, status = wanted.get(field) or {}, current.get(field) or {}
    target, now = spec.get("target") or {}, status.get("current") or {}
    if kind in ("Resource", "ContainerResource"):
        if target.get("averageValue") is not None:
            return f"{spec.get('name', '')}: {_known(now, 'averageValue')}/{target['averageValue']}"
        share = _known(now, "averageUtilization", "%")
        goal = target.get("averageUtilization")
        return f"{spec.get('name', '')}: {share}/{'<auto>' if goal is None else f'{goal}%'}"
    if kind == "Pods":
        return f"{_known(now, 'averageValue')}/{target.get('averageValue', '')}"
    if target.get("averageValue") is not None:
        return f"{_known(now, 'averageValue')}/{target['averageValue']} (avg)"
    return f"{_known(now, 'value')}/{target.get('value', '')}"


def _known(value: Manifest, field: str, unit: str = "") -> Any:
    found = value.get(field)
    return UNKNOWN if found is None else f"{found}{unit}"
