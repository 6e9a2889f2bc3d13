"""Tables of decisions: state in, plan out. Nothing runs."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from katalog_runtime.cache import Cache, Child
from katalog_runtime.children import Observed
from katalog_runtime.conditions import SUCCESS, Reason, Verdict, conditions_after
from katalog_runtime.functions.declaration import CallContext
from katalog_runtime.listwatch import Remove, Sweep, Upsert
from katalog_runtime.memory import CREATE_BURST, OwnerMemory
from katalog_runtime.objects import NamespacedName
from katalog_runtime.plan import Apply, Create, Delete, Life, Plan, Problem
from katalog_runtime.reconcile import decide, life_of
from katalog_runtime.render import ChildRef, Program
from katalog_runtime.status import status_update
from tests.runtime.bundles import (
    cluster_role,
    config_map,
    generated_secret,
    hole,
    job,
    program,
    replica_set,
)

NOW = datetime(2026, 1, 1, tzinfo=UTC)
FINALIZER = "orkestra.orkspace.io/cleanup"
KEY = NamespacedName("team", "a")


def owner(version: int = 5, **metadata: Any) -> dict[str, Any]:
    manifest = job()
    manifest["metadata"].update(
        uid="owner-uid", resourceVersion=str(version), generation=1, **metadata
    )
    return manifest


class Bench:
    """One owner's state, and what would be decided."""

    def __init__(self, compiled: Program, manifest: dict[str, Any] | None = None) -> None:
        self.program = compiled
        self.cache = Cache(compiled, lambda _: True)
        self.owner = manifest or owner(finalizers=[FINALIZER])
        self.cache.put_owner(self.owner)
        self.memory = OwnerMemory("owner-uid", compiled.identity(KEY))
        self.unavailable: dict[int, str] = {}
        self.now = NOW
        self.moment = 0.0
        self.version = 100

    def decide(self) -> Plan:
        facts = self.program.facts(self.owner)
        observed = Observed(
            children=self.cache.children_of(facts.set_identity),
            unavailable=self.unavailable,
            now=self.now,
            moment=self.moment,
            chance=0.5,
        )
        context = CallContext(now=lambda: self.now, chance=random.Random(1))
        return decide(self.program, facts, observed, self.memory, context)

    def put(self, kind: int, manifest: dict[str, Any], **metadata: Any) -> Child:
        self.version += 1
        stored = {
            **manifest,
            "metadata": {
                **manifest["metadata"],
                "uid": f"uid-{manifest['metadata']['name']}",
                "resourceVersion": str(self.version),
                "creationTimestamp": "2026-01-01T00:00:00Z",
                **metadata,
            },
        }
        list(self.cache.child_deltas(kind, "", [Upsert(stored)]))
        found = self.cache.child(
            ChildRef(
                kind,
                NamespacedName(stored["metadata"].get("namespace", ""), stored["metadata"]["name"]),
            )
        )
        assert found is not None
        return found

    def converge(self) -> dict[str, dict[str, Any]]:
        """Make what is wanted, as a server would."""
        made = {}
        for write in self.decide().writes:
            self.put(write.ref.kind, write.manifest)
            made[write.ref.key.name] = write.manifest
        self.memory.children = self.decide().settled
        return made


def summary(plan: Plan) -> list[str]:
    words = {Create: "create", Apply: "apply"}
    writes = [f"{words[type(each)]} {each.ref.key.name}" for each in plan.writes]
    return [*writes, *(f"delete {each.ref.key.name}" for each in plan.prune)]


@pytest.mark.parametrize(
    ("metadata", "life"),
    [
        pytest.param({}, Life.NEW, id="no-finalizer"),
        pytest.param({"finalizers": [FINALIZER]}, Life.LIVE, id="guarded"),
        pytest.param(
            {"finalizers": [FINALIZER], "deletionTimestamp": "x"}, Life.LEAVING, id="held-by-us"
        ),
        pytest.param({"finalizers": ["theirs"], "deletionTimestamp": "x"}, Life.LEFT, id="d8"),
    ],
)
def test_the_finalizer_truth_table(metadata: dict[str, Any], life: Life) -> None:
    assert life_of(owner(**metadata), (FINALIZER,)) is life


def test_a_new_owner_is_guarded_before_anything_is_made_for_it() -> None:
    plan = Bench(program(), owner()).decide()
    assert plan.owner is not None
    assert plan.owner["metadata"]["finalizers"] == [FINALIZER]
    assert summary(plan) == ["create a-config", "create a-worker"]


