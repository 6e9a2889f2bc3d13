"""What the operator asks of a Kubernetes API: one protocol, several worlds.

`client.HttpCluster` speaks HTTP to an API server; `katalogc.localcluster` offers the same methods over
memory. Every method raises a subclass of `errors.ApiError` and nothing else (besides cancellation).
Manifests that come back belong to the caller's cache and are never modified in place.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, Protocol

from katalog_runtime.bundle import ApiType
from katalog_runtime.objects import Manifest, NamespacedName

PatchType = Literal["application/merge-patch+json", "application/json-patch+json"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPage:
    """One page of a list."""

    items: list[Manifest]
    """Each with `apiVersion` and `kind` filled in (lists of built-in types omit them)."""
    resource_version: str
    continue_token: str
    """Empty on the last page."""


class WatchEvent(NamedTuple):
    """One line of a watch, decoded but not interpreted."""

    type: str
    """`ADDED`, `MODIFIED`, `DELETED`, `BOOKMARK`, `ERROR`; anything else counts as a broken stream."""
    object: Manifest
    """The object; for `ERROR` the Status."""


class Cluster(Protocol):
    """A Kubernetes API, as far as the operator uses one."""

    async def list_page(
        self,
        api: ApiType,
        *,
        namespace: str,
        label_selector: str,
        limit: int,
        continue_token: str,
        resource_version: str,
        field_selector: str = "",
    ) -> ListPage:
        """One page of objects; an empty `namespace` means all, an empty selector everything."""
        ...

    def watch(
        self,
        api: ApiType,
        *,
        namespace: str,
        label_selector: str,
        resource_version: str,
        timeout_seconds: int,
    ) -> AsyncIterator[WatchEvent]:
        """Events after `resource_version`, with bookmarks; ends when the server ends it.

        A line that is no JSON object raises `UnreachableError`: the stream cannot be trusted further.
        """
        ...

    async def get(self, api: ApiType, key: NamespacedName) -> Manifest:
        """The object as it is now."""
        ...

    async def create(self, api: ApiType, manifest: Manifest) -> Manifest:
        """POST under our field manager; `AlreadyExistsError` when the name is taken."""
        ...

    async def apply(self, api: ApiType, manifest: Manifest, *, force: bool) -> Manifest:
        """Server-side apply under our field manager (KEP-555); creates the object when absent."""
        ...

    async def patch(
        self,
        api: ApiType,
        key: NamespacedName,
        body: Any,
        *,
        patch_type: PatchType,
    ) -> Manifest:
        """A merge patch or JSON patch."""
        ...

    async def replace(self, api: ApiType, manifest: Manifest, *, subresource: str = "") -> Manifest:
        """PUT of the object or of `subresource` (`status`), guarded by its `resourceVersion`.

        A manifest without `managedFields` leaves those of the object as they are.
        """
        ...

    async def delete(
        self, api: ApiType, key: NamespacedName, *, uid: str, resource_version: str = ""
    ) -> None:
        """Delete in the background if the object still has this UID (and, if one is given, this
        version); already gone is no error."""
        ...
