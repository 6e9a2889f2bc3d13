"""The whole life of a DataJob in under a minute: compile, run, create, repair, delete. `make demo`.

Everything is real: the embedded cluster speaks HTTPS on the loopback interface and enforces RBAC,
the operator is a process of its own with the token of the ServiceAccount that katalogc generated.
On a terminal it is drawn with colour, in a log (or with NO_COLOR) it is plain lines. `DEMO_KEEP=1`
leaves it running until Ctrl-C, with its status page and a kubeconfig.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from rich.console import Console
from rich.text import Text

from katalog_runtime.errors import ApiError

if TYPE_CHECKING:
    from katalogc.localcluster import LocalCluster

ROOT = Path(__file__).parents[1]
KATALOG = "samples/datajob-katalog.yaml"
RESOURCE = "samples/data-platform/cr.yaml"
DEADLINE_SECONDS = 40
LONGEST_PAIR = 24
"""Characters of a ConfigMap's entry that is shown; longer ones are counted."""
INTERRUPTED = 130
GROUP = "data.katalogc.dev"


class Stage:
    """What the audience sees: a heading per act, a line per fact, with the time that it took."""

    def __init__(self) -> None:
        # rich leaves bold, dim and the spinner where NO_COLOR is set; plain lines are what is meant.
        plain = bool(os.environ.get("NO_COLOR"))
        self.console = Console(
            highlight=False, soft_wrap=True, force_terminal=False if plain else None
        )
        self.started = time.monotonic()

    def act(self, title: str) -> None:
        """Open a new act."""
        self.console.print()
        self.console.print(Text(title, style="bold"))

    def fact(self, text: str, detail: str = "", *, mark: str = "✓", style: str = "green") -> None:
        """Something that is now true."""
        line = Text("  ").append(mark, style=style).append(f" {text}")
        if detail:
            line.append(f"  {detail}", style="dim")
        # Commands and addresses are there to be copied; they wrap instead.
        if self.console.is_terminal and mark != "›" and os.sep not in detail:
            line.truncate(self.console.width, overflow="ellipsis")
        self.console.print(line)

    def deed(self, text: str) -> None:
        """Something that somebody does."""
        self.fact(text, mark="›", style="bold yellow")

    def until(self, what: str, check: Callable[[], bool]) -> str:
        """Wait for `check`, with a spinner on a terminal; how long it took, in words."""
        begun = time.monotonic()
        if self.console.is_terminal:
            with self.console.status(Text(what, style="dim")):
                _wait(what, check)
        else:
            _wait(what, check)
        return f"after {(time.monotonic() - begun) * 1000:.0f} ms"


