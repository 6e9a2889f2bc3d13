"""Requests that random walks found: refusals with warnings, deletions without policy, odd metadata."""

from __future__ import annotations

from tests.controlplane.api import MERGE
from tests.differential.scenarios_kinds import ACCOUNTS, CORE, PODS, TABLE, manifest, pod, service
from tests.differential.scenarios_objects import (
    DEPLOYMENTS,
    JOBS,
    MAPS,
    REPLICA_SETS,
    SECRETS,
    SERVICES,
    config_map,
    workload,
)
from tests.differential.scenarios_types import A, widget
from tests.differential.steps import (
    Scenario,
    Step,
    apply,
    create,
    delete,
    get,
    json_patch,
    merge,
    put,
    strategic,
    watch,
)

RBAC = "rbac.authorization.k8s.io"
ROLES = f"/apis/{RBAC}/v1/namespaces/{{ns}}/roles"
BINDINGS = f"/apis/{RBAC}/v1/namespaces/{{ns}}/rolebindings"
LEASES = "/apis/coordination.k8s.io/v1/namespaces/{ns}/leases"
EVENTS = f"{CORE}/events"
STATEFUL_SETS = "/apis/apps/v1/namespaces/{ns}/statefulsets"
WIDGETS = f"/apis/{A}/v1/namespaces/{{ns}}/widgets"
OWNER = {"apiVersion": "v1", "kind": "ConfigMap", "name": "o", "uid": "1"}
RULES = [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}]
PARTIAL_LIST = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io"


