"""A thousand custom resources converge; then nothing is sent but watches and the Lease."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

import pytest

from tests.controlplane.api import eventually
from tests.scenario import life
from tests.scenario.conftest import HERE
from tests.scenario.operator_process import OperatorProcess
from tests.scenario.world import World, token_of

pytestmark = pytest.mark.scenario
NAMESPACE = "scenario-platform-system"
OWNERS = 1000
REST_SECONDS = 60
RESYNC = "5s"  # a dozen resyncs fit into the rest, so that "a resync costs nothing" is part of it


def test_steady_state_sends_nothing(world: World, platform_build: Path, tmp_path: Path) -> None:
    owners = life.install(world, platform_build, HERE / "platform" / "cr.yaml")
    job = next(each for each in owners if each["kind"] == "Job")
    path = f"{life.GROUP}/jobs"
    eventually(lambda: world.admin.get(path).ok, "the type is served")
    for index in range(OWNERS):
        named = {**job, "metadata": {"name": f"many-{index:04}", "namespace": "scenario"}}
        assert world.admin.post(path, named).ok
    kubeconfig = world.kubeconfig(
        tmp_path / "operator.kubeconfig", token=token_of(world, NAMESPACE, "scenario-platform")
    )
    user = f"system:serviceaccount:{NAMESPACE}:scenario-platform"
    with OperatorProcess(
        platform_build / "bundle.json", kubeconfig, "--leader-elect", "--resync", RESYNC,
        namespace=NAMESPACE,
    ) as operator:  # fmt: skip
        operator.until_ready()

        def all_ready() -> bool:
            items = world.admin.get(path).body["items"]
            ready = sum(life.is_ready(each) for each in items)
            assert ready == OWNERS, f"{ready} of {OWNERS}"
            return True

        eventually(all_ready, "a thousand are ready", seconds=180)
        for children in (life.CONFIG_MAPS, life.REPLICA_SETS):
            selected = world.admin.get(children, labelSelector="orkestra.orkspace.io/managed=true")
            assert len(selected.body["items"]) == OWNERS
        time.sleep(3)  # what was under way when the last owner turned ready is not part of the rest
        before = len(world.requests(user))
        time.sleep(REST_SECONDS)
        asked = world.requests(user)[before:]
        counted = Counter((each.verb, each.resource) for each in asked)
        resting = {("watch", each.resource) for each in asked} | {
            ("get", "leases"),
            ("update", "leases"),
        }
        assert not {kind: n for kind, n in counted.items() if kind not in resting}
        assert counted["update", "leases"] > 0
        assert operator.terminate() == 0
    assert world.admin.delete(path).ok
    eventually(lambda: not _strip_finalizers(world, path), "the thousand are gone", seconds=120)


def _strip_finalizers(world: World, path: str) -> list[str]:
    """Release what the stopped operator still holds; names that are left."""
    items = world.admin.get(path).body["items"]
    for each in items:
        world.admin.patch(f"{path}/{each['metadata']['name']}", {"metadata": {"finalizers": None}})
    return [each["metadata"]["name"] for each in items]
