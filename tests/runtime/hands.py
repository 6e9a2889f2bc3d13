"""People at a terminal who do everything that people do to an operator's objects, by a seed."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from katalog_runtime.errors import ApiError
from katalog_runtime.objects import (
    GROUP_KINDS_ANNOTATION,
    MANAGED_LABEL,
    OWNER_LABEL,
    SET_ID_LABEL,
    Manifest,
)
from katalogc.localcluster import LocalCluster
from tests.runtime.bundles import job

HOLD = "example.com/hold"
PLACES = (("team", "a"), ("team", "b"), ("team", "c"), ("other", "a"))
"""Namespaces and names of owners; `team-a` and `other-a` tell their cluster-scoped children apart."""
CHILD_KINDS = ("ConfigMap", "ReplicaSet", "Secret", "ClusterRole")


def namespace(name: str) -> Manifest:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}


class Hands:
    """Random acts on one cluster, with a record of what they leave behind."""

    def __init__(self, local: LocalCluster, chance: random.Random) -> None:
        self._local = local
        self._chance = chance
        self.trace: list[str] = []
        self.foreign: dict[tuple[str, str], Manifest] = {}
        """ConfigMaps of nobody's, by namespace and name, that stand where a child belongs."""

    def act(self, now: float) -> None:
        """One random act; one that the API refuses is none."""
        acts: tuple[tuple[int, Callable[[], str]], ...] = (
            (6, self._edit_owner),
            (3, self._delete_owner),
            (1, self._tear_owner),
            (2, self._strip_owner),
            (4, self._edit_child),
            (4, self._delete_child),
            (3, self._unlabel_child),
            (2, self._disown_child),
            (2, self._hold_child),
            (2, self._release_children),
            (2, self._stand_in_the_way),
            (2, self._clear_the_way),
            (2, self._disturb_watches),
            (1, self._edit_lease),
            (1, self._delete_namespace),
        )
        act = self._chance.choices([each for _, each in acts], [weight for weight, _ in acts])[0]
        try:
            said = act()
        except ApiError as error:
            said = f"{act.__name__}: {error}"
        self.trace.append(f"{now:7.1f} {said}")

    def leave(self) -> None:
        """Let go of everything that only a person can let go of; namespaces are there again."""
        self._release_children()
        for name in ("team", "other"):
            if not self._local.exists("Namespace", name):
                self._local.apply_manifests([namespace(name)])

    def heal(self) -> None:
        """Valid owners everywhere, and nobody in the way."""
        self.leave()
        for place in list(self.foreign):
            self._remove_foreign(place)
        for where, name in PLACES:
            self._local.apply_manifests([job(name, where, shard="red", parallelism="3")])

    # Owners -----------------------------------------------------------------------------------

    def _edit_owner(self) -> str:
        where, name = self._chance.choice(PLACES)
        if not self._local.exists("Namespace", where):
            self._local.apply_manifests([namespace(where)])
        spec = {
            "parallelism": self._chance.choice(("1", "2", "3", "4", "4", "-1", "many")),
            "shard": self._chance.choice(("red", "blue")),
            "timeout": self._chance.choice(("1h", "2h")),
        }
        self._local.apply_manifests([job(name, where, **spec)])
        return f"applied {where}/{name} {spec}"

    def _delete_owner(self) -> str:
        where, name = self._chance.choice(PLACES)
        self._local.delete("DataJob", name, namespace=where)
        return f"deleted {where}/{name}"

    def _tear_owner(self) -> str:
        where, name = self._chance.choice(PLACES)
        self._local.patch("DataJob", name, {"metadata": {"finalizers": None}}, namespace=where)
        self._local.delete("DataJob", name, namespace=where)
        return f"tore {where}/{name} away"

    def _strip_owner(self) -> str:
        where, name = self._chance.choice(PLACES)
        body: dict[str, Any] = self._chance.choice(
            (
                {"labels": {MANAGED_LABEL: None, SET_ID_LABEL: None}},
                {"annotations": {GROUP_KINDS_ANNOTATION: None}},
                {"finalizers": None},
                {"annotations": {"note": str(self._chance.random())}},
            )
        )
        self._local.patch("DataJob", name, {"metadata": body}, namespace=where)
        return f"patched {where}/{name} {body}"

    # Children ---------------------------------------------------------------------------------

    def _child(self) -> tuple[str, str, str]:
        kind = self._chance.choice(CHILD_KINDS)
        found = [
            each["metadata"]
            for each in self._local.list(kind)
            if OWNER_LABEL in (each["metadata"].get("labels") or {})
        ]
        if not found:
            raise ApiError(404, "NotFound", f"no {kind}")
        picked = self._chance.choice(found)
        return kind, picked["name"], picked.get("namespace", "")

    def _patch_child(self, body: Manifest, what: str) -> str:
        kind, name, where = self._child()
        self._local.patch(kind, name, body, namespace=where)
        return f"{what} {kind} {where}/{name}"

    def _edit_child(self) -> str:
        kind, name, where = self._child()
        body: Manifest = {
            "ConfigMap": {"data": {"TIMEOUT": "never", "extra": "by hand"}},
            "ReplicaSet": {"spec": {"replicas": 9}},
            "Secret": {"stringData": {"extra": "by hand"}},
            "ClusterRole": {"rules": []},
        }[kind]
        self._local.patch(kind, name, body, namespace=where)
        return f"edited {kind} {where}/{name}"

    def _delete_child(self) -> str:
        kind, name, where = self._child()
        self._local.delete(kind, name, namespace=where)
        return f"deleted {kind} {where}/{name}"

    def _unlabel_child(self) -> str:
        return self._patch_child({"metadata": {"labels": {MANAGED_LABEL: None}}}, "unlabelled")

    def _disown_child(self) -> str:
        return self._patch_child({"metadata": {"ownerReferences": None}}, "disowned")

    def _hold_child(self) -> str:
        return self._patch_child({"metadata": {"finalizers": [HOLD]}}, "held")

    def _release_children(self) -> str:
        released = []
        for kind in CHILD_KINDS:
            for each in self._local.list(kind):
                metadata = each["metadata"]
                if HOLD in (metadata.get("finalizers") or ()):
                    body = {"metadata": {"finalizers": None}}
                    where = metadata.get("namespace", "")
                    self._local.patch(kind, metadata["name"], body, namespace=where)
                    released.append(f"{kind} {where}/{metadata['name']}")
        return f"released {released}"

    # Others -----------------------------------------------------------------------------------

    def _stand_in_the_way(self) -> str:
        where, name = self._chance.choice(PLACES)
        full = f"{name}-kept"
        if self._local.exists("ConfigMap", full, namespace=where):
            self._local.delete("ConfigMap", full, namespace=where)
        if self._local.exists("ConfigMap", full, namespace=where):
            return f"cannot stand where {where}/{full} is held"
        manifest = {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": full, "namespace": where},
            "data": {"hand": "made"},
        }
        self.foreign[where, full] = self._local.apply_manifests([manifest])[0]
        return f"put a foreign ConfigMap {where}/{full}"

    def _clear_the_way(self) -> str:
        if not self.foreign:
            return "nobody is in the way"
        return self._remove_foreign(self._chance.choice(sorted(self.foreign)))

    def _remove_foreign(self, place: tuple[str, str]) -> str:
        where, name = place
        del self.foreign[place]
        if self._local.exists("ConfigMap", name, namespace=where):
            self._local.delete("ConfigMap", name, namespace=where)
        return f"removed the foreign ConfigMap {where}/{name}"

    def _disturb_watches(self) -> str:
        if self._chance.random() < 0.5:
            self._local.compact()
        self._local.drop_watches()
        return "dropped watches"

    def _edit_lease(self) -> str:
        lease = "data-platform-leader"
        if self._chance.random() < 0.5:
            self._local.delete("Lease", lease, namespace="operators")
            return "deleted the Lease"
        body = {"spec": {"holderIdentity": "somebody-else"}}
        self._local.patch("Lease", lease, body, namespace="operators")
        return "gave the Lease away"

    def _delete_namespace(self) -> str:
        self._local.delete("Namespace", "other", namespace="")
        for place in [each for each in self.foreign if each[0] == "other"]:
            del self.foreign[place]
        return "deleted namespace other"
