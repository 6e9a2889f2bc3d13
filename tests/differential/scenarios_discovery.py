"""Discovery, field selectors, reviews: what clients ask before and beside their work."""

from __future__ import annotations

from tests.differential.scenarios_kinds import (
    ACCOUNTS,
    CORE,
    PODS,
    manifest,
    pod,
)
from tests.differential.scenarios_objects import (
    DEPLOYMENTS,
    MAPS,
    REPLICA_SETS,
    SECRETS,
    SERVICES,
    config_map,
    workload,
)
from tests.differential.scenarios_types import PARTIAL
from tests.differential.steps import Scenario, apply, bare, create, delete, get, json_patch, merge

PARTIAL_LIST = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json"
REVIEWS = "/apis/authorization.k8s.io/v1"
GROUP_VERSIONS = (
    "/api/v1", "/apis/apps/v1", "/apis/batch/v1", "/apis/autoscaling/v2",
    "/apis/autoscaling/v1", "/apis/coordination.k8s.io/v1", "/apis/events.k8s.io/v1",
    "/apis/networking.k8s.io/v1", "/apis/policy/v1", "/apis/rbac.authorization.k8s.io/v1",
    "/apis/storage.k8s.io/v1", "/apis/apiextensions.k8s.io/v1", "/apis/discovery.k8s.io/v1",
    "/apis/authentication.k8s.io/v1", "/apis/authorization.k8s.io/v1",
    "/apis/scheduling.k8s.io/v1", "/apis/node.k8s.io/v1", "/apis/certificates.k8s.io/v1",
    "/apis/admissionregistration.k8s.io/v1", "/apis/flowcontrol.apiserver.k8s.io/v1",
)  # fmt: skip


def _event(name: str, target: str) -> dict[str, object]:
    return manifest("v1", "Event", name, reason="R", type="Normal", message="m", involvedObject={
        "kind": "ConfigMap", "namespace": "{ns}", "name": target})  # fmt: skip


