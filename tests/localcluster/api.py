"""Types and manifests that the tests of the embedded cluster share."""

from __future__ import annotations

from typing import Any

from katalog_runtime.bundle import ApiType
from katalog_runtime.objects import NamespacedName

MAPS = ApiType(group="", version="v1", kind="ConfigMap", plural="configmaps")
PODS = ApiType(group="", version="v1", kind="Pod", plural="pods")
WIDGETS = ApiType(group="example.com", version="v1", kind="Widget", plural="widgets")
NAMESPACES = ApiType(
    group="", version="v1", kind="Namespace", plural="namespaces", namespaced=False
)
DEFINITIONS = ApiType(
    group="apiextensions.k8s.io",
    version="v1",
    kind="CustomResourceDefinition",
    plural="customresourcedefinitions",
    namespaced=False,
)
MERGE: Any = "application/merge-patch+json"


def key(name: str, namespace: str = "default") -> NamespacedName:
    return NamespacedName(namespace, name)


def config_map(name: str, namespace: str = "default", **metadata: Any) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "namespace": namespace, **metadata},
        "data": {"key": "value"},
    }


def owner_reference(manifest: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "apiVersion": manifest["apiVersion"],
        "kind": manifest["kind"],
        "name": manifest["metadata"]["name"],
        "uid": manifest["metadata"]["uid"],
        **more,
    }


def widget(name: str = "w", **spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "example.com/v1",
        "kind": "Widget",
        "metadata": {"name": name, "namespace": "default"},
        "spec": {"size": 1, **spec},
    }


def definition(**version: Any) -> dict[str, Any]:
    schema = {
        "type": "object",
        "properties": {
            "spec": {
                "type": "object",
                "required": ["size"],
                "properties": {
                    "size": {"type": "integer", "minimum": 1},
                    "replicas": {"type": "integer"},
                    "color": {"type": "string", "default": "red"},
                },
            },
            "status": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
        },
    }
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "widgets.example.com"},
        "spec": {
            "group": "example.com",
            "scope": "Namespaced",
            "names": {"plural": "widgets", "singular": "widget", "kind": "Widget"},
            "versions": [
                {
                    "name": "v1",
                    "served": True,
                    "storage": True,
                    "subresources": {"status": {}},
                    "schema": {"openAPIV3Schema": schema},
                    **version,
                }
            ],
        },
    }
