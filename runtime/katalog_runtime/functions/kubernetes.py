"""Functions on any Kubernetes object: metadata, labels, conditions, owners, generations. Pure.

Nothing fails on a missing object or field: the answer is then "", 0, false or an empty map.
"""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from katalog_runtime.functions.access import Manifest, int_at, list_at, map_at, maps_at, text_at
from katalog_runtime.functions.declaration import Function
from katalog_runtime.functions.json_values import text_of
from katalog_runtime.functions.signature import ANY_TYPE, declare

_declare = partial(declare, group="kubernetes")
_text = partial(_declare, on_nil='""', on_wrong_type='""')
_truth = partial(_declare, on_nil='"false"', on_wrong_type='"false"')
_count = partial(_declare, on_nil='"0"', on_wrong_type='"0"')
_map = partial(_declare, on_nil='"map[]"', on_wrong_type='"map[]"')


def condition(obj: Manifest, name: str) -> Manifest:
    """The first condition of that type; empty where there is none."""
    return next(
        (each for each in maps_at(obj, "status", "conditions") if each.get("type") == name), {}
    )


def has_condition(obj: Manifest, name: str) -> bool:
    """Whether a condition of that type is "True"."""
    return any(
        each.get("type") == name and each.get("status") == "True"
        for each in maps_at(obj, "status", "conditions")
    )


def _get(value: Any, *path: str) -> Any:
    for key in path:
        if not isinstance(value, dict):
            return None
        value = value.get(key)
    return value


def _get_status(obj: Manifest, key: str) -> str:
    value = map_at(obj, "status").get(key)
    return "" if value is None or isinstance(value, (dict, list)) else text_of(value)


def _has_status(obj: Manifest, key: str) -> bool:
    value = map_at(obj, "status").get(key)
    return bool(value) if isinstance(value, (str, dict, list)) else value is not None


def _label_matches(obj: Manifest, *pairs: str) -> bool:
    if len(pairs) % 2:
        return False
    labels = map_at(obj, "metadata", "labels")
    return all(labels.get(key) == value for key, value in zip(pairs[::2], pairs[1::2], strict=True))


def _owner(obj: Manifest, key: str) -> str:
    owners = list_at(obj, "metadata", "ownerReferences")
    return text_at(owners[0], key) if owners else ""


def _is_terminating(obj: Manifest) -> bool:
    stamp = map_at(obj, "metadata").get("deletionTimestamp")
    return stamp not in ("", "null") if isinstance(stamp, str) else stamp is not None


def _is_synced(obj: Manifest) -> bool:
    return int_at(obj, "metadata", "generation") == int_at(obj, "status", "observedGeneration")


def _exists(value: Any) -> bool:
    return isinstance(value, dict) and value.get("_placeholder") is not True


_DEPLOYMENT: Final[Manifest] = {
    "kind": "Deployment",
    "metadata": {
        "name": "shop",
        "namespace": "prod",
        "uid": "4b3f8d21",
        "resourceVersion": "14872",
        "generation": 3,
        "creationTimestamp": "2026-01-01T10:00:00Z",
        "labels": {"app": "shop", "size": "3"},
        "annotations": {"example.com/min": "2"},
        "ownerReferences": [{"kind": "Shop", "name": "my-shop"}],
    },
    "spec": {"replicas": 3, "resources": {"requests": {"cpu": "100m", "memory": "64Mi"}}},
    "status": {
        "phase": "Running",
        "observedGeneration": 3,
        "readyReplicas": 3,
        "conditions": [
            {"type": "Available", "status": "True", "reason": "Enough", "message": "all up"}
        ],
    },
}
_DATA: Final = {"children": {"deployment": _DEPLOYMENT}}
_D: Final = ".children.deployment"


def _metadata_text(name: str, key: str, description: str, output: str) -> Function:
    return _text(
        f"{name} obj:object -> string",
        description,
        lambda obj: text_at(obj, "metadata", key),
        (f"{{{{ {name} {_D} }}}}", output, _DATA),
    )


