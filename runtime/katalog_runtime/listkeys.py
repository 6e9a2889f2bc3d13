"""Which lists of Kubernetes objects are maps in disguise, and what tells their items apart.

In: a field's name and its items. Out: one key per item, or None for a list that is compared whole.
The source is the `x-kubernetes-list-map-keys` of the built-in types' OpenAPI schemas. Pure.
"""

from __future__ import annotations

from typing import Any

_NAME: tuple[tuple[str, Any], ...] = (("name", None),)

_KEYS: dict[str, tuple[tuple[tuple[str, Any], ...], ...]] = {
    # field: alternatives, each of (key field, its default where the server fills one in)
    "containers": (_NAME,),
    "initContainers": (_NAME,),
    "ephemeralContainers": (_NAME,),
    "volumes": (_NAME,),
    "env": (_NAME,),
    "imagePullSecrets": (_NAME,),
    "secrets": (_NAME,),
    "resourceClaims": (_NAME,),
    "webhooks": (_NAME,),
    "volumeMounts": ((("mountPath", None),),),
    "volumeDevices": ((("devicePath", None),),),
    "resizePolicy": ((("resourceName", None),),),
    "hostAliases": ((("ip", None),),),
    "ownerReferences": ((("uid", None),),),
    "conditions": ((("type", None),),),
    "topologySpreadConstraints": ((("topologyKey", None), ("whenUnsatisfiable", None)),),
    "ports": (
        (("containerPort", None), ("protocol", "TCP")),
        (("port", None), ("protocol", "TCP")),
    ),
}


def key_fields(field: str) -> frozenset[str]:
    """All fields that may tell the items of `field` apart."""
    return frozenset(name for each in _KEYS.get(field, ()) for name, _ in each)


def item_keys(field: str, items: list[Any]) -> list[str] | None:
    """One key per item of the list `field`, all different; None if the list has no such keys.

    A key is the text of the values that make it, since a malformed object may hold any JSON there.
    """
    for alternative in _KEYS.get(field, ()):
        keys = _keys_by(alternative, items)
        # The server accepts repeated names in `env`; such a list can only be compared in order.
        if keys is not None and len(set(keys)) == len(keys):
            return keys
    return None


def _keys_by(alternative: tuple[tuple[str, Any], ...], items: list[Any]) -> list[str] | None:
    keys: list[str] = []
    for item in items:
        if not isinstance(item, dict):
            return None
        key = []
        for name, default in alternative:
            value = item.get(name, default)
            if value is None and name not in item:
                return None
            key.append(value)
        keys.append(repr(key))
    return keys
