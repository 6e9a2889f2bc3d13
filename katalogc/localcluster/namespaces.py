"""The namespace controllers: every namespace gets its standard content, and a deleted one is
emptied first.

In: changes of the store. Out: ServiceAccount `default` and ConfigMap `kube-root-ca.crt` in each
namespace; deletions of everything in a terminating one, and its end when nothing is left.
"""

from __future__ import annotations

from katalog_runtime.objects import GroupResource, Manifest
from katalogc.localcluster.deletion import NAMESPACES, delete_object
from katalogc.localcluster.resources import ResourceType
from katalogc.localcluster.state import ClusterState
from katalogc.localcluster.storage import Change

SERVICE_ACCOUNTS = GroupResource("", "serviceaccounts")
CONFIG_MAPS = GroupResource("", "configmaps")
ROOT_CA = "kube-root-ca.crt"
_ROOT_CA_TEXT = (
    "Contains a CA bundle that can be used to verify the kube-apiserver when using "
    "internal endpoints "
    "such as the internal service IP or kubernetes.default.svc. No other usage is "
    "guaranteed across "
    "distributions of Kubernetes clusters."
)


class NamespaceController:
    """Watches namespaces and what is in those that are going away."""

    def __init__(self, state: ClusterState, root_ca: str = "") -> None:
        self._state = state
        self.root_ca = root_ca
        """The PEM text that pods would verify this cluster with."""
        self._queue: dict[str, None] = {}
        self._terminating: set[str] = set()

    def observe(self, resource: GroupResource, change: Change) -> None:
        """Takes note of a change."""
        if resource == NAMESPACES:
            name = change.object["metadata"]["name"]
            if change.type == "DELETED":
                self._terminating.discard(name)
            else:
                if change.object["metadata"].get("deletionTimestamp"):
                    self._terminating.add(name)
                self._queue[name] = None
        elif change.type == "DELETED" and self._watches(resource, change):
            self._queue[change.object["metadata"]["namespace"]] = None

    def _watches(self, resource: GroupResource, change: Change) -> bool:
        namespace = change.object["metadata"].get("namespace", "")
        standard = resource in (SERVICE_ACCOUNTS, CONFIG_MAPS)
        return namespace in self._terminating or (standard and bool(namespace))

    def rebuild(self) -> None:
        """Looks at every namespace again."""
        for _, namespace in self._state.store.collection(NAMESPACES).select():
            name = namespace["metadata"]["name"]
            self._queue[name] = None
            if namespace["metadata"].get("deletionTimestamp"):
                self._terminating.add(name)

    def work(self) -> bool:
        """Does one step; False when there is nothing to do."""
        if not self._queue:
            return False
        name = next(iter(self._queue))
        del self._queue[name]
        namespace = self._state.namespace(name)
        if namespace is not None:
            if namespace["metadata"].get("deletionTimestamp"):
                self._empty(name, namespace)
            else:
                self._fill(name)
        return True

    def publish(self, root_ca: str) -> None:
        """Puts the authority's certificate into every namespace."""
        self.root_ca = root_ca
        for key, manifest in list(self._state.store.collection(CONFIG_MAPS).select()):
            if key.endswith(f"/{ROOT_CA}") and manifest.get("data") != {"ca.crt": root_ca}:
                self._state.store.put(
                    CONFIG_MAPS,
                    {
                        **manifest,
                        "metadata": dict(manifest["metadata"]),
                        "data": {"ca.crt": root_ca},
                    },
                )

    def _fill(self, namespace: str) -> None:
        if self._state.store.get(SERVICE_ACCOUNTS, namespace, "default") is None:
            self._put(SERVICE_ACCOUNTS, "ServiceAccount", namespace, "default", {})
        if self._state.store.get(CONFIG_MAPS, namespace, ROOT_CA) is None:
            content = {"data": {"ca.crt": self.root_ca}}
            self._put(CONFIG_MAPS, "ConfigMap", namespace, ROOT_CA, content)

    def _put(
        self, resource: GroupResource, kind: str, namespace: str, name: str, content: Manifest
    ) -> None:
        metadata: Manifest = {
            "name": name,
            "namespace": namespace,
            "uid": self._state.new_uid(),
            "creationTimestamp": self._state.now(),
        }
        if name == ROOT_CA:
            metadata["annotations"] = {"kubernetes.io/description": _ROOT_CA_TEXT}
        manifest = {"kind": kind, "apiVersion": "v1", "metadata": metadata, **content}
        self._state.store.put(resource, manifest)

    def _empty(self, name: str, namespace: Manifest) -> None:
        remaining: list[tuple[ResourceType, Manifest]] = []
        for type_ in self._state.registry.stored():
            if not type_.namespaced or type_.storage not in self._state.store.collections:
                continue
            collection = self._state.store.collection(type_.storage)
            for _, manifest in list(collection.select(name)):
                last, gone = delete_object(
                    self._state, type_, manifest, {"propagationPolicy": "Background"}
                )
                if not gone:
                    remaining.append((type_, last))
        conditions = _conditions(remaining, self._state.now())
        if remaining:
            status = {**(namespace.get("status") or {}), "conditions": conditions}
            before = (namespace.get("status") or {}).get("conditions")
            if _without_times(before) != _without_times(conditions):
                self._state.store.put(NAMESPACES, _with_fresh_metadata(namespace, status=status))
            return
        if namespace["metadata"].get("finalizers"):
            spec = {**(namespace.get("spec") or {}), "finalizers": []}
            if namespace.get("spec", {}).get("finalizers"):
                self._state.store.put(NAMESPACES, _with_fresh_metadata(namespace, spec=spec))
            return
        self._state.store.remove(NAMESPACES, "", name)


