"""The JSON of `/katalog`, `/katalog/{crd}` and `/katalog/{crd}/health`. Pure: views in, dicts out.

The names and their types are those of the system whose Control Center reads these routes, so that
it can be pointed at this runtime; what we do not have (webhooks, gateway, providers) is absent or
false. `isKonductor` is its word for "this process leads". `errorRate` counts in percent.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from katalog_runtime.bundle import Bundle, Controller
from katalog_runtime.health import LeadershipView, Verdict
from katalog_runtime.observe import ControllerView
from katalog_runtime.spans import go_duration, rfc3339
from katalog_runtime.version import __version__

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessView:
    """The whole process at one moment; what every route and page is made from."""

    bundle: Bundle
    views: Mapping[str, ControllerView]
    """By controller name; every controller of the bundle has one."""
    leadership: LeadershipView
    readiness: Verdict
    liveness: Verdict
    started_at: datetime
    now: datetime

    @property
    def leads(self) -> bool:
        """Whether this process reconciles: alone, or as the elected one."""
        return self.leadership.leading or not self.leadership.enabled


def find_controller(bundle: Bundle, name: str) -> Controller | None:
    """The controller that a route names, whatever its letters' case."""
    wanted = name.lower()
    return next((each for each in bundle.controllers if each.name.lower() == wanted), None)


def gvk(spec: Controller) -> str:
    """`group/version, Kind=Kind`, as apimachinery prints it."""
    return f"{spec.api.api_version}, Kind={spec.api.kind}"


def katalog(process: ProcessView) -> tuple[int, Json]:
    """`/katalog`: HTTP status (503 when a CRD is degraded) and body."""
    bundle = process.bundle
    operator = bundle.operator
    degraded = [name for name, view in process.views.items() if view.state == "degraded"]
    status = 503 if degraded else 200
    counts = _status_counts(process.views.values())
    body: Json = {
        "name": operator.name,
        "version": operator.version,
        "description": operator.description,
        "author": operator.author,
        "license": operator.license,
        "createdBy": "katalogc",
        "runtimeVersion": __version__,
        "compilerVersion": bundle.compiler,
        "digest": bundle.digest,
        "clusterName": "",
        "projects": [],
        "gatewayEndpoint": "",
        "crds": [summary(process, spec) for spec in bundle.controllers],
        "total": len(bundle.controllers),
        "totalEnabled": len(bundle.controllers),
        "totalDegraded": len(degraded),
        "OrkReady": process.readiness.ok,
        "isKonductor": process.leads,
        "deletionProtection": False,
        "healthy": not degraded,
        "status": status,
        "statusCounts": counts,
        "namespaces": {
            operator.tenant: {
                "crds": [spec.name for spec in bundle.controllers],
                "statusCounts": counts,
                "healthy": not degraded,
                "description": operator.description,
                "version": operator.version,
                "workers": sum(view.workers for view in process.views.values()),
                "resources": sum(view.resource_count for view in process.views.values()),
            }
        },
    }
    if degraded:
        body["degradedReason"] = f"{len(degraded)} degraded: {', '.join(sorted(degraded))}"
    return status, body


def summary(process: ProcessView, spec: Controller) -> Json:
    """One entry of `crds`."""
    view = process.views[spec.name]
    name = spec.name.lower()
    return {
        **_identity(spec),
        **_settings(spec, view),
        **_vitals(process, view),
        "dependsOn": list(spec.depends_on),
        "hasUnhealthyDependencies": _has_unhealthy_dependencies(process, spec),
        "workersActive": view.workers_busy,
        "operatorBox": {
            "type": "dynamic",
            "hasTemplates": bool(spec.children),
            "hasHooks": False,
            "hasConstructor": False,
        },
        "endpoints": {
            "health": f"/katalog/{name}/health",
            "info": f"/katalog/{name}",
            "healthEnabled": True,
            "infoEnabled": True,
        },
        "rbacCount": len(_rules(process.bundle, spec)),
        "deletionProtection": False,
        "katalogNamespace": process.bundle.operator.tenant,
        "serveEnabled": False,
        "gated": False,
        "gatedReason": "",
    }


def crd(process: ProcessView, spec: Controller) -> Json:
    """`/katalog/{crd}`: the summary, and besides it the configuration and figures in full."""
    view = process.views[spec.name]
    idle = max(0, view.workers - view.workers_busy)
    rules = _rules(process.bundle, spec)
    counted = Counter(rule["resources"][0] for rule in rules)
    brief = summary(process, spec)
    return {
        **brief,
        "isKonductor": process.leads,
        "workersIdle": idle,
        "workersProcessing": view.workers_busy,
        "workerDetails": {
            str(number): "processing" if number < view.workers_busy else "idle"
            for number in range(view.workers)
        },
        "totalReconciles": view.total_reconciles,
        "operatorBox": {
            **brief["operatorBox"],
            "finalizers": {"source": "default", "values": list(spec.finalizers)},
            "hooks": {"configured": False, "source": "", "location": "", "function": ""},
            "constructor": {"configured": False},
            "templates": _template_counts(spec),
        },
        "rbac": {
            "rules": rules,
            "summary": ", ".join(f"{count} {name}" for name, count in sorted(counted.items())),
            "totalRules": len(rules),
        },
        "autoscalerEnabled": False,
        "autoscalerWorkers": 0,
        "metrics": {
            "workers": view.workers,
            "queueDepth": view.queue_depth,
            "errorRate": view.error_rate,
            "successRate": round(1 - view.error_rate, 4),
        },
        "informers": [
            {
                "resource": str(each.api.group_resource),
                "namespace": each.namespace,
                "synced": each.synced,
                "fresh": each.fresh,
                "trouble": each.trouble,
                "silentSeconds": round(each.silent_seconds, 1),
            }
            for each in view.informers
        ],
    }


