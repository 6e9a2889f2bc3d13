"""What a new cluster holds before anybody asked for anything: namespaces, roles, a node, the API's
Service.

In: an empty state. Out: the same state with the objects that every real cluster has. Done once; a
cluster that was loaded from a file has them already.
"""

from __future__ import annotations

from typing import Any

from katalog_runtime.objects import Manifest
from katalogc.localcluster.state import ClusterState
from katalogc.localcluster.strategies import NAMESPACE_LABEL, SERVICE_NETWORK
from katalogc.localcluster.workloads import NODE, NODE_ADDRESS

NAMESPACES = ("default", "kube-system", "kube-public", "kube-node-lease")

_RBAC = "rbac.authorization.k8s.io"
_READ = ["get", "list", "watch"]
_WRITE = ["create", "delete", "deletecollection", "patch", "update"]
_BOOTSTRAPPING = {"kubernetes.io/bootstrapping": "rbac-defaults"}

# What the aggregated roles admin, edit and view cover, shortened to the kinds that have a
# meaning here.
_WORKLOADS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "",
        (
            "configmaps", "endpoints", "events", "persistentvolumeclaims", "pods", "pods/log",
            "pods/status", "replicationcontrollers", "replicationcontrollers/scale",
            "serviceaccounts",
            "services", "services/status", "limitranges", "resourcequotas",
        ),
    ),
    (
        "apps",
        (
            "controllerrevisions", "daemonsets", "deployments", "deployments/scale", "replicasets",
            "replicasets/scale", "statefulsets", "statefulsets/scale",
        ),
    ),
    ("autoscaling", ("horizontalpodautoscalers",)),
    ("batch", ("cronjobs", "jobs")),
    ("networking.k8s.io", ("ingresses", "networkpolicies")),
    ("policy", ("poddisruptionbudgets",)),
    ("discovery.k8s.io", ("endpointslices",)),
)  # fmt: skip


def bootstrap(state: ClusterState) -> None:
    """Fills an empty state."""
    for name in NAMESPACES:
        _put(
            state,
            "v1",
            "Namespace",
            name,
            labels={NAMESPACE_LABEL: name},
            spec={"finalizers": ["kubernetes"]},
            status={"phase": "Active"},
        )
    _roles(state)
    _put(
        state,
        "v1",
        "Service",
        "kubernetes",
        namespace="default",
        labels={"component": "apiserver", "provider": "kubernetes"},
        spec={
            "clusterIP": str(SERVICE_NETWORK[1]),
            "clusterIPs": [str(SERVICE_NETWORK[1])],
            "internalTrafficPolicy": "Cluster",
            "ipFamilies": ["IPv4"],
            "ipFamilyPolicy": "SingleStack",
            "ports": [{"name": "https", "port": 443, "protocol": "TCP", "targetPort": 6443}],
            "sessionAffinity": "None",
            "type": "ClusterIP",
        },
        status={"loadBalancer": {}},
    )
    _node(state)
    for name, value in (
        ("system-node-critical", 2000001000),
        ("system-cluster-critical", 2000000000),
    ):
        _put(
            state,
            "scheduling.k8s.io/v1",
            "PriorityClass",
            name,
            value=value,
            preemptionPolicy="PreemptLowerPriority",
        )


def _put(
    state: ClusterState,
    api_version: str,
    kind: str,
    name: str,
    *,
    namespace: str = "",
    labels: dict[str, str] | None = None,
    **content: Any,
) -> None:
    type_ = state.registry.of_kind(api_version, kind)
    if type_ is None:
        raise LookupError(f"the catalogue has no {kind} in {api_version}")
    metadata: Manifest = {
        "name": name,
        **({"namespace": namespace} if namespace else {}),
        "uid": state.new_uid(),
        "creationTimestamp": state.now(),
        **({"labels": labels} if labels else {}),
    }
    state.store.put(
        type_.storage,
        {"kind": kind, "apiVersion": api_version, "metadata": metadata, **content},
    )


