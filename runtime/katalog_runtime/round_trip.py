"""One HTTP request over one of aiohttp's pooled connections: bytes out, bytes in. Decides nothing.

In: a `Request`, and the `Access` to send it with. Out: a `Stream`: status and headers, and a body
still to be read. Failures leave as one of `FAILURES`.

aiohttp makes and keeps the connections (TLS, proxies, names) and parses what comes. What its
session does around that for each request (cookies, redirects, URLs, copies of headers) is of no use
to a client of one server, and was three quarters of a request's instructions (ADR 11).
"""

from __future__ import annotations

import asyncio
from typing import NamedTuple, Self

import aiohttp
from aiohttp.client_proto import ResponseHandler
from aiohttp.connector import Connection as PooledConnection
from aiohttp.http import HttpProcessingError
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from katalog_runtime.connection import Access, Connection
from katalog_runtime.requests import Request

CONNECT_SECONDS = 10.0
KEEP_SECONDS = 75.0
"""How long an idle connection is kept; the API server closes its end after 90 s."""
FAILURES = (aiohttp.ClientError, HttpProcessingError, OSError)
"""No connection, no answer in time (a `TimeoutError` is an OSError), or an answer that is no HTTP."""
_SWITCHING_PROTOCOLS = 101


class Stream:
    """An answer whose body is still to be read: `with await tripper.open(…) as stream`."""

    __slots__ = ("_connection", "_content", "_is_read", "_limit", "headers", "status")

    def __init__(
        self,
        connection: PooledConnection,
        limit: _Limit,
        status: int,
        headers: CIMultiDictProxy[str],
        content: aiohttp.StreamReader,
    ) -> None:
        self._connection = connection
        self._limit = limit
        self.status = status
        self.headers = headers
        self._content = content
        self._is_read = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    async def read(self, most_bytes: int = -1) -> bytes:
        """The body, or so much of its beginning."""
        try:
            body = await self._content.read(most_bytes)
            # Asked for so many bytes, it gives what is there.
            while len(body) < most_bytes and (more := await self._content.readany()):
                body += more
        except FAILURES as error:
            self._limit.explain(error)
            raise
        self._is_read = True
        return body[:most_bytes] if most_bytes >= 0 else body

    async def chunk(self) -> bytes:
        """What has come of the body since the last time; waits for some; empty at its end."""
        try:
            return await self._content.readany()
        except FAILURES as error:
            self._limit.explain(error)
            raise

    def ends_in(self, seconds: float) -> None:
        """The rest of the body must have come in so many seconds from now."""
        self._limit.move(seconds)

    def close(self) -> None:
        """Give the connection back if another request can use it, else close it."""
        self._limit.lift()
        if self._is_read:
            self._connection.release()  # aiohttp closes it if there is a rest of the body on it
        else:
            self._connection.close()


