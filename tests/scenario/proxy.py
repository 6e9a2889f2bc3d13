"""A proxy between operator and API server that can kill the operator at a chosen write.

The k-th write (anything but GET, Leases and Events not counted) triggers it: either before the
server sees the write, or after the server has answered and before the operator learns of it.
Everything else passes through untouched, watches included. Runs in a thread of its own, with TLS
like the server's.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import aiohttp
from aiohttp import web

Moment = Literal["before", "after"]


@dataclass
class Trigger:
    """When to fire, and what happened so far."""

    at: int
    """Which write, from 1; 0 for never."""
    moment: Moment
    fire: Callable[[], None]
    writes: list[str] = field(default_factory=list)
    """Method and path of every counted write, the one that fired included."""
    fired: bool = False


def _counts(request: web.Request) -> bool:
    quiet = ("/leases", "/events")
    return request.method != "GET" and not any(each in request.path for each in quiet)


class Proxy:
    """Forward to `target`; use as a context manager, then read `url`."""

    def __init__(self, target: str, *, ca: str, certificate: Path, key: Path) -> None:
        self.target = target
        self.trigger: Trigger | None = None
        self._upstream_tls = ssl.create_default_context(cafile=ca)
        self._server_tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._server_tls.load_cert_chain(certificate, key)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._started = threading.Event()
        self._stop: asyncio.Event | None = None
        self.url = ""

    def __enter__(self) -> Proxy:
        self._thread.start()
        assert self._started.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        assert self._stop
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    def _run(self) -> None:
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        self._stop = asyncio.Event()
        connector = aiohttp.TCPConnector(ssl=self._upstream_tls, limit=0)
        async with aiohttp.ClientSession(
            connector=connector, auto_decompress=False, timeout=aiohttp.ClientTimeout(total=None)
        ) as self._session:
            app = web.Application(client_max_size=1 << 26)
            app.router.add_route("*", "/{path:.*}", self._forward)
            runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
            await runner.setup()
            site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=self._server_tls)
            await site.start()
            self.url = f"https://127.0.0.1:{runner.addresses[0][1]}"
            self._started.set()
            await self._stop.wait()
            await runner.cleanup()

    async def _forward(self, request: web.Request) -> web.StreamResponse:
        trigger = self.trigger
        firing = False
        if trigger and _counts(request) and not trigger.fired:
            trigger.writes.append(f"{request.method} {request.path}")
            firing = len(trigger.writes) == trigger.at
            trigger.fired = firing
        if trigger and firing and trigger.moment == "before":
            trigger.fire()
            raise ConnectionResetError
        headers = {k: v for k, v in request.headers.items() if k.lower() != "host"}
        async with self._session.request(
            request.method, f"{self.target}{request.rel_url}", headers=headers,
            data=await request.read() or None,
        ) as upstream:  # fmt: skip
            if trigger and firing:
                await upstream.read()
                trigger.fire()
                raise ConnectionResetError
            return await self._relay(request, upstream)

    async def _relay(
        self, request: web.Request, upstream: aiohttp.ClientResponse
    ) -> web.StreamResponse:
        response = web.StreamResponse(status=upstream.status)
        for name, value in upstream.headers.items():
            if name.lower() not in {"transfer-encoding", "connection", "content-length"}:
                response.headers[name] = value
        if upstream.content_length is not None:
            response.content_length = upstream.content_length
        await response.prepare(request)
        with contextlib.suppress(ConnectionResetError, aiohttp.ClientError):
            async for chunk in upstream.content.iter_any():
                await response.write(chunk)
        await response.write_eof()
        return response
