"""Children that are not workloads, and the block that holds children of all kinds.

All scalars are texts that may be expressions. A child kind of the language that is not a field of
`Resources` stands in its `not_yet`.
"""

from typing import ClassVar

from pydantic import Field

from katalogc.schema.base import KatalogModel, Many
from katalogc.schema.entry import Entry
from katalogc.schema.names import Duration, IntegerText
from katalogc.schema.workloads import Deployment, Job, ReplicaSet


class ConfigMap(Entry):
    """A ConfigMap; all values are text."""

    not_yet: ClassVar[frozenset[str]] = Entry.not_yet | {
        "toNamespaces",
        "fromConfigMap",
        "fromNamespace",
    }

    data: dict[str, str] = Field(default_factory=dict)
    annotations: dict[str, str] = Field(default_factory=dict)


class Secret(Entry):
    """A Secret; with `once`, its values are drawn when it is created and then stay."""

    not_yet: ClassVar[frozenset[str]] = Entry.not_yet | {
        "toNamespaces",
        "fromSecret",
        "fromNamespace",
        "tls",
    }

    type: str = "Opaque"
    data: dict[str, str] = Field(default_factory=dict)
    annotations: dict[str, str] = Field(default_factory=dict)
    once: bool = False
    rotate_after: Duration | None = None


class ServiceAccount(Entry):
    """A ServiceAccount."""

    annotations: dict[str, str] = Field(default_factory=dict)


class Service(Entry):
    """A Service with one port."""

    type: str = "ClusterIP"
    headless: bool = False
    protocol: str = "TCP"
    port: IntegerText = ""
    target_port: IntegerText = ""
    selector: dict[str, str] = Field(default_factory=dict)
    annotations: dict[str, str] = Field(default_factory=dict)


class Resources(KatalogModel):
    """The children of one phase (`onCreate` or `onReconcile`), by kind."""

    not_yet: ClassVar[frozenset[str]] = frozenset(
        {
            "pods", "cronJobs", "statefulSets", "ingresses", "persistentVolumes",
            "persistentVolumeClaims", "hpa", "pdb", "namespaces", "roles", "roleBindings",
            "clusterRoles", "clusterRoleBindings", "limitRanges", "resourceQuotas",
            "networkPolicies", "custom", "external", "when", "or", "anyOf", "ordered", "name",
            "groups", "timeout", "volumes", "volumeMounts", "serviceMonitors",
            "podSecurityPolicies", "priorityClasses", "runtimeClasses",
            "priorityLevelConfigurations", "podTemplates", "daemonSets",
        }
    )  # fmt: skip

    config_maps: Many[ConfigMap] = ()
    secrets: Many[Secret] = ()
    service_accounts: Many[ServiceAccount] = ()
    replica_sets: Many[ReplicaSet] = ()
    deployments: Many[Deployment] = ()
    services: Many[Service] = ()
    jobs: Many[Job] = ()
