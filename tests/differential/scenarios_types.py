"""Custom types, lists, tables, discovery, permissions."""

from __future__ import annotations

from typing import Any

from tests.differential.scenarios_objects import MAPS, config_map
from tests.differential.steps import Scenario, Step, apply, create, delete, get, merge, put

DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"
PARTIAL = "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io,application/json"


def definition(group: str, schema: dict[str, Any], **version: Any) -> dict[str, Any]:
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"widgets.{group}"},
        "spec": {
            "group": group,
            "scope": "Namespaced",
            "names": {"plural": "widgets", "kind": "Widget", "shortNames": ["wd"]},
            "versions": [
                {"name": "v1", "served": True, "storage": True,
                 "schema": {"openAPIV3Schema": schema}, **version}
            ],
        },
    }  # fmt: skip


SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["spec"],
    "properties": {
        "spec": {
            "type": "object",
            "required": ["size"],
            "properties": {
                "size": {"type": "integer", "minimum": 1, "maximum": 9},
                "color": {"type": "string", "enum": ["red", "blue"], "default": "red"},
                "name": {"type": "string", "pattern": "^[a-z]+$", "maxLength": 5},
                "any": {"x-kubernetes-int-or-string": True},
                "free": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
                "items": {
                    "type": "array",
                    "maxItems": 2,
                    "x-kubernetes-list-type": "map",
                    "x-kubernetes-list-map-keys": ["id"],
                    "items": {
                        "type": "object",
                        "required": ["id"],
                        "properties": {"id": {"type": "string"}, "n": {"type": "number"}},
                    },
                },
            },
        },
        "status": {"type": "object", "properties": {"phase": {"type": "string"}}},
    },
}
COLUMNS = [
    {"name": "Size", "type": "integer", "jsonPath": ".spec.size"},
    {"name": "Phase", "type": "string", "jsonPath": ".status.phase"},
]


def widget(group: str, name: str, /, **spec: Any) -> dict[str, Any]:
    return {"apiVersion": f"{group}/v1", "kind": "Widget", "metadata": {"name": name}, "spec": spec}


def _collection(group: str) -> str:
    return f"/apis/{group}/v1/namespaces/{{ns}}/widgets"


A = "a.diff.katalogc.dev"
B = "b.diff.katalogc.dev"

TYPES = (definition(A, SCHEMA, subresources={"status": {}}, additionalPrinterColumns=COLUMNS),)

