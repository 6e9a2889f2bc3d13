"""The type of one value in a Kubernetes object: a node of a schema graph, decoded on first use.

In: a raw schema, either a compact definition of a built-in type (`compaction.py`) or a CRD's
`openAPIV3Schema`. Out: attributes and child nodes. A node is immutable after it was made and shared
freely; graphs may be cyclic (`JSONSchemaProps`). It never judges a value:
`katalogc.localcluster.validation` does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, Literal

Raw = Mapping[str, Any]
Resolver = Callable[[Raw], "Schema"]
"""Gives the node of a nested raw schema; follows `$ref`."""

MISSING: Any = object()
"""Marks a schema without default (`None` is a legal default)."""


class Schema:
    """One node. `raw` is the schema as data; the attributes are what everybody asks for."""

    def __init__(self, raw: Raw, resolve: Resolver, *, builtin: bool) -> None:
        self.raw = raw
        self._resolve = resolve
        self.builtin = builtin
        """Whether the type is compiled into the API server (Go rules) or comes from a CRD."""
        self.type: str = raw.get("type", "")
        """`object`, `array`, `string`, `integer`, `number`, `boolean`, or empty for any value."""
        self.format: str = raw.get("format", "")
        self.default: Any = raw.get("default", MISSING)
        self.required: tuple[str, ...] = tuple(raw.get("required", ()))
        self.enum: tuple[Any, ...] = tuple(raw.get("enum", ()))
        self.nullable: bool = bool(raw.get("nullable"))
        self.list_type: str = raw.get("x-kubernetes-list-type", "")
        self.list_map_keys: tuple[str, ...] = tuple(raw.get("x-kubernetes-list-map-keys", ()))
        self.map_type: str = raw.get("x-kubernetes-map-type", "")
        self.patch_strategy: tuple[str, ...] = tuple(
            each for each in raw.get("x-kubernetes-patch-strategy", "").split(",") if each
        )
        self.patch_merge_key: str = raw.get("x-kubernetes-patch-merge-key", "")
        self.int_or_string: bool = (
            bool(raw.get("x-kubernetes-int-or-string")) or self.format == "int-or-string"
        )
        self.quantity: bool = builtin and self.format == "quantity"
        self.preserve_unknown: bool = bool(raw.get("x-kubernetes-preserve-unknown-fields"))
        self.embedded_resource: bool = bool(raw.get("x-kubernetes-embedded-resource"))
        self.pointers: frozenset[str] = frozenset(raw.get("x-pointer", ()))
        """Properties whose zero value the server keeps (built-in types only)."""
        self.nulls: frozenset[str] = frozenset(raw.get("x-null", ()))
        """Lists and times that the server prints as `null` while unset (built-in types only)."""
        self.status_subresource: bool = bool(raw.get("x-status-subresource"))
        """On the root of a kind: whether `/status` is served apart from the main resource."""

    @cached_property
    def properties(self) -> dict[str, Schema]:
        """The declared fields by name."""
        return {name: self._resolve(each) for name, each in self.raw.get("properties", {}).items()}

    def named(self, definition: str) -> Schema:
        """Another definition of the same catalogue, by its OpenAPI name."""
        return self._resolve({"$ref": definition})

    @cached_property
    def printed_zeros(self) -> dict[str, Any]:
        """Fields that a built-in type prints while unset, with Go's zero value (`{}`, `""`, null)."""
        if not self.builtin:
            return {}
        omitted = self.raw.get("x-omit", ())
        printed: dict[str, Any] = {}
        for name, field in self.properties.items():
            if name in self.nulls:
                printed[name] = None
            elif name not in omitted and field.default in ({}, "", 0, False):
                printed[name] = field.default
        return printed

    @cached_property
    def items(self) -> Schema | None:
        """The type of an array's items, if it is declared."""
        raw = self.raw.get("items")
        return self._resolve(raw) if isinstance(raw, Mapping) else None

    @cached_property
    def additional(self) -> Schema | None:
        """The type of a map's values, if the type is a map."""
        raw = self.raw.get("additionalProperties")
        if raw is True:
            return self._resolve({"x-kubernetes-preserve-unknown-fields": True})
        return self._resolve(raw) if isinstance(raw, Mapping) else None

    @cached_property
    def arbitrary(self) -> bool:
        """Whether any content is allowed below (RawExtension, JSON, preserve-unknown-fields)."""
        if self.preserve_unknown:
            return True
        if self.type in ("", "object"):
            has_shape = bool(self.raw.get("properties")) or self.additional is not None
            return self.builtin and not has_shape and not (self.int_or_string or self.quantity)
        return False

    @cached_property
    def topology(self) -> Literal["scalar", "struct", "map", "atomic", "set", "associative", "any"]:
        """How server-side apply and drift comparison see a value of this type.

        `struct` and `map` merge by field or key, `associative` lists by `list_map_keys`, `set`
        lists by value, `atomic` (list or map) as a whole, `any` like its JSON type: maps merge,
        lists are atomic.
        """
        if self.int_or_string or self.quantity:
            return "scalar"
        if self.type == "array":
            return self._list_topology()
        if self.type in ("object", ""):
            if self.map_type == "atomic":
                return "atomic"
            if self.raw.get("properties"):
                return "struct"
            if self.additional is not None:
                return "map"
            return "any" if self.type == "" or self.arbitrary else "struct"
        return "scalar"

    def _list_topology(self) -> Literal["atomic", "set", "associative"]:
        if self.list_type == "map" and self.list_map_keys:
            return "associative"
        if self.list_type == "set":
            return "set"
        if not self.list_type and self.builtin and "merge" in self.patch_strategy:
            return "associative" if self.patch_merge_key else "set"
        return "atomic"

    @cached_property
    def merge_keys(self) -> tuple[str, ...]:
        """The keys that identify an item of an associative list."""
        if self.list_map_keys:
            return self.list_map_keys
        return (self.patch_merge_key,) if self.patch_merge_key else ()

    def child(self, step: str | int) -> Schema | None:
        """The type one step down: a field, a map's value, a list's item; None if undeclared."""
        if isinstance(step, int):
            return self.items
        return self.properties.get(step) or self.additional

    def at(self, *path: str | int) -> Schema | None:
        """The type at a path such as `("spec", "containers", 0, "image")`, or None."""
        node: Schema | None = self
        for step in path:
            if node is None:
                return None
            node = node.child(step)
        return node

    def __repr__(self) -> str:
        keys = ",".join(list(self.raw.get("properties", ()))[:4])
        return f"Schema({self.type or 'any'} {self.format} {keys})"
