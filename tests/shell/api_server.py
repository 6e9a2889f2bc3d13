"""A scripted API server on a loopback port: answers are data, faults included, to single bytes.

Each request takes the next `Answer` of the script; the last one repeats. Requests are recorded with
their bodies. It is no Kubernetes: it says exactly what a test tells it to say.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Literal, Protocol

import orjson

from katalog_runtime.client import HttpCluster
from katalog_runtime.connection import Access, Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    content_length: int | None = None
    """What the header claims; None means the truth."""
    end: Literal["keep", "close", "reset", "hang", "silent"] = "keep"
    """After the body: next request, FIN, RST, nothing ever again; or not even the first byte."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> object:
        return orjson.loads(self.body)


def json_answer(value: object, status: int = 200, **headers: str) -> Answer:
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Answer(status=status, body=orjson.dumps(value), headers=named)


def status_answer(code: int, reason: str, message: str = "no", **headers: str) -> Answer:
    body = {"kind": "Status", "status": "Failure", "reason": reason, "message": message,
            "code": code, "details": {"name": "one"}}  # fmt: skip
    return json_answer(body, code, **headers)


class Addressed(Protocol):
    """A server that listens."""

    address: str


class ScriptedServer:
    def __init__(self, script: list[Answer]) -> None:
        self.script = script
        self.received: list[Received] = []
        self.address = ""
        self.connections = 0
        self._writers: list[asyncio.StreamWriter] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.append(writer)
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                lines = head.decode().split("\r\n")
                method, target, _ = lines[0].split(" ")
                pairs = (line.split(": ", 1) for line in lines[1:] if line)
                headers = {name.lower(): value for name, value in pairs}
                body = await reader.readexactly(int(headers.get("content-length", "0")))
                self.received.append(
                    Received(method=method, target=target, headers=headers, body=body)
                )
                answer = self.script.pop(0) if len(self.script) > 1 else self.script[0]
                if not await self._say(answer, reader, writer):
                    return
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()

    async def _say(
        self, answer: Answer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        if answer.end == "silent":
            await reader.read()
            return False
        length = len(answer.body) if answer.content_length is None else answer.content_length
        head = [f"HTTP/1.1 {answer.status} x", f"Content-Length: {length}"]
        head += [f"{name}: {value}" for name, value in answer.headers.items()]
        writer.write(("\r\n".join(head) + "\r\n\r\n").encode() + answer.body)
        await writer.drain()
        if answer.end == "hang":
            await reader.read()
        if answer.end == "reset":
            writer.transport.abort()
        return answer.end == "keep"


@asynccontextmanager
async def scripted(*script: Answer) -> AsyncIterator[ScriptedServer]:
    state = ScriptedServer(list(script))
    server = await asyncio.start_server(state.serve, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    state.address = f"http://{host}:{port}"
    try:
        yield state
    finally:
        server.close()
        for writer in state._writers:
            writer.transport.abort()
        await server.wait_closed()


def connection_to(server: Addressed, *tokens: str, path: str = "") -> Connection:
    """A connection whose source gives the next token each time that it is asked."""
    remaining = list(tokens or ("token",))

    async def source() -> Access:
        token = remaining.pop(0) if len(remaining) > 1 else remaining[0]
        return Access(authorization=f"Bearer {token}", ssl=True)

    first = Access(authorization=f"Bearer {remaining[0]}", ssl=True)
    if len(remaining) > 1:
        remaining.pop(0)
    return Connection(server=server.address + path, access=first, source=source)


def cluster_at(server: Addressed, *tokens: str, **settings: object) -> HttpCluster:
    return HttpCluster(connection_to(server, *tokens), **settings)  # type: ignore[arg-type]  # settings of the constructor, as the test names them
