"""The registry: every resource type that this cluster serves, built-in or from a
CustomResourceDefinition.

In: the catalogue of built-in kinds, and CRDs as they come and go. Out: lookups by path and by kind.
It knows types, never objects; no I/O.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from katalog_runtime.bundle import ApiType
from katalog_runtime.objects import GroupResource, Manifest

CUSTOM_VERBS = (
    "delete",
    "deletecollection",
    "get",
    "list",
    "patch",
    "create",
    "update",
    "watch",
)

# Two spellings of one stored object: the second column is where the objects live.
SHARED_STORAGE = {GroupResource("events.k8s.io", "events"): GroupResource("", "events")}
STORED_VERSIONS = {
    GroupResource("events.k8s.io", "events"): "v1",
    GroupResource("autoscaling", "horizontalpodautoscalers"): "autoscaling/v2",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Subresource:
    """A path below an object: `status`, `scale`, `token` …"""

    name: str
    kind: str
    group: str
    version: str
    verbs: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class ResourceType:
    """One resource of one API version."""

    group: str
    version: str
    kind: str
    plural: str
    singular: str
    namespaced: bool
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    verbs: tuple[str, ...] = CUSTOM_VERBS
    subresources: Mapping[str, Subresource] = field(default_factory=dict)
    list_kind: str = ""
    custom: CustomVersion | None = None
    """Set for types that come from a CustomResourceDefinition."""
    minor: str = ""
    """The Kubernetes minor whose schemas apply (built-in types)."""

    @cached_property
    def resource(self) -> GroupResource:
        """The name in messages and in RBAC."""
        return GroupResource(self.group, self.plural)

    @cached_property
    def storage(self) -> GroupResource:
        """The collection that holds the objects."""
        return SHARED_STORAGE.get(self.resource, self.resource)

    @cached_property
    def api_version(self) -> str:
        """`group/version`, or `version` alone for the core group."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @cached_property
    def stored_api_version(self) -> str:
        """The `apiVersion` under which objects are stored."""
        if self.custom is not None:
            return f"{self.group}/{self.custom.storage_version}"
        return STORED_VERSIONS.get(self.resource, self.api_version)

    @cached_property
    def has_status(self) -> bool:
        """Whether status is written through a subresource of its own."""
        return "status" in self.subresources

    @cached_property
    def schema(self) -> Any:
        """The compact schema node of this kind (built-ins: decoded on first use)."""
        if self.custom is not None:
            return self.custom.schema
        from katalogc.openapi import catalogue

        return catalogue(self.minor).schema(self.group, self.version, self.kind)

    @property
    def api(self) -> ApiType:
        """The type in the runtime's words."""
        return ApiType(
            group=self.group,
            version=self.version,
            kind=self.kind,
            plural=self.plural,
            namespaced=self.namespaced,
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class CustomVersion:
    """What a version of a CustomResourceDefinition adds to its type."""

    crd_name: str
    storage_version: str
    schema: Any
    """The compact schema node made by `validation.crd_schema`."""
    stored_schema: Any
    """The same of the version that is stored."""
    printer_columns: tuple[Manifest, ...] = ()
    scale: Manifest | None = None
    """`specReplicasPath`, `statusReplicasPath`, `labelSelectorPath`."""
    selectable_fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    deprecation_warning: str = ""
    terminating: bool = False


class Registry:
    """Resource types by path and by kind; built-ins stay, custom ones come and go."""

    def __init__(self, built_in: Iterator[ResourceType] | tuple[ResourceType, ...]) -> None:
        self._by_path: dict[tuple[str, str, str], ResourceType] = {}
        self._by_kind: dict[tuple[str, str, str], ResourceType] = {}
        self._by_storage: dict[GroupResource, ResourceType] = {}
        self.revision = 0
        """Grows with every change, so that discovery documents can be kept."""
        for each in built_in:
            self.add(each)

    def add(self, type_: ResourceType) -> None:
        """Serves a type (or replaces the one at its path)."""
        self._by_path[type_.group, type_.version, type_.plural] = type_
        self._by_kind[type_.group, type_.version, type_.kind] = type_
        if type_.storage == type_.resource:
            if type_.api_version == type_.stored_api_version:
                self._by_storage[type_.storage] = type_
            else:
                self._by_storage.setdefault(type_.storage, type_)
        self.revision += 1

    def remove(self, group: str, plural: str) -> None:
        """Stops serving all versions of a resource."""
        for path in [key for key in self._by_path if key[0] == group and key[2] == plural]:
            gone = self._by_path.pop(path)
            self._by_kind.pop((group, gone.version, gone.kind), None)
        self._by_storage.pop(GroupResource(group, plural), None)
        self.revision += 1

    def get(self, group: str, version: str, plural: str) -> ResourceType | None:
        """The type at `/apis/GROUP/VERSION/…/PLURAL`."""
        return self._by_path.get((group, version, plural))

    def of_kind(self, api_version: str, kind: str) -> ResourceType | None:
        """The type of a manifest's `apiVersion` and `kind`."""
        group, _, version = api_version.rpartition("/")
        return self._by_kind.get((group, version, kind))

    def stored_as(self, resource: GroupResource) -> ResourceType | None:
        """The type under which a collection's objects are stored (another, if that is not
        served)."""
        return self._by_storage.get(resource)

    def resolve_kind(self, api_version: str, kind: str) -> ResourceType | None:
        """Like `of_kind`, but content with any served version of the group (owner references)."""
        found = self.of_kind(api_version, kind)
        if found is not None:
            return found
        group = api_version.rpartition("/")[0]
        return next(
            (each for each in self._by_kind.values() if (each.group, each.kind) == (group, kind)),
            None,
        )

    def __iter__(self) -> Iterator[ResourceType]:
        return iter(self._by_path.values())

    def stored(self) -> Iterator[ResourceType]:
        """One type for each collection."""
        return iter(tuple(self._by_storage.values()))


def built_in_types(minor: str) -> Iterator[ResourceType]:
    """The built-in types of a Kubernetes minor, from the package's compact OpenAPI data."""
    from katalogc.openapi import catalogue

    for each in catalogue(minor).resources:
        yield ResourceType(
            group=each.group,
            version=each.version,
            kind=each.kind,
            plural=each.plural,
            singular=each.singular,
            namespaced=each.namespaced,
            short_names=tuple(each.short_names),
            categories=tuple(each.categories),
            verbs=tuple(each.verbs),
            subresources=_subresources(each),
            list_kind=f"{each.kind}List",
            minor=minor,
        )


def _subresources(resource: Any) -> dict[str, Subresource]:
    return {
        each["name"].partition("/")[2]: Subresource(
            name=each["name"].partition("/")[2],
            kind=each["kind"],
            group=each.get("group", resource.group),
            version=each.get("version", resource.version),
            verbs=tuple(each["verbs"]),
        )
        for each in resource.subresources
    }
