"""`cluster.Cluster` over HTTP: aiohttp and orjson, one session, no generated models.

Requests come from `requests`, answers leave as plain dicts, and every failure leaves as a subclass
of `errors.ApiError`: here, and only here, HTTP becomes our words. Nothing is repeated by itself
except a request that the server did not let in (401), once, with renewed credentials: what a
failure means is the caller's to decide. A write without an answer may have happened (fault A5).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any, Self

import aiohttp
import orjson
from yarl import URL

from katalog_runtime import requests
from katalog_runtime.bundle import ApiType
from katalog_runtime.cluster import ListPage, PatchType, WatchEvent
from katalog_runtime.connection import Connection, ConnectionSetupError
from katalog_runtime.errors import ApiError, NotFoundError, UnreachableError, api_error
from katalog_runtime.gate import Gate
from katalog_runtime.objects import Manifest, NamespacedName
from katalog_runtime.requests import Request
from katalog_runtime.server_warnings import ServerWarnings
from katalog_runtime.version import __version__
from katalog_runtime.watch_lines import WatchLines

REQUEST_SECONDS = 30.0
CONNECT_SECONDS = 10.0
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
        width: int = 32,
        request_seconds: float = REQUEST_SECONDS,
        observe: RequestObserver = _unobserved,
    ) -> None:
        """Args: `name` joins the user agent; at most `width` requests besides watches at a time."""
        self._connection = connection
        self._agent = f"katalogc/{__version__}" + (f" ({name})" if name else "")
        self._gate = Gate(width)
        self._timeout = aiohttp.ClientTimeout(total=request_seconds, sock_connect=CONNECT_SECONDS)
        self._request_seconds = request_seconds
        self._observe = observe
        self._warnings = ServerWarnings()
        self._session: aiohttp.ClientSession | None = None
        self._server = URL(connection.server, encoded=True)

    async def __aenter__(self) -> Self:
        # Requests are bounded by the throttle and watches by the bundle, so the connector is not: a
        # limit shared by both would let watches starve the writes.
        connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=75.0, ttl_dns_cache=30)
        self._session = aiohttp.ClientSession(
            connector=connector,
            headers={"Accept": "application/json", "User-Agent": self._agent},
            timeout=self._timeout,
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._session is not None:
            await self._session.close()

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
    ) -> ListPage:
        """See `cluster.Cluster.list_page`."""
        request = requests.list_page(
            api,
            namespace=namespace,
            label_selector=label_selector,
            limit=limit,
            continue_token=continue_token,
            resource_version=resource_version,
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
        whole = aiohttp.ClientTimeout(
            total=timeout_seconds + WATCH_GRACE_SECONDS, sock_connect=CONNECT_SECONDS
        )
        lines = WatchLines()
        async with self._stream(request, whole) as response:
            async for chunk in response.content.iter_any():
                for event in lines.feed(chunk):
                    yield event
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
        subresource: str = "",
    ) -> Manifest:
        """See `cluster.Cluster.patch`."""
        return await self._send(
            requests.patch(api, key, body, patch_type=patch_type, subresource=subresource)
        )

    async def replace(self, api: ApiType, manifest: Manifest) -> Manifest:
        """See `cluster.Cluster.replace`."""
        return await self._send(requests.replace(api, manifest), urgent=_is_urgent(api))

    async def delete(self, api: ApiType, key: NamespacedName, *, uid: str) -> None:
        """See `cluster.Cluster.delete`."""
        try:
            await self._send(requests.delete(api, key, uid=uid))
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
        loop = asyncio.get_running_loop()
        started = loop.time()
        try:
            async with await self._answer(request, self._timeout, started) as response:
                if response.status >= 300:
                    raise await _refusal(response)
                return await response.read()
        except (aiohttp.ClientError, OSError) as error:  # a TimeoutError is an OSError
            raise _unreachable(request, error, loop.time() - started) from error

    @asynccontextmanager
    async def _stream(
        self, request: Request, limits: aiohttp.ClientTimeout
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """The response with its body still to be read; not 2xx, or no answer, raises ApiError."""
        loop = asyncio.get_running_loop()
        started = loop.time()
        try:
            async with asyncio.timeout(self._request_seconds):
                response = await self._answer(request, limits, started)
            async with response:
                if response.status >= 300:
                    raise await _refusal(response)
                yield response
        except (aiohttp.ClientError, OSError) as error:
            raise _unreachable(request, error, loop.time() - started) from error

    async def _answer(
        self, request: Request, limits: aiohttp.ClientTimeout, started: float
    ) -> aiohttp.ClientResponse:
        """Send; once more with renewed credentials where they were refused."""
        loop = asyncio.get_running_loop()
        code = "<error>"
        try:
            connection = self._connection
            if started >= connection.due_at:
                await self._renew()
            access = connection.access
            response = await self._request(request, limits)
            if response.status == 401:
                await self._renew(refused=access)
                if connection.access is not access:
                    response.release()
                    response = await self._request(request, limits)
            code = str(response.status)
            if warnings := response.headers.getall("Warning", ()):
                self._warnings.hear(warnings, request.method, request.target.partition("?")[0])
            return response
        finally:
            self._observe(request.method, code, loop.time() - started)

    async def _renew(self, **why: Any) -> None:
        try:
            await self._connection.renew(**why)
        except ConnectionSetupError as error:
            if "refused" in why:
                raise UnreachableError(f"the credentials cannot be renewed: {error}") from error

    async def _request(
        self, request: Request, limits: aiohttp.ClientTimeout
    ) -> aiohttp.ClientResponse:
        if self._session is None or self._session.closed:
            raise UnreachableError("the connection to the API server is closed")
        connection, server = self._connection, self._server
        headers = {}
        if connection.access.authorization:
            headers["Authorization"] = connection.access.authorization
        if request.body is not None:
            headers["Content-Type"] = request.content_type
        path, _, query = request.target.partition("?")
        # Put together from parts: reading one text anew costs as much as encoding the body.
        url = URL.build(
            scheme=server.scheme,
            authority=server.raw_authority,
            path=server.raw_path.rstrip("/") + path,
            query_string=query,
            encoded=True,
        )
        return await self._session.request(
            request.method,
            url,
            data=request.body,
            headers=headers,
            ssl=connection.access.ssl,
            server_hostname=connection.server_hostname,
            proxy=connection.proxy,
            timeout=limits,
            allow_redirects=False,
        )


def _is_urgent(api: ApiType) -> bool:
    """A Lease must be renewed while everything else is held back."""
    return api.group == "coordination.k8s.io"


def _unreachable(request: Request, error: Exception, waited: float) -> UnreachableError:
    """What we say where no answer came."""
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
    return str(error) or type(error).__name__


def _named(request: Request) -> str:
    return f"{request.method} {request.target.partition('?')[0]}"


async def _refusal(response: aiohttp.ClientResponse) -> ApiError:
    """The exception for an answer that is not a success."""
    raw = await response.content.read(_MAX_ERROR_BYTES)
    body: dict[str, Any] = {}
    try:
        decoded = orjson.loads(raw)
        # Only a Status is meant to be read; anything else (a proxy's page, an object) may be
        # sensitive and stays out of messages.
        if isinstance(decoded, dict) and decoded.get("kind") == "Status":
            body = decoded
    except orjson.JSONDecodeError:
        pass
    after = response.headers.get("Retry-After", "")
    seconds = float(after) if after.isascii() and after.isdigit() else None
    return api_error(response.status, body, retry_after_seconds=seconds)
