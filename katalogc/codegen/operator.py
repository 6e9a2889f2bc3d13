"""`operator.yaml`: everything that the operator process needs to run in a cluster.

Namespace, ConfigMap with the bundle, Deployment or StatefulSet, Service, PodDisruptionBudget,
NetworkPolicy. The pod meets the *restricted* Pod Security Standard, and the namespace enforces it.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from katalog_runtime.bundle import canonical_json, compress
from katalogc.codegen.artifact import Artifact, yaml_artifact
from katalogc.codegen.labels import (
    BUNDLE_FILE,
    PORT,
    metadata,
    recommended,
    selector,
)
from katalogc.codegen.workload import deployment, stateful_set
from katalogc.codegen.yaml_emitter import Commented
from katalogc.errors import SurroundingsError
from katalogc.ir import OperatorIR

CONFIG_MAP_LIMIT = 1024 * 1024
"""Bytes of keys and values that the API server accepts in one ConfigMap (`MaxSecretSize`)."""

APPLY_LIMIT = 240 * 1024
"""Bytes of an object that `kubectl apply` can note in an annotation, with room for other
annotations: `TotalAnnotationSizeLimitB` is 256 KiB."""

API_SERVER_PORTS: Mapping[int, str] = {
    443: "managed clusters and the kubernetes Service",
    6443: "kubeadm, kind, k3s, OpenShift",
    8443: "minikube",
    16443: "MicroK8s",
}
"""Where API servers listen; a NetworkPolicy sees the port behind the Service."""


def operator(ir: OperatorIR, *, bundle: str, image: str, shards: int = 1) -> Artifact:
    """The operator's objects.

    Args:
        ir: the operator.
        bundle: the text of `bundle.json`; a change of its digest rolls the pods.
        image: the image reference of the operator process.
        shards: into how many shares its custom resources are divided.

    Raises:
        SurroundingsError: the bundle is larger than a ConfigMap may be.
    """
    digest = json.loads(bundle)["digest"]
    workload = (
        deployment(ir, digest=digest, image=image)
        if shards == 1
        else stateful_set(ir, digest=digest, image=image, shards=shards)
    )
    return yaml_artifact(
        "operator.yaml",
        namespace(ir),
        config_map(ir, bundle),
        workload,
        service(ir),
        pod_disruption_budget(ir),
        network_policy(ir),
    )


def namespace(ir: OperatorIR) -> dict[str, Any]:
    """The operator's own namespace, which admits nothing above the restricted standard."""
    level = "pod-security.kubernetes.io"
    labels = {f"{level}/{mode}": "restricted" for mode in ("enforce", "audit", "warn")}
    return {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": ir.namespace, "labels": {**recommended(ir), **labels}},
    }


def config_map(ir: OperatorIR, bundle: str) -> dict[str, Any]:
    """The bundle as the pod mounts it: as it is, or compressed where `kubectl apply` needs that.

    Raises:
        SurroundingsError: even compressed it is larger than a ConfigMap may be.
    """
    manifest: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": metadata(ir, f"{ir.name}-bundle", namespace=ir.namespace),
    }
    plain = {**manifest, "data": {BUNDLE_FILE: bundle}}
    if _noted_bytes(plain) <= APPLY_LIMIT:
        return plain
    compressed = compress(bundle)
    if len(compressed) + len(BUNDLE_FILE) > CONFIG_MAP_LIMIT:
        raise SurroundingsError(
            f"the bundle has {len(compressed):,} bytes, compressed, and a ConfigMap holds at most"
            f" {CONFIG_MAP_LIMIT:,}; split the Katalog into several operators"
        )
    return {**manifest, "binaryData": {BUNDLE_FILE: base64.b64encode(compressed).decode()}}


def _noted_bytes(manifest: dict[str, Any]) -> int:
    """The size of the note that `kubectl apply` keeps of an object.

    Go's JSON writes `<`, `>` and `&` with six characters each; a bundle with pages is full of them.
    """
    text = canonical_json(manifest)
    return len(text.encode()) + 5 * sum(text.count(each) for each in "<>&")


def service(ir: OperatorIR) -> dict[str, Any]:
    """Metrics, the HTTP routes and the control panel under one name."""
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": metadata(ir, ir.name, namespace=ir.namespace),
        "spec": {
            "selector": selector(ir),
            "ports": [{"name": "http", "port": PORT, "targetPort": "http", "protocol": "TCP"}],
        },
    }


def pod_disruption_budget(ir: OperatorIR) -> dict[str, Any]:
    """A drained node takes one replica at a time; a broken one never blocks the drain."""
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": metadata(ir, ir.name, namespace=ir.namespace),
        "spec": {
            "maxUnavailable": 1,
            "unhealthyPodEvictionPolicy": "AlwaysAllow",
            "selector": {"matchLabels": selector(ir)},
        },
    }


def network_policy(ir: OperatorIR) -> dict[str, Any]:
    """In: HTTP from the cluster's pods. Out: API servers and the cluster's DNS, nothing else."""
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": metadata(ir, ir.name, namespace=ir.namespace),
        "spec": {
            "podSelector": {"matchLabels": selector(ir)},
            "policyTypes": ["Ingress", "Egress"],
            "ingress": [
                {
                    "from": [{"namespaceSelector": {}}],
                    "ports": [{"port": "http", "protocol": "TCP"}],
                }
            ],
            "egress": [
                {
                    "ports": [
                        Commented(why, {"port": port, "protocol": "TCP"})
                        for port, why in API_SERVER_PORTS.items()
                    ]
                },
                {
                    "to": [{"namespaceSelector": {}}],
                    "ports": [
                        {"port": 53, "protocol": "UDP"},
                        {"port": 53, "protocol": "TCP"},
                    ],
                },
            ],
        },
    }
