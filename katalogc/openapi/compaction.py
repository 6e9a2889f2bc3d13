"""Makes the compact form of Kubernetes schemas: OpenAPI v3 and discovery in, JSON Lines out.

In: per minor, the `components.schemas` of every `/openapi/v3/{path}` and the `APIResourceList` of
every group version, as an API server answers them. Out: the text of the package's data file. Pure
and deterministic; used by `scripts/compact_openapi.py` and its tests, never at run time.

Format `katalogc.openapi/v1`, one JSON value a line:

- line 0: `{"format", "minors": {minor: line}}`
- a minor's line: `{"version", "definitions": {name: line}, "resources": [[group, version,
  APIResource], ...]}`
- every other line: one definition. Definitions that are equal in several minors are stored once.

A definition is OpenAPI without `description`, with `allOf: [{$ref}]` flattened to `$ref: name` and
the two `oneOf` types (quantity, int-or-string) told by `format`. What OpenAPI does not tell comes
from the Go types: `x-pointer` lists the scalars which the server keeps although they are zero,
`x-null` the lists and times which it prints as `null` while they are unset, `x-omit` the scalars
whose zero default it leaves out.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

FORMAT = "katalogc.openapi/v1"

_REFERENCE = "#/components/schemas/"
_KEPT = frozenset(
    {
        "type",
        "format",
        "default",
        "enum",
        "required",
        "x-kubernetes-group-version-kind",
        "x-kubernetes-list-type",
        "x-kubernetes-list-map-keys",
        "x-kubernetes-map-type",
        "x-kubernetes-patch-strategy",
        "x-kubernetes-patch-merge-key",
        "x-kubernetes-int-or-string",
        "x-kubernetes-preserve-unknown-fields",
    }
)
_ZEROS = ("", 0, False)
_DROPPED_RESOURCE_KEYS = frozenset({"storageVersionHash"})

Minor = tuple[str, Mapping[str, Any], Mapping[str, Any]]
"""`(version, schemas, discovery)`: `v1.36.3`, `{path: {components}}`, `{group version: list}`."""

Extra = Mapping[str, Mapping[str, Sequence[str]]]
"""Facts from Go types: definition name → `x-pointer`, `x-null` or `x-omit` → field names."""


def compact_definition(schema: Mapping[str, Any]) -> dict[str, Any]:
    """One schema without prose, references flattened."""
    compact: dict[str, Any] = {key: schema[key] for key in sorted(_KEPT & schema.keys())}
    reference = schema.get("$ref") or next(
        (each.get("$ref") for each in schema.get("allOf", ())), None
    )
    if reference:
        compact["$ref"] = reference.removeprefix(_REFERENCE)
    if "oneOf" in schema:
        compact.setdefault("format", "quantity")
    if "properties" in schema:
        compact["properties"] = {
            name: compact_definition(each) for name, each in sorted(schema["properties"].items())
        }
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), Mapping):
            compact[key] = compact_definition(schema[key])
    return compact


def compact_schemas(
    schemas: Mapping[str, Any], extra: Extra | None = None
) -> dict[str, dict[str, Any]]:
    """All definitions of one server by name, `extra` facts added to those which they concern."""
    definitions: dict[str, dict[str, Any]] = {}
    for document in schemas.values():
        for name, schema in document["components"]["schemas"].items():
            compact = compact_definition(schema)
            # DeleteOptions and WatchEvent name the kinds of their own group only; nobody needs
            # them.
            if len(compact.get("x-kubernetes-group-version-kind", ())) > 1:
                del compact["x-kubernetes-group-version-kind"]
            for key, fields in sorted((extra or {}).get(name, {}).items()):
                declared = compact.get("properties", {})
                known = [each for each in fields if each in declared]
                if key == "x-omit":
                    # Only a scalar with a printed zero is in doubt.
                    known = [each for each in known if declared[each].get("default") in _ZEROS]
                if known:
                    compact[key] = known
            definitions[name] = compact
    return definitions


def compact_resources(discovery: Mapping[str, Any]) -> list[list[Any]]:
    """`[group, version, APIResource]` for every resource and subresource, in the server's order."""
    rows: list[list[Any]] = []
    for group_version in sorted(discovery):
        group, _, version = group_version.rpartition("/")
        for resource in discovery[group_version]["resources"]:
            kept = {
                key: value
                for key, value in sorted(resource.items())
                if key not in _DROPPED_RESOURCE_KEYS
            }
            rows.append([group, version, kept])
    return rows


def minor_of(version: str) -> str:
    """`1.36` of `v1.36.3`."""
    return ".".join(version.removeprefix("v").split(".")[:2])


def encode(minors: list[Minor], extra: Extra | None = None) -> str:
    """The data file's text for these minors, oldest first whatever the order given."""
    lines: list[str] = []
    known: dict[str, int] = {}
    indexes: dict[str, dict[str, Any]] = {}
    ordered = sorted(
        minors, key=lambda minor: [int(part) for part in minor_of(minor[0]).split(".")]
    )
    head = 1 + len(ordered)
    for version, schemas, discovery in ordered:
        definitions: dict[str, int] = {}
        for name, compact in sorted(compact_schemas(schemas, extra).items()):
            line = _json(compact)
            if line not in known:
                known[line] = head + len(lines)
                lines.append(line)
            definitions[name] = known[line]
        indexes[minor_of(version)] = {
            "version": version,
            "definitions": definitions,
            "resources": compact_resources(discovery),
        }
    header = {"format": FORMAT, "minors": {minor: 1 + place for place, minor in enumerate(indexes)}}
    return "\n".join([_json(header), *(_json(each) for each in indexes.values()), *lines]) + "\n"


def _json(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))