def test_an_owner_that_left_gets_nothing() -> None:
    bench = Bench(program(), owner(deletionTimestamp="x", finalizers=["theirs"]))
    assert bench.decide() == Plan(life=Life.LEFT)


def test_a_converged_owner_needs_nothing_with_and_without_memory() -> None:
    bench = Bench(program())
    bench.converge()
    assert summary(bench.decide()) == []
    bench.memory = OwnerMemory("owner-uid")
    assert summary(bench.decide()) == []


Change = Callable[[dict[str, Any]], dict[str, Any]]


def changed(path: str, value: Any) -> Change:
    def change(manifest: dict[str, Any]) -> dict[str, Any]:
        head, _, rest = path.partition("/")
        inner = changed(rest, value)(manifest.get(head, {})) if rest else value
        return {**manifest, head: inner}

    return change


@pytest.mark.parametrize("remembers", [True, False])
@pytest.mark.parametrize(
    ("name", "change", "expected"),
    [
        pytest.param("a-worker", changed("spec/replicas", 9), ["apply a-worker"], id="drift"),
        pytest.param("a-worker", changed("status", {"replicas": 1}), [], id="status-is-not-ours"),
        pytest.param("a-worker", changed("spec/minReadySeconds", 3), [], id="foreign-field"),
        pytest.param("a-worker", changed("metadata/labels/extra", "x"), [], id="foreign-label"),
        pytest.param("a-config", changed("data/MODE", "mine"), [], id="never-corrected"),
    ],
)
def test_what_is_repaired(name: str, change: Change, expected: list[str], remembers: bool) -> None:
    bench = Bench(program())
    made = bench.converge()
    bench.put(0 if name == "a-config" else 1, change(made[name]))
    if not remembers:
        bench.memory = OwnerMemory("owner-uid")
    assert summary(bench.decide()) == expected


def test_a_child_in_deletion_is_waited_for_and_its_siblings_are_not() -> None:
    bench = Bench(program())
    made = bench.converge()
    bench.put(1, made["a-worker"], deletionTimestamp="x", finalizers=["example.com/hold"])
    bench.owner["spec"]["parallelism"] = "7"
    plan = bench.decide()
    assert summary(plan) == []
    assert [each.reason for each in plan.problems] == [Reason.CHILD_TERMINATING]
    assert "example.com/hold" in plan.problems[0].message


def test_w14_children_of_an_unavailable_kind_wait_and_others_do_not() -> None:
    bench = Bench(program())
    bench.unavailable = {1: "replicasets is forbidden"}
    plan = bench.decide()
    assert summary(plan) == ["create a-config"]
    assert [each.reason for each in plan.problems] == [Reason.KIND_UNAVAILABLE]


def test_a_failing_name_keeps_everything_from_being_pruned() -> None:
    bench = Bench(program())
    bench.converge()
    nameless = config_map("other")
    holes = (hole("metadata/name", "{{ index .spec.none 3 }}"), *nameless.manifest.holes[1:])
    nameless = replace(nameless, manifest=replace(nameless.manifest, holes=holes))
    cache, bench = bench.cache, Bench(program(nameless, replica_set()))
    bench.cache = cache
    plan = bench.decide()
    assert (summary(plan), [each.reason for each in plan.problems]) == (
        [],
        [Reason.TEMPLATE_ERROR],
    )


def test_d1_what_is_no_longer_wanted_is_deleted_by_uid() -> None:
    bench = Bench(program())
    bench.converge()
    cache = bench.cache
    bench = Bench(program(config_map("other"), replica_set()))
    bench.cache = cache
    plan = bench.decide()
    assert summary(plan) == ["create a-other", "delete a-config"]
    assert isinstance(plan.prune[0], Delete)
    assert plan.prune[0].uid == "uid-a-config"


def test_an_object_that_both_blocks_want_is_made_once_and_kept() -> None:
    bench = Bench(program(config_map(), config_map(sync="apply", text="later")))
    plan = bench.decide()
    assert summary(plan) == ["create a-config"]
    assert plan.writes[0].child.template.sync == "apply"


def test_d4_a_leaving_owner_is_released_without_its_templates() -> None:
    bench = Bench(
        program(config_map(text="{{ index .spec.none 3 }}")),
        owner(deletionTimestamp="x", finalizers=["theirs", FINALIZER]),
    )
    plan = bench.decide()
    assert plan.owner == owner(deletionTimestamp="x", finalizers=["theirs"])
    assert plan.problems == ()


