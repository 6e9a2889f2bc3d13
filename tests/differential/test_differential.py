"""The embedded cluster answers as a real API server does: the same requests to both, compared.

What it knowingly does not do is listed in docs/local-cluster.md; whatever is compared here must be
equal to the byte, but for identities and times.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from katalogc.localcluster import LocalCluster
from tests.controlplane.api import Api, eventually
from tests.controlplane.plane import ControlPlane
from tests.differential import scenarios_apply, scenarios_objects, scenarios_types
from tests.differential.steps import Scenario, differences, play
from tests.scenario.world import LocalWorld

pytestmark = pytest.mark.controlplane

SCENARIOS = (
    *scenarios_objects.SCENARIOS,
    *scenarios_apply.SCENARIOS,
    *scenarios_types.SCENARIOS,
)


@pytest.fixture(scope="module")
def real() -> Iterator[Api]:
    """An API server without controllers: nothing but requests changes anything."""
    plane = ControlPlane()
    yield plane.admin
    plane.stop()


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """The embedded cluster without its stand-ins for controllers."""
    with LocalCluster(workloads=False) as cluster:
        world = LocalWorld(cluster, tmp_path_factory.mktemp("ours"))
        yield world.admin
        world.admin.close()


@pytest.fixture(scope="module")
def both(real: Api, ours: Api) -> tuple[Api, Api]:
    """Both servers, with the custom type of the scenarios installed."""
    wanted = scenarios_types.definition(
        scenarios_types.A, scenarios_types.SCHEMA, subresources={"status": {}},
        additionalPrinterColumns=scenarios_types.COLUMNS,
    )  # fmt: skip
    for api in (real, ours):
        assert api.post(scenarios_types.DEFINITIONS, wanted).ok
        path = f"/apis/{scenarios_types.A}/v1/widgets"
        eventually(lambda api=api, path=path: api.get(path).ok, "the type is served")
    return real, ours


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda each: each.name)
def test_same_answers(scenario: Scenario, both: tuple[Api, Api]) -> None:
    expected, answered = (play(api, scenario) for api in both)
    found = list(differences(expected, answered))
    assert not found, "\n".join(found)
