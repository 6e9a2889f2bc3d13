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

_MISSING = object()


def key_fields(field: str) -> frozenset[str]:
    """All fields that may tell the items of `field` apart."""
    return frozenset(name for each in _KEYS.get(field, ()) for name, _ in each)


def item_keys(field: str, items: list[Any]) -> list[tuple[Any, ...]] | None:
    """One key per item of the list `field`, all different; None if the list has no such keys."""
    for alternative in _KEYS.get(field, ()):
        keys: list[tuple[Any, ...]] = []
        for item in items:
            if not isinstance(item, dict):
                return None
            key = tuple(
                item.get(name, _MISSING if default is None else default)
                for name, default in alternative
            )
            if _MISSING in key:
                break
            keys.append(key)
        # The server accepts repeated names in `env`; such a list can only be compared in order.
        if len(keys) == len(items) and len(set(map(repr, keys))) == len(keys):
            return keys
    return None
