"""The life of an owner and its children, on the in-memory cluster and on virtual time."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from katalogc.localcluster import Fault
from tests.runtime.bundles import (
    cluster_role,
    config_map,
    generated_secret,
    hole,
    job,
    replica_set,
    status_field,
)
from tests.runtime.world import World, world

pytestmark = pytest.mark.looptime(noop_cycles=0)

CHILDREN = (("ConfigMap", "a-config"), ("ReplicaSet", "a-worker"))


def replicas(scene: World) -> Any:
    return scene.get("ReplicaSet", "a-worker")["spec"]["replicas"]


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
    assert workers["metadata"]["labels"]["orkestra-owner"] == "a"
    assert workers["metadata"]["ownerReferences"] == [
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
    assert scene.writes() == [
        ("update", "datajobs"),
        ("create", "configmaps"),
        ("create", "replicasets"),
        ("update", "datajobs/status"),
    ]
    assert scene.events.reasons == ["DataJobReconciled"]


async def test_at_steady_state_nothing_is_sent_and_nothing_is_rendered() -> None:
    scene = world()
    async with scene.operator():
        scene.create(*(job(f"j{number}") for number in range(20)))
        await scene.until(lambda: scene.controller.view().ready_count == 20)
        await scene.quiet(1)
        scene.local.forget_requests()
        before = scene.controller.view().total_reconciles
        await scene.quiet(60)
        assert [each.verb for each in scene.local.requests] == []
        assert scene.controller.view().total_reconciles == before


async def test_an_edit_of_the_owner_reaches_its_children() -> None:
    scene = world()
    async with scene.operator():
        scene.create()
        await scene.until(scene.is_ready)
        scene.create(job(parallelism="5"))
        await scene.until(lambda: replicas(scene) == 5)
        await scene.until(
            lambda: scene.ready()["observedGeneration"] == scene.owner()["metadata"]["generation"]
        )
    assert scene.ready()["observedGeneration"] == 2


async def test_a_child_changed_by_hand_is_repaired_on_reconcile() -> None:
    scene = world()
    async with scene.operator():
        scene.create()
        await scene.until(scene.is_ready)
        for count in (7, 9):
            scene.local.patch(
                "ReplicaSet", "a-worker", {"spec": {"replicas": count}}, namespace="team"
            )
            await scene.until(lambda: replicas(scene) == 2)
    assert scene.metrics.repairs == 2


async def test_a_child_of_on_create_is_never_corrected_but_made_again() -> None:
    scene = world()
    async with scene.operator():
        scene.create()
        await scene.until(scene.is_ready)
        scene.local.patch("ConfigMap", "a-config", {"data": {"MODE": "mine"}}, namespace="team")
        await scene.quiet(60)
        assert scene.get("ConfigMap", "a-config")["data"]["MODE"] == "mine"
        scene.local.delete("ConfigMap", "a-config", namespace="team")
        await scene.until(lambda: scene.exists("ConfigMap", "a-config"))
        assert scene.get("ConfigMap", "a-config")["data"]["MODE"] == "batch"


async def test_a9_a_child_deleted_by_hand_is_made_again() -> None:
    scene = world()
    async with scene.operator():
        scene.create()
        await scene.until(scene.is_ready)
        first = scene.get("ReplicaSet", "a-worker")["metadata"]["uid"]
        scene.local.delete("ReplicaSet", "a-worker", namespace="team")
        await scene.until(lambda: scene.exists("ReplicaSet", "a-worker"))
        assert scene.get("ReplicaSet", "a-worker")["metadata"]["uid"] != first


async def test_the_first_later_write_hands_fields_over_and_a_dropped_field_goes_away() -> None:
    text = "{{ if .spec.timeout }}{{ .spec.timeout }}{{ end }}"
    child = config_map(sync="apply")
    dropping = replace(
        child.manifest,
        holes=(
            child.manifest.holes[0],
            hole("data/TIMEOUT", text, when_empty="omit"),
        ),
    )
    scene = world(replace(child, manifest=dropping))
    async with scene.operator():
        scene.create()
        await scene.until(scene.is_ready)
        scene.create(job(timeout=""))
        await scene.until(lambda: "TIMEOUT" not in scene.get("ConfigMap", "a-config")["data"])
        managers = [
            (each["manager"], each["operation"])
            for each in scene.get("ConfigMap", "a-config")["metadata"]["managedFields"]
        ]
        assert managers == [("katalogc", "Apply")]
        scene.local.forget_requests()
        scene.create(job(timeout="5h"))
        await scene.until(lambda: scene.get("ConfigMap", "a-config")["data"].get("TIMEOUT") == "5h")
        assert scene.writes()[0] == ("apply", "configmaps")
        assert ("patch", "configmaps") not in scene.writes()


async def test_a_child_that_moved_on_before_the_handover_is_read_and_handed_over_all_the_same() -> (
    None
):
    scene = world(config_map(sync="apply"))
    async with scene.operator():
        scene.create()
        await scene.until(scene.is_ready)
        scene.local.inject(Fault(verb="patch", resource="configmaps", status=409, times=1))
        scene.create(job(timeout="5h"))
        await scene.until(lambda: scene.get("ConfigMap", "a-config")["data"]["TIMEOUT"] == "5h")
        entries = scene.get("ConfigMap", "a-config")["metadata"]["managedFields"]
        assert [(each["manager"], each["operation"]) for each in entries] == [("katalogc", "Apply")]


def managers(manifest: Any) -> list[tuple[str, str]]:
    return [(each["manager"], each["operation"]) for each in manifest["metadata"]["managedFields"]]


async def test_drift_is_mended_by_the_first_request_and_fields_are_handed_over_by_the_second() -> (
    None
):
    scene = world(replica_set())
    async with scene.operator():
        scene.create()
        await scene.until(scene.is_ready)
        for sent in (
            [("apply", "replicasets"), ("patch", "replicasets")],
            [("apply", "replicasets")],
        ):
            scene.local.forget_requests()
            scene.local.patch("ReplicaSet", "a-worker", {"spec": {"replicas": 9}}, namespace="team")
            await scene.until(lambda: replicas(scene) == 2)
            await scene.quiet(30)
            assert scene.writes() == sent
            ours = [
                each for each in managers(scene.get("ReplicaSet", "a-worker")) if "katalogc" in each
            ]
            assert ours == [("katalogc", "Apply")]


async def test_a_repair_whose_handover_was_refused_is_made_up_for_by_the_next_change() -> None:
    child = config_map(sync="apply", text="{{ if .spec.timeout }}{{ .spec.timeout }}{{ end }}")
    omitting = hole("data/TIMEOUT", "{{ .spec.timeout }}", when_empty="omit")
    manifest = replace(child.manifest, holes=(child.manifest.holes[0], omitting))
    scene = world(replace(child, manifest=manifest))
    async with scene.operator():
        scene.create()
        await scene.until(scene.is_ready)
        scene.local.inject(Fault(verb="patch", resource="configmaps", status=409, times=1))
        edited = {"data": {"MODE": "by hand"}}
        scene.local.patch("ConfigMap", "a-config", edited, namespace="team")
        await scene.until(lambda: scene.get("ConfigMap", "a-config")["data"]["MODE"] == "batch")
        await scene.quiet(30)
        scene.create(job(timeout=""))
        await scene.until(lambda: "TIMEOUT" not in scene.get("ConfigMap", "a-config")["data"])


async def test_deleting_an_owner_lets_it_go_and_its_children_follow() -> None:
    scene = world()
    async with scene.operator():
        scene.create()
        await scene.until(scene.is_ready)
        scene.local.delete("DataJob", "a", namespace="team")
        await scene.until(lambda: not scene.exists("DataJob", "a"))
        await scene.until(lambda: not scene.exists("ReplicaSet", "a-worker"))
        assert not scene.exists("ConfigMap", "a-config")
        await scene.quiet(60)
        view = scene.controller.view()
    assert (view.resource_count, view.child_count, view.queue_depth) == (0, 0, 0)
    assert scene.events.reasons[-1] == "Deleting"


async def test_d4_deletion_does_not_evaluate_templates() -> None:
    scene = world(config_map(text="{{ fail .spec.gone.deeper }}{{ index .spec.list 7 }}"))
    async with scene.operator():
        scene.create()
        await scene.until(lambda: scene.ready().get("reason") == "TemplateError")
        scene.local.delete("DataJob", "a", namespace="team")
        await scene.until(lambda: not scene.exists("DataJob", "a"))


async def test_a_template_that_fails_names_its_line_and_stops_nobody_else() -> None:
    scene = world(config_map(text="{{ index .spec.list 7 }}"), replica_set())
    async with scene.operator():
        scene.create(job(list=[1]), job("other"))
        await scene.until(lambda: scene.ready().get("reason") == "TemplateError")
        await scene.quiet(300)
        assert scene.exists("ReplicaSet", "a-worker")
        assert not scene.exists("ConfigMap", "a-config")
        ready = scene.ready()
        scene.local.forget_requests()
        await scene.quiet(300)
        assert scene.writes() == []
        failures = [each for each in scene.events if each.key.name == "a"]
        assert [each.reason for each in failures] == ["DataJobReconcileError"]
        fixed = job(list=list(range(9)))
        scene.create(fixed)
        await scene.until(scene.is_ready)
    assert ready["status"] == "False"
    assert "katalog.yaml:7:" in ready["message"]


async def test_d1_a_child_that_is_no_longer_wanted_is_pruned() -> None:
    scene = world()
    async with scene.operator():
        scene.create()
        await scene.until(scene.is_ready)
    scene.spec = replace(world(replica_set()).spec, children=(replica_set(), config_map("other")))
    async with scene.operator():
        await scene.until(lambda: not scene.exists("ConfigMap", "a-config"))
        assert scene.exists("ConfigMap", "a-other")
        assert scene.exists("ReplicaSet", "a-worker")


async def test_d1_a_kind_that_is_no_longer_made_at_all_is_cleared_out_and_struck_off() -> None:
    scene = world(config_map(), replica_set(), cluster_role())
    async with scene.operator():
        scene.create(job(), job("b"))
        await scene.until(lambda: scene.is_ready("a") and scene.is_ready("b"))
    scene.spec = world(config_map()).spec
    async with scene.operator():
        await scene.until(lambda: not scene.exists("ReplicaSet", "a-worker"))
        await scene.until(lambda: not scene.exists("ClusterRole", "team-a", ""))
        await scene.until(lambda: not scene.exists("ClusterRole", "team-b", ""))
        await scene.quiet(5)
        annotations = scene.owner()["metadata"]["annotations"]
        assert annotations["applyset.kubernetes.io/contains-group-kinds"] == "ConfigMap"
        scene.local.forget_requests()
        await scene.quiet(300)
        assert [each.verb for each in scene.local.requests if each.verb != "watch"] == []


async def test_d4_d10_a_cluster_scoped_child_of_a_former_kind_goes_before_its_owner() -> None:
    scene = world(config_map(), cluster_role())
    async with scene.operator():
        scene.create()
        await scene.until(scene.is_ready)
    scene.spec = world(config_map()).spec
    scene.local.delete("DataJob", "a", namespace="team")
    async with scene.operator():
        await scene.until(lambda: not scene.exists("DataJob", "a"))
        assert not scene.exists("ClusterRole", "team-a", "")


async def test_d2_a_former_kind_that_may_not_be_listed_stays_on_record() -> None:
    scene = world(config_map(), replica_set())
    async with scene.operator():
        scene.create()
        await scene.until(scene.is_ready)
    scene.spec = world(config_map()).spec
    scene.local.inject(Fault(verb="list", resource="replicasets", status=403, times=1))
    async with scene.operator():
        await scene.quiet(1800)
        assert scene.is_ready()
        assert scene.exists("ReplicaSet", "a-worker")
        await scene.quiet(3600)
        assert not scene.exists("ReplicaSet", "a-worker")


async def test_d1_nothing_is_pruned_while_a_write_fails() -> None:
    scene = world()
    async with scene.operator():
        scene.create()
        await scene.until(scene.is_ready)
    scene.spec = replace(scene.spec, children=(replica_set(), config_map("other")))
    scene.local.inject(Fault(verb="create", resource="configmaps", times=3, status=403))
    async with scene.operator():
        await scene.until(lambda: scene.ready().get("reason") == "Forbidden")
        assert scene.exists("ConfigMap", "a-config")
        await scene.until(lambda: not scene.exists("ConfigMap", "a-config"), seconds=300)
        assert scene.exists("ConfigMap", "a-other")


async def test_a_restart_writes_nothing() -> None:
    scene = world(config_map(), replica_set(), generated_secret(), config_map("kept", sync="apply"))
    async with scene.operator():
        scene.create(*(job(f"j{number}") for number in range(5)))
        await scene.until(lambda: scene.controller.view().ready_count == 5)
    scene.local.forget_requests()
    async with scene.operator():
        await scene.quiet(60)
        assert scene.writes() == []
        assert scene.controller.view().failed_reconciles == 0


async def test_a_restart_repairs_what_drifted_meanwhile_once() -> None:
    scene = world()
    async with scene.operator():
        scene.create()
        await scene.until(scene.is_ready)
    scene.local.patch("ReplicaSet", "a-worker", {"spec": {"replicas": 4}}, namespace="team")
    scene.create(job(parallelism="6"))
    scene.local.forget_requests()
    async with scene.operator():
        await scene.until(lambda: replicas(scene) == 6)
        await scene.quiet(60)
        assert scene.writes().count(("apply", "replicasets")) == 1


async def test_a_generated_secret_stays_until_it_is_rotated_in_place() -> None:
    scene = world(generated_secret("30d"))
    async with scene.operator():
        scene.create()
        await scene.until(scene.is_ready)
        first = scene.get("Secret", "a-key")
        await scene.quiet(3600)
        scene.create(job(parallelism="9"))
        await scene.quiet(3600)
        assert scene.get("Secret", "a-key")["data"] == first["data"]
        scene.clock.offset += timedelta(days=30)
        await scene.until(lambda: scene.get("Secret", "a-key")["data"] != first["data"])
        second = scene.get("Secret", "a-key")
        assert second["metadata"]["uid"] == first["metadata"]["uid"]
        assert len(base64.b64decode(second["data"]["key"])) == 32
        await scene.quiet(3600)
        assert scene.get("Secret", "a-key")["data"] == second["data"]


async def test_rotation_survives_a_restart_and_happens_on_time() -> None:
    scene = world(generated_secret("1h"))
    async with scene.operator():
        scene.create()
        await scene.until(scene.is_ready)
        first = scene.get("Secret", "a-key")["data"]
        await scene.quiet(1800)
    async with scene.operator():
        await scene.quiet(1700)
        assert scene.get("Secret", "a-key")["data"] == first
        await scene.quiet(200)
        assert scene.get("Secret", "a-key")["data"] != first


async def test_a_random_value_in_a_kept_child_stays_as_it_was_first_written() -> None:
    scene = world(config_map("seed", "{{ randomAlphanumeric 8 }}{{ .spec.image }}", sync="apply"))
    async with scene.operator():
        scene.create()
        await scene.until(scene.is_ready)
        first = scene.get("ConfigMap", "a-seed")["data"]
        scene.create(job(parallelism="9"))
        await scene.quiet(60)
        assert scene.get("ConfigMap", "a-seed")["data"] == first
    async with scene.operator():
        await scene.quiet(60)
        assert scene.get("ConfigMap", "a-seed")["data"] == first


async def test_d10_a_cluster_scoped_child_goes_before_its_owner_does() -> None:
    scene = world(cluster_role())
    async with scene.operator():
        scene.create()
        await scene.until(scene.is_ready)
        role = scene.local.get("ClusterRole", "team-a")
        assert "ownerReferences" not in role["metadata"]
        scene.local.delete("DataJob", "a", namespace="team")
        await scene.until(lambda: not scene.exists("DataJob", "a"))
        assert not scene.exists("ClusterRole", "team-a", "")


async def test_children_that_a_deletion_orphans_stay_and_a_new_owner_adopts_them() -> None:
    scene = world()
    async with scene.operator():
        scene.create()
        await scene.until(scene.is_ready)
        uids = {kind: scene.get(kind, name)["metadata"]["uid"] for kind, name in CHILDREN}
        scene.local.delete("DataJob", "a", namespace="team", propagation="Orphan")
        await scene.until(lambda: not scene.exists("DataJob", "a"))
        await scene.quiet(60)
        for kind, name in CHILDREN:
            left = scene.get(kind, name)["metadata"]
            assert (left["uid"], left.get("ownerReferences")) == (uids[kind], None)
        scene.create()
        await scene.until(scene.is_ready)
        for kind, name in CHILDREN:
            kept = scene.get(kind, name)["metadata"]
            assert kept["uid"] == uids[kind]
            assert kept["ownerReferences"][0]["uid"] == scene.owner()["metadata"]["uid"]


async def test_a_child_made_once_that_someone_keeps_disowning_is_adopted_ever_less_often() -> None:
    scene = world(config_map())
    async with scene.operator():
        scene.create()
        await scene.until(scene.is_ready)
        scene.local.forget_requests()
        disowned = {"metadata": {"ownerReferences": None}}
        for _ in range(600):
            if "ownerReferences" in scene.get("ConfigMap", "a-config")["metadata"]:
                scene.local.patch("ConfigMap", "a-config", disowned, namespace="team")
            await scene.quiet(1)
        adoptions = [each for each in scene.writes() if each == ("create", "configmaps")]
        assert 3 <= len(adoptions) < 40
        assert scene.ready()["reason"] == "ChildFlapping"


async def test_d7_a_child_that_cannot_go_blocks_deletion_and_says_so() -> None:
    scene = world(cluster_role())
    async with scene.operator():
        scene.create()
        await scene.until(scene.is_ready)
        held = {"metadata": {"finalizers": ["example.com/hold"]}}
        scene.local.patch("ClusterRole", "team-a", held)
        scene.local.delete("DataJob", "a", namespace="team")
        await scene.until(lambda: scene.ready().get("reason") == "DeletionBlocked")
        scene.local.patch("ClusterRole", "team-a", {"metadata": {"finalizers": None}})
        await scene.until(lambda: not scene.exists("DataJob", "a"))


async def test_status_fields_may_read_children_and_keep_their_types() -> None:
    fields = (
        status_field("workers.wanted", "{{ .spec.parallelism }}", "auto"),
        status_field("workers.ready", "{{ .children.replicaset.status.readyReplicas }}", "auto"),
    )
    scene = world(replica_set(), status_fields=fields)
    async with scene.operator():
        scene.create()
        await scene.until(
            lambda: (
                scene.owner()["status"].get("workers")
                == {
                    "wanted": 2,
                    "ready": 2,
                }
                if scene.ready()
                else False
            )
        )
        await scene.quiet(1)
        scene.local.forget_requests()
        await scene.quiet(60)
        assert scene.writes() == []


async def test_conditions_of_others_are_kept_and_transition_times_do_not_move() -> None:
    scene = world()
    async with scene.operator():
        scene.create()
        await scene.until(scene.is_ready)
        since = scene.ready()["lastTransitionTime"]
        theirs = {
            "type": "Audited",
            "status": "True",
            "reason": "X",
            "message": "",
            "lastTransitionTime": "2026-01-01T00:00:00Z",
        }
        conditions = [*scene.owner()["status"]["conditions"], theirs]
        scene.local.patch(
            "DataJob",
            "a",
            {"status": {"conditions": conditions}},
            namespace="team",
            subresource="status",
        )
        await scene.quiet(100)
        scene.create(job(parallelism="3"))
        await scene.until(lambda: scene.ready()["observedGeneration"] == 2)
        assert theirs in scene.owner()["status"]["conditions"]
        assert scene.ready()["lastTransitionTime"] == since


async def test_views_show_an_owner_with_its_children() -> None:
    scene = world()
    async with scene.operator():
        scene.create()
        await scene.until(scene.is_ready)
        await scene.quiet(1)
        view = scene.controller.view()
        only = list(scene.controller.objects())
        detail = scene.controller.object(only[0].key)
    assert (view.state, view.synced, view.missing) == ("healthy", True, ())
    assert (view.resource_count, view.ready_count, view.child_count) == (1, 1, 2)
    assert only[0].ready == "True"
    assert detail is not None
    assert [(str(each.key), each.phase) for each in detail.children] == [
        ("team/a-config", "onCreate"),
        ("team/a-worker", "onReconcile"),
    ]
    assert all("managedFields" not in each.manifest["metadata"] for each in only)
