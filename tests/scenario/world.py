"""The two clusters that the scenario runs on, behind one face: the real control plane, and ours."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from katalogc.localcluster import LocalCluster
from tests.controlplane.api import Api
from tests.controlplane.plane import ControlPlane, write_kubeconfig


@dataclass(frozen=True)
class Request:
    """One request as the server recorded it."""

    user: str
    verb: str
    group: str
    resource: str
    """`plural`, or `plural/subresource`."""
    namespace: str
    name: str
    code: int

    def __str__(self) -> str:
        place = "/".join(part for part in (self.namespace, self.name) if part)
        return f"{self.code} {self.verb} {self.resource} {place}"


class World(Protocol):
    """A cluster to run the scenario on."""

    admin: Api
    url: str
    ca: str

    def kubeconfig(self, path: Path, *, token: str = "", server: str = "", ca: str = "") -> Path:
        """Write a kubeconfig for a token; the administrator's where none is given."""
        ...

    def requests(self, user: str) -> list[Request]:
        """Finished requests of one user, oldest first."""
        ...


def token_of(world: World, namespace: str, name: str) -> str:
    """A fresh token of a ServiceAccount, from the TokenRequest API."""
    answer = world.admin.post(
        f"/api/v1/namespaces/{namespace}/serviceaccounts/{name}/token",
        {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}},
    )
    assert answer.ok, answer.body
    return str(answer.body["status"]["token"])


class RealWorld:
    """A real kube-apiserver with the controller manager."""

    def __init__(self, plane: ControlPlane) -> None:
        self.plane = plane
        self.admin, self.url, self.ca = plane.admin, plane.url, plane.ca

    def kubeconfig(self, path: Path, *, token: str = "", server: str = "", ca: str = "") -> Path:
        return write_kubeconfig(
            path, server=server or self.url, token=token or self.plane.token, ca=ca or self.ca
        )

    def requests(self, user: str) -> list[Request]:
        found = []
        for event in self.plane.audit():
            if event["user"]["username"] != user or "objectRef" not in event:
                continue
            reference = event["objectRef"]
            subresource = reference.get("subresource")
            found.append(Request(
                user, event["verb"], reference.get("apiGroup", ""),
                reference["resource"] + (f"/{subresource}" if subresource else ""),
                reference.get("namespace", ""), reference.get("name", ""),
                event["responseStatus"].get("code", 0),
            ))  # fmt: skip
        return found


class LocalWorld:
    """The embedded cluster, over HTTP with TLS and RBAC, in a thread of this process."""

    def __init__(self, cluster: LocalCluster, folder: Path) -> None:
        self.cluster = cluster
        self._admin_token, self.url, self.ca = _admin_of(cluster, folder)
        self.admin = Api(self.url, token=self._admin_token, ca=self.ca)

    def kubeconfig(self, path: Path, *, token: str = "", server: str = "", ca: str = "") -> Path:
        return write_kubeconfig(
            path, server=server or self.url, token=token or self._admin_token, ca=ca or self.ca
        )

    def requests(self, user: str) -> list[Request]:
        return [
            Request(each.user, each.verb, each.group, each.resource, each.namespace, each.name,
            each.code) for each in self.cluster.requests
            if each.user == user
        ]  # fmt: skip


def _admin_of(cluster: LocalCluster, folder: Path) -> tuple[str, str, str]:
    import base64

    kubeconfig = json.loads(json.dumps(cluster.kubeconfig()))
    data = kubeconfig["clusters"][0]["cluster"]
    ca = folder / "local-ca.crt"
    ca.write_bytes(base64.b64decode(data["certificate-authority-data"]))
    return kubeconfig["users"][0]["user"]["token"], data["server"], str(ca)