def _job(name: str) -> dict[str, object]:
    template = {"spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "i:1"}]}}
    return manifest("batch/v1", "Job", name, spec={"template": template})


def _environment(*names: str, **resources: object) -> dict[str, object]:
    container = {"name": "main", "image": "nginx:1", "env": [{"name": each} for each in names],
                 "resources": resources}  # fmt: skip
    labels = {"app": "web"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
    return manifest("apps/v1", "Deployment", "web", spec={
        "selector": {"matchLabels": labels}, "template": template})  # fmt: skip


def _event(name: str) -> dict[str, object]:
    involved = {"kind": "Pod", "namespace": "{ns}", "name": "x"}
    return manifest("v1", "Event", name, involvedObject=involved, reason="R", type="Normal")


def _new_event(name: str) -> dict[str, object]:
    return manifest(
        "events.k8s.io/v1", "Event", name, eventTime="2024-01-01T00:00:00.000000Z", action="Do",
        reason="R", regarding={"namespace": "{ns}", "kind": "Pod", "name": "x"}, type="Normal",
        reportingController="example.com/c", reportingInstance="i",
    )  # fmt: skip


def _marked(kind: str, name: str, **metadata: object) -> dict[str, object]:
    return {"apiVersion": "v1", "kind": kind, "metadata": {"name": name, **metadata}}


SCENARIOS = (
    Scenario(
        name="created-by-put",
        steps=(
            put(f"{ROLES}/r", manifest(f"{RBAC}/v1", "Role", "r", rules=RULES)),
            put(f"{ROLES}/s", manifest(f"{RBAC}/v1", "Role", "s", rules=[{"verbs": ["get"]}])),
            put(f"{SERVICES}/s", service("s")),
            put(f"{LEASES}/l", manifest("coordination.k8s.io/v1", "Lease", "l", spec={})),
            put(f"{EVENTS}/e", _event("e"), dryRun="All"),
            put(f"{EVENTS}/e", {**_event("e"), "metadata": {"name": "e", "resourceVersion": "x"}}),
            get(f"{EVENTS}/e"),
            put(f"{MAPS}/m", config_map("m")),
            put(f"{MAPS}/m", {**config_map("m"), "data": {"a": 1}}),
            put(f"{MAPS}/m", {**config_map("m"), "odd": 1}, fieldValidation="Strict"),
            put(f"{MAPS}/m", {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {}}),
            put(f"{WIDGETS}/w", {**widget(A, "w"), "metadata": {}}),
        ),
    ),
    Scenario(
        name="warnings",
        steps=(
            create(MAPS, config_map("a")),
            create(MAPS, {**config_map("a"), "odd": 1}),
            put(f"{MAPS}/b", {**config_map("b"), "odd": 1}),
            create(WIDGETS, widget(A, "w", size=0, odd=1)),
            create(DEPLOYMENTS, _environment("A", "B", "A")),
            create(DEPLOYMENTS, _environment("A", "A")),
            merge(f"{DEPLOYMENTS}/web", {"metadata": {"labels": {"x": "y"}}}),
            put(f"{DEPLOYMENTS}/web", _environment("C", limits={"memory": "100m", "cpu": "100m"})),
            create(MAPS, _marked("ConfigMap", "o", ownerReferences=[OWNER, OWNER])),
            strategic(f"{MAPS}/a", {"metadata": {"ownerReferences": [{}]}}),
            merge(f"{MAPS}/a", {"metadata": {"ownerReferences": [{
                **OWNER, "apiVersion": "a/b/c"}]}}),
        ),
    ),
    Scenario(
        name="deletions-without-policy",
        steps=(
            *(create(JOBS, _job(name)) for name in "abcd"),
            delete(f"{JOBS}/a"),
            delete(f"{JOBS}/b", {"propagationPolicy": "Background"}),
            delete(f"{JOBS}/c", {"orphanDependents": False}),
            delete(f"{JOBS}/absent"),
            delete(f"{JOBS}/d", {"preconditions": {"uid": "1"}}),
            delete(JOBS),
            create(EVENTS, _event("e")),
            delete(f"{EVENTS}/e", propagationPolicy="Foreground"),
            create(MAPS, _marked("ConfigMap", "a", labels={"own": "yes"})),
            create(MAPS, _marked("ConfigMap", "b", labels={"own": "yes"})),
            delete(f"{MAPS}/a", {"kind": "ConfigMap"}),
            delete(f"{MAPS}/a", {"apiVersion": "v1", "kind": "ConfigMap"}),
            delete(f"{MAPS}/a", {"gracePeriodSeconds": "x"}),
            delete(f"{MAPS}/a", {"preconditions": 5}),
            delete(MAPS, labelSelector="own", limit="1"),
            get(MAPS, labelSelector="own"),
        ),
    ),
    Scenario(
        name="metadata-by-clients",
        steps=(
            create(MAPS, _marked(
                "ConfigMap", "a", uid="1", generation=7, selfLink="/x",
                deletionTimestamp="2024-01-01T00:00:00Z", creationTimestamp="x")),
            create(MAPS, _marked(
                "ConfigMap", "a", uid="1", generation=7, selfLink="/x",
                deletionTimestamp="2024-01-01T00:00:00Z")),
            merge(f"{MAPS}/a", {"metadata": {"uid": "2"}}),
            merge(f"{MAPS}/a", {"metadata": {"deletionTimestamp": "2024-01-01T00:00:00Z"}}),
            merge(f"{MAPS}/a", {"metadata": {"deletionGracePeriodSeconds": 5}}),
            merge(f"{MAPS}/a", {"metadata": {"generation": 1}}),
            merge(f"{MAPS}/a", {"metadata": {"resourceVersion": "x"}}),
            put(f"{MAPS}/a", _marked("ConfigMap", "a", resourceVersion="x")),
            merge(f"{MAPS}/a", {"metadata": {"name": None}}),
            get(f"{MAPS}/a", resourceVersion="x"),
            create(MAPS, {"apiVersion": "v1", "kind": "ConfigMap", "metadata": [1]}),
            create(MAPS, _marked("ConfigMap", "a", labels={"x" * 64: "y"}, generateName="a-")),
            create(WIDGETS, {**widget(A, "", size=0), "metadata": {}}),
            create(MAPS, _marked("ConfigMap", "a", generateName="a-")),
            create(MAPS, _marked("ConfigMap", "b", managedFields=[{"operation": "Update"}])),
            create(JOBS, {**_job(""), "metadata": {}}),
            merge(f"{MAPS}/a", {"apiVersion": "v9"}, fieldManager="m"),
        ),
    ),
    Scenario(
        name="metadata-through-status",
        steps=(
            create(DEPLOYMENTS, workload("web")),
            create(SERVICES, service("web")),
            create(WIDGETS, widget(A, "w", size=1)),
            *(merge(f"{path}/status", {"metadata": {
                "labels": {"a": "b"}, "annotations": {"a": "b"}, "ownerReferences": [OWNER],
                "finalizers": ["example.com/hold"]}})
              for path in (f"{DEPLOYMENTS}/web", f"{SERVICES}/web", f"{WIDGETS}/w")),
            merge(f"{DEPLOYMENTS}/web/status", {"status": {"replicas": 1, "readyReplicas": 2}}),
            merge(f"{DEPLOYMENTS}/web/status", {"status": {"replicas": -1}}),
            merge(f"{DEPLOYMENTS}/web/status", {"status": {
                "replicas": 2, "readyReplicas": 1, "availableReplicas": 2}}),
            create(REPLICA_SETS, workload("web", "ReplicaSet")),
            merge(f"{REPLICA_SETS}/web/status", {"status": {
                "replicas": 0, "fullyLabeledReplicas": 1, "observedGeneration": -1}}),
            create(STATEFUL_SETS, workload("web", "StatefulSet", serviceName="s")),
            merge(f"{STATEFUL_SETS}/web/status", {"status": {
                "replicas": 1, "readyReplicas": 0, "availableReplicas": 1, "currentReplicas": 2}}),
            merge(f"{SERVICES}/web/status", {"metadata": {"uid": "1", "labels": {"-": "x"}}}),
        ),
    ),
    Scenario(
        name="nulls-and-times",
        steps=(
            create(DEPLOYMENTS, workload("web", template={
                "metadata": {"labels": {"app": "web"}}, "spec": {"containers": [
                    {"name": "c", "image": "i:1", "env": [None], "command": [None, "x"],
                     "resources": {"limits": {"cpu": None}}}], "volumes": [None]}})),
            create(DEPLOYMENTS, workload("refs", template={
                "metadata": {"labels": {"app": "refs"}}, "spec": {"containers": [
                    {"name": "c", "image": "i:1", "env": [
                        {"name": "A", "valueFrom": {"fieldRef": {}}}]}]}})),
            create(SECRETS, {**manifest("v1", "Secret", "s"), "data": {"a": 5}}),
            *(create(LEASES, manifest("coordination.k8s.io/v1", "Lease", "l", spec={
                "renewTime": time})) for time in (
                    "2024-01-01T00:00:05Z", "2024-01-01T00:00:05.5Z",
                    "2024-01-01T00:00:05.0000005Z", "2024-01-01T00:00:05.000005+02:00")),
            create(DEPLOYMENTS, workload("keys", template={
                "metadata": {"labels": {"app": "keys"}}, "spec": {
                    "containers": [{"name": "c", "image": "Odd"}], "volumes": [
                        {"name": "v", "configMap": {"name": "x", "defaultMode": 999, "items": [
                            {}, {"key": "k", "path": "/x"}, {"key": "k", "path": "a/../b"},
                            {"key": "k", "path": "..x", "mode": -1}]}}]}})),
            apply(f"{LEASES}/a", manifest("coordination.k8s.io/v1", "Lease", "a", spec={
                "renewTime": "2024-01-01T00:00:05Z"})),
            apply(f"{LEASES}/a", manifest("coordination.k8s.io/v1", "Lease", "a", spec={
                "renewTime": {}})),
            apply(f"{MAPS}/a", {**config_map("a"), "odd": 1}),
        ),
    ),
    Scenario(
        name="options-in-order",
        steps=(
            create(MAPS, config_map("a"), fieldManager="bad\a"),
            create(MAPS, config_map("a"), dryRun=""),
            merge(f"{MAPS}/absent", {}, dryRun="Odd", fieldManager="bad\n"),
            Step(method="PATCH", path=f"{MAPS}/a", body={}, content_type=
                 "application/apply-patch+yaml", query={"dryRun": "Odd"}),
            Step(method="POST", path=MAPS, body=b"{}", content_type="text/csv",
                 query={"fieldValidation": "Odd"}),
            Step(method="POST", path=MAPS, body=b"{}", content_type="application/json;x"),
            Step(method="PATCH", path=f"{WIDGETS}/w", body=b"{", content_type="application/json"),
            Step(method="PATCH", path=WIDGETS, body=b"{}", content_type=MERGE),
            strategic(f"{WIDGETS}/w", {}, fieldValidation="Odd"),
            get(MAPS, labelSelector="(", resourceVersionMatch="Exact"),
            Step(method="GET", path=MAPS, query={"continue": "x"}),
            create(WIDGETS, {**widget(A, "w", size=1), "apiVersion": "v9"}),
            create(MAPS, manifest("v1", "Odd", "o")),
        ),
    ),
    Scenario(
        name="forms-of-lists",
        steps=(
            get(WIDGETS, accept=TABLE),
            get(WIDGETS, accept=PARTIAL_LIST),
            create(WIDGETS, widget(A, "w", size=1)),
            merge(f"{WIDGETS}/w", {"apiVersion": "v9"}),
            json_patch(f"{WIDGETS}/w", {"op": "replace", "path": "/apiVersion", "value": "x/v1"}),
            create(BINDINGS, manifest(f"{RBAC}/v1", "RoleBinding", "b", roleRef={
                "kind": "Role", "name": "r"}, subjects=[
                    {"kind": "ServiceAccount", "name": "a"},
                    {"kind": "ServiceAccount", "name": "b", "namespace": "c"}])),
            get(f"{BINDINGS}/b", accept=TABLE),
            strategic(f"{BINDINGS}/b", {"apiVersion": "v9", "kind": "Odd"}),
            create("/apis/events.k8s.io/v1/namespaces/{ns}/events", _new_event("e")),
            get(f"{EVENTS}/e", accept=TABLE, only=("kind", "columnDefinitions")),
        ),
    ),
    Scenario(
        name="watches-without-initial-events",
        steps=(
            create(MAPS, config_map("a")),
            create(MAPS, config_map("b")),
            *(watch(MAPS, sendInitialEvents="false", resourceVersionMatch="NotOlderThan", **query)
              for query in ({}, {"resourceVersion": "0"},
                            {"resourceVersion": "{resourceVersion:0}"})),
            watch(MAPS, sendInitialEvents="false"),
            get(MAPS, sendInitialEvents="false"),
        ),
    ),
    Scenario(
        name="pods-of-accounts",
        steps=(
            create(PODS, pod("p")),
            create(ACCOUNTS, manifest("v1", "ServiceAccount", "default")),
            create(PODS, pod("p", tolerations=[{"key": "k"}])),
            create(PODS, pod("q", tolerations=[{"operator": "Exists"}])),
            create(PODS, pod("r", serviceAccountName="robot")),
        ),
    ),
)  # fmt: skip
