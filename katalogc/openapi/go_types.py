"""Reads from Kubernetes' Go types what OpenAPI omits: which zero values survive a round trip.

In: the text of Go files that declare API types. Out: per definition the fields that are pointers to
scalars (`x-pointer`: an explicit `false` or `0` is kept) and the lists and times without
`omitempty` (`x-null`: printed as `null` while unset), and those with it (`x-omit`). A reader of
declarations, no Go parser; used by `scripts/compact_openapi.py` only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

_STRUCT = re.compile(r"^type (\w+) struct \{$(.*?)^\}$", re.MULTILINE | re.DOTALL)
_FIELD = re.compile(r"^\s+(?:(\w+)\s+)?(\S+)\s+`[^`]*json:\"([^\"]*)\"[^`]*`", re.MULTILINE)
_MODULE = re.compile(r"@v[^/]*")


@dataclass(slots=True)
class _Struct:
    pointers: set[str] = field(default_factory=set)
    nulls: set[str] = field(default_factory=set)
    omitted: set[str] = field(default_factory=set)
    embedded: list[str] = field(default_factory=list)


def definition_prefix(folder: str) -> str:
    """The OpenAPI prefix of a Go package: `io.k8s.api.apps.v1` for `k8s.io/api@v0.36.3/apps/v1`."""
    path = _MODULE.sub("", folder).partition("k8s.io/")[2]
    return "io.k8s." + path.strip("/").replace("/", ".")


def zero_value_facts(files: Iterable[tuple[str, str]]) -> dict[str, dict[str, list[str]]]:
    """Facts by definition name for `(folder, text)` of each Go file."""
    structs: dict[str, _Struct] = {}
    for folder, text in files:
        prefix = definition_prefix(folder)
        for name, body in _STRUCT.findall(text):
            structs[f"{prefix}.{name}"] = _struct(prefix, body)
    facts: dict[str, dict[str, list[str]]] = {}
    for name in sorted(structs):
        whole = _flatten(name, structs)
        found = {
            "x-pointer": sorted(whole.pointers),
            "x-null": sorted(whole.nulls),
            "x-omit": sorted(whole.omitted),
        }
        if kept := {key: fields for key, fields in found.items() if fields}:
            facts[name] = kept
    return facts


def _struct(prefix: str, body: str) -> _Struct:
    struct = _Struct()
    for go_name, go_type, tag in _FIELD.findall(body):
        json_name, *options = tag.split(",")
        if "inline" in options or (not go_name and not json_name):
            struct.embedded.append(f"{prefix}.{go_type.lstrip('*')}")
        elif go_type.startswith("*"):
            struct.pointers.add(json_name)
        elif go_type.rpartition(".")[2] in ("Time", "MicroTime"):
            if "omitzero" not in options:
                struct.nulls.add(json_name)
        elif go_type.startswith(("[]", "map[")) and not {"omitempty", "omitzero"} & set(options):
            struct.nulls.add(json_name)
        elif {"omitempty", "omitzero"} & set(options):
            struct.omitted.add(json_name)
    return struct


def _flatten(name: str, structs: dict[str, _Struct]) -> _Struct:
    own = structs.get(name, _Struct())
    whole = _Struct(set(own.pointers), set(own.nulls), set(own.omitted))
    for each in own.embedded:
        inner = _flatten(each, structs)
        whole.pointers |= inner.pointers
        whole.nulls |= inner.nulls
        whole.omitted |= inner.omitted
    return whole
