"""What happens by itself: garbage collection, custom types, workloads that look ready."""

from __future__ import annotations

from typing import Any

import pytest

from katalog_runtime.errors import ForbiddenError, InvalidError, NotFoundError
from katalogc.localcluster import LocalCluster
from katalogc.localcluster.operations import Operation
from tests.localcluster.api import (
    DEFINITIONS,
    MAPS,
    MERGE,
    PODS,
    WIDGETS,
    config_map,
    definition,
    key,
    owner_reference,
    widget,
)


async def family(local: LocalCluster, **reference: Any) -> dict[str, Any]:
    cluster = local.direct()
    owner = await cluster.create(MAPS, config_map("owner"))
    references = [owner_reference(owner, **reference)]
    await cluster.create(MAPS, config_map("child", ownerReferences=references))
    return owner


@pytest.mark.parametrize("propagation", ["Background", "Foreground"])
async def test_children_go_with_their_owner(propagation: str) -> None:
    local = LocalCluster()
    await family(local, blockOwnerDeletion=True)
    local.delete("ConfigMap", "owner", propagation=propagation)
    assert not local.exists("ConfigMap", "child")
    assert not local.exists("ConfigMap", "owner")


async def test_orphaned_children_stay_without_reference() -> None:
    local = LocalCluster()
    await family(local)
    local.delete("ConfigMap", "owner", propagation="Orphan")
    assert not local.exists("ConfigMap", "owner")
    assert "ownerReferences" not in local.get("ConfigMap", "child")["metadata"]


async def test_foreground_waits_for_a_blocking_child() -> None:
    local = LocalCluster()
    await family(local, blockOwnerDeletion=True)
    local.patch("ConfigMap", "child", {"metadata": {"finalizers": ["example.com/hold"]}})
    local.delete("ConfigMap", "owner", propagation="Foreground")
    assert local.get("ConfigMap", "owner")["metadata"]["finalizers"] == ["foregroundDeletion"]
    local.patch("ConfigMap", "child", {"metadata": {"finalizers": None}})
    assert not local.exists("ConfigMap", "owner")


async def test_a_child_with_a_second_owner_stays_with_it() -> None:
    local = LocalCluster()
    cluster = local.direct()
    first = await cluster.create(MAPS, config_map("first"))
    second = await cluster.create(MAPS, config_map("second"))
    references = [owner_reference(first), owner_reference(second)]
    await cluster.create(MAPS, config_map("child", ownerReferences=references))
    local.delete("ConfigMap", "first")
    left = local.get("ConfigMap", "child")["metadata"]["ownerReferences"]
    assert [each["name"] for each in left] == ["second"]


async def test_an_owner_that_never_was_takes_its_child_along() -> None:
    local = LocalCluster()
    reference = {"apiVersion": "v1", "kind": "ConfigMap", "name": "ghost", "uid": "no-such-uid"}
    await local.direct().create(MAPS, config_map("child", ownerReferences=[reference]))
    assert not local.exists("ConfigMap", "child")


async def test_custom_types_default_prune_validate_and_count_generations() -> None:
    local = LocalCluster()
    cluster = local.direct()
    await cluster.create(DEFINITIONS, definition())
    conditions = local.get("CustomResourceDefinition", "widgets.example.com")["status"][
        "conditions"
    ]
    assert {each["type"]: each["status"] for each in conditions} == {
        "NamesAccepted": "True",
        "Established": "True",
    }
    created = await cluster.create(WIDGETS, {**widget(unknown=1), "status": {"phase": "x"}})
    assert created["spec"] == {"size": 1, "color": "red"}
    assert "status" not in created
    assert created["metadata"]["generation"] == 1
    with pytest.raises(
        InvalidError, match=r"spec\.size in body should be greater than or equal to 1"
    ):
        await cluster.patch(WIDGETS, key("w"), {"spec": {"size": 0}}, patch_type=MERGE)
    changed = {**created, "status": {"phase": "x"}, "spec": {"size": 9}}
    status = await cluster.replace(WIDGETS, changed, subresource="status")
    assert status["spec"]["size"] == 1
    assert status["metadata"]["generation"] == 1
    grown = await cluster.patch(WIDGETS, key("w"), {"spec": {"size": 2}}, patch_type=MERGE)
    assert grown["metadata"]["generation"] == 2
    assert grown["status"] == {"phase": "x"}


