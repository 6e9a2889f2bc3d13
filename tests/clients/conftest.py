"""The embedded cluster over HTTPS, with a kubeconfig, for clients that know nothing of us."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from katalogc.localcluster import LocalCluster
from tests.scenario.world import LocalWorld


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalWorld]:
    with LocalCluster() as cluster:
        local = LocalWorld(cluster, tmp_path_factory.mktemp("clients"))
        yield local
        local.admin.close()


@pytest.fixture
def kubeconfig(world: LocalWorld, tmp_path: Path) -> Path:
    return world.kubeconfig(tmp_path / "kubeconfig")
