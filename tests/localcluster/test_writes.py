"""Create, update, patch, apply and delete, through the runtime's own protocol."""

from __future__ import annotations

import pytest

from katalog_runtime.errors import (
    AlreadyExistsError,
    BadRequestError,
    ConflictError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
)
from katalogc.localcluster import LocalCluster
from tests.localcluster.api import MAPS, MERGE, NAMESPACES, config_map, key


async def test_created_object_gets_identity_and_manager() -> None:
    created = await LocalCluster().direct().create(MAPS, config_map("a"))
    metadata = created["metadata"]
    assert metadata["uid"]
    assert metadata["creationTimestamp"].endswith("Z")
    assert int(metadata["resourceVersion"]) > 0
    assert metadata["managedFields"][0]["manager"] == "katalogc"


async def test_second_create_of_a_name_is_refused() -> None:
    cluster = LocalCluster().direct()
    await cluster.create(MAPS, config_map("a"))
    with pytest.raises(AlreadyExistsError, match='configmaps "a" already exists'):
        await cluster.create(MAPS, config_map("a"))


async def test_generated_names_are_repeatable_and_distinct() -> None:
    manifest = config_map("")
    manifest["metadata"] = {"generateName": "job-", "namespace": "default"}
    names = []
    for _ in range(2):
        cluster = LocalCluster(seed=7).direct()
        made = [await cluster.create(MAPS, manifest) for _ in range(3)]
        names.append([each["metadata"]["name"] for each in made])
    assert names[0] == names[1]
    assert len(set(names[0])) == 3
    assert all(name.startswith("job-") and len(name) == 9 for name in names[0])


async def test_create_in_a_missing_namespace_is_not_found() -> None:
    with pytest.raises(NotFoundError, match='namespaces "nope" not found'):
        await LocalCluster().direct().create(MAPS, config_map("a", "nope"))


async def test_a_write_that_changes_nothing_is_no_write() -> None:
    cluster = LocalCluster().direct()
    created = await cluster.create(MAPS, config_map("a"))
    patched = await cluster.patch(MAPS, key("a"), {"data": {"key": "value"}}, patch_type=MERGE)
    applied = await cluster.apply(MAPS, config_map("b"), force=False)
    again = await cluster.apply(MAPS, config_map("b"), force=False)
    assert patched["metadata"]["resourceVersion"] == created["metadata"]["resourceVersion"]
    assert again["metadata"]["resourceVersion"] == applied["metadata"]["resourceVersion"]


async def test_stale_replace_is_a_conflict_and_leaves_the_object() -> None:
    cluster = LocalCluster().direct()
    created = await cluster.create(MAPS, config_map("a"))
    await cluster.patch(MAPS, key("a"), {"data": {"key": "new"}}, patch_type=MERGE)
    with pytest.raises(ConflictError, match="the object has been modified"):
        await cluster.replace(MAPS, created)
    assert (await cluster.get(MAPS, key("a")))["data"] == {"key": "new"}


async def test_apply_refuses_fields_of_other_managers_unless_forced() -> None:
    local = LocalCluster()
    await local.direct(field_manager="first").apply(MAPS, config_map("a"), force=False)
    second = local.direct(field_manager="second")
    intent = {**config_map("a"), "data": {"key": "other"}}
    with pytest.raises(ConflictError, match=r'conflict with "first": \.data\.key'):
        await second.apply(MAPS, intent, force=False)
    taken = await second.apply(MAPS, intent, force=True)
    assert taken["data"] == {"key": "other"}
    assert [each["manager"] for each in taken["metadata"]["managedFields"]] == ["second"]


async def test_handed_in_manifests_stay_the_callers_own() -> None:
    cluster = LocalCluster().direct()
    manifest = config_map("a")
    await cluster.create(MAPS, manifest)
    manifest["data"]["key"] = "changed afterwards"
    assert (await cluster.get(MAPS, key("a")))["data"] == {"key": "value"}


async def test_delete_checks_the_uid_and_forgives_absence() -> None:
    cluster = LocalCluster().direct()
    created = await cluster.create(MAPS, config_map("a"))
    with pytest.raises(ConflictError, match="the UID in the precondition"):
        await cluster.delete(MAPS, key("a"), uid="another")
    await cluster.delete(MAPS, key("a"), uid=created["metadata"]["uid"])
    await cluster.delete(MAPS, key("a"), uid=created["metadata"]["uid"])
    with pytest.raises(NotFoundError):
        await cluster.get(MAPS, key("a"))


async def test_finalizers_hold_a_deleted_object_until_the_last_is_gone() -> None:
    cluster = LocalCluster().direct()
    created = await cluster.create(MAPS, config_map("a", finalizers=["example.com/hold"]))
    await cluster.delete(MAPS, key("a"), uid=created["metadata"]["uid"])
    held = await cluster.get(MAPS, key("a"))
    assert held["metadata"]["deletionTimestamp"]
    more = {"metadata": {"finalizers": ["example.com/hold", "example.com/late"]}}
    with pytest.raises(InvalidError, match="no new finalizers can be added"):
        await cluster.patch(MAPS, key("a"), more, patch_type=MERGE)
    await cluster.patch(MAPS, key("a"), {"metadata": {"finalizers": None}}, patch_type=MERGE)
    with pytest.raises(NotFoundError):
        await cluster.get(MAPS, key("a"))


async def test_namespaces_are_filled_emptied_and_closed_meanwhile() -> None:
    local = LocalCluster()
    cluster = local.direct()
    manifest = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "team"}}
    created = await cluster.create(NAMESPACES, manifest)
    assert local.exists("ServiceAccount", "default", namespace="team")
    assert local.exists("ConfigMap", "kube-root-ca.crt", namespace="team")
    await cluster.create(MAPS, config_map("held", "team", finalizers=["example.com/hold"]))
    await cluster.create(MAPS, config_map("free", "team"))
    await cluster.delete(NAMESPACES, key("team", ""), uid=created["metadata"]["uid"])
    assert local.get("Namespace", "team")["status"]["phase"] == "Terminating"
    assert not local.exists("ConfigMap", "free", namespace="team")
    with pytest.raises(ForbiddenError, match="because it is being terminated"):
        await cluster.create(MAPS, config_map("late", "team"))
    release = {"metadata": {"finalizers": None}}
    await cluster.patch(MAPS, key("held", "team"), release, patch_type=MERGE)
    assert not local.exists("Namespace", "team")


async def test_wrong_objects_are_refused_with_every_cause() -> None:
    cluster = LocalCluster().direct()
    with pytest.raises(InvalidError) as caught:
        await cluster.create(MAPS, config_map("Not_A_Name"))
    assert caught.value.details["causes"][0]["field"] == "metadata.name"
    with pytest.raises(BadRequestError, match="cannot unmarshal number"):
        await cluster.create(MAPS, {**config_map("a"), "data": {"key": 1}})
