"""Fixtures that more than one folder of tests uses."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.controlplane.plane import ControlPlane

# pytest-asyncio asks the policy for "the current loop" between tests; unless told that there is
# none, Python 3.11 makes one that nobody closes, and its ResourceWarning fails some later test.
asyncio.set_event_loop(None)


@pytest.fixture(scope="session")
def control_plane() -> Iterator[ControlPlane]:
    """A real API server, shared by all tests of a run: use a namespace of your own."""
    from tests.controlplane.plane import ControlPlane

    plane = ControlPlane(controller_manager=True, audit=True)
    yield plane
    plane.stop()
