"""The sockets of the HTTP server, had before anything else begins, and served once it is loaded.

An address that cannot be had ends the process before it has written anything. Whoever connects
before the server is loaded waits in the sockets' backlog.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import socket
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

from katalog_runtime.config import Address

if TYPE_CHECKING:
    from katalog_runtime.server import Observed


_NOT_HERE = frozenset({errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT})
"""An address of another machine, or of a family that this one does not speak."""


class ListenError(Exception):
    """The address cannot be had; the text is one line for the user."""


class Listener(NamedTuple):
    """Sockets that listen, one for each address that the host's name stands for."""

    sockets: tuple[socket.socket, ...]
    address: Address
    """With the port that was really taken."""

    async def serve(self, observed: Observed, log: logging.Logger) -> None:
        """Answer until cancelled; may be called again.

        Loading the server is a tenth of the process's start: a thread does it, while the first
        objects are reconciled.
        """
        await asyncio.to_thread(import_module, "katalog_runtime.server")
        from katalog_runtime.server import Server

        server = Server(observed, log)
        # Cut off halfway, its start would leave a socket behind that goes on answering.
        starting = asyncio.create_task(server.start([each.dup() for each in self.sockets]))
        try:
            await asyncio.shield(starting)
            await asyncio.Event().wait()
        finally:
            await asyncio.wait([starting])
            await server.stop()

    def close(self) -> None:
        """Take no more connections."""
        for each in self.sockets:
            each.close()


def listen(address: Address) -> Listener:
    """Bind and listen; port 0 takes a free one.

    Raises:
        ListenError: the address cannot be had.
    """
    sockets: list[socket.socket] = []
    port = address.port
    try:
        places = _places(address)
        for family, place in places:
            try:
                made = socket.create_server((place, port), family=family)
            except OSError as error:
                # `localhost` stands for ::1 too where nothing speaks IPv6.
                is_last = (family, place) == places[-1]
                if error.errno not in _NOT_HERE or (is_last and not sockets):
                    raise
                continue
            made.setblocking(False)
            sockets.append(made)
            port = int(made.getsockname()[1])
    except (OSError, UnicodeError) as error:
        for each in sockets:
            each.close()
        raise ListenError(f"cannot listen on {address}: {_why(error)}") from error
    return Listener(tuple(sockets), Address(host=address.host, port=port))


def _why(error: OSError | UnicodeError) -> str:
    if isinstance(error, UnicodeError):  # a label of it is empty or too long
        return "no host can have this name"
    if error.errno and not isinstance(error, socket.gaierror):
        return os.strerror(error.errno)
    return error.strerror or str(error)


def _places(address: Address) -> list[tuple[socket.AddressFamily, str]]:
    """What the host's name stands for, each once."""
    found = socket.getaddrinfo(
        address.host or None, address.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )
    return list(dict.fromkeys((family, str(place[0])) for family, _, _, _, place in found))
