"""Measuring one contestant against one fresh API server: convergence, rest, drift."""

from __future__ import annotations

import contextlib
import http.client
import re
import statistics
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from bench import workload
from bench.process import Contestant, Usage
from tests.controlplane.api import Api, eventually
from tests.controlplane.plane import ControlPlane

DRIFTS = 100
DRIFT_PACE_SECONDS = 0.05


@dataclass(kw_only=True)
class Result:
    """What one contestant needed. None where it does not apply."""

    name: str
    owners: int
    seconds: float
    """From the start of the process until every owner has its children and its status."""
    cpu_seconds: float
    peak_mib: float
    requests: int
    """Requests until converged, besides Leases."""
    rest_seconds: float | None = None
    rest_cpu_seconds: float | None = None
    rest_requests: int | None = None
    drift_ms: list[float] = field(default_factory=list)
    """How long each ReplicaSet changed by hand stayed wrong."""

    def drift(self, percent: int) -> float | None:
        """A percentile of the drift latency, in milliseconds."""
        if len(self.drift_ms) < 2:
            return None
        return statistics.quantiles(self.drift_ms, n=100, method="inclusive")[percent - 1]


class Follower:
    """A watch in a thread of its own: the newest state of every object of one type."""

    def __init__(self, plane: ControlPlane, path: str) -> None:
        self._api = Api(plane.url, token=plane.token, ca=plane.ca)
        self._path = path
        self.objects: dict[str, dict[str, Any]] = {}
        self.seen: dict[tuple[str, int], float] = {}
        """When (name, replicas) was first seen in an event, on the monotonic clock."""
        self._version = ""
        self.requests = 0
        """Lists that it asked for itself, not to be counted as the contestant's."""
        self._list()
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._thread.start()

    def _list(self) -> None:
        listed = self._api.get(self._path).body
        self.requests += 1
        self._version = listed["metadata"]["resourceVersion"]
        for item in listed["items"]:
            self.objects[item["metadata"]["name"]] = item

    def _follow(self) -> None:
        # When the server is gone, so is the contest.
        with contextlib.suppress(OSError, http.client.HTTPException):
            self._watch()

    def _watch(self) -> None:
        while True:
            for event in self._api.watch(
                self._path, timeout_seconds=1800, resourceVersion=self._version
            ):
                if event["type"] not in {"ADDED", "MODIFIED", "DELETED"}:
                    break  # the server forgot where we were: begin again with a list
                self._take(event["object"])
            self._list()

    def _take(self, item: dict[str, Any]) -> None:
        name = item["metadata"]["name"]
        self.objects[name] = item
        replicas = item.get("spec", {}).get("replicas")
        if isinstance(replicas, int):
            self.seen.setdefault((name, replicas), time.monotonic())


def served_requests(plane: ControlPlane) -> int:
    """Requests that the server has finished, without Leases, watches and the reading of metrics."""
    text = plane.admin.get("/metrics").body
    total = 0
    for line in text.splitlines():
        if line.startswith("apiserver_request_total{"):
            labels = dict(re.findall(r'(\w+)="([^"]*)"', line))
            ours = labels.get("resource") in {
                "configmaps",
                "replicasets",
                workload.PLURAL,
                "events",
            }
            if ours and labels.get("verb") != "WATCH":
                total += int(float(line.rsplit(" ", 1)[1]))
    return total


def prepare(plane: ControlPlane, owners: int) -> None:
    """Install the type and create the owners."""
    admin = plane.admin
    admin.post("/api/v1/namespaces", {"metadata": {"name": workload.NAMESPACE}})
    admin.post("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", workload.CRD)
    eventually(lambda: admin.get(workload.OWNERS).ok, "the type is served")
    for index in range(owners):
        answer = admin.post(workload.OWNERS, workload.owner(index))
        assert answer.ok, answer.body


def is_done(observed: dict[str, Any]) -> bool:
    """Whether the owner has its status."""
    return bool(observed.get("status", {}).get("phase") == "Running")


def until_converged(plane: ControlPlane, follower: Follower, owners: int) -> None:
    """Wait until every owner has its status; then check that no child is missing.

    Raises:
        AssertionError: a child is missing, or it took ten minutes.
    """
    eventually(
        lambda: sum(map(is_done, list(follower.objects.values()))) == owners,
        f"{owners} owners converge",
        seconds=600,
    )
    for path in (workload.CONFIG_MAPS, workload.REPLICA_SETS):
        items = plane.admin.get(path).body["items"]
        children = [each for each in items if each["metadata"].get("ownerReferences")]
        assert len(children) == owners, f"{len(children)} of {owners} in {path}"


def at_rest(plane: ControlPlane, contestant: Contestant, seconds: float) -> tuple[float, int]:
    """CPU seconds and requests of a stretch in which nothing changes."""
    before, requests = contestant.usage(), served_requests(plane)
    time.sleep(seconds)
    after = contestant.usage()
    return after.cpu_seconds - before.cpu_seconds, served_requests(plane) - requests


def drifts(plane: ControlPlane, owners: int, patience: float) -> list[float]:
    """Change ReplicaSets by hand, one every 50 ms; how long each stayed wrong, in milliseconds."""
    follower = Follower(plane, workload.REPLICA_SETS)
    changed: dict[str, float] = {}
    for index in range(min(DRIFTS, owners)):
        name = f"job-{index:05}-worker"
        answer = plane.admin.patch(f"{workload.REPLICA_SETS}/{name}", {"spec": {"replicas": 1}})
        assert answer.ok, answer.body
        changed[name] = time.monotonic()
        time.sleep(DRIFT_PACE_SECONDS)

    def repaired() -> bool:
        return all((name, 0) in follower.seen for name in changed)

    eventually(repaired, "every ReplicaSet is repaired", seconds=patience)
    return [max(0.0, follower.seen[name, 0] - at) * 1000 for name, at in changed.items()]


def converge(
    plane: ControlPlane, contestant: Contestant, name: str, owners: int, started: float
) -> Result:
    """Follow a long-running contestant until all is made."""
    follower = Follower(plane, workload.OWNERS)
    until_converged(plane, follower, owners)
    seconds = time.monotonic() - started
    used: Usage = contestant.usage()
    return Result(
        name=name,
        owners=owners,
        seconds=seconds,
        cpu_seconds=used.cpu_seconds,
        peak_mib=used.peak_mib,
        requests=served_requests(plane) - follower.requests,
    )
