"""Children that look as if their owner were gone, and must not be deleted.

The operator does not wait here before it takes a child for left behind, but for the backup.
"""

from __future__ import annotations

import asyncio
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest

from katalog_runtime.bundle import ApiType, ChildTemplate
from katalog_runtime.cluster import ListPage
from katalogc.localcluster import Fault
from tests.runtime.bundles import (
    CRD,
    cluster_role,
    config_map,
    data_job,
    generated_secret,
    job,
    without_status,
)
from tests.runtime.bundles import replica_set as workers
from tests.runtime.links import LateEvents, Link, Webhook
from tests.runtime.test_strays import NOTE, identity, role, there
from tests.runtime.world import World, namespace, with_settings
from tests.runtime.world import world as patient_world

pytestmark = pytest.mark.looptime(noop_cycles=0)

OLD = 700.0


def world(*children: ChildTemplate, **more: Any) -> World:
    return patient_world(*children, settings=with_settings(stray_seconds=0.0), **more)


RELEASED: dict[str, Any] = {
    "annotations": {NOTE: None},
    "labels": {"applyset.kubernetes.io/part-of": None, "orkestra-owner": None},
}


def uid(scene: World) -> str:
    return str(scene.get("ClusterRole", "team-a", "")["metadata"]["uid"])


def holder(scene: World, *, controller: bool) -> list[dict[str, Any]]:
    """A reference to an object that lives."""
    kind = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole"}
    scene.create({**kind, "metadata": {"name": "holder"}, "rules": []})
    made = scene.get("ClusterRole", "holder", "")["metadata"]["uid"]
    return [{**kind, "name": "holder", "uid": made, "controller": controller}]


def two_versions(*, v1_served: bool) -> dict[str, Any]:
    crd = deepcopy(CRD)
    (one,) = crd["spec"]["versions"]
    two = {**deepcopy(one), "name": "v2", "storage": True}
    crd["spec"]["versions"] = [{**one, "storage": False, "served": v1_served}, two]
    return crd


# The server says little about the owner ------------------------------------------------------


@pytest.mark.parametrize("restarted", [True, False])
async def test_a_type_that_is_not_served_tells_nothing_of_its_objects(restarted: bool) -> None:
    scene = world(
        cluster_role(), config_map("kept", sync="apply"), crd=two_versions(v1_served=True)
    )
    async with scene.operator():
        await scene.running()
        before = uid(scene)
        await scene.quiet(OLD)
        if not restarted:
            scene.local.apply_manifests([two_versions(v1_served=False)])
            # It cannot be made again, and the owner cannot be told.
            scene.local.inject(Fault(verb="create", resource="configmaps", status=403, times=9))
            scene.local.delete("ConfigMap", "a-kept", namespace="team")
            await scene.quiet(OLD)
    scene.local.apply_manifests([two_versions(v1_served=False)])
    async with scene.operator():
        await scene.quiet(OLD)
    assert uid(scene) == before


async def test_two_404s_of_a_load_balancer_are_no_news() -> None:
    scene = world(cluster_role())
    async with scene.operator():
        await scene.running()
        before = uid(scene)
    await scene.quiet(OLD)
    scene.local.inject(Fault(verb="list", resource="datajobs", status=404, times=2))
    async with scene.operator():
        await scene.quiet(60)
    assert uid(scene) == before


async def test_an_owner_without_its_labels_is_there_though_its_first_list_failed() -> None:
    scene = world(cluster_role())
    async with scene.operator():
        await scene.running()
        before = uid(scene)
    bare = {"labels": None, "finalizers": None, "annotations": None}
    scene.local.patch("DataJob", "a", {"metadata": bare}, namespace="team")
    await scene.quiet(OLD)
    scene.local.inject(Fault(verb="list", resource="datajobs", status=503, times=1))
    async with scene.operator():
        await scene.quiet(60)
        assert scene.is_ready()
    assert uid(scene) == before


class Filtering(Link):
    """A server that filters after paging: an empty page, and a token for what comes."""

    async def list_page(self, api: ApiType, **more: Any) -> ListPage:
        if api.plural == "datajobs" and more["limit"] == 1:
            return ListPage(items=[], resource_version="1", continue_token="more")
        return await super().list_page(api, **more)


class SlowAnswers(Link):
    """The question whether the owner is there takes two seconds."""

    async def list_page(self, api: ApiType, **more: Any) -> ListPage:
        page = await super().list_page(api, **more)
        if api.plural == "datajobs" and more["limit"] == 1:
            await asyncio.sleep(2)
        return page


@pytest.mark.parametrize("link", [Link, Filtering])
async def test_an_owner_of_whom_we_hear_late_is_asked_for(link: type[Link]) -> None:
    scene = world(cluster_role())
    scene.create(role("a"))
    before = uid(scene)
    await scene.quiet(OLD)
    late = LateEvents(link(scene.local.direct()))
    late.seconds, late.plural = 3.0, "datajobs"
    async with scene.operator(late):
        scene.controller.deactivate()
        await scene.quiet(1)
        scene.create(job())
        scene.controller.activate()
        await scene.until(scene.is_ready)
    assert uid(scene) == before


