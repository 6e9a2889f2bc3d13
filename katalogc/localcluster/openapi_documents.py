"""The OpenAPI documents of the API server: the v3 index, one v3 document per group version, and v2.

In: a Kubernetes minor and the CRDs that are served. Out: documents as JSON values, as far as
kubectl (validation, explain, support of query parameters) and the clients' discovery of schemas
need them: definitions with their extensions, and for every resource its paths with
`x-kubernetes-group-version-kind`; no descriptions of built-in types, no protobuf. Pure; documents
of built-in groups are cached per minor.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from katalogc.openapi import LATEST, Resource, catalogue
from katalogc.openapi.catalogue import OBJECT_META

Manifest = dict[str, Any]
_V3 = "#/components/schemas/"
_V2 = "#/definitions/"
_INTERNAL = frozenset({"x-pointer", "x-null", "x-name"})
_UNKNOWN_TO_V2 = ("allOf", "anyOf", "oneOf", "not", "nullable")


def openapi_v3_index(crds: Sequence[Manifest] = (), *, minor: str = LATEST) -> dict[str, Any]:
    """`/openapi/v3`: the documents there are, each with a hash that changes with its content."""
    paths = {_path_of(each.group, each.version) for each in catalogue(minor).resources}
    paths |= {_path_of(crd["spec"]["group"], version) for crd in crds for version in _served(crd)}
    rows: dict[str, Any] = {}
    for path in sorted(paths):
        content = [crd["spec"] for crd in crds if _path_of(crd["spec"]["group"], "") in path + "/"]
        text = json.dumps([minor, path, content], sort_keys=True)
        digest = hashlib.sha256(text.encode()).hexdigest().upper()
        rows[path] = {"serverRelativeURL": f"/openapi/v3/{path}?hash={digest}"}
    return {"paths": rows}


def openapi_v3(
    path: str, crds: Sequence[Manifest] = (), *, minor: str = LATEST
) -> dict[str, Any] | None:
    """`/openapi/v3/{path}` for `api/v1` or `apis/apps/v1`; None when nothing is served there."""
    group, version = _group_version(path)
    builtin = _builtin_v3(minor, group, version)
    own = [crd for crd in crds if crd["spec"]["group"] == group and version in _served(crd)]
    if builtin is None and not own:
        return None
    schemas: dict[str, Any] = dict(builtin["components"]["schemas"]) if builtin else {}
    paths: dict[str, Any] = dict(builtin["paths"]) if builtin else {}
    for crd in own:
        name, schema = _custom(crd, version, _V3)
        schemas[name] = schema
        schemas.update(_closure(minor, [OBJECT_META], _V3))
        paths.update(_custom_paths(crd, version))
    return {
        "openapi": "3.0.0",
        "info": {"title": "Kubernetes", "version": catalogue(minor).version},
        "paths": dict(sorted(paths.items())),
        "components": {"schemas": dict(sorted(schemas.items()))},
    }


def openapi_v2(crds: Sequence[Manifest] = (), *, minor: str = LATEST) -> dict[str, Any]:
    """`/openapi/v2`: everything in one document."""
    definitions = dict(_builtin_v2(minor))
    paths: dict[str, Any] = {}
    for resource in catalogue(minor).resources:
        paths.update(_resource_paths(resource))
    for crd in crds:
        for version in _served(crd):
            name, schema = _custom(crd, version, _V2)
            definitions[name] = schema
            paths.update(_custom_paths(crd, version))
    return {
        "swagger": "2.0",
        "info": {"title": "Kubernetes", "version": catalogue(minor).version},
        "paths": dict(sorted(paths.items())),
        "definitions": dict(sorted(definitions.items())),
    }


# --- built-in types ------------------------------------------------------------------------------


@lru_cache(maxsize=64)
def _builtin_v3(minor: str, group: str, version: str) -> dict[str, Any] | None:
    resources = [
        each
        for each in catalogue(minor).resources
        if (each.group, each.version) == (group, version)
    ]
    if not resources:
        return None
    paths: dict[str, Any] = {}
    for resource in resources:
        paths.update(_resource_paths(resource))
    roots = [
        name
        for (kind_group, kind_version, _), name in catalogue(minor).kinds.items()
        if (kind_group, kind_version) == (group, version)
    ]
    return {"paths": paths, "components": {"schemas": _closure(minor, roots, _V3)}}


@lru_cache(maxsize=4)
def _builtin_v2(minor: str) -> dict[str, Any]:
    known = catalogue(minor)
    return {name: _expanded(known.raw_definition(name), _V2) for name in known.definition_names}


def _closure(minor: str, roots: Sequence[str], prefix: str) -> dict[str, Any]:
    """The definitions and all that they refer to."""
    known = catalogue(minor)
    found: dict[str, Any] = {}
    pending = list(roots)
    while pending:
        name = pending.pop()
        if name in found:
            continue
        raw = known.raw_definition(name)
        found[name] = _expanded(raw, prefix)
        pending += _references(raw)
    return found


def _references(raw: Any) -> Iterator[str]:
    if isinstance(raw, Mapping):
        if isinstance(raw.get("$ref"), str):
            yield raw["$ref"]
        for field in (raw.get("properties") or {}).values():
            yield from _references(field)
        for key in ("items", "additionalProperties"):
            yield from _references(raw.get(key))


def _expanded(raw: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    """A compact definition as the server prints it."""
    schema = {key: value for key, value in raw.items() if key not in _INTERNAL}
    reference = schema.pop("$ref", None)
    if reference is not None:
        target = {"$ref": prefix + reference}
        if prefix == _V2 or not schema:
            return {**target, **{k: v for k, v in schema.items() if k.startswith("x-")}}
        return {"allOf": [target], **schema}
    if schema.get("format") in ("quantity", "int-or-string"):
        schema = _union(schema, prefix)
    if "properties" in schema:
        schema["properties"] = {
            name: _expanded(field, prefix) for name, field in schema["properties"].items()
        }
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), Mapping):
            schema[key] = _expanded(schema[key], prefix)
    return schema


def _union(schema: dict[str, Any], prefix: str) -> dict[str, Any]:
    is_quantity = schema["format"] == "quantity"
    if prefix == _V2:
        return {"type": "string", **({} if is_quantity else {"format": "int-or-string"})}
    first, second = ("string", "number") if is_quantity else ("integer", "string")
    kept = {} if is_quantity else {"format": "int-or-string"}
    return {**kept, "oneOf": [{"type": first}, {"type": second}]}


# --- custom types --------------------------------------------------------------------------------


def _served(crd: Manifest) -> list[str]:
    return [each["name"] for each in crd["spec"]["versions"] if each.get("served")]


def _custom(crd: Manifest, version: str, prefix: str) -> tuple[str, dict[str, Any]]:
    spec = crd["spec"]
    declared = next(each for each in spec["versions"] if each["name"] == version)
    schema = dict((declared.get("schema") or {}).get("openAPIV3Schema") or {"type": "object"})
    if prefix == _V2:
        schema = _without_junctors(schema)
    reference = {"$ref": prefix + OBJECT_META}
    schema["properties"] = {
        **(schema.get("properties") or {}),
        "apiVersion": {"type": "string"},
        "kind": {"type": "string"},
        "metadata": reference if prefix == _V2 else {"allOf": [reference]},
    }
    kind = {"group": spec["group"], "version": version, "kind": spec["names"]["kind"]}
    schema["x-kubernetes-group-version-kind"] = [kind]
    reversed_group = ".".join(reversed(spec["group"].split(".")))
    return f"{reversed_group}.{version}.{spec['names']['kind']}", schema


def _without_junctors(schema: Any) -> Any:
    """OpenAPI v2 knows neither `nullable` nor junctors; a field that needs them loses its type."""
    if not isinstance(schema, dict):
        return schema
    kept = {key: value for key, value in schema.items() if key not in _UNKNOWN_TO_V2}
    if schema.get("nullable"):
        kept.pop("type", None)
    if isinstance(kept.get("properties"), dict):
        kept["properties"] = {k: _without_junctors(v) for k, v in kept["properties"].items()}
    for key in ("items", "additionalProperties"):
        if key in kept:
            kept[key] = _without_junctors(kept[key])
    return kept


def _custom_paths(crd: Manifest, version: str) -> dict[str, Any]:
    spec, names = crd["spec"], crd["spec"]["names"]
    declared = next(each for each in spec["versions"] if each["name"] == version)
    resource = Resource(
        group=spec["group"],
        version=version,
        kind=names["kind"],
        plural=names["plural"],
        singular=names.get("singular", ""),
        namespaced=spec.get("scope") == "Namespaced",
        short_names=(),
        categories=(),
        verbs=("get", "list", "create", "update", "patch", "delete", "deletecollection", "watch"),
        subresources=tuple(
            {"name": f"{names['plural']}/{each}", "verbs": ["get", "patch", "update"]}
            for each in declared.get("subresources") or {}
        ),
    )
    return _resource_paths(resource)


# --- paths ---------------------------------------------------------------------------------------

_QUERY = {
    "post": ("dryRun", "fieldManager", "fieldValidation"),
    "put": ("dryRun", "fieldManager", "fieldValidation"),
    "patch": ("dryRun", "fieldManager", "fieldValidation", "force"),
    "get": (),
    "delete": ("dryRun", "gracePeriodSeconds", "propagationPolicy"),
}
_COLLECTION = {"get": "list", "post": "create", "delete": "deletecollection"}
_ITEM = {"get": "get", "put": "update", "patch": "patch", "delete": "delete"}


def _resource_paths(resource: Resource) -> dict[str, Any]:
    root = f"/{_path_of(resource.group, resource.version)}"
    scope = f"{root}/namespaces/{{namespace}}" if resource.namespaced else root
    collection = f"{scope}/{resource.plural}"
    paths: dict[str, Any] = {}
    for path, verbs in ((collection, _COLLECTION), (f"{collection}/{{name}}", _ITEM)):
        paths[path] = _operations(resource, verbs, resource.verbs, path)
    if resource.namespaced and "list" in resource.verbs:
        path = f"{root}/{resource.plural}"
        paths[path] = _operations(resource, {"get": "list"}, resource.verbs, path)
    for subresource in resource.subresources:
        name = subresource["name"].partition("/")[2]
        path = f"{collection}/{{name}}/{name}"
        verbs = {"get": "get", "put": "update", "patch": "patch", "post": "create"}
        paths[path] = _operations(resource, verbs, tuple(subresource["verbs"]), path, subresource)
    return {path: operations for path, operations in paths.items() if operations}


def _operations(
    resource: Resource,
    methods: Mapping[str, str],
    verbs: Sequence[str],
    path: str,
    subresource: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    source = subresource or {}
    kind = {
        "group": source.get("group", resource.group),
        "version": source.get("version", resource.version),
        "kind": source.get("kind", resource.kind),
    }
    operations: dict[str, Any] = {}
    for method, verb in methods.items():
        if verb not in verbs:
            continue
        query = [
            {"name": name, "in": "query", "schema": {"type": "string"}} for name in _QUERY[method]
        ]
        operations[method] = {
            "operationId": f"{verb}{path.replace('/', '_')}",
            "parameters": query,
            "responses": {"200": {"description": "OK"}},
            "x-kubernetes-action": verb,
            "x-kubernetes-group-version-kind": kind,
        }
    return operations


def _path_of(group: str, version: str) -> str:
    return f"apis/{group}/{version}" if group else f"api/{version}"


def _group_version(path: str) -> tuple[str, str]:
    parts = path.strip("/").split("/")
    return (parts[1], parts[2]) if parts[0] == "apis" and len(parts) == 3 else ("", parts[-1])