def crd_health(process: ProcessView, spec: Controller) -> tuple[int, Json]:
    """`/katalog/{crd}/health`: HTTP status and body, which repeats it."""
    view = process.views[spec.name]
    status = 503 if view.state == "degraded" else 200
    body: Json = {
        "name": spec.name,
        **_vitals(process, view),
        "status": status,
        "isKonductor": process.leads,
        "queueDepth": view.queue_depth,
        "consecutiveFails": view.consecutive_failures,
        "totalReconciles": view.total_reconciles,
        "lastError": view.last_error,
        "lastReconcile": rfc3339(view.last_reconcile),
        "hasUnhealthyDependencies": _has_unhealthy_dependencies(process, spec),
        "dependencies": {name: _dependency(process, name) for name in spec.depends_on},
    }
    if view.missing:
        body["missing"] = True
        body["missingResources"] = list(view.missing)
    if view.degraded_reason:
        body["degradedReason"] = view.degraded_reason
    return status, body


def _identity(spec: Controller) -> Json:
    return {
        "name": spec.name,
        "description": spec.description,
        "mode": "dynamic",
        "gvk": gvk(spec),
        "gvr": f"{spec.api.api_version}, Resource={spec.api.plural}",
        "namespaced": spec.api.namespaced,
        "namespace": ",".join(spec.namespaces),
        "crossAccess": False,
        "target": spec.api.kind.lower(),
        "aliases": [],
    }


def _settings(spec: Controller, view: ControllerView) -> Json:
    def source(value: object) -> str:
        return "default" if value is None else "configured"

    return {
        "workers": view.workers,
        "workersSource": source(spec.workers),
        "resync": go_duration(view.resync_seconds),
        "resyncSource": source(spec.resync_seconds),
        "queueDepth": view.queue_depth,
        "maxDepth": view.queue_max_depth,
        "maxDepthSource": source(spec.queue_depth),
    }


def _vitals(process: ProcessView, view: ControllerView) -> Json:
    uptime = (process.now - view.started_at).total_seconds() if view.started_at else 0.0
    return {
        "state": view.state,
        # A CRD that just started has not failed; only `degraded` is unhealthy and `pending`
        # unknown.
        "healthy": view.state in ("healthy", "started"),
        "started": view.started_at is not None,
        "pending": view.state == "pending",
        "startedAt": rfc3339(view.started_at),
        "uptime": go_duration(uptime),
        "errorRate": round(view.error_rate * 100, 2),
        "resourceCount": view.resource_count,
        "readyCount": view.ready_count,
    }


def _status_counts(views: Any) -> Json:
    counts = Counter(view.state for view in views)
    return {state: counts[state] for state in ("healthy", "degraded", "started", "pending")}


def _dependency(process: ProcessView, name: str) -> Json:
    view = process.views.get(name)
    state = view.state if view else "missing"
    return {
        "Name": name,
        "State": state,
        "Condition": "started",
        "AcceptableCondition": "started",
        "Satisfied": state in ("started", "healthy"),
    }


def _has_unhealthy_dependencies(process: ProcessView, spec: Controller) -> bool:
    return any(not _dependency(process, name)["Satisfied"] for name in spec.depends_on)


def _template_counts(spec: Controller) -> Json:
    """Children per phase and block of the language: `{"onCreate": {"configMaps": 1}}`.

    Where `onReconcile` holds nothing of its own and `onCreate` holds what is repaired (`reconcile:
    true`), that is where `onReconcile` is said to come from.
    """
    phases: dict[str, Counter[str]] = {}
    for child in spec.children:
        block = child.id.rpartition(".")[2].partition("[")[0]
        phases.setdefault(child.phase, Counter())[block] += 1
    found: Json = {phase: dict(sorted(counts.items())) for phase, counts in sorted(phases.items())}
    if "onReconcile" not in found and any(child.sync == "apply" for child in spec.children):
        found["onReconcile"] = {"source": "auto", "from": "onCreate[reconcile:true]"}
    return found


def _rules(bundle: Bundle, spec: Controller) -> list[Json]:
    granted: Sequence[Any] = [each for each in bundle.permissions if each.controller == spec.name]
    return [
        {
            "apiGroups": [each.group or "core"],
            "resources": [each.resource],
            "verbs": list(each.verbs),
            "description": each.reason,
        }
        for each in granted
    ]
