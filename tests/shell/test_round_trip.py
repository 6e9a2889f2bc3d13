"""Requests over aiohttp's pooled connections: what we rely on of the library, and what we add."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest

from katalog_runtime.connection import Access, Connection
from katalog_runtime.requests import Request
from katalog_runtime.round_trip import RoundTripper
from tests.shell.api_server import Answer, ScriptedServer, scripted

GET = Request("GET", "/api/v1/pods?limit=1")
POST = Request("POST", "/api/v1/pods", b'{"a":1}')


def access(authorization: str = "Bearer token") -> Access:
    return Access(authorization=authorization, ssl=True)


def tripper(
    server: ScriptedServer | str, *, proxy: str | None = None, seconds: float = 30.0
) -> RoundTripper:
    async def source() -> Access:
        return access()

    address = server if isinstance(server, str) else server.address
    connection = Connection(server=address, access=access(), source=source, proxy=proxy)
    return RoundTripper(connection, agent="test/1", seconds=seconds)


async def answered(client: RoundTripper, request: Request, with_: Access) -> tuple[int, bytes]:
    with await client.open(request, with_) as stream:
        return stream.status, await stream.read()


async def test_a_request_carries_what_a_server_needs_and_no_more():
    async with scripted(Answer(body=b"{}")) as server, tripper(server) as client:
        assert await answered(client, POST, access()) == (200, b"{}")
    (sent,) = server.received
    host = server.address.removeprefix("http://")
    assert (sent.method, sent.target, sent.body) == ("POST", "/api/v1/pods", b'{"a":1}')
    assert sent.headers.pop("accept-encoding")
    assert sent.headers == {
        "host": host,
        "accept": "application/json",
        "user-agent": "test/1",
        "authorization": "Bearer token",
        "content-type": "application/json",
        "content-length": "7",
    }


async def test_other_credentials_take_effect_at_once():
    async with scripted(Answer()) as server, tripper(server) as client:
        for each in (access("Bearer one"), access("Bearer two"), access("")):
            await answered(client, GET, each)
    assert [each.headers.get("authorization") for each in server.received] == [
        "Bearer one",
        "Bearer two",
        None,
    ]


@pytest.mark.parametrize("authorization", ["Bearer a\r\nX-Evil: 1", "Bearer a\nb", "Bearer \0"])
async def test_a_token_with_a_line_break_is_never_sent(authorization: str):
    async with scripted(Answer()) as server, tripper(server) as client:
        with pytest.raises(aiohttp.ClientConnectionError):
            await answered(client, GET, access(authorization))
    assert server.received == []


async def test_a_proxy_that_is_no_tunnel_is_told_the_whole_address():
    async with (
        scripted(Answer()) as proxy,
        tripper("http://api.example:6443/base/", proxy=proxy.address) as client,
    ):
        await answered(client, GET, access())
    (sent,) = proxy.received
    assert sent.target == "http://api.example:6443/base/api/v1/pods?limit=1"
    assert sent.headers["host"] == "api.example:6443"


async def test_interim_answers_are_passed_over():
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        async with tripper(f"http://127.0.0.1:{port}") as client:
            assert await answered(client, GET, access()) == (200, b"{}")


async def test_a_connection_with_a_rest_on_it_is_not_used_again():
    async with (
        scripted(Answer(status=500, body=b"x" * 300_000)) as server,
        tripper(server) as client,
    ):
        for _ in range(2):
            with await client.open(GET, access()) as stream:
                assert len(await stream.read(1000)) == 1000
    assert (len(server.received), server.connections) == (2, 2)


async def test_a_stream_that_nobody_read_is_closed_with_its_connection():
    async with scripted(Answer(body=b"{}")) as server, tripper(server) as client:
        for _ in range(2):
            with await client.open(GET, access()):
                pass
    assert server.connections == 2


async def test_a_server_that_says_nothing_ends_by_the_limit():
    async with scripted(Answer(end="silent")) as server, tripper(server, seconds=0.05) as client:
        with pytest.raises(TimeoutError):
            await client.open(GET, access())


async def test_the_rest_of_a_stream_has_a_limit_of_its_own():
    stalled = Answer(body=b"begin", content_length=99, end="hang")
    async with scripted(stalled) as server, tripper(server) as client:
        with await client.open(GET, access()) as stream:
            stream.ends_in(0.05)
            assert await stream.chunk() == b"begin"
            with pytest.raises(TimeoutError):
                await stream.chunk()


async def test_chunks_end_with_an_empty_one():
    async with scripted(Answer(body=b"all")) as server, tripper(server) as client:
        with await client.open(GET, access()) as stream:
            assert [await stream.chunk(), await stream.chunk()] == [b"all", b""]


async def test_a_cancelled_request_takes_its_connection_with_it():
    async with scripted(Answer(end="silent")) as server, tripper(server) as client:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await client.open(GET, access())
        server.script[:] = [Answer()]
        assert (await answered(client, GET, access()))[0] == 200
    assert server.connections == 2


async def test_a_closed_client_sends_nothing():
    async with scripted(Answer()) as server:
        client = tripper(server)
        async with client:
            pass
        with pytest.raises(aiohttp.ClientConnectionError):
            await client.open(GET, access())
    assert server.received == []
