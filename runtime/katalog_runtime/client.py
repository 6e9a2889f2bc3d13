"""`cluster.Cluster` over HTTP: requests from `requests`, answers as plain dicts, failures typed.

Every failure leaves as a subclass of `errors.ApiError`: here, and only here, HTTP becomes our
words. Nothing is repeated by itself except a request that the server did not let in (401), once,
with renewed credentials: what a failure means is the caller's to decide. A write without an answer
may have happened (fault A5).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from types import TracebackType
from typing import Any, Self

import aiohttp
import orjson
from aiohttp.http import HttpProcessingError

from katalog_runtime import requests
from katalog_runtime.bundle import ApiType
from katalog_runtime.cluster import ListPage, PatchType, WatchEvent
from katalog_runtime.connection import Access, Connection, ConnectionSetupError
from katalog_runtime.errors import ApiError, NotFoundError, UnreachableError, api_error
from katalog_runtime.gate import Gate
from katalog_runtime.objects import Manifest, NamespacedName
from katalog_runtime.requests import Request
from katalog_runtime.round_trip import FAILURES, RoundTripper, Stream
from katalog_runtime.server_warnings import ServerWarnings
from katalog_runtime.version import __version__
from katalog_runtime.watch_lines import WatchLines

REQUEST_SECONDS = 30.0
WATCH_GRACE_SECONDS = 30.0
"""How long past its own timeout a watch may stay open before it counts as half-open."""
_MAX_ERROR_BYTES = 64 * 1024

RequestObserver = Callable[[str, str, float], None]
"""Called once per answered or failed request: method, status code or `<error>`, seconds."""


def _unobserved(method: str, code: str, seconds: float) -> None:
    pass


class HttpCluster:
    """A Kubernetes API server; use as `async with HttpCluster(connection) as cluster`."""

    def __init__(
        self,
        connection: Connection,
        *,
        name: str = "",
        width: int = 64,
        request_seconds: float = REQUEST_SECONDS,
        observe: RequestObserver = _unobserved,
    ) -> None:
        """Args: `name` joins the user agent; at most `width` requests besides watches at a time."""
        self._connection = connection
        agent = f"katalogc/{__version__}" + (f" ({name})" if name else "")
        self._tripper = RoundTripper(connection, agent=agent, seconds=request_seconds)
        self._gate = Gate(width)
        self._observe = observe
        self._warnings = ServerWarnings()

    async def __aenter__(self) -> Self:
        await self._tripper.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._tripper.__aexit__(kind, error, traceback)

    # The protocol ------------------------------------------------------------------------------

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
        """See `cluster.Cluster.list_page`."""
        request = requests.list_page(
            api,
            namespace=namespace,
            label_selector=label_selector,
            limit=limit,
            continue_token=continue_token,
            resource_version=resource_version,
            field_selector=field_selector,
        )
        body = await self._send(request)
        metadata = body.get("metadata")
        items = body.get("items") or []
        if not isinstance(metadata, dict) or not isinstance(items, list):
            raise UnreachableError(f"the answer to {request.target} is no list")
        for item in items:
            if not isinstance(item, dict):
                raise UnreachableError(f"the answer to {request.target} lists what is no object")
            item.setdefault("apiVersion", api.api_version)
            item.setdefault("kind", api.kind)
        return ListPage(
            items=items,
            resource_version=str(metadata.get("resourceVersion") or ""),
            continue_token=str(metadata.get("continue") or ""),
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
        """See `cluster.Cluster.watch`; close the iterator to close the connection."""
        request = requests.watch(
            api,
            namespace=namespace,
            label_selector=label_selector,
            resource_version=resource_version,
            timeout_seconds=timeout_seconds,
        )
        lines = WatchLines()
        started = asyncio.get_running_loop().time()
        try:
            with await self._open(request, started) as stream:
                if stream.status >= 300:
                    raise _refusal(stream, await stream.read(_MAX_ERROR_BYTES))
                stream.ends_in(timeout_seconds + WATCH_GRACE_SECONDS)
                while chunk := await stream.chunk():
                    for event in lines.feed(chunk):
                        yield event
        except FAILURES as error:
            raise _unreachable(request, error, started) from error
        lines.finish()

    async def get(self, api: ApiType, key: NamespacedName) -> Manifest:
        """See `cluster.Cluster.get`."""
        return await self._send(requests.get(api, key), urgent=_is_urgent(api))

    async def create(self, api: ApiType, manifest: Manifest) -> Manifest:
        """See `cluster.Cluster.create`."""
        return await self._send(requests.create(api, manifest), urgent=_is_urgent(api))

    async def apply(self, api: ApiType, manifest: Manifest, *, force: bool) -> Manifest:
        """See `cluster.Cluster.apply`."""
        return await self._send(requests.apply(api, manifest, force=force))

    async def patch(
        self,
        api: ApiType,
        key: NamespacedName,
        body: Any,
        *,
        patch_type: PatchType,
    ) -> Manifest:
        """See `cluster.Cluster.patch`."""
        return await self._send(requests.patch(api, key, body, patch_type=patch_type))

    async def replace(self, api: ApiType, manifest: Manifest, *, subresource: str = "") -> Manifest:
        """See `cluster.Cluster.replace`."""
        request = requests.replace(api, manifest, subresource=subresource)
        return await self._send(request, urgent=_is_urgent(api))

    async def delete(
        self, api: ApiType, key: NamespacedName, *, uid: str, resource_version: str = ""
    ) -> None:
        """See `cluster.Cluster.delete`."""
        try:
            await self._send(requests.delete(api, key, uid=uid, resource_version=resource_version))
        except NotFoundError:
            return

    # Sending -----------------------------------------------------------------------------------

    async def _send(self, request: Request, *, urgent: bool = False) -> Manifest:
        """The JSON object that the server answers; `urgent` passes by the throttle."""
        if not urgent and not self._gate.enter_at_once():
            await self._gate.enter()
        try:
            raw = await self._exchange(request)
        except ApiError as error:
            if error.status == 429:
                self._gate.refused(error.retry_after_seconds)
            raise
        finally:
            if not urgent:
                self._gate.leave()
        self._gate.succeeded()
        try:
            body = orjson.loads(raw)
        except orjson.JSONDecodeError as error:
            raise UnreachableError(f"the answer to {_named(request)} is no JSON") from error
        if not isinstance(body, dict):
            raise UnreachableError(f"the answer to {_named(request)} is no JSON object")
        return body

    async def _exchange(self, request: Request) -> bytes:
        """The body of the answer; not 2xx, or no answer, raises ApiError."""
        started = asyncio.get_running_loop().time()
        try:
            with await self._open(request, started) as stream:
                if stream.status >= 300:
                    raise _refusal(stream, await stream.read(_MAX_ERROR_BYTES))
                return await stream.read()
        except FAILURES as error:
            raise _unreachable(request, error, started) from error

    async def _open(self, request: Request, started: float) -> Stream:
        """The answer to come; asked once more, with renewed credentials, where they were refused."""
        connection, code = self._connection, "<error>"
        try:
            if started >= connection.due_at:
                await self._renew()
            access = connection.access
            stream = await self._tripper.open(request, access)
            if stream.status == 401 and await self._is_renewed(access, stream):
                stream = await self._tripper.open(request, connection.access)
            code = str(stream.status)
            if warnings := stream.headers.getall("Warning", ()):
                self._warnings.hear(warnings, request.method, request.target.partition("?")[0])
            return stream
        finally:
            self._observe(request.method, code, asyncio.get_running_loop().time() - started)

    async def _is_renewed(self, refused: Access, answer: Stream) -> bool:
        """Whether there are other credentials now than the refused; then the answer is closed."""
        try:
            await self._renew(refused=refused)
        except BaseException:
            answer.close()
            raise
        if self._connection.access is refused:
            return False
        answer.close()
        return True

    async def _renew(self, **why: Any) -> None:
        try:
            await self._connection.renew(**why)
        except ConnectionSetupError as error:
            if "refused" in why:
                raise UnreachableError(f"the credentials cannot be renewed: {error}") from error


def _is_urgent(api: ApiType) -> bool:
    """A Lease must be renewed while everything else is held back."""
    return api.group == "coordination.k8s.io"


def _unreachable(request: Request, error: Exception, started: float) -> UnreachableError:
    """What we say where no answer came."""
    waited = asyncio.get_running_loop().time() - started
    if isinstance(error, TimeoutError):
        return UnreachableError(f"{_named(request)} timed out after {waited:.0f} s")
    return UnreachableError(f"{_named(request)} failed: {_why(error)}"[:1024])


def _why(error: Exception) -> str:
    """The cause alone: aiohttp's own texts also hold addresses of Python objects."""
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return str(error.certificate_error)
    if isinstance(error, aiohttp.ClientConnectorError):
        return error.os_error.strerror or str(error.os_error)
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return "the server closed the connection"
    if isinstance(error, HttpProcessingError):
        # Its first line says why, the others quote what came.
        return f"the answer is no HTTP: {error.message.splitlines()[0].rstrip(':')}"
    return " ".join(str(error).split()) or type(error).__name__


def _named(request: Request) -> str:
    return f"{request.method} {request.target.partition('?')[0]}"


def _refusal(answer: Stream, raw: bytes) -> ApiError:
    """The exception for an answer that is not a success."""
    body: dict[str, Any] = {}
    try:
        decoded = orjson.loads(raw)
        # Only a Status is meant to be read; anything else (a proxy's page, an object) may be
        # sensitive and stays out of messages.
        if isinstance(decoded, dict) and decoded.get("kind") == "Status":
            body = decoded
    except orjson.JSONDecodeError:
        pass
    after = answer.headers.get("Retry-After", "")
    seconds = float(after) if after.isascii() and after.isdigit() else None
    return api_error(answer.status, body, retry_after_seconds=seconds)