async def test_a_deleted_definition_takes_its_objects_and_waits_for_finalizers() -> None:
    local = LocalCluster()
    cluster = local.direct()
    await cluster.create(DEFINITIONS, definition())
    held = widget("held")
    held["metadata"]["finalizers"] = ["example.com/hold"]
    await cluster.create(WIDGETS, held)
    await cluster.create(WIDGETS, widget("free"))
    local.delete("CustomResourceDefinition", "widgets.example.com")
    assert not local.exists("Widget", "free")
    with pytest.raises(ForbiddenError, match="custom resource definition is terminating"):
        await cluster.create(WIDGETS, widget("late"))
    local.patch("Widget", "held", {"metadata": {"finalizers": None}})
    assert not local.exists("CustomResourceDefinition", "widgets.example.com")
    with pytest.raises(NotFoundError):
        await cluster.get(WIDGETS, key("held"))


def test_workloads_look_ready_and_follow_their_spec() -> None:
    local = LocalCluster()
    labels = {"app": "web"}
    template = {
        "metadata": {"labels": labels},
        "spec": {"containers": [{"name": "main", "image": "nginx"}]},
    }
    spec = {"replicas": 2, "selector": {"matchLabels": labels}, "template": template}
    manifests = [
        {"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": "web"}, "spec": spec}
        for kind in ("Deployment", "ReplicaSet")
    ]
    local.apply_manifests(manifests)
    assert local.get("ReplicaSet", "web")["status"]["readyReplicas"] == 2
    deployment = local.get("Deployment", "web")
    assert deployment["status"]["availableReplicas"] == 2
    assert deployment["status"]["observedGeneration"] == deployment["metadata"]["generation"]
    local.patch("Deployment", "web", {"spec": {"replicas": 5}})
    assert local.get("Deployment", "web")["status"]["readyReplicas"] == 5


def test_a_status_written_by_hand_stays() -> None:
    local = LocalCluster()
    spec = {"containers": [{"name": "main", "image": "nginx"}]}
    local.apply_manifests(
        [{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": spec}]
    )
    assert local.get("Pod", "p")["status"]["phase"] == "Running"
    local.patch("Pod", "p", {"status": {"phase": "Failed"}}, subresource="status")
    local.patch("Pod", "p", {"metadata": {"labels": {"a": "b"}}})
    assert local.get("Pod", "p")["status"]["phase"] == "Failed"


def test_services_get_addresses_of_their_own() -> None:
    local = LocalCluster()
    local.apply_manifests(
        {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name},
         "spec": {"ports": [{"port": 80}]}} for name in ("a", "b")
    )  # fmt: skip
    addresses = {local.get("Service", name)["spec"]["clusterIP"] for name in ("a", "b")}
    assert len(addresses) == 2


async def test_children_go_with_the_type_of_their_owner() -> None:
    local = LocalCluster()
    local.apply_manifests([definition()])
    cluster = local.direct()
    owner = await cluster.create(WIDGETS, widget("owner"))
    references = [owner_reference(owner)]
    await cluster.create(MAPS, config_map("child", ownerReferences=references))
    local.delete("CustomResourceDefinition", definition()["metadata"]["name"])
    assert not local.exists("ConfigMap", "child")


@pytest.mark.parametrize(
    ("propagation", "left"),
    [
        pytest.param("", True, id="by default a Job leaves what it owns"),
        pytest.param("Background", False, id="unless told to take it along"),
    ],
)
async def test_a_job_goes_without_its_dependents_by_default(propagation: str, left: bool) -> None:
    local = LocalCluster(workloads=False)
    template = {"spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "i:1"}]}}
    metadata = {"name": "owner", "namespace": "default"}
    local.apply_manifests(
        [{"apiVersion": "batch/v1", "kind": "Job", "metadata": metadata,
          "spec": {"template": template}}]
    )  # fmt: skip
    references = [owner_reference(local.get("Job", "owner"))]
    await local.direct().create(MAPS, config_map("child", ownerReferences=references))
    options = {"propagationPolicy": propagation} if propagation else {}
    jobs = local.type_of("Job")
    local.ask(Operation(verb="delete", type=jobs, namespace="default", name="owner",
                        delete_options=options))  # fmt: skip
    assert not local.exists("Job", "owner")
    assert local.exists("ConfigMap", "child") is left


async def test_a_pod_needs_its_account() -> None:
    cluster = LocalCluster().direct()
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "p", "namespace": "default"},
        "spec": {"containers": [{"name": "c", "image": "i:1"}], "serviceAccountName": "absent"},
    }
    with pytest.raises(ForbiddenError, match='serviceaccount "absent" not found'):
        await cluster.create(PODS, pod)
