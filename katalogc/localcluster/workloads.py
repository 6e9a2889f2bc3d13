"""Stand-ins for the workload controllers and the kubelet: what was asked for looks as if it were
running.

In: changes of Deployments, Jobs, Pods and their like. Out: their status. No pods are made for a
workload and no process is started; the status says what a healthy cluster's would, at once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import orjson

from katalog_runtime.objects import GroupResource, Manifest
from katalogc.localcluster.state import ClusterState
from katalogc.localcluster.storage import Change

NODE = "embedded"
NODE_ADDRESS = "192.0.2.1"
"""An address for documentation (RFC 5737): nothing answers there, and nothing is meant to."""

Status = Callable[[Manifest, str], Manifest | None]


def _replicas(manifest: Manifest) -> int:
    count = (manifest.get("spec") or {}).get("replicas")
    return 1 if count is None else int(count)


def _observed(manifest: Manifest) -> Manifest:
    return {"observedGeneration": manifest["metadata"].get("generation", 1)}


def _counts(count: int, *names: str) -> Manifest:
    """Counters as the API prints them: zero is left out."""
    return dict.fromkeys(names, count) if count else {}


def _condition(
    manifest: Manifest,
    name: str,
    status: str,
    reason: str,
    message: str,
    now: str,
    *,
    update: bool = False,
) -> Manifest:
    """A condition whose `lastTransitionTime` stays while its status does."""
    known = (manifest.get("status") or {}).get("conditions") or ()
    before = next((each for each in known if each["type"] == name), None)
    same = before is not None and before["status"] == status
    since = before["lastTransitionTime"] if before is not None and same else now
    condition: Manifest = {"type": name, "status": status}
    if update:
        condition["lastUpdateTime"] = since
    return {**condition, "lastTransitionTime": since, "reason": reason, "message": message}


def _revision(manifest: Manifest) -> str:
    """A name suffix for the pod template, like the hash of the workload controllers."""
    template = (manifest.get("spec") or {}).get("template")
    text = orjson.dumps(template, option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(text).hexdigest()[:10]


def _deployment(manifest: Manifest, now: str) -> Manifest:
    count = _replicas(manifest)
    name = f"{manifest['metadata']['name']}-{_revision(manifest)}"
    return {
        **_observed(manifest),
        **_counts(count, "replicas", "updatedReplicas", "readyReplicas", "availableReplicas"),
        "conditions": [
            _condition(
                manifest,
                "Available",
                "True",
                "MinimumReplicasAvailable",
                "Deployment has minimum availability.",
                now,
                update=True,
            ),
            _condition(
                manifest,
                "Progressing",
                "True",
                "NewReplicaSetAvailable",
                f'ReplicaSet "{name}" has successfully progressed.',
                now,
                update=True,
            ),
        ],
    }


def _replica_set(manifest: Manifest, _: str) -> Manifest:
    count = _replicas(manifest)
    more = _counts(count, "fullyLabeledReplicas", "readyReplicas", "availableReplicas")
    return {"replicas": count, **more, **_observed(manifest)}


def _stateful_set(manifest: Manifest, _: str) -> Manifest:
    count = _replicas(manifest)
    revision = f"{manifest['metadata']['name']}-{_revision(manifest)}"
    return {
        **_observed(manifest),
        "replicas": count,
        **_counts(count, "readyReplicas", "currentReplicas", "updatedReplicas"),
        "currentRevision": revision,
        "updateRevision": revision,
        "collisionCount": 0,
        "availableReplicas": count,
    }


def _daemon_set(manifest: Manifest, _: str) -> Manifest:
    return {
        "currentNumberScheduled": 1,
        "numberMisscheduled": 0,
        "desiredNumberScheduled": 1,
        "numberReady": 1,
        **_observed(manifest),
        "updatedNumberScheduled": 1,
        "numberAvailable": 1,
    }


def _job(manifest: Manifest, now: str) -> Manifest:
    spec, status = manifest.get("spec") or {}, manifest.get("status") or {}
    if spec.get("suspend"):
        suspended = _condition(manifest, "Suspended", "True", "JobSuspended", "Job suspended", now)
        return {"conditions": [{**suspended, "lastProbeTime": suspended["lastTransitionTime"]}]}
    conditions = []
    for name in ("SuccessCriteriaMet", "Complete"):
        text = "Reached expected number of succeeded pods"
        each = _condition(manifest, name, "True", "CompletionsReached", text, now)
        conditions.append({**each, "lastProbeTime": each["lastTransitionTime"]})
    return {
        "conditions": conditions,
        "startTime": status.get("startTime", now),
        "completionTime": status.get("completionTime", now),
        "succeeded": spec.get("completions") or 1,
        "terminating": 0,
        "uncountedTerminatedPods": {},
        "ready": 0,
    }


def _service(manifest: Manifest, _: str) -> Manifest | None:
    if (manifest.get("spec") or {}).get("type") != "LoadBalancer":
        return None
    return {"loadBalancer": {"ingress": [{"ip": NODE_ADDRESS, "ipMode": "VIP"}]}}


def _ingress(_: Manifest, __: str) -> Manifest:
    return {"loadBalancer": {"ingress": [{"ip": NODE_ADDRESS}]}}


def _claim(manifest: Manifest, _: str) -> Manifest:
    spec = manifest.get("spec") or {}
    requests = (spec.get("resources") or {}).get("requests") or {}
    return {
        "phase": "Bound",
        "accessModes": spec.get("accessModes") or [],
        **({"capacity": requests} if requests else {}),
    }


def _volume(manifest: Manifest, _: str) -> Manifest:
    return {"phase": "Bound" if (manifest.get("spec") or {}).get("claimRef") else "Available"}


def _budget(manifest: Manifest, now: str) -> Manifest:
    text = _condition(manifest, "DisruptionAllowed", "False", "InsufficientPods", "", now)
    return {
        **_observed(manifest),
        "disruptionsAllowed": 0,
        "currentHealthy": 0,
        "desiredHealthy": 0,
        "expectedPods": 0,
        "conditions": [{**text, "observedGeneration": manifest["metadata"].get("generation", 1)}],
    }


def _quota(manifest: Manifest, _: str) -> Manifest:
    hard = (manifest.get("spec") or {}).get("hard") or {}
    used = (manifest.get("status") or {}).get("used") or {}
    return {"hard": hard, "used": {name: used.get(name, "0") for name in hard}} if hard else {}


def _pod(manifest: Manifest, now: str) -> Manifest:
    spec, status = manifest.get("spec") or {}, manifest.get("status") or {}
    started = status.get("startTime", now)
    runs = spec.get("restartPolicy", "Always") == "Always"
    conditions = [
        {
            "type": name,
            "status": "True" if runs or name in ("Initialized", "PodScheduled") else "False",
            "lastProbeTime": None,
            "lastTransitionTime": started,
            **(
                {}
                if runs or name in ("Initialized", "PodScheduled")
                else {"reason": "PodCompleted"}
            ),
        }
        for name in ("Initialized", "Ready", "ContainersReady", "PodScheduled")
    ]
    address = int.from_bytes(hashlib.sha256(manifest["metadata"]["uid"].encode()).digest()[:2])
    return {
        "phase": "Running" if runs else "Succeeded",
        "conditions": conditions,
        "hostIP": NODE_ADDRESS,
        "podIP": f"10.244.{address >> 8}.{address & 255}",
        "podIPs": [{"ip": f"10.244.{address >> 8}.{address & 255}"}],
        "startTime": started,
        "containerStatuses": [
            _container(each, started, runs=runs) for each in spec.get("containers") or ()
        ],
        "qosClass": status.get("qosClass", "BestEffort"),
    }


def _container(container: Manifest, started: str, *, runs: bool) -> Manifest:
    state: dict[str, Any]
    if runs:
        state = {"running": {"startedAt": started}}
    else:
        times = {"startedAt": started, "finishedAt": started}
        state = {"terminated": {"exitCode": 0, "reason": "Completed", **times}}
    digest = hashlib.sha256(str(container.get("image", "")).encode()).hexdigest()
    return {
        "name": container["name"],
        "state": state,
        "lastState": {},
        "ready": runs,
        "restartCount": 0,
        "image": container.get("image", ""),
        "imageID": f"embedded://sha256:{digest}",
        "started": runs,
    }


_STATUS: dict[GroupResource, Status] = {
    GroupResource("apps", "deployments"): _deployment,
    GroupResource("apps", "replicasets"): _replica_set,
    GroupResource("", "replicationcontrollers"): _replica_set,
    GroupResource("apps", "statefulsets"): _stateful_set,
    GroupResource("apps", "daemonsets"): _daemon_set,
    GroupResource("batch", "jobs"): _job,
    GroupResource("", "services"): _service,
    GroupResource("networking.k8s.io", "ingresses"): _ingress,
    GroupResource("", "persistentvolumeclaims"): _claim,
    GroupResource("", "persistentvolumes"): _volume,
    GroupResource("policy", "poddisruptionbudgets"): _budget,
    GroupResource("", "resourcequotas"): _quota,
    GroupResource("", "pods"): _pod,
}


class WorkloadController:
    """Gives workloads the status of a healthy cluster."""

    def __init__(self, state: ClusterState) -> None:
        self._state = state
        self._queue: dict[tuple[GroupResource, str], None] = {}

    def observe(self, resource: GroupResource, change: Change) -> None:
        """Takes note of a change whose desired state is new; a status written by hand stays."""
        if resource not in _STATUS or change.type == "DELETED":
            return
        before = change.previous
        if before is None or before.get("spec") != change.object.get("spec"):
            self._queue[resource, change.key] = None

    def rebuild(self) -> None:
        """Nothing: a loaded snapshot has its status already."""

    def work(self) -> bool:
        """Does one step; False when there is nothing to do."""
        if not self._queue:
            return False
        resource, key = next(iter(self._queue))
        del self._queue[resource, key]
        manifest = self._state.store.collection(resource).objects.get(key)
        if manifest is None or manifest["metadata"].get("deletionTimestamp"):
            return True
        status = _STATUS[resource](manifest, self._state.now())
        changed = {**manifest, "metadata": dict(manifest["metadata"])}
        if status is not None and status != manifest.get("status"):
            changed["status"] = status
        spec = manifest.get("spec") or {}
        if resource.resource == "pods" and not spec.get("nodeName"):
            changed["spec"] = {**spec, "nodeName": NODE}
        if resource.resource == "persistentvolumeclaims" and not spec.get("volumeName"):
            changed["spec"] = {**spec, "volumeName": f"pvc-{manifest['metadata']['uid']}"}
        if changed != manifest:
            self._state.store.put(resource, changed)
        return True