SCENARIOS = (
    Scenario(
        name="custom-resources",
        watch=_collection(A),
        steps=(
            create(_collection(A), widget(A, "w", size=3, unknown=1, free={"kept": True})),
            create(_collection(A), widget(A, "x", size=0)),
            create(_collection(A), widget(A, "x", size="three")),
            create(_collection(A), widget(A, "x", color="green", size=1)),
            create(_collection(A), widget(A, "x", name="UPPER", size=1)),
            create(_collection(A), widget(A, "x")),
            create(_collection(A), widget(A, "x", size=1, items=[{"id": "a"}, {"id": "a"}])),
            create(_collection(A), widget(A, "x", size=1, items=[{"n": 1}])),
            create(_collection(A), widget(A, "x", size=1, any="5", items=[{"id": "a", "n": 1.5}])),
            create(_collection(A), widget(A, "y", size=1, bad=1), fieldValidation="Strict"),
            create(_collection(A), {**widget(A, "z", size=1), "status": {"phase": "ignored"}}),
            merge(f"{_collection(A)}/z/status", {"status": {"phase": "Ready"}, "spec": {"size":
            9}}), merge(f"{_collection(A)}/z", {"spec": {"size": 2}, "status": {"phase":
            "ignored"}}), merge(f"{_collection(A)}/z/status", {"status": {"phase": 5}}),
            apply(f"{_collection(A)}/z", widget(A, "z", size=4, color="blue"), "other"),
            apply(f"{_collection(A)}/z", widget(A, "z", size=2, items=[{"id": "q"}]), "other"),
            get(f"{_collection(A)}", accept=TABLE, only=("kind", "columnDefinitions")),
            get(f"/apis/{A}/v1"),
            put(f"{_collection(A)}/z", widget(A, "z", size=5)),
            delete(f"{_collection(A)}/z"),
        ),
    ),
    Scenario(
        name="definitions",
        steps=(
            create(DEFINITIONS, {**definition(B, SCHEMA), "metadata": {"name": "wrong"}}),
            create(DEFINITIONS, definition(B, {"type": "object", "properties": {"spec": {}}})),
            create(DEFINITIONS, definition(B, {"type": "string"})),
            get(f"{DEFINITIONS}/widgets.{B}"),
        ),
    ),
    Scenario(
        name="lists",
        steps=(
            *(create(MAPS, {**config_map(name), "metadata": {
                "name": name, "labels": {"tier": tier, "own": "yes"}}})
              for name, tier in (("a", "one"), ("b", "two"), ("c", "one"))),
            get(MAPS, labelSelector="tier=one"),
            get(MAPS, labelSelector="tier in (one,two),own"),
            get(MAPS, labelSelector="tier notin (one)", fieldSelector="metadata.name=b"),
            get(MAPS, labelSelector="!own"),
            get(MAPS, labelSelector="=bad="),
            get(MAPS, fieldSelector="data.x=1"),
            get(MAPS, limit="2", labelSelector="own"),
            Step(method="GET", path=MAPS, query={"continue": "nonsense"}),
            get(f"{MAPS}/a", accept=TABLE),
            get(MAPS, accept=TABLE, labelSelector="own", only=("kind", "columnDefinitions")),
            get(f"{MAPS}/a", accept=PARTIAL),
            get(MAPS, resourceVersion="999999999"),
            delete(MAPS, labelSelector="tier=one"),
            get(MAPS, labelSelector="own"),
        ),
    ),
    Scenario(
        name="namespaces",
        steps=(
            create("/api/v1/namespaces", {"metadata": {"name": "Bad_Name"}}),
            create("/api/v1/namespaces", {"metadata": {"name": "diff-namespaces"}}),
            get("/api/v1/namespaces/diff-namespaces"),
            get("/api/v1/namespaces/absent"),
            get("/api/v1/namespaces/absent/configmaps", only=("kind", "items")),
        ),
    ),
    Scenario(
        name="leases-and-events",
        steps=(
            create("/apis/coordination.k8s.io/v1/namespaces/{ns}/leases", {
                "apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": {"name": "l"},
                "spec": {"holderIdentity": "me", "leaseDurationSeconds": 15,
                         "renewTime": "2026-01-01T00:00:00.000000Z"}}),
            create("/apis/coordination.k8s.io/v1/namespaces/{ns}/leases", {
                "apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": {"name": "m"},
                "spec": {"leaseDurationSeconds": -1}}),
            create("/api/v1/namespaces/{ns}/events", {
                "apiVersion": "v1", "kind": "Event", "metadata": {"name": "e", "namespace": "{ns}"},
                "involvedObject": {"kind": "ConfigMap", "namespace": "{ns}", "name": "x"},
                "reason": "Because", "message": "it is", "type": "Normal"}),
            create("/api/v1/namespaces/{ns}/events", {
                "apiVersion": "v1", "kind": "Event", "metadata": {"name": "f"},
                "involvedObject": {"kind": "ConfigMap", "namespace": "other", "name": "x"},
                "reason": "Because", "message": "it is", "type": "Normal"}),
        ),
    ),
    Scenario(
        name="permissions",
        steps=(
            create("/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/roles", {
                "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role",
                "metadata": {"name": "r"}, "rules": [
                    {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get"]}]}),
            create("/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/roles", {
                "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role",
                "metadata": {"name": "bad"}, "rules": [{"resources": ["configmaps"], "verbs":
                []}]}),
            create("/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/rolebindings", {
                "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
                "metadata": {"name": "b"},
                "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "r"},
                "subjects": [{"kind": "ServiceAccount", "name": "x", "namespace": "{ns}"}]}),
            merge("/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/rolebindings/b", {
                "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "q"}}),
            create("/apis/authorization.k8s.io/v1/subjectaccessreviews", {
                "apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "spec": {
                    "user": "system:serviceaccount:diff-permissions:x", "resourceAttributes": {
                        "namespace": "{ns}", "verb": "list", "resource": "configmaps"}}}),
            create("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", {
                "apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview", "spec":
                {
                    "resourceAttributes": {"verb": "*", "resource": "*", "group": "*"}}}),
        ),
    ),
    Scenario(
        name="discovery",
        steps=(
            get("/api"),
            get("/api/v1/namespaces/{ns}/configmaps/absent"),
            get("/version", only=("major", "minor", "gitVersion")),
        ),
    ),
)  # fmt: skip
