"""Writes of the owner itself: what goes into them, and what becomes of those that are refused."""

from __future__ import annotations

import asyncio
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest

from katalog_runtime.bundle import ApiType, ChildTemplate
from katalog_runtime.objects import Manifest
from tests.runtime.bundles import (
    CRD,
    cluster_role,
    config_map,
    data_job,
    job,
    named_config_map,
    replica_set,
    status_field,
    without_status,
)
from tests.runtime.links import Link
from tests.runtime.world import World, namespace, with_settings, world

pytestmark = pytest.mark.looptime(noop_cycles=0)

TOOLING = "applyset.kubernetes.io/tooling"
KINDS = "applyset.kubernetes.io/contains-group-kinds"


class Watchful(Link):
    """Keeps the owners that were sent."""

    def __init__(self, scene: World) -> None:
        super().__init__(scene.local.direct())
        self.owners: list[tuple[str, Manifest]] = []

    async def replace(self, api: ApiType, manifest: Manifest, *, subresource: str = "") -> Manifest:
        self.owners.append((subresource, manifest))
        return await super().replace(api, manifest, subresource=subresource)


async def test_managed_fields_stay_out_of_every_body() -> None:
    scene = world(config_map(), cluster_role())
    link = Watchful(scene)
    async with scene.operator(link):
        await scene.running()
    scene.spec = data_job(config_map(), replica_set())
    async with scene.operator(link):
        await scene.quiet(5)
        scene.local.patch("DataJob", "a", {"spec": {"timeout": "3h"}}, namespace="team")
        await scene.quiet(5)
    where = [subresource for subresource, _ in link.owners]
    assert (where.count(""), where.count("status")) == (3, 2)  # made, retired a type, marked anew
    assert not [each for _, each in link.owners if "managedFields" in each["metadata"]]


async def test_changes_by_others_that_never_cease_are_no_reason_to_hammer_the_server() -> None:
    fields = (status_field("n", "{{ .children.replicaset.metadata.labels.n }}"),)
    scene = world(replica_set(), status_fields=fields)
    async with scene.operator(scene.local.direct(latency_seconds=0.15)):
        await scene.running()

        async def write() -> None:
            for n in range(600):
                body = {"metadata": {"annotations": {"other": str(n)}}}
                scene.local.patch("DataJob", "a", body, namespace="team")
                await asyncio.sleep(0.1)

        scene.metrics.writes.clear()
        labels = {"metadata": {"labels": {"n": "7"}}}
        scene.local.patch("ReplicaSet", "a-worker", labels, namespace="team")
        await write()
        refused = [each for each in scene.metrics.writes if each[2] == "Conflict"]
        assert 10 < len(refused) < 30
        assert (
            scene.controller.view().last_error == "others change it faster than it can be written"
        )
        await scene.until(lambda: scene.owner()["status"].get("n") == "7", seconds=10)
        assert scene.owner()["metadata"]["annotations"]["other"] == "599"


async def test_a_type_without_a_status_is_served_all_the_same() -> None:
    scene = world(crd=without_status())
    async with scene.operator():
        scene.create()
        await scene.until(lambda: scene.exists("ReplicaSet", "a-worker"))
        await scene.quiet(30)
        view = scene.controller.view()
        assert view.resource_count == 1
        assert view.last_error.endswith("has its type a status subresource?")
        scene.local.delete("ReplicaSet", "a-worker", namespace="team")
        await scene.until(lambda: scene.exists("ReplicaSet", "a-worker"), seconds=5)


@pytest.mark.parametrize("said", ["a text", ["a list"], 7])
async def test_a_status_that_is_no_mapping_is_replaced(said: object) -> None:
    crd = deepcopy(CRD)
    schema = crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    schema["properties"]["status"] = {"x-kubernetes-preserve-unknown-fields": True}
    scene = world(crd=crd)
    async with scene.operator():
        await scene.running()
        scene.local.patch("DataJob", "a", {"status": said}, namespace="team", subresource="status")
        await scene.quiet(2)
        assert scene.is_ready()
        assert scene.metrics.panics == 0


# Types that nothing makes any more ------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "between"),
    [
        pytest.param({}, {}, id="the usual"),
        pytest.param({TOOLING: "kubectl/v1.36"}, {}, id="another tool's"),
        pytest.param({}, {TOOLING: None}, id="nobody's any more"),
    ],
)
@pytest.mark.parametrize("deleted", [False, True])
async def test_they_are_cleared_out_whoever_signed_the_record(
    first: dict[str, str], between: dict[str, Any], deleted: bool
) -> None:
    scene = world(config_map(), cluster_role())
    owner = job()
    owner["metadata"]["annotations"] = first
    async with scene.operator():
        await scene.running(owner)
        assert scene.exists("ClusterRole", "team-a", "")
    scene.local.patch("DataJob", "a", {"metadata": {"annotations": between}}, namespace="team")
    scene.spec = data_job(config_map())
    async with scene.operator():
        if deleted:
            scene.local.delete("DataJob", "a", namespace="team")
        await scene.until(lambda: not scene.exists("ClusterRole", "team-a", ""))
        await scene.quiet(60)
        assert scene.exists("DataJob", "a") is not deleted
        if not deleted:
            assert scene.owner()["metadata"]["annotations"][KINDS] == "ConfigMap"
        scene.local.forget_requests()
        await scene.quiet(300)
        assert scene.writes() == []


def elsewhere() -> ChildTemplate:
    made = named_config_map("{{ .metadata.name }}-far")
    skeleton = {**made.manifest.skeleton, "metadata": {"namespace": "other"}}
    return replace(made, manifest=replace(made.manifest, skeleton=skeleton))


@pytest.mark.parametrize("everywhere", [True, False])
async def test_they_are_cleared_out_of_other_namespaces_if_those_may_be_listed(
    everywhere: bool,
) -> None:
    settings = with_settings(namespaces=() if everywhere else ("team",))
    scene = world(replica_set(), elsewhere(), settings=settings)
    scene.create(namespace("other"))
    async with scene.operator():
        await scene.running()
        assert scene.exists("ConfigMap", "a-far", "other")
    scene.spec = data_job(replica_set())
    async with scene.operator():
        await scene.quiet(60)
        assert scene.exists("ConfigMap", "a-far", "other") is not everywhere
