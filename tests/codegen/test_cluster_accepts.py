"""What a build writes, an API server takes: checked with the embedded one's validation."""

import pytest
import yaml

from katalogc.codegen import generate
from katalogc.commands.build import stream
from katalogc.localcluster import LocalCluster
from tests.codegen.operators import config_map, controller, operator, replica_set, secret
from tests.golden.rewrite import ROOT, sample_artifacts

BY_HAND = generate(
    operator(
        controller(
            namespaces=("default",),
            children=(config_map(A="{{ .spec.a.b }}"), replica_set(), secret()),
        )
    )
)


@pytest.fixture(
    params=[
        pytest.param(sample_artifacts, id="sample"),
        pytest.param(lambda: BY_HAND, id="by-hand"),
    ]
)
def artifacts(request):
    return request.param()


@pytest.fixture
def cluster():
    with LocalCluster(workloads=False) as cluster:
        yield cluster


def apply(cluster, text):
    manifests = list(yaml.safe_load_all(text))
    cluster.apply_manifests(manifests)
    return manifests


def test_every_object_is_accepted_as_it_was_written(cluster, artifacts):
    for manifest in apply(cluster, stream(artifacts)):
        metadata = manifest["metadata"]
        stored = cluster.get(
            manifest["kind"], metadata["name"], namespace=metadata.get("namespace", "")
        )
        assert is_part_of(manifest, stored)


def test_every_sample_is_accepted(cluster, artifacts):
    apply(cluster, stream(artifacts))
    for each in artifacts:
        if each.path.startswith("samples/"):
            (manifest,) = apply(cluster, each.content)
            name, namespace = manifest["metadata"]["name"], manifest["metadata"].get("namespace")
            stored = cluster.get(manifest["kind"], name, namespace=namespace or "")
            assert is_part_of(manifest["spec"], stored["spec"])


def test_the_samples_own_custom_resource_is_accepted(cluster):
    apply(cluster, stream(sample_artifacts()))
    (manifest,) = apply(cluster, (ROOT / "samples/data-platform/cr.yaml").read_text())
    stored = cluster.get("DataJob", "nightly-orders")
    assert stored["spec"] == {**manifest["spec"], "batchSize": 500}


@pytest.mark.parametrize(
    "parallelism", [pytest.param(3, id="number"), pytest.param("3", id="text")]
)
def test_a_number_may_be_written_as_text_where_the_schema_is_inferred(cluster, parallelism):
    apply(cluster, stream(BY_HAND))
    manifest = {
        "apiVersion": "data.example.com/v1alpha1",
        "kind": "DataJob",
        "metadata": {"name": "demo", "namespace": "default"},
        "spec": {"parallelism": parallelism, "unread": {"kept": True}},
    }
    cluster.apply_manifests([manifest])
    assert cluster.get("DataJob", "demo")["spec"] == manifest["spec"]


def is_part_of(wanted, found):
    """Whether everything that was asked for is there; the server adds defaults."""
    if isinstance(wanted, dict) and isinstance(found, dict):
        return all(is_part_of(value, found.get(key)) for key, value in wanted.items())
    if isinstance(wanted, list) and isinstance(found, list):
        return len(wanted) == len(found) and all(map(is_part_of, wanted, found))
    return wanted == found
