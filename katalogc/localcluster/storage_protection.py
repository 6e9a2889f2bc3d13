"""Claims and volumes in use are not deleted: the controllers behind two finalizers.

In: changes of the store. Out: released finalizers. A claim is in use while a pod that has not ended
mounts it, a volume while it is bound; the finalizers themselves come with the objects
(`strategies`), as from the admission plugin StorageObjectInUseProtection.
"""

from __future__ import annotations

from collections.abc import Iterator

from katalog_runtime.objects import GroupResource, Manifest
from katalogc.localcluster.deletion import PODS, release_finalizer
from katalogc.localcluster.state import ClusterState
from katalogc.localcluster.storage import Change
from katalogc.localcluster.strategies import CLAIM_PROTECTION, VOLUME_PROTECTION

CLAIMS = GroupResource("", "persistentvolumeclaims")
VOLUMES = GroupResource("", "persistentvolumes")
_FINALIZERS = {CLAIMS: CLAIM_PROTECTION, VOLUMES: VOLUME_PROTECTION}


class StorageProtection:
    """Lets go of claims and volumes that are being deleted, once nobody uses them."""

    def __init__(self, state: ClusterState) -> None:
        self._state = state
        self._queue: dict[tuple[GroupResource, str], None] = {}

    def observe(self, resource: GroupResource, change: Change) -> None:
        """Takes note of a change."""
        if resource in _FINALIZERS:
            if change.type != "DELETED" and change.object["metadata"].get("deletionTimestamp"):
                self._queue[resource, change.key] = None
        elif resource == PODS and (change.type == "DELETED" or _ended(change.object)):
            namespace = change.object["metadata"]["namespace"]
            for name in _claims_of(change.object):
                self._queue[CLAIMS, f"{namespace}/{name}"] = None

    def rebuild(self) -> None:
        """Looks at every claim and volume again."""
        for resource in _FINALIZERS:
            for key, _ in self._state.store.collection(resource).select():
                self._queue[resource, key] = None

    def work(self) -> bool:
        """Does one step; False when there is nothing to do."""
        if not self._queue:
            return False
        resource, key = next(iter(self._queue))
        del self._queue[resource, key]
        manifest = self._state.store.collection(resource).objects.get(key)
        if manifest is None or not manifest["metadata"].get("deletionTimestamp"):
            return True
        finalizer = _FINALIZERS[resource]
        if finalizer in (manifest["metadata"].get("finalizers") or ()):
            in_use = self._mounted(manifest) if resource == CLAIMS else _bound(manifest)
            if not in_use:
                release_finalizer(self._state, resource, manifest, finalizer)
        return True

    def _mounted(self, claim: Manifest) -> bool:
        name, namespace = claim["metadata"]["name"], claim["metadata"]["namespace"]
        pods = self._state.store.collection(PODS).select(namespace)
        return any(name in _claims_of(pod) and not _ended(pod) for _, pod in pods)


def _ended(pod: Manifest) -> bool:
    return (pod.get("status") or {}).get("phase") in ("Succeeded", "Failed")


def _bound(volume: Manifest) -> bool:
    return (volume.get("status") or {}).get("phase") == "Bound"


def _claims_of(pod: Manifest) -> Iterator[str]:
    for volume in (pod.get("spec") or {}).get("volumes") or ():
        claim = volume.get("persistentVolumeClaim")
        if claim:
            yield claim.get("claimName", "")
