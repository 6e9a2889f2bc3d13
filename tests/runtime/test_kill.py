"""Q10: the operator is killed after every single write of its life; the end is always the same."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from tests.runtime.bundles import cluster_role, config_map, generated_secret, job, replica_set
from tests.runtime.killing import Killing
from tests.runtime.world import World, world

pytestmark = pytest.mark.looptime(noop_cycles=0)

CHILDREN = (
    config_map(),
    replica_set(),
    generated_secret(),
    cluster_role(),
    config_map("kept", sync="apply"),
)

Phase = tuple[Callable[[World], None], Callable[[World], bool]]


def _edit_by_hand(scene: World) -> None:
    scene.local.patch("ReplicaSet", "a-worker", {"spec": {"replicas": 9}}, namespace="team")
    scene.local.delete("ConfigMap", "b-config", namespace="team")


def _replicas(scene: World, name: str) -> Any:
    return scene.get("ReplicaSet", f"{name}-worker")["spec"]["replicas"]


def _reconciled(scene: World, name: str) -> bool:
    generation = scene.owner(name)["metadata"]["generation"]
    return scene.is_ready(name) and scene.ready(name)["observedGeneration"] == generation


PHASES: tuple[Phase, ...] = (
    (
        lambda scene: scene.create(job("a"), job("b")),
        lambda scene: scene.is_ready("a") and scene.is_ready("b"),
    ),
    (
        lambda scene: scene.create(job("a", parallelism="5", timeout="9h")),
        lambda scene: _replicas(scene, "a") == 5 and _reconciled(scene, "a"),
    ),
    (
        _edit_by_hand,
        lambda scene: _replicas(scene, "a") == 5 and scene.exists("ConfigMap", "b-config"),
    ),
    (
        lambda scene: scene.local.delete("DataJob", "b", namespace="team"),
        lambda scene: not scene.exists("DataJob", "b"),
    ),
)


async def _live(scene: World, kill_after: int) -> int:
    """The whole scenario; returns how many writes the first operator made."""
    cluster = Killing(scene.local.direct(), kill_after)
    phases = iter(PHASES)
    phase = next(phases)
    phase[0](scene)
    async with scene.operator(cluster):
        while phase is not None:
            done = asyncio.ensure_future(scene.until(lambda phase=phase: phase[1](scene)))
            dead = asyncio.ensure_future(cluster.dead.wait())
            await asyncio.wait((done, dead), return_when=asyncio.FIRST_COMPLETED)
            killed = not done.done()
            for each in (done, dead):
                each.cancel()
            if killed:
                break
            following = next(phases, None)
            if following is None:
                break
            phase = following
            phase[0](scene)
    if cluster.dead.is_set():
        async with scene.operator():
            await scene.until(lambda: phase[1](scene))
            for action, condition in phases:
                action(scene)
                await scene.until(lambda condition=condition: condition(scene))
            await scene.quiet(30)
    return cluster.writes


def _state(scene: World) -> dict[str, Any]:
    """Everything that an operator is responsible for, without versions, times and secrets."""
    state: dict[str, Any] = {}
    for kind in ("DataJob", "ConfigMap", "ReplicaSet", "Secret", "ClusterRole"):
        for each in scene.local.list(kind):
            labels = each["metadata"].get("labels") or {}
            if "orkestra.orkspace.io/managed" not in labels:
                continue
            body = {key: each.get(key) for key in ("spec", "data", "rules")}
            if kind == "Secret":
                body = {"data": sorted(each["data"])}
            references = each["metadata"].get("ownerReferences") or []
            state[f"{kind}/{each['metadata']['name']}"] = {
                **body,
                "labels": labels,
                "finalizers": each["metadata"].get("finalizers"),
                "owners": [reference["name"] for reference in references],
                "ready": scene.ready(each["metadata"]["name"]).get("status")
                if kind == "DataJob"
                else None,
            }
    return state


async def test_q10_killed_after_any_write_a_restart_ends_in_the_same_state() -> None:
    undisturbed = world(*CHILDREN)
    writes = await _live(undisturbed, kill_after=0)
    expected = _state(undisturbed)
    assert sorted(expected) == [
        "ClusterRole/team-a",
        "ConfigMap/a-config",
        "ConfigMap/a-kept",
        "DataJob/a",
        "ReplicaSet/a-worker",
        "Secret/a-key",
    ]
    assert writes > 20
    for after in range(1, writes + 1):
        scene = world(*CHILDREN)
        await _live(scene, kill_after=after)
        assert _state(scene) == expected, f"killed after write {after}"
