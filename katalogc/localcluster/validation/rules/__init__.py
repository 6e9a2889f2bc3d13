"""The rules of built-in kinds that users meet daily, as the API server's Go code words them.

In: a pruned and defaulted object, its type, and its earlier state for an update. Out: `FieldError`s
in the server's order. Custom resources have the rules of `metadata`; the rest of theirs is in their
schema. Not every rule of every kind is here: `docs/local-cluster.md` says which kinds are looked
into.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from katalogc.localcluster.validation.field_errors import FieldError
from katalogc.localcluster.validation.rules import access, networking, storage, workloads
from katalogc.localcluster.validation.rules.metadata import metadata_errors, update_errors
from katalogc.localcluster.validation.rules.pods import pod_spec_errors
from katalogc.localcluster.validation.rules.workload_statuses import STATUS_RULES

Manifest = dict[str, Any]
Rule = Callable[[Manifest, Manifest | None], Iterator[FieldError]]
_RBAC = "rbac.authorization.k8s.io"


def _pod_errors(obj: Manifest, old: Manifest | None) -> Iterator[FieldError]:
    from katalogc.localcluster.validation.rules.pod_updates import pod_update_errors

    yield from pod_spec_errors(obj.get("spec") or {}, "spec")
    if old is not None:
        yield from pod_update_errors(obj, old)


_RULES: dict[tuple[str, str], Rule] = {
    ("", "ConfigMap"): storage.config_map_errors,
    ("", "Event"): access.event_errors,
    ("", "PersistentVolumeClaim"): storage.claim_errors,
    ("", "Pod"): _pod_errors,
    ("", "Secret"): storage.secret_errors,
    ("", "Service"): networking.service_errors,
    ("apps", "ControllerRevision"): access.immutable_fields("data"),
    ("apps", "DaemonSet"): workloads.daemon_set_errors,
    ("apps", "Deployment"): workloads.deployment_errors,
    ("apps", "ReplicaSet"): workloads.replica_set_errors,
    ("apps", "StatefulSet"): workloads.stateful_set_errors,
    ("autoscaling", "HorizontalPodAutoscaler"): access.autoscaler_errors,
    ("batch", "CronJob"): workloads.cron_job_errors,
    ("batch", "Job"): workloads.job_errors,
    ("coordination.k8s.io", "Lease"): access.lease_errors,
    ("events.k8s.io", "Event"): access.event_errors,
    ("networking.k8s.io", "Ingress"): networking.ingress_errors,
    ("networking.k8s.io", "NetworkPolicy"): networking.network_policy_errors,
    ("policy", "PodDisruptionBudget"): access.disruption_budget_errors,
    (_RBAC, "ClusterRole"): access.cluster_role_errors,
    (_RBAC, "ClusterRoleBinding"): access.cluster_role_binding_errors,
    (_RBAC, "Role"): access.role_errors,
    (_RBAC, "RoleBinding"): access.role_binding_errors,
    ("scheduling.k8s.io", "PriorityClass"): access.immutable_fields("value", "preemptionPolicy"),
    ("storage.k8s.io", "StorageClass"): access.immutable_fields(
        "parameters", "provisioner", "reclaimPolicy", "volumeBindingMode"
    ),
}


def validate_rules(
    obj: Manifest, gvk: tuple[str, str, str], old: Manifest | None = None
) -> list[FieldError]:
    """What is wrong with an object by the rules of its kind.

    Args:
        obj: the object, pruned and defaulted.
        gvk: `(group, version, kind)`.
        old: its state before an update; None on create.
    """
    group, _, kind = gvk
    errors = validate_metadata(obj, gvk, old)
    rule = _RULES.get((group, kind))
    if rule is not None:
        errors += rule(obj, old)
    return errors


def validate_status(obj: Manifest, gvk: tuple[str, str, str], old: Manifest) -> list[FieldError]:
    """What is wrong with a write to the status; arguments as for `validate_rules`."""
    group, _, kind = gvk
    errors = validate_metadata(obj, gvk, old)
    rule = STATUS_RULES.get((group, kind))
    return errors if rule is None else [*errors, *rule(obj, old)]


def validate_metadata(
    obj: Manifest, gvk: tuple[str, str, str], old: Manifest | None = None
) -> list[FieldError]:
    """What is wrong with an object's metadata alone; arguments as for `validate_rules`."""
    group, _, kind = gvk
    errors = list(metadata_errors(obj, group, kind))
    if old is not None:
        errors += update_errors(obj, old)
    return errors
