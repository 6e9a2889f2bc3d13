"""Functions on IP addresses, networks and domain names, by Go's `net`. Pure."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from katalog_runtime.expressions.values import SPACES
from katalog_runtime.functions import go_net
from katalog_runtime.functions.declaration import Function
from katalog_runtime.functions.signature import ANY_TYPE, declare

_declare = partial(declare, group="net")


def _contains(cidr: str, address: str) -> bool:
    network = go_net.parse_cidr(cidr)
    parsed = go_net.parse_ip(address)
    return parsed is not None and network.contains(parsed)


def _is_private(address: str) -> bool:
    parsed = go_net.parse_ip(address)
    return parsed is not None and go_net.is_private(parsed)


def _host(value: Any) -> str:
    """A host without scheme, spaces and a slash at the end; "" for what is no text."""
    if not isinstance(value, str):
        return ""
    text = value.strip(SPACES).removeprefix("https://").removeprefix("http://")
    return text.removesuffix("/")


FUNCTIONS: Final[tuple[Function, ...]] = (
    _declare(
        "cidrContains cidr:string address:string -> bool",
        "Whether the network holds the address; what is no address is in none.",
        _contains,
        ('{{ cidrContains "10.0.0.0/8" "10.1.2.3" }}', "true"),
    ),
    _declare(
        "ipValid address:string -> bool",
        "Whether the text is an IPv4 or IPv6 address.",
        lambda text: go_net.parse_ip(text) is not None,
        ('{{ ipValid "2001:db8::1" }} {{ ipValid "10.0.0.01" }}', "true false"),
    ),
    _declare(
        "ipIsPrivate address:string -> bool",
        "Whether the address is private: RFC 1918 or RFC 4193.",
        _is_private,
        ('{{ ipIsPrivate "192.168.1.5" }}', "true"),
    ),
    _declare(
        "domainHost domain:any -> string",
        "The host of an address: no scheme, no spaces, no slash at the end.",
        _host,
        ('{{ domainHost " https://acme.example.com/ " }}', "acme.example.com"),
        on_nil='""',
        on_wrong_type=ANY_TYPE,
    ),
    _declare(
        "domainBare domain:any -> string",
        "As `domainHost`, without a leading `www.` either.",
        lambda value: _host(value).removeprefix("www."),
        ('{{ domainBare "https://www.acme.com/" }}', "acme.com"),
        on_nil='""',
        on_wrong_type=ANY_TYPE,
    ),
)
