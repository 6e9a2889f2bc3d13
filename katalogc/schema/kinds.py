"""The child kinds that the compiler builds: their words, API types and default names. One table."""

from __future__ import annotations

from typing import NamedTuple

from katalog_runtime.api_type import ApiType

WORKLOAD_LABEL = "katalogc.dev/workload"
"""Selects the pods of one workload among those of its owner."""


class ChildKind(NamedTuple):
    """One kind of child."""

    block: str
    """The language's word: `configMaps`."""
    field: str
    """The field of `schema.Resources` that holds its entries."""
    api: ApiType
    default_suffix: str
    """A child without a name is called after its owner, with this after it."""
    create_only: bool = False
    """Never changed once it exists: its fields are immutable, or others write into it."""
    is_workload: bool = False


def _core(kind: str) -> ApiType:
    return ApiType(group="", version="v1", kind=kind, plural=kind.lower() + "s")


def _apps(kind: str) -> ApiType:
    return ApiType(group="apps", version="v1", kind=kind, plural=kind.lower() + "s")


_JOB = ApiType(group="batch", version="v1", kind="Job", plural="jobs")

KINDS: tuple[ChildKind, ...] = (
    ChildKind("secrets", "secrets", _core("Secret"), "-secret"),
    ChildKind("configMaps", "config_maps", _core("ConfigMap"), "-config"),
    ChildKind(
        "serviceAccounts", "service_accounts", _core("ServiceAccount"), "-sa", create_only=True
    ),
    ChildKind("replicaSets", "replica_sets", _apps("ReplicaSet"), "-replicaset", is_workload=True),
    ChildKind("deployments", "deployments", _apps("Deployment"), "-deployment", is_workload=True),
    ChildKind("services", "services", _core("Service"), "-svc"),
    ChildKind("jobs", "jobs", _JOB, "-job", create_only=True, is_workload=True),
)
"""In the order in which the reference writes them: what others need comes first."""
