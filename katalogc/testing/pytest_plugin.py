"""The pytest plugin: a fixture `local_cluster`, a Kubernetes API in memory for one test.

Loaded in every pytest run of whoever installed katalogc, so it imports nothing before the fixture
is used.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from katalogc.localcluster import LocalCluster


@pytest.fixture
def local_cluster() -> Iterator[LocalCluster]:
    """A fresh `LocalCluster`; gone after the test."""
    from katalogc.localcluster import LocalCluster

    with LocalCluster() as cluster:
        yield cluster
