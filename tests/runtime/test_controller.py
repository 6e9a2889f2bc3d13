from __future__ import annotations

import pytest

from tests.runtime.bundles import job
from tests.runtime.world import world

pytestmark = pytest.mark.looptime


async def test_a_data_job_gets_its_children_and_a_status() -> None:
    scene = world()
    async with scene.operator():
        scene.create()
        await scene.until(scene.is_ready)
        owner = scene.owner()
        config, workers = scene.get("ConfigMap", "a-config"), scene.get("ReplicaSet", "a-worker")
    assert config["data"] == {"MODE": "batch", "TIMEOUT": "2h"}
    assert workers["spec"]["replicas"] == 2
    assert owner["status"]["phase"] == "Running"
    assert owner["metadata"]["finalizers"] == ["orkestra.orkspace.io/cleanup"]
    assert owner["metadata"]["labels"]["orkestra.orkspace.io/managed"] == "true"
    reference = workers["metadata"]["ownerReferences"]
    assert reference == [
        {
            "apiVersion": "data.example.com/v1",
            "kind": "DataJob",
            "name": "a",
            "uid": owner["metadata"]["uid"],
            "controller": True,
        }
    ]


async def test_a_new_owner_costs_four_writes_and_one_event() -> None:
    scene = world()
    async with scene.operator():
        scene.create()
        await scene.until(scene.is_ready)
        await scene.quiet()
    assert scene.writes() == []
    assert scene.events.reasons == ["DataJobReconciled"]


async def test_an_edit_of_the_owner_reaches_its_children() -> None:
    scene = world()
    async with scene.operator():
        scene.create()
        await scene.until(scene.is_ready)
        scene.create(job(parallelism="5"))
        await scene.until(lambda: scene.get("ReplicaSet", "a-worker")["spec"]["replicas"] == 5)
