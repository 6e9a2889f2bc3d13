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
from tests.differential import (
    scenarios_apply,
    scenarios_definition_rules,
    scenarios_definitions,
    scenarios_discovery,
    scenarios_kinds,
    scenarios_objects,
    scenarios_oddities,
    scenarios_requests,
    scenarios_types,
)
from tests.differential.steps import Scenario, differences, play
from tests.scenario.world import LocalWorld

pytestmark = pytest.mark.controlplane

SCENARIOS = (
    *scenarios_objects.SCENARIOS,
    *scenarios_apply.SCENARIOS,
    *scenarios_types.SCENARIOS,
    *scenarios_definitions.SCENARIOS,
    *scenarios_kinds.SCENARIOS,
    *scenarios_requests.SCENARIOS,
    *scenarios_discovery.SCENARIOS,
    *scenarios_oddities.SCENARIOS,
    *scenarios_definition_rules.SCENARIOS,
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
    with LocalCluster(controllers=False) as cluster:
        world = LocalWorld(cluster, tmp_path_factory.mktemp("ours"))
        yield world.admin
        world.admin.close()


@pytest.fixture(scope="module")
def both(real: Api, ours: Api) -> tuple[Api, Api]:
    """Both servers, with the custom types of the scenarios installed."""
    for api in (real, ours):
        install(api)
    return real, ours


def install(api: Api) -> None:
    """Create the scenarios' types and wait until they are served."""
    paths = []
    for each in (*scenarios_types.TYPES, *scenarios_definitions.TYPES):
        made = api.post(scenarios_types.DEFINITIONS, each)
        assert made.ok, made.body
        spec = each["spec"]
        paths += [
            f"/apis/{spec['group']}/{version['name']}/{spec['names']['plural']}"
            for version in spec["versions"]
        ]
    eventually(lambda: all(api.get(path).ok for path in paths), "the types are served")


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda each: each.name)
def test_same_answers(scenario: Scenario, both: tuple[Api, Api]) -> None:
    expected, answered = (play(api, scenario) for api in both)
    found = list(differences(expected, answered))
    assert not found, "\n".join(found)
