"""Requests as values: an act on a Kubernetes API in, method, path and body out. Pure, no I/O.

One function per act of `cluster.Cluster`; `client` sends what they return. Paths follow the API
conventions: `/api/v1` for the core group, `/apis/<group>/<version>` for all others, then
`/namespaces/<namespace>` where the type has namespaces and one is given, then plural and name.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

import orjson

from katalog_runtime.bundle import ApiType
from katalog_runtime.cluster import PatchType
from katalog_runtime.errors import InvalidError
from katalog_runtime.objects import FIELD_MANAGER, Manifest, NamespacedName

JSON = "application/json"
APPLY = "application/apply-patch+yaml"
"""Server-side apply takes YAML, of which JSON is a subset."""

_MANAGER = f"fieldManager={FIELD_MANAGER}"
# apimachinery's IsValidPathSegmentName: what no object may be called, for it changes the path.
_FORBIDDEN_NAMES = frozenset(("", ".", ".."))


class Request(NamedTuple):
    """One HTTP request, ready to be sent."""

    method: str
    target: str
    """Path and query, percent-encoded."""
    body: bytes | None = None
    content_type: str = JSON


_PLAIN = re.compile(r"[A-Za-z0-9_~.-]+").fullmatch
"""What stands for itself in a URL: RFC 3986's unreserved characters."""


@lru_cache(maxsize=1024)
def _collection(group: str, version: str, namespace: str, plural: str) -> str:
    prefix = f"/apis/{group}/{version}" if group else f"/api/{version}"
    return (
        f"{prefix}/namespaces/{_segment(namespace)}/{plural}" if namespace else f"{prefix}/{plural}"
    )


def _segment(name: str) -> str:
    if _PLAIN(name) and name not in _FORBIDDEN_NAMES:
        return name
    try:
        quoted = quote(name, safe="")
    except UnicodeEncodeError:  # expressions can make half characters
        quoted = ""
    if not quoted or name in _FORBIDDEN_NAMES or "/" in name or "%" in name:
        raise InvalidError(422, "Invalid", f"{name!r} cannot be the name of a Kubernetes object")
    return quoted


def collection_path(api: ApiType, namespace: str) -> str:
    """The path of a type's objects, in one namespace or (empty) everywhere."""
    return _collection(api.group, api.version, namespace if api.namespaced else "", api.plural)


def object_path(api: ApiType, key: NamespacedName, subresource: str = "") -> str:
    """The path of one object, or of its subresource.

    Raises:
        InvalidError: the name would change the path (`..`, a slash); no API server takes it either.
    """
    path = f"{collection_path(api, key.namespace)}/{_segment(key.name)}"
    return f"{path}/{subresource}" if subresource else path


def _encode(value: Any) -> bytes:
    try:
        return orjson.dumps(value)
    except TypeError as error:
        # Expressions can make integers beyond 64 bits or half characters; JSON of Kubernetes cannot
        # carry them, and trying again will not change that.
        raise InvalidError(422, "Invalid", f"cannot be sent as JSON: {error}") from error


def _key(manifest: Manifest) -> NamespacedName:
    metadata = manifest.get("metadata") or {}
    return NamespacedName(metadata.get("namespace") or "", metadata.get("name") or "")


def list_page(
    api: ApiType,
    *,
    namespace: str,
    label_selector: str,
    limit: int,
    continue_token: str,
    resource_version: str,
    field_selector: str = "",
) -> Request:
    """GET one page of a collection; an empty `resource_version` asks for the newest state."""
    query: dict[str, Any] = {"limit": limit}
    if label_selector:
        query["labelSelector"] = label_selector
    if field_selector:
        query["fieldSelector"] = field_selector
    if continue_token:
        # A continued list reads at the first page's version; naming another one is refused.
        query["continue"] = continue_token
    elif resource_version:
        query["resourceVersion"] = resource_version
    return Request("GET", f"{collection_path(api, namespace)}?{urlencode(query)}")


def watch(
    api: ApiType,
    *,
    namespace: str,
    label_selector: str,
    resource_version: str,
    timeout_seconds: int,
) -> Request:
    """GET the stream of changes after `resource_version`, with bookmarks."""
    query: dict[str, Any] = {
        "watch": "1",
        "allowWatchBookmarks": "true",
        "resourceVersion": resource_version,
        "timeoutSeconds": timeout_seconds,
    }
    if label_selector:
        query["labelSelector"] = label_selector
    return Request("GET", f"{collection_path(api, namespace)}?{urlencode(query)}")


def get(api: ApiType, key: NamespacedName) -> Request:
    """GET one object."""
    return Request("GET", object_path(api, key))


def create(api: ApiType, manifest: Manifest) -> Request:
    """POST a new object under our field manager."""
    path = collection_path(api, _key(manifest).namespace)
    return Request("POST", f"{path}?{_MANAGER}", _encode(manifest))


def apply(api: ApiType, manifest: Manifest, *, force: bool) -> Request:
    """PATCH with server-side apply (KEP-555) under our field manager."""
    query = f"{_MANAGER}&force=true" if force else _MANAGER
    target = f"{object_path(api, _key(manifest))}?{query}"
    return Request("PATCH", target, _encode(manifest), APPLY)


def patch(api: ApiType, key: NamespacedName, body: Any, *, patch_type: PatchType) -> Request:
    """PATCH an object under our field manager."""
    return Request("PATCH", f"{object_path(api, key)}?{_MANAGER}", _encode(body), patch_type)


def replace(api: ApiType, manifest: Manifest, *, subresource: str) -> Request:
    """PUT an object or its subresource, guarded by the `resourceVersion` that it carries."""
    target = f"{object_path(api, _key(manifest), subresource)}?{_MANAGER}"
    return Request("PUT", target, _encode(manifest))


def delete(api: ApiType, key: NamespacedName, *, uid: str, resource_version: str = "") -> Request:
    """DELETE an object if it still has this UID; its children follow in the background."""
    options = delete_options(uid, resource_version)
    return Request("DELETE", object_path(api, key), _encode(options))


def delete_options(uid: str, resource_version: str) -> dict[str, Any]:
    """Deletion in the background of one object, at one version of it if one is given."""
    preconditions = {"uid": uid}
    if resource_version:
        preconditions["resourceVersion"] = resource_version
    return {
        "kind": "DeleteOptions",
        "apiVersion": "v1",
        "preconditions": preconditions,
        "propagationPolicy": "Background",
    }
