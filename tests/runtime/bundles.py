"""Hand-made bundles for runtime tests: what the compiler would write, small and in sight."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from katalog_runtime.bundle import (
    ApiType,
    Backoff,
    ChildTemplate,
    Controller,
    Expression,
    Hole,
    Operator,
    StatusField,
    Template,
)
from katalog_runtime.expressions import dump_tree
from katalog_runtime.functions import TABLE
from katalog_runtime.render import Program, compile_program
from katalogc.expressions import facts, parse

DATA_JOB = ApiType(group="data.example.com", version="v1", kind="DataJob", plural="datajobs")
CONFIG_MAP = ApiType(group="", version="v1", kind="ConfigMap", plural="configmaps")
SECRET = ApiType(group="", version="v1", kind="Secret", plural="secrets")
REPLICA_SET = ApiType(group="apps", version="v1", kind="ReplicaSet", plural="replicasets")
CLUSTER_ROLE = ApiType(
    group="rbac.authorization.k8s.io",
    version="v1",
    kind="ClusterRole",
    plural="clusterroles",
    namespaced=False,
)
OPERATOR = Operator(name="data-platform", version="0.1.0")
ORIGIN = "katalog.yaml:7:9"


def expression(text: str, origin: str = ORIGIN) -> Expression:
    template = parse(text)
    known = facts(template, TABLE)
    return Expression(
        tree=dump_tree(template),
        text=text,
        origin=origin,
        clock=known.clock,
        random=known.random,
    )


def hole(path: str, text: str, as_: Any = "string", **more: Any) -> Hole:
    parts = tuple(int(part) if part.isdigit() else part for part in path.split("/"))
    return Hole(path=parts, expression=expression(text), as_=as_, **more)


def config_map(
    suffix: str = "config", text: str = "{{ .spec.timeout }}", sync: Any = "create", **more: Any
) -> ChildTemplate:
    phase: Any = "onCreate" if sync == "create" else "onReconcile"
    return ChildTemplate(
        id=f"{phase}.configMaps.{suffix}",
        phase=phase,
        api=CONFIG_MAP,
        sync=sync,
        manifest=Template(
            skeleton={
                "apiVersion": "v1",
                "kind": "ConfigMap",
                "metadata": {},
                "data": {"MODE": "batch"},
            },
            holes=(
                hole("metadata/name", "{{ .metadata.name }}-" + suffix),
                hole("data/TIMEOUT", text),
            ),
        ),
        origin=ORIGIN,
        **more,
    )


def named_config_map(name: str) -> ChildTemplate:
    """A ConfigMap that is kept in sync, and whose name can change."""
    return ChildTemplate(
        id="onReconcile.configMaps.named",
        phase="onReconcile",
        api=CONFIG_MAP,
        sync="apply",
        manifest=Template(
            skeleton={"apiVersion": "v1", "kind": "ConfigMap", "metadata": {}, "data": {}},
            holes=(hole("metadata/name", name), hole("data/SHARD", "{{ .spec.shard }}")),
        ),
        origin=ORIGIN,
    )


def replica_set() -> ChildTemplate:
    return ChildTemplate(
        id="motif.worker-pool.replicaSets[0]",
        phase="onReconcile",
        api=REPLICA_SET,
        sync="apply",
        manifest=Template(
            skeleton={
                "apiVersion": "apps/v1",
                "kind": "ReplicaSet",
                "metadata": {},
                "spec": {
                    "selector": {"matchLabels": {"app": "worker"}},
                    "template": {
                        "metadata": {"labels": {"app": "worker"}},
                        "spec": {"containers": [{"name": "worker"}]},
                    },
                },
            },
            holes=(
                hole("metadata/name", "{{ .metadata.name }}-worker"),
                hole("spec/replicas", "{{ .spec.parallelism }}", "integer"),
                hole("spec/template/spec/containers/0/image", "{{ .spec.image }}"),
            ),
        ),
        origin=ORIGIN,
    )


def generated_secret(rotate: str = "30d") -> ChildTemplate:
    return ChildTemplate(
        id="onCreate.secrets[0]",
        phase="onCreate",
        api=SECRET,
        sync="create",
        manifest=Template(
            skeleton={"apiVersion": "v1", "kind": "Secret", "metadata": {}, "type": "Opaque"},
            holes=(
                hole("metadata/name", "{{ .metadata.name }}-key"),
                hole("data/key", "{{ randomAlphanumeric 32 }}", "bytes"),
            ),
        ),
        origin=ORIGIN,
        once=True,
        rotate_after=expression(rotate) if rotate else None,
    )


def cluster_role() -> ChildTemplate:
    return ChildTemplate(
        id="onReconcile.clusterRoles[0]",
        phase="onReconcile",
        api=CLUSTER_ROLE,
        sync="apply",
        manifest=Template(
            skeleton={
                "apiVersion": "rbac.authorization.k8s.io/v1",
                "kind": "ClusterRole",
                "metadata": {},
                "rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}],
            },
            holes=(hole("metadata/name", "{{ .metadata.namespace }}-{{ .metadata.name }}"),),
        ),
        origin=ORIGIN,
    )


def status_field(path: str, text: str, as_: Any = "string") -> StatusField:
    value = Template(skeleton=None, holes=(Hole(path=(), expression=expression(text), as_=as_),))
    return StatusField(path=tuple(path.split(".")), value=value, origin=ORIGIN)


def data_job(*children: ChildTemplate, **more: Any) -> Controller:
    return Controller(
        name="data-job",
        api=DATA_JOB,
        finalizers=("orkestra.orkspace.io/cleanup",),
        children=children or (config_map(), replica_set()),
        status_fields=more.pop("status_fields", (status_field("phase", "Running"),)),
        backoff=more.pop("backoff", Backoff(initial_seconds=0.5, max_seconds=60.0)),
        **more,
    )


def program(*children: ChildTemplate, **more: Any) -> Program:
    return compile_program(data_job(*children, **more), OPERATOR, TABLE)


def job(name: str = "a", namespace: str = "team", **spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "data.example.com/v1",
        "kind": "DataJob",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"image": "python:3.12", "parallelism": "2", "timeout": "2h", **spec},
    }


CRD: dict[str, Any] = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "datajobs.data.example.com"},
    "spec": {
        "group": "data.example.com",
        "scope": "Namespaced",
        "names": {
            "plural": "datajobs",
            "singular": "datajob",
            "kind": "DataJob",
            "listKind": "DataJobList",
        },
        "versions": [
            {
                "name": "v1",
                "served": True,
                "storage": True,
                "subresources": {"status": {}},
                "schema": {
                    "openAPIV3Schema": {
                        "type": "object",
                        "properties": {
                            "spec": {
                                "type": "object",
                                "x-kubernetes-preserve-unknown-fields": True,
                            },
                            "status": {
                                "type": "object",
                                "x-kubernetes-preserve-unknown-fields": True,
                            },
                        },
                    }
                },
            }
        ],
    },
}


def without_status() -> dict[str, Any]:
    """The same type, without a status subresource."""
    crd = deepcopy(CRD)
    del crd["spec"]["versions"][0]["subresources"]
    return crd
