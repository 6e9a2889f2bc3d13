"""Watches that several controllers share: counted on the cluster, on virtual time."""

from __future__ import annotations

import asyncio
import logging
import random
from collections import Counter
from typing import Any

import pytest

from katalog_runtime.listwatch import Delta, Remove, Sweep, Upsert
from katalog_runtime.shared_informers import SharedInformer, SharedInformers
from katalog_runtime.subscription import Subscription
from katalog_runtime.supervision import Supervisor
from katalogc.localcluster import Fault, LocalCluster
from tests.runtime.bundles import CONFIG_MAP, cluster_role, config_map, replica_set
from tests.runtime.platform import LOG, Platform, owner, spec
from tests.runtime.world import Counting, VirtualClock, namespace, with_settings

pytestmark = pytest.mark.looptime

TYPES = 10


def ten_types() -> Platform:
    return Platform(*(spec(number, namespaces=("team",)) for number in range(TYPES)))


async def test_ten_types_that_make_config_maps_are_one_list_and_one_watch_of_them() -> None:
    scene = ten_types()
    scene.local.apply_manifests([owner(number, f"o{number}") for number in range(TYPES)])
    async with scene.running():
        await scene.until(lambda: scene.ready_count() == TYPES)
        assert scene.asked("list", "configmaps") == ["team"]
        assert scene.asked("watch", "configmaps") == ["team"]
        assert sum(verb == "watch" for verb, _ in scene.reads()) == TYPES + 1
        for number, controller in enumerate(scene.controllers):
            view = controller.view()
            assert (view.synced, view.missing, view.child_count) == (True, (), 1)
            child = scene.local.get("ConfigMap", f"o{number}-c{number}", namespace="team")
            assert child["metadata"]["labels"]["orkestra-owner"] == f"o{number}"
        scene.local.forget_requests()
        await scene.clock.sleep(200)
        assert scene.local.requests == []


async def test_each_controller_repairs_its_own_children_and_hears_of_no_others() -> None:
    scene = Platform(spec(0, replica_set()), spec(1, replica_set()))
    scene.local.apply_manifests([owner(0, "a"), owner(1, "b")])
    async with scene.running():
        await scene.until(lambda: scene.ready_count() == 2)
        await scene.clock.sleep(5)
        before = scene.controllers[1].view().total_reconciles
        body = {"spec": {"replicas": 9}}
        scene.local.patch("ReplicaSet", "a-worker", body, namespace="team")
        await scene.until(lambda: scene.metrics[0].repairs == 1)
        await scene.clock.sleep(5)
        assert scene.controllers[1].view().total_reconciles == before
        assert scene.metrics[1].repairs == 0


async def test_a_controller_that_crashed_is_told_everything_and_writes_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.CRITICAL)
    scene = ten_types()
    scene.local.apply_manifests([owner(number, f"o{number}") for number in range(TYPES)])
    clock = StumblingClock()
    supervisor = Supervisor(clock=scene.clock, log=LOG)
    scene.controllers[0] = scene.build(0, clock)
    starts = 0

    async def start() -> None:
        nonlocal starts
        starts += 1
        if starts > 1:
            scene.controllers[0] = scene.build(0)
        await scene.controllers[0].run()

    async with scene.running(*range(1, TYPES)):
        kept = asyncio.create_task(supervisor.keep("type-0", start))
        await scene.until(lambda: scene.ready_count() == TYPES)
        await scene.clock.sleep(5)
        before = [each.view().total_reconciles for each in scene.controllers]
        scene.local.forget_requests()
        clock.stumbles = True
        await scene.until(lambda: starts == 1 and not scene.controllers[0].view().synced)
        assert scene.controllers[1].view().synced
        assert all(each.fresh for each in scene.controllers[1].view().informers)
        await scene.until(lambda: starts == 2 and scene.controllers[0].view().synced)
        await scene.clock.sleep(5)
        view = scene.controllers[0].view()
        assert (view.resource_count, view.child_count, view.ready_count) == (1, 1, 1)
        assert Counter(scene.reads()) == Counter(
            (verb, resource) for verb in ("list", "watch") for resource in ("configmaps", "type0s")
        )
        assert scene.writes() == []
        after = [each.view().total_reconciles for each in scene.controllers]
        assert after[1:] == before[1:]
        assert scene.metrics[1].watch_ends == ["replay"]
        kept.cancel()
        await asyncio.gather(kept, return_exceptions=True)


class StumblingClock(VirtualClock):
    """A clock that fails once it is told to: a bug in the middle of a controller's resync."""

    def __init__(self) -> None:
        super().__init__()
        self.stumbles = False

    async def sleep(self, seconds: float) -> None:
        await super().sleep(seconds)
        if self.stumbles:
            raise RuntimeError("a bug")


