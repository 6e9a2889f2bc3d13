"""What the built-in Kubernetes types look like, offline: resources and schemas of several minors.

In: a minor such as `1.36`. Out: a `Catalogue`, which decodes a definition when somebody asks for
it. Reads one file of the package and nothing else; knows nothing about custom resources.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from katalogc.openapi.schema import Raw, Schema

LATEST = "1.36"
OBJECT_META = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"
_DATA = Path(__file__).with_name("kubernetes.jsonl.gz")


@dataclass(frozen=True, slots=True)
class Resource:
    """A row of discovery: one served resource type with its subresources."""

    group: str
    """Empty for the core group."""
    version: str
    kind: str
    plural: str
    singular: str
    namespaced: bool
    short_names: tuple[str, ...]
    categories: tuple[str, ...]
    verbs: tuple[str, ...]
    subresources: tuple[Mapping[str, Any], ...]
    """The `APIResource` of each subresource (`deployments/status`), as discovery gives it."""

    @property
    def api_version(self) -> str:
        """`apps/v1`, `v1`."""
        return f"{self.group}/{self.version}" if self.group else self.version


class Catalogue:
    """The built-in types of one Kubernetes minor."""

    def __init__(self, minor: str, index: Mapping[str, Any], lines: list[bytes]) -> None:
        self.minor = minor
        self.version: str = index["version"]
        """The exact release the data was taken from: `v1.36.3`."""
        self._places: Mapping[str, int] = index["definitions"]
        self._rows: list[list[Any]] = index["resources"]
        self._lines = lines
        self._raw: dict[str, Raw] = {}
        self._nodes: dict[tuple[str, str], Schema] = {}

    @cached_property
    def resources(self) -> tuple[Resource, ...]:
        """Every served resource, by group version and in discovery's order."""
        subresources: dict[tuple[str, str, str], list[Mapping[str, Any]]] = {}
        for group, version, row in self._rows:
            if "/" in row["name"]:
                subresources.setdefault((group, version, row["name"].partition("/")[0]), []).append(
                    row
                )
        return tuple(
            Resource(
                group=group,
                version=version,
                kind=row["kind"],
                plural=row["name"],
                singular=row.get("singularName", ""),
                namespaced=row["namespaced"],
                short_names=tuple(row.get("shortNames", ())),
                categories=tuple(row.get("categories", ())),
                verbs=tuple(row["verbs"]),
                subresources=tuple(subresources.get((group, version, row["name"]), ())),
            )
            for group, version, row in self._rows
            if "/" not in row["name"]
        )

    @cached_property
    def by_kind(self) -> dict[tuple[str, str, str], Resource]:
        """Resources by `(group, version, kind)`; kinds without a resource are absent."""
        return {(each.group, each.version, each.kind): each for each in self.resources}

    def resource(self, group: str, version: str, kind: str) -> Resource | None:
        """The resource that serves a kind, or None."""
        return self.by_kind.get((group, version, kind))

    def schema(self, group: str, version: str, kind: str) -> Schema:
        """The schema of a kind.

        Raises:
            KeyError: the minor has no such kind.
        """
        name = self._kinds.get((group, version, kind))
        if name is None:
            raise KeyError(f"Kubernetes {self.minor} has no {kind} in {group or 'core'}/{version}")
        resource = self.resource(group, version, kind)
        statuses = () if resource is None else resource.subresources
        has_status = any(each["name"].endswith("/status") for each in statuses)
        return self._node({"$ref": name, **({"x-status-subresource": True} if has_status else {})})

    def definition(self, name: str) -> Schema:
        """The schema of a definition by its OpenAPI name. Raises KeyError when unknown."""
        return self._node({"$ref": name})

    def raw_definition(self, name: str) -> Raw:
        """A definition as compact data (`$ref` holds a bare name). Raises KeyError when unknown."""
        if name not in self._raw:
            self._raw[name] = json.loads(self._lines[self._places[name]])
        return self._raw[name]

    @property
    def definition_names(self) -> tuple[str, ...]:
        """The names of all definitions, sorted."""
        return tuple(self._places)

    @cached_property
    def kinds(self) -> dict[tuple[str, str, str], str]:
        """Definition names by `(group, version, kind)`; decodes all definitions."""
        found: dict[tuple[str, str, str], str] = {}
        for name in self._places:
            for each in self.raw_definition(name).get("x-kubernetes-group-version-kind", ()):
                found[each["group"], each["version"], each["kind"]] = name
        return found

    @cached_property
    def _kinds(self) -> Mapping[tuple[str, str, str], str]:
        return _LazyKinds(self)

    def _node(self, raw: Raw) -> Schema:
        reference = raw.get("$ref")
        if reference is None:
            return Schema(raw, self._node, builtin=True)
        siblings = {key: value for key, value in raw.items() if key != "$ref"}
        key = (reference, json.dumps(siblings, sort_keys=True) if siblings else "")
        node = self._nodes.get(key)
        if node is None:
            raw = {**self.raw_definition(reference), "x-name": reference, **siblings}
            node = Schema(raw, self._node, builtin=True)
            self._nodes[key] = node
        return node


class _LazyKinds(dict[tuple[str, str, str], str]):
    """Guesses a definition's name from its kind (`io.k8s.api.apps.v1.Deployment`), and checks."""

    def __init__(self, owner: Catalogue) -> None:
        super().__init__()
        self._owner = owner

    def get(self, key: Any, default: Any = None) -> Any:
        group, version, kind = key
        short = group.partition(".")[0] or "core"
        name = f"io.k8s.api.{short}.{version}.{kind}"
        if name in self._owner._places:
            wanted = {"group": group, "kind": kind, "version": version}
            if wanted in self._owner.raw_definition(name).get(
                "x-kubernetes-group-version-kind", ()
            ):
                return name
        return self._owner.kinds.get(key, default)


@lru_cache(maxsize=1)
def _lines() -> list[bytes]:
    return gzip.decompress(_DATA.read_bytes()).splitlines()


def minors() -> tuple[str, ...]:
    """The minors that the package knows, oldest first."""
    known: dict[str, int] = json.loads(_lines()[0])["minors"]
    return tuple(sorted(known, key=known.__getitem__))


@lru_cache(maxsize=8)
def catalogue(minor: str = LATEST) -> Catalogue:
    """The built-in types of a Kubernetes minor.

    Raises:
        KeyError: no data for this minor; `minors()` lists those there are.
    """
    lines = _lines()
    known: dict[str, int] = json.loads(lines[0])["minors"]
    if minor not in known:
        raise KeyError(f"no schemas for Kubernetes {minor}; there are {', '.join(minors())}")
    return Catalogue(minor, json.loads(lines[known[minor]]), lines)