FUNCTIONS: Final[tuple[Function, ...]] = (
    _declare(
        "get obj:any path:string... -> any",
        "The value at a path of keys; nil where a step is missing.",
        _get,
        (f'{{{{ get {_D} "status" "readyReplicas" }}}}', "3", _DATA),
        on_nil='""',
        on_wrong_type=ANY_TYPE,
    ),
    _map(
        "meta obj:object -> map",
        "The metadata.",
        lambda obj: map_at(obj, "metadata"),
        (f"{{{{ (meta {_D}).uid }}}}", "4b3f8d21", _DATA),
    ),
    _map(
        "spec obj:object -> map",
        "The spec.",
        lambda obj: map_at(obj, "spec"),
        (f"{{{{ (spec {_D}).replicas }}}}", "3", _DATA),
    ),
    _map(
        "status obj:object -> map",
        "The status.",
        lambda obj: map_at(obj, "status"),
        (f"{{{{ (status {_D}).phase }}}}", "Running", _DATA),
    ),
    _map(
        "labels obj:object -> map",
        "The labels.",
        lambda obj: map_at(obj, "metadata", "labels"),
        (f"{{{{ (labels {_D}).app }}}}", "shop", _DATA),
    ),
    _map(
        "annotations obj:object -> map",
        "The annotations.",
        lambda obj: map_at(obj, "metadata", "annotations"),
        (f'{{{{ mapGet (annotations {_D}) "example.com/min" }}}}', "2", _DATA),
    ),
    _text(
        "getLabel obj:object key:string? -> string",
        "The value of a label.",
        lambda obj, key: text_at(obj, "metadata", "labels", key),
        (f'{{{{ getLabel {_D} "app" }}}}', "shop", _DATA),
    ),
    _count(
        "getLabelInt obj:object key:string? -> int",
        "The value of a label as an integer.",
        lambda obj, key: int_at(obj, "metadata", "labels", key),
        (f'{{{{ getLabelInt {_D} "size" }}}}', "3", _DATA),
    ),
    _truth(
        "hasLabel obj:object key:string? -> bool",
        "Whether the label is there and not empty.",
        lambda obj, key: text_at(obj, "metadata", "labels", key) != "",
        (f'{{{{ hasLabel {_D} "tier" }}}}', "false", _DATA),
    ),
    _truth(
        "labelMatches obj:object pairs:string... -> bool",
        "Whether the labels hold every key and value given.",
        _label_matches,
        (f'{{{{ labelMatches {_D} "app" "shop" "size" "3" }}}}', "true", _DATA),
    ),
    _text(
        "getAnnotation obj:object key:string? -> string",
        "The value of an annotation.",
        lambda obj, key: text_at(obj, "metadata", "annotations", key),
        (f'{{{{ getAnnotation {_D} "example.com/min" }}}}', "2", _DATA),
    ),
    _count(
        "getAnnotationInt obj:object key:string? -> int",
        "The value of an annotation as an integer.",
        lambda obj, key: int_at(obj, "metadata", "annotations", key),
        (f'{{{{ getAnnotationInt {_D} "example.com/min" }}}}', "2", _DATA),
    ),
    _truth(
        "hasAnnotation obj:object key:string? -> bool",
        "Whether the annotation is there and not empty.",
        lambda obj, key: text_at(obj, "metadata", "annotations", key) != "",
        (f'{{{{ hasAnnotation {_D} "example.com/min" }}}}', "true", _DATA),
    ),
    _text(
        "getStatus obj:object key:string? -> string",
        "A field of the status as it prints; empty for lists and maps.",
        _get_status,
        (f'{{{{ getStatus {_D} "readyReplicas" }}}}', "3", _DATA),
    ),
    _truth(
        "hasStatus obj:object key:string? -> bool",
        "Whether the status has the field, and it is not empty.",
        _has_status,
        (f'{{{{ hasStatus {_D} "conditions" }}}}', "true", _DATA),
    ),
    _text(
        "phase obj:object -> string",
        "The status's phase.",
        lambda obj: text_at(obj, "status", "phase"),
        (f"{{{{ phase {_D} }}}}", "Running", _DATA),
    ),
    _truth(
        "hasCondition obj:object type:string? -> bool",
        'Whether the condition of that type is "True".',
        has_condition,
        (f'{{{{ hasCondition {_D} "Available" }}}}', "true", _DATA),
    ),
    _text(
        "conditionReason obj:object type:string? -> string",
        "The reason of the condition of that type.",
        lambda obj, name: text_at(condition(obj, name), "reason"),
        (f'{{{{ conditionReason {_D} "Available" }}}}', "Enough", _DATA),
    ),
    _text(
        "conditionMessage obj:object type:string? -> string",
        "The message of the condition of that type.",
        lambda obj, name: text_at(condition(obj, name), "message"),
        (f'{{{{ conditionMessage {_D} "Available" }}}}', "all up", _DATA),
    ),
    _text(
        "ownerKind obj:object -> string",
        "The kind of the first owner reference.",
        lambda obj: _owner(obj, "kind"),
        (f"{{{{ ownerKind {_D} }}}}", "Shop", _DATA),
    ),
    _text(
        "ownerName obj:object -> string",
        "The name of the first owner reference.",
        lambda obj: _owner(obj, "name"),
        (f"{{{{ ownerName {_D} }}}}", "my-shop", _DATA),
    ),
    _declare(
        "resourceExists obj:any -> bool",
        "Whether the object is there.",
        _exists,
        (
            f"{{{{ resourceExists {_D} }}}} {{{{ resourceExists .children.secret }}}}",
            "true false",
            _DATA,
        ),
        on_nil='"false"',
        on_wrong_type=ANY_TYPE,
    ),
    _truth(
        "isTerminating obj:object -> bool",
        "Whether the object is being deleted.",
        _is_terminating,
        (f"{{{{ isTerminating {_D} }}}}", "false", _DATA),
    ),
    _count(
        "generation obj:object -> int",
        "The generation of the spec.",
        lambda obj: int_at(obj, "metadata", "generation"),
        (f"{{{{ generation {_D} }}}}", "3", _DATA),
    ),
    _count(
        "observedGeneration obj:object -> int",
        "The generation that the object's controller has seen.",
        lambda obj: int_at(obj, "status", "observedGeneration"),
        (f"{{{{ observedGeneration {_D} }}}}", "3", _DATA),
    ),
    _declare(
        "isSynced obj:object -> bool",
        "Whether the controller has seen the current generation; true where there is none.",
        _is_synced,
        (f"{{{{ isSynced {_D} }}}}", "true", _DATA),
        on_nil='"true"',
        on_wrong_type='"true"',
    ),
    _metadata_text("name", "name", "Another name of `resourceName`.", "shop"),
    _metadata_text("namespace", "namespace", "Another name of `resourceNamespace`.", "prod"),
    _metadata_text("resourceName", "name", "The object's name.", "shop"),
    _metadata_text("resourceNamespace", "namespace", "The object's namespace.", "prod"),
    _metadata_text("resourceUID", "uid", "The object's UID.", "4b3f8d21"),
    _metadata_text("resourceVersion", "resourceVersion", "The object's resource version.", "14872"),
    _metadata_text(
        "creationTimestamp",
        "creationTimestamp",
        "When the object was created, RFC 3339.",
        "2026-01-01T10:00:00Z",
    ),
    _text(
        "resourceCPU obj:object -> string",
        "The CPU request at `spec.resources.requests`.",
        lambda obj: text_at(obj, "spec", "resources", "requests", "cpu"),
        (f"{{{{ resourceCPU {_D} }}}}", "100m", _DATA),
    ),
    _text(
        "resourceMemory obj:object -> string",
        "The memory request at `spec.resources.requests`.",
        lambda obj: text_at(obj, "spec", "resources", "requests", "memory"),
        (f"{{{{ resourceMemory {_D} }}}}", "64Mi", _DATA),
    ),
)
