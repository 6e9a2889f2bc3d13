"""`katalogc cluster`: the embedded cluster alone, until Ctrl-C or SIGTERM."""

from __future__ import annotations

import signal
import sys
import tempfile
import threading
from pathlib import Path
from types import FrameType

from katalogc.autosave import autosaved
from katalogc.localcluster import LocalCluster
from katalogc.localcluster.kubeconfig import write


def run(*, port: int, kubeconfig: str | None, data: str | None) -> int:
    """Serve until told to end; 0.

    Args:
        port: 0 takes a free one.
        kubeconfig: where to write one; None uses a temporary file that goes with the process.
        data: a file that keeps the state between starts.

    Raises:
        SurroundingsError: the port is taken, or a file cannot be read or written.
    """
    ended = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        ended.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
    with (
        tempfile.TemporaryDirectory(prefix="katalogc-cluster-") as folder,
        LocalCluster(data=Path(data) if data else None, seed=None) as cluster,
    ):
        url = cluster.start_http(port=port)
        path = Path(kubeconfig) if kubeconfig else Path(folder) / "kubeconfig"
        write(path, cluster.kubeconfig())
        _say(f"embedded cluster running at {url}")
        _say(f"kubectl --kubeconfig {path} get all")
        with autosaved(cluster):
            ended.wait()
    return 0


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
