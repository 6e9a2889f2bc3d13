"""The cluster from inside the process: the runtime's `Cluster` protocol over memory, without HTTP.

Every call runs at once and deterministically, and gives other tasks a turn first (or waits
`latency_seconds`, in virtual time if the loop has it). Manifests handed out are the stored ones;
those handed in are copied.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from katalog_runtime.bundle import ApiType
from katalog_runtime.cluster import ListPage, PatchType, WatchEvent
from katalog_runtime.errors import ApiError, UnreachableError, api_error
from katalog_runtime.objects import FIELD_MANAGER, Manifest, NamespacedName, key_of
from katalog_runtime.requests import delete_options
from katalogc.localcluster.api_server import ApiServer
from katalogc.localcluster.faults import Unanswered
from katalogc.localcluster.operations import ADMIN, PATCH_TYPES, Answer, Operation, User
from katalogc.localcluster.resources import ResourceType
from katalogc.localcluster.state import copy_json
from katalogc.localcluster.statuses import Refusal, no_such_path
from katalogc.localcluster.watches import stream


class DirectCluster:
    """Implements `katalog_runtime.cluster.Cluster` for one user."""

    def __init__(
        self,
        server: ApiServer,
        *,
        user: User = ADMIN,
        field_manager: str = FIELD_MANAGER,
        latency_seconds: float = 0.0,
    ) -> None:
        self._server = server
        self._user = user
        self._field_manager = field_manager
        self._latency_seconds = latency_seconds

    def _type(self, api: ApiType) -> ResourceType:
        type_ = self._server.state.registry.get(api.group, api.version, api.plural)
        if type_ is None:
            raise _translate(no_such_path())
        return type_

    async def _ask(self, operation: Operation) -> Answer:
        await asyncio.sleep(self._latency_seconds)
        try:
            return self._server.handle(operation)
        except Refusal as refusal:
            raise _translate(refusal) from refusal
        except Unanswered as silence:
            raise UnreachableError("the connection was closed without an answer") from silence

    def _operation(self, api: ApiType, **facts: Any) -> Operation:
        return Operation(
            type=self._type(api),
            user=self._user,
            user_agent=self._field_manager,
            field_manager=self._field_manager,
            **facts,
        )

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
        """One page of objects."""
        answer = await self._ask(
            self._operation(
                api,
                verb="list",
                namespace=namespace,
                label_selector=label_selector,
                limit=limit,
                continue_token=continue_token,
                resource_version=resource_version,
                field_selector=field_selector,
            )
        )
        metadata = answer.body["metadata"]
        return ListPage(
            items=answer.body["items"],
            resource_version=metadata["resourceVersion"],
            continue_token=metadata.get("continue", ""),
        )

    async def watch(
        self,
        api: ApiType,
        *,
        namespace: str,
        label_selector: str,
        resource_version: str,
        timeout_seconds: int,
    ) -> AsyncIterator[WatchEvent]:
        """Events after `resource_version`, with bookmarks."""
        await asyncio.sleep(self._latency_seconds)
        operation = self._operation(
            api,
            verb="watch",
            namespace=namespace,
            label_selector=label_selector,
            resource_version=resource_version,
            bookmarks=True,
        )
        try:
            watch = self._server.watch(operation)
        except Refusal as refusal:
            raise _translate(refusal) from refusal
        except Unanswered as silence:
            raise UnreachableError("the connection was closed without an answer") from silence
        try:
            async for frames in stream(watch, timeout_seconds):
                for frame in frames:
                    if frame["type"] == "GARBAGE":
                        raise UnreachableError("a line of the watch is no JSON object")
                    yield WatchEvent(type=frame["type"], object=frame["object"])
        finally:
            self._server.close_watch(watch)

    async def get(self, api: ApiType, key: NamespacedName) -> Manifest:
        """The object as it is now."""
        operation = self._operation(api, verb="get", namespace=key.namespace, name=key.name)
        return (await self._ask(operation)).body

    async def create(self, api: ApiType, manifest: Manifest) -> Manifest:
        """POST under the field manager."""
        operation = self._operation(
            api,
            verb="create",
            namespace=manifest["metadata"].get("namespace", ""),
            body=copy_json(manifest),
        )
        return (await self._ask(operation)).body

    async def apply(self, api: ApiType, manifest: Manifest, *, force: bool) -> Manifest:
        """Server-side apply under the field manager."""
        key = key_of(manifest)
        operation = self._operation(
            api,
            verb="patch",
            patch="apply",
            namespace=key.namespace,
            name=key.name,
            force=force,
            body=copy_json(manifest),
        )
        return (await self._ask(operation)).body

    async def patch(
        self,
        api: ApiType,
        key: NamespacedName,
        body: Any,
        *,
        patch_type: PatchType,
    ) -> Manifest:
        """A merge patch or JSON patch."""
        operation = self._operation(
            api,
            verb="patch",
            patch=PATCH_TYPES[patch_type],
            namespace=key.namespace,
            name=key.name,
            body=copy_json(body),
        )
        return (await self._ask(operation)).body

    async def replace(self, api: ApiType, manifest: Manifest, *, subresource: str = "") -> Manifest:
        """PUT of the object or its subresource, guarded by the manifest's `resourceVersion`."""
        key = key_of(manifest)
        operation = self._operation(
            api,
            verb="update",
            namespace=key.namespace,
            name=key.name,
            subresource=subresource,
            body=copy_json(manifest),
        )
        return (await self._ask(operation)).body

    async def delete(
        self, api: ApiType, key: NamespacedName, *, uid: str, resource_version: str = ""
    ) -> None:
        """Delete in the background if the object still is this one; already gone is no error."""
        operation = self._operation(
            api,
            verb="delete",
            namespace=key.namespace,
            name=key.name,
            body=delete_options(uid, resource_version),
        )
        try:
            await self._ask(operation)
        except ApiError as error:
            if error.status != 404:
                raise


def _translate(refusal: Refusal) -> ApiError:
    retry = refusal.headers.get("Retry-After")
    return api_error(
        refusal.status, refusal.body, retry_after_seconds=float(retry) if retry else None
    )
