"""Run etcd, kube-apiserver and, on request, the controller manager until standard input closes.

A process of its own between the tests and the control plane: when the tests end in whatever way,
SIGKILL included, the pipe to this process closes, and it ends the programs and removes their data.
Ctrl-C does not reach it (own session), and should it die itself, the kernel ends its children
(`PR_SET_PDEATHSIG`).

Standard input: one JSON line (`Options`), then nothing until it closes. Standard output: one JSON
line, `{"url", "token", "ca", "folder", "seconds"}` or `{"error"}`.
"""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from dataclasses import asdict, dataclass
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.controlplane.build import Binaries, binaries

ADMIN_TOKEN = "admin-token"
START_DEADLINE_SECONDS = 90

# Metadata of every request, once it has been answered: enough to compare with RBAC rules.
AUDIT_POLICY = {
    "apiVersion": "audit.k8s.io/v1",
    "kind": "Policy",
    "omitStages": ["RequestReceived", "ResponseStarted"],
    "rules": [
        {"level": "None", "nonResourceURLs": ["/healthz*", "/readyz*", "/livez*"]},
        {"level": "None", "users": ["system:apiserver", "system:kube-controller-manager"]},
        {"level": "Metadata"},
    ],
}

CONTROLLERS = (
    "garbage-collector-controller",
    "namespace-controller",
    "replicaset-controller",
    "deployment-controller",
    "job-controller",
    "serviceaccount-controller",
    "root-ca-certificate-publisher-controller",
    "persistentvolumeclaim-protection-controller",
    "persistentvolume-protection-controller",
)


@dataclass(frozen=True, kw_only=True)
class Options:
    """What to start, and how."""

    controller_manager: bool = False
    audit: bool = False
    apiserver_flags: tuple[str, ...] = ()


def free_ports(count: int) -> list[int]:
    """Ports that are free right now; all are held open until all are known."""
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def _die_with_parent() -> None:
    prctl_set_pdeathsig = 1
    ctypes.CDLL(None, use_errno=True).prctl(prctl_set_pdeathsig, signal.SIGKILL)


