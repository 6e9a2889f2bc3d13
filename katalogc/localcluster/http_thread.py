"""The HTTP server in a thread of its own, for callers without an event loop.

In: a cluster's API server. Out: an address that is being served, until `stop`.
"""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

from aiohttp import web

from katalogc.errors import SurroundingsError
from katalogc.localcluster.certificates import Certificates, server_context
from katalogc.localcluster.http_server import HttpFront

if TYPE_CHECKING:
    from katalogc.localcluster.api_server import ApiServer

HOST = "127.0.0.1"
SHUTDOWN_SECONDS = 1.0
_LAST_TURNS = 3
"""Turns of the loop that an aborted TLS transport needs to close its socket."""


class HttpThread:
    """A running HTTP server."""

    def __init__(self, server: ApiServer, *, port: int, certificates: Certificates | None) -> None:
        """Starts serving; returns when connections are accepted.

        Args:
            port: 0 takes a free one.
            certificates: None serves plain HTTP.

        Raises:
            SurroundingsError: the port cannot be had.
        """
        self._server = server
        self._certificates = certificates
        self._wanted_port = port
        self.port = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None
        self._started = threading.Event()
        self._failures: list[OSError] = []
        self._thread = threading.Thread(target=self._run, name="katalogc-cluster", daemon=True)
        self._thread.start()
        self._started.wait()
        for failure in self._failures:
            self._thread.join()
            raise SurroundingsError(
                f"the embedded cluster cannot listen on {HOST}:{port}: {failure.strerror}"
            ) from failure

    @property
    def url(self) -> str:
        """`https://127.0.0.1:PORT`."""
        scheme = "http" if self._certificates is None else "https"
        return f"{scheme}://{HOST}:{self.port}"

    def _run(self) -> None:
        asyncio.run(self._main())

    async def _main(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        front = HttpFront(self._server, lambda: f"{HOST}:{self.port}")
        runner = web.AppRunner(
            front.application(),
            access_log=None,
            shutdown_timeout=SHUTDOWN_SECONDS,
            handler_cancellation=True,
        )
        await runner.setup()
        context = server_context(self._certificates) if self._certificates is not None else None
        site = web.TCPSite(runner, HOST, self._wanted_port, ssl_context=context)
        try:
            await site.start()
        except OSError as error:
            self._failures.append(error)
            await runner.cleanup()
            self._started.set()
            return
        self.port = runner.addresses[0][1]
        self._started.set()
        await self._stopping.wait()
        connections = runner.server.connections if runner.server is not None else []
        transports = [each.transport for each in connections if each.transport is not None]
        await runner.cleanup()
        # A TLS connection that was closed still waits for its peer's goodbye; nobody is left to wait.
        for transport in transports:
            transport.abort()
        for _ in range(_LAST_TURNS):
            await asyncio.sleep(0)

    def stop(self) -> None:
        """Stops serving; idempotent."""
        if self._thread.is_alive() and self._loop is not None and self._stopping is not None:
            self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join()
