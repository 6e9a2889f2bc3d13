"""IP addresses and CIDR blocks as Go's `net` reads them; text in, bytes out.

Leading zeros in octets, zones (`%eth0`) and shortened IPv4 forms are refused; an IPv4 address
inside IPv6 is an IPv4 address.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from katalog_runtime.functions.declaration import FunctionError

_MAPPED: Final = bytes(10) + b"\xff\xff"
_MASK_LIMIT: Final = 0xFFFFFF


class CidrError(FunctionError, ValueError):
    """The text is not a CIDR block; the message is Go's."""


@dataclass(frozen=True, slots=True)
class Network:
    """A block: its network number and mask, both of 4 or 16 bytes."""

    number: bytes
    mask: bytes

    def contains(self, address: bytes) -> bool:
        """Whether the 16 bytes of an address are in the block; families do not mix."""
        short = to4(address) or address
        if len(short) != len(self.number):
            return False
        return all(
            mine & bit == other & bit
            for mine, bit, other in zip(self.number, self.mask, short, strict=True)
        )


def parse_ip(text: str) -> bytes | None:
    """The 16 bytes of an address as `net.ParseIP`; None where it is none."""
    address = _parse(text)
    if address is None:
        return None
    return address if len(address) == 16 else _MAPPED + address


def to4(address: bytes) -> bytes | None:
    """The four bytes of an IPv4 address in its 16-byte form."""
    return address[12:] if address[:12] == _MAPPED else None


def is_private(address: bytes) -> bool:
    """RFC 1918 and RFC 4193, as `IP.IsPrivate`."""
    four = to4(address)
    if four is None:
        return address[0] & 0xFE == 0xFC
    return (
        four[0] == 10
        or (four[0] == 172 and four[1] & 0xF0 == 16)
        or (four[0] == 192 and four[1] == 168)
    )


def parse_cidr(text: str) -> Network:
    """The network of a block as `net.ParseCIDR`.

    Raises:
        CidrError: with Go's text.
    """
    address_text, slash, length_text = text.partition("/")
    address = _parse(address_text) if slash else None
    length = _decimal(length_text)
    if address is None or length is None or length > len(address) * 8:
        raise CidrError(f"invalid CIDR address: {text}")
    mask = _mask(length, len(address))
    masked = bytes(byte & bit for byte, bit in zip(address, mask, strict=True))
    if len(masked) == 16:
        four = to4(masked)
        if four is not None:
            return Network(four, mask[12:])
    return Network(masked, mask)


def _mask(length: int, size: int) -> bytes:
    bits = ((1 << length) - 1) << (size * 8 - length)
    return bits.to_bytes(size, "big")


def _decimal(text: str) -> int | None:
    if not (text.isascii() and text.isdigit()) or len(text) > 64:
        return None
    number = int(text)
    return number if number < _MASK_LIMIT else None


def _parse(text: str) -> bytes | None:
    """4 or 16 bytes, by the form that comes first."""
    for character in text:
        match character:
            case ".":
                return _parse_v4(text)
            case ":":
                return _parse_v6(text)
            case "%":
                return None
            case _:
                pass
    return None


def _parse_v4(text: str) -> bytes | None:
    parts = text.split(".")
    if len(parts) != 4:
        return None
    octets = []
    for part in parts:
        if not (part.isascii() and part.isdigit()) or len(part) > 3:
            return None
        if (len(part) > 1 and part[0] == "0") or int(part) > 255:
            return None
        octets.append(int(part))
    return bytes(octets)


def _parse_v6(text: str) -> bytes | None:
    if "%" in text:
        return None
    head, gap, tail = text.partition("::")
    if gap and "::" in tail:
        return None
    front = _fields(head, last=not gap)
    back = _fields(tail, last=True) if gap else b""
    if front is None or back is None:
        return None
    if not gap:
        return front if len(front) == 16 else None
    missing = 16 - len(front) - len(back)
    # `::` stands for at least one group.
    return front + bytes(missing) + back if missing >= 2 else None


def _fields(text: str, *, last: bool) -> bytes | None:
    """The bytes of the groups; an IPv4 address may be the last of them."""
    if not text:
        return b""
    parts = text.split(":")
    found = bytearray()
    for index, part in enumerate(parts):
        if "." in part:
            four = _parse_v4(part)
            if four is None or not last or index != len(parts) - 1:
                return None
            found += four
            continue
        if not 1 <= len(part) <= 4 or not all(character in _HEX for character in part):
            return None
        found += int(part, 16).to_bytes(2, "big")
        if len(found) > 16:
            return None
    return bytes(found)


_HEX: Final = frozenset("0123456789abcdefABCDEF")
