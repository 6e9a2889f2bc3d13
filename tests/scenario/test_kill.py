"""SIGKILL between any two writes: the end is the same, nothing twice, nothing left over.

A proxy counts the operator's writes and kills it at the k-th, for every k, in two ways: before the
server sees the write, and after the server has answered but before the operator learns of it
(faults A5 and Q10).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.controlplane.api import eventually
from tests.scenario import life
from tests.scenario.certificates import self_signed
from tests.scenario.conftest import HERE
from tests.scenario.life import Platform
from tests.scenario.operator_process import OperatorProcess
from tests.scenario.proxy import Moment, Proxy, Trigger
from tests.scenario.world import World, token_of

NAMESPACE = "scenario-platform-system"
pytestmark = pytest.mark.scenario
FEWEST_WRITES = 7  # finalizer, two children, status; edit: child and status; finalizer again


class Lifetime:
    """One life of one custom resource, through as many operator processes as it takes."""

    def __init__(
        self, platform: Platform, start: Callable[[bool], OperatorProcess], proxy: Proxy
    ) -> None:
        self.platform = platform
        self.start = start
        self.proxy = proxy
        self.operator: OperatorProcess | None = None

    def live(self, at: int, moment: Moment) -> Trigger:
        """Create, edit, delete; killed at write `at`. What the trigger saw."""
        trigger = Trigger(at, moment, self._kill)
        self.proxy.trigger = trigger
        self.operator = self.start(True)
        owner = next(each for each in self.platform.owners if each["kind"] == "Job")
        path = self.platform.owner_path(owner)
        admin = self.platform.world.admin
        try:
            eventually(lambda: admin.apply(path, owner).ok, "the owner is accepted")
            self._until(lambda: self._has(3), f"three workers, killed at {trigger}")
            self.platform.patch(path, {"spec": {"parallelism": "4"}})
            self._until(lambda: self._has(4), f"four workers, killed at {trigger}")
            assert admin.delete(path).ok
            self._until(self._nothing_left, f"nothing is left, killed at {trigger}")
        finally:
            self._kill()
        return trigger

    def _kill(self) -> None:
        if self.operator:
            self.operator.kill()

    def _until(self, check: Callable[[], bool], what: str) -> None:
        def holds() -> bool:
            if self.operator and self.operator.process.poll() is not None:
                self.operator = self.start(False)
            return check()

        eventually(holds, what)

    def _has(self, workers: int) -> bool:
        platform = self.platform
        owner = platform.get(f"{life.GROUP}/jobs/my-job")
        assert life.is_ready(owner)
        assert owner["status"]["parallelism"] == str(workers)
        for path, count in ((life.CONFIG_MAPS, 1), (life.REPLICA_SETS, 1), (life.SECRETS, 0)):
            selector = "labelSelector=orkestra.orkspace.io/managed=true"
            items = platform.get(f"{path}?{selector}")["items"]
            assert len(items) == count, [each["metadata"]["name"] for each in items]
            for child in items:
                uids = [each["uid"] for each in child["metadata"]["ownerReferences"]]
                assert uids == [owner["metadata"]["uid"]]
        replica_set = platform.get(f"{life.REPLICA_SETS}/my-job-worker")
        return bool(replica_set["spec"]["replicas"] == workers)

    def _nothing_left(self) -> bool:
        platform = self.platform
        assert platform.world.admin.get(f"{life.GROUP}/jobs/my-job").status == 404
        for path in (life.CONFIG_MAPS, life.REPLICA_SETS):
            items = platform.get(f"{path}?labelSelector=orkestra.orkspace.io/managed=true")["items"]
            assert not items
        return True


@pytest.mark.parametrize("moment", ["before", "after"])
def test_killed_at_every_write(
    moment: Moment, world: World, platform_build: Path, tmp_path: Path
) -> None:
    platform = Platform(world, life.install(world, platform_build, HERE / "platform" / "cr.yaml"))
    token = token_of(world, NAMESPACE, "scenario-platform")
    certificate, key = self_signed(tmp_path)
    direct = world.kubeconfig(tmp_path / "direct.kubeconfig", token=token)
    with Proxy(world.url, ca=world.ca, certificate=certificate, key=key) as proxy:
        through = world.kubeconfig(
            tmp_path / "proxy.kubeconfig", token=token, server=proxy.url, ca=str(certificate)
        )

        def start(first: bool) -> OperatorProcess:
            return OperatorProcess(
                platform_build / "bundle.json", through if first else direct, "--no-leader-elect"
            )

        lifetime = Lifetime(platform, start, proxy)
        at = 1
        while lifetime.live(at, moment).fired:
            at += 1
    assert at > FEWEST_WRITES
