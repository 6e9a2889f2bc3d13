"""Request bodies in protobuf, as typed Go clients (kubectl among them) send them, read as JSON
data.

In: bytes that begin with `k8s\\0`. Out: the object. Only reading: answers are JSON, which the same
clients accept. Field numbers come from `protobuf.json.gz` (see `scripts/compact_protobuf.py`); a
kind that is not in it is refused with 415. The wire format is
`k8s.io/apimachinery/pkg/runtime/serializer/protobuf`'s.
"""

from __future__ import annotations

import base64
import gzip
import struct
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson

from katalog_runtime.objects import Manifest
from katalogc.localcluster.statuses import Refusal, bad_request, unsupported_media_type

MEDIA_TYPE = "application/vnd.kubernetes.protobuf"
MAGIC = b"k8s\x00"
MAX_DEPTH = 64

_DATA = Path(__file__).with_name("protobuf.json.gz")
_META = "k8s.io.apimachinery.pkg."
_READABLE = ("application/json", "application/yaml")

Fields = dict[str, list[str]]


class _Malformed(Exception):  # noqa: N818 - becomes a Refusal before anybody sees it
    """Bytes that are no message."""


@lru_cache(maxsize=1)
def _messages() -> dict[str, Fields]:
    found: dict[str, Fields] = orjson.loads(gzip.decompress(_DATA.read_bytes()))
    return found


def decode(body: bytes) -> Manifest:
    """The object of a protobuf body.

    Raises:
        Refusal: 415 for a kind without known field numbers, 400 for bytes that are no object.
    """
    if not body.startswith(MAGIC):
        raise bad_request("provided data does not appear to be a protobuf message, expected prefix")
    try:
        envelope = {number: value for number, _, value in _fields(body[len(MAGIC) :])}
        type_meta = {number: value for number, _, value in _fields(_bytes(envelope.get(1, b"")))}
        api_version = _bytes(type_meta.get(1, b"")).decode()
        kind = _bytes(type_meta.get(2, b"")).decode()
        raw = _bytes(envelope.get(2, b""))
        if _bytes(envelope.get(4, b"")) == b"application/json":
            found = orjson.loads(raw)
        else:
            found = _message(raw, _name_of(api_version, kind), 0)
    except (_Malformed, UnicodeDecodeError, orjson.JSONDecodeError) as error:
        raise bad_request(f"the protobuf body cannot be read: {error}") from error
    if not isinstance(found, dict):
        raise bad_request("the protobuf body is no object")
    return {"apiVersion": api_version, "kind": kind, **found}


def _name_of(api_version: str, kind: str) -> str:
    group, _, version = api_version.rpartition("/")
    name = f"k8s.io.api.{group.partition('.')[0] or 'core'}.{version}.{kind}"
    for candidate in (name, f"{_META}apis.meta.v1.{kind}"):
        if candidate in _messages():
            return candidate
    raise _unknown()


def _unknown() -> Refusal:
    return unsupported_media_type(_READABLE)


# -- the wire ----------------------------------------------------------------------------------------


