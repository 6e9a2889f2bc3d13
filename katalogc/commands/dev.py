"""`katalogc dev`: embedded cluster, CRDs and operator together; every saved change is checked and
loaded.

The operator is a process of its own with the generated ServiceAccount, as in production: a
permission that is missing there is missing here, and it ends when this process does, however that
happens. While a Katalog is wrong, the last good one goes on.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from dataclasses import replace
from pathlib import Path
from types import FrameType

from katalog_runtime.config import Address, ConfigError, load
from katalogc.autosave import autosaved
from katalogc.changes import changes
from katalogc.compiler import CompileResult, compile_path
from katalogc.errors import SurroundingsError
from katalogc.files import WatchedFiles, find_document
from katalogc.localcluster import LocalCluster

POLL_SECONDS = 0.3


class Session:
    """One `katalogc dev`: what is compiled, what runs, where it writes."""

    def __init__(self, path: str, cluster: LocalCluster, folder: Path, address: Address) -> None:
        self.path = path
        self.cluster = cluster
        self.folder = folder
        self.address = address
        self.good: CompileResult | None = None
        self.operator: subprocess.Popen[bytes] | None = None
        self._files = WatchedFiles()

    def load(self) -> None:
        """Compile; where it is clean, show what changes and hand it to the operator."""
        from katalogc.terminal import show

        self._files = WatchedFiles()
        self._files.watch(self.path)
        try:
            result = compile_path(self.path, files=self._files)
        except SurroundingsError as error:
            if self.good is None:
                raise
            _say(f"not loaded: {error}; the last good version keeps running")
            return
        show("text", list(result.diagnostics), result.sources, list(result.documents))
        if result.bundle is None:
            keeps = "; the last good version keeps running" if self.good else ""
            _say(f"not loaded{keeps}")
            return
        if self.good and self.good.bundle:
            found = changes(self.good.bundle, result.bundle)
            for change in found:
                _say(f"  {change}")
            if not found:
                _say("nothing changes for the cluster")
                return
        self.good = result
        self._install(result)
        self._restart()

    def has_changed(self) -> bool:
        """Whether a file of the Katalog was saved since it was read."""
        return self._files.has_changed()

    def check_operator(self) -> None:
        """Start the operator again if it ended by itself."""
        if self.operator and self.operator.poll() is not None:
            _say(f"the operator ended with {self.operator.returncode}; starting it again")
            self._restart()

    def _install(self, result: CompileResult) -> None:
        from katalogc.installation import documents_of, install
        from katalogc.writer import write

        assert result.bundle is not None
        write(result.artifacts, self.folder / "build")
        user = install(self.cluster, documents_of(result.artifacts), result.bundle)
        _write_private(self.folder / "operator.kubeconfig", self.cluster.kubeconfig(user=user))

    def _restart(self) -> None:
        self.stop()
        environment = {**os.environ, "KUBECONFIG": str(self.folder / "operator.kubeconfig")}
        self.operator = subprocess.Popen(  # noqa: S603  our own interpreter and our own files
            [sys.executable, "-m", "katalog_runtime",
             "--bundle", str(self.folder / "build" / "bundle.json"),
             "--address", str(self.address), "--no-leader-elect", "--end-with-stdin"],
            # Nothing is written there: the pipe closes however this process ends, SIGKILL included.
            env=environment, stdin=subprocess.PIPE,
        )  # fmt: skip
        _say(f"operator running, {self.address.url}")

    def stop(self) -> None:
        """End the operator gracefully."""
        if self.operator is None:
            return
        if self.operator.poll() is None:
            self.operator.send_signal(signal.SIGTERM)
            self.operator.wait(timeout=30)
        if self.operator.stdin:
            self.operator.stdin.close()


def run(*, path: str, port: int, kubeconfig: str | None, address: str, data: str | None) -> int:
    """Serve until Ctrl-C or SIGTERM; 0.

    Raises:
        SurroundingsError: a port is taken, or a file cannot be found, read or written.
    """
    find_document(path)
    ended = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        ended.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
    listening = _free(address)
    data_file = Path(data) if data else None
    with (
        tempfile.TemporaryDirectory(prefix="katalogc-dev-") as folder,
        LocalCluster(data=data_file) as cluster,
    ):
        cluster.start_http(port=port)
        config = Path(kubeconfig) if kubeconfig else Path(folder) / "kubeconfig"
        _write_private(config, cluster.kubeconfig())
        _say(f"embedded cluster running; kubectl --kubeconfig {config} get all")
        session = Session(path, cluster, Path(folder), listening)
        try:
            with autosaved(cluster):
                session.load()
                while not ended.wait(POLL_SECONDS):
                    if session.has_changed():
                        _say("a file changed")
                        session.load()
                    session.check_operator()
        finally:
            session.stop()
    return 0


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _write_private(path: Path, content: dict[str, object]) -> None:
    try:
        path.write_text(json.dumps(content))
        path.chmod(0o600)
    except OSError as error:
        raise SurroundingsError(f"cannot write {path}: {error.strerror}") from error


def _free(text: str) -> Address:
    """Where the operator will serve: the address as given, with a free port for port 0."""
    try:
        address = load({"address": text}, {}, in_cluster=False, terminal=True).address
    except ConfigError as error:
        raise SurroundingsError(str(error)) from error
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address.host, address.port))
        except OSError as error:
            why = f"{error.strerror}; --address takes another one"
            raise SurroundingsError(f"cannot listen on {address}: {why}") from error
        return replace(address, port=int(probe.getsockname()[1]))