class RoundTripper:
    """Sends requests to one API server; use as `async with`."""

    def __init__(self, connection: Connection, *, agent: str, seconds: float) -> None:
        """Nothing is connected yet; an answer must have come `seconds` after its request."""
        self._connection = connection
        self._agent = agent
        self._seconds = seconds
        # Both hold for new connections alone; what comes afterwards has its `_Limit`.
        self._limits = aiohttp.ClientTimeout(connect=seconds, sock_connect=CONNECT_SECONDS)
        self._connector: aiohttp.TCPConnector | None = None
        self._route: _Route | None = None

    async def __aenter__(self) -> RoundTripper:
        # Requests are bounded by the throttle and watches by the bundle, so the connector is not: a
        # limit shared by both would let watches starve the writes.
        self._connector = aiohttp.TCPConnector(
            limit=0, keepalive_timeout=KEEP_SECONDS, ttl_dns_cache=30
        )
        return self

    async def __aexit__(self, *_error: object) -> None:
        if self._connector is not None:
            await self._connector.close()

    async def open(self, request: Request, access: Access) -> Stream:
        """Send it, and hear the head of the answer."""
        if self._connector is None or self._connector.closed:
            raise aiohttp.ClientConnectionError("the connection to the API server is closed")
        try:
            route = self._route
            if route is None or route.access is not access:
                route = self._route = self._route_with(access)
            sent = route.encode(request)
            connection = await self._connector.connect(route.where, [], self._limits)
        except aiohttp.ClientError:
            raise
        except ValueError as error:  # a port, a name or a credential that cannot be sent
            raise aiohttp.InvalidURL(self._connection.server, str(error)) from error
        limit: _Limit | None = None
        try:
            protocol, transport = connection.protocol, connection.transport
            # It should close where something came that nobody asked for: that answers no request.
            if protocol is None or transport is None or protocol.should_close:
                raise aiohttp.ServerDisconnectedError
            limit = _Limit(protocol, transport, self._seconds)
            protocol.set_response_params(read_until_eof=True)
            transport.write(sent)
            message, content = await protocol.read()
            while 100 <= message.code < 200 and message.code != _SWITCHING_PROTOCOLS:
                message, content = await protocol.read()
        except BaseException as error:
            connection.close()
            if limit is not None:
                limit.lift()
                limit.explain(error)
            raise
        limit.content = content
        return Stream(connection, limit, message.code, message.headers, content)

    def _route_with(self, access: Access) -> _Route:
        connection = self._connection
        server = URL(connection.server, encoded=True)
        headers = CIMultiDict({"Accept": "application/json", "User-Agent": self._agent})
        if access.authorization:
            headers["Authorization"] = access.authorization
        proxy = URL(connection.proxy) if connection.proxy else None
        where = aiohttp.ClientRequest(
            "GET",
            server,
            headers=headers,
            ssl=access.ssl,
            server_hostname=connection.server_hostname,
            proxy=proxy,
            loop=asyncio.get_running_loop(),
        )
        if proxy and server.scheme == "http" and proxy.raw_user:
            # aiohttp adds these for tunnels alone before it connects.
            credentials = aiohttp.encode_basic_auth(proxy.user or "", proxy.password or "")
            where.headers["Proxy-Authorization"] = credentials
        lines = [f"{name}: {text}\r\n" for name, text in where.headers.items()]
        if any(char in line[:-2] for line in lines for char in "\r\n\0"):
            raise aiohttp.ClientConnectionError("a credential or name of ours holds a line break")
        path = server.raw_path.rstrip("/")
        # RFC 9112, 3.2.2: a proxy that is no tunnel is told the whole address.
        prefix = f"{server.origin()}{path}" if proxy and server.scheme == "http" else path
        return _Route(access, where, prefix, "".join(lines))


class _Route(NamedTuple):
    """What all requests with one access share."""

    access: Access
    where: aiohttp.ClientRequest
    """Tells the connector where to connect to, and how; it is never sent."""
    prefix: str
    """What stands before each request's path."""
    head: str
    """The header lines after the request line."""

    def encode(self, request: Request) -> bytes:
        method, target, body, content_type = request
        lines = f"{method} {self.prefix}{target} HTTP/1.1\r\n{self.head}"
        if body is None:
            return f"{lines}\r\n".encode()
        lines = f"{lines}Content-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n"
        return lines.encode() + body


class _Limit:
    """Ends a connection when its time is over."""

    __slots__ = ("_handle", "_is_over", "_protocol", "_transport", "content")

    def __init__(
        self, protocol: ResponseHandler, transport: asyncio.Transport, seconds: float
    ) -> None:
        self._protocol = protocol
        self._transport = transport
        self.content: aiohttp.StreamReader | None = None
        """The body, once its head has come."""
        self._is_over = False
        self._handle = asyncio.get_running_loop().call_later(seconds, self._end)

    def move(self, seconds: float) -> None:
        """The time is over in `seconds` from now."""
        self._handle.cancel()
        self._handle = asyncio.get_running_loop().call_later(seconds, self._end)

    def lift(self) -> None:
        """The time does not matter any more."""
        self._handle.cancel()

    def explain(self, error: BaseException) -> None:
        """Raise a TimeoutError if that is why the connection ended, as `error` cannot tell."""
        if self._is_over and isinstance(error, FAILURES):
            raise TimeoutError from error

    def _end(self) -> None:
        self._is_over = True
        self._transport.abort()
        # The end of a connection ends no body that tells no length, and is no news where the
        # connection is gone already: whoever waits is told.
        (self.content or self._protocol).set_exception(TimeoutError())
