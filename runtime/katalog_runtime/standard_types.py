"""The built-in types that a Katalog can make children of, by the kind that an owner records. Data.

`applyset.kubernetes.io/contains-group-kinds` (KEP-3659) names kinds and leaves out under which path
the API serves them. For these types everybody knows; an owner records the paths of others only.
"""

from __future__ import annotations

from katalog_runtime.api_type import ApiType

_NAMESPACED = {
    "v1": ("ConfigMap", "LimitRange", "PersistentVolumeClaim", "Pod", "ResourceQuota", "Secret",
           "Service", "ServiceAccount"),
    "apps/v1": ("DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"),
    "autoscaling/v2": ("HorizontalPodAutoscaler",),
    "batch/v1": ("CronJob", "Job"),
    "networking.k8s.io/v1": ("Ingress", "NetworkPolicy"),
    "policy/v1": ("PodDisruptionBudget",),
    "rbac.authorization.k8s.io/v1": ("Role", "RoleBinding"),
}  # fmt: skip
_CLUSTER_SCOPED = {
    "v1": ("Namespace", "PersistentVolume"),
    "rbac.authorization.k8s.io/v1": ("ClusterRole", "ClusterRoleBinding"),
}


def group_kind(api: ApiType) -> str:
    """The kind as ApplySets record it: `ReplicaSet.apps`, `ConfigMap`."""
    return f"{api.kind}.{api.group}" if api.group else api.kind


def is_standard(api: ApiType) -> bool:
    """Whether the recorded kind alone tells the type."""
    return STANDARD_TYPES.get(group_kind(api)) == api


def _type(api_version: str, kind: str, *, namespaced: bool) -> ApiType:
    group, _, version = api_version.rpartition("/")
    return ApiType(
        group=group, version=version, kind=kind, plural=_plural(kind), namespaced=namespaced
    )


def _plural(kind: str) -> str:
    lower = kind.lower()
    if lower.endswith("y"):
        return f"{lower[:-1]}ies"
    return f"{lower}es" if lower.endswith("s") else f"{lower}s"


STANDARD_TYPES = {
    group_kind(api): api
    for table, namespaced in ((_NAMESPACED, True), (_CLUSTER_SCOPED, False))
    for api_version, kinds in table.items()
    for api in (_type(api_version, kind, namespaced=namespaced) for kind in kinds)
}
"""By the kind that is recorded."""
