"""`katalogc dev` as a developer uses it: save, see what changes, go on while something is wrong."""

from __future__ import annotations

import base64
import fcntl
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.controlplane.api import Api, eventually
from tests.controlplane.supervisor import free_ports
from tests.dev.test_changes import BEFORE

ROOT = Path(__file__).parents[2]
CARTS = "/apis/shop.example.com/v1/namespaces/default/carts"
CONFIG = "/api/v1/namespaces/default/configmaps/mine-config"
CART = {"apiVersion": "shop.example.com/v1", "kind": "Cart", "metadata": {"name": "mine"},
        "spec": {"size": "big", "weight": "heavy"}}  # fmt: skip


class Dev:
    """A running `katalogc dev` on a Katalog in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.katalog = folder / "katalog.yaml"
        self.katalog.write_text(BEFORE)
        self.kubeconfig = folder / "kubeconfig"
        self.log = folder / "dev.log"
        (port,) = free_ports(1)
        command = [sys.executable, "-m", "katalogc", "dev", str(self.katalog),
                   "--address", f"127.0.0.1:{port}", "--kubeconfig", str(self.kubeconfig)]  # fmt: skip
        paths = f"{ROOT}{os.pathsep}{ROOT / 'runtime'}"
        with self.log.open("wb") as log:
            # Inherited with the file, so held until the last process that writes there has ended.
            fcntl.flock(log, fcntl.LOCK_EX)
            self.process = subprocess.Popen(
                command, stdout=log, stderr=log, env={**os.environ, "PYTHONPATH": paths}
            )
        self.until("operator running")
        config = json.loads(self.kubeconfig.read_text())
        cluster = config["clusters"][0]["cluster"]
        ca = folder / "ca.crt"
        ca.write_bytes(base64.b64decode(cluster["certificate-authority-data"]))
        token = config["users"][0]["user"]["token"]
        self.api = Api(cluster["server"], token=token, ca=str(ca))

    def until(self, text: str, times: int = 1) -> None:
        """Wait until it has printed `text`."""

        def printed() -> bool:
            assert self.process.poll() is None, self.log.read_text()
            assert self.log.read_text().count(text) >= times, self.log.read_text()[-1500:]
            return True

        eventually(printed, f"`{text}` is printed")

    def has_left_nothing(self) -> bool:
        """Whether neither it nor a process that it started runs any more."""
        with self.log.open("rb") as log:
            try:
                fcntl.flock(log, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
        return True

    def data(self) -> dict[str, str]:
        """The ConfigMap that the operator makes."""
        answer = self.api.get(CONFIG)
        return dict(answer.body["data"]) if answer.ok else {}


@pytest.fixture
def dev(tmp_path: Path) -> Iterator[Dev]:
    running = Dev(tmp_path)
    yield running
    running.api.close()
    running.process.kill()
    running.process.wait()
    eventually(running.has_left_nothing, "every process of it has ended")


@pytest.mark.scenario
def test_a_saved_change_is_checked_shown_and_loaded(dev: Dev) -> None:
    assert dev.api.post(CARTS, CART).ok
    eventually(lambda: dev.data() == {"SIZE": "big"}, "the child appears")

    dev.katalog.write_text(BEFORE.replace(".spec.size }}", ".spec.size | nonsense }}"))
    dev.until("the last good version keeps running")
    assert "function `nonsense` is not known" in dev.log.read_text()
    assert dev.api.delete(CONFIG).ok
    eventually(lambda: dev.data() == {"SIZE": "big"}, "the last good version goes on")

    dev.katalog.write_text(BEFORE.replace(".spec.size", ".spec.weight"))
    dev.until("~ cart: child onCreate.configMaps[0]")
    dev.until("operator running", times=2)
    assert dev.api.delete(CONFIG).ok
    eventually(lambda: dev.data() == {"SIZE": "heavy"}, "the new version is loaded")

    dev.process.send_signal(signal.SIGINT)
    assert dev.process.wait(timeout=30) == 0


@pytest.mark.scenario
def test_a_katalog_that_is_gone_for_a_moment_ends_nothing(dev: Dev) -> None:
    text = dev.katalog.read_text()
    dev.katalog.unlink()
    dev.until("no such file or folder; the last good version keeps running")
    dev.katalog.write_text(text.replace("SIZE", "HOW_BIG"))
    # Before that the old operator may still make the child, which then stays: it is `onCreate`.
    dev.until("operator running", times=2)
    assert dev.api.post(CARTS, CART).ok
    eventually(lambda: dev.data() == {"HOW_BIG": "big"}, "the new version runs")


@pytest.mark.scenario
def test_killed_it_takes_its_operator_along(dev: Dev) -> None:
    assert dev.api.post(CARTS, CART).ok
    eventually(lambda: dev.data() == {"SIZE": "big"}, "the operator works")
    assert not dev.has_left_nothing()
    dev.process.kill()
    assert dev.process.wait() == -signal.SIGKILL
    eventually(dev.has_left_nothing, "the operator ends as well")
    assert '"stopped"' in dev.log.read_text()
