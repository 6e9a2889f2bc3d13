"""Functions on PersistentVolumeClaims and on Nodes. Pure.

Missing fields give "" or false; the volume behind a claim needs `enrich: [pvc]`, the node of a pod
`enrich: [node]`.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from katalog_runtime.functions.access import Manifest, joined, list_at, map_at, maps_at, text_at
from katalog_runtime.functions.declaration import Function
from katalog_runtime.functions.kubernetes import condition
from katalog_runtime.functions.signature import declare

_claim = partial(declare, group="storage", on_nil='""', on_wrong_type='""')
_node = partial(declare, group="nodes", on_nil='""', on_wrong_type='""')
_PROVISIONER: Final = "pv.kubernetes.io/provisioned-by"
_UNBOUND: Final = "Unbound"


def _volume(obj: Manifest, *path: str) -> str:
    volume = map_at(obj, "_pv")
    return text_at(volume, *path) if "_pv" in obj and volume else _UNBOUND


_DATA: Final = {
    "children": {
        "pvc": {
            "spec": {
                "storageClassName": "fast",
                "accessModes": ["ReadWriteOnce"],
                "resources": {"requests": {"storage": "10Gi"}},
            },
            "status": {"phase": "Bound"},
            "_pv": {
                "metadata": {"annotations": {_PROVISIONER: "ebs.csi.aws.com"}},
                "spec": {"volumeMode": "Filesystem"},
            },
            "_storageClass": {"provisioner": "ebs.csi.aws.com", "reclaimPolicy": "Delete"},
        },
        "node": {
            "spec": {"taints": [{"key": "node.kubernetes.io/not-ready"}]},
            "status": {
                "allocatable": {"cpu": "3920m", "memory": "15032020Ki"},
                "conditions": [
                    {"type": "Ready", "status": "True"},
                    {"type": "MemoryPressure", "status": "False"},
                ],
            },
        },
        "pod": {
            "_node": {
                "name": "ip-10-0-1-5",
                "zone": "us-east-2a",
                "region": "us-east-2",
                "instanceType": "t3.medium",
            }
        },
    }
}
_P: Final = ".children.pvc"
_N: Final = ".children.node"


def _pod_node(name: str, key: str, word: str, output: str) -> Function:
    return _node(
        f"{name} obj:object -> string",
        f"The {word} of the pod's node; needs `enrich: [node]`.",
        lambda obj: text_at(obj, "_node", key),
        (f"{{{{ {name} .children.pod }}}}", output, _DATA),
    )


FUNCTIONS: Final[tuple[Function, ...]] = (
    _claim(
        "pvcBound obj:object -> bool",
        "Whether the claim is bound.",
        lambda obj: text_at(obj, "status", "phase") == "Bound",
        (f"{{{{ pvcBound {_P} }}}}", "true", _DATA),
        on_nil='"false"',
        on_wrong_type='"false"',
    ),
    _claim(
        "pvcPhase obj:object -> string",
        "The claim's phase.",
        lambda obj: text_at(obj, "status", "phase"),
        (f"{{{{ pvcPhase {_P} }}}}", "Bound", _DATA),
    ),
    _claim(
        "pvcCapacity obj:object -> string",
        "The storage that the claim asks for.",
        lambda obj: text_at(obj, "spec", "resources", "requests", "storage"),
        (f"{{{{ pvcCapacity {_P} }}}}", "10Gi", _DATA),
    ),
    _claim(
        "pvcStorageClass obj:object -> string",
        "The name of the storage class.",
        lambda obj: text_at(obj, "spec", "storageClassName"),
        (f"{{{{ pvcStorageClass {_P} }}}}", "fast", _DATA),
    ),
    _claim(
        "pvcAccessModes obj:object -> string",
        "The access modes, with commas.",
        lambda obj: joined(
            mode for mode in list_at(obj, "spec", "accessModes") if isinstance(mode, str)
        ),
        (f"{{{{ pvcAccessModes {_P} }}}}", "ReadWriteOnce", _DATA),
    ),
    _claim(
        "pvcProvisioner obj:object -> string",
        "Who made the bound volume, `Unbound` where there is none; needs `enrich: [pvc]`.",
        lambda obj: _volume(obj, "metadata", "annotations", _PROVISIONER),
        (f"{{{{ pvcProvisioner {_P} }}}}", "ebs.csi.aws.com", _DATA),
        on_nil='"Unbound"',
        on_wrong_type='"Unbound"',
    ),
    _claim(
        "pvcVolumeMode obj:object -> string",
        "The mode of the bound volume, `Unbound` where there is none; needs `enrich: [pvc]`.",
        lambda obj: _volume(obj, "spec", "volumeMode"),
        (f"{{{{ pvcVolumeMode {_P} }}}}", "Filesystem", _DATA),
        on_nil='"Unbound"',
        on_wrong_type='"Unbound"',
    ),
    _claim(
        "pvcStorageClassProvisioner obj:object -> string",
        "The provisioner of the storage class; needs `enrich: [storageclass]`.",
        lambda obj: text_at(obj, "_storageClass", "provisioner"),
        (f"{{{{ pvcStorageClassProvisioner {_P} }}}}", "ebs.csi.aws.com", _DATA),
    ),
    _claim(
        "pvcStorageClassReclaimPolicy obj:object -> string",
        "The reclaim policy of the storage class; needs `enrich: [storageclass]`.",
        lambda obj: text_at(obj, "_storageClass", "reclaimPolicy"),
        (f"{{{{ pvcStorageClassReclaimPolicy {_P} }}}}", "Delete", _DATA),
    ),
    _node(
        "nodeReady obj:object -> bool",
        "Whether the node is ready.",
        lambda obj: text_at(condition(obj, "Ready"), "status") == "True",
        (f"{{{{ nodeReady {_N} }}}}", "true", _DATA),
        on_nil='"false"',
        on_wrong_type='"false"',
    ),
    _node(
        "nodeCondition obj:object type:string? -> string",
        "The status of the condition of that type: True, False or Unknown.",
        lambda obj, name: text_at(condition(obj, name), "status"),
        (f'{{{{ nodeCondition {_N} "MemoryPressure" }}}}', "False", _DATA),
    ),
    _node(
        "nodeTaints obj:object -> string",
        "The keys of the taints, with commas.",
        lambda obj: joined(text_at(taint, "key") for taint in maps_at(obj, "spec", "taints")),
        (f"{{{{ nodeTaints {_N} }}}}", "node.kubernetes.io/not-ready", _DATA),
    ),
    _node(
        "nodeAllocatableCPU obj:object -> string",
        "The CPU that pods can have.",
        lambda obj: text_at(obj, "status", "allocatable", "cpu"),
        (f"{{{{ nodeAllocatableCPU {_N} }}}}", "3920m", _DATA),
    ),
    _node(
        "nodeAllocatableMemory obj:object -> string",
        "The memory that pods can have.",
        lambda obj: text_at(obj, "status", "allocatable", "memory"),
        (f"{{{{ nodeAllocatableMemory {_N} }}}}", "15032020Ki", _DATA),
    ),
    _pod_node("podNodeName", "name", "name", "ip-10-0-1-5"),
    _pod_node("podNodeZone", "zone", "zone", "us-east-2a"),
    _pod_node("podNodeRegion", "region", "region", "us-east-2"),
    _pod_node("podNodeInstanceType", "instanceType", "instance type", "t3.medium"),
)
