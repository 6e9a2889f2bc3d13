"""The life of the ten types, step by step: what must be true after each, on any cluster."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.controlplane.api import JSON_PATCH, MERGE, Answer, eventually, object_path
from tests.scenario.world import World

GROUP = "/apis/scenario.katalogc.dev/v1alpha1/namespaces/scenario"
CONFIG_MAPS = "/api/v1/namespaces/scenario/configmaps"
SECRETS = "/api/v1/namespaces/scenario/secrets"
REPLICA_SETS = "/apis/apps/v1/namespaces/scenario/replicasets"
CREDENTIALS = ("feed", "table", "line", "store")
WORKERS = {"mapper": 2, "job": 3}


@dataclass(frozen=True)
class Platform:
    """The installed scenario: where it runs and which custom resources it has."""

    world: World
    owners: list[dict[str, Any]]

    def owner_path(self, owner: dict[str, Any]) -> str:
        return object_path(self.world.admin, owner)

    def get(self, path: str) -> Any:
        answer = self.world.admin.get(path)
        assert answer.ok, f"{path}: {answer.status}"
        return answer.body

    def patch(self, path: str, body: Any, content_type: str = MERGE) -> Any:
        answer = self.world.admin.patch(path, body, content_type)
        assert answer.ok, answer.body
        return answer.body


def install(world: World, build: Path, resources: Path) -> list[dict[str, Any]]:
    """Apply what `katalogc build` wrote, as a user would; the custom resources come later."""
    namespaces = {"scenario"}
    documents = [
        document
        for file in (
            *sorted((build / "crds").iterdir()),
            build / "operator.yaml",
            build / "rbac.yaml",
        )
        for document in yaml.safe_load_all(file.read_text())
        if document
    ]
    wanted = [each for each in documents if each["kind"] in {
        "CustomResourceDefinition", "Namespace", "ServiceAccount", "Role", "RoleBinding",
        "ClusterRole", "ClusterRoleBinding",
    }]  # fmt: skip
    for name in namespaces:
        world.admin.post("/api/v1/namespaces", {"metadata": {"name": name}})
    for document in sorted(wanted, key=lambda each: each["kind"] != "Namespace"):
        answer = world.admin.apply(object_path(world.admin, document), document, force="true")
        assert answer.ok, (document["kind"], document["metadata"]["name"], answer.body)
    return [each for each in yaml.safe_load_all(resources.read_text()) if each]


def create_owners(platform: Platform) -> None:
    """Apply the ten custom resources."""
    for owner in platform.owners:
        path = platform.owner_path(owner)

        def applied(path: str = path, owner: dict[str, Any] = owner) -> Answer:
            answer = platform.world.admin.apply(path, owner)
            assert answer.ok, answer.body  # a new CRD takes a moment until it is served
            return answer

        eventually(applied, f"{path} is accepted")


def is_ready(owner: dict[str, Any]) -> bool:
    """Whether Ready is True for the current generation."""
    conditions = owner.get("status", {}).get("conditions", [])
    ready = [each for each in conditions if each["type"] == "Ready"]
    generation = owner["metadata"]["generation"]
    return bool(
        ready and ready[0]["status"] == "True" and ready[0]["observedGeneration"] == generation
    )


def converged(platform: Platform) -> bool:
    """All ten types are ready, and all their children are there."""
    for owner in platform.owners:
        observed = platform.get(platform.owner_path(owner))
        assert is_ready(observed), (owner["kind"], observed.get("status"))
        assert observed["metadata"]["finalizers"] == ["orkestra.orkspace.io/cleanup"]
        assert observed["metadata"]["labels"]["orkestra.orkspace.io/managed"] == "true"
        crd = observed["metadata"]["name"].removeprefix("my-")
        child = platform.get(f"{CONFIG_MAPS}/my-{crd}-{crd}")
        references = child["metadata"]["ownerReferences"]
        assert [each["uid"] for each in references] == [observed["metadata"]["uid"]]
        assert child["metadata"]["labels"]["orkestra-owner"] == f"my-{crd}"
        if crd in CREDENTIALS:
            secret = platform.get(f"{SECRETS}/my-{crd}-login")
            password = base64.b64decode(secret["data"]["password"]).decode()
            assert len(password) == 24
            assert password.isalnum()
            assert observed["status"]["loginSecret"] == f"my-{crd}-login"
        if crd in WORKERS:
            replica_set = platform.get(f"{REPLICA_SETS}/my-{crd}-worker")
            assert replica_set["spec"]["replicas"] == WORKERS[crd]
            assert observed["status"]["phase"] == "Running"
    return True


def check_edit_reaches_child(platform: Platform) -> None:
    """Editing the owner's parallelism reaches the ReplicaSet, and its status."""
    platform.patch(f"{GROUP}/jobs/my-job", {"spec": {"parallelism": "5"}})

    def scaled() -> bool:
        assert platform.get(f"{REPLICA_SETS}/my-job-worker")["spec"]["replicas"] == 5
        owner = platform.get(f"{GROUP}/jobs/my-job")
        return is_ready(owner) and owner["status"]["parallelism"] == "5"

    eventually(scaled, "five workers")
    platform.patch(f"{GROUP}/jobs/my-job", {"spec": {"parallelism": "3"}})
    eventually(
        lambda: platform.get(f"{REPLICA_SETS}/my-job-worker")["spec"]["replicas"] == 3,
        "back to three",
    )


