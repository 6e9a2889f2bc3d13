"""What the operator may do: IR in, permissions out, for RBAC, bundle and documentation.

The verbs are those of the runtime's own requests, no more: `katalog_runtime` lists and watches
owners and children, updates owners (finalizer, labels) and their status, creates, applies (a patch)
and deletes children, and reads one after a conflict. Owner references are written without
`blockOwnerDeletion`, so nothing on `<owner>/finalizers` is needed
(docs/adr/0006-no-block-owner-deletion.md).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from katalog_runtime.lease import lease_name
from katalogc.ir import ChildIR, ControllerIR, OperatorIR

RbacStyle = Literal["minimal", "reference"]

OWNER_VERBS = ("list", "watch", "update")
STATUS_VERBS = ("update",)
CHILD_VERBS = ("get", "list", "watch", "create", "patch", "delete")
REFERENCE_VERBS = ("get", "list", "watch", "create", "update", "patch", "delete")
"""What the reference system grants on every type; `--rbac reference` asks for it."""
REFERENCE_STATUS_VERBS = ("get", "update", "patch")


@dataclass(frozen=True, slots=True, kw_only=True)
class PermissionIR:
    """One RBAC rule, where it holds, and why."""

    group: str
    """The API group; empty for the core group."""
    resource: str
    """Plural, with a subresource after a slash: `datajobs/status`."""
    verbs: tuple[str, ...]
    namespaces: tuple[str, ...] = ()
    """Where a Role grants it; empty means a ClusterRole."""
    resource_names: tuple[str, ...] = ()
    """The only objects that it covers; empty means all."""
    reason: str
    controller: str = ""
    """The CRD that it serves; empty for what the process itself needs."""


def permissions(
    ir: OperatorIR, style: RbacStyle = "minimal", shards: int = 1
) -> tuple[PermissionIR, ...]:
    """Everything that the operator asks of the API server, process first, then per CRD.

    Args:
        ir: the operator.
        style: the runtime's own verbs, or all those that the reference system grants.
        shards: into how many shares its custom resources are divided; each has a Lease.
    """
    own = (each for one in ir.controllers for each in _controller(one, style))
    return (*_process(ir, style, shards), *own)


def _process(ir: OperatorIR, style: RbacStyle, shards: int) -> Iterator[PermissionIR]:
    leases = tuple(lease_name(ir.name, index, shards) for index in range(shards))
    yield PermissionIR(
        group="coordination.k8s.io",
        resource="leases",
        verbs=("create",),
        namespaces=(ir.namespace,),
        reason=f"leader election: the first replica creates {'the' if shards == 1 else 'its'} Lease"
        " (RBAC cannot name an object that is being created)",
    )
    yield PermissionIR(
        group="coordination.k8s.io",
        resource="leases",
        verbs=("get", "update"),
        namespaces=(ir.namespace,),
        resource_names=leases,
        reason="leader election: the replicas hold and take over this one Lease"
        if shards == 1
        else "leader election: one Lease for each shard, so that none is served twice",
    )
    yield PermissionIR(
        group="",
        resource="events",
        verbs=("create", "patch") if style == "reference" else ("create",),
        namespaces=_watched_namespaces(ir),
        reason="tell each custom resource's transitions as Events",
    )


def _watched_namespaces(ir: OperatorIR) -> tuple[str, ...]:
    """All namespaces of all CRDs; empty where one of them is not restricted."""
    found: set[str] = set()
    for controller in ir.controllers:
        if not (controller.api.namespaced and controller.namespaces):
            return ()
        found.update(controller.namespaces)
    return tuple(sorted(found))


def _controller(controller: ControllerIR, style: RbacStyle) -> Iterator[PermissionIR]:
    api = controller.api
    where = controller.namespaces if api.namespaced else ()
    reference = style == "reference"
    yield PermissionIR(
        group=api.group,
        resource=api.plural,
        verbs=REFERENCE_VERBS if reference else OWNER_VERBS,
        namespaces=where,
        reason=f"{api.kind}: watch it; update its finalizer, labels and annotations",
        controller=controller.name,
    )
    yield PermissionIR(
        group=api.group,
        resource=f"{api.plural}/status",
        verbs=REFERENCE_STATUS_VERBS if reference else STATUS_VERBS,
        namespaces=where,
        reason=f"{api.kind}: write its status",
        controller=controller.name,
    )
    yield from _children(controller, style)


def _children(controller: ControllerIR, style: RbacStyle) -> Iterator[PermissionIR]:
    children_by_resource: dict[tuple[str, str], list[ChildIR]] = {}
    for child in controller.children:
        children_by_resource.setdefault((child.api.group, child.api.plural), []).append(child)
    for (group, plural), children in sorted(children_by_resource.items()):
        yield PermissionIR(
            group=group,
            resource=plural,
            verbs=REFERENCE_VERBS if style == "reference" else CHILD_VERBS,
            namespaces=_namespaces(controller, children),
            reason=f"{controller.api.kind}: {_acts(children)}",
            controller=controller.name,
        )


def _acts(children: list[ChildIR]) -> str:
    """What happens to children of one kind, in words, with the motifs that brought them."""
    acts = ["create"]
    if any(child.sync == "apply" for child in children):
        acts.append("keep in sync")
    if any(child.rotate_after is not None for child in children):
        acts.append("renew")
    motifs = sorted({child.motif for child in children if child.motif})
    brought = f" (motif {', '.join(motifs)})" if motifs else ""
    return f"{', '.join(acts)} and delete its {children[0].api.kind}{brought}"


def _namespaces(controller: ControllerIR, children: list[ChildIR]) -> tuple[str, ...]:
    """Where these children live, if that is known without a cluster; empty means anywhere."""
    found: set[str] = set()
    for child in children:
        if not child.api.namespaced:
            return ()
        constant = _constant_namespace(child)
        if constant is not None:
            found.add(constant)
        elif _follows_owner(child) and controller.api.namespaced and controller.namespaces:
            found.update(controller.namespaces)
        else:
            return ()
    return tuple(sorted(found))


def _constant_namespace(child: ChildIR) -> str | None:
    namespace = child.manifest.skeleton.get("metadata", {}).get("namespace")
    return namespace if isinstance(namespace, str) and namespace else None


def _follows_owner(child: ChildIR) -> bool:
    """Whether the child lives in its owner's namespace: no namespace given, or the owner's read."""
    for hole in child.manifest.holes:
        if hole.path == ("metadata", "namespace"):
            return hole.expression.facts.is_lone_path == ("metadata", "namespace")
    return True
