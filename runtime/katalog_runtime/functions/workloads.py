"""Functions on workloads: replicas and containers of Deployments, StatefulSets and ReplicaSets.
Pure.

What a missing object or field gives is "", 0 or false; the number of desired replicas is then
Kubernetes' default, 1.
"""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from katalog_runtime.functions.access import (
    Manifest,
    as_int,
    int_at,
    joined,
    list_at,
    map_at,
    maps_at,
    text_at,
)
from katalog_runtime.functions.declaration import Function
from katalog_runtime.functions.signature import declare

_replicas = partial(declare, group="replicas", on_nil='"0"', on_wrong_type='"0"')
_containers = partial(declare, group="containers", on_nil='""', on_wrong_type='""')
_stateful = partial(declare, group="statefulsets", on_nil='""', on_wrong_type='""')
_history = partial(declare, group="replicasets", on_nil='""', on_wrong_type='""')


def desired(obj: Manifest) -> int:
    """The replicas that the spec asks for; 1 where it says nothing."""
    value = map_at(obj, "spec").get("replicas")
    return 1 if value is None else as_int(value)


def _ready(obj: Manifest) -> int:
    return int_at(obj, "status", "readyReplicas")


def _updated(obj: Manifest) -> int:
    return int_at(obj, "status", "updatedReplicas")


def _container(obj: Manifest, index: int) -> Manifest:
    containers = list_at(obj, "spec", "template", "spec", "containers")
    found = containers[index] if 0 <= index < len(containers) else None
    return found if isinstance(found, dict) else {}


def _environment(obj: Manifest, index: int, name: str) -> str:
    return next(
        (
            text_at(each, "value")
            for each in maps_at(_container(obj, index), "env")
            if each.get("name") == name
        ),
        "",
    )


def _ports(obj: Manifest, index: int) -> list[int]:
    return [int_at(each, "containerPort") for each in maps_at(_container(obj, index), "ports")]


def _port_by_name(obj: Manifest, index: int, name: str) -> int:
    ports = maps_at(_container(obj, index), "ports")
    return next((int_at(each, "containerPort") for each in ports if each.get("name") == name), 0)


def _set_names(sets: Any) -> str:
    return joined(text_at(each, "metadata", "name") for each in sets)


def _old_sets(obj: Manifest) -> str:
    current = text_at(obj, "status", "currentReplicaSet")
    if not current:
        return ""
    sets = maps_at(obj, "_replicaSets")
    return _set_names(each for each in sets if text_at(each, "metadata", "name") != current)


_DATA: Final = {
    "children": {
        "deployment": {
            "spec": {
                "replicas": 3,
                "template": {
                    "spec": {
                        "containers": [
                            {
                                "name": "app",
                                "image": "nginx:1.27",
                                "env": [{"name": "MODE", "value": "prod"}],
                                "ports": [
                                    {"name": "http", "containerPort": 8080},
                                    {"name": "admin", "containerPort": 9090},
                                ],
                            }
                        ]
                    }
                },
            },
            "status": {
                "readyReplicas": 2,
                "availableReplicas": 2,
                "updatedReplicas": 3,
                "currentReplicaSet": "web-b",
            },
            "_replicaSets": [{"metadata": {"name": "web-a"}}, {"metadata": {"name": "web-b"}}],
        },
        "replicaset": {"_owner": {"kind": "Deployment", "name": "web"}},
        "statefulset": {
            "status": {"currentRevision": "db-1", "updateRevision": "db-2"},
            "_pvcs": [{}, {}],
        },
    }
}
_D: Final = ".children.deployment"
_S: Final = ".children.statefulset"

