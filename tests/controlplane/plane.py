"""The test control plane as tests see it: start it, talk to it, read its audit log."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.controlplane.api import Api
from tests.controlplane.build import binaries
from tests.controlplane.supervisor import Options

ROOT = Path(__file__).parents[2]


def write_kubeconfig(
    path: Path, *, server: str, token: str, ca: str, namespace: str = "default"
) -> Path:
    """A kubeconfig with one context, readable by its owner only."""
    cluster = {"server": server, "certificate-authority": ca}
    context = {"cluster": "test", "user": "test", "namespace": namespace}
    path.write_text(json.dumps({
        "apiVersion": "v1", "kind": "Config", "current-context": "test",
        "clusters": [{"name": "test", "cluster": cluster}],
        "users": [{"name": "test", "user": {"token": token}}],
        "contexts": [{"name": "test", "context": context}],
    }))  # fmt: skip
    path.chmod(0o600)
    return path


class ControlPlane:
    """A running kube-apiserver with etcd; its processes end with this object or this process."""

    def __init__(self, **options: Any) -> None:
        """Start it; takes the fields of `Options`.

        Raises:
            RuntimeError: a program did not start; the text holds the end of its log.
            BuildError: the control plane has not been built.
        """
        binaries()
        self._apis: list[Api] = []
        self._supervisor = subprocess.Popen(
            [sys.executable, "-m", "tests.controlplane.supervisor"],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        assert self._supervisor.stdin
        assert self._supervisor.stdout
        self._supervisor.stdin.write(json.dumps(asdict(Options(**options))).encode() + b"\n")
        self._supervisor.stdin.flush()
        line = self._supervisor.stdout.readline()
        facts: dict[str, Any] = (
            json.loads(line) if line else {"error": "the supervisor ended without a word"}
        )
        if "error" in facts:
            self.stop()
            raise RuntimeError(f"the control plane did not start: {facts['error']}")
        self.url: str = facts["url"]
        self.token: str = facts["token"]
        self.ca: str = facts["ca"]
        self.folder = Path(facts["folder"])
        self.pids = dict[str, int](facts["pids"])
        self.admin = self.client(self.token)

    def stop(self) -> None:
        """End it; idempotent."""
        for api in self._apis:
            api.close()
        if self._supervisor.stdin and not self._supervisor.stdin.closed:
            self._supervisor.stdin.close()
        self._supervisor.wait()
        if self._supervisor.stdout:
            self._supervisor.stdout.close()

    def client(self, token: str) -> Api:
        """A client with this token, closed with the control plane."""
        self._apis.append(Api(self.url, token=token, ca=self.ca))
        return self._apis[-1]

    def service_account(self, namespace: str, name: str) -> Api:
        """A client with a fresh token of an existing ServiceAccount."""
        answer = self.admin.post(
            f"/api/v1/namespaces/{namespace}/serviceaccounts/{name}/token",
            {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest",
             "spec": {"audiences": ["https://kubernetes.default.svc"]}},
        )  # fmt: skip
        assert answer.ok, answer.body
        return self.client(answer.body["status"]["token"])

    def kubeconfig(self, path: Path, *, token: str = "", namespace: str = "default") -> Path:
        """Write a kubeconfig for a token (the administrator's where none is given)."""
        return write_kubeconfig(
            path, server=self.url, token=token or self.token, ca=self.ca, namespace=namespace
        )

    def kubectl(self, *arguments: str, kubeconfig: Path, stdin: str = "") -> str:
        """Run kubectl; its standard output."""
        done = subprocess.run(
            [*binaries().kubectl, *arguments],
            input=stdin, capture_output=True, text=True,
            env={"KUBECONFIG": str(kubeconfig), "HOME": str(kubeconfig.parent)},
        )  # fmt: skip
        assert done.returncode == 0, f"kubectl {' '.join(arguments)}: {done.stderr}"
        return done.stdout

    def audit(self) -> list[dict[str, Any]]:
        """The audit events so far (needs `audit=True`), oldest first."""
        path = self.folder / "audit"
        lines = path.read_text().splitlines() if path.exists() else []
        return [json.loads(line) for line in lines if line.endswith("}")]