def test_d10_a_child_without_an_owner_reference_goes_before_the_finalizer() -> None:
    bench = Bench(program(cluster_role()))
    made = bench.converge()
    bench.owner["metadata"]["deletionTimestamp"] = "x"
    plan = bench.decide()
    assert (summary(plan), plan.owner) == (["delete team-a"], None)
    bench.put(0, made["team-a"], deletionTimestamp="x")
    plan = bench.decide()
    assert (summary(plan), plan.owner) == ([], None)
    assert [each.reason for each in plan.problems] == [Reason.DELETION_BLOCKED]


def test_a_secret_is_rotated_when_its_time_has_come_and_not_before() -> None:
    bench = Bench(program(generated_secret("30d")))
    bench.converge()
    assert bench.decide().next_moment == NOW + timedelta(days=30)
    bench.now = NOW + timedelta(days=29, hours=23)
    assert summary(bench.decide()) == []
    bench.now = NOW + timedelta(days=30)
    plan = bench.decide()
    assert summary(plan) == ["apply a-key"]
    annotations = plan.writes[0].manifest["metadata"]["annotations"]
    assert annotations["orkestra.orkspace.io/generated-at"] == "2026-01-31T00:00:00Z"


def test_a_bad_rotation_period_is_a_template_error_with_its_place() -> None:
    bench = Bench(program(generated_secret("soon")))
    plan = bench.decide()
    assert [each.reason for each in plan.problems] == [Reason.TEMPLATE_ERROR]
    assert plan.problems[0].message.startswith("katalog.yaml:7:9: ")


def test_a6_a_refused_child_is_not_sent_again_until_its_time_or_until_it_changes() -> None:
    bench = Bench(program(replica_set()))
    write = bench.decide().writes[0]
    refusal = Problem(reason=Reason.CHILD_INVALID, message="no", ref=write.ref, stalled=True)
    until = bench.memory.hold(write.ref, write.intent, refusal, moment=0, chance=0.5)
    plan = bench.decide()
    assert (plan.writes, plan.problems, plan.retry_at) == ((), (refusal,), until)
    bench.owner["spec"]["parallelism"] = "7"
    assert summary(bench.decide()) == ["create a-worker"]
    bench.owner["spec"]["parallelism"] = "2"
    bench.moment = until
    assert summary(bench.decide()) == ["create a-worker"]


def test_a_child_that_vanishes_again_and_again_is_made_ever_more_slowly() -> None:
    bench = Bench(program(replica_set()))
    ref = bench.decide().writes[0].ref
    for _ in range(CREATE_BURST):
        bench.memory.repaired(ref, 0)
    plan = bench.decide()
    assert plan.writes == ()
    assert [each.reason for each in plan.problems] == [Reason.CHILD_FLAPPING]
    assert plan.retry_at is not None
    bench.moment = plan.retry_at
    assert summary(bench.decide()) == ["create a-worker"]


def test_w8_the_past_does_not_come_back() -> None:
    bench = Bench(program())
    made = bench.converge()
    current = bench.put(1, changed("spec/replicas", 9)(made["a-worker"]))
    stale = {
        **made["a-worker"],
        "metadata": {**made["a-worker"]["metadata"], "uid": current.uid, "resourceVersion": "3"},
    }
    assert list(bench.cache.child_deltas(1, "", [Upsert(stale)])) == []
    assert list(bench.cache.child_deltas(1, "", [Remove(stale)])) == []
    assert bench.cache.child(current.ref) is current


def test_w8_an_answer_about_what_the_watch_has_seen_go_comes_too_late() -> None:
    bench = Bench(program())
    made = bench.converge()["a-worker"]
    late = {**made, "metadata": {**made["metadata"], "name": "b-worker", "uid": "other"}}
    version = 500

    def put(version: int) -> bool:
        metadata = {**late["metadata"], "resourceVersion": str(version)}
        return bench.cache.put_child(1, {**late, "metadata": metadata}, bench.memory.set_identity)

    def gone(version: int) -> Remove:
        metadata = {**late["metadata"], "resourceVersion": str(version)}
        return Remove({**late, "metadata": metadata})

    list(bench.cache.child_deltas(1, "", [gone(version + 5)]))
    assert not put(version + 5)
    assert put(version + 6)
    # A list of an earlier time (etcd was restored from a backup) makes a new beginning.
    list(bench.cache.child_deltas(1, "", [gone(version + 7), Sweep(frozenset(), "1")]))
    assert put(2)


