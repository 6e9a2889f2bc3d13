"""The operator as users run it: a process of its own, with a kubeconfig and nothing else."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any

from tests.controlplane.api import eventually
from tests.controlplane.supervisor import free_ports

ROOT = Path(__file__).parents[2]


class OperatorProcess:
    """`python -m katalog_runtime` on a bundle; a context manager that never leaves it behind."""

    def __init__(self, bundle: Path, kubeconfig: Path, *flags: str, namespace: str = "") -> None:
        (port,) = free_ports(1)
        self.url = f"http://127.0.0.1:{port}"
        self.log_path = kubeconfig.parent / f"operator-{port}.log"
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'runtime'}",
            "PYTHONUNBUFFERED": "1",
            "KUBECONFIG": str(kubeconfig),
            "HOME": str(kubeconfig.parent),
            "POD_NAME": f"operator-{port}",
            "POD_NAMESPACE": namespace,
        }
        command = [sys.executable, "-m", "katalog_runtime", "--bundle", str(bundle), "--address",
                   f"127.0.0.1:{port}", "--log-format", "json", "--end-with-stdin",
                   *flags]  # fmt: skip
        with self.log_path.open("wb") as log:
            self.process = subprocess.Popen(
                command, env=environment, stdin=subprocess.PIPE, stdout=log, stderr=log
            )

    def __enter__(self) -> OperatorProcess:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.kill()
        if kind is not None:
            sys.stderr.write(self.log()[-6000:])

    def kill(self) -> None:
        """SIGKILL, as a node failure does it."""
        self.process.kill()
        self.process.wait()
        assert self.process.stdin
        self.process.stdin.close()

    def terminate(self) -> int:
        """SIGTERM, as the kubelet does it; the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=30)

    def log(self) -> str:
        """What it logged so far."""
        return self.log_path.read_text(errors="replace")

    def log_lines(self) -> list[dict[str, Any]]:
        """The JSON log lines so far."""
        return [json.loads(line) for line in self.log().splitlines() if line.startswith("{")]

    def get(self, path: str) -> tuple[int, str]:
        """GET one of its routes."""
        try:
            with urllib.request.urlopen(f"{self.url}{path}", timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()
        except (urllib.error.URLError, OSError):
            return 0, ""

    def until_ready(self) -> OperatorProcess:
        """Wait for `/ready`."""

        def ready() -> bool:
            assert self.process.poll() is None, f"the operator ended: {self.log()[-3000:]}"
            status, text = self.get("/ready")
            assert status == 200, text[:1000]
            return True

        eventually(ready, "the operator is ready")
        return self