def _roles(state: ClusterState) -> None:
    every = {"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}
    _role(state, "cluster-admin", [every, {"nonResourceURLs": ["*"], "verbs": ["*"]}])
    public = ["/healthz", "/livez", "/readyz", "/version", "/version/"]
    discovery = [*public, "/api", "/api/*", "/apis", "/apis/*", "/openapi", "/openapi/*"]
    _role(state, "system:discovery", [{"nonResourceURLs": discovery, "verbs": ["get"]}])
    _role(state, "system:public-info-viewer", [{"nonResourceURLs": public, "verbs": ["get"]}])
    reviews = {
        "authorization.k8s.io": ["selfsubjectaccessreviews", "selfsubjectrulesreviews"],
        "authentication.k8s.io": ["selfsubjectreviews"],
    }
    _role(
        state,
        "system:basic-user",
        [
            {"apiGroups": [group], "resources": resources, "verbs": ["create"]}
            for group, resources in reviews.items()
        ],
    )
    for role, groups in (
        ("cluster-admin", ["system:masters"]),
        ("system:discovery", ["system:authenticated"]),
        ("system:basic-user", ["system:authenticated"]),
        ("system:public-info-viewer", ["system:authenticated", "system:unauthenticated"]),
    ):
        _bind(state, role, groups)
    _user_roles(state)


def _user_roles(state: ClusterState) -> None:
    """`view`, `edit` and `admin`: each its own rules plus what other roles aggregate to it."""
    view = [
        {"apiGroups": [group], "resources": list(resources), "verbs": _READ}
        for group, resources in _WORKLOADS
    ]
    edit = [
        {"apiGroups": [group], "resources": list(resources), "verbs": [*_READ, *_WRITE]}
        for group, resources in _WORKLOADS
    ]
    secrets = {"apiGroups": [""], "resources": ["secrets"], "verbs": [*_READ, *_WRITE]}
    leases = {
        "apiGroups": ["coordination.k8s.io"],
        "resources": ["leases"],
        "verbs": [*_READ, *_WRITE],
    }
    rbac = {
        "apiGroups": [_RBAC],
        "resources": ["roles", "rolebindings"],
        "verbs": [*_READ, *_WRITE],
    }
    reviews = {
        "apiGroups": ["authorization.k8s.io"],
        "resources": ["localsubjectaccessreviews"],
        "verbs": ["create"],
    }
    _role(state, "system:aggregate-to-view", view, aggregate_to="view")
    _role(state, "system:aggregate-to-edit", [*edit, secrets, leases], aggregate_to="edit")
    _role(state, "system:aggregate-to-admin", [rbac, reviews], aggregate_to="admin")
    for name, parts in (
        ("view", ["view"]),
        ("edit", ["edit", "view"]),
        ("admin", ["admin", "edit", "view"]),
    ):
        selectors = [
            {"matchLabels": {f"rbac.authorization.k8s.io/aggregate-to-{part}": "true"}}
            for part in parts
        ]
        _put(
            state,
            f"{_RBAC}/v1",
            "ClusterRole",
            name,
            labels=dict(_BOOTSTRAPPING),
            aggregationRule={"clusterRoleSelectors": selectors},
            rules=[],
        )


def _role(state: ClusterState, name: str, rules: list[Manifest], *, aggregate_to: str = "") -> None:
    labels = dict(_BOOTSTRAPPING)
    if aggregate_to:
        labels[f"rbac.authorization.k8s.io/aggregate-to-{aggregate_to}"] = "true"
    _put(state, f"{_RBAC}/v1", "ClusterRole", name, labels=labels, rules=rules)


def _bind(state: ClusterState, role: str, groups: list[str]) -> None:
    _put(
        state,
        f"{_RBAC}/v1",
        "ClusterRoleBinding",
        role,
        labels=dict(_BOOTSTRAPPING),
        roleRef={"apiGroup": _RBAC, "kind": "ClusterRole", "name": role},
        subjects=[{"apiGroup": _RBAC, "kind": "Group", "name": group} for group in groups],
    )


def _node(state: ClusterState) -> None:
    """One node, so that pods can say where they run."""
    resources = {"cpu": "4", "ephemeral-storage": "100Gi", "memory": "16Gi", "pods": "110"}
    now = state.now()
    _put(
        state,
        "v1",
        "Node",
        NODE,
        labels={
            "kubernetes.io/hostname": NODE,
            "kubernetes.io/os": "linux",
            "kubernetes.io/arch": "amd64",
        },
        spec={},
        status={
            "addresses": [
                {"type": "InternalIP", "address": NODE_ADDRESS},
                {"type": "Hostname", "address": NODE},
            ],
            "allocatable": resources,
            "capacity": resources,
            "conditions": [
                {
                    "type": "Ready",
                    "status": "True",
                    "lastHeartbeatTime": now,
                    "lastTransitionTime": now,
                    "reason": "Embedded",
                    "message": "a stand-in: no container runs here",
                }
            ],
            "daemonEndpoints": {"kubeletEndpoint": {"Port": 0}},
            "nodeInfo": {
                "architecture": "amd64",
                "bootID": "",
                "containerRuntimeVersion": "embedded://0",
                "kernelVersion": "",
                "kubeProxyVersion": "",
                "kubeletVersion": f"v{state.minor}.0",
                "machineID": "",
                "operatingSystem": "linux",
                "osImage": "embedded",
                "systemUUID": "",
            },
        },
    )
