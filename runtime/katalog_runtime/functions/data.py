"""Functions that encode, hash and make names: base64, JSON, SHA-256, slugs. Pure."""

from __future__ import annotations

import base64
import hashlib
from functools import partial
from typing import Any, Final

from katalog_runtime.expressions.values import SPACES, from_bytes, go_bytes, visible
from katalog_runtime.functions import go_text
from katalog_runtime.functions.declaration import Function, FunctionError
from katalog_runtime.functions.json_values import to_json
from katalog_runtime.functions.signature import ANY_TYPE, declare

_declare = partial(declare, group="data")
_ALPHABET: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")


def octets(text: str) -> bytes:
    """The bytes of a text; half a surrogate pair becomes U+FFFD, bytes that are no UTF-8 stay."""
    try:
        return go_bytes(text)
    except UnicodeEncodeError:
        return visible(text).encode("utf-8", "replace")


def encode_base64(text: str) -> str:
    """Standard base64 with padding."""
    return base64.b64encode(octets(text)).decode("ascii")


def decode_base64(text: str) -> str:
    """Standard base64 as encoding/base64 reads it: strict padding, line breaks ignored.

    Raises:
        FunctionError: with the place of the first byte that does not fit.
    """
    data = go_bytes(text) if not text.isascii() else text.encode("ascii")
    digits: list[tuple[int, int]] = []
    position = 0
    while position < len(data) and (byte := data[position]) != ord("="):
        if byte not in b"\r\n":
            if chr(byte) not in _ALPHABET:
                raise _illegal(position)
            digits.append((position, byte))
        position += 1
    _check_padding(data, position, digits)
    packed = bytes(byte for _, byte in digits)
    return from_bytes(base64.b64decode(packed + b"=" * (-len(packed) % 4)))


def _illegal(position: int) -> FunctionError:
    return FunctionError(f"illegal base64 data at input byte {position}")


def _check_padding(data: bytes, position: int, digits: list[tuple[int, int]]) -> None:
    """`position` is the first `=`, or the end."""
    rest = len(digits) % 4
    if position == len(data):
        if rest:
            raise _illegal(position - rest)
        return
    if rest < 2:
        raise _illegal(position)
    for _ in range(3 - rest):  # after two digits a second `=` must follow
        position += 1
        while position < len(data) and data[position] in b"\r\n":
            position += 1
        if position == len(data):
            raise _illegal(len(data))
        if data[position] != ord("="):
            raise _illegal(position)
    position += 1
    while position < len(data) and data[position] in b"\r\n":
        position += 1
    if position < len(data):
        raise _illegal(position)


def sha256_short(text: str) -> str:
    """The first eight hexadecimal digits of the SHA-256."""
    return hashlib.sha256(octets(text)).hexdigest()[:8]


def slugify(text: str) -> str:
    """Lower case, everything but letters and digits as single hyphens, none at the ends."""
    spaced = "".join(
        each if each.isascii() and each.isalnum() else " " for each in go_text.lower(text)
    )
    return "-".join(spaced.split())


def repo_slug(text: str) -> str:
    """The last part of a repository's address, without `.git`, as a slug."""
    path = text.strip(SPACES).rstrip("/").removesuffix(".git")
    return slugify(path.rpartition("/")[2].rpartition(":")[2])


def _truncate_name(text: str, length: int) -> str:
    if length < 0:
        raise FunctionError(f"the length {length} is negative")
    return go_text.cut(text, length)


def _lookup(key: str, *pairs: str) -> str:
    for name, value in zip(pairs[::2], pairs[1::2], strict=False):
        if name == key:
            return value
    return ""


def _to_json(value: Any) -> str:
    return to_json(value)


FUNCTIONS: Final[tuple[Function, ...]] = (
    _declare(
        "toBase64 text:string -> string",
        "The text in standard base64.",
        encode_base64,
        ('{{ toBase64 "hello" }}', "aGVsbG8="),
    ),
    _declare(
        "fromBase64 text:string -> string",
        "The text behind standard base64; anything else is an error.",
        decode_base64,
        ('{{ fromBase64 "aGVsbG8=" }}', "hello"),
    ),
    _declare(
        "toJSON value:any -> string",
        "The value as JSON, keys sorted.",
        _to_json,
        (
            "{{ toJSON .metadata.labels }}",
            '{"app":"web"}',
            {"metadata": {"labels": {"app": "web"}}},
        ),
        on_nil='"null"',
        on_wrong_type=ANY_TYPE,
    ),
    _declare(
        "sha256sum text:string -> string",
        "The first 8 hexadecimal digits of the SHA-256; a name that changes with its content.",
        sha256_short,
        ('{{ sha256sum "hello" }}', "2cf24dba"),
    ),
    _declare(
        "slugify text:string? -> string",
        "The text as a part of a name: lower case, hyphens for everything else.",
        slugify,
        ('{{ slugify "My Team / Platform" }}', "my-team-platform"),
        on_nil='""',
    ),
    _declare(
        "truncateName text:string? length:int? -> string",
        "At most that many bytes of the text, without dots at the end.",
        _truncate_name,
        ('{{ truncateName "a-long-name" 6 }}', "a-long"),
        on_nil='""',
    ),
    _declare(
        "lookup key:string? pairs:string?... -> string",
        'The value after the key in a row of keys and values; "" where it is not there.',
        _lookup,
        ('{{ lookup "b" "a" "1" "b" "2" }}', "2"),
        on_nil='""',
    ),
    _declare(
        "repoSlug repository:string? -> string",
        "The name in a repository's address, as a part of a name.",
        repo_slug,
        ('{{ repoSlug "git@github.com:myorg/Payments_API.git" }}', "payments-api"),
        on_nil='""',
    ),
)
