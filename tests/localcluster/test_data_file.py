"""`katalogc cluster --data FILE`: what survives the death of the process, over HTTP."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from tests.controlplane.api import Api, eventually
from tests.localcluster.api import config_map, definition, widget

MAPS = "/api/v1/namespaces/default/configmaps"
WIDGETS = "/apis/example.com/v1/namespaces/default/widgets"
ACCOUNTS = "/api/v1/namespaces/default/serviceaccounts"
DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
REVIEWS = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
COLLECTIONS = (MAPS, WIDGETS, ACCOUNTS, DEFINITIONS, "/api/v1/namespaces")


@contextmanager
def _running(folder: Path) -> Iterator[tuple[subprocess.Popen[str], Api]]:
    """The command in a process of its own, and a client with the token of its kubeconfig."""
    path = folder / "kubeconfig"
    process = subprocess.Popen(
        [sys.executable, "-m", "katalogc", "cluster", "--port", "0",
         "--data", str(folder / "state.json"), "--kubeconfig", str(path)],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout
    try:
        assert "running at" in process.stdout.readline()
        assert "kubectl" in process.stdout.readline()
        config = yaml.safe_load(path.read_text())
        cluster = config["clusters"][0]["cluster"]
        authority = folder / "ca.crt"
        authority.write_bytes(base64.b64decode(cluster["certificate-authority-data"]))
        token = config["users"][0]["user"]["token"]
        api = Api(cluster["server"], token=token, ca=str(authority))
        try:
            yield process, api
        finally:
            api.close()
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def _everything(api: Api) -> list[Any]:
    return [api.get(each).body["items"] for each in COLLECTIONS]


def _filled(api: Api) -> str:
    """Makes objects of several kinds; a token of a ServiceAccount."""
    assert api.post(DEFINITIONS, definition()).ok
    assert api.post(WIDGETS, widget("w")).ok
    assert api.post(MAPS, config_map("kept")).ok
    assert api.delete(f"{MAPS}/kept").ok
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "robot"}}
    assert api.post(ACCOUNTS, account).ok
    issued = api.post(f"{ACCOUNTS}/robot/token", {
        "apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}})  # fmt: skip
    assert api.post(MAPS, config_map("last")).ok
    return str(issued.body["status"]["token"])


def test_a_killed_cluster_comes_back_with_its_objects_versions_and_tokens(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    with _running(tmp_path) as (process, api):
        robot, admin = _filled(api), api.token
        before = _everything(api)
        version = api.get(MAPS).body["metadata"]["resourceVersion"]
        eventually(
            lambda: state.exists() and json.loads(state.read_bytes())["revision"] >= int(version),
            "the state is saved",
        )
        process.kill()
        process.wait()
    with _running(tmp_path) as (_, api):
        assert _everything(api) == before
        assert api.get(MAPS).body["metadata"]["resourceVersion"] == version
        for token, name in (
            (admin, "kubernetes-admin"),
            (robot, "system:serviceaccount:default:robot"),
        ):
            earlier = Api(api.url, token=token, ca=api.ca)
            answer = earlier.post(REVIEWS, {
                "apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"})  # fmt: skip
            assert answer.body["status"]["userInfo"]["username"] == name
            earlier.close()
        assert api.patch(f"{WIDGETS}/w", {"spec": {"size": 2}}).body["metadata"]["generation"] == 2
        added = api.post(MAPS, config_map("new")).body
        assert int(added["metadata"]["resourceVersion"]) > int(version)
        events = list(api.watch(MAPS, timeout_seconds=1, resourceVersion=version))
        assert [each["object"]["metadata"]["name"] for each in events] == ["new"]


def test_a_watch_from_before_the_restart_is_told_to_list_again(tmp_path: Path) -> None:
    with _running(tmp_path) as (process, api):
        first = api.post(MAPS, config_map("a")).body["metadata"]["resourceVersion"]
        api.post(MAPS, config_map("b"))
        process.terminate()
        assert process.wait() == 0
    with _running(tmp_path) as (_, api):
        (event,) = api.watch(MAPS, timeout_seconds=1, resourceVersion=first)
        assert (event["type"], event["object"]["code"]) == ("ERROR", 410)
        assert len(api.get(MAPS, fieldSelector="metadata.name=b").body["items"]) == 1