async def test_an_owner_that_comes_while_the_answer_is_on_its_way_has_its_children() -> None:
    scene = world(cluster_role())
    scene.create(role("a"))
    before = uid(scene)
    await scene.quiet(OLD)
    async with scene.operator(SlowAnswers(scene.local.direct())):
        await scene.quiet(1)
        scene.create(job())
        await scene.until(scene.is_ready)
    assert uid(scene) == before


async def test_an_owner_that_leaves_is_not_forgotten_for_want_of_a_status() -> None:
    scene = world(cluster_role(), crd=without_status())
    async with scene.operator():
        scene.create()
        await scene.until(lambda: there(scene))
        hold = {"metadata": {"finalizers": ["example.com/hold"]}}
        scene.local.patch("ClusterRole", "team-a", hold)
        scene.local.delete("DataJob", "a", namespace="team")
        scene.local.patch("DataJob", "a", {"metadata": {"labels": None}}, namespace="team")
        await scene.quiet(60)
        assert scene.controller.view().resource_count == 1
        scene.local.patch("ClusterRole", "team-a", {"metadata": {"finalizers": None}})
        await scene.until(lambda: not scene.exists("DataJob", "a"), seconds=600)


# Somebody else has it now ---------------------------------------------------------------------


@pytest.mark.parametrize("controller", [True, False])
async def test_what_refers_to_another_owner_is_that_ones(controller: bool) -> None:
    scene = world(cluster_role())
    made = role("a")
    made["metadata"]["ownerReferences"] = holder(scene, controller=controller)
    scene.create(made)
    await scene.quiet(OLD)
    async with scene.operator():
        await scene.quiet(60)
    assert there(scene)


async def test_what_was_handed_over_behind_our_back_stays() -> None:
    scene = world(cluster_role())
    link = LateEvents(scene.local.direct())
    link.plural = "clusterroles"
    async with scene.operator(link):
        await scene.running()
        link.seconds = 10.0
        labels = {**RELEASED["labels"], "orkestra.orkspace.io/managed": None}
        handed = {"labels": labels, "ownerReferences": holder(scene, controller=True)}
        scene.local.patch("ClusterRole", "team-a", {"metadata": {**RELEASED, **handed}})
        scene.tear_away()
        await scene.quiet(60)
    assert there(scene)


@pytest.mark.parametrize("torn", [True, False])
async def test_what_was_released_by_hand_stays(torn: bool) -> None:
    scene = world(replace(cluster_role(), sync="create", phase="onCreate"))
    async with scene.operator():
        await scene.running()
        scene.local.patch("ClusterRole", "team-a", {"metadata": RELEASED})
        await scene.quiet(5)
        if torn:
            scene.tear_away()
        else:
            scene.local.delete("DataJob", "a", namespace="team")
        await scene.quiet(OLD)
        assert not scene.exists("DataJob", "a")
    assert there(scene)


async def test_members_of_another_tools_set_are_not_cleared_out_with_ours() -> None:
    scene = world(config_map(), workers())
    owner = job()
    owner["metadata"]["annotations"] = {"applyset.kubernetes.io/tooling": "kubectl/v1.36"}
    labels = {"applyset.kubernetes.io/part-of": identity("a")}
    member = {"name": "theirs", "namespace": "team", "labels": labels}
    scene.create(owner, {"apiVersion": "v1", "kind": "ConfigMap", "metadata": member})
    async with scene.operator():
        await scene.until(scene.is_ready)
    scene.spec = data_job(workers())
    async with scene.operator():
        await scene.until(lambda: not scene.exists("ConfigMap", "a-config"))
        await scene.quiet(60)
    assert scene.exists("ConfigMap", "theirs")


# A backup is played back ------------------------------------------------------------------------


def far_secret() -> ChildTemplate:
    made = generated_secret("")
    skeleton = {**made.manifest.skeleton, "metadata": {"namespace": "other"}}
    return replace(made, manifest=replace(made.manifest, skeleton=skeleton))


async def test_a_backup_may_bring_a_generated_secret_back_before_its_owner() -> None:
    scene = patient_world(far_secret())
    scene.create(namespace("other"))
    async with scene.operator():
        await scene.running()
        saved = scene.get("Secret", "a-key", "other"), scene.owner()
        scene.local.delete("DataJob", "a", namespace="team")
        await scene.until(lambda: not scene.exists("Secret", "a-key", "other"))
        await scene.quiet(OLD)
        for each in saved:
            for name in ("uid", "resourceVersion", "creationTimestamp", "managedFields"):
                each["metadata"].pop(name, None)
        secret, owner = saved
        scene.create(secret)
        await scene.quiet(500)
        scene.create(owner)
        await scene.quiet(OLD)
        assert scene.get("Secret", "a-key", "other")["data"] == secret["data"]


# And at rest --------------------------------------------------------------------------------------


async def test_without_a_status_what_was_accepted_is_not_applied_again() -> None:
    scene = world(workers(), crd=without_status())
    async with scene.operator(Webhook(scene.local.direct())):
        scene.create()
        await scene.quiet(600)
        scene.local.forget_requests()
        await scene.quiet(600)
        sent = [each for each in scene.local.requests if each.verb != "watch"]
        assert [each for each in sent if each.resource == "replicasets"] == []
        assert len(sent) <= 6, "the status is tried, and the owner asked for, now and then"
