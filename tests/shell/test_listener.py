"""The sockets of the HTTP server: had at once, or refused in one line."""

from __future__ import annotations

import asyncio
import errno
import re
import socket
from contextlib import closing

import pytest

from katalog_runtime.config import Address
from katalog_runtime.listener import ListenError, listen


def test_port_0_takes_a_free_one_and_says_which() -> None:
    with closing(listen(Address(host="127.0.0.1", port=0))) as listener:
        (only,) = listener.sockets
        assert only.getsockname() == ("127.0.0.1", listener.address.port)
        assert listener.address.port > 0


async def test_who_connects_before_anybody_serves_is_answered_later() -> None:
    with closing(listen(Address(host="127.0.0.1", port=0))) as listener:
        reader, writer = await asyncio.open_connection("127.0.0.1", listener.address.port)
        writer.write(b"early")

        async def serve(from_: asyncio.StreamReader, to: asyncio.StreamWriter) -> None:
            to.write(await from_.read(5))
            to.close()

        async with await asyncio.start_server(serve, sock=listener.sockets[0].dup()):
            assert await reader.read() == b"early"
        writer.close()


def test_all_addresses_of_a_name_share_the_port() -> None:
    with closing(listen(Address(host="localhost", port=0))) as listener:
        assert {each.getsockname()[1] for each in listener.sockets} == {listener.address.port}


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
def test_an_address_in_use_is_one_line(host: str) -> None:
    with closing(listen(Address(host=host, port=0))) as listener:
        text = re.escape(f"cannot listen on {listener.address}: Address already in use")
        with pytest.raises(ListenError, match=text):
            listen(listener.address)


def test_an_address_of_another_machine_is_one_line() -> None:
    text = r"cannot listen on 192\.0\.2\.1:0: Cannot assign requested address"
    with pytest.raises(ListenError, match=text):
        listen(Address(host="192.0.2.1", port=0))


def test_a_name_that_stands_for_nothing_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(ListenError, match=r"nowhere\.invalid:1: Name or service not known"):
        listen(Address(host="nowhere.invalid", port=1))


def test_a_name_that_no_host_can_have_is_one_line() -> None:
    with pytest.raises(ListenError, match="no host can have this name"):
        listen(Address(host="a" * 64, port=0))


def _stands_for(*places: str) -> object:
    families = [socket.AF_INET6 if ":" in each else socket.AF_INET for each in places]
    found = [
        (family, socket.SOCK_STREAM, 0, "", (each, 0))
        for family, each in zip(families, places, strict=True)
    ]
    return lambda *_, **__: found


def test_a_name_of_other_machines_alone_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", _stands_for("198.51.100.1", "203.0.113.1"))
    with pytest.raises(ListenError, match="Cannot assign requested address"):
        listen(Address(host="elsewhere", port=0))


def test_a_family_that_the_machine_does_not_speak_is_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    create = socket.create_server

    def without_ipv6(address: tuple[str, int], *, family: int) -> socket.socket:
        if family == socket.AF_INET6:
            raise OSError(errno.EAFNOSUPPORT, "Address family not supported by protocol")
        return create(address, family=family)

    monkeypatch.setattr(socket, "getaddrinfo", _stands_for("::1", "127.0.0.1"))
    monkeypatch.setattr(socket, "create_server", without_ipv6)
    with closing(listen(Address(host="localhost", port=0))) as listener:
        assert [each.family for each in listener.sockets] == [socket.AF_INET]
