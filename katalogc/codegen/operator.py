"""`operator.yaml`: everything that the operator process needs to run in a cluster.

Namespace, ConfigMap with the bundle, Deployment, Service, PodDisruptionBudget, NetworkPolicy. The
pod meets the *restricted* Pod Security Standard, and the namespace enforces it.
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
    BUNDLE_FOLDER,
    PORT,
    metadata,
    recommended,
    selector,
)
from katalogc.codegen.yaml_emitter import Commented
from katalogc.errors import SurroundingsError
from katalogc.ir import OperatorIR

CONFIG_MAP_LIMIT = 1024 * 1024
"""Bytes of keys and values that the API server accepts in one ConfigMap (`MaxSecretSize`)."""

APPLY_LIMIT = 240 * 1024
"""Bytes of an object that `kubectl apply` can note in an annotation, with room for other
annotations: `TotalAnnotationSizeLimitB` is 256 KiB."""

USER = 65532
"""The `nonroot` user of the image; any other number works as well."""

API_SERVER_PORTS: Mapping[int, str] = {
    443: "managed clusters and the kubernetes Service",
    6443: "kubeadm, kind, k3s, OpenShift",
    8443: "minikube",
    16443: "MicroK8s",
}
"""Where API servers listen; a NetworkPolicy sees the port behind the Service."""


def operator(ir: OperatorIR, *, bundle: str, image: str) -> Artifact:
    """The operator's objects.

    Args:
        ir: the operator.
        bundle: the text of `bundle.json`; a change of its digest rolls the pods.
        image: the image reference of the operator process.

    Raises:
        SurroundingsError: the bundle is larger than a ConfigMap may be.
    """
    return yaml_artifact(
        "operator.yaml",
        namespace(ir),
        config_map(ir, bundle),
        deployment(ir, digest=json.loads(bundle)["digest"], image=image),
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


def deployment(ir: OperatorIR, *, digest: str, image: str) -> dict[str, Any]:
    """Two replicas: one holds the Lease, the other keeps its caches warm and takes over."""
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": metadata(ir, ir.name, namespace=ir.namespace),
        "spec": {
            "replicas": 2,
            "selector": {"matchLabels": selector(ir)},
            "strategy": {
                "type": "RollingUpdate",
                "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 1},
            },
            "template": {
                "metadata": {
                    "labels": recommended(ir),
                    "annotations": {
                        "katalogc.dev/bundle-digest": digest,
                        "prometheus.io/scrape": "true",
                        "prometheus.io/port": str(PORT),
                        "prometheus.io/path": "/metrics",
                    },
                },
                "spec": _pod(ir, image),
            },
        },
    }


def _pod(ir: OperatorIR, image: str) -> dict[str, Any]:
    return {
        "serviceAccountName": ir.name,
        "terminationGracePeriodSeconds": 30,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": USER,
            "runAsGroup": USER,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "topologySpreadConstraints": [
            {
                "maxSkew": 1,
                "topologyKey": "kubernetes.io/hostname",
                "whenUnsatisfiable": "ScheduleAnyway",
                "labelSelector": {"matchLabels": selector(ir)},
            }
        ],
        "containers": [_container(image)],
        "volumes": [{"name": "bundle", "configMap": {"name": f"{ir.name}-bundle"}}],
    }


def _container(image: str) -> dict[str, Any]:
    return {
        "name": "operator",
        "image": image,
        "args": ["--bundle", f"{BUNDLE_FOLDER}/{BUNDLE_FILE}", "--leader-elect"],
        "env": [
            _from_field("POD_NAME", "metadata.name"),
            _from_field("POD_NAMESPACE", "metadata.namespace"),
        ],
        "ports": [{"name": "http", "containerPort": PORT, "protocol": "TCP"}],
        # A new replica has as long as the startup probe gives it to fill its caches.
        "startupProbe": {**_probe("/health"), "periodSeconds": 2, "failureThreshold": 30},
        "livenessProbe": {**_probe("/health"), "periodSeconds": 10, "failureThreshold": 3},
        "readinessProbe": {**_probe("/ready"), "periodSeconds": 5, "failureThreshold": 3},
        "resources": {
            "requests": {"cpu": "50m", "memory": "64Mi"},
            # No CPU limit: throttling would delay repairs and lease renewals.
            "limits": {"memory": "256Mi"},
        },
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "readOnlyRootFilesystem": True,
        },
        "volumeMounts": [{"name": "bundle", "mountPath": BUNDLE_FOLDER, "readOnly": True}],
    }


def _from_field(name: str, path: str) -> dict[str, Any]:
    return {"name": name, "valueFrom": {"fieldRef": {"fieldPath": path}}}


def _probe(path: str) -> dict[str, Any]:
    return {"httpGet": {"path": path, "port": "http"}, "timeoutSeconds": 3}


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
