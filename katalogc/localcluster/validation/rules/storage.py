"""Rules of ConfigMaps, Secrets and PersistentVolumeClaims.

In: an object and its earlier state (None on create). Out: `FieldError`s. Source:
`k8s.io/kubernetes/pkg/apis/core/validation/validation.go`.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

from katalogc.localcluster.validation.field_errors import (
    FieldError,
    forbidden,
    invalid,
    not_supported,
    required,
    too_long,
)
from katalogc.localcluster.validation.quantities import QuantityError, parse
from katalogc.localcluster.validation.rules.metadata import immutable, name_errors
from katalogc.localcluster.validation.rules.names import config_key

Manifest = dict[str, Any]
_LIMIT = 1024 * 1024
_FROZEN = "field is immutable when `immutable` is set"
_ACCESS = ("ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod")
_NEEDED_KEYS = {
    "kubernetes.io/tls": ("tls.crt", "tls.key"),
    "kubernetes.io/ssh-auth": ("ssh-privatekey",),
    "kubernetes.io/dockercfg": (".dockercfg",),
    "kubernetes.io/dockerconfigjson": (".dockerconfigjson",),
}


def config_map_errors(obj: Manifest, old: Manifest | None) -> Iterator[FieldError]:
    """A ConfigMap: keys, size, immutability."""
    if old is not None and old.get("immutable"):
        if not obj.get("immutable"):
            yield forbidden("immutable", _FROZEN)
        for field in ("data", "binaryData"):
            if obj.get(field) != old.get(field):
                yield forbidden(field, _FROZEN)
    data, binary = obj.get("data") or {}, obj.get("binaryData") or {}
    size = 0
    for key, value in data.items():
        yield from (invalid(f"data[{key}]", key, each) for each in config_key(key))
        if key in binary:
            yield invalid(f"data[{key}]", key, "duplicate of key present in binaryData")
        size += len((value or "").encode())
    for key, value in binary.items():
        yield from (invalid(f"binaryData[{key}]", key, each) for each in config_key(key))
        size += len(value or "") * 3 // 4
    if size > _LIMIT:
        yield too_long("[]", f"may not be more than {_LIMIT} bytes")


def secret_errors(obj: Manifest, old: Manifest | None) -> Iterator[FieldError]:
    """A Secret: keys, size, what its type demands, immutability."""
    data = obj.get("data") or {}
    kind = obj.get("type", "")
    if old is not None:
        yield from immutable(kind, old.get("type", ""), "type")
        if old.get("immutable"):
            if not obj.get("immutable"):
                yield forbidden("immutable", _FROZEN)
            if obj.get("data") != old.get("data"):
                yield forbidden("data", _FROZEN)
    size = 0
    for key, value in data.items():
        yield from (invalid(f"data[{key}]", key, each) for each in config_key(key))
        size += len(value or "") * 3 // 4
    if size > _LIMIT:
        yield too_long("data", f"may not be more than {_LIMIT} bytes")
    if kind == "kubernetes.io/service-account-token":
        annotations = (obj.get("metadata") or {}).get("annotations") or {}
        name = "kubernetes.io/service-account.name"
        if not annotations.get(name):
            yield required(f"metadata.annotations[{name}]")
    elif kind == "kubernetes.io/basic-auth":
        if "username" not in data and "password" not in data:
            yield required("data[username]")
            yield required("data[password]")
    else:
        for key in _NEEDED_KEYS.get(kind, ()):
            if key not in data:
                yield required(f"data[{key}]")
            elif "docker" in kind and (problem := _json_problem(data[key])):
                yield invalid(f"data[{key}]", "<secret contents redacted>", problem)


def _json_problem(encoded: str) -> str:
    try:
        text = base64.b64decode(encoded).decode(errors="replace")
        json.loads(text)
    except ValueError:
        return f"invalid character '{text[:1]}' looking for beginning of value"
    return ""


def claim_errors(obj: Manifest, old: Manifest | None) -> Iterator[FieldError]:
    """A PersistentVolumeClaim; after creation only the requested storage may change."""
    spec = obj.get("spec") or {}
    yield from claim_spec_errors(spec, "spec")
    if old is not None:
        before = old.get("spec") or {}
        if _settled(spec) != _settled(before) and not _binds(spec, before):
            text = (
                "spec is immutable after creation except resources.requests and "
                "volumeAttributesClassName for "
                "bound claims"
            )
            yield forbidden("spec", text)
        wanted = ((spec.get("resources") or {}).get("requests") or {}).get("storage")
        had = ((before.get("resources") or {}).get("requests") or {}).get("storage")
        if wanted and had and _bytes(wanted) < _bytes(had):
            text = "field can not be less than status.capacity"
            yield forbidden("spec.resources.requests.storage", text)


def _settled(spec: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in spec.items() if k not in ("resources", "volumeAttributesClassName")}


def _binds(spec: dict[str, Any], before: dict[str, Any]) -> bool:
    """Whether the only change is that a volume or a class was filled in."""
    late = ("volumeName", "storageClassName")
    return all(
        spec.get(k) == before.get(k) or (k in late and not before.get(k))
        for k in _settled(spec).keys() | _settled(before).keys()
    )


def claim_spec_errors(spec: dict[str, Any], path: str) -> Iterator[FieldError]:
    """The spec of a claim or of a claim template."""
    modes = spec.get("accessModes") or ()
    if not modes:
        yield required(f"{path}.accessModes", "at least 1 access mode is required")
    for mode in modes:
        if mode not in _ACCESS:
            yield not_supported(f"{path}.accessModes", mode, _ACCESS)
    if "ReadWriteOncePod" in modes and len(modes) > 1:
        text = "may not use ReadWriteOncePod with other access modes"
        yield forbidden(f"{path}.accessModes", text)
    storage = ((spec.get("resources") or {}).get("requests") or {}).get("storage")
    if storage is None:
        yield required(f"{path}.resources[storage]")
    elif _bytes(storage) <= 0:
        yield invalid(f"{path}.resources[storage]", str(storage), "must be greater than zero")
    yield from name_errors(spec.get("storageClassName"), f"{path}.storageClassName")
    mode = spec.get("volumeMode", "Filesystem")
    if mode not in ("Block", "Filesystem"):
        yield not_supported(f"{path}.volumeMode", mode, ("Block", "Filesystem"))


def _bytes(quantity: Any) -> Any:
    try:
        return parse(str(quantity))[0]
    except QuantityError:
        return 1