def _varint(raw: bytes, position: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if position >= len(raw) or shift > 63:
            raise _Malformed("truncated number")
        byte = raw[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
        shift += 7


def _fields(raw: bytes) -> Iterator[tuple[int, int, int | bytes]]:
    """Field number, wire type and value of everything in a message."""
    position = 0
    while position < len(raw):
        tag, position = _varint(raw, position)
        number, wire = tag >> 3, tag & 7
        value: int | bytes
        if wire == 0:
            value, position = _varint(raw, position)
        elif wire in (1, 5):
            size = 8 if wire == 1 else 4
            value, position = raw[position : position + size], position + size
        elif wire == 2:
            size, position = _varint(raw, position)
            value, position = raw[position : position + size], position + size
        else:
            raise _Malformed(f"wire type {wire}")
        if position > len(raw):
            raise _Malformed("truncated field")
        yield number, wire, value


def _bytes(value: int | bytes) -> bytes:
    if isinstance(value, int):
        raise _Malformed("a number where bytes belong")
    return value


def _signed(value: int | bytes) -> int:
    if isinstance(value, bytes):
        raise _Malformed("bytes where a number belongs")
    return value - (1 << 64) if value >= 1 << 63 else value


# -- values ------------------------------------------------------------------------------------------


def _message(raw: bytes, name: str, depth: int) -> Any:
    special = _SPECIAL.get(name)
    if special is not None:
        return special(raw)
    declared = _messages().get(name)
    if declared is None:
        raise _unknown()
    if depth > MAX_DEPTH:
        raise _Malformed("nested too deeply")
    found: Manifest = {}
    for number, wire, value in _fields(raw):
        field = declared.get(str(number))
        if field is None:
            continue
        key, form, type_ = field
        if form == "map":
            name_, entry = _map_entry(_bytes(value), type_, depth)
            found.setdefault(key, {})[name_] = entry
        elif form == "many":
            items = found.setdefault(key, [])
            if wire == 2 and type_ in ("int32", "int64"):
                items += _packed(_bytes(value))
            else:
                items.append(_value(value, type_, depth))
        elif form == "inline":
            inner = _message(_bytes(value), type_, depth + 1)
            found |= inner if isinstance(inner, dict) else {}
        else:
            found[key] = _value(value, type_, depth)
    return found


def _packed(raw: bytes) -> list[int]:
    items, position = [], 0
    while position < len(raw):
        value, position = _varint(raw, position)
        items.append(_signed(value))
    return items


def _map_entry(raw: bytes, type_: str, depth: int) -> tuple[str, Any]:
    entry = {number: value for number, _, value in _fields(raw)}
    empty: int | bytes = 0 if type_ in ("bool", "int32", "int64") else b""
    return _bytes(entry.get(1, b"")).decode(), _value(entry.get(2, empty), type_, depth)


def _value(value: int | bytes, type_: str, depth: int) -> Any:
    match type_:
        case "string":
            return _bytes(value).decode()
        case "bool":
            return bool(value)
        case "int32" | "int64" | "uint32" | "uint64":
            return _signed(value)
        case "bytes":
            return base64.b64encode(_bytes(value)).decode()
        case "double":
            return struct.unpack("<d", _bytes(value))[0]
        case _:
            return _message(_bytes(value), type_, depth + 1)


def _time(raw: bytes) -> str | None:
    parts = {number: value for number, _, value in _fields(raw)}
    if not parts:
        return None
    seconds = _signed(parts.get(1, 0))
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _micro_time(raw: bytes) -> str | None:
    parts = {number: value for number, _, value in _fields(raw)}
    if not parts:
        return None
    seconds, nanos = _signed(parts.get(1, 0)), _signed(parts.get(2, 0))
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(
        seconds=seconds, microseconds=nanos // 1000
    )
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _int_or_string(raw: bytes) -> int | str:
    parts = {number: value for number, _, value in _fields(raw)}
    if _signed(parts.get(1, 0)) == 0:
        return _signed(parts.get(2, 0))
    return _bytes(parts.get(3, b"")).decode()


def _quantity(raw: bytes) -> str:
    parts = {number: value for number, _, value in _fields(raw)}
    return _bytes(parts.get(1, b"0")).decode()


def _json(raw: bytes) -> Any:
    parts = {number: value for number, _, value in _fields(raw)}
    text = _bytes(parts.get(1, b""))
    return orjson.loads(text) if text else None


def _items(raw: bytes) -> list[str]:
    return [_bytes(value).decode() for number, _, value in _fields(raw) if number == 1]


_SPECIAL: dict[str, Callable[[bytes], Any]] = {
    f"{_META}apis.meta.v1.Time": _time,
    f"{_META}apis.meta.v1.MicroTime": _micro_time,
    f"{_META}apis.meta.v1.FieldsV1": _json,
    f"{_META}apis.meta.v1.Verbs": _items,
    f"{_META}util.intstr.IntOrString": _int_or_string,
    f"{_META}api.resource.Quantity": _quantity,
    f"{_META}runtime.RawExtension": _json,
    "k8s.io.api.authentication.v1.ExtraValue": _items,
    "k8s.io.api.authorization.v1.ExtraValue": _items,
    "k8s.io.api.certificates.v1.ExtraValue": _items,
}
