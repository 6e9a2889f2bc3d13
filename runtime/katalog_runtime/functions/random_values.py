"""Functions that draw random data from the context's source: passwords, tokens, identifiers.

A value drawn anew on every rendering would change its object each time: use them in a Secret with
`once: true`.
"""

from __future__ import annotations

import base64
import string
import uuid
from functools import partial
from typing import Final

from katalog_runtime.functions.declaration import CallContext, Function
from katalog_runtime.functions.json_values import bounded_text
from katalog_runtime.functions.signature import declare

_declare = partial(declare, group="random", purity="random")
_ALPHANUMERIC: Final = string.ascii_letters + string.digits


def _octets(context: CallContext, count: int) -> bytes:
    bounded_text(count * 2)
    return context.chance.randbytes(count) if count > 0 else b""


def _alphanumeric(context: CallContext, count: int) -> str:
    bounded_text(count)
    return "".join(context.chance.choice(_ALPHANUMERIC) for _ in range(count))


def _hexadecimal(context: CallContext, count: int) -> str:
    return _octets(context, count).hex()


def _base64(context: CallContext, count: int) -> str:
    return base64.urlsafe_b64encode(_octets(context, count)).decode("ascii")


def _uuid(context: CallContext) -> str:
    return str(uuid.UUID(bytes=context.chance.randbytes(16), version=4))


FUNCTIONS: Final[tuple[Function, ...]] = (
    _declare(
        "randomAlphanumeric length:int? -> string",
        "That many random letters and digits; use it with `once: true`.",
        _alphanumeric,
        ("{{ len (randomAlphanumeric 32) }}", "32"),
        on_nil='""',
    ),
    _declare(
        "randomHex bytes:int? -> string",
        "That many random bytes in hexadecimal, two digits each; use it with `once: true`.",
        _hexadecimal,
        ("{{ len (randomHex 16) }}", "32"),
        on_nil='""',
    ),
    _declare(
        "randomBase64 bytes:int? -> string",
        "That many random bytes in URL-safe base64; use it with `once: true`.",
        _base64,
        ("{{ len (randomBase64 24) }}", "32"),
        on_nil='""',
    ),
    _declare(
        "uuidv4 -> string",
        "A random UUID; use it with `once: true`.",
        _uuid,
        ("{{ len uuidv4 }}", "36"),
        on_nil="takes no argument",
        on_wrong_type="takes no argument",
    ),
)
