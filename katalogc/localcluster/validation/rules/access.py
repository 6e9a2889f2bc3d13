"""Rules of RBAC objects and of the small kinds: Leases, disruption budgets, autoscalers, Events.

In: an object and its earlier state (None on create). Out: `FieldError`s.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from katalogc.localcluster.validation.field_errors import (
    FieldError,
    forbidden,
    invalid,
    not_supported,
    required,
)
from katalogc.localcluster.validation.rules.metadata import immutable, name_errors
from katalogc.localcluster.validation.rules.names import path_segment
from katalogc.localcluster.validation.rules.selectors import selector_errors
from katalogc.localcluster.validation.rules.workloads import int_or_percent

Manifest = dict[str, Any]
_GROUP = "rbac.authorization.k8s.io"
_SUBJECTS = ("ServiceAccount", "User", "Group")


def role_errors(obj: Manifest, old: Manifest | None) -> Iterator[FieldError]:
    """The rules of a Role."""
    del old  # the rules of a Role may change
    for index, rule in enumerate(obj.get("rules") or ()):
        yield from _policy_rule(rule, f"rules[{index}]", namespaced=True)


def cluster_role_errors(obj: Manifest, old: Manifest | None) -> Iterator[FieldError]:
    """The rules and the aggregation of a ClusterRole."""
    del old  # the rules of a ClusterRole may change
    for index, rule in enumerate(obj.get("rules") or ()):
        yield from _policy_rule(rule, f"rules[{index}]", namespaced=False)
    if obj.get("aggregationRule") is not None:
        selectors = obj["aggregationRule"].get("clusterRoleSelectors") or ()
        path = "aggregationRule.clusterRoleSelectors"
        if not selectors:
            yield required(
                path, "at least one clusterRoleSelector required if aggregationRule is non-nil"
            )
        for index, selector in enumerate(selectors):
            yield from selector_errors(selector, f"{path}[{index}]")


def _policy_rule(rule: dict[str, Any], path: str, *, namespaced: bool) -> Iterator[FieldError]:
    urls = rule.get("nonResourceURLs") or []
    if not rule.get("verbs"):
        yield required(f"{path}.verbs", "verbs must contain at least one value")
    if urls:
        if namespaced:
            text = "namespaced rules cannot apply to non-resource URLs"
            yield invalid(f"{path}.nonResourceURLs", urls, text)
        if any(rule.get(field) for field in ("apiGroups", "resources", "resourceNames")):
            text = "rules cannot apply to both regular resources and non-resource URLs"
            yield invalid(f"{path}.nonResourceURLs", urls, text)
        return
    if not rule.get("apiGroups"):
        yield required(f"{path}.apiGroups", "resource rules must supply at least one api group")
    if not rule.get("resources"):
        yield required(f"{path}.resources", "resource rules must supply at least one resource")


def role_binding_errors(obj: Manifest, old: Manifest | None) -> Iterator[FieldError]:
    """A RoleBinding; its role cannot be exchanged."""
    yield from _binding(obj, old, ("Role", "ClusterRole"))


def cluster_role_binding_errors(obj: Manifest, old: Manifest | None) -> Iterator[FieldError]:
    """A ClusterRoleBinding; its role cannot be exchanged."""
    yield from _binding(obj, old, ("ClusterRole",))


def _binding(obj: Manifest, old: Manifest | None, kinds: tuple[str, ...]) -> Iterator[FieldError]:
    reference = obj.get("roleRef") or {}
    if (group := reference.get("apiGroup", "")) != _GROUP:
        yield not_supported("roleRef.apiGroup", group, (_GROUP,))
    if (kind := reference.get("kind", "")) not in kinds:
        yield not_supported("roleRef.kind", kind, kinds)
    if not (name := reference.get("name", "")):
        yield required("roleRef.name")
    else:
        yield from (invalid("roleRef.name", name, each) for each in path_segment(name))
    for index, subject in enumerate(obj.get("subjects") or ()):
        namespaced = len(kinds) > 1
        yield from _subject(subject, f"subjects[{index}]", namespaced=namespaced)
    if old is not None and reference != old.get("roleRef"):
        # Upstream prints its internal type here, which has no JSON names.
        names = {"APIGroup": group, "Kind": kind, "Name": name}
        yield invalid("roleRef", names, "cannot change roleRef")


def _subject(subject: dict[str, Any], path: str, *, namespaced: bool) -> Iterator[FieldError]:
    kind, name, group = (subject.get(each, "") for each in ("kind", "name", "apiGroup"))
    if not name:
        yield required(f"{path}.name")
    if kind == "ServiceAccount":
        yield from name_errors(name, f"{path}.name")
        if group:
            yield not_supported(f"{path}.apiGroup", group, ("",))
        if not namespaced and not subject.get("namespace"):
            yield required(f"{path}.namespace")
    elif kind in ("User", "Group"):
        if group != _GROUP:
            yield not_supported(f"{path}.apiGroup", group, (_GROUP,))
    else:
        yield not_supported(f"{path}.kind", kind, _SUBJECTS)


def lease_errors(obj: Manifest, old: Manifest | None) -> Iterator[FieldError]:
    """A Lease."""
    del old  # every field of a Lease may change
    spec = obj.get("spec") or {}
    duration, transitions = spec.get("leaseDurationSeconds"), spec.get("leaseTransitions")
    if duration is not None and duration <= 0:
        yield invalid("spec.leaseDurationSeconds", duration, "must be greater than 0")
    if transitions is not None and transitions < 0:
        yield invalid("spec.leaseTransitions", transitions, "must be greater than or equal to 0")


def disruption_budget_errors(obj: Manifest, old: Manifest | None) -> Iterator[FieldError]:
    """A PodDisruptionBudget."""
    del old  # every field of a PodDisruptionBudget may change
    spec = obj.get("spec") or {}
    least, most = spec.get("minAvailable"), spec.get("maxUnavailable")
    if least is not None and most is not None:
        shown = {
            "MinAvailable": least,
            "Selector": spec.get("selector"),
            "MaxUnavailable": most,
            "UnhealthyPodEvictionPolicy": spec.get("unhealthyPodEvictionPolicy"),
        }
        yield invalid("spec", shown, "minAvailable and maxUnavailable cannot be both set")
    yield from int_or_percent(least, "spec.minAvailable")
    yield from int_or_percent(most, "spec.maxUnavailable")
    yield from selector_errors(spec.get("selector"), "spec.selector")


def autoscaler_errors(obj: Manifest, old: Manifest | None) -> Iterator[FieldError]:
    """A HorizontalPodAutoscaler."""
    del old  # every field of a HorizontalPodAutoscaler may change
    spec = obj.get("spec") or {}
    least, most = spec.get("minReplicas"), spec.get("maxReplicas", 0)
    if least is not None and least < 1:
        yield invalid("spec.minReplicas", least, "must be greater than or equal to 1")
    if most < 1:
        yield required("spec.maxReplicas", "must be set and greater than 0")
    if least is not None and most < least:
        yield invalid("spec.maxReplicas", most, "must be greater than or equal to `minReplicas`")
    target = spec.get("scaleTargetRef") or {}
    for field in ("kind", "name"):
        if not target.get(field):
            yield required(f"spec.scaleTargetRef.{field}")
        else:
            path = f"spec.scaleTargetRef.{field}"
            yield from (invalid(path, target[field], each) for each in path_segment(target[field]))
    if "/" not in target.get("apiVersion", "") and target.get("kind") != "ReplicationController":
        path = "spec.scaleTargetRef.apiVersion"
        yield invalid(path, target.get("apiVersion", ""), "apiVersion must specify API group")
    if least == 0 and not any(
        each.get("type") in ("Object", "External") for each in spec.get("metrics") or ()
    ):
        text = (
            "must specify at least one Object or External metric to support scaling to zero "
            "replicas"
        )
        yield forbidden("spec.metrics", text)


def event_errors(obj: Manifest, old: Manifest | None) -> Iterator[FieldError]:
    """An Event lives in the namespace of what it is about; the new API asks for more."""
    del old  # a series changes Events
    modern = obj.get("apiVersion") == "events.k8s.io/v1"
    subject = obj.get("regarding" if modern else "involvedObject") or {}
    namespace = (obj.get("metadata") or {}).get("namespace", "")
    about = subject.get("namespace", "")
    if about != namespace and (about or namespace not in ("default", "")):
        yield invalid("involvedObject.namespace", about, "does not match event.namespace")
    if obj.get("eventTime"):
        reporter = "reportingController" if modern else "reportingComponent"
        for field in (reporter, "reportingInstance", "action", "reason"):
            if not obj.get(field):
                yield required(field)
    elif modern:
        yield required("eventTime")
    if modern and (kind := obj.get("type", "")) not in ("Normal", "Warning"):
        yield invalid("type", kind, f"has invalid value: {kind}")


def immutable_fields(*fields: str) -> Any:
    """A rule that keeps the named top-level fields as they were created."""

    def errors(obj: Manifest, old: Manifest | None) -> Iterator[FieldError]:
        for field in fields:
            if old is not None:
                yield from immutable(obj.get(field), old.get(field), field)

    return errors
