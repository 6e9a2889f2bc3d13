"""Deletion as controllers carry it out: where it ends is the same here and on a real cluster.

A real cluster takes moments, ours none, so each look at the outcome waits until it is as expected,
and both servers are held to the same expectation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from katalogc.localcluster import LocalCluster
from tests.controlplane.api import Api, eventually
from tests.controlplane.plane import ControlPlane
from tests.differential.scenarios_kinds import claim, pod
from tests.differential.scenarios_objects import config_map
from tests.differential.scenarios_types import DEFINITIONS, definition
from tests.differential.steps import differences, normalised
from tests.scenario.world import LocalWorld

pytestmark = pytest.mark.controlplane

NAMESPACES = "/api/v1/namespaces"
GROUP = "f.diff.katalogc.dev"
HOLD = "example.com/hold"


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Api, Api]]:
    """A real control plane with its controllers, and the embedded cluster with its own."""
    plane = ControlPlane(controller_manager=True)
    try:
        with LocalCluster(workloads=False) as cluster:
            world = LocalWorld(cluster, tmp_path_factory.mktemp("ours"))
            yield plane.admin, world.admin
            world.admin.close()
    finally:
        plane.stop()


def _namespace(api: Api, name: str) -> str:
    assert api.post(NAMESPACES, {"metadata": {"name": name}}).ok
    path = f"{NAMESPACES}/{name}"
    eventually(lambda: api.get(f"{path}/serviceaccounts/default").ok, "the namespace is filled")
    eventually(lambda: api.get(f"{path}/configmaps/kube-root-ca.crt").ok, "it has its ConfigMap")
    return path


def _owned(name: str, *owners: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    references = [
        {"apiVersion": "v1", "kind": "ConfigMap", "name": owner["metadata"]["name"],
         "uid": owner["metadata"]["uid"], "blockOwnerDeletion": True}
        for owner in owners
    ]  # fmt: skip
    return {**config_map(name), "metadata": {
        "name": name, "ownerReferences": references, **metadata}}  # fmt: skip


def _create(api: Api, path: str, manifest: dict[str, Any]) -> dict[str, Any]:
    answer = api.post(path, manifest)
    assert answer.ok, answer.body
    return dict(answer.body)


def _gone(api: Api, path: str) -> None:
    eventually(lambda: api.get(path).status == 404, f"{path} is gone")


def _shown(api: Api, path: str) -> Any:
    body = normalised(api.get(path).body)
    body.get("metadata", {}).pop("managedFields", None)  # controllers write as themselves
    return body


def _background(api: Api, path: str) -> Any:
    maps = f"{path}/configmaps"
    owner = _create(api, maps, config_map("owner"))
    other = _create(api, maps, config_map("other"))
    child = _create(api, maps, _owned("child", owner))
    _create(api, maps, _owned("grandchild", child))
    _create(api, maps, _owned("shared", owner, other))
    _create(api, maps, _owned("held", owner, finalizers=[HOLD]))
    answer = api.delete(f"{maps}/owner", {"propagationPolicy": "Background"})
    for name in ("child", "grandchild"):
        _gone(api, f"{maps}/{name}")
    eventually(lambda: "deletionTimestamp" in api.get(f"{maps}/held").body["metadata"], "held")
    eventually(
        lambda: len(api.get(f"{maps}/shared").body["metadata"]["ownerReferences"]) == 1,
        "the dangling reference is removed",
    )
    return answer.status, _shown(api, f"{maps}/held"), _shown(api, f"{maps}/shared")


def _foreground(api: Api, path: str) -> Any:
    maps = f"{path}/configmaps"
    owner = _create(api, maps, config_map("owner"))
    _create(api, maps, _owned("child", owner))
    _create(api, maps, _owned("held", owner, finalizers=[HOLD]))
    answer = api.delete(f"{maps}/owner", {"propagationPolicy": "Foreground"})
    _gone(api, f"{maps}/child")
    eventually(lambda: "deletionTimestamp" in api.get(f"{maps}/held").body["metadata"], "held")
    waiting = _shown(api, f"{maps}/owner")
    assert api.patch(f"{maps}/held", {"metadata": {"finalizers": None}}).ok
    _gone(api, f"{maps}/held")
    _gone(api, f"{maps}/owner")
    return answer.status, waiting


def _orphan(api: Api, path: str) -> Any:
    maps = f"{path}/configmaps"
    owner = _create(api, maps, config_map("owner"))
    _create(api, maps, _owned("child", owner))
    answer = api.delete(f"{maps}/owner", {"propagationPolicy": "Orphan"})
    _gone(api, f"{maps}/owner")
    return answer.status, _shown(api, f"{maps}/child")


def _absent_owner(api: Api, path: str) -> Any:
    maps = f"{path}/configmaps"
    nobody = {"metadata": {"name": "nobody", "uid": "00000000-0000-4000-8000-000000000000"}}
    _create(api, maps, _owned("child", nobody))
    _gone(api, f"{maps}/child")
    return api.get(f"{maps}/child").body


def _namespace_deletion(api: Api, path: str) -> Any:
    maps = f"{path}/configmaps"
    _create(api, maps, config_map("plain"))
    _create(api, maps, {**config_map("held"), "metadata": {"name": "held", "finalizers": [HOLD]}})
    answer = api.delete(path)
    _gone(api, f"{maps}/plain")
    refused = api.post(maps, config_map("late"))

    def remaining() -> bool:
        return len(api.get(path).body["status"].get("conditions") or ()) >= 5

    eventually(remaining, "the namespace says what is left")
    left = _shown(api, path)
    assert api.patch(f"{maps}/held", {"metadata": {"finalizers": None}}).ok
    _gone(api, path)
    return answer.status, normalised(refused.body), left


def _definition_deletion(api: Api, path: str) -> Any:
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    wanted = definition(GROUP, schema)
    _create(api, DEFINITIONS, wanted)
    place = f"{DEFINITIONS}/widgets.{GROUP}"
    widgets = f"/apis/{GROUP}/v1/namespaces/{path.rpartition('/')[2]}/widgets"
    eventually(lambda: api.get(widgets).ok, "the type is served")
    body = {"apiVersion": f"{GROUP}/v1", "kind": "Widget",
            "metadata": {"name": "held", "finalizers": [HOLD]}}  # fmt: skip
    _create(api, widgets, body)
    answer = api.delete(place)
    eventually(
        lambda: "deletionTimestamp" in api.get(f"{widgets}/held").body["metadata"],
        "instances are deleted",
    )
    refused = api.post(widgets, {**body, "metadata": {"name": "late"}})
    left = _shown(api, place)["metadata"]
    assert api.patch(f"{widgets}/held", {"metadata": {"finalizers": None}}).ok
    _gone(api, place)
    return answer.status, normalised(refused.body), left


def _claims(api: Api, path: str) -> Any:
    claims, pods = f"{path}/persistentvolumeclaims", f"{path}/pods"
    _create(api, claims, claim("free"))
    _create(api, claims, claim("used"))
    volume = {"name": "v", "persistentVolumeClaim": {"claimName": "used"}}
    _create(api, pods, pod("user", volumes=[volume]))
    answers = [api.delete(f"{claims}/{name}").status for name in ("free", "used")]
    _gone(api, f"{claims}/free")
    held = _shown(api, f"{claims}/used")["metadata"]
    assert api.delete(f"{pods}/user").ok
    _gone(api, f"{claims}/used")
    return answers, held


@pytest.mark.parametrize(
    "happening",
    [_background, _foreground, _orphan, _absent_owner, _namespace_deletion, _definition_deletion,
     _claims],
    ids=lambda each: each.__name__.strip("_").replace("_", "-"),
)  # fmt: skip
def test_same_outcome(happening: Callable[[Api, str], Any], servers: tuple[Api, Api]) -> None:
    name = "gc-" + happening.__name__.strip("_").replace("_", "-")
    expected, found = (list(happening(api, _namespace(api, name))) for api in servers)
    different = list(differences(expected, found))
    assert not different, "\n".join(different)
