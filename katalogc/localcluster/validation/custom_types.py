"""A CustomResourceDefinition's version as a `Schema`: what its custom resources look like.

In: the CRD and the name of one of its versions. Out: the root `Schema`, with `apiVersion`, `kind`
and the built-in `metadata` added, as the API server serves it. Pure; the CRD is not modified and
must not change afterwards.
"""

from __future__ import annotations

import json
from typing import Any

from katalogc.openapi import LATEST, catalogue
from katalogc.openapi.catalogue import OBJECT_META
from katalogc.openapi.schema import Raw, Schema

_METADATA = {"x-object-meta": True}


def crd_schema(crd: dict[str, Any], version: str, *, minor: str = LATEST) -> Schema:
    """The schema of one version of a CRD.

    Raises:
        KeyError: the CRD has no such version.
    """
    found = next((each for each in crd["spec"]["versions"] if each["name"] == version), None)
    if found is None:
        raise KeyError(f"{crd['metadata']['name']} has no version {version}")
    declared: Raw = (found.get("schema") or {}).get("openAPIV3Schema") or {
        "type": "object",
        "x-kubernetes-preserve-unknown-fields": True,
    }
    properties = dict(declared.get("properties") or {})
    properties["apiVersion"] = {"type": "string"}
    properties["kind"] = {"type": "string"}
    properties["metadata"] = _METADATA
    raw = {
        **declared,
        "type": "object",
        "properties": properties,
        "x-status-subresource": "status" in (found.get("subresources") or {}),
        "x-has-cel": '"x-kubernetes-validations"' in json.dumps(declared),
    }
    metadata = catalogue(minor).definition(OBJECT_META)

    def node(each: Raw) -> Schema:
        if each.get("x-object-meta"):
            return metadata
        if each.get("x-kubernetes-embedded-resource"):
            inner = dict(each.get("properties") or {})
            inner.setdefault("apiVersion", {"type": "string"})
            inner.setdefault("kind", {"type": "string"})
            inner["metadata"] = _METADATA
            each = {**each, "properties": inner}
        return Schema(each, node, builtin=False)

    return node(raw)