def _with_fresh_metadata(manifest: Manifest, **changes: Manifest) -> Manifest:
    return {**manifest, **changes, "metadata": dict(manifest["metadata"])}


def _without_times(conditions: list[Manifest] | None) -> list[Manifest]:
    return [
        {key: value for key, value in each.items() if key != "lastTransitionTime"}
        for each in conditions or ()
    ]


def _conditions(remaining: list[tuple[ResourceType, Manifest]], now: str) -> list[Manifest]:
    """What is left, in the words of the namespace controller."""
    counts: dict[str, int] = {}
    finalizers: dict[str, int] = {}
    for type_, manifest in remaining:
        name = f"{type_.plural}.{type_.group}"
        counts[name] = counts.get(name, 0) + 1
        for each in manifest["metadata"].get("finalizers") or ():
            finalizers[each] = finalizers.get(each, 0) + 1
    left = _counted("{} has {} resource instances", counts)
    held = _counted("{} in {} resource instances", finalizers)
    facts = (
        *_NO_FAILURES,
        (
            "NamespaceContentRemaining",
            "True",
            "SomeResourcesRemain",
            f"Some resources are remaining: {left}",
        ),
        (
            "NamespaceFinalizersRemaining",
            "True",
            "SomeFinalizersRemain",
            f"Some content in the namespace has finalizers remaining: {held}",
        ),
    )
    return [
        {
            "type": name,
            "status": status,
            "lastTransitionTime": now,
            "reason": reason,
            "message": message,
        }
        for name, status, reason, message in facts
    ]


def _counted(text: str, counts: dict[str, int]) -> str:
    return ", ".join(text.format(name, count) for name, count in sorted(counts.items()))


_NO_FAILURES = (
    (
        "NamespaceDeletionDiscoveryFailure",
        "False",
        "ResourcesDiscovered",
        "All resources successfully discovered",
    ),
    (
        "NamespaceDeletionGroupVersionParsingFailure",
        "False",
        "ParsedGroupVersions",
        "All legacy kube types successfully parsed",
    ),
    (
        "NamespaceDeletionContentFailure",
        "False",
        "ContentDeleted",
        "All content successfully deleted, may be waiting on finalization",
    ),
)
"""What cannot fail here, in the words of the namespace controller."""
