"""Faults of the way to the API server, named after the fault catalogue: late, lost, cut, changed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from katalog_runtime.bundle import Backoff, ChildTemplate, Template
from katalogc.localcluster import Fault
from tests.runtime.bundles import (
    CRD,
    cluster_role,
    config_map,
    job,
    named_config_map,
    replica_set,
)
from tests.runtime.links import (
    Buggy,
    Cut,
    LateAnswers,
    LateEvents,
    LosingEvents,
    Stuck,
    Webhook,
)
from tests.runtime.world import World, with_settings, world

pytestmark = pytest.mark.looptime(noop_cycles=0)


def replicas(scene: World, name: str = "a") -> Any:
    return scene.get("ReplicaSet", f"{name}-worker")["spec"]["replicas"]


def widget_and_its_definition() -> tuple[ChildTemplate, dict[str, Any]]:
    """A child of a type that somebody else defines."""
    names = {"plural": "widgets", "singular": "widget", "kind": "Widget", "listKind": "WidgetList"}
    crd = {
        **CRD,
        "metadata": {"name": "widgets.example.com"},
        "spec": {**CRD["spec"], "group": "example.com", "names": names},
    }
    template = config_map("widget", sync="apply")
    skeleton = {"apiVersion": "example.com/v1", "kind": "Widget", "spec": {"size": 1}}
    api = replace(template.api, group="example.com", kind="Widget", plural="widgets")
    manifest = Template(skeleton=skeleton, holes=template.manifest.holes[:1])
    return replace(template, api=api, manifest=manifest), crd


async def quiet_from_now_on(scene: World, seconds: float = 600.0) -> None:
    scene.local.forget_requests()
    await scene.quiet(seconds)
    assert scene.writes() == []


async def test_w8_an_answer_that_comes_after_its_object_was_deleted_brings_nothing_back() -> None:
    scene = world()
    link = LateAnswers(scene.local.direct())
    async with scene.operator(link):
        await scene.running()
        link.seconds = 1.0
        scene.local.delete("ReplicaSet", "a-worker", namespace="team")
        await scene.until(lambda: scene.exists("ReplicaSet", "a-worker"))
        # It was made and goes again before its maker hears of it; so does its owner.
        scene.local.delete("ReplicaSet", "a-worker", namespace="team")
        scene.tear_away()
        await scene.quiet(5)
        assert scene.controller.view().resource_count == 0
        assert scene.controller.view().child_count == 0
        link.seconds = 0.0
        scene.create()
        await scene.until(scene.is_ready)


async def test_w6_a_late_not_found_about_the_former_owner_does_not_hide_the_new_one() -> None:
    scene = world()
    link = LateAnswers(scene.local.direct())
    async with scene.operator(link):
        await scene.running()
        link.seconds = 5.0
        # The operator writes to the owner that it knows, which is gone by then.
        scene.local.inject(Fault(verb="update", resource="datajobs", status=404))
        scene.local.patch("DataJob", "a", {"metadata": {"labels": None}}, namespace="team")
        await scene.quiet(1)
        scene.tear_away()
        scene.create(job(parallelism="3"))
        await scene.until(lambda: scene.is_ready() and replicas(scene) == 3, seconds=120)
        assert scene.controller.view().resource_count == 1


async def test_l3_a_child_made_on_a_view_that_lags_behind_goes_after_its_owner() -> None:
    scene = world(cluster_role())
    link = LateEvents(scene.local.direct())
    async with scene.operator(link):
        await scene.running()
        link.seconds, link.plural = 20.0, "datajobs"
        scene.tear_away()
        scene.local.delete("ClusterRole", "team-a", namespace="")
        # The role is seen to be gone, and its owner not yet: it is made again, for nobody.
        await scene.until(lambda: scene.exists("ClusterRole", "team-a", ""), seconds=5)
        await scene.quiet(300)
        assert not scene.exists("ClusterRole", "team-a", "")
        assert scene.controller.view().child_count == 0


async def test_d10_an_owner_without_its_finalizer_leaves_nothing_behind_while_we_look() -> None:
    scene = world(cluster_role(), config_map())
    async with scene.operator():
        await scene.running()
        scene.create(job("b"))
        await scene.until(lambda: scene.is_ready("b"))
        scene.local.inject(Fault(verb="delete", resource="clusterroles", status=503, times=3))
        scene.tear_away()
        await scene.until(lambda: not scene.exists("ClusterRole", "team-a", ""))
        await scene.quiet(60)
        assert scene.exists("ClusterRole", "team-b", "")
        await quiet_from_now_on(scene)


async def test_an_apply_never_meets_another_object_of_that_name() -> None:
    scene = world(config_map("kept", sync="apply"))
    link = LateEvents(scene.local.direct())
    async with scene.operator(link):
        await scene.running()
        # Our fields are handed over to Apply by the first change; the next one only applies.
        scene.create(job(timeout="5h"))
        await scene.until(lambda: scene.get("ConfigMap", "a-kept")["data"]["TIMEOUT"] == "5h")
        link.seconds = 20.0
        scene.local.delete("ConfigMap", "a-kept", namespace="team")
        theirs = {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": "a-kept", "namespace": "team"},
            "data": {"hand": "made"},
        }
        (made,) = scene.local.apply_manifests([theirs])
        await scene.quiet(1)
        link.seconds = 0.0
        scene.create(job(timeout="9h"))
        await scene.quiet(300)
        assert scene.get("ConfigMap", "a-kept") == made
        assert scene.ready()["reason"] == "ChildConflict"


async def test_a15_a_cache_that_lags_behind_repeats_no_write() -> None:
    prompt, lagging = world(cluster_role(), replica_set()), world(cluster_role(), replica_set())
    written = []
    for scene, seconds in ((prompt, 0.0), (lagging, 30.0)):
        link = LateEvents(scene.local.direct())
        async with scene.operator(link):
            await scene.quiet(5)
            link.seconds = seconds
            scene.create()
            await scene.until(scene.is_ready, seconds=120)
            scene.create(job(parallelism="4"))
            await scene.until(lambda scene=scene: replicas(scene) == 4, seconds=120)
            await scene.quiet(300)
        written.append(sorted(scene.writes()))
    assert written[0] == written[1]


async def test_a1_a_status_written_on_an_old_view_overwrites_nobody() -> None:
    scene = world()
    link = LateEvents(scene.local.direct())
    async with scene.operator(link):
        await scene.running()
        link.seconds = 10.0
        held = {"metadata": {"finalizers": ["example.com/hold"]}}
        scene.local.patch("ReplicaSet", "a-worker", held, namespace="team")
        scene.local.delete("ReplicaSet", "a-worker", namespace="team")
        await scene.quiet(15)
        # Somebody else tells of the owner, and we have not heard it when we tell of it.
        theirs = {"type": "Audited", "status": "True"}
        conditions = [*scene.owner()["status"]["conditions"], theirs]
        body = {"status": {"conditions": conditions}}
        scene.local.patch("DataJob", "a", body, namespace="team", subresource="status")
        await scene.until(lambda: scene.ready().get("reason") == "ChildTerminating")
        await scene.quiet(60)
        assert theirs in scene.owner()["status"]["conditions"]
        assert scene.ready()["reason"] == "ChildTerminating"


async def test_w11_an_event_that_the_server_lost_is_made_up_for_by_the_audit() -> None:
    scene = world(settings=with_settings(watch_seconds=50, audit_seconds=300.0))
    link = LosingEvents(scene.local.direct())
    link.loses = lambda event: event.type == "DELETED"
    async with scene.operator(link):
        await scene.running()
        scene.local.delete("ReplicaSet", "a-worker", namespace="team")
        await scene.quiet(100)
        assert not scene.exists("ReplicaSet", "a-worker")
        link.loses = lambda event: False
        await scene.until(lambda: scene.exists("ReplicaSet", "a-worker"), seconds=500)
        assert sum(scene.metrics.list_repairs) == 1


async def test_w15_a_server_without_bookmarks_is_watched_all_the_same() -> None:
    scene = world()
    async with scene.operator(LosingEvents(scene.local.direct())):
        await scene.running()
        await scene.quiet(3600)
        scene.create(job(parallelism="4"))
        await scene.until(lambda: replicas(scene) == 4)
        await quiet_from_now_on(scene, 3600)


async def test_w14_a_right_that_is_taken_away_for_an_hour_is_missed_and_found_again() -> None:
    scene = world(config_map(), replica_set())
    async with scene.operator():
        await scene.running()
        for verb in ("list", "watch"):
            scene.local.inject(Fault(verb=verb, resource="replicasets", status=403, times=0))
        scene.local.drop_watches()
        await scene.quiet(1800)
        assert scene.controller.view().missing == ("replicasets.apps",)
        assert scene.controller.view().state == "degraded"
        scene.create(job("b"))
        await scene.until(lambda: scene.exists("ConfigMap", "b-config"))
        scene.local.delete("ReplicaSet", "a-worker", namespace="team")
        await scene.quiet(1800)
        scene.local.server.faults.clear()
        await scene.until(lambda: scene.exists("ReplicaSet", "a-worker"), seconds=120)
        await scene.until(lambda: scene.is_ready("a") and scene.is_ready("b"))
        assert scene.controller.view().missing == ()


async def test_w12_a_kind_that_is_removed_and_installed_again_is_made_again() -> None:
    spec, crd = widget_and_its_definition()
    scene = world(spec, config_map())
    scene.local.apply_manifests([crd])
    async with scene.operator():
        await scene.running()
        scene.local.delete("CustomResourceDefinition", "widgets.example.com", namespace="")
        await scene.quiet(300)
        assert scene.controller.view().missing == ("widgets.example.com",)
        scene.create(job("b"))
        await scene.until(lambda: scene.exists("ConfigMap", "b-config"))
        scene.local.apply_manifests([crd])
        for name in "ab":
            await scene.until(
                lambda name=name: scene.exists("Widget", f"{name}-widget"), seconds=200
            )
            await scene.until(lambda name=name: scene.is_ready(name))
        assert scene.controller.view().missing == ()


async def test_w13_a_kind_whose_server_is_down_holds_up_nobody_else() -> None:
    scene = world(config_map(), replica_set())
    scene.local.inject(Fault(verb="list", resource="replicasets", status=503, times=0))
    async with scene.operator():
        scene.create()
        await scene.until(lambda: scene.exists("ConfigMap", "a-config"))
        await scene.until(lambda: scene.ready().get("reason") == "KindUnavailable")
        scene.local.server.faults.clear()
        await scene.until(scene.is_ready, seconds=120)


async def test_a4_after_ten_minutes_without_a_server_work_goes_on_and_nobody_stormed() -> None:
    scene = world()
    link = Cut(scene.local.direct())
    async with scene.operator(link):
        scene.create(*(job(f"j{number}") for number in range(20)))
        await scene.until(lambda: scene.controller.view().ready_count == 20)
        link.down = True
        scene.local.drop_watches()
        scene.create(*(job(f"j{number}", parallelism="5") for number in range(20)))
        await scene.quiet(600)
        watches = 3
        assert link.asked < watches * 600 / 10
        link.down = False
        lists = [each for each in scene.local.requests if each.verb == "list"]
        await scene.until(
            lambda: all(replicas(scene, f"j{number}") == 5 for number in range(20)), seconds=60
        )
        assert [each for each in scene.local.requests if each.verb == "list"] == lists
        await scene.quiet(60)
        await quiet_from_now_on(scene)


async def test_a7_a_denied_child_stops_nobody_and_is_told_once() -> None:
    scene = world(config_map(), replica_set())
    denied = 'admission webhook "policy" denied the request: no config maps on Mondays'
    scene.local.inject(
        Fault(verb="create", resource="configmaps", status=403, message=denied, times=0)
    )
    async with scene.operator():
        scene.create()
        await scene.until(lambda: scene.ready().get("reason") == "Forbidden")
        assert "no config maps on Mondays" in scene.ready()["message"]
        assert scene.exists("ReplicaSet", "a-worker")
        scene.local.forget_requests()
        await scene.quiet(1800)
        assert len(scene.writes()) < 20
        assert scene.events.reasons == ["DataJobReconcileError"]
        scene.local.server.faults.clear()
        await scene.until(scene.is_ready, seconds=600)


async def test_a12_a_webhook_that_changes_what_we_write_is_not_fought() -> None:
    scene = world(replica_set())
    async with scene.operator(Webhook(scene.local.direct())):
        await scene.running()
        assert replicas(scene) == 3
        await quiet_from_now_on(scene)
    async with scene.operator(Webhook(scene.local.direct())):
        # Nothing is remembered: what we want is said once more, and its answer taken.
        await scene.quiet(60)
        await quiet_from_now_on(scene)
        assert replicas(scene) == 3


async def test_d1_nothing_is_pruned_while_what_replaces_it_is_refused() -> None:
    scene = world(named_config_map("{{ .metadata.name }}-{{ .spec.shard }}"), replica_set())
    async with scene.operator():
        scene.create(job(shard="red"))
        await scene.until(scene.is_ready)
        scene.local.inject(Fault(verb="create", resource="configmaps", status=422, times=0))
        scene.create(job(shard="blue"))
        await scene.until(lambda: scene.ready().get("reason") == "ChildInvalid")
        await scene.quiet(900)
        assert scene.exists("ConfigMap", "a-red")
        scene.local.server.faults.clear()
        await scene.until(lambda: scene.exists("ConfigMap", "a-blue"), seconds=600)
        await scene.until(lambda: not scene.exists("ConfigMap", "a-red"))
        await scene.until(scene.is_ready)


async def test_q3_a_write_that_is_never_answered_costs_its_owner_a_timeout_and_nobody_else() -> (
    None
):
    scene = world(config_map(), settings=with_settings(reconcile_seconds=30.0, writers=3))
    link = Stuck(scene.local.direct())
    link.prefix = "stuck"
    async with scene.operator(link):
        scene.create(job("stuck"), *(job(f"j{number}") for number in range(9)))
        await scene.until(lambda: scene.controller.view().ready_count == 9, seconds=5)
        await scene.quiet(60)
        assert "not done within 30 s" in scene.controller.view().last_error
        link.prefix = "nobody"
        await scene.until(lambda: scene.is_ready("stuck"), seconds=120)


async def test_q4_a_bug_in_one_reconcile_is_counted_and_the_others_go_on() -> None:
    scene = world(config_map(), backoff=Backoff(initial_seconds=1, max_seconds=60))
    link = Buggy(scene.local.direct())
    link.prefix = "bad"
    async with scene.operator(link):
        scene.create(job("bad"), *(job(f"j{number}") for number in range(9)))
        await scene.until(lambda: scene.controller.view().ready_count == 9)
        await scene.quiet(3600)
        assert 3600 / 60 <= scene.metrics.panics < 2 * 3600 / 60 + 20
        link.prefix = "nobody"
        await scene.until(lambda: scene.is_ready("bad"), seconds=120)


async def test_q5_after_a_restart_a_change_does_not_wait_for_the_sweep_over_all_owners() -> None:
    scene = world(config_map(), settings=with_settings(writers=1, queue_depth=5))
    async with scene.operator():
        scene.create(*(job(f"j{number:03}") for number in range(100)))
        await scene.until(lambda: scene.controller.view().ready_count == 100)
    scene.spec = replace(scene.spec, children=(config_map("second"),))
    async with scene.operator(scene.local.direct(latency_seconds=1.0)):
        await scene.quiet(10)
        scene.create(job("j099", timeout="9h"))
        await scene.until(lambda: scene.ready("j099").get("observedGeneration") == 2, seconds=5)
        assert scene.controller.view().queue_depth > 30
        second = [f"j{number:03}-second" for number in range(100)]
        await scene.until(
            lambda: all(scene.exists("ConfigMap", each) for each in second), seconds=300
        )


async def test_d11_an_owner_made_again_while_its_children_are_held_gets_children_of_its_own() -> (
    None
):
    scene = world(config_map(), replica_set())
    async with scene.operator():
        await scene.running()
        held = {"metadata": {"finalizers": ["example.com/hold"]}}
        scene.local.patch("ReplicaSet", "a-worker", held, namespace="team")
        scene.local.delete("DataJob", "a", namespace="team")
        await scene.until(lambda: not scene.exists("DataJob", "a"))
        scene.create(job(parallelism="3"))
        await scene.until(lambda: scene.ready().get("reason") == "ChildTerminating")
        assert scene.exists("ConfigMap", "a-config")
        body = {"metadata": {"finalizers": None}}
        scene.local.patch("ReplicaSet", "a-worker", body, namespace="team")
        await scene.until(lambda: scene.is_ready() and replicas(scene) == 3)
