"""The state of an embedded cluster is on disk while it runs, not only after a graceful end."""

from __future__ import annotations

import threading
from pathlib import Path

from katalogc.autosave import autosaved
from katalogc.localcluster import LocalCluster
from tests.controlplane.api import eventually

MAP = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {"name": "kept", "namespace": "default"},
}


def test_a_crash_after_a_change_loses_nothing(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    with LocalCluster(data=file) as cluster, autosaved(cluster, seconds=0.01):
        cluster.apply_manifests([MAP])
        eventually(lambda: file.is_file() and b'"kept"' in file.read_bytes(), "the state is saved")
        crashed = file.read_bytes()
    file.write_bytes(crashed)
    with LocalCluster(data=file) as again:
        assert again.exists("ConfigMap", "kept")


def test_without_a_data_file_nothing_is_left_behind() -> None:
    with LocalCluster() as cluster, autosaved(cluster, seconds=0.01):
        cluster.apply_manifests([MAP])
    assert "autosave" not in {each.name for each in threading.enumerate()}
