"""An operator whose custom resources are divided: what is built, and that its permissions do."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import yaml

from katalog_runtime import manager
from katalog_runtime.bundle import loads
from katalog_runtime.config import OPTIONS, Address, Config, Shard
from katalogc.codegen import Options, generate
from katalogc.commands.build import stream
from katalogc.localcluster import LocalCluster
from tests.codegen.operators import config_map, controller, operator

SHARDS = 2
NAMES = [f"job-{number}" for number in range(8)]


@pytest.fixture(scope="module")
def artifacts():
    ir = operator(controller(children=(config_map(A="{{ .metadata.name }}"),)))
    return generate(ir, Options(shards=SHARDS))


@pytest.fixture(scope="module")
def objects(artifacts) -> dict[str, dict[str, Any]]:
    return {each["kind"]: each for each in yaml.safe_load_all(stream(artifacts))}


def test_shards_are_one_stateful_set_and_no_deployment(objects):
    assert "Deployment" not in objects
    spec = objects["StatefulSet"]["spec"]
    assert (spec["replicas"], spec["podManagementPolicy"]) == (SHARDS, "Parallel")
    assert spec["serviceName"] == objects["Service"]["metadata"]["name"]


def test_each_pod_takes_the_share_of_its_own_number(objects):
    (container,) = objects["StatefulSet"]["spec"]["template"]["spec"]["containers"]
    variables = {each["name"]: each for each in container["env"]}
    field = variables["SHARD_INDEX"]["valueFrom"]["fieldRef"]["fieldPath"]
    assert field == "metadata.labels['apps.kubernetes.io/pod-index']"
    # A variable may be used in another one's value after it is defined.
    assert list(variables).index("SHARD_INDEX") < list(variables).index("SHARD")
    (option,) = [each for each in OPTIONS if each.environment == "SHARD"]
    shares = [
        option.parse(variables["SHARD"]["value"].replace("$(SHARD_INDEX)", str(index)))
        for index in range(SHARDS)
    ]
    assert shares == [Shard(index=index, count=SHARDS) for index in range(SHARDS)]


def test_the_embedded_cluster_accepts_the_objects(artifacts):
    with LocalCluster(workloads=False) as cluster:
        cluster.apply_manifests(list(yaml.safe_load_all(stream(artifacts))))
        found = cluster.get("StatefulSet", "data-platform", namespace="data-platform-system")
        assert found["spec"]["replicas"] == SHARDS


@pytest.mark.looptime
async def test_every_shard_leads_and_works_with_the_permissions_of_the_build(artifacts):
    (text,) = [each.content for each in artifacts if each.path == "bundle.json"]
    bundle = loads(text)
    namespace = "data-platform-system"
    with LocalCluster(workloads=False) as cluster:
        cluster.apply_manifests(list(yaml.safe_load_all(stream(artifacts))))
        stop = asyncio.Event()
        client = cluster.direct(user=f"system:serviceaccount:{namespace}:data-platform")
        processes = [
            asyncio.ensure_future(
                manager.run(bundle, _config(index, namespace), cluster=client, stop=stop)
            )
            for index in range(SHARDS)
        ]
        await asyncio.sleep(1)
        cluster.apply_manifests([_owner(name) for name in NAMES])
        async with asyncio.timeout(30):
            while not all(cluster.exists("ConfigMap", f"{name}-job") for name in NAMES):
                await asyncio.sleep(0.05)
        leases = {each["metadata"]["name"] for each in cluster.list("Lease", namespace=namespace)}
        assert leases == {f"data-platform-leader-{index}-of-{SHARDS}" for index in range(SHARDS)}
        stop.set()
        await asyncio.gather(*processes)
        sent = [each for each in cluster.requests if each.user == client_user(namespace)]
        assert not [each for each in sent if each.code in (401, 403)]
        created = [each for each in sent if (each.verb, each.resource) == ("create", "configmaps")]
        assert len(created) == len(NAMES), "no owner is served twice"


def client_user(namespace: str) -> str:
    return f"system:serviceaccount:{namespace}:data-platform"


def _config(index: int, namespace: str) -> Config:
    return Config(
        address=Address(host="127.0.0.1", port=0),
        leader_elect=True,
        shard=Shard(index=index, count=SHARDS),
        pod_namespace=namespace,
    )


def _owner(name: str) -> dict[str, Any]:
    return {
        "apiVersion": "data.example.com/v1alpha1",
        "kind": "DataJob",
        "metadata": {"name": name, "namespace": "default"},
        "spec": {},
    }
