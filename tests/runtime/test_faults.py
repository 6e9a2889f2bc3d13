"""Faults as data, named after the fault catalogue: what goes wrong, and what stays right."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from katalog_runtime.bundle import Backoff
from katalogc.localcluster import Fault
from tests.runtime.bundles import CRD, cluster_role, config_map, job, replica_set
from tests.runtime.world import World, namespace, with_settings, world

pytestmark = pytest.mark.looptime(noop_cycles=0)


def replicas(scene: World) -> Any:
    return scene.get("ReplicaSet", "a-worker")["spec"]["replicas"]


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(Fault(kind="drop-watch", verb="watch", times=9), id="w5-hang-up"),
        pytest.param(Fault(kind="watch-error", verb="watch", status=410, times=9), id="w2-gone"),
        pytest.param(Fault(kind="watch-error", verb="watch", status=500, times=9), id="w3-error"),
        pytest.param(Fault(kind="garbage", verb="watch", times=9), id="w9-garbage"),
        pytest.param(Fault(verb="watch", status=410, times=9), id="w1-gone-status"),
        pytest.param(Fault(verb="list", status=503, times=6), id="a4-list"),
        pytest.param(Fault(kind="unreachable", verb="list", times=6), id="a4-unreachable"),
        pytest.param(Fault(verb="write", status=500, times=6), id="a4-write"),
        pytest.param(Fault(verb="write", status=429, retry_after_seconds=2, times=4), id="a3"),
        pytest.param(Fault(verb="write", status=409, times=6), id="a1-conflict"),
        pytest.param(Fault(kind="ambiguous", verb="write", times=6), id="a5-ambiguous"),
        pytest.param(Fault(verb="create", resource="configmaps", status=403, times=4), id="a7"),
        pytest.param(Fault(verb="create", resource="configmaps", status=404, times=4), id="404"),
        pytest.param(Fault(verb="write", status=401, times=4), id="q14-token"),
    ],
)
async def test_once_a_fault_ends_the_desired_state_is_reached_and_nothing_more_is_written(
    fault: Fault,
) -> None:
    scene = world(config_map(), replica_set(), config_map("kept", sync="apply"))
    scene.local.inject(fault)
    async with scene.operator():
        scene.create()
        await scene.until(scene.is_ready, seconds=600)
        await scene.quiet(1)
        scene.create(job(parallelism="4"))
        await scene.until(lambda: replicas(scene) == 4, seconds=600)
        await scene.until(lambda: scene.ready()["observedGeneration"] == 2)
        await scene.quiet(60)
        scene.local.forget_requests()
        await scene.quiet(600)
        assert scene.writes() == []
        assert scene.metrics.panics == 0
        assert scene.controller.view().queue_depth == 0
        names = sorted(each["metadata"]["name"] for each in scene.local.list("ConfigMap"))
        assert [each for each in names if each.startswith("a-")] == ["a-config", "a-kept"]


async def test_w4_a_silent_watch_is_given_up_and_resumed_without_a_list() -> None:
    scene = world(settings=with_settings(idle_seconds=30.0))
    async with scene.operator():
        await scene.running()
        lists = sum(each.lists for each in scene.controller.view().informers)
        await scene.quiet(100)
        assert scene.metrics.watch_ends.count("idle") >= 6
        assert sum(each.lists for each in scene.controller.view().informers) == lists
        assert not all(each.fresh for each in scene.controller.view().informers)
        scene.create(job(parallelism="4"))
        await scene.until(lambda: replicas(scene) == 4)


async def test_w6_an_owner_deleted_and_made_again_while_we_were_away_is_another_owner() -> None:
    scene = world()
    async with scene.operator():
        await scene.running()
    first = scene.owner()["metadata"]["uid"]
    bare = {"metadata": {"finalizers": None}}
    scene.local.patch("DataJob", "a", bare, namespace="team")
    scene.local.delete("DataJob", "a", namespace="team")
    scene.create(job(parallelism="3"))
    async with scene.operator():
        await scene.until(scene.is_ready)
        second = scene.owner()["metadata"]["uid"]
        assert second != first
        assert replicas(scene) == 3
        reference = scene.get("ConfigMap", "a-config")["metadata"]["ownerReferences"][0]
        assert reference["uid"] == second


async def test_w6_the_same_under_a_running_operator() -> None:
    scene = world()
    async with scene.operator():
        await scene.running()
        scene.local.inject(Fault(kind="unreachable", verb="watch", times=12))
        scene.local.drop_watches()
        bare = {"metadata": {"finalizers": None}}
        scene.local.patch("DataJob", "a", bare, namespace="team")
        scene.local.delete("DataJob", "a", namespace="team")
        scene.create(job(parallelism="3"))
        await scene.until(lambda: scene.is_ready() and replicas(scene) == 3, seconds=600)


async def test_w10_the_history_is_gone_after_an_outage_and_vanished_objects_are_noticed() -> None:
    scene = world(settings=with_settings(page_size=3))
    async with scene.operator():
        scene.create(*(job(f"j{number}") for number in range(10)))
        await scene.until(lambda: scene.controller.view().ready_count == 10)
        scene.local.inject(Fault(kind="unreachable", verb="watch", times=20))
        scene.local.drop_watches()
        bare = {"metadata": {"finalizers": None}}
        for number in range(5):
            scene.local.patch("DataJob", f"j{number}", bare, namespace="team")
            scene.local.delete("DataJob", f"j{number}", namespace="team")
        scene.local.delete("ReplicaSet", "j7-worker", namespace="team")
        scene.local.compact()
        await scene.until(lambda: scene.controller.view().resource_count == 5, seconds=600)
        await scene.until(lambda: scene.exists("ReplicaSet", "j7-worker"), seconds=600)
        await scene.until(lambda: scene.controller.view().child_count == 10, seconds=600)


async def test_w12_a_kind_that_is_installed_later_is_found() -> None:
    scene = world()
    other = {**CRD, "metadata": {"name": "widgets.example.com"}}
    names = {"plural": "widgets", "singular": "widget", "kind": "Widget", "listKind": "WidgetList"}
    other["spec"] = {**CRD["spec"], "group": "example.com", "names": names}
    template = config_map("widget", sync="apply")
    api = replace(template.api, group="example.com", kind="Widget", plural="widgets")
    skeleton = {"apiVersion": "example.com/v1", "kind": "Widget", "spec": {"size": 1}}
    widget = replace(
        template,
        api=api,
        manifest=replace(template.manifest, skeleton=skeleton, holes=template.manifest.holes[:1]),
    )
    scene.spec = replace(scene.spec, children=(replica_set(), widget))
    async with scene.operator():
        scene.create()
        await scene.until(lambda: scene.ready().get("reason") == "KindUnavailable")
        assert scene.exists("ReplicaSet", "a-worker")
        assert scene.controller.view().missing == ("widgets.example.com",)
        assert scene.controller.view().state == "degraded"
        scene.local.apply_manifests([other])
        await scene.until(scene.is_ready, seconds=120)
        assert scene.exists("Widget", "a-widget")


async def test_w14_a_kind_that_rbac_forbids_holds_up_nobody_else() -> None:
    scene = world()
    scene.local.inject(Fault(verb="list", resource="replicasets", status=403, times=5))
    async with scene.operator():
        scene.create()
        await scene.until(lambda: scene.ready().get("reason") == "KindUnavailable")
        assert scene.exists("ConfigMap", "a-config")
        assert not scene.exists("ReplicaSet", "a-worker")
        await scene.until(scene.is_ready, seconds=120)
        assert scene.exists("ReplicaSet", "a-worker")


async def test_a2_a_field_held_by_another_manager_is_taken_only_by_force() -> None:
    child = replace(replica_set(), force=False)
    scene = world(child)
    async with scene.operator():
        await scene.running()
        scene.create(job(parallelism="3"))
        await scene.until(lambda: replicas(scene) == 3)
        theirs = scene.get("ReplicaSet", "a-worker")
        scaled = {
            "apiVersion": "apps/v1",
            "kind": "ReplicaSet",
            "metadata": {"name": "a-worker", "namespace": "team"},
            "spec": {"replicas": 8},
        }
        scene.local.apply_manifests([scaled], field_manager="scaler")
        await scene.until(lambda: scene.ready().get("reason") == "ChildConflict")
        assert "scaler" in scene.ready()["message"]
        scene.local.forget_requests()
        await scene.quiet(600)
        assert replicas(scene) == 8
        assert len(scene.writes()) < 12
        assert theirs["metadata"]["name"] == "a-worker"


async def test_a6_a_child_that_the_server_will_never_take_is_not_sent_again_and_again() -> None:
    scene = world(config_map(), replica_set())
    async with scene.operator():
        scene.create(job(parallelism="-1"))
        await scene.until(lambda: scene.ready().get("reason") == "ChildInvalid")
        conditions = scene.owner()["status"]["conditions"]
        assert [each["type"] for each in conditions] == ["Ready", "Stalled"]
        assert "replicas" in scene.ready()["message"]
        scene.local.forget_requests()
        await scene.quiet(600)
        assert len(scene.writes()) < 10
        assert scene.events.reasons == ["DataJobReconcileError"]
        scene.create(job(parallelism="1"))
        await scene.until(scene.is_ready)
        conditions = scene.owner()["status"]["conditions"]
        assert [each["type"] for each in conditions] == ["Ready"]


async def test_a8_d6_a_namespace_that_goes_takes_everything_along_and_gets_nothing_new() -> None:
    scene = world()
    async with scene.operator():
        await scene.running()
        scene.local.forget_requests()
        scene.local.delete("Namespace", "team", namespace="")
        await scene.until(lambda: not scene.exists("DataJob", "a"))
        await scene.until(lambda: scene.controller.view().resource_count == 0)
        await scene.quiet(60)
        creates = [each for each in scene.writes() if each[0] == "create"]
        assert len(creates) <= 2
        assert scene.metrics.panics == 0


async def test_a10_a_child_that_someone_holds_is_waited_for() -> None:
    scene = world()
    async with scene.operator():
        await scene.running()
        held = {"metadata": {"finalizers": ["example.com/hold"]}}
        scene.local.patch("ReplicaSet", "a-worker", held, namespace="team")
        scene.local.delete("ReplicaSet", "a-worker", namespace="team")
        await scene.until(lambda: scene.ready().get("reason") == "ChildTerminating")
        assert "example.com/hold" in scene.ready()["message"]
        scene.local.forget_requests()
        await scene.quiet(300)
        assert scene.writes() == []
        released = {"metadata": {"finalizers": None}}
        scene.local.patch("ReplicaSet", "a-worker", released, namespace="team")
        await scene.until(scene.is_ready)
        assert "deletionTimestamp" not in scene.get("ReplicaSet", "a-worker")["metadata"]


async def test_a11_an_object_of_someone_else_is_never_touched() -> None:
    scene = world()
    mine = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "a-config", "namespace": "team"},
        "data": {"hand": "made"},
    }
    scene.local.apply_manifests([mine])
    async with scene.operator():
        scene.create()
        await scene.until(lambda: scene.ready().get("reason") == "ChildConflict")
        assert scene.exists("ReplicaSet", "a-worker")
        before = scene.get("ConfigMap", "a-config")
        await scene.quiet(600)
        assert scene.get("ConfigMap", "a-config") == before
        scene.local.delete("DataJob", "a", namespace="team")
        await scene.until(lambda: not scene.exists("DataJob", "a"))
        assert scene.exists("ConfigMap", "a-config")


async def test_d12_two_owners_that_want_one_child_do_not_fight() -> None:
    shared = config_map(sync="apply")
    named = replace(
        shared.manifest,
        skeleton={**shared.manifest.skeleton, "metadata": {"name": "shared"}},
        holes=shared.manifest.holes[1:],
    )
    scene = world(replace(shared, manifest=named))
    async with scene.operator():
        scene.create(job("one"))
        await scene.until(lambda: scene.is_ready("one"))
        scene.create(job("two", timeout="9h"))
        await scene.until(lambda: scene.ready("two").get("reason") == "ChildConflict")
        await scene.quiet(600)
        assert scene.get("ConfigMap", "shared")["data"]["TIMEOUT"] == "2h"
        assert scene.is_ready("one")


async def test_a_child_that_lost_its_label_is_neither_duplicated_nor_lost() -> None:
    scene = world(config_map(), replica_set())
    async with scene.operator():
        await scene.running()
        bare = {"metadata": {"labels": {"orkestra.orkspace.io/managed": None}}}
        for kind, name in (("ReplicaSet", "a-worker"), ("ConfigMap", "a-config")):
            uid = scene.get(kind, name)["metadata"]["uid"]
            scene.local.patch(kind, name, bare, namespace="team")
            await scene.until(
                lambda kind=kind, name=name: (
                    "orkestra.orkspace.io/managed" in scene.get(kind, name)["metadata"]["labels"]
                )
            )
            assert scene.get(kind, name)["metadata"]["uid"] == uid
        await scene.quiet(60)
        scene.local.forget_requests()
        await scene.quiet(300)
        assert scene.writes() == []


async def test_a13_a_child_that_someone_keeps_undoing_is_left_alone_for_longer_and_longer() -> None:
    scene = world()
    async with scene.operator():
        await scene.running()

        async def undo() -> None:
            while True:
                await scene.clock.sleep(1)
                body = {"spec": {"replicas": 7}}
                scene.local.patch("ReplicaSet", "a-worker", body, namespace="team")

        other = asyncio.create_task(undo())
        await scene.until(lambda: scene.ready().get("reason") == "ChildFlapping", seconds=300)
        scene.local.forget_requests()
        await scene.quiet(600)
        assert scene.writes().count(("apply", "replicasets")) < 15
        other.cancel()
        await scene.until(lambda: scene.is_ready() and replicas(scene) == 2, seconds=900)


async def test_a14_a_status_that_the_schema_drops_is_not_written_for_ever() -> None:
    strict: dict[str, Any] = {**CRD}
    version = {
        **CRD["spec"]["versions"][0],
        "schema": {
            "openAPIV3Schema": {
                "type": "object",
                "properties": {
                    "spec": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
                    "status": {"type": "object", "properties": {"phase": {"type": "string"}}},
                },
            }
        },
    }
    strict["spec"] = {**CRD["spec"], "versions": [version]}
    scene = world(crd=strict)
    async with scene.operator():
        scene.create()
        await scene.until(lambda: scene.owner().get("status") == {"phase": "Running"})
        await scene.quiet(5)
        scene.local.forget_requests()
        await scene.quiet(300)
        assert scene.writes() == []


async def test_q1_a_thousand_owners_at_once_fit_through_a_short_queue() -> None:
    scene = world(config_map(), settings=with_settings(queue_depth=10))
    async with scene.operator():
        scene.create(*(job(f"j{number}") for number in range(150)))
        await scene.until(lambda: scene.controller.view().ready_count == 150)
        assert scene.controller.view().queue_depth == 0
        assert scene.metrics.overflows > 0


async def test_q3_one_poisonous_object_does_not_slow_the_others() -> None:
    scene = world(
        config_map(text="{{ index .spec.list 7 }}"),
        backoff=Backoff(initial_seconds=1, max_seconds=100),
    )
    async with scene.operator():
        scene.create(
            job("poison", list=[1]), *(job(f"j{n}", list=list(range(9))) for n in range(9))
        )
        await scene.until(lambda: scene.controller.view().ready_count == 9)
        before = scene.controller.view().total_reconciles
        await scene.quiet(1000)
        assert scene.controller.view().total_reconciles - before < 25


async def test_l1_nothing_is_written_once_leadership_is_lost_and_all_is_caught_up_after() -> None:
    leads = True
    scene = world()
    async with scene.operator(may_write=lambda: leads):
        await scene.running()
        leads = False
        scene.controller.deactivate()
        scene.local.forget_requests()
        scene.create(job(parallelism="4"), job("b"))
        await scene.quiet(120)
        assert scene.writes() == []
        leads = True
        scene.controller.activate()
        await scene.until(lambda: replicas(scene) == 4 and scene.is_ready("b"))


async def test_l1_a_lost_lease_stops_writes_that_were_decided_before() -> None:
    scene = world()

    def leads() -> bool:
        """Until the finalizer is there, the first of the writes that were decided."""
        return not scene.owner()["metadata"].get("finalizers")

    async with scene.operator(scene.local.direct(latency_seconds=0.5), may_write=leads):
        await scene.quiet(5)
        scene.create()
        await scene.until(lambda: not leads())
        await scene.quiet(60)
        assert not scene.exists("ConfigMap", "a-config")


async def test_q9_stopping_finishes_what_is_in_flight_and_takes_nothing_new() -> None:
    scene = world()
    async with scene.operator(scene.local.direct(latency_seconds=0.5)):
        await scene.quiet(5)
        scene.create()
        await scene.until(lambda: bool(scene.owner()["metadata"].get("finalizers")))
        await scene.controller.stop()
        assert scene.is_ready()


async def test_d13_the_type_of_the_owners_is_removed_and_comes_back() -> None:
    scene = world()
    async with scene.operator():
        await scene.running()
        scene.local.delete("CustomResourceDefinition", "datajobs.data.example.com", namespace="")
        await scene.until(lambda: scene.controller.view().resource_count == 0, seconds=300)
        await scene.quiet(60)
        assert scene.metrics.panics == 0
        scene.local.apply_manifests([CRD])
        scene.create(job("b"))
        await scene.until(lambda: scene.is_ready("b"), seconds=120)


async def test_two_controllers_of_one_shard_each_serve_their_share() -> None:
    scene = world(config_map(), settings=with_settings(shard=(0, 2)))
    scene.create(*(job(f"j{number}") for number in range(20)))
    async with scene.operator():
        await scene.quiet(10)
        first = scene.controller.view().resource_count
    scene.settings = with_settings(shard=(1, 2))
    async with scene.operator():
        await scene.quiet(10)
        second = scene.controller.view().resource_count
        assert all(scene.is_ready(f"j{number}") for number in range(20))
    assert first + second == 20
    assert 0 < first < 20


async def test_only_the_watched_namespace_is_served() -> None:
    scene = world(namespaces=("team",))
    scene.local.apply_manifests([namespace("other")])
    async with scene.operator():
        scene.create(job(), {**job("b"), "metadata": {"name": "b", "namespace": "other"}})
        await scene.until(scene.is_ready)
        await scene.quiet(60)
        assert not scene.exists("ConfigMap", "b-config", "other")
    assert {each.namespace for each in scene.local.requests} == {"team"}


async def test_a_cluster_scoped_child_survives_a_denied_delete_and_goes_later() -> None:
    scene = world(cluster_role())
    async with scene.operator():
        await scene.running()
        scene.local.inject(Fault(verb="delete", resource="clusterroles", status=403, times=3))
        scene.local.delete("DataJob", "a", namespace="team")
        await scene.until(lambda: not scene.exists("DataJob", "a"), seconds=600)
        assert not scene.exists("ClusterRole", "team-a", "")
