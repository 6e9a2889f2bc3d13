"""The operator of the scenario, built once, and the two clusters that it runs on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from katalogc.compiler import compile_path
from katalogc.diagnostics import Severity
from katalogc.writer import write

if TYPE_CHECKING:
    from tests.controlplane.plane import ControlPlane
    from tests.scenario.world import World

HERE = Path(__file__).parent


def build(katalog: Path, folder: Path) -> Path:
    """Compile a Katalog into a folder, as `katalogc build` does."""
    result = compile_path(str(katalog))
    errors = [each for each in result.diagnostics if each.severity is Severity.ERROR]
    assert not errors, errors
    write(result.artifacts, folder)
    return folder


@pytest.fixture(scope="session")
def platform_build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The generated files of the ten types."""
    return build(HERE / "platform" / "katalog.yaml", tmp_path_factory.mktemp("platform"))


@pytest.fixture
def local_world(tmp_path: Path) -> Iterator[World]:
    """The embedded cluster over HTTP."""
    from katalogc.localcluster import LocalCluster
    from tests.scenario.world import LocalWorld

    with LocalCluster() as cluster:
        world = LocalWorld(cluster, tmp_path)
        yield world
        world.admin.close()


@pytest.fixture
def real_world(control_plane: ControlPlane) -> World:
    """The real API server with the controller manager."""
    from tests.scenario.world import RealWorld

    return RealWorld(control_plane)


@pytest.fixture(
    params=["embedded", pytest.param("real", marks=pytest.mark.controlplane)],
)
def world(request: pytest.FixtureRequest) -> World:
    """Either cluster: the same scenario holds on both."""
    chosen: World = request.getfixturevalue(
        "local_world" if request.param == "embedded" else "real_world"
    )
    return chosen
