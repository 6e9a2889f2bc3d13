"""Warnings about CustomResourceDefinitions: formats that the server does not check.

In: a validated definition. Out: sentences for `Warning` headers. Source:
`apiextensions-apiserver/pkg/registry/customresourcedefinition/strategy.go`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

_KNOWN = {
    "integer": frozenset({"int32", "int64"}),
    "number": frozenset({"float", "double"}),
    "string": frozenset({
        "bsonobjectid", "uri", "email", "hostname", "ipv4", "ipv6", "cidr", "mac", "uuid", "uuid3",
        "uuid4", "uuid5", "isbn", "isbn10", "isbn13", "creditcard", "ssn", "hexcolor", "rgbcolor",
        "byte", "password", "date", "duration", "datetime", "date-time", "k8s-short-name",
        "k8s-long-name",
    }),
}  # fmt: skip


def definition_warnings(crd: dict[str, Any]) -> tuple[str, ...]:
    """What the server remarks on the schemas of a definition."""
    found: dict[str, None] = {}
    for version in (crd.get("spec") or {}).get("versions") or ():
        schema = (version.get("schema") or {}).get("openAPIV3Schema")
        found.update(dict.fromkeys(_unknown_formats(schema)))
    return tuple(f'unrecognized format "{each}"' for each in found)


def _unknown_formats(schema: Any) -> Iterator[str]:
    if not isinstance(schema, dict):
        return
    known = _KNOWN.get(schema.get("type", ""))
    if known is not None and schema.get("format") and schema["format"] not in known:
        yield schema["format"]
    for name in ("items", "additionalProperties"):
        yield from _unknown_formats(schema.get(name))
    for _, field in sorted((schema.get("properties") or {}).items()):
        yield from _unknown_formats(field)