async def test_controllers_of_different_namespaces_share_the_ones_they_have_in_common() -> None:
    scene = Platform(
        spec(0, namespaces=("team",)),
        spec(1, namespaces=("team", "other")),
        spec(2, namespaces=("team", "other")),
    )
    made = [owner(number, f"o{number}") for number in range(3)]
    elsewhere = [owner(number, f"e{number}", "other") for number in range(3)]
    scene.local.apply_manifests([*made, *elsewhere])
    async with scene.running():
        await scene.until(lambda: scene.ready_count() == 5)
        assert sorted(scene.asked("watch", "configmaps")) == ["other", "team"]
        assert not scene.local.exists("ConfigMap", "e0-c0", namespace="other")
        scene.local.delete("ConfigMap", "e2-c2", namespace="other")
        await scene.until(lambda: scene.local.exists("ConfigMap", "e2-c2", namespace="other"))


async def test_w14_a_kind_that_is_refused_holds_up_only_the_templates_that_need_it() -> None:
    scene = Platform(
        spec(0, config_map()), spec(1, config_map(), replica_set()), spec(2, replica_set())
    )
    scene.local.inject(Fault(verb="list", resource="configmaps", status=403, times=6))
    scene.local.apply_manifests([owner(number, f"o{number}") for number in range(3)])
    async with scene.running():
        await scene.until(lambda: scene.controllers[2].view().ready_count == 1, seconds=5)
        await scene.until(
            lambda: scene.local.exists("ReplicaSet", "o1-worker", namespace="team"), seconds=5
        )
        assert [each.view().missing for each in scene.controllers] == [
            ("configmaps",),
            ("configmaps",),
            (),
        ]
        assert [each.view().synced for each in scene.controllers] == [False, False, True]
        await scene.until(lambda: scene.ready_count() == 3, seconds=120)
        assert [each.view().missing for each in scene.controllers] == [(), (), ()]
        assert scene.asked("list", "configmaps") == [""] * 7


async def test_a_child_without_owner_reference_costs_other_controllers_nothing() -> None:
    scene = Platform(spec(0, cluster_role()), spec(1, cluster_role()))
    scene.local.apply_manifests([owner(0, "a"), owner(1, "b")])
    async with scene.running():
        await scene.until(lambda: scene.ready_count() == 2)
        assert [each.view().child_count for each in scene.controllers] == [1, 1]
    scene.controllers = [scene.build(number) for number in range(2)]
    scene.local.forget_requests()
    # The owners are listed long after their children.
    scene.local.inject(Fault(verb="list", resource="type0s", status=503, times=3))
    scene.local.inject(Fault(verb="list", resource="type1s", status=503, times=3))
    async with scene.running():
        await scene.until(lambda: all(each.view().synced for each in scene.controllers))
        await scene.clock.sleep(30)
        assert [each.view().child_count for each in scene.controllers] == [1, 1]
        assert scene.writes() == []
        scene.local.delete("Type0", "a", namespace="team")
        await scene.until(lambda: not scene.local.exists("ClusterRole", "team-a", namespace=""))
        assert scene.local.exists("ClusterRole", "team-b", namespace="")


# One watch and its subscribers -----------------------------------------------------------------


class Listener:
    """A subscriber that remembers what it was told, and stumbles over some names."""

    def __init__(self, informer: SharedInformer, *poison: str) -> None:
        self.informer = informer
        self.poison = poison
        self.names: set[str] = set()
        self.told: list[Delta] = []
        self.changes = 0
        self.metrics = Counting()
        self.subscription = Subscription(
            "data-job", informer.api, take=self._take, holds=lambda key, identity: False,
            changed=self._changed, lost=informer.audit, metrics=self.metrics, log=LOG,
        )  # fmt: skip

    def join(self) -> None:
        self.informer.join(self.subscription)

    async def leave(self) -> None:
        ending = self.informer.leave(self.subscription)
        if ending is not None:
            await asyncio.wait([ending])

    def _changed(self) -> None:
        self.changes += 1

    def _take(self, deltas: list[Delta]) -> int:
        for delta in deltas:
            self.told.append(delta)
            match delta:
                case Upsert(manifest):
                    name = manifest["metadata"]["name"]
                    if name in self.poison:
                        raise RuntimeError("a bug")
                    self.names.add(name)
                case Remove(manifest):
                    self.names.discard(manifest["metadata"]["name"])
                case Sweep(seen, _):
                    self.names &= {key.name for key in seen}
        return len(deltas)


class Watched:
    """Ten ConfigMaps and one watch of them."""

    def __init__(self, **settings: Any) -> None:
        clock = VirtualClock()
        self.local = LocalCluster(clock=clock.now)
        self.local.apply_manifests([namespace("team"), *(a_map(f"m{n}") for n in range(10))])
        self.shared = SharedInformers(
            self.local.direct(latency_seconds=0.5), clock, with_settings(**settings),
            random.Random(1).random, LOG,
        )  # fmt: skip
        self.informer = self.shared.informer(CONFIG_MAP, "team", "app=maps")

    def count(self, verb: str) -> int:
        return sum(each.verb == verb for each in self.local.requests)


def a_map(name: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "namespace": "team", "labels": {"app": "maps"}},
    }


ALL = {f"m{number}" for number in range(10)}


