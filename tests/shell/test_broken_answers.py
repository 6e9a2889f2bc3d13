"""Answers that are cut, late, or no HTTP at all, to the byte: what becomes of a request then.

The server says what the test hands it: the first piece when asked, the next when `more` is set.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest

from katalog_runtime import errors
from katalog_runtime.client import HttpCluster
from katalog_runtime.connection import Access, Connection
from katalog_runtime.round_trip import Stream
from tests.shell.api_server import Answer, cluster_at, scripted, status_answer
from tests.shell.test_client import CONFIG_MAPS, KEY
from tests.shell.test_round_trip import GET, tripper

ACCESS = Access(authorization="Bearer token", ssl=True)
EMPTY = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


class PieceServer:
    """Answers each request with the first piece, and goes on whenever it is told to."""

    def __init__(self, pieces: tuple[bytes, ...]) -> None:
        self._pieces = pieces
        self.more = asyncio.Event()
        self.said = asyncio.Event()
        self.connections = 0
        self.address = ""
        self.writers: list[asyncio.StreamWriter] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.writers.append(writer)
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                first, *rest = self._pieces
                writer.write(first)
                for piece in rest:
                    await self.more.wait()
                    writer.write(piece)
                    self.said.set()
        except (asyncio.IncompleteReadError, ConnectionError):
            return


@asynccontextmanager
async def saying(*pieces: bytes) -> AsyncIterator[PieceServer]:
    state = PieceServer(pieces)
    server = await asyncio.start_server(state.serve, "127.0.0.1", 0)
    state.address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield state
    finally:
        state.more.set()
        server.close()
        for each in state.writers:
            each.transport.abort()
        await server.wait_closed()


async def to_the_end(stream: Stream) -> None:
    while await stream.chunk():
        pass


async def test_the_beginning_of_a_body_is_waited_for():
    length = b"HTTP/1.1 409 Conflict\r\nContent-Length: 6\r\n\r\n"
    async with saying(length + b"abc", b"def") as server, tripper(server.address) as client:
        for _ in range(2):
            with await client.open(GET, ACCESS) as stream:
                server.more.set()
                assert await stream.read(1000) == b"abcdef"
            server.more.clear()
    assert server.connections == 1


async def test_more_than_the_beginning_is_not_given():
    async with saying(EMPTY) as server, tripper(server.address) as client:
        with await client.open(GET, ACCESS) as stream:
            assert await stream.read(1) == b"{"


@pytest.mark.parametrize(
    "rest",
    [b"zz\r\n", b"2\r\nab!!", b"0\r\nX: " + b"y" * 10_000 + b"\r\n\r\n"],
    ids=["size", "end of a chunk", "trailer"],
)
async def test_a_body_that_breaks_midway_ends_by_the_limit(rest: bytes):
    pieces = (CHUNKED + b"2\r\n{}\r\n", rest)
    async with saying(*pieces) as server, tripper(server.address, seconds=0.1) as client:
        with await client.open(GET, ACCESS) as stream:
            server.more.set()
            with pytest.raises(TimeoutError):
                await stream.read()
        server.more.clear()
        with await client.open(GET, ACCESS) as stream:
            stream.ends_in(0.1)
            server.more.set()
            with pytest.raises(TimeoutError):
                await to_the_end(stream)


async def test_half_a_body_without_a_length_is_not_taken_for_a_whole_one():
    pieces = (b'HTTP/1.0 200 OK\r\n\r\n{"items":[]', b"")
    async with saying(*pieces) as server, tripper(server.address, seconds=0.05) as client:
        with await client.open(GET, ACCESS) as stream, pytest.raises(TimeoutError):
            await stream.read()


@pytest.mark.parametrize(
    "said",
    [
        b"SSH-2.0-OpenSSH\r\n",
        b"{}\r\n\r\n",
        b"\x00\x00\x12\x04\x00\x00\x00\x00\x00",
        b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 9000 + b"\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
        CHUNKED + b"zz\r\n{}",
    ],
    ids=["banner", "no head", "HTTP/2", "length", "long header", "two lengths", "chunk"],
)
async def test_what_is_no_http_is_unreachable_in_one_line(said: bytes):
    async with saying(said) as server, cluster_at(server) as cluster:
        with pytest.raises(
            errors.UnreachableError, match=r"failed: the answer is no HTTP: \w"
        ) as no:
            await cluster.get(CONFIG_MAPS, KEY)
    assert "\n" not in no.value.message


async def test_an_answer_that_nobody_asked_for_answers_nothing():
    stale = EMPTY.replace(b"{}", b"[]")
    async with saying(EMPTY, stale) as server, tripper(server.address) as client:
        with await client.open(GET, ACCESS) as stream:
            assert await stream.read() == b"{}"
        server.more.set()
        await server.said.wait()
        # Another request takes long enough for it to have come.
        async with saying(EMPTY) as other, tripper(other.address) as bystander:
            with await bystander.open(GET, ACCESS) as stream:
                await stream.read()
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await client.open(GET, ACCESS)
        server.more.clear()
        with await client.open(GET, ACCESS) as stream:
            assert await stream.read() == b"{}"
    assert server.connections == 2


async def test_a_refused_answer_is_closed_when_the_renewal_is_cut_off():
    reported: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: reported.append(context))
    async with scripted(status_answer(401, "Unauthorized")) as server:
        asked = asyncio.Event()

        async def stuck() -> Access:
            asked.set()
            await asyncio.Event().wait()
            return ACCESS

        connection = Connection(server=server.address, access=ACCESS, source=stuck)
        async with HttpCluster(connection) as cluster:
            request = asyncio.create_task(cluster.get(CONFIG_MAPS, KEY))
            await asked.wait()
            request.cancel()
            await asyncio.wait([request])
            assert request.cancelled()
            del request
            gc.collect()
    assert reported == []


async def test_a_plain_proxy_is_given_its_credentials():
    async with scripted(Answer()) as proxy:
        address = proxy.address.replace("http://", "http://user:p%40ss@")
        async with tripper("http://api.example", proxy=address) as client:
            with await client.open(GET, ACCESS) as stream:
                await stream.read()
    (sent,) = proxy.received
    assert sent.headers["proxy-authorization"] == aiohttp.encode_basic_auth("user", "p@ss")


@pytest.mark.parametrize(
    ("server", "proxy"),
    [
        ("https://host:99999", None),
        ("https://[::1", None),
        ("https://a..b", None),
        (f"https://{'a' * 64}.example", None),
        ("http://127.0.0.1:1", "http://host:99999"),
    ],
)
async def test_an_address_that_cannot_be_is_no_bug_of_ours(server: str, proxy: str | None):
    async with tripper(server, proxy=proxy) as client:
        with pytest.raises(aiohttp.InvalidURL):
            await client.open(GET, ACCESS)
