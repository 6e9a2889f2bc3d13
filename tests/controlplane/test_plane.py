"""The control plane itself: that it is real, starts what it says, and leaves nothing behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.controlplane import versions
from tests.controlplane.api import eventually
from tests.controlplane.plane import ROOT, ControlPlane

pytestmark = pytest.mark.controlplane


def _alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_it_is_the_version_it_claims_to_be(control_plane: ControlPlane) -> None:
    if "KUBEBUILDER_ASSETS" not in os.environ:
        assert control_plane.admin.get("/version").body["gitVersion"] == versions.KUBERNETES


def test_requests_without_permission_are_denied(control_plane: ControlPlane) -> None:
    control_plane.admin.post("/api/v1/namespaces", {"metadata": {"name": "plane-rbac"}})
    path = "/api/v1/namespaces/plane-rbac/serviceaccounts"
    control_plane.admin.post(path, {"metadata": {"name": "nobody"}})
    nobody = control_plane.service_account("plane-rbac", "nobody")
    assert nobody.get("/api/v1/namespaces/plane-rbac/configmaps").status == 403
    name = "system:serviceaccount:plane-rbac:nobody"
    assert any(
        event["user"]["username"] == name and event["responseStatus"]["code"] == 403
        for event in control_plane.audit()
    )


def test_garbage_collection_removes_children_of_a_deleted_owner(
    control_plane: ControlPlane,
) -> None:
    admin = control_plane.admin
    admin.post("/api/v1/namespaces", {"metadata": {"name": "plane-gc"}})
    path = "/api/v1/namespaces/plane-gc/configmaps"
    owner = admin.post(path, {"metadata": {"name": "owner"}}).body
    reference = {"apiVersion": "v1", "kind": "ConfigMap", "name": "owner",
                 "uid": owner["metadata"]["uid"]}  # fmt: skip
    admin.post(path, {"metadata": {"name": "child", "ownerReferences": [reference]}})
    admin.delete(f"{path}/owner")
    eventually(lambda: admin.get(f"{path}/child").status == 404, "the child is gone")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT], ids=["SIGKILL", "Ctrl-C"])
def test_processes_and_data_end_with_a_killed_test_run(number: signal.Signals) -> None:
    script = (
        "from tests.controlplane.plane import ControlPlane; import json, signal, sys\n"
        # A run in the background of a shell inherits an ignored SIGINT.
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "plane = ControlPlane()\n"
        "print(json.dumps([str(plane.folder), *plane.pids.values()]), flush=True)\n"
        "sys.stdin.read()\n"
    )
    run = subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert run.stdout
    assert run.stdin
    folder, *pids = json.loads(run.stdout.readline())
    assert all(_alive(pid) for pid in pids)
    run.send_signal(number)
    run.wait()
    run.stdin.close()
    run.stdout.close()
    eventually(lambda: not any(_alive(pid) for pid in pids), "the processes are gone")
    eventually(lambda: not Path(folder).exists(), "the data is gone")