class Supervisor:
    """The processes of one control plane and the folder that they write to."""

    def __init__(self, options: Options, programs: Binaries, folder: Path) -> None:
        self.options = options
        self.programs = programs
        self.folder = folder
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        etcd_client, etcd_peer, self.port = free_ports(3)
        self.etcd_client = f"http://127.0.0.1:{etcd_client}"
        self.etcd_peer = f"http://127.0.0.1:{etcd_peer}"
        self.url = f"https://127.0.0.1:{self.port}"

    def _spawn(self, name: str, *command: str) -> None:
        log = (self.folder / f"{name}.log").open("wb")
        self.processes[name] = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=_die_with_parent
        )

    def _write(self, name: str, content: str) -> str:
        path = self.folder / name
        path.write_text(content)
        return str(path)

    def start(self) -> None:
        """Start everything; returns once the API server says that it is ready."""
        self._spawn(
            "etcd", *self.programs.etcd,
            "--data-dir", str(self.folder / "etcd"), "--unsafe-no-fsync",
            "--listen-client-urls", self.etcd_client, "--advertise-client-urls", self.etcd_client,
            "--listen-peer-urls", self.etcd_peer, "--initial-advertise-peer-urls", self.etcd_peer,
            "--initial-cluster", f"default={self.etcd_peer}", "--log-level", "error",
        )  # fmt: skip
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        key_file = self._write("service-account.key", key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ).decode())  # fmt: skip
        tokens = self._write("tokens.csv", f'{ADMIN_TOKEN},admin,admin,"system:masters"\n')
        audit: tuple[str, ...] = ()
        if self.options.audit:
            policy = self._write("audit-policy.json", json.dumps(AUDIT_POLICY))
            audit = ("--audit-policy-file", policy, "--audit-log-path", str(self.folder / "audit"))
        self._spawn(
            "apiserver", *self.programs.apiserver,
            "--etcd-servers", self.etcd_client,
            "--bind-address", "127.0.0.1", "--secure-port", str(self.port),
            "--cert-dir", str(self.folder / "certificates"),
            "--authorization-mode", "RBAC", "--token-auth-file", tokens,
            "--service-account-issuer", "https://kubernetes.default.svc",
            "--service-account-key-file", key_file, "--service-account-signing-key-file", key_file,
            "--service-cluster-ip-range", "10.0.0.0/24", "--endpoint-reconciler-type", "none",
            "--profiling=false", *audit, *self.options.apiserver_flags,
        )  # fmt: skip
        self._wait_until_ready()
        if self.options.controller_manager:
            kubeconfig = self._write(
                "controller-manager.kubeconfig", json.dumps(self._kubeconfig())
            )
            self._spawn(
                "controller-manager", *self.programs.controller_manager,
                "--kubeconfig", kubeconfig, "--leader-elect=false",
                "--controllers", ",".join(CONTROLLERS), "--secure-port", "0",
                "--service-account-private-key-file", key_file, "--root-ca-file", self.ca,
                "--concurrent-gc-syncs", "5",
            )  # fmt: skip

    @property
    def ca(self) -> str:
        """The file that holds the API server's self-signed certificate and its authority."""
        return str(self.folder / "certificates" / "apiserver.crt")

    def _kubeconfig(self) -> dict[str, object]:
        cluster = {"server": self.url, "certificate-authority": self.ca}
        context = {"cluster": "test", "user": "admin"}
        return {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "test", "cluster": cluster}],
            "users": [{"name": "admin", "user": {"token": ADMIN_TOKEN}}],
            "contexts": [{"name": "test", "context": context}],
            "current-context": "test",
        }

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_DEADLINE_SECONDS
        pause = threading.Event()
        while time.monotonic() < deadline:
            for name, process in self.processes.items():
                if process.poll() is not None:
                    raise RuntimeError(
                        f"{name} ended with {process.returncode}: {self._tail(name)}"
                    )
            if Path(self.ca).exists() and self._is_ready():
                return
            pause.wait(0.05)
        raise RuntimeError(f"the API server was not ready in time: {self._tail('apiserver')}")

    def _is_ready(self) -> bool:
        try:
            context = ssl.create_default_context(cafile=self.ca)
            request = urllib.request.Request(
                f"{self.url}/readyz", headers={"Authorization": f"Bearer {ADMIN_TOKEN}"}
            )
            with urllib.request.urlopen(request, context=context, timeout=2) as answer:
                return bool(answer.status == 200)
        except (OSError, urllib.error.URLError):
            return False

    def _tail(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(errors="replace")[-1500:]

    def stop(self) -> None:
        """End the processes, last started first; nothing of their data is worth a graceful exit."""
        for process in reversed(self.processes.values()):
            process.kill()
            process.wait()


def main() -> int:
    """Start, report, wait for standard input to close, clean up."""
    started = time.monotonic()
    _die = {signal.SIGTERM: lambda *_: os.close(0), signal.SIGINT: lambda *_: None}
    for number, handler in _die.items():
        signal.signal(number, handler)
    options = Options(**json.loads(sys.stdin.readline()))
    folder = Path(tempfile.mkdtemp(prefix="katalogc-controlplane-"))
    try:
        supervisor = Supervisor(options, binaries(), folder)
        try:
            supervisor.start()
            facts = {
                "url": supervisor.url,
                "token": ADMIN_TOKEN,
                "ca": supervisor.ca,
                "folder": str(folder),
                "seconds": round(time.monotonic() - started, 2),
                "pids": {name: each.pid for name, each in supervisor.processes.items()},
                "options": asdict(options),
            }
            print(json.dumps(facts), flush=True)
            while sys.stdin.readline():
                pass
        except (RuntimeError, OSError) as error:
            print(json.dumps({"error": str(error)}), flush=True)
            return 1
        finally:
            supervisor.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