def test_w7_a_relist_removes_what_it_did_not_show_unless_it_is_newer() -> None:
    bench = Bench(program())
    bench.cache.put_owner(bench.owner)
    bench.converge()
    versions = {
        each.ref: int(each.version)
        for each in bench.cache.children_of(bench.memory.set_identity).values()
    }
    oldest = min(versions.values())
    for kind in range(2):
        sweep = Sweep(frozenset(), str(oldest))
        list(bench.cache.child_deltas(kind, "", [sweep]))
    left = bench.cache.children_of(bench.memory.set_identity)
    assert {int(each.version) for each in left.values()} == set(versions.values()) - {oldest}


def test_an_object_that_copied_our_labels_is_not_taken_for_a_child() -> None:
    bench = Bench(program())
    made = bench.converge()["a-worker"]
    copy = {
        **made,
        "metadata": {
            **made["metadata"],
            "name": "copy",
            "ownerReferences": [
                {
                    "apiVersion": "apps/v1",
                    "kind": "Deployment",
                    "name": "d",
                    "uid": "d",
                    "controller": True,
                }
            ],
            "uid": "copy",
            "resourceVersion": "500",
        },
    }
    assert list(bench.cache.child_deltas(1, "", [Upsert(copy)])) == []
    assert summary(bench.decide()) == []


FAILED = Verdict(ready=False, reason=Reason.FORBIDDEN, message="no")


def test_transition_times_move_only_with_the_status() -> None:
    later = NOW + timedelta(hours=1)
    first = conditions_after([], FAILED, 1, NOW)
    worse = Verdict(ready=False, reason=Reason.CHILD_INVALID, message="worse", stalled=True)
    second = conditions_after(first, worse, 2, later)
    assert second[0]["lastTransitionTime"] == first[0]["lastTransitionTime"]
    assert second[0]["reason"] == "ChildInvalid"
    third = conditions_after(second, SUCCESS, 2, later)
    assert [each["type"] for each in third] == ["Ready"]
    assert third[0]["lastTransitionTime"] == "2026-01-01T01:00:00Z"


def test_a14_a_status_is_written_when_it_differs_and_what_others_wrote_stays() -> None:
    compiled = program()
    manifest = {**owner(), "status": {"theirs": {"a": 1}, "workers": {"theirs": 2}}}
    memory = OwnerMemory("owner-uid")
    fields = {"phase": "Running", "workers": {"ready": 1, "wanted": 2}}
    first = status_update(compiled, manifest, fields, SUCCESS, memory, NOW)
    assert first is not None
    assert manifest["status"] == {"theirs": {"a": 1}, "workers": {"theirs": 2}}
    status = first.owner["status"]
    assert first.owner == {**manifest, "status": status}
    assert status["workers"] == {"theirs": 2, "ready": 1, "wanted": 2}
    assert (status["theirs"], status["phase"]) == ({"a": 1}, "Running")
    assert status_update(compiled, first.owner, fields, SUCCESS, memory, NOW) is None
    fields = {"phase": "Running", "workers": {"ready": 2, "wanted": 2}}
    second = status_update(compiled, first.owner, fields, SUCCESS, memory, NOW)
    assert second is not None
    assert second.owner["status"] == {
        **status, "workers": {"theirs": 2, "ready": 2, "wanted": 2}
    }  # fmt: skip
    assert list(second.changed) == ["workers"]


def test_a_status_field_that_comes_out_null_is_taken_away() -> None:
    compiled = program(conditions=False)
    manifest = {**owner(), "status": {"phase": "Running", "at": {"a": 1, "b": 2}}}
    fields = {"phase": None, "at": {"a": None}}
    update = status_update(compiled, manifest, fields, SUCCESS, OwnerMemory("owner-uid"), NOW)
    assert update is not None
    assert update.owner["status"] == {"at": {"b": 2}}
    assert status_update(
        compiled, update.owner, fields, SUCCESS, OwnerMemory("owner-uid"), NOW
    ) is None  # fmt: skip


def test_without_conditions_only_declared_fields_are_written() -> None:
    compiled = program(conditions=False)
    update = status_update(
        compiled, owner(), {"phase": "Running"}, SUCCESS, OwnerMemory("owner-uid"), NOW
    )
    assert update is not None
    assert update.owner["status"] == {"phase": "Running"}