FUNCTIONS: Final[tuple[Function, ...]] = (
    _replicas(
        "allReplicasReady obj:object -> bool",
        "Whether as many replicas are ready as desired; none of none counts.",
        lambda obj: _ready(obj) == desired(obj),
        (f"{{{{ allReplicasReady {_D} }}}}", "false", _DATA),
        on_nil='"false"',
        on_wrong_type='"false"',
    ),
    _replicas(
        "desiredReplicas obj:object -> int",
        "The desired replicas; 1 where the spec says nothing.",
        desired,
        (f"{{{{ desiredReplicas {_D} }}}}", "3", _DATA),
        on_nil='"1"',
        on_wrong_type='"1"',
    ),
    _replicas(
        "readyReplicas obj:object -> int",
        "The ready replicas.",
        _ready,
        (f"{{{{ readyReplicas {_D} }}}}", "2", _DATA),
    ),
    _replicas(
        "availableReplicas obj:object -> int",
        "The available replicas.",
        lambda obj: int_at(obj, "status", "availableReplicas"),
        (f"{{{{ availableReplicas {_D} }}}}", "2", _DATA),
    ),
    _replicas(
        "updatedReplicas obj:object -> int",
        "The replicas of the current spec.",
        _updated,
        (f"{{{{ updatedReplicas {_D} }}}}", "3", _DATA),
    ),
    _replicas(
        "rolloutComplete obj:object -> bool",
        "Whether all desired replicas are of the current spec.",
        lambda obj: _updated(obj) == desired(obj),
        (f"{{{{ rolloutComplete {_D} }}}}", "true", _DATA),
        on_nil='"false"',
        on_wrong_type='"false"',
    ),
    _replicas(
        "replicasReady obj:object -> bool",
        "The older name of `rolloutComplete`.",
        lambda obj: _updated(obj) == desired(obj),
        (f"{{{{ replicasReady {_D} }}}}", "true", _DATA),
        on_nil='"false"',
        on_wrong_type='"false"',
    ),
    _containers(
        "containerImage obj:object index:int? -> string",
        "The image of the container at the index.",
        lambda obj, index: text_at(_container(obj, index), "image"),
        (f"{{{{ containerImage {_D} 0 }}}}", "nginx:1.27", _DATA),
    ),
    _containers(
        "containerEnv obj:object index:int? name:string? -> string",
        "The value of an environment variable of the container at the index.",
        _environment,
        (f'{{{{ containerEnv {_D} 0 "MODE" }}}}', "prod", _DATA),
    ),
    _containers(
        "containerPort obj:object index:int? port:int? -> bool",
        "Whether the container at the index has the port.",
        lambda obj, index, port: port in _ports(obj, index),
        (f"{{{{ containerPort {_D} 0 8080 }}}}", "true", _DATA),
        on_nil='"false"',
        on_wrong_type='"false"',
    ),
    _containers(
        "containerPortByName obj:object index:int? name:string? -> int",
        "The number of a named port; 0 where there is none.",
        _port_by_name,
        (f'{{{{ containerPortByName {_D} 0 "admin" }}}}', "9090", _DATA),
        on_nil='"0"',
        on_wrong_type='"0"',
    ),
    _containers(
        "containerPorts obj:object index:int? -> string",
        "The numbers of the ports, with commas.",
        lambda obj, index: ",".join(map(str, _ports(obj, index))),
        (f"{{{{ containerPorts {_D} 0 }}}}", "8080,9090", _DATA),
    ),
    _containers(
        "containerCount obj:object -> int",
        "The number of containers.",
        lambda obj: len(list_at(obj, "spec", "template", "spec", "containers")),
        (f"{{{{ containerCount {_D} }}}}", "1", _DATA),
        on_nil='"0"',
        on_wrong_type='"0"',
    ),
    _stateful(
        "statefulSetCurrentRevision obj:object -> string",
        "The revision that the replicas run.",
        lambda obj: text_at(obj, "status", "currentRevision"),
        (f"{{{{ statefulSetCurrentRevision {_S} }}}}", "db-1", _DATA),
    ),
    _stateful(
        "statefulSetUpdateRevision obj:object -> string",
        "The revision that the replicas are going to.",
        lambda obj: text_at(obj, "status", "updateRevision"),
        (f"{{{{ statefulSetUpdateRevision {_S} }}}}", "db-2", _DATA),
    ),
    _stateful(
        "statefulSetPVCCount obj:object -> int",
        "The number of volume claims; needs `enrich: [pvcs]`.",
        lambda obj: len(list_at(obj, "_pvcs")),
        (f"{{{{ statefulSetPVCCount {_S} }}}}", "2", _DATA),
        on_nil='"0"',
        on_wrong_type='"0"',
    ),
    _history(
        "replicaSetOwnerName obj:object -> string",
        "The name of the ReplicaSet's owner; needs `enrich: [owner]`.",
        lambda obj: text_at(obj, "_owner", "name"),
        ("{{ replicaSetOwnerName .children.replicaset }}", "web", _DATA),
    ),
    _history(
        "replicaSetOwnerKind obj:object -> string",
        "The kind of the ReplicaSet's owner; needs `enrich: [owner]`.",
        lambda obj: text_at(obj, "_owner", "kind"),
        ("{{ replicaSetOwnerKind .children.replicaset }}", "Deployment", _DATA),
    ),
    _history(
        "deploymentReplicaSetCount obj:object -> int",
        "The number of the Deployment's ReplicaSets; needs `enrich: [replicasets]`.",
        lambda obj: len(list_at(obj, "_replicaSets")),
        (f"{{{{ deploymentReplicaSetCount {_D} }}}}", "2", _DATA),
        on_nil='"0"',
        on_wrong_type='"0"',
    ),
    _history(
        "deploymentReplicaSets obj:object -> string",
        "The names of the Deployment's ReplicaSets; needs `enrich: [replicasets]`.",
        lambda obj: _set_names(maps_at(obj, "_replicaSets")),
        (f"{{{{ deploymentReplicaSets {_D} }}}}", "web-a, web-b", _DATA),
    ),
    _history(
        "oldDeploymentReplicaSets obj:object -> string",
        "The names of the ReplicaSets that are not the current one; needs `enrich: [replicasets]`.",
        _old_sets,
        (f"{{{{ oldDeploymentReplicaSets {_D} }}}}", "web-a", _DATA),
    ),
)