def _wait(what: str, check: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not check():
        if time.monotonic() > deadline:
            raise SystemExit(f"demo: not in {DEADLINE_SECONDS} s: {what}")
        time.sleep(0.01)


class Demo:
    """One performance."""

    def __init__(self, stage: Stage, cluster: LocalCluster, folder: Path) -> None:
        self.stage = stage
        self.cluster = cluster
        self.folder = folder
        self.job: dict[str, Any] = yaml.safe_load((ROOT / RESOURCE).read_text())
        self.name: str = self.job["metadata"]["name"]
        self.namespace: str = self.job["metadata"]["namespace"]
        self.operator: subprocess.Popen[bytes] | None = None
        self.url = ""

    def compile(self) -> None:
        """Katalog in, files out."""
        from katalogc.compiler import compile_path
        from katalogc.writer import write

        begun = time.monotonic()
        result = compile_path(KATALOG)
        if result.bundle is None:
            raise SystemExit("demo: the sample does not compile; run `katalogc validate`")
        write(result.artifacts, self.folder / "operator")
        milliseconds = (time.monotonic() - begun) * 1000
        self.stage.act(f"katalogc build {KATALOG}")
        sizes = {str(each.path): len(each.content.encode()) for each in result.artifacts}
        longest = max(map(len, sizes))
        for path, size in sizes.items():
            self.stage.fact(path.ljust(longest), f"{size:>7,} bytes")
        rules = len(result.bundle.permissions)
        self.stage.fact(f"{rules} permissions, no wildcard", f"compiled in {milliseconds:.0f} ms")

    def install(self) -> None:
        """Apply what was built, then start the operator as the generated ServiceAccount."""
        self.stage.act("An embedded Kubernetes API, and the operator with its own ServiceAccount")
        self.cluster.start_http()
        self._apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": self.namespace}})
        documents = [
            document
            for name in ("operator.yaml", "rbac.yaml")
            for document in yaml.safe_load_all((self.folder / "operator" / name).read_text())
        ]
        wanted = {"Namespace", "ServiceAccount", "Role", "RoleBinding", "ClusterRole",
                  "ClusterRoleBinding"}  # fmt: skip
        accounts = [each for each in documents if each["kind"] == "ServiceAccount"]
        for path in sorted((self.folder / "operator" / "crds").iterdir()):
            self.cluster.apply_manifests(path)
        for document in sorted(documents, key=lambda each: each["kind"] != "Namespace"):
            if document["kind"] in wanted:
                self._apply(document)
        account = accounts[0]["metadata"]
        user = f"system:serviceaccount:{account['namespace']}:{account['name']}"
        kubeconfig = self.folder / "kubeconfig"
        kubeconfig.write_text(json.dumps(self.cluster.kubeconfig(user=user)))
        kubeconfig.chmod(0o600)
        admin = self.folder / "admin.kubeconfig"
        admin.write_text(json.dumps(self.cluster.kubeconfig()))
        admin.chmod(0o600)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self.operator = subprocess.Popen(
            [sys.executable, "-m", "katalog_runtime",
             "--bundle", str(self.folder / "operator" / "bundle.json"),
             "--address", f"127.0.0.1:{port}", "--leader-elect", "--end-with-stdin"],
            stdin=subprocess.PIPE,  # closes however this process ends, and ends the operator
            env={**os.environ, "KUBECONFIG": str(kubeconfig), "NO_COLOR": "1",
                 "POD_NAMESPACE": account["namespace"]},
            stdout=(self.folder / "operator.log").open("wb"), stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is for the demo, which then says SIGTERM
        )  # fmt: skip
        took = self.stage.until("the operator gets ready", self._ready)
        self.stage.fact("operator ready", took)
        self.stage.fact("status page", f"{self.url}/")

    def _apply(self, manifest: dict[str, Any]) -> None:
        self.cluster.apply_manifests([manifest])

    def _ready(self) -> bool:
        assert self.operator
        if self.operator.poll() is not None:
            log = (self.folder / "operator.log").read_text(errors="replace")
            raise SystemExit(f"demo: the operator ended\n{log[-3000:]}")
        try:
            with urllib.request.urlopen(f"{self.url}/ready", timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def find(self, kind: str, name: str = "") -> dict[str, Any] | None:
        """An object, or None."""
        try:
            return self.cluster.get(kind, name or self.name, namespace=self.namespace)
        except ApiError:
            return None

    def workers(self, kind: str = "ReplicaSet") -> int:
        """The replicas that the worker pool has."""
        found = self.find(kind, f"{self.name}-worker")
        return int(found["spec"]["replicas"]) if found else -1

    def is_ready(self) -> bool:
        """Whether the DataJob says Ready for its newest generation."""
        found = self.find("DataJob") or {}
        conditions = found.get("status", {}).get("conditions", [])
        return any(
            each["type"] == "Ready"
            and each["status"] == "True"
            and each["observedGeneration"] == found["metadata"]["generation"]
            for each in conditions
        )

    def create(self) -> None:
        """A DataJob appears, and its children with it."""
        wanted = int(self.job["spec"]["parallelism"])
        self.stage.act(f"kubectl apply -f {RESOURCE}")
        self._apply(self.job)
        took = self.stage.until(
            "children appear", lambda: self.is_ready() and self.workers() == wanted
        )
        job = self.find("DataJob") or {}
        self.stage.fact(f"DataJob {self.name}", f"Ready {took}")
        config = self.find("ConfigMap", f"{self.name}-job") or {"data": {}}
        pairs = [f"{key}={value}" for key, value in sorted(config["data"].items())]
        short = [each for each in pairs if len(each) <= LONGEST_PAIR]
        rest = f" and {len(pairs) - len(short)} more" if len(short) < len(pairs) else ""
        self.stage.fact(f"├─ ConfigMap {self.name}-job", " ".join(short) + rest, mark=" ")
        self.stage.fact(f"└─ ReplicaSet {self.name}-worker", f"{wanted} workers", mark=" ")
        told = ", ".join(f"{key}: {job['status'][key]}" for key in ("phase", "parallelism"))
        self.stage.fact("   status", told, mark=" ")

    def disturb(self) -> None:
        """Somebody changes and deletes children by hand."""
        wanted = int(self.job["spec"]["parallelism"])
        worker, config = f"{self.name}-worker", f"{self.name}-job"
        self.stage.act("Somebody works by hand")
        self.stage.deed(f"kubectl scale replicaset {worker} --replicas=9")
        self.cluster.patch(
            "ReplicaSet", worker, {"spec": {"replicas": 9}}, namespace=self.namespace
        )
        took = self.stage.until("repair", lambda: self.workers() == wanted)
        self.stage.fact(f"repaired: {wanted} workers again", took)
        self.stage.deed(f"kubectl delete configmap {config}")
        self.cluster.delete("ConfigMap", config, namespace=self.namespace)
        took = self.stage.until("re-creation", lambda: self.find("ConfigMap", config) is not None)
        self.stage.fact("created again", took)
        body = {"spec": {"parallelism": wanted + 2}}
        change = json.dumps(body, separators=(",", ":"))
        self.stage.deed(f"kubectl patch datajob {self.name} --type=merge -p '{change}'")
        self.cluster.patch("DataJob", self.name, body, namespace=self.namespace)
        took = self.stage.until(
            "the change arrives", lambda: self.workers() == wanted + 2 and self.is_ready()
        )
        self.stage.fact(f"{wanted + 2} workers", took)

    def rest(self) -> None:
        """Two seconds in which nothing is sent."""
        self.stage.act("Nothing changes for two seconds")
        time.sleep(0.5)
        before = len(self._sent())
        time.sleep(2)
        sent = [each for each in self._sent()[before:] if each.resource != "leases"]
        self.stage.fact(f"{len(sent)} requests besides watches and the Lease")

    def _sent(self) -> list[Any]:
        return [
            each
            for each in self.cluster.requests
            if each.user.startswith("system:serviceaccount:") and each.verb != "watch"
        ]

    def delete(self) -> None:
        """The DataJob goes, and its children with it."""
        self.stage.act(f"kubectl delete datajob {self.name}")
        self.cluster.delete("DataJob", self.name, namespace=self.namespace)

        def gone() -> bool:
            children = (("ConfigMap", f"{self.name}-job"), ("ReplicaSet", f"{self.name}-worker"))
            return not any(self.find(*each) for each in (("DataJob", self.name), *children))

        took = self.stage.until("everything vanishes", gone)
        self.stage.fact("DataJob, ConfigMap and ReplicaSet are gone", took)
        sent = self._sent()
        denied = [each for each in sent if each.code in {401, 403}]
        writes = [each for each in sent if each.verb in {"create", "patch", "update", "delete"}]
        self.stage.fact(f"{len(sent)} requests, {len(writes)} of them writes, {len(denied)} denied")
        if denied:
            raise SystemExit(f"demo: the generated permissions did not suffice: {denied}")

    def stop(self) -> None:
        """SIGTERM, as the kubelet sends it."""
        if self.operator and self.operator.poll() is None:
            self.operator.send_signal(signal.SIGTERM)
            code = self.operator.wait(timeout=30)
            if code == 0:
                self.stage.fact("operator stopped on SIGTERM", "exit 0, Lease released")
            elif code != -signal.SIGTERM:  # which is what one that has hardly begun dies of
                raise SystemExit(f"demo: the operator answered SIGTERM with {code}")


def main() -> int:
    """Perform, and clean up whatever happens; 0, or 130 after Ctrl-C in the middle."""
    os.chdir(ROOT)
    keep = os.environ.get("DEMO_KEEP") == "1"
    try:
        stage = Stage()
        from katalogc.localcluster import LocalCluster

        with (
            tempfile.TemporaryDirectory(prefix="katalogc-demo-") as folder,
            LocalCluster() as cluster,
        ):
            _perform(Demo(stage, cluster, Path(folder)), keep=keep)
    except KeyboardInterrupt:
        return INTERRUPTED
    return 0


def _perform(demo: Demo, *, keep: bool) -> None:
    stage = demo.stage
    try:
        demo.compile()
        demo.install()
        demo.create()
        demo.disturb()
        demo.rest()
        if keep:
            _stay(demo)
            return
        demo.delete()
        stage.act(f"The whole life took {time.monotonic() - stage.started:.1f} s")
    finally:
        demo.stop()
    stage.fact("DEMO_KEEP=1 make demo", "stays, with the status page and a kubeconfig", mark="›")


def _stay(demo: Demo) -> None:
    demo.stage.act("It stays until Ctrl-C")
    demo.stage.fact("status page", f"{demo.url}/")
    demo.stage.fact("cluster", f"export KUBECONFIG={demo.folder}/admin.kubeconfig")
    try:
        signal.pause()
    except KeyboardInterrupt:
        demo.stage.console.print()


if __name__ == "__main__":
    sys.exit(main())
