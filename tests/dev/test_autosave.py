"""The state of an embedded cluster is on disk while it runs, not only after a graceful end."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from katalogc.autosave import autosaved
from katalogc.errors import SurroundingsError
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


def test_a_disk_that_refuses_is_told_once_and_tried_until_it_takes_the_state(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "state"
    file = folder / "cluster.json"
    said = ""

    def heard(text: str) -> bool:
        nonlocal said
        said += capsys.readouterr().err
        return text in said

    with LocalCluster(data=file) as cluster, autosaved(cluster, seconds=0.01):
        eventually(file.is_file, "the state is saved")
        folder.rename(tmp_path / "away")
        folder.write_text("in the way")
        cluster.apply_manifests([MAP])
        eventually(lambda: heard("trying again\n"), "the refusal is told")
        cluster.delete("ConfigMap", "kept")
        cluster.apply_manifests([MAP])
        folder.unlink()
        eventually(lambda: heard("saved again\n"), "the success is told")
        assert b'"kept"' in file.read_bytes()
    assert said == (
        f"katalogc: the cluster's state cannot be written to {file}: {folder} is no folder;"
        " trying again\nkatalogc: the cluster's state is saved again\n"
    )
    assert [each.name for each in folder.iterdir()] == ["cluster.json"]


@pytest.mark.parametrize(
    ("file", "why"),
    [
        ("/proc/nowhere/state.json", "written to"),
        ("/proc/version/state.json", "read from"),
        ("/proc", "read from"),
    ],
)
def test_a_file_that_can_never_be_written_is_refused_at_the_start(file: str, why: str) -> None:
    with pytest.raises(SurroundingsError) as refused:
        LocalCluster(data=Path(file))
    assert str(refused.value).startswith(f"the cluster's state cannot be {why} {file}: ")
    assert "Errno" not in str(refused.value)
