"""Children that can carry no owner reference, after their owner went without anybody looking.

Garbage collection knows nothing of them, and their ApplySet label is a digest: what names their
owner is a note on the child.
"""

from __future__ import annotations

from typing import Any

import pytest

from katalog_runtime.inventory import child_labels, set_id
from katalog_runtime.objects import NamespacedName
from katalog_runtime.strays import Strays
from katalogc.localcluster import Fault
from tests.runtime.bundles import DATA_JOB, cluster_role, config_map, job
from tests.runtime.links import LateEvents
from tests.runtime.world import World, namespace, with_settings, world

pytestmark = pytest.mark.looptime(noop_cycles=0)

NOTE = "katalogc.dev/owner"


def identity(name: str, where: str = "team") -> str:
    return set_id(DATA_JOB.kind, DATA_JOB.group, NamespacedName(where, name))


def role(name: str, where: str = "team", note: str = "") -> dict[str, Any]:
    """The ClusterRole of a DataJob, as the operator makes it."""
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {
            "name": f"{where}-{name}",
            "labels": child_labels(name, identity(name, where)),
            "annotations": {NOTE: note or f"DataJob.data.example.com/{where}/{name}"},
        },
        "rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}],
    }


def there(scene: World, name: str = "team-a") -> bool:
    return scene.exists("ClusterRole", name, "")


async def test_the_note_stands_only_where_a_reference_cannot() -> None:
    scene = world(cluster_role(), config_map())
    async with scene.operator():
        await scene.running()
        made = scene.get("ClusterRole", "team-a", "")["metadata"]
        assert made["annotations"][NOTE] == "DataJob.data.example.com/team/a"
        assert "ownerReferences" not in made
        assert NOTE not in scene.get("ConfigMap", "a-config")["metadata"].get("annotations", {})


async def test_it_goes_when_its_owner_went_while_no_operator_ran() -> None:
    scene = world(cluster_role(), config_map())
    async with scene.operator():
        await scene.running()
        scene.create(job("b"))
        await scene.until(lambda: scene.is_ready("b"))
    scene.tear_away()
    scene.local.inject(Fault(verb="delete", resource="clusterroles", status=503, times=3))
    async with scene.operator():
        await scene.quiet(500)
        assert there(scene), "it may be that a backup is being played back"
        await scene.until(lambda: not there(scene), seconds=200)
        await scene.quiet(60)
        assert there(scene, "team-b")
        assert scene.controller.view().child_count == 2
        scene.local.forget_requests()
        await scene.quiet(600)
        assert [each for each in scene.local.requests if each.verb != "watch"] == []


async def test_a_follower_that_takes_over_looks_for_them() -> None:
    scene = world(cluster_role(), settings=with_settings(resync_seconds=0.0))
    scene.create(role("a"))
    async with scene.operator():
        scene.controller.deactivate()
        scene.create(role("b"))
        await scene.quiet(1000)
        kept = there(scene), there(scene, "team-b")
        scene.controller.activate()
        await scene.until(lambda: not there(scene) and not there(scene, "team-b"), seconds=610)
    assert kept == (True, True)


async def test_one_whose_owner_our_view_does_not_show_yet_stays() -> None:
    scene = world(cluster_role())
    link = LateEvents(scene.local.direct())
    link.seconds, link.plural = 30.0, "datajobs"
    async with scene.operator(link):
        await scene.quiet(1)
        # Another process made both; of the owner we hear later.
        owner = job()
        owner["metadata"]["labels"] = {"applyset.kubernetes.io/id": identity("a")}
        scene.create(owner, role("a"))
        made = scene.get("ClusterRole", "team-a", "")["metadata"]["uid"]
        await scene.until(scene.is_ready)
        assert scene.get("ClusterRole", "team-a", "")["metadata"]["uid"] == made
        assert not [each for each in scene.local.requests if each.verb == "delete"]


async def test_what_the_server_does_not_tell_is_asked_again() -> None:
    scene = world(cluster_role(), settings=with_settings(stray_seconds=0.0))
    scene.create(role("a"))
    async with scene.operator():
        scene.controller.deactivate()
        await scene.quiet(1)
        scene.local.inject(Fault(verb="list", resource="datajobs", status=500, times=2))
        scene.controller.activate()
        await scene.until(lambda: not there(scene))
        assert scene.controller.view().failed_reconciles == 2


@pytest.mark.parametrize(
    ("made", "why"),
    [
        (role("a", "other"), "its namespace is another operator's"),
        (role("a", note="DataJob.data.example.com/team/b"), "note and label do not agree"),
        (role("a", note="Widget.data.example.com/team/a"), "it is of another type"),
        (role("a", note="DataJob.example.com/team/a"), "it is of another group"),
        (role("a", note="DataJob.data.example.com/team"), "the note cannot be read"),
        (role("a", note="nonsense"), "the note cannot be read"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_what_is_not_clearly_ours_stays(made: dict[str, Any], why: str) -> None:
    scene = world(cluster_role(), settings=with_settings(namespaces=("team",)))
    scene.create(namespace("other"), made)
    async with scene.operator():
        await scene.quiet(1000)
        assert there(scene, made["metadata"]["name"]), why


async def test_each_shard_takes_away_its_own_alone() -> None:
    names = "abcdefgh"
    scene = world(cluster_role(), settings=with_settings(shard=(0, 2)))
    scene.create(*(role(name) for name in names))
    async with scene.operator():
        await scene.quiet(700)
    left = [name for name in names if there(scene, f"team-{name}")]
    assert 0 < len(left) < len(names)
    scene.settings = with_settings(shard=(1, 2))
    async with scene.operator():
        await scene.quiet(700)
    assert not [name for name in names if there(scene, f"team-{name}")]


def test_each_new_child_lets_all_of_an_owner_wait_anew() -> None:
    strays, key = Strays(600.0), NamespacedName("team", "a")
    assert [strays.due(key, ["1"], 10.0), strays.due(key, ["1"], 300.0)] == [610.0, 610.0]
    assert strays.due(key, ["1", "2"], 400.0) == 1000.0
    assert strays.due(key, ["1"], 500.0) == 1000.0
    strays.forget(key)
    assert strays.due(key, ["1"], 700.0) == 1300.0
    strays.departed(key)
    assert strays.due(key, ["1", "3"], 800.0) == 800.0
    strays.forget(key)
    assert strays.due(key, ["1"], 900.0) == 1500.0
