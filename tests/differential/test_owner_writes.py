"""What a PUT of a custom resource by the operator's own client leaves as it was: on both clusters.

The operator reads custom resources, changes a few fields and writes them back whole (ADR 12). Values
that JSON libraries like to change must come through, and so must the entries of other managers.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from katalog_runtime.bundle import ApiType
from katalog_runtime.client import HttpCluster
from katalog_runtime.connection import from_kubeconfig
from katalog_runtime.errors import ConflictError
from katalog_runtime.inventory import marked, released
from katalog_runtime.objects import Manifest, NamespacedName
from katalogc.localcluster import LocalCluster
from tests.controlplane.api import eventually
from tests.controlplane.plane import ControlPlane
from tests.scenario.world import LocalWorld, RealWorld, World

THINGS = ApiType(group="put.example.com", version="v1", kind="Thing", plural="things")
PATH = "/apis/put.example.com/v1/namespaces/default/things"
KEY = NamespacedName("default", "odd")
DEFINITION = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "things.put.example.com"},
    "spec": {
        "group": THINGS.group,
        "scope": "Namespaced",
        "names": {"plural": "things", "kind": "Thing"},
        "versions": [
            {
                "name": "v1",
                "served": True,
                "storage": True,
                "subresources": {"status": {}},
                "schema": {
                    "openAPIV3Schema": {
                        "type": "object",
                        "x-kubernetes-preserve-unknown-fields": True,
                        "properties": {
                            "spec": {
                                "type": "object",
                                "x-kubernetes-preserve-unknown-fields": True,
                                "properties": {"maybe": {"type": "string", "nullable": True}},
                            }
                        },
                    }
                },
            }
        ],
    },
}
THING = b"""{"apiVersion": "put.example.com/v1", "kind": "Thing", "metadata": {"name": "odd",
 "labels": {"team": "blue"}, "finalizers": ["example.com/theirs"]}, "spec": {
 "whole": 1.0, "tenth": 0.1, "huge": 1e21, "tiny": 1e-7, "thousand": 1e3, "long": 9007199254740993,
 "least": -9223372036854775808, "most": 9223372036854775807, "third": 0.3333333333333333,
 "beyond": 9223372036854775809,
 "maybe": null, "text": "a\\u0000b \\u2028 \\ud83d\\ude00 <&>", "empty": {}, "none": [],
 "keys": {"z": 1, "a": 2, "": 3}, "number": "1e3", "list": [[], {}, 0, false, ""]}}"""
"""Its spec holds what JSON can hold, as it was typed."""


@pytest.fixture(scope="module", params=["real", pytest.param("ours")])
def world(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """A cluster that serves Things."""
    made: World
    if request.param == "real":
        plane = ControlPlane()
        made = RealWorld(plane)
        yield _serving(made)
        plane.stop()
    else:
        with LocalCluster(controllers=False) as cluster:
            made = LocalWorld(cluster, tmp_path_factory.mktemp("ours"))
            yield _serving(made)
            made.admin.close()


pytestmark = pytest.mark.controlplane


def _serving(world: World) -> World:
    assert world.admin.post(
        "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", DEFINITION
    ).ok
    eventually(lambda: world.admin.get(PATH).ok, "Things are served")
    return world


@pytest.fixture
def thing(world: World) -> Iterator[str]:
    """The path of a Thing that an editor made."""
    made = world.admin.request("POST", PATH, THING, fieldManager="editor")
    assert made.ok, made.body
    yield f"{PATH}/odd"
    world.admin.patch(f"{PATH}/odd", {"metadata": {"finalizers": None}})
    world.admin.delete(f"{PATH}/odd")


async def _observed(cluster: HttpCluster) -> Manifest:
    """The Thing as a cache keeps it."""
    found = await cluster.get(THINGS, KEY)
    del found["metadata"]["managedFields"]
    return found


def _marked(owner: Manifest) -> Manifest:
    found = marked(
        owner,
        finalizers=("ours.example.com/cleanup",),
        apis=(),
        set_identity="applyset-x-v1",
        operator_name="test",
        now=datetime(2026, 1, 1, tzinfo=UTC),
    )
    assert found is not None
    return found


def _entries(manifest: Manifest) -> dict[tuple[str, str], Any]:
    return {
        (each["manager"], each.get("subresource", "")): each["fieldsV1"]
        for each in manifest["metadata"]["managedFields"]
    }


async def test_a_put_changes_what_we_changed_and_nothing_else(
    world: World, thing: str, tmp_path: Path
) -> None:
    before = world.admin.get(thing).body
    connection = await from_kubeconfig([world.kubeconfig(tmp_path / "kubeconfig")])
    async with HttpCluster(connection) as cluster:
        owner = await cluster.replace(THINGS, _marked(await _observed(cluster)))
        del owner["metadata"]["managedFields"]
        status = {"phase": "Running", "ratio": 1.0, "conditions": []}
        await cluster.replace(THINGS, {**owner, "status": status}, subresource="status")
    after = world.admin.get(thing).body
    # As texts: 1 and 1.0 are one number to Python, and two to whoever reads the object.
    assert json.dumps(after["spec"]) == json.dumps(before["spec"])
    assert float(after["spec"]["beyond"]) == 2.0**63
    assert int(after["spec"]["beyond"]) != 2**63 + 1, "Go has no such integer"
    assert json.dumps(after["status"], sort_keys=True) == (
        '{"conditions": [], "phase": "Running", "ratio": 1}'
    )
    assert after["metadata"]["generation"] == before["metadata"]["generation"] == 1
    assert after["metadata"]["finalizers"] == ["example.com/theirs", "ours.example.com/cleanup"]
    assert after["metadata"]["labels"]["team"] == "blue"
    mine, theirs = _entries(after), _entries(before)
    assert mine["editor", ""] == theirs["editor", ""]
    assert mine["katalogc", ""].keys() == {"f:metadata"}
    assert mine["katalogc", ""]["f:metadata"]["f:finalizers"].keys() == {
        'v:"ours.example.com/cleanup"'
    }
    assert "f:team" not in mine["katalogc", ""]["f:metadata"]["f:labels"]
    assert mine["katalogc", "status"].keys() == {"f:status"}


async def test_a_put_of_what_has_changed_since_is_a_conflict(
    world: World, thing: str, tmp_path: Path
) -> None:
    connection = await from_kubeconfig([world.kubeconfig(tmp_path / "kubeconfig")])
    async with HttpCluster(connection) as cluster:
        owner = await _observed(cluster)
        edited = world.admin.patch(thing, {"spec": {"edited": True}})
        assert edited.ok, edited.body
        with pytest.raises(ConflictError):
            await cluster.replace(THINGS, _marked(owner))
        with pytest.raises(ConflictError):
            await cluster.replace(THINGS, {**owner, "status": {"a": 1}}, subresource="status")
    after = world.admin.get(thing).body
    assert (after["spec"]["edited"], "status" in after) == (True, False)


async def test_the_last_finalizer_of_a_leaving_owner_goes_with_a_put(
    world: World, thing: str, tmp_path: Path
) -> None:
    connection = await from_kubeconfig([world.kubeconfig(tmp_path / "kubeconfig")])
    async with HttpCluster(connection) as cluster:
        await cluster.replace(THINGS, _marked(await _observed(cluster)))
        assert world.admin.patch(
            thing, [{"op": "remove", "path": "/metadata/finalizers/0"}],
            content_type="application/json-patch+json",
        ).ok  # fmt: skip
        assert world.admin.delete(thing).ok
        free = released(await _observed(cluster), ("ours.example.com/cleanup",))
        assert free is not None
        await cluster.replace(THINGS, free)
    assert world.admin.get(thing).status == 404


async def test_an_owner_is_asked_for_by_its_name_and_a_child_deleted_as_it_was_seen(
    world: World, thing: str, tmp_path: Path
) -> None:
    connection = await from_kubeconfig([world.kubeconfig(tmp_path / "kubeconfig")])
    async with HttpCluster(connection) as cluster:
        found = [await _named(cluster, name) for name in ("odd", "even")]
        assert found == [["odd"], []]
        seen = await cluster.get(THINGS, KEY)
        mine = [{"op": "remove", "path": "/metadata/finalizers"}]
        await cluster.patch(THINGS, KEY, mine, patch_type="application/json-patch+json")
        uid, version = seen["metadata"]["uid"], seen["metadata"]["resourceVersion"]
        with pytest.raises(ConflictError):
            await cluster.delete(THINGS, KEY, uid=uid, resource_version=version)
        version = (await cluster.get(THINGS, KEY))["metadata"]["resourceVersion"]
        await cluster.delete(THINGS, KEY, uid=uid, resource_version=version)
        assert await _named(cluster, "odd") == []


async def _named(cluster: HttpCluster, name: str) -> list[str]:
    page = await cluster.list_page(
        THINGS,
        namespace="default",
        label_selector="",
        field_selector=f"metadata.name={name}",
        limit=1,
        continue_token="",
        resource_version="",
    )
    return [each["metadata"]["name"] for each in page.items]
