"""Other people's clients against the embedded cluster, unchanged."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.controlplane.api import eventually
from tests.controlplane.build import binaries
from tests.scenario.world import LocalWorld

HERE = Path(__file__).parent


@pytest.mark.controlplane  # the client-go program is built with the control plane
def test_client_go_informers(world: LocalWorld, kubeconfig: Path) -> None:
    done = subprocess.run(
        [*binaries().client_go, "--kubeconfig", str(kubeconfig)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    seen = [json.loads(line) for line in done.stdout.splitlines()]
    assert [each["event"] for each in seen] == [
        "discovered", "added", "updated", "conflict", "updated", "deleted",
    ]  # fmt: skip
    assert 'conflict with "client' in seen[3]["value"]


def test_official_python_client(world: LocalWorld, kubeconfig: Path) -> None:
    from kubernetes import client, config

    loader = config.new_client_from_config(str(kubeconfig))
    try:
        core, apps = client.CoreV1Api(loader), client.AppsV1Api(loader)
        labels = {"app": "official"}
        container = client.V1Container(name="main", image="nginx:1")
        deployment = client.V1Deployment(
            metadata=client.V1ObjectMeta(name="official"),
            spec=client.V1DeploymentSpec(
                selector=client.V1LabelSelector(match_labels=labels),
                template=client.V1PodTemplateSpec(
                    metadata=client.V1ObjectMeta(labels=labels),
                    spec=client.V1PodSpec(containers=[container]),
                ),
            ),
        )
        made = apps.create_namespaced_deployment("default", deployment)
        assert made.spec.replicas == 1
        assert made.spec.strategy.type == "RollingUpdate"

        def ready() -> bool:
            found = apps.read_namespaced_deployment_status("official", "default")
            return bool(found.status.ready_replicas == 1)

        eventually(ready, "the deployment looks ready")
        with pytest.raises(client.ApiException) as refused:
            core.read_namespaced_config_map("absent", "default")
        assert refused.value.status == 404
        page = core.list_namespaced_config_map("kube-system", limit=1)
        assert page.kind == "ConfigMapList"
    finally:
        loader.close()


def _definition() -> dict[str, Any]:
    group = "kopf.clients.katalogc.dev"
    return {
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": f"cups.{group}"},
        "spec": {"group": group, "scope": "Namespaced", "names": {"plural": "cups", "kind": "Cup"},
                 "versions": [{"name": "v1", "served": True, "storage": True,
                               "schema": {"openAPIV3Schema": {
                                   "type": "object",
                                   "x-kubernetes-preserve-unknown-fields": True}}}]},
    }  # fmt: skip


def test_kopf(world: LocalWorld, tmp_path: Path) -> None:
    admin = world.admin
    definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    assert admin.post(definitions, _definition()).ok
    cups = "/apis/kopf.clients.katalogc.dev/v1/namespaces/default/cups"
    eventually(lambda: admin.get(cups).ok, "the type is served")
    token = tmp_path / "token"
    token.write_text(admin.token)
    log = tmp_path / "kopf.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "kopf", "run", "-n", "default", str(HERE / "kopf_handlers.py")],
            stdout=output, stderr=output,
            env={"PATH": os.environ["PATH"], "SERVER": world.url, "CA": world.ca,
                 "TOKEN_FILE": str(token)},
        )  # fmt: skip
        try:
            assert admin.post(cups, {
                "apiVersion": "kopf.clients.katalogc.dev/v1", "kind": "Cup",
                "metadata": {"name": "c"}, "spec": {"size": 3}}).ok  # fmt: skip

            def greeted() -> bool:
                assert process.poll() is None, log.read_text()[-2000:]
                status = admin.get(f"{cups}/c").body.get("status", {})
                return bool(status.get("create", {}).get("greeting") == "c holds 3")

            eventually(greeted, "kopf handled the creation")
            assert admin.delete(f"{cups}/c").ok
            eventually(lambda: admin.get(f"{cups}/c").status == 404, "kopf released the object")
        finally:
            process.kill()
            process.wait()