SCENARIOS = (
    Scenario(name="resource-lists", steps=tuple(get(path) for path in GROUP_VERSIONS)),
    Scenario(
        name="groups",
        steps=(
            *(get(f"/apis/{group}") for group in ("apps", "batch", "autoscaling", "policy")),
            get("/api", accept="application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"),
            get("/apis/apps/v9"),
            get("/healthz"),
            get("/readyz"),
            get("/livez/ping"),
        ),
    ),
    Scenario(
        name="field-selectors",
        steps=(
            create(ACCOUNTS, manifest("v1", "ServiceAccount", "default")),
            create(PODS, pod("a")),
            create(PODS, pod("b", restartPolicy="Never")),
            create(SECRETS, {**manifest("v1", "Secret", "s"), "type": "example.com/own"}),
            create(f"{CORE}/events", _event("e", "x")),
            create(f"{CORE}/events", _event("f", "y")),
            get(PODS, fieldSelector="spec.restartPolicy=Never", accept=PARTIAL_LIST),
            get(PODS, fieldSelector="spec.nodeName=", accept=PARTIAL_LIST),
            get(PODS, fieldSelector="status.podIP=1.2.3.4"),
            get(PODS, fieldSelector="spec.serviceAccountName=default", accept=PARTIAL_LIST),
            get(PODS, fieldSelector="spec.hostNetwork=true"),
            get(PODS, fieldSelector="spec.priority=1"),
            get(SECRETS, fieldSelector="type=example.com/own"),
            get(SECRETS, fieldSelector="type!=example.com/own", accept=PARTIAL_LIST),
            get(f"{CORE}/events", fieldSelector="involvedObject.name=x,reason=R"),
            get(f"{CORE}/events", fieldSelector="involvedObject.kind=Pod"),
            get("/apis/events.k8s.io/v1/namespaces/{ns}/events",
                fieldSelector="regarding.name=y"),
            get("/apis/events.k8s.io/v1/namespaces/{ns}/events/e"),
            get("/api/v1/namespaces", fieldSelector="status.phase=Terminating"),
            get(SERVICES, fieldSelector="spec.clusterIP=None"),
            get(DEPLOYMENTS, fieldSelector="spec.replicas=1"),
            get(REPLICA_SETS, fieldSelector="status.replicas=0"),
            get(MAPS, fieldSelector="metadata.name in (a)"),
            get(MAPS, fieldSelector="metadata.name==a,metadata.name!=b"),
            delete(PODS, fieldSelector="metadata.name=a"),
        ),
    ),
    Scenario(
        name="partial-objects",
        steps=(
            create(DEPLOYMENTS, workload("web")),
            get(DEPLOYMENTS, accept=PARTIAL_LIST),
            get(f"{DEPLOYMENTS}/web", accept=PARTIAL),
            get(f"{DEPLOYMENTS}/web/status"),
            get(DEPLOYMENTS, accept="application/json;as=PartialObjectMetadataList;v=v1;"
                "g=meta.k8s.io"),
            get(DEPLOYMENTS, accept=PARTIAL),
        ),
    ),
    Scenario(
        name="reviews",
        steps=(
            create(f"{REVIEWS}/selfsubjectaccessreviews", {"spec": {}}),
            create(f"{REVIEWS}/selfsubjectaccessreviews", {"spec": {
                "nonResourceAttributes": {"path": "/x", "verb": "get"}}}),
            create(f"{REVIEWS}/subjectaccessreviews", {"spec": {
                "resourceAttributes": {"verb": "get", "resource": "pods"}}}),
            create(f"{REVIEWS}/subjectaccessreviews", {"spec": {
                "user": "nobody", "groups": ["none"],
                "resourceAttributes": {"verb": "get", "resource": "pods"}}}),
            create(f"{REVIEWS}/namespaces/{{ns}}/localsubjectaccessreviews", {"spec": {
                "user": "nobody", "resourceAttributes": {
                    "verb": "get", "resource": "pods", "namespace": "{ns}"}}}),
            create("/apis/authentication.k8s.io/v1/tokenreviews", {"spec": {"token": "none"}}),
            create("/apis/authentication.k8s.io/v1/tokenreviews", {"spec": {}}),
        ),
    ),
    Scenario(
        name="apply-and-delete",
        watch=MAPS,
        steps=(
            apply(f"{MAPS}/a", config_map("a", one="1")),
            delete(f"{MAPS}/a"),
            apply(f"{MAPS}/a", {**config_map("a", one="1"), "metadata": {
                "name": "a", "uid": "{uid:0}"}}),
            apply(f"{MAPS}/a", config_map("a", one="2"), "second"),
            # The text names both identities.
            bare(apply(f"{MAPS}/a", {**config_map("a", one="1"), "metadata": {
                "name": "a", "uid": "{uid:0}"}})),
            apply(f"{MAPS}/a", {**config_map("a"), "metadata": {
                "name": "a", "resourceVersion": "{resourceVersion:0}"}}),
            apply(f"{MAPS}/h", {**config_map("h"), "metadata": {
                "name": "h", "finalizers": ["example.com/hold"]}}),
            delete(f"{MAPS}/h"),
            apply(f"{MAPS}/h", {**config_map("h", one="1"), "metadata": {
                "name": "h", "finalizers": ["example.com/hold"]}}),
            apply(f"{MAPS}/h", {**config_map("h"), "metadata": {
                "name": "h", "finalizers": ["example.com/other"]}}, "second"),
            apply(f"{MAPS}/h", config_map("h")),
            apply(f"{MAPS}/h", config_map("h", two="2")),
            apply("/api/v1/namespaces/absent/configmaps/a", config_map("a")),
            apply(f"{DEPLOYMENTS}/web", workload("web")),
            json_patch(f"{DEPLOYMENTS}/web", {"op": "remove", "path": "/spec/selector"}),
            merge(f"{DEPLOYMENTS}/web", {"spec": {"template": {"spec": {"containers": None}}}}),
            merge(f"{DEPLOYMENTS}/web", {"spec": {"strategy": {"type": "Recreate"}}}),
            merge(f"{DEPLOYMENTS}/web", {"spec": {"strategy": {
                "type": "Recreate", "rollingUpdate": None}}}),
            merge(f"{DEPLOYMENTS}/web", {"spec": {"template": {"spec": {
                "nodeSelector": {"a": "b"}, "volumes": [{"name": "v", "emptyDir": {}}]}}}}),
            merge(f"{DEPLOYMENTS}/web", {"spec": {"replicas": None, "paused": True}}),
        ),
    ),
)  # fmt: skip
