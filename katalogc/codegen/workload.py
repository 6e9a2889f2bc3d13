"""The operator's pods: a Deployment, or a StatefulSet where the work is divided into shards.

Both meet the *restricted* Pod Security Standard.
"""

from __future__ import annotations

from typing import Any

from katalogc.codegen.labels import (
    BUNDLE_FILE,
    BUNDLE_FOLDER,
    PORT,
    metadata,
    recommended,
    selector,
)
from katalogc.ir import OperatorIR

USER = 65532
"""The `nonroot` user of the image; any other number works as well."""

POD_INDEX_LABEL = "apps.kubernetes.io/pod-index"
"""What the StatefulSet controller writes on each pod, since Kubernetes 1.28."""


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
            "template": _template(ir, digest, image, []),
        },
    }


def stateful_set(ir: OperatorIR, *, digest: str, image: str, shards: int) -> dict[str, Any]:
    """A replica for each shard; its number among the replicas is the share that it serves.

    Always the same object, whatever the number of shards: none of an earlier build goes on.
    """
    share = [
        _from_field("SHARD_INDEX", f"metadata.labels['{POD_INDEX_LABEL}']"),
        {"name": "SHARD", "value": f"$(SHARD_INDEX)/{shards}"},
    ]
    return {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": metadata(ir, ir.name, namespace=ir.namespace),
        "spec": {
            "replicas": shards,
            "serviceName": ir.name,
            # Shards do not wait for each other.
            "podManagementPolicy": "Parallel",
            "selector": {"matchLabels": selector(ir)},
            "template": _template(ir, digest, image, share),
        },
    }


def _template(
    ir: OperatorIR, digest: str, image: str, environment: list[dict[str, Any]]
) -> dict[str, Any]:
    return {
        "metadata": {
            "labels": recommended(ir),
            "annotations": {
                "katalogc.dev/bundle-digest": digest,
                "prometheus.io/scrape": "true",
                "prometheus.io/port": str(PORT),
                "prometheus.io/path": "/metrics",
            },
        },
        "spec": _pod(ir, image, environment),
    }


def _pod(ir: OperatorIR, image: str, environment: list[dict[str, Any]]) -> dict[str, Any]:
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
        "containers": [_container(image, environment)],
        "volumes": [{"name": "bundle", "configMap": {"name": f"{ir.name}-bundle"}}],
    }


def _container(image: str, environment: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "name": "operator",
        "image": image,
        "args": ["--bundle", f"{BUNDLE_FOLDER}/{BUNDLE_FILE}", "--leader-elect"],
        "env": [
            _from_field("POD_NAME", "metadata.name"),
            _from_field("POD_NAMESPACE", "metadata.namespace"),
            *environment,
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
