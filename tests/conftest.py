"""Fixtures that more than one folder of tests uses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.controlplane.plane import ControlPlane


@pytest.fixture(scope="session")
def control_plane() -> Iterator[ControlPlane]:
    """A real API server, shared by all tests of a run: use a namespace of your own."""
    from tests.controlplane.plane import ControlPlane

    plane = ControlPlane(controller_manager=True, audit=True)
    yield plane
    plane.stop()
