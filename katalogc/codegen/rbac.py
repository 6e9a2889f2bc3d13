"""Permissions as Kubernetes objects: a ServiceAccount, Roles and ClusterRoles, and their bindings.

Permissions that hold in the same place become one role; permissions of several CRDs on the same
resource become one rule, whose comment keeps every reason. Each rule says why it is there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from katalogc.codegen.artifact import Artifact, yaml_artifact
from katalogc.codegen.labels import metadata
from katalogc.codegen.permissions import PermissionIR
from katalogc.codegen.yaml_emitter import Commented, Inline
from katalogc.ir import OperatorIR

RBAC_GROUP = "rbac.authorization.k8s.io"
RBAC_VERSION = f"{RBAC_GROUP}/v1"

RuleKey = tuple[str, str, tuple[str, ...], tuple[str, ...]]


def rbac(ir: OperatorIR, permissions: Sequence[PermissionIR]) -> Artifact:
    """`rbac.yaml`: exactly `permissions`, granted to the operator's ServiceAccount."""
    documents = [service_account(ir)]
    everywhere = [each for each in permissions if not each.namespaces]
    if everywhere:
        documents += _role(ir, everywhere, namespace="")
    for namespace in sorted({name for each in permissions for name in each.namespaces}):
        here = [each for each in permissions if namespace in each.namespaces]
        documents += _role(ir, here, namespace=namespace)
    return yaml_artifact("rbac.yaml", *documents, comment=_headline(ir, permissions))


def service_account(ir: OperatorIR) -> dict[str, Any]:
    """The identity that the operator's pods run under."""
    return {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": metadata(ir, ir.name, namespace=ir.namespace),
    }


def _headline(ir: OperatorIR, permissions: Iterable[PermissionIR]) -> str:
    lines = [f"What {ir.name} may do, and nothing else. Each rule says why it is there."]
    foreign = sorted({name for each in permissions for name in each.namespaces} - {ir.namespace})
    if foreign:
        names = ", ".join(foreign)
        lines.append(f"Restricted to namespaces that must exist already: {names}.")
    return "\n".join(lines)


def _role(
    ir: OperatorIR, permissions: Iterable[PermissionIR], *, namespace: str
) -> list[dict[str, Any]]:
    """A (Cluster)Role with these rules and its binding."""
    kind = "Role" if namespace else "ClusterRole"
    role_metadata = metadata(ir, ir.name, namespace=namespace or None)
    return [
        {
            "apiVersion": RBAC_VERSION,
            "kind": kind,
            "metadata": role_metadata,
            "rules": _rules(permissions),
        },
        {
            "apiVersion": RBAC_VERSION,
            "kind": f"{kind}Binding",
            "metadata": role_metadata,
            "roleRef": {"apiGroup": RBAC_GROUP, "kind": kind, "name": ir.name},
            "subjects": [
                {"kind": "ServiceAccount", "name": ir.name, "namespace": ir.namespace},
            ],
        },
    ]


def _rules(permissions: Iterable[PermissionIR]) -> list[Commented]:
    """One rule per resource, verbs and names; equal ones of several CRDs become one."""
    reasons_by_rule: dict[RuleKey, list[str]] = {}
    for each in permissions:
        rule = (each.group, each.resource, each.verbs, each.resource_names)
        reasons = reasons_by_rule.setdefault(rule, [])
        if each.reason not in reasons:
            reasons.append(each.reason)
    return [_rule(*rule, reasons) for rule, reasons in reasons_by_rule.items()]


def _rule(
    group: str,
    resource: str,
    verbs: tuple[str, ...],
    names: tuple[str, ...],
    reasons: list[str],
) -> Commented:
    rule = {"apiGroups": Inline([group]), "resources": Inline([resource])}
    if names:
        rule["resourceNames"] = Inline(names)
    return Commented("\n".join(reasons), {**rule, "verbs": Inline(verbs)})
