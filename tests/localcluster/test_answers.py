"""Single answers that clients look at closely: reviews, scale, pods and claims on their way out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from katalog_runtime.errors import ApiError
from katalogc.localcluster import LocalCluster
from katalogc.localcluster.authorization import Attributes
from katalogc.localcluster.object_access import as_user
from katalogc.localcluster.validation import scale_errors
from tests.localcluster.api import definition, widget

ROBOT = "system:serviceaccount:default:robot"
SCALE = {"specReplicasPath": ".spec.replicas", "statusReplicasPath": ".status.replicas",
         "labelSelectorPath": ".status.selector"}  # fmt: skip


def _pod(*claims: str) -> dict[str, Any]:
    volumes = [
        {"name": f"v{i}", "persistentVolumeClaim": {"claimName": name}}
        for i, name in enumerate(claims)
    ]
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {
        "containers": [{"name": "c", "image": "i"}], "volumes": volumes}}  # fmt: skip


def _claim(name: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": name},
            "spec": {"accessModes": ["ReadWriteOnce"],
                     "resources": {"requests": {"storage": "1Gi"}}}}  # fmt: skip


def test_a_claim_goes_only_when_no_pod_mounts_it() -> None:
    cluster = LocalCluster()
    cluster.apply_manifests([_claim("used"), _claim("free"), _pod("used")])
    for name in ("used", "free"):
        cluster.delete("PersistentVolumeClaim", name)
    assert not cluster.exists("PersistentVolumeClaim", "free")
    held = cluster.get("PersistentVolumeClaim", "used")["metadata"]
    assert held["deletionTimestamp"]
    assert held["finalizers"] == ["kubernetes.io/pvc-protection"]
    cluster.delete("Pod", "p")
    assert not cluster.exists("PersistentVolumeClaim", "used")


def test_an_access_review_names_the_binding_that_allows() -> None:
    cluster = LocalCluster()
    rbac = "rbac.authorization.k8s.io"
    rule = {"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}
    cluster.apply_manifests(
        [
            {"apiVersion": f"{rbac}/v1", "kind": "ClusterRole", "metadata": {"name": "reader"},
             "rules": [rule]},
            {"apiVersion": f"{rbac}/v1", "kind": "RoleBinding", "metadata": {"name": "b"},
             "roleRef": {"apiGroup": rbac, "kind": "ClusterRole", "name": "reader"},
             "subjects": [{"kind": "ServiceAccount", "name": "robot", "namespace": "default"}]},
        ]
    )  # fmt: skip
    wanted = Attributes(verb="get", resource="pods", namespace="default")
    verdict = cluster.server.authorizer.verdict
    assert verdict(as_user(ROBOT), wanted) == {
        "allowed": True,
        "reason": 'RBAC: allowed by RoleBinding "b/default" of ClusterRole "reader" to '
        'ServiceAccount "robot/default"',
    }
    assert verdict(as_user(ROBOT), replace(wanted, namespace="other")) == {"allowed": False}


@pytest.mark.parametrize(
    ("spec", "problems"),
    [
        ({}, []),
        ({"replicas": 3}, []),
        ({"replicas": -1}, ["should be a non-negative integer"]),
        ({"replicas": 2**31}, ["should be less than or equal to 2147483647"]),
        ({"replicas": "3"}, [
            ".spec.replicas accessor error: 3 is of the type string, expected int64"]),
        ("text", [".spec.replicas accessor error: text is of the type string, "
                  "expected map[string]interface{}"]),
    ],
)  # fmt: skip
def test_replica_counts_are_judged_where_the_definition_says(
    spec: Any, problems: list[str]
) -> None:
    found = list(scale_errors({"spec": spec}, SCALE))
    assert [each.message.partition(": ")[2].partition(": ")[2] for each in found] == problems


def test_a_definition_keeps_what_was_stored_and_is_held_only_while_it_is_deleted() -> None:
    cluster = LocalCluster()
    cluster.apply_manifests([definition()])
    kind, name = "CustomResourceDefinition", "widgets.example.com"
    assert "finalizers" not in cluster.get(kind, name)["metadata"]
    with pytest.raises(ApiError, match="was previously a storage version"):
        cluster.patch(kind, name, {"spec": {"versions": [
            {**cluster.get(kind, name)["spec"]["versions"][0], "name": "v2"}]}})  # fmt: skip
    cluster.apply_manifests([{**widget(), "metadata": {"name": "w", "finalizers": ["a.b/c"]}}])
    cluster.delete(kind, name)
    assert len(cluster.get(kind, name)["metadata"]["finalizers"]) == 1
    cluster.patch("Widget", "w", {"metadata": {"finalizers": None}})
    assert not cluster.exists(kind, name)


def test_null_is_nothing_where_it_is_not_allowed_and_a_default_replaces_it() -> None:
    cluster = LocalCluster()
    cluster.apply_manifests([definition()])
    cluster.apply_manifests([widget()])
    changed = cluster.patch("Widget", "w", {"spec": {"color": None, "replicas": None}})
    assert changed["spec"] == {"size": 1, "color": "red"}
