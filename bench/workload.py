"""What every contestant has to do: N owners exist, each gets a ConfigMap, a ReplicaSet and a
status.

The type is plain on purpose (no schema beyond an open object), so that the API server's work is the
same for all and what differs is the contestant.
"""

from __future__ import annotations

from typing import Any

GROUP, VERSION, PLURAL, KIND = "bench.katalogc.dev", "v1", "datajobs", "DataJob"
API_VERSION = f"{GROUP}/{VERSION}"
NAMESPACE = "bench"
OWNERS = f"/apis/{API_VERSION}/namespaces/{NAMESPACE}/{PLURAL}"
CONFIG_MAPS = f"/api/v1/namespaces/{NAMESPACE}/configmaps"
REPLICA_SETS = f"/apis/apps/v1/namespaces/{NAMESPACE}/replicasets"
IMAGE = "registry.example/worker:1"

CRD: dict[str, Any] = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": f"{PLURAL}.{GROUP}"},
    "spec": {
        "group": GROUP,
        "scope": "Namespaced",
        "names": {"plural": PLURAL, "singular": "datajob", "kind": KIND},
        "versions": [
            {
                "name": VERSION,
                "served": True,
                "storage": True,
                "subresources": {"status": {}},
                "schema": {
                    "openAPIV3Schema": {
                        "type": "object",
                        "x-kubernetes-preserve-unknown-fields": True,
                    }
                },
            }
        ],
    },
}

KATALOG = f"""\
apiVersion: orkestra.orkspace.io/v1
kind: Katalog
metadata:
  name: bench
spec:
  crds:
    data-job:
      allowedNamespaces: [{NAMESPACE}]
      apiTypes: {{group: {GROUP}, version: {VERSION}, kind: {KIND}, plural: {PLURAL}}}
      operatorBox:
        onCreate:
          configMaps:
            - name: "{{{{ .metadata.name }}}}-job"
              data:
                TIMEOUT: "{{{{ .spec.timeout }}}}"
        onReconcile:
          replicaSets:
            - name: "{{{{ .metadata.name }}}}-worker"
              image: "{{{{ .spec.image }}}}"
              replicas: "{{{{ .spec.parallelism }}}}"
        status:
          fields:
            - path: phase
              value: Running
"""
"""The contestant's input where the contestant is katalogc."""


def owner(index: int) -> dict[str, Any]:
    """The custom resource number `index`."""
    return {
        "apiVersion": API_VERSION,
        "kind": KIND,
        "metadata": {"name": f"job-{index:05}", "namespace": NAMESPACE},
        "spec": {"image": IMAGE, "parallelism": "0", "timeout": "2h"},
    }


def reference(observed: dict[str, Any]) -> list[dict[str, Any]]:
    """The controller owner reference of a child."""
    metadata = observed["metadata"]
    return [
        {
            "apiVersion": API_VERSION,
            "kind": KIND,
            "name": metadata["name"],
            "uid": metadata["uid"],
            "controller": True,
        }
    ]


def config_map(observed: dict[str, Any]) -> dict[str, Any]:
    """The ConfigMap of an owner."""
    name = observed["metadata"]["name"]
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "name": f"{name}-job",
            "namespace": NAMESPACE,
            "labels": {"managed": "true"},
            "ownerReferences": reference(observed),
        },
        "data": {"TIMEOUT": observed["spec"]["timeout"]},
    }


def replica_set(observed: dict[str, Any]) -> dict[str, Any]:
    """The ReplicaSet of an owner; zero replicas, as nothing here runs pods."""
    name = observed["metadata"]["name"]
    selector = {"worker": name}
    return {
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "metadata": {
            "name": f"{name}-worker",
            "namespace": NAMESPACE,
            "labels": {"managed": "true"},
            "ownerReferences": reference(observed),
        },
        "spec": {
            "replicas": int(observed["spec"]["parallelism"]),
            "selector": {"matchLabels": selector},
            "template": {
                "metadata": {"labels": selector},
                "spec": {"containers": [{"name": "worker", "image": observed["spec"]["image"]}]},
            },
        },
    }