def check_repairs(platform: Platform) -> None:
    """A ReplicaSet is repaired and re-created; a ConfigMap is re-created but never corrected."""
    path = f"{REPLICA_SETS}/my-mapper-worker"
    platform.patch(path, {"spec": {"replicas": 9}})
    eventually(lambda: platform.get(path)["spec"]["replicas"] == 2, "the ReplicaSet is repaired")

    def handed_over() -> bool:
        entries = platform.get(path)["metadata"]["managedFields"]
        ours = [each["operation"] for each in entries if each["manager"] == "katalogc"]
        return ours == ["Apply"]

    eventually(handed_over, "our fields are applied fields now")
    _check_recreated(platform, path)
    path = f"{CONFIG_MAPS}/my-board-board"
    platform.patch(path, {"data": {"TITLE": "by hand"}})
    # Two reconciles of the same owner later, the hand-made change still stands.
    for title in ("first", "second"):
        platform.patch(f"{GROUP}/boards/my-board", {"spec": {"title": title}})
        eventually(
            lambda title=title: (
                platform.get(f"{GROUP}/boards/my-board")["status"]["title"] == title
            ),
            f"the owner is reconciled with {title}",
        )
    assert platform.get(path)["data"]["TITLE"] == "by hand"
    _check_recreated(platform, path)
    assert platform.get(path)["data"]["TITLE"] == "second"


def _check_recreated(platform: Platform, path: str) -> None:
    before = platform.get(path)["metadata"]["uid"]
    assert platform.world.admin.delete(path).ok
    eventually(lambda: platform.get(path)["metadata"]["uid"] != before, f"{path} is re-created")


def check_label_taken_away(platform: Platform) -> None:
    """A child whose managed label was removed by hand is found again, not duplicated.

    Its watch event looks like a deletion; the create that follows meets the object and reads it.
    """
    for path in (
        f"{CONFIG_MAPS}/my-alarm-alarm",
        f"{SECRETS}/my-store-login",
        f"{REPLICA_SETS}/my-job-worker",
    ):
        before = platform.get(path)
        remove = [{"op": "remove", "path": "/metadata/labels/orkestra.orkspace.io~1managed"}]
        platform.patch(path, remove, JSON_PATCH)

        def labelled(path: str = path) -> bool:
            labels = platform.get(path)["metadata"]["labels"]
            return bool(labels.get("orkestra.orkspace.io/managed") == "true")

        eventually(labelled, f"{path} is labelled again")
        after = platform.get(path)
        assert after["metadata"]["uid"] == before["metadata"]["uid"]
        assert after.get("data") == before.get("data")


def check_secret_is_stable_until_rotated(platform: Platform) -> None:
    """Random data stays through reconciles; an age beyond `rotateAfter` renews it in place."""
    path = f"{SECRETS}/my-line-login"
    before = platform.get(path)
    platform.patch(f"{GROUP}/lines/my-line", {"spec": {"from": "elsewhere"}})
    eventually(
        lambda: platform.get(f"{GROUP}/lines/my-line")["status"]["from"] == "elsewhere",
        "reconciled",
    )
    assert platform.get(path)["data"] == before["data"]
    old = {
        "metadata": {"annotations": {"orkestra.orkspace.io/generated-at": "2020-01-01T00:00:00Z"}}
    }
    platform.patch(path, old)
    eventually(lambda: platform.get(path)["data"] != before["data"], "the secret is rotated")
    after = platform.get(path)
    assert after["metadata"]["uid"] == before["metadata"]["uid"]
    assert after["data"].keys() == before["data"].keys()
    stamp = after["metadata"]["annotations"]["orkestra.orkspace.io/generated-at"]
    assert stamp > "2026-01-01"


def check_orphaned_children_are_kept(platform: Platform) -> None:
    """`kubectl delete --cascade=orphan` keeps the children; a new owner of that name adopts them."""
    owner = next(each for each in platform.owners if each["metadata"]["name"] == "my-board")
    owner_path, path = platform.owner_path(owner), f"{CONFIG_MAPS}/my-board-board"
    before = platform.get(path)["metadata"]["uid"]
    options = {"propagationPolicy": "Orphan"}
    assert platform.world.admin.delete(owner_path, options).ok

    def orphaned() -> bool:
        assert platform.world.admin.get(owner_path).status == 404
        return "ownerReferences" not in platform.get(path)["metadata"]

    eventually(orphaned, "the owner is gone and has let its children go")
    assert platform.get(path)["metadata"]["uid"] == before
    assert platform.world.admin.apply(owner_path, owner).ok

    def adopted() -> bool:
        uid = platform.get(owner_path)["metadata"]["uid"]
        child = platform.get(path)["metadata"]
        assert child["uid"] == before
        return [each["uid"] for each in child.get("ownerReferences", ())] == [uid]

    eventually(adopted, "the new owner adopts the child")


def delete_owners(platform: Platform) -> None:
    """Deleting the owners removes them and every child."""
    for owner in platform.owners:
        assert platform.world.admin.delete(platform.owner_path(owner)).ok

    def gone() -> bool:
        for owner in platform.owners:
            assert platform.world.admin.get(platform.owner_path(owner)).status == 404, owner["kind"]
        for path in (CONFIG_MAPS, SECRETS, REPLICA_SETS):
            left = platform.get(f"{path}?labelSelector=orkestra.orkspace.io/managed=true")["items"]
            assert not left, [each["metadata"]["name"] for each in left]
        return True

    eventually(gone, "owners and children are gone", seconds=120)
