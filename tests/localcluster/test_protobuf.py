"""Protobuf bodies of typed clients: bytes by hand in, objects out."""

from __future__ import annotations

import pytest

from katalogc.localcluster import protobuf
from katalogc.localcluster.statuses import Refusal


def field(number: int, value: bytes | int) -> bytes:
    if isinstance(value, int):
        return bytes([number << 3]) + _varint(value)
    return bytes([number << 3 | 2]) + _varint(len(value)) + value


def _varint(value: int) -> bytes:
    out = bytearray()
    while True:
        low, value = value & 0x7F, value >> 7
        out.append(low | (0x80 if value else 0))
        if not value:
            return bytes(out)


def envelope(api_version: str, kind: str, raw: bytes) -> bytes:
    type_meta = field(1, api_version.encode()) + field(2, kind.encode())
    return protobuf.MAGIC + field(1, type_meta) + field(2, raw)


def test_maps_bytes_and_metadata() -> None:
    labels = field(11, field(1, b"a") + field(2, b"b"))
    metadata = field(1, b"secret") + labels + field(8, field(1, 1_600_000_000))
    raw = field(1, metadata) + field(2, field(1, b"key") + field(2, b"\x00\xff"))
    assert protobuf.decode(envelope("v1", "Secret", raw)) == {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": "secret",
            "labels": {"a": "b"},
            "creationTimestamp": "2020-09-13T12:26:40Z",
        },
        "data": {"key": "AP8="},
    }


def test_embedded_structs_belong_to_the_object_around_them() -> None:
    # A volume's source has a message of its own on the wire, and none in JSON.
    volume = field(1, b"cache") + field(2, field(2, b""))
    pod = field(2, field(1, volume) + field(2, field(1, b"main")))
    spec = protobuf.decode(envelope("v1", "Pod", pod))["spec"]
    assert spec == {
        "volumes": [{"name": "cache", "emptyDir": {}}],
        "containers": [{"name": "main"}],
    }


def test_numbers_or_strings_and_quantities() -> None:
    port = field(3, 80) + field(4, field(1, 1) + field(3, b"web"))
    service = field(2, field(1, port))
    decoded = protobuf.decode(envelope("v1", "Service", service))
    assert decoded["spec"]["ports"] == [{"port": 80, "targetPort": "web"}]
    quota = field(2, field(1, field(1, b"cpu") + field(2, field(1, b"500m"))))
    decoded = protobuf.decode(envelope("v1", "ResourceQuota", quota))
    assert decoded["spec"] == {"hard": {"cpu": "500m"}}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param(b"{}", 400, id="no-protobuf"),
        pytest.param(protobuf.MAGIC + b"\x0a\x7f", 400, id="truncated"),
        pytest.param(protobuf.MAGIC + b"\xff" * 20, 400, id="endless-number"),
        pytest.param(envelope("example.com/v1", "Widget", b""), 415, id="unknown-kind"),
        pytest.param(envelope("v1", "Pod", b"\x0a\x02\x0a\xff"), 400, id="broken-inside"),
    ],
)
def test_bytes_that_are_no_object_are_refused(body: bytes, status: int) -> None:
    with pytest.raises(Refusal) as caught:
        protobuf.decode(body)
    assert caught.value.status == status
