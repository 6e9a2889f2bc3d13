"""Paths that are no resources: health, version, discovery, OpenAPI documents.

In: a path and an Accept header. Out: a `Document`, bytes with a content type. Nothing is changed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from katalogc.localcluster import discovery
from katalogc.localcluster.deletion import CRDS
from katalogc.localcluster.representations import JSON, negotiate
from katalogc.localcluster.state import ClusterState
from katalogc.localcluster.statuses import no_such_path, not_acceptable

_HEALTH = ("/healthz", "/livez", "/readyz")
_AGGREGATED = ("APIGroupDiscoveryList",)
_CHECKS = ("ping", "log", "storage", "poststarthook/rbac/bootstrap-roles")


@dataclass(frozen=True, slots=True)
class Document:
    """An answer in bytes."""

    body: bytes
    content_type: str = JSON
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def read_only(self) -> bool:
        """Whether other methods than GET are refused: health checks answer them all."""
        return self.status == 200 and self.content_type.startswith(JSON)


NOT_FOUND = Document(b"404 page not found\n", "text/plain; charset=utf-8", 404)


def _json(value: Any, content_type: str = JSON) -> Document:
    return Document(orjson.dumps(value), content_type)


def answer(
    state: ClusterState, path: str, accept: str, address: str, query: Mapping[str, str]
) -> Document:
    """The document at a path; `NOT_FOUND` where there is none.

    Raises:
        Refusal: the document cannot be had in an acceptable form (406).
    """
    clean = "/" + path.strip("/")
    for prefix in _HEALTH:
        if clean == prefix or clean.startswith(f"{prefix}/"):
            return _health(clean, verbose="verbose" in query)
    if clean == "/version":
        from katalogc.openapi import catalogue

        info = discovery.version_info(catalogue(state.minor).version)
        return Document(orjson.dumps(info, option=orjson.OPT_INDENT_2))
    if clean == "/":
        found = {"paths": discovery.paths(state.registry)}
        return Document(orjson.dumps(found, option=orjson.OPT_INDENT_2))
    if clean in ("/api", "/apis"):
        return _groups(state, clean, accept, address)
    if clean.startswith("/openapi/"):
        return _openapi(state, clean, accept)
    return _lists(state, clean, accept)


def _health(path: str, *, verbose: bool) -> Document:
    kind = "text/plain; charset=utf-8"
    prefix, _, check = path.strip("/").partition("/")
    if check and check not in _CHECKS:
        return NOT_FOUND
    if not verbose:
        return Document(b"ok", kind)
    lines = [f"[+]{each} ok" for each in _CHECKS]
    return Document("\n".join([*lines, f"{prefix} check passed", ""]).encode(), kind)


def _groups(state: ClusterState, path: str, accept: str, address: str) -> Document:
    wanted = negotiate(accept, forms=_AGGREGATED)
    if wanted.as_:
        body = discovery.aggregated(state.registry, core=path == "/api", version=wanted.version)
        raw = orjson.dumps(body)
        headers = {
            "ETag": f'"{hashlib.sha256(raw).hexdigest().upper()}"',
            "Vary": "Accept",
            "Cache-Control": "public",
        }
        return Document(raw, wanted.content_type, headers=headers)
    if path == "/api":
        return _json(discovery.legacy_versions(address))
    return _json(discovery.group_list(state.registry))


def _lists(state: ClusterState, path: str, accept: str) -> Document:
    parts = path.strip("/").split("/")
    found: Any = None
    known = False
    if parts[0] == "api" and len(parts) == 2:
        found, known = discovery.resource_list(state.registry, "", parts[1]), True
    elif parts[0] == "apis" and len(parts) == 2:
        found = discovery.group(state.registry, parts[1])
    elif parts[0] == "apis" and len(parts) == 3:
        known = parts[1] in discovery.groups(state.registry)
        found = discovery.resource_list(state.registry, parts[1], parts[2])
    if found is None:
        if known:
            raise no_such_path()
        return NOT_FOUND
    negotiate(accept)
    return _json(found)


def _openapi(state: ClusterState, path: str, accept: str) -> Document:
    from katalogc.localcluster import openapi_documents

    definitions = [
        each
        for _, each in state.store.collection(CRDS).select()
        if not each["metadata"].get("deletionTimestamp")
    ]
    if path == "/openapi/v2":
        if "json" not in accept and "*/*" not in accept and accept:
            raise not_acceptable((JSON,))
        return _json(openapi_documents.openapi_v2(definitions, minor=state.minor))
    if path == "/openapi/v3":
        return _json(openapi_documents.openapi_v3_index(definitions, minor=state.minor))
    group_version = path.removeprefix("/openapi/v3/")
    found = openapi_documents.openapi_v3(group_version, definitions, minor=state.minor)
    return NOT_FOUND if found is None else _json(found)
