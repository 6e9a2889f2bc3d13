"""From Katalog text to the objects that the operator writes, for one custom resource."""

from __future__ import annotations

import random
from base64 import b64decode
from datetime import UTC, datetime
from typing import Any

import pytest

from katalog_runtime.functions import TABLE
from katalog_runtime.functions.declaration import CallContext
from katalog_runtime.holes import TemplateError, compile_value
from katalogc.codegen.bundle import build
from katalogc.compiler import lower_file
from tests.compiler.katalogs import TextFiles, katalog

CONTEXT = CallContext(now=lambda: datetime(2026, 1, 1, tzinfo=UTC), chance=random.Random(1))


def rendered(block: str, spec: dict[str, Any]) -> dict[str, Any]:
    """The first child of `onReconcile: {block}` for an Order with `spec`."""
    files = TextFiles({"katalog.yaml": katalog(f"operatorBox: {{onReconcile: {{{block}}}}}\n")})
    operator = lower_file("katalog.yaml", files)
    assert operator is not None
    owner = {"metadata": {"name": "one", "namespace": "shop"}, "spec": spec}
    (child,) = build(operator).controllers[0].children
    manifest = compile_value(child.manifest, TABLE)(owner, CONTEXT)
    assert isinstance(manifest, dict)
    return manifest


WORKER = 'replicaSets: [{image: "{{ .spec.image }}", replicas: "{{ .spec.n }}", port: "{{ .spec.port }}"}]'


def test_a_workload_with_everything_given() -> None:
    manifest = rendered(WORKER, {"image": "nginx", "n": "3", "port": 80})
    labels = {"orkestra-owner": "one", "katalogc.dev/workload": "one-replicaset"}
    assert manifest == {
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "metadata": {"name": "one-replicaset", "namespace": "shop"},
        "spec": {
            "replicas": 3,
            "selector": {"matchLabels": labels},
            "template": {
                "metadata": {"labels": labels},
                "spec": {
                    "containers": [
                        {
                            "name": "one-replicaset",
                            "image": "nginx",
                            "ports": [{"containerPort": 80}],
                        }
                    ]
                },
            },
        },
    }


def test_a_workload_with_nothing_given_has_one_replica_and_no_ports() -> None:
    spec = rendered(WORKER, {})["spec"]
    assert spec["replicas"] == 1
    assert set(spec["template"]["spec"]["containers"][0]) == {"name", "image"}


def test_replicas_that_are_no_number_name_their_line() -> None:
    with pytest.raises(TemplateError) as raised:
        rendered(WORKER, {"n": "many"})
    assert raised.value.origin.startswith("katalog.yaml:8:89")


def test_values_of_a_secret_are_encoded_and_values_of_a_config_map_are_text() -> None:
    secret = rendered('secrets: [{data: {k: "{{ .spec.k }}"}}]', {"k": "grüße"})
    assert b64decode(secret["data"]["k"]).decode() == "grüße"
    config = rendered('configMaps: [{data: {n: "{{ .spec.n }}", m: "{{ .spec.m }}"}}]', {"n": 5})
    assert config["data"] == {"n": "5", "m": ""}


def test_a_service_targets_numbers_and_names_of_ports() -> None:
    block = 'services: [{port: 80, targetPort: "{{ .spec.target }}"}]'
    (by_number,) = rendered(block, {"target": 8080})["spec"]["ports"]
    (by_name,) = rendered(block, {"target": "http"})["spec"]["ports"]
    (neither,) = rendered(block, {})["spec"]["ports"]
    assert (by_number["targetPort"], by_name["targetPort"]) == (8080, "http")
    assert "targetPort" not in neither
