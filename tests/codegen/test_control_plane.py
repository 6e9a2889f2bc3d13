"""A build on the real API server: `kubectl apply -k`, structural schemas, pod security."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from katalogc.codegen import Options, generate
from katalogc.writer import write
from tests.codegen.operators import DATA_JOB, config_map, controller, operator, replica_set, secret
from tests.controlplane.plane import ControlPlane
from tests.golden.rewrite import ROOT, sample_artifacts

pytestmark = pytest.mark.controlplane

INFERRED = replace(DATA_JOB, group="inferred.example.com")
BY_HAND = operator(
    controller(
        api=INFERRED,
        namespaces=("default",),
        children=(
            config_map(A="{{ .spec.a.b }}", B="{{ upper .spec.c }}"),
            replica_set(),
            secret(),
        ),
    ),
    name="by-hand",
    namespace="by-hand-system",
)

SHARDED = operator(
    controller(api=replace(DATA_JOB, group="sharded.example.com")),
    name="sharded",
    namespace="sharded-system",
)


@pytest.fixture(
    params=[
        pytest.param(sample_artifacts, id="sample"),
        pytest.param(lambda: generate(BY_HAND), id="by-hand"),
        pytest.param(lambda: generate(SHARDED, Options(shards=3)), id="sharded"),
    ]
)
def artifacts(request):
    return request.param()


@pytest.fixture
def kubectl(control_plane: ControlPlane, tmp_path: Path):
    kubeconfig = control_plane.kubeconfig(tmp_path / "kubeconfig")
    return lambda *arguments, stdin="": control_plane.kubectl(
        *arguments, kubeconfig=kubeconfig, stdin=stdin
    )


def installed(kubectl, artifacts, folder):
    """Apply a build as users do, and wait until its types are served."""
    write(artifacts, folder)
    kubectl("apply", "-k", str(folder))
    for each in artifacts:
        if each.path.startswith("crds/"):
            kubectl("wait", "--for=condition=Established", "-f", str(folder / each.path))


def test_a_build_can_be_applied_and_applying_it_again_changes_nothing(artifacts, kubectl, tmp_path):
    installed(kubectl, artifacts, tmp_path)
    again = kubectl("apply", "-k", str(tmp_path)).splitlines()
    # kubectl's patch of a budget always replaces the selector, so it says "configured" of any budget.
    changed = [line for line in again if not line.endswith(" unchanged")]
    assert [line.partition("/")[0] for line in changed] in ([], ["poddisruptionbudget.policy"])


def test_schemas_are_structural_and_samples_are_valid(artifacts, kubectl, tmp_path):
    installed(kubectl, artifacts, tmp_path)
    for each in artifacts:
        path = str(tmp_path / each.path)
        if each.path.startswith("crds/"):
            conditions = json.loads(kubectl("get", "-f", path, "-o", "json"))["status"][
                "conditions"
            ]
            assert "NonStructuralSchema" not in {condition["type"] for condition in conditions}
        elif each.path.startswith("samples/"):
            assert "demo" in kubectl("apply", "--validate=strict", "-f", path)


def test_the_namespace_admits_the_pod_and_warns_of_nothing(artifacts, kubectl, tmp_path):
    installed(kubectl, artifacts, tmp_path)
    documents = yaml.safe_load_all((tmp_path / "operator.yaml").read_text())
    workload = next(each for each in documents if each["kind"] in ("Deployment", "StatefulSet"))
    template = workload["spec"]["template"]
    namespace = workload["metadata"]["namespace"]
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {**template["metadata"], "name": "probe", "namespace": namespace},
        "spec": template["spec"],
    }
    told = kubectl("create", "--dry-run=server", "-f", "-", stdin=json.dumps(pod))
    assert told.strip() == "pod/probe created (server dry run)"


def test_the_samples_own_resource_is_accepted_with_strict_validation(kubectl, tmp_path):
    installed(kubectl, sample_artifacts(), tmp_path)
    cr = str(ROOT / "samples" / "data-platform" / "cr.yaml")
    told = kubectl("apply", "--validate=strict", "-f", cr)
    assert told.startswith("datajob.data.katalogc.dev/nightly-orders ")