async def test_who_comes_in_the_middle_of_a_list_hears_the_next_one_from_its_first_page() -> None:
    scene = Watched(page_size=3)
    early, late = Listener(scene.informer), Listener(scene.informer)
    early.join()
    await asyncio.sleep(0.8)
    late.join()
    await asyncio.sleep(1.5)
    assert (early.subscription.synced, late.subscription.synced) == (True, False)
    await asyncio.sleep(2)
    assert late.names == early.names == ALL
    assert (late.subscription.synced, late.subscription.asked) == (True, True)
    assert scene.count("list") == 8
    assert (early.changes, late.changes) == (1, 1)
    for each in (early, late):
        await each.leave()


async def test_who_comes_later_costs_one_list_and_nobody_loses_an_event() -> None:
    scene = Watched()
    early, others = Listener(scene.informer), [Listener(scene.informer) for _ in range(5)]
    early.join()
    await asyncio.sleep(10)
    others[0].join()
    await asyncio.sleep(0.7)
    assert others[0].names == ALL
    assert others[0].subscription.synced
    await asyncio.sleep(10)
    for each in others[1:]:
        each.join()
    scene.local.apply_manifests([a_map("new")])
    await asyncio.sleep(0.7)
    scene.local.delete("ConfigMap", "m0", namespace="team")
    await asyncio.sleep(10)
    assert (scene.count("list"), scene.count("watch")) == (3, 3)
    assert early.metrics.watch_ends == ["replay", "replay"]
    for each in (early, *others):
        assert each.names == (ALL | {"new"}) - {"m0"}
        assert scene.informer.view(each.subscription).fresh
        await each.leave()


async def test_the_last_to_leave_ends_the_watch_and_the_next_to_come_begins_anew() -> None:
    scene = Watched()
    first, second = Listener(scene.informer), Listener(scene.informer)
    for each in (first, second):
        each.join()
    await asyncio.sleep(5)
    await first.leave()
    assert not scene.informer.view(first.subscription).synced
    assert scene.informer.view(second.subscription).fresh
    await second.leave()
    scene.local.delete("ConfigMap", "m0", namespace="team")
    heard = len(second.told)
    await asyncio.sleep(5)
    assert len(second.told) == heard
    assert not scene.informer.view(second.subscription).synced
    second.join()
    await asyncio.sleep(5)
    assert second.names == ALL - {"m0"}
    assert (scene.count("list"), scene.count("watch")) == (2, 2)
    await second.leave()


async def test_a_bug_in_one_subscriber_ends_no_stream_and_costs_it_one_object(
    caplog: pytest.LogCaptureFixture,
) -> None:
    scene = Watched(watch_seconds=100)
    sound, broken = Listener(scene.informer), Listener(scene.informer, "m3", "bad")
    with caplog.at_level(logging.CRITICAL):
        for each in (broken, sound):
            each.join()
        await asyncio.sleep(5)
        assert broken.subscription.synced
        assert (sound.names, broken.names) == (ALL, ALL - {"m3"})
        scene.local.apply_manifests([a_map("bad"), a_map("good")])
        await asyncio.sleep(5)
        assert sound.names == ALL | {"bad", "good"}
        assert broken.names == ALL - {"m3"} | {"good"}
        assert (sound.metrics.panics, broken.metrics.panics) == (0, 2)
        assert (scene.count("list"), scene.count("watch")) == (1, 1)
        # The bug was a passing one: when the watch ends, all is said again.
        broken.poison = ()
        await asyncio.sleep(110)
        assert broken.names == sound.names
        assert scene.count("list") == 2
        await asyncio.sleep(300)
        assert scene.count("list") == 2
        for each in (broken, sound):
            await each.leave()


async def test_a_refusal_is_told_to_each_subscriber_once_and_so_is_its_end(
    caplog: pytest.LogCaptureFixture,
) -> None:
    scene = Watched()
    scene.local.inject(Fault(verb="list", resource="configmaps", status=403, times=3))
    listeners = [Listener(scene.informer), Listener(scene.informer)]
    with caplog.at_level(logging.INFO, logger=LOG.name):
        for each in listeners:
            each.join()
        await asyncio.sleep(1)
        assert [each.changes for each in listeners] == [1, 1]
        assert all(scene.informer.view(each.subscription).trouble for each in listeners)
        await asyncio.sleep(30)
    assert [each.changes for each in listeners] == [2, 2]
    assert all(scene.informer.view(each.subscription).fresh for each in listeners)
    assert [each.message for each in caplog.records] == ["cannot list or watch", "watching"]
    for each in listeners:
        await each.leave()


async def test_a_silent_watch_that_speaks_again_is_no_trouble_from_that_word_on() -> None:
    scene = Watched(idle_seconds=20.0)
    listener = Listener(scene.informer)
    listener.join()
    await asyncio.sleep(50)
    assert "says nothing" in scene.informer.trouble
    changes = listener.changes
    scene.local.apply_manifests([a_map("new")])
    await asyncio.sleep(1)
    assert scene.informer.trouble == ""
    assert listener.changes == changes + 1
    await listener.leave()
