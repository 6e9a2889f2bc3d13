"""The intermediate representation: an operator with every default decided and every reference resolved.

`lower` writes it from a checked Katalog; the generators read it and nothing else. Frozen data, no behaviour
beyond small derived facts.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from katalog_runtime.bundle import ApiType, Backoff
from katalogc.ir_leaves import CrdFileIR as CrdFileIR
from katalogc.ir_leaves import ExpressionIR as ExpressionIR
from katalogc.source import Span

HoleType = Literal["string", "bytes", "integer", "number", "boolean", "intOrString", "json", "auto"]


@dataclass(frozen=True, slots=True, kw_only=True)
class HoleIR:
    """One place of a manifest that an expression fills; see `katalog_runtime.bundle.Hole`."""

    path: tuple[str | int, ...]
    expression: ExpressionIR
    as_: HoleType = "string"
    when_empty: Literal["keep", "omit", "default"] = "keep"
    default: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateIR:
    """A JSON value with holes; see `katalog_runtime.bundle.Template`."""

    skeleton: Any
    holes: tuple[HoleIR, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildIR:
    """One child object of every owner; see `katalog_runtime.bundle.ChildTemplate`."""

    id: str
    block: str
    """The language's word for the kind: `configMaps`, `replicaSets`."""
    phase: Literal["onCreate", "onReconcile"]
    api: ApiType
    sync: Literal["create", "apply"]
    manifest: TemplateIR
    origin: Span
    motif: str | None = None
    """The name of the motif that brought it, if one did."""
    once: bool = False
    rotate_after: ExpressionIR | None = None
    force: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusFieldIR:
    """One field of the owner's status."""

    path: tuple[str | int, ...]
    value: TemplateIR
    origin: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class ControllerIR:
    """One custom resource type and all that happens for each of its objects."""

    name: str
    api: ApiType
    description: str
    namespaces: tuple[str, ...]
    """Namespaces the operator is restricted to; empty means all."""
    workers: int | None
    resync_seconds: float | None
    queue_depth: int | None
    backoff: Backoff
    finalizers: tuple[str, ...]
    children: tuple[ChildIR, ...]
    status_fields: tuple[StatusFieldIR, ...]
    conditions: bool
    depends_on: tuple[str, ...]
    crd: CrdFileIR | None
    """Null where the schema is inferred from the expressions."""
    origin: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorIR:
    """The whole operator."""

    name: str
    version: str
    description: str
    author: str
    license: str
    tags: tuple[str, ...]
    tenant: str
    namespace: str
    """The Kubernetes namespace that the operator process is deployed into."""
    controllers: tuple[ControllerIR, ...] = field(default_factory=tuple)
