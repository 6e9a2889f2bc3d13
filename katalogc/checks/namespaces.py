"""KAT206, KAT401: children in other namespaces than their owner's."""

from __future__ import annotations

from collections.abc import Iterator

from katalogc.checks.walk import children
from katalogc.codes import Code
from katalogc.diagnostics import Diagnostic
from katalogc.ir_leaves import ExpressionIR
from katalogc.subject import Subject

_OWN: tuple[str | int, ...] = ("metadata", "namespace")


def missing_namespace(subject: Subject) -> Iterator[Diagnostic]:
    """The owner has no namespace to inherit, and the child names none."""
    for child in children(subject):
        resolved = subject.types.get(child.crd)
        if resolved is None or resolved.api.namespaced or not child.kind.api.namespaced:
            continue
        elsewhere = (*child.node.path, "toNamespaces") in child.node.source_map.keys
        if not child.entry.namespace and not elsewhere:
            yield Diagnostic(
                code=Code.MISSING_FIELD,
                message=f"`namespace` is missing: `{resolved.api.kind}` is cluster-scoped",
                span=child.node.span,
                help="add `namespace:` to this child",
            )


def child_elsewhere(subject: Subject) -> Iterator[Diagnostic]:
    """A child's namespace is not its owner's, or lies outside the allowed ones."""
    for child in children(subject):
        value = child.value("namespace")
        resolved = subject.types.get(child.crd)
        if not value or resolved is None:
            continue
        allowed = set(child.crd_entry.allowed_namespaces)
        if child.crd_entry.namespace:
            allowed = {child.crd_entry.namespace}
        place = child.place("namespace")
        if isinstance(value, str) and allowed and value not in allowed:
            yield Diagnostic(
                code=Code.OUTSIDE_NAMESPACES,
                message=f"namespace `{value}` is outside the allowed namespaces",
                span=place.span,
                help="allowed: " + ", ".join(f"`{each}`" for each in sorted(allowed)),
            )
        elif resolved.api.namespaced and not _is_own(value) and [value] != sorted(allowed):
            yield Diagnostic(
                code=Code.CROSS_NAMESPACE_CHILD,
                message="this child may live in another namespace than its owner",
                span=place.span,
                help="without `namespace:` it lives in its owner's namespace",
            )


def _is_own(value: ExpressionIR | str) -> bool:
    return isinstance(value, ExpressionIR) and value.facts.is_lone_path == _OWN
