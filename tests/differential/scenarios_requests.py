"""Requests themselves: who asks, in which form, with which options; and what watches say."""

from __future__ import annotations

from tests.differential.scenarios_kinds import ACCOUNTS, CORE, manifest
from tests.differential.scenarios_objects import DEPLOYMENTS, MAPS, config_map, workload
from tests.differential.steps import (
    Scenario,
    Step,
    apply,
    asked_by,
    create,
    delete,
    get,
    json_patch,
    merge,
    put,
    strategic,
    watch,
)

RBAC = "/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}"
RULES = [
    {"apiGroups": [""], "resources": ["configmaps"], "resourceNames": ["a"], "verbs": ["get"]},
    {"apiGroups": ["apps"], "resources": ["deployments/status"], "verbs": ["patch"]},
]
SUBJECTS = [{"kind": "ServiceAccount", "name": "robot", "namespace": "{ns}"}]
REFERENCE = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "r"}
LABELLED = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {
    "name": "b", "labels": {"tier": "one"}}}  # fmt: skip


def _robot(step: Step) -> Step:
    return asked_by("robot", step)


SCENARIOS = (
    Scenario(
        name="who-asks",
        steps=(
            create(ACCOUNTS, manifest("v1", "ServiceAccount", "robot")),
            create(f"{RBAC}/roles", manifest(
                "rbac.authorization.k8s.io/v1", "Role", "r", rules=RULES)),
            create(f"{RBAC}/rolebindings", manifest(
                "rbac.authorization.k8s.io/v1", "RoleBinding", "r", roleRef=REFERENCE,
                subjects=SUBJECTS)),
            create(MAPS, config_map("a", key="1")),
            _robot(get(f"{MAPS}/a")),
            _robot(get(f"{MAPS}/b")),
            _robot(get(MAPS)),
            _robot(get(MAPS, fieldSelector="metadata.name=a")),
            _robot(get("/api/v1/configmaps")),
            _robot(get("/api/v1/nodes/n")),
            _robot(create(MAPS, config_map("b"))),
            _robot(put(f"{MAPS}/a", config_map("a"))),
            _robot(apply(f"{MAPS}/a", config_map("a"))),
            _robot(delete(f"{MAPS}/a")),
            _robot(delete(MAPS)),
            _robot(merge(f"{DEPLOYMENTS}/absent/status", {"status": {}})),
            _robot(merge(f"{DEPLOYMENTS}/absent/scale", {"spec": {}})),
            _robot(get("/apis/example.com/v1/namespaces/{ns}/widgets")),
            _robot(get("/apis/apps/v1/namespaces/{ns}/nonsense")),
            _robot(get("/apis/apps/v1", only=("kind", "groupVersion"))),
            _robot(get("/metrics")),
            _robot(get("/livez/nonsense")),
            _robot(create("/apis/authentication.k8s.io/v1/selfsubjectreviews", {
                "apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"},
            )),
            _robot(create("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", {
                "apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview",
                "spec": {"resourceAttributes": {"namespace": "{ns}", "verb": "delete",
                                                "resource": "configmaps"}}})),
            _robot(create("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", {
                "apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview",
                "spec": {"resourceAttributes": {"namespace": "{ns}", "verb": "get",
                                                "resource": "configmaps", "name": "a"}}})),
            asked_by("no-token", get(MAPS)),
            asked_by("nonsense", get("/api")),
        ),
    ),
    Scenario(
        name="forms",
        steps=(
            create(MAPS, config_map("a")),
            get(f"{MAPS}/a", accept="text/csv"),
            get(f"{MAPS}/a", accept="*/*"),
            get(f"{MAPS}/a", accept="application/json;as=Odd;v=v1;g=meta.k8s.io"),
            Step(method="POST", path=MAPS, body=b"x", content_type="text/csv"),
            Step(method="POST", path=MAPS, body=b"{", content_type="application/json"),
            Step(method="POST", path=MAPS, body=b"[]", content_type="application/json"),
            Step(method="POST", path=MAPS, body=b"", content_type="application/json"),
            Step(method="POST", path=MAPS, content_type="application/yaml",
                 body=b"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: yaml}\n"),
            Step(method="PATCH", path=f"{MAPS}/a", body={}, content_type="application/json"),
            Step(method="PATCH", path=f"{MAPS}/a", body=b"{", content_type=
                 "application/merge-patch+json"),
            Step(method="PATCH", path=f"{MAPS}/a", body=b"[]", content_type=
                 "application/merge-patch+json"),
            Step(method="PATCH", path=f"{MAPS}/a", body=b"{}", content_type=
                 "application/json-patch+json"),
            merge(f"{MAPS}/a", {"data": 5}),
            merge(f"{MAPS}/a", {"data": {"a": 5}}),
            strategic(f"{DEPLOYMENTS}/absent", {}),
            create(DEPLOYMENTS, workload("web")),
            strategic(f"{DEPLOYMENTS}/web", {"spec": {"template": {"spec": {"containers": [
                {"image": "x"}]}}}}),
            json_patch(f"{MAPS}/a", {"op": "nonsense", "path": "/data"}),
            json_patch(f"{MAPS}/a", {"op": "replace", "path": "/kind", "value": "Secret"}),
            json_patch(f"{MAPS}/a", {"op": "add", "path": "/absent/deep", "value": 1}),
        ),
    ),
    Scenario(
        name="methods",
        steps=(
            create(MAPS, config_map("a")),
            put(MAPS, config_map("a")),
            merge(MAPS, {}),
            create(f"{MAPS}/a", config_map("a")),
            create("/api/v1/configmaps", config_map("a")),
            delete("/api/v1/configmaps"),
            get(f"{MAPS}/a/status"),
            get(f"{MAPS}/a/scale"),
            create(f"{DEPLOYMENTS}/a/scale", {}),
            delete(f"{DEPLOYMENTS}/a/status"),
            get("/api/v1/namespaces/{ns}/configmaps/"),
            get("/apis/authorization.k8s.io/v1/subjectaccessreviews"),
            delete("/api/v1/namespaces"),
            get("/api/v2"),
            get("/apis/apps"),
            get("/apis/absent.example.com"),
            create("/version", {}),
        ),
    ),
    Scenario(
        name="options",
        steps=(
            create(MAPS, config_map("a"), fieldManager="m" * 129),
            create(MAPS, config_map("a"), fieldValidation="Sometimes"),
            create(MAPS, config_map("a")),
            merge(f"{MAPS}/a", {"data": {"dry": "run"}}, dryRun="All"),
            put(f"{MAPS}/a", config_map("a", dry="run"), dryRun="All"),
            apply(f"{MAPS}/a", config_map("a", dry="run"), dryRun="All"),
            apply(f"{MAPS}/new", config_map("new", dry="run"), dryRun="All"),
            delete(f"{MAPS}/a", dryRun="All"),
            delete(f"{MAPS}/a", {"apiVersion": "v1", "kind": "DeleteOptions", "dryRun": ["All"]}),
            delete(MAPS, dryRun="All"),
            delete(f"{MAPS}/a", {"apiVersion": "v1", "kind": "DeleteOptions", "dryRun": ["Odd"]}),
            delete(f"{MAPS}/a", propagationPolicy="Odd"),
            delete(f"{MAPS}/a", {"propagationPolicy": "Orphan", "orphanDependents": True}),
            delete(f"{MAPS}/a", {"preconditions": {"resourceVersion": "1"}}),
            merge(f"{MAPS}/a", {"data": {"x": "y"}}, force="true"),
            Step(method="PATCH", path=f"{MAPS}/a", body=config_map("a"), content_type=
                 "application/apply-patch+yaml"),
            get(MAPS, limit="x"),
            get(MAPS, limit="-1", only=("kind",)),
            get(MAPS, resourceVersion="x"),
            get(MAPS, resourceVersionMatch="Exact"),
            get(MAPS, resourceVersion="0", resourceVersionMatch="Exact"),
            get(MAPS, resourceVersion="1", resourceVersionMatch="Odd"),
            get(f"{MAPS}/a", resourceVersion="0"),
            get(MAPS, fieldSelector="metadata.name!=a,metadata.namespace={ns}"),
            get(MAPS, fieldSelector="metadata.name"),
            get(MAPS, labelSelector="a in b"),
            get(MAPS, labelSelector="a==b,c!=d"),
            get(MAPS, sendInitialEvents="true"),
        ),
    ),
    Scenario(
        name="watches",
        steps=(
            create(MAPS, config_map("a")),
            create(MAPS, LABELLED),
            merge(f"{MAPS}/b", {"metadata": {"labels": {"tier": "two"}}}),
            merge(f"{MAPS}/b", {"metadata": {"labels": {"tier": "one"}}}),
            create(MAPS, config_map("c")),
            delete(f"{MAPS}/c"),
            watch(MAPS),
            watch(MAPS, resourceVersion="0"),
            watch(MAPS, resourceVersion="{resourceVersion:0}"),
            watch(MAPS, resourceVersion="{resourceVersion:0}", labelSelector="tier=one"),
            watch(MAPS, resourceVersion="{resourceVersion:1}", fieldSelector="metadata.name=b"),
            watch(MAPS, resourceVersion="1"),
            watch(MAPS, resourceVersion="x"),
            watch(MAPS, labelSelector="a in b"),
            watch(MAPS, fieldSelector="data.x=1"),
            watch(MAPS, sendInitialEvents="true", allowWatchBookmarks="true",
                  resourceVersionMatch="NotOlderThan"),
            watch(MAPS, sendInitialEvents="true", allowWatchBookmarks="true"),
            watch(MAPS, resourceVersionMatch="NotOlderThan"),
            watch(f"{MAPS}/a"),
            watch("/api/v1/watch/namespaces/{ns}/configmaps"),
            watch("/api/v1/namespaces/{ns}/nonsense"),
            watch("/api/v1/namespaces/absent/configmaps"),
            watch(f"{CORE}/bindings"),
        ),
    ),
    Scenario(
        name="deletions",
        watch=MAPS,
        steps=(
            create(MAPS, {**config_map("f"), "metadata": {
                "name": "f", "finalizers": ["foregroundDeletion"]}}),
            delete(f"{MAPS}/f"),
            create(MAPS, config_map("a")),
            delete(f"{MAPS}/a", {"propagationPolicy": "Foreground"}),
            get(f"{MAPS}/a"),
            delete(f"{MAPS}/a", {"propagationPolicy": "Background"}),
            create(MAPS, config_map("o")),
            delete(f"{MAPS}/o", {"propagationPolicy": "Orphan"}),
            merge(f"{MAPS}/o", {"metadata": {"finalizers": []}}),
            create(MAPS, {**config_map("h"), "metadata": {
                "name": "h", "finalizers": ["example.com/hold"]}}),
            delete(MAPS),
            merge(f"{MAPS}/h", {"metadata": {"deletionTimestamp": None}}),
            put(f"{MAPS}/h", config_map("h")),
            get(f"{MAPS}/h"),
            delete("/api/v1/namespaces/default"),
            delete("/api/v1/namespaces/absent"),
        ),
    ),
    Scenario(
        name="owner-references",
        steps=(
            create(MAPS, {**config_map("a"), "metadata": {"name": "a", "ownerReferences": [
                {"apiVersion": "v1", "kind": "ConfigMap", "name": "x"}]}}),
            create(MAPS, {**config_map("a"), "metadata": {"name": "a", "ownerReferences": [
                {"apiVersion": "v1", "kind": "ConfigMap", "name": "x", "uid": "1",
                 "controller": True},
                {"apiVersion": "v1", "kind": "ConfigMap", "name": "y", "uid": "2",
                 "controller": True}]}}),
            create(MAPS, {**config_map("a"), "metadata": {"name": "a", "ownerReferences": [
                {"apiVersion": "v1", "kind": "ConfigMap", "name": "x", "uid": "1"}]}}),
            apply(f"{MAPS}/a", {**config_map("a"), "metadata": {"name": "a", "ownerReferences": [
                {"apiVersion": "v1", "kind": "ConfigMap", "name": "y", "uid": "2"}]}}),
            strategic(f"{MAPS}/a", {"metadata": {"ownerReferences": [
                {"$patch": "delete", "uid": "1"}]}}),
        ),
    ),
)  # fmt: skip
