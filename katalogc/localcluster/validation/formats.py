"""String formats that an API server checks in custom resources (`format:` of an OpenAPI schema).

In: a string. Out: whether it has the format. Unknown formats are ignored, as the server ignores
them. Names from `apiextensions-apiserver/pkg/apiserver/validation/formats.go`.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import re
import uuid
from collections.abc import Callable
from datetime import date, datetime
from urllib.parse import urlsplit

_UNIT = r"(?:ns|us|µs|ms|s|m|h)"
_AMOUNT = rf"(?:\d+\.?\d*|\.\d+){_UNIT}"
_WORDS = "nanos?|micros?|millis?|seconds?|minutes?|hours?|days?|weeks?|d|w"
_PART = r"[a-zA-Z0-9](?:[-a-zA-Z0-9]{0,61}[a-zA-Z0-9])?"
_DURATION = re.compile(rf"[-+]?(?:0|{_AMOUNT}(?:{_AMOUNT})*)$")
_WORDED_DURATION = re.compile(rf"\d+\s*(?:{_UNIT}|{_WORDS})$")
_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$")
_HOSTNAME = re.compile(rf"{_PART}(?:\.{_PART})*\.?$")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+$")
_MAC = re.compile(r"(?:[0-9a-fA-F]{2}[:-]){5}[0-9a-fA-F]{2}$")
_UUID = re.compile(r"(?i)[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$")


def _is_date_time(text: str) -> bool:
    if not _DATE_TIME.match(text):
        return False
    return _parses(lambda: datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text.upper())))


def _is_base64(text: str) -> bool:
    try:
        base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return False
    return True


def _parses(read: Callable[[], object]) -> bool:
    try:
        read()
    except ValueError:
        return False
    return True


def _is_uuid(version: int | None) -> Callable[[str], bool]:
    def check(text: str) -> bool:
        return bool(_UUID.match(text)) and (version is None or uuid.UUID(text).version == version)

    return check


def _is_uri(text: str) -> bool:
    return _parses(lambda: urlsplit(text)) and (":" in text or text.startswith("/"))


FORMATS: dict[str, Callable[[str], bool]] = {
    "byte": _is_base64,
    "cidr": lambda text: "/" in text and _parses(lambda: ipaddress.ip_interface(text)),
    "date": lambda text: len(text) == 10 and _parses(lambda: date.fromisoformat(text)),
    "date-time": _is_date_time,
    "datetime": _is_date_time,
    "duration": lambda text: bool(_DURATION.match(text) or _WORDED_DURATION.match(text)),
    "email": lambda text: bool(_EMAIL.match(text)),
    "hostname": lambda text: len(text) <= 255 and bool(_HOSTNAME.match(text)),
    "ipv4": lambda text: _parses(lambda: ipaddress.IPv4Address(text)),
    "ipv6": lambda text: _parses(lambda: ipaddress.IPv6Address(text)),
    "mac": lambda text: bool(_MAC.match(text)),
    "uri": _is_uri,
    "uuid": _is_uuid(None),
    "uuid3": _is_uuid(3),
    "uuid4": _is_uuid(4),
    "uuid5": _is_uuid(5),
}
"""Checks by format name."""
