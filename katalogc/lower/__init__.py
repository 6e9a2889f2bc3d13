"""A checked Katalog in, the intermediate representation out: every default decided.

Total on a Katalog without errors: an exception here is a bug of the compiler.
"""

from __future__ import annotations

from katalog_runtime.bundle import Backoff
from katalog_runtime.objects import FINALIZER
from katalogc.ir import (
    ChildIR,
    ControllerIR,
    ExpressionIR,
    HoleIR,
    HoleType,
    OperatorIR,
    StatusFieldIR,
    TemplateIR,
)
from katalogc.lower.children import start
from katalogc.lower.kinds import BUILDERS
from katalogc.lower.manifest import Place, convert
from katalogc.schema.crd import CrdEntry
from katalogc.schema.entry import Entry
from katalogc.schema.kinds import KINDS, ChildKind
from katalogc.schema.names import duration_seconds
from katalogc.schema.operator_box import Reconciler, StatusField
from katalogc.subject import Subject

_PROFILES = {"high-throughput": (10, 300.0, 1000)}
"""Workers, resync in seconds and queue depth of the built-in reconciler profiles."""
_STATUS_TYPES: dict[str, HoleType] = {
    "string": "string", "int": "integer", "float": "number", "bool": "boolean", "auto": "auto",
}  # fmt: skip


def lower(subject: Subject) -> OperatorIR:
    """The operator that a checked Katalog declares."""
    metadata = subject.katalog.metadata
    return OperatorIR(
        name=metadata.name,
        version=metadata.version,
        description=" ".join(metadata.description.split()),
        author=metadata.author,
        license=metadata.license,
        tags=metadata.tags,
        tenant=metadata.namespace,
        namespace=f"{metadata.name}-system",
        controllers=tuple(
            _controller(subject, name, entry)
            for name, entry in subject.katalog.spec.crds.items()
            if entry.enabled
        ),
    )


def _controller(subject: Subject, name: str, entry: CrdEntry) -> ControllerIR:
    resolved = subject.types[name]
    reconciler = entry.operator_box.reconciler
    workers, resync, depth = _settings(reconciler)
    declared = entry.operator_box.finalizers or subject.katalog.spec.finalizers
    return ControllerIR(
        name=name,
        api=resolved.api,
        description=" ".join(entry.description.split()),
        namespaces=_namespaces(entry),
        workers=workers,
        resync_seconds=resync,
        queue_depth=depth,
        backoff=_backoff(reconciler),
        finalizers=(FINALIZER, *(each for each in declared if each != FINALIZER)),
        children=_children(subject, name, entry),
        status_fields=tuple(
            _status_field(_place(subject, name) / "status" / "fields" / index, field)
            for index, field in enumerate(entry.operator_box.status.fields_)
        ),
        conditions=entry.operator_box.status.conditions,
        depends_on=tuple(each.name for each in entry.depends_on),
        crd=resolved.crd,
        origin=subject.root.nearest("spec", "crds", name).key_span,
    )


def _place(subject: Subject, name: str) -> Place:
    return Place(subject.table, subject.root, ("spec", "crds", name, "operatorBox"))


def _namespaces(entry: CrdEntry) -> tuple[str, ...]:
    if entry.namespace:
        return (entry.namespace,)
    return tuple(sorted(set(entry.allowed_namespaces)))


def _settings(reconciler: Reconciler) -> tuple[int | None, float | None, int | None]:
    """Workers, resync and queue depth: what is written, else the profile's, else the process's."""
    workers, resync, depth = _PROFILES.get(reconciler.profile or "", (None, None, None))
    if reconciler.workers:
        workers = reconciler.workers
    if reconciler.resync is not None:
        resync = duration_seconds(reconciler.resync) or resync
    if reconciler.queue.max_depth is not None:
        depth = reconciler.queue.max_depth
    return workers, resync, depth


def _backoff(reconciler: Reconciler) -> Backoff:
    retry = reconciler.queue.retry_backoff
    default = Backoff()
    return Backoff(
        initial_seconds=duration_seconds(retry.initial) or default.initial_seconds,
        max_seconds=duration_seconds(retry.max) or default.max_seconds,
        multiplier=retry.multiplier,
    )


def _children(subject: Subject, name: str, entry: CrdEntry) -> tuple[ChildIR, ...]:
    box = entry.operator_box
    found: list[ChildIR] = []
    for phase, resources in (("onCreate", box.on_create), ("onReconcile", box.on_reconcile)):
        for kind in KINDS:
            for index, child in enumerate(getattr(resources, kind.field)):
                place = _place(subject, name) / phase / kind.block / index
                found.append(_child(subject, name, place, kind, child))
    return tuple(found)


def _child(subject: Subject, name: str, place: Place, kind: ChildKind, entry: Entry) -> ChildIR:
    builder = start(kind.api, place, kind.default_suffix, subject.types[name].api.namespaced)
    BUILDERS[kind.block](entry, place, builder, kind.default_suffix)
    phase = place.path[4]
    once = bool(getattr(entry, "once", False))
    in_sync = (phase == "onReconcile" or entry.reconcile) and not kind.create_only and not once
    node = place.node
    assert node is not None
    scope = node.scope
    force = entry.force_conflict
    return ChildIR(
        id=child_id(place),
        block=kind.block,
        phase="onCreate" if phase == "onCreate" else "onReconcile",
        api=kind.api,
        sync="apply" if in_sync else "create",
        manifest=builder.template(),
        origin=node.span,
        motif=scope.motif if scope is not None else None,
        once=once,
        rotate_after=_rotation(place) if once else None,
        force=subject.katalog.spec.crds[name].force_conflict if force is None else force,
    )


def child_id(place: Place) -> str:
    """`onCreate.configMaps[0]`, or `motif.worker-pool.replicaSets[0]` as numbered in the motif."""
    node = place.node
    assert node is not None
    *names, last = node.path
    if node.scope is not None:
        written = [str(part) for part in names if part != "resources"]
        return ".".join(["motif", node.scope.motif, *written]) + f"[{last}]"
    return f"{place.path[4]}.{place.path[5]}[{place.path[6]}]"


def _rotation(place: Place) -> ExpressionIR | None:
    """The age at which a generated Secret is generated anew: an expression, even when constant."""
    written = place.written("rotateAfter")
    if isinstance(written, ExpressionIR) or not written:
        return written or None
    return (place / "rotateAfter").owner(written)


def _status_field(place: Place, field: StatusField) -> StatusFieldIR:
    as_ = _STATUS_TYPES[field.type]
    value = place.written("value")
    template = (
        TemplateIR(skeleton=None, holes=(HoleIR(path=(), expression=value, as_=as_),))
        if isinstance(value, ExpressionIR)
        else TemplateIR(skeleton=convert(value, as_))
    )
    node = place.node
    assert node is not None
    return StatusFieldIR(path=tuple(field.path.split(".")), value=template, origin=node.span)
