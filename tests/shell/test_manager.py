"""The whole process on an embedded cluster: start, lead, follow, crash, end."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from katalog_runtime import manager
from katalog_runtime.bundle import Bundle, Controller, Operator, Template
from katalog_runtime.config import Address, Config
from katalog_runtime.supervision import Supervisor
from katalogc.localcluster import LocalCluster
from tests.shell.election import LoopClock
from tests.shell.views import CONFIG_MAPS, GROUP, child, controller

CRD = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": f"datajobs.{GROUP}"},
    "spec": {
        "group": GROUP,
        "names": {"kind": "DataJob", "plural": "datajobs", "singular": "datajob"},
        "scope": "Namespaced",
        "versions": [
            {
                "name": "v1alpha1",
                "served": True,
                "storage": True,
                "subresources": {"status": {}},
                "schema": {
                    "openAPIV3Schema": {
                        "type": "object",
                        "x-kubernetes-preserve-unknown-fields": True,
                    }
                },
            }
        ],
    },
}
LEASE = "data-platform-leader"


def data_job() -> Controller:
    settings = child("onCreate.configMaps[0]", CONFIG_MAPS, "onCreate")
    manifest = Template(
        skeleton={"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings"},
                  "data": {"mode": "fast"}}
    )  # fmt: skip
    return controller(namespaces=("default",), children=(replace(settings, manifest=manifest),))


BUNDLE = Bundle(compiler="0", operator=Operator(name="data-platform"), controllers=(data_job(),))
CONFIG = Config(
    address=Address(host="127.0.0.1", port=0), leader_elect=True, pod_namespace="default"
)


def new_cluster() -> LocalCluster:
    cluster = LocalCluster()
    cluster.apply_manifests([CRD])
    return cluster


def apply_owner(cluster: LocalCluster, name: str = "nightly") -> None:
    api_version = f"{GROUP}/v1alpha1"
    owner = {"apiVersion": api_version, "kind": "DataJob", "metadata": {"name": name}}
    cluster.apply_manifests([owner])


class Replica:
    """One operator process, in this one."""

    def __init__(self, cluster: LocalCluster, config: Config = CONFIG) -> None:
        self.stop = asyncio.Event()
        self.address: asyncio.Future[Address] = asyncio.get_running_loop().create_future()
        self.task = asyncio.ensure_future(
            manager.run(
                BUNDLE, config, cluster=cluster.direct(), stop=self.stop,
                listening=self.address.set_result,
            )
        )  # fmt: skip

    async def end(self) -> None:
        self.stop.set()
        await self.task


@asynccontextmanager
async def replicas(cluster: LocalCluster, count: int = 1) -> AsyncIterator[list[Replica]]:
    made = []
    for _ in range(count):
        made.append(Replica(cluster))
        await made[-1].address
        await asyncio.sleep(1)
    try:
        yield made
    finally:
        for each in made:
            await each.end()


async def until(met: Callable[[], bool], *, within: float = 30) -> None:
    async with asyncio.timeout(within):
        while not met():
            await asyncio.sleep(0.05)


def holder(cluster: LocalCluster) -> str:
    return str(cluster.get("Lease", LEASE)["spec"].get("holderIdentity", ""))


@pytest.mark.looptime
async def test_an_owner_gets_its_child_and_the_end_gives_the_lease_back():
    cluster = new_cluster()
    async with replicas(cluster):
        assert holder(cluster)
        apply_owner(cluster)
        await until(lambda: cluster.exists("ConfigMap", "settings"))
    assert holder(cluster) == ""


@pytest.mark.looptime
async def test_a_follower_takes_over_when_the_leader_ends():
    cluster = new_cluster()
    async with replicas(cluster, 2) as (first, _):
        leader = holder(cluster)
        await first.end()
        apply_owner(cluster)
        await until(lambda: cluster.exists("ConfigMap", "settings"), within=4)
        assert holder(cluster) not in ("", leader)


@pytest.mark.looptime
async def test_a_follower_only_watches_and_renews_nothing():
    cluster = new_cluster()
    async with replicas(cluster, 2):
        apply_owner(cluster)
        await until(lambda: cluster.exists("ConfigMap", "settings"))
        await asyncio.sleep(60)
    created = [r for r in cluster.requests if (r.verb, r.resource) == ("create", "configmaps")]
    assert len(created) == 1


@pytest.mark.looptime
async def test_a_leader_without_its_lease_writes_nothing():
    """L1: the Lease cannot be renewed, owners go on changing; the children are left alone."""
    cluster = new_cluster()
    async with replicas(cluster):
        await asyncio.sleep(5)
        lease = cluster.get("Lease", LEASE)
        taken = {**lease["spec"], "holderIdentity": "another"}
        cluster.patch("Lease", LEASE, {"spec": taken})
        await asyncio.sleep(5)
        apply_owner(cluster)
        await asyncio.sleep(5)
        assert not cluster.exists("ConfigMap", "settings")


async def test_sigterm_ends_the_process_in_order():
    cluster = new_cluster()
    listening: asyncio.Future[Address] = asyncio.get_running_loop().create_future()
    running = asyncio.ensure_future(
        manager.run(BUNDLE, CONFIG, cluster=cluster.direct(), listening=listening.set_result)
    )
    await listening
    await until(lambda: cluster.exists("Lease", LEASE))
    os.kill(os.getpid(), signal.SIGTERM)
    await running
    assert holder(cluster) == ""
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


@pytest.mark.looptime
async def test_a_part_that_crashes_is_run_again_and_at_last_tells():
    supervisor = Supervisor(clock=LoopClock(), log=logging.getLogger("tests.supervisor"))
    starts: list[float] = []

    async def crash() -> None:
        starts.append(asyncio.get_running_loop().time())
        raise RuntimeError("a bug")

    async def fine() -> None:
        await asyncio.sleep(1000)

    tasks = [
        asyncio.ensure_future(supervisor.keep("bad", crash)),
        asyncio.ensure_future(supervisor.keep("good", fine)),
    ]
    await asyncio.sleep(2)
    assert supervisor.failing == ()
    await asyncio.sleep(8)
    assert starts == [0, 1, 3, 7]
    assert supervisor.failing == ("bad",)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


@pytest.mark.looptime
async def test_a_part_that_long_ran_well_is_not_held_to_be_crashing():
    supervisor = Supervisor(clock=LoopClock(), log=logging.getLogger("tests.supervisor"))

    async def crash_now_and_then() -> None:
        await asyncio.sleep(3600)
        raise RuntimeError("a bug")

    task = asyncio.ensure_future(supervisor.keep("part", crash_now_and_then))
    await asyncio.sleep(6 * 3600)
    assert supervisor.failing == ()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def test_the_process_loads_neither_the_compiler_nor_the_official_client():
    program = (
        "import sys, katalog_runtime.__main__, katalog_runtime.manager\n"
        "print(sorted({name.split('.')[0] for name in sys.modules}"
        " & {'kubernetes', 'katalogc', 'typer', 'rich', 'jinja2', 'requests'}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    assert done.stdout == "[]\n"


def test_the_machines_certificates_are_not_read_for_an_import_and_are_there_afterwards():
    code = (
        "import os, ssl\n"
        "from katalog_runtime.__main__ import machine_certificates_unread\n"
        "with machine_certificates_unread():\n"
        "    assert ssl.create_default_context().get_ca_certs() == []\n"
        "print(os.environ['SSL_CERT_FILE'], 'SSL_CERT_DIR' in os.environ)\n"
    )
    environment = {
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        "SSL_CERT_FILE": "bundle.pem",
    }
    answer = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert answer.stdout.split() == ["bundle.pem", "False"]
