"""Bundles, views and objects for the tests of routes, pages and metrics."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from katalog_runtime.bundle import (
    ApiType,
    Bundle,
    ChildTemplate,
    Controller,
    Operator,
    Permission,
    Template,
)
from katalog_runtime.health import LeadershipView, Verdict
from katalog_runtime.katalog_shapes import ProcessView
from katalog_runtime.objects import FINALIZER, NamespacedName
from katalog_runtime.observe import ChildView, ControllerView, InformerView, ObjectView

NOW = datetime(2026, 7, 2, 12, 0, tzinfo=UTC)
GROUP = "data.demo.orkestra.io"
CONFIG_MAPS = ApiType(group="", version="v1", kind="ConfigMap", plural="configmaps")
REPLICA_SETS = ApiType(group="apps", version="v1", kind="ReplicaSet", plural="replicasets")
ALONE = LeadershipView(enabled=False, leading=True)


def child(identity: str, api: ApiType, phase: str) -> ChildTemplate:
    return ChildTemplate(
        id=identity,
        phase=phase,  # type: ignore[arg-type]  # onCreate or onReconcile, as the test says
        api=api,
        sync="apply",
        manifest=Template(skeleton={"metadata": {"name": "x"}}),
        origin="katalog.yaml:1:1",
    )


def controller(name: str = "data-job", kind: str = "DataJob", **changes: Any) -> Controller:
    facts = {
        "name": name,
        "api": ApiType(group=GROUP, version="v1alpha1", kind=kind, plural=f"{kind.lower()}s"),
        "description": "A batch job over a dataset.",
        "namespaces": ("demo-05",),
        "finalizers": (FINALIZER,),
        "children": (
            child("onCreate.configMaps[0]", CONFIG_MAPS, "onCreate"),
            child("motif.worker-pool.replicaSets[0]", REPLICA_SETS, "onReconcile"),
        ),
    }
    return Controller(**(facts | changes))


def bundle(*controllers: Controller, **changes: Any) -> Bundle:
    rules = [
        Permission(group=GROUP, resource="datajobs", verbs=("list", "watch", "update"),
                   reason="watches its custom resources", controller="data-job"),
        Permission(group="", resource="configmaps", verbs=("get", "create"),
                   reason="creates the job's settings", controller="data-job"),
        Permission(group="", resource="events", verbs=("create",), reason="tells what happened"),
    ]  # fmt: skip
    facts = {
        "compiler": "0.1.0",
        "operator": Operator(name="data-platform", version="0.1.0", description="Pipelines"),
        "controllers": controllers or (controller(),),
        "permissions": tuple(rules),
        "pages": {"data-job": "<h1>data-job</h1>"},
        "digest": "sha256:" + "ab" * 32,
    }
    return Bundle(**(facts | changes))


def informer(api: ApiType, **changes: Any) -> InformerView:
    facts = {"api": api, "namespace": "demo-05", "synced": True, "trouble": "",
             "silent_seconds": 3.0, "fresh": True, "lists": 1, "watch_ends": 0}  # fmt: skip
    return InformerView(**(facts | changes))


def view(spec: Controller, **changes: Any) -> ControllerView:
    facts: dict[str, Any] = {
        "name": spec.name, "api": spec.api, "state": "healthy", "active": True, "synced": True,
        "missing": (), "informers": (informer(spec.api), informer(CONFIG_MAPS)),
        "started_at": NOW - timedelta(hours=52, minutes=44, seconds=37), "workers": 3,
        "workers_busy": 1, "resync_seconds": 15.0, "queue_depth": 2, "queue_max_depth": 100,
        "queue_overflowed": 0, "queue_oldest_seconds": 0.2, "resource_count": 12,
        "ready_count": 11, "child_count": 24, "total_reconciles": 400, "failed_reconciles": 4,
        "consecutive_failures": 0, "error_rate": 0.01, "last_error": "", "degraded_reason": "",
        "last_reconcile": NOW - timedelta(seconds=4),
    }  # fmt: skip
    return ControllerView(**(facts | changes))


def process(
    of: Bundle | None = None,
    *views: ControllerView,
    leadership: LeadershipView = ALONE,
    reasons: tuple[str, ...] = (),
) -> ProcessView:
    made = of or bundle()
    given = {each.name: each for each in views}
    return ProcessView(
        bundle=made,
        views={spec.name: given.get(spec.name) or view(spec) for spec in made.controllers},
        leadership=leadership,
        readiness=Verdict(ok=not reasons, reasons=reasons),
        liveness=Verdict(ok=True),
        started_at=NOW - timedelta(hours=52, minutes=44, seconds=37),
        now=NOW,
    )


def owner(name: str = "nightly", namespace: str = "demo-05", **changes: Any) -> ObjectView:
    manifest = {
        "apiVersion": f"{GROUP}/v1alpha1",
        "kind": "DataJob",
        "metadata": {
            "name": name, "namespace": namespace, "uid": f"uid-{name}", "generation": 2,
            "creationTimestamp": "2026-07-02T11:55:28Z", "labels": {"team": "data"},
            "annotations": {
                "orkestra.orkspace.io/managed-by": "data-platform",
                "kubectl.kubernetes.io/last-applied-configuration": '{"kind": "DataJob"}',
                "note": "kept",
            },
        },
        "spec": {"parallelism": 3, "stages": [{"name": "load"}]},
        "status": {"phase": "Running"},
    }  # fmt: skip
    found = ObjectView(
        key=NamespacedName(namespace, name),
        manifest=manifest,
        ready="True",
        ready_reason="ReconcileSucceeded",
        ready_message="",
        children=(
            ChildView(id="onCreate.configMaps[0]", api=CONFIG_MAPS, phase="onCreate",
                      key=NamespacedName(namespace, f"{name}-job"), resource_version="7",
                      deleting=False),
        ),
    )  # fmt: skip
    return replace(found, **changes)
