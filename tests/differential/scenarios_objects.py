"""Objects of built-in types: their life, names, validation, defaults, patches."""

from __future__ import annotations

from typing import Any

from tests.differential.steps import (
    Scenario,
    create,
    delete,
    get,
    json_patch,
    merge,
    put,
    strategic,
)

MAPS = "/api/v1/namespaces/{ns}/configmaps"
SECRETS = "/api/v1/namespaces/{ns}/secrets"
SERVICES = "/api/v1/namespaces/{ns}/services"
DEPLOYMENTS = "/apis/apps/v1/namespaces/{ns}/deployments"
REPLICA_SETS = "/apis/apps/v1/namespaces/{ns}/replicasets"
JOBS = "/apis/batch/v1/namespaces/{ns}/jobs"


def config_map(name: str, **data: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}


def workload(name: str, kind: str = "Deployment", **spec: Any) -> dict[str, Any]:
    labels = {"app": name}
    container = {
        "name": "main",
        "image": "nginx:1",
        "ports": [{"containerPort": 80, "name": "web"}],
    }
    return {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": {"name": name},
        "spec": {
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
            **spec,
        },
    }


def _with(manifest: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """A copy of the manifest with one field set; a list index is a number."""
    import copy

    changed = copy.deepcopy(manifest)
    *parents, last = [int(p) if p.isdigit() else p for p in path.split(".")]
    place: Any = changed
    for parent in parents:
        place = place.setdefault(parent, {}) if isinstance(place, dict) else place[parent]
    place[last] = value
    return changed


SCENARIOS = (
    Scenario(
        name="life-of-a-configmap",
        watch=MAPS,
        steps=(
            create(MAPS, config_map("a", key="1")),
            create(MAPS, config_map("a", key="1")),
            get(f"{MAPS}/a"),
            put(f"{MAPS}/a", config_map("a", key="2")),
            put(f"{MAPS}/other", config_map("a", key="2")),
            put(f"{MAPS}/absent", config_map("absent", key="2")),
            merge(f"{MAPS}/a", {"data": {"key": None, "new": "3"}}),
            merge(f"{MAPS}/a", {"data": {"new": "3"}}),
            delete(f"{MAPS}/a"),
            get(f"{MAPS}/a"),
            delete(f"{MAPS}/a"),
        ),
    ),
    Scenario(
        name="preconditions",
        steps=(
            create(MAPS, config_map("a", key="1")),
            put(f"{MAPS}/a", {**config_map("a"), "metadata": {"name": "a", "resourceVersion":
            "1"}}), merge(f"{MAPS}/a", {"metadata": {"resourceVersion": "1"}, "data": {"key":
            "2"}}), put(f"{MAPS}/a", {**config_map("a"), "metadata": {"name": "a", "uid":
            "wrong"}}), delete(f"{MAPS}/a", {"kind": "DeleteOptions", "apiVersion": "v1",
                                 "preconditions": {"uid": "wrong"}}),
            create(MAPS, {**config_map("b"), "metadata": {"name": "b", "resourceVersion": "7"}}),
        ),
    ),
    Scenario(
        name="names",
        steps=(
            create(MAPS, config_map("Upper")),
            create(MAPS, config_map("under_score")),
            create(MAPS, config_map("a" * 254)),
            create(MAPS, {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {}}),
            create(MAPS, {**config_map("x"), "metadata": {"name": "x", "namespace": "elsewhere"}}),
            create(SERVICES, {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "1st"},
                              "spec": {"ports": [{"port": 80}]}}),
            create("/api/v1/namespaces/absent/configmaps", config_map("x")),
            create(MAPS, {**config_map("x"), "metadata": {"name": "x", "labels": {"bad key":
            "v"}}}), create(MAPS, {**config_map("x"), "metadata": {"name": "x", "labels": {"k":
            "bad value"}}}), create(MAPS, config_map("x", **{"bad key!": "v"})),
        ),
    ),
    Scenario(
        name="wrong-documents",
        steps=(
            create(MAPS, {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "x"}}),
            create(MAPS, {"apiVersion": "v2", "kind": "ConfigMap", "metadata": {"name": "x"}}),
            create(MAPS, {"kind": "ConfigMap", "metadata": {"name": "x"}}),
            get("/api/v1/namespaces/{ns}/nonsense"),
            get("/apis/nonsense/v1/things"),
            get("/nonsense"),
        ),
    ),
    Scenario(
        name="secrets",
        steps=(
            create(SECRETS, {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"},
                             "stringData": {"password": "x"}, "data": {"user": "YQ=="}}),
            merge(f"{SECRETS}/s", {"stringData": {"password": "y"}}),
            merge(f"{SECRETS}/s", {"type": "kubernetes.io/tls"}),
            merge(f"{SECRETS}/s", {"immutable": True}),
            merge(f"{SECRETS}/s", {"data": {"user": "Yg=="}}),
            create(SECRETS, {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "t"},
                             "type": "kubernetes.io/tls", "data": {}}),
        ),
    ),
    Scenario(
        name="deployment-defaults",
        watch=DEPLOYMENTS,
        steps=(
            create(DEPLOYMENTS, workload("web")),
            merge(f"{DEPLOYMENTS}/web", {"spec": {"replicas": 3}}),
            merge(f"{DEPLOYMENTS}/web", {"metadata": {"labels": {"a": "b"}}}),
            strategic(f"{DEPLOYMENTS}/web", {"spec": {"template": {"spec": {"containers": [
                {"name": "side", "image": "busybox:1"}]}}}}),
            strategic(f"{DEPLOYMENTS}/web", {"spec": {"template": {"spec": {"containers": [
                {"name": "side", "$patch": "delete"}]}}}}),
            get(f"{DEPLOYMENTS}/web/scale"),
            merge(f"{DEPLOYMENTS}/web/scale", {"spec": {"replicas": 5}}),
            merge(f"{DEPLOYMENTS}/web/status", {"status": {"replicas": 5, "observedGeneration":
            2}}), get(f"{DEPLOYMENTS}/web"),
        ),
    ),
    Scenario(
        name="workload-rules",
        steps=(
            create(REPLICA_SETS, workload("rs", "ReplicaSet")),
            merge(f"{REPLICA_SETS}/rs", {"spec": {"selector": {"matchLabels": {"app": "other"}}}}),
            create(DEPLOYMENTS, _with(workload("d"), "spec.selector.matchLabels", {"app":
            "other"})), create(DEPLOYMENTS, _with(workload("d"), "spec.template.spec.containers",
            [])), create(DEPLOYMENTS, _with(workload("d"), "spec.replicas", -1)),
            create(DEPLOYMENTS, _with(workload("d"), "spec.template.spec.containers.0.image", "")),
            create(DEPLOYMENTS,
                   _with(workload("d"), "spec.template.spec.containers.0.ports.0.containerPort",
                   70000)),
            create(DEPLOYMENTS,
                   _with(workload("d"), "spec.template.spec.containers.0.imagePullPolicy",
                   "Sometimes")),
            create(DEPLOYMENTS, _with(workload("d"), "spec.template.spec.restartPolicy", "Never")),
        ),
    ),
    Scenario(
        name="services",
        steps=(
            create(SERVICES, {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "none"},
                              "spec": {"clusterIP": "None", "ports": [{"port": 80}]}}),
            create(SERVICES, {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "bad"},
                              "spec": {"ports": [{"port": 0}]}}),
            create(SERVICES, {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "bad"},
                              "spec": {"type": "Odd", "ports": [{"port": 80}]}}),
            create(SERVICES, {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "bad"},
                              "spec": {"ports": [{"port": 80}, {"port": 81}]}}),
        ),
    ),
    Scenario(
        name="json-patches",
        steps=(
            create(MAPS, config_map("a", key="1", other="2")),
            json_patch(f"{MAPS}/a", {"op": "replace", "path": "/data/key", "value": "9"}),
            json_patch(f"{MAPS}/a", {"op": "test", "path": "/data/key", "value": "wrong"}),
            json_patch(f"{MAPS}/a", {"op": "remove", "path": "/data/absent"}),
            json_patch(f"{MAPS}/a", {"op": "add", "path": "/metadata/labels", "value": {"a~b":
            "c"}}), json_patch(f"{MAPS}/a", {"op": "move", "from": "/data/other", "path":
            "/data/moved"}), json_patch(f"{MAPS}/a", {"op": "replace", "path": "/metadata/name",
            "value": "b"}), get(f"{MAPS}/a"),
        ),
    ),
    Scenario(
        name="finalizers",
        watch=MAPS,
        steps=(
            create(MAPS, {**config_map("a"), "metadata": {
                "name": "a", "finalizers": ["example.com/hold"]}}),
            delete(f"{MAPS}/a"),
            merge(f"{MAPS}/a", {"metadata": {"finalizers": ["example.com/hold",
            "example.com/late"]}}), merge(f"{MAPS}/a", {"data": {"still": "writable"}}),
            create(MAPS, config_map("a")),
            merge(f"{MAPS}/a", {"metadata": {"finalizers": None}}),
            get(f"{MAPS}/a"),
            create(MAPS, {**config_map("b"), "metadata": {"name": "b", "finalizers": ["bad"]}}),
        ),
    ),
    Scenario(
        name="jobs",
        steps=(
            create(JOBS, {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "j"},
            "spec": {
                "suspend": True, "template": {"spec": {"restartPolicy": "Never", "containers": [
                    {"name": "c", "image": "busybox:1"}]}}}}),
            create(JOBS, {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "k"},
            "spec": {
                "template": {"spec": {"containers": [{"name": "c", "image": "busybox:1"}]}}}}),
        ),
    ),
    Scenario(
        name="dry-run-and-field-validation",
        steps=(
            create(MAPS, config_map("dry"), dryRun="All"),
            get(f"{MAPS}/dry"),
            create(MAPS, {**config_map("strict"), "unknown": 1}, fieldValidation="Strict"),
            create(MAPS, {**config_map("warn"), "unknown": 1}, fieldValidation="Warn"),
            create(MAPS, {**config_map("ignore"), "unknown": 1}, fieldValidation="Ignore"),
            create(DEPLOYMENTS, _with(workload("d"), "spec.replica", 3), fieldValidation="Strict"),
            create(MAPS, config_map("bad"), dryRun="Some"),
        ),
    ),
)  # fmt: skip
