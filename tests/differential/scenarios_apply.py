"""Server-side apply: ownership, conflicts, hand-over between managers and operations."""

from __future__ import annotations

from typing import Any

from tests.differential.scenarios_objects import (
    DEPLOYMENTS,
    MAPS,
    REPLICA_SETS,
    config_map,
    workload,
)
from tests.differential.steps import Scenario, apply, create, delete, get, json_patch, merge, put

HAND_OVER: dict[str, Any] = {"op": "replace", "path": "/metadata/managedFields/0/operation",
                             "value": "Apply"}  # fmt: skip


def _retired(position: int, operation: str) -> tuple[dict[str, Any], ...]:
    """Take an entry away, if it is still the one that stands there."""
    path = f"/metadata/managedFields/{position}"
    return (
        {"op": "test", "path": f"{path}/manager", "value": "katalogc"},
        {"op": "test", "path": f"{path}/operation", "value": operation},
        {"op": "remove", "path": path},
    )


def _scaled(replicas: int) -> dict[str, Any]:
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"},
            "spec": {"replicas": replicas}}  # fmt: skip


SCENARIOS = (
    Scenario(
        name="apply-creates-and-updates",
        watch=MAPS,
        steps=(
            apply(f"{MAPS}/a", config_map("a", one="1", two="2")),
            apply(f"{MAPS}/a", config_map("a", one="1", two="2")),
            apply(f"{MAPS}/a", config_map("a", one="1")),
            apply(f"{MAPS}/a", config_map("a", one="9"), "second"),
            apply(f"{MAPS}/a", config_map("a", one="9"), "second", force="true"),
            apply(f"{MAPS}/a", config_map("a"), "second"),
            apply(f"{MAPS}/a", config_map("a", three="3")),
            get(f"{MAPS}/a"),
        ),
    ),
    Scenario(
        name="apply-shares-fields",
        steps=(
            apply(f"{MAPS}/a", config_map("a", one="1")),
            apply(f"{MAPS}/a", config_map("a", one="1"), "second"),
            apply(f"{MAPS}/a", config_map("a")),
            apply(f"{MAPS}/a", config_map("a"), "second"),
        ),
    ),
    Scenario(
        name="apply-after-update",
        steps=(
            create(MAPS, config_map("a", one="1", two="2"), fieldManager="katalogc"),
            apply(f"{MAPS}/a", config_map("a", one="5"), "katalogc"),
            apply(f"{MAPS}/a", config_map("a", one="5"), "katalogc", force="true"),
            merge(f"{MAPS}/a", {"data": {"two": "by hand"}}, fieldManager="kubectl-edit"),
            apply(f"{MAPS}/a", config_map("a", two="mine"), "katalogc"),
            get(f"{MAPS}/a"),
        ),
    ),
    Scenario(
        name="post-then-hand-over-then-apply",
        steps=(
            create(MAPS, config_map("a", one="1", two="2"), fieldManager="katalogc"),
            json_patch(f"{MAPS}/a", HAND_OVER, fieldManager="katalogc"),
            apply(f"{MAPS}/a", config_map("a", one="5"), "katalogc", force="true"),
            get(f"{MAPS}/a"),
        ),
    ),
    Scenario(
        name="apply-takes-the-place-of-an-update",
        steps=(
            create(MAPS, config_map("a", one="1", two="2"), fieldManager="katalogc"),
            merge(f"{MAPS}/a", {"data": {"one": "by hand"}}, fieldManager="by-hand"),
            apply(f"{MAPS}/a", config_map("a", one="1", two="2"), "katalogc", force="true"),
            json_patch(f"{MAPS}/a", *_retired(0, "Update"), fieldManager="katalogc"),
            json_patch(f"{MAPS}/a", *_retired(1, "Update"), fieldManager="katalogc"),
            json_patch(f"{MAPS}/a", *_retired(1, "Update"), fieldManager="katalogc"),
            apply(f"{MAPS}/a", config_map("a", one="1"), "katalogc", force="true"),
            get(f"{MAPS}/a"),
        ),
    ),
    Scenario(
        name="apply-lists-by-key",
        steps=(
            apply(f"{DEPLOYMENTS}/web", workload("web")),
            apply(f"{DEPLOYMENTS}/web", _scaled(3), "scaler"),
            apply(f"{DEPLOYMENTS}/web", _scaled(4), "other"),
            merge(f"{DEPLOYMENTS}/web", {"spec": {"replicas": 7}}, fieldManager="by-hand"),
            apply(f"{DEPLOYMENTS}/web", _scaled(3), "scaler"),
            apply(f"{DEPLOYMENTS}/web", {
                "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"},
                "spec": {"template": {"spec": {"containers": [
                    {"name": "main", "env": [{"name": "A", "value": "1"}]},
                    {"name": "side", "image": "busybox:1"}]}}}}, "sidecar"),
            apply(f"{DEPLOYMENTS}/web", {"apiVersion": "apps/v1", "kind": "Deployment",
                                         "metadata": {"name": "web"}}, "sidecar"),
            get(f"{DEPLOYMENTS}/web"),
        ),
    ),
    Scenario(
        name="apply-refusals",
        steps=(
            apply(f"{MAPS}/a", config_map("b")),
            apply(f"{MAPS}/a", {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a"}}),
            apply(f"{MAPS}/a", {**config_map("a"), "metadata": {"name": "a", "managedFields": [{
                "manager": "x", "operation": "Apply"}]}}),
            apply(f"{MAPS}/a", {**config_map("a"), "metadata": {"name": "a", "uid": "x"}}),
            merge(f"{MAPS}/a", {"data": {"a": "b"}}),
            apply(f"{REPLICA_SETS}/a", {"apiVersion": "apps/v1", "kind": "ReplicaSet",
                                        "metadata": {"name": "a"}, "spec": {"replicas": "three"}}),
        ),
    ),
    Scenario(
        name="managed-fields-by-hand",
        steps=(
            apply(f"{MAPS}/a", config_map("a", one="1")),
            merge(f"{MAPS}/a", {"metadata": {"managedFields": [{}]}}),
            apply(f"{MAPS}/a", config_map("a", one="1"), "second"),
            put(f"{MAPS}/a", config_map("a", one="2"), fieldManager="putter"),
            delete(f"{MAPS}/a"),
        ),
    ),
)  # fmt: skip
