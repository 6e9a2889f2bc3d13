"""Rules of workload controllers: selectors, pod templates, strategies, and what must not change.

In: an object and its earlier state (None on create). Out: `FieldError`s in the server's order.
Source: `k8s.io/kubernetes/pkg/apis/apps/validation` and `…/batch/validation`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from katalogc.localcluster.validation.field_errors import (
    FieldError,
    forbidden,
    invalid,
    not_supported,
    required,
)
from katalogc.localcluster.validation.rules.containers import NOT_NEGATIVE
from katalogc.localcluster.validation.rules.metadata import immutable
from katalogc.localcluster.validation.rules.names import dns_label
from katalogc.localcluster.validation.rules.pods import pod_spec_errors, template_errors
from katalogc.localcluster.validation.rules.selectors import is_empty, matches, selector_errors
from katalogc.localcluster.validation.rules.storage import claim_spec_errors

Manifest = dict[str, Any]
_PERCENT = (
    "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or "
    "'93%', regex used "
    "for validation is '[0-9]+%')"
)


def not_negative(spec: dict[str, Any], path: str, *fields: str) -> Iterator[FieldError]:
    """Counts that may be zero."""
    for field in fields:
        value = spec.get(field)
        if isinstance(value, int) and value < 0:
            yield invalid(f"{path}.{field}", value, NOT_NEGATIVE)


def int_or_percent(value: Any, path: str) -> Iterator[FieldError]:
    """A count or a percentage."""
    if isinstance(value, str):
        if not re.fullmatch(r"[0-9]+%", value):
            yield invalid(path, value, _PERCENT)
    elif isinstance(value, int) and value < 0:
        yield invalid(path, value, NOT_NEGATIVE)


def _selector(spec: dict[str, Any], what: str, *, needed: bool = True) -> Iterator[FieldError]:
    selector = spec.get("selector")
    if selector is None:
        if needed:
            yield required("spec.selector")
    else:
        yield from selector_errors(selector, "spec.selector")
        if is_empty(selector):
            yield invalid("spec.selector", selector, f"empty selector is invalid for {what}")


def _template(
    spec: dict[str, Any], *, restart: tuple[str, ...] = ("Always",)
) -> Iterator[FieldError]:
    template = spec.get("template") or {}
    labels = (template.get("metadata") or {}).get("labels")
    selector = spec.get("selector")
    if any(selector_errors(selector, "")):
        yield invalid("spec.selector", selector, "invalid label selector")
    elif (selector is None or not is_empty(selector)) and not matches(selector, labels):
        text = "`selector` does not match template `labels`"
        yield invalid("spec.template.metadata.labels", labels, text)
    yield from template_errors(template, "spec.template")
    policy = (template.get("spec") or {}).get("restartPolicy")
    if policy and policy not in restart:
        yield not_supported("spec.template.spec.restartPolicy", policy, restart)


def deployment_errors(obj: Manifest, old: Manifest | None) -> Iterator[FieldError]:
    """A Deployment."""
    spec = obj.get("spec") or {}
    yield from not_negative(spec, "spec", "replicas")
    yield from _selector(spec, "deployment")
    yield from _template(spec)
    strategy = spec.get("strategy") or {}
    kind, rolling = strategy.get("type", ""), strategy.get("rollingUpdate")
    if kind == "Recreate":
        if rolling is not None:
            text = "may not be specified when strategy `type` is 'Recreate'"
            yield forbidden("spec.strategy.rollingUpdate", text)
    elif kind == "RollingUpdate":
        yield from _rolling_update(rolling or {}, "spec.strategy.rollingUpdate")
    else:
        shown = {"Type": kind, "RollingUpdate": rolling}
        yield not_supported("spec.strategy", shown, ("Recreate", "RollingUpdate"))
    yield from not_negative(spec, "spec", "minReadySeconds", "revisionHistoryLimit")
    deadline = spec.get("progressDeadlineSeconds")
    if deadline is not None:
        yield from not_negative(spec, "spec", "progressDeadlineSeconds")
        if deadline <= spec.get("minReadySeconds", 0):
            text = "must be greater than minReadySeconds"
            yield invalid("spec.progressDeadlineSeconds", deadline, text)
    if old is not None:
        yield from immutable(
            spec.get("selector"), (old.get("spec") or {}).get("selector"), "spec.selector"
        )


def _rolling_update(rolling: dict[str, Any], path: str) -> Iterator[FieldError]:
    surge, unavailable = rolling.get("maxSurge", 0), rolling.get("maxUnavailable", 0)
    yield from int_or_percent(unavailable, f"{path}.maxUnavailable")
    yield from int_or_percent(surge, f"{path}.maxSurge")
    if surge in (0, "0%") and unavailable in (0, "0%"):
        yield invalid(f"{path}.maxUnavailable", unavailable, "may not be 0 when `maxSurge` is 0")
    if isinstance(unavailable, str) and unavailable[:-1].isdigit() and int(unavailable[:-1]) > 100:
        yield invalid(f"{path}.maxUnavailable", unavailable, "must not be greater than 100%")


def replica_set_errors(obj: Manifest, old: Manifest | None) -> Iterator[FieldError]:
    """A ReplicaSet."""
    spec = obj.get("spec") or {}
    yield from not_negative(spec, "spec", "replicas", "minReadySeconds")
    yield from _selector(spec, "deployment")
    yield from _template(spec)
    if old is not None:
        yield from immutable(
            spec.get("selector"), (old.get("spec") or {}).get("selector"), "spec.selector"
        )


_STATEFUL_MUTABLE = (
    "replicas",
    "ordinals",
    "template",
    "updateStrategy",
    "revisionHistoryLimit",
    "persistentVolumeClaimRetentionPolicy",
    "minReadySeconds",
)


def stateful_set_errors(obj: Manifest, old: Manifest | None) -> Iterator[FieldError]:
    """A StatefulSet."""
    spec = obj.get("spec") or {}
    policy = spec.get("podManagementPolicy", "")
    if policy not in ("OrderedReady", "Parallel"):
        yield invalid("spec.podManagementPolicy", policy, "must be 'OrderedReady' or 'Parallel'")
    strategy = spec.get("updateStrategy") or {}
    if (kind := strategy.get("type", "")) not in ("RollingUpdate", "OnDelete"):
        shown = {"Type": kind, "RollingUpdate": strategy.get("rollingUpdate")}
        yield invalid("spec.updateStrategy", shown, "must be 'RollingUpdate' or 'OnDelete'")
    yield from not_negative(spec, "spec", "replicas", "minReadySeconds", "revisionHistoryLimit")
    if old is None and (service := spec.get("serviceName")):
        yield from (invalid("spec.serviceName", service, each) for each in dns_label(service))
    for index, claim in enumerate(spec.get("volumeClaimTemplates") or ()):
        yield from claim_spec_errors(
            claim.get("spec") or {}, f"spec.volumeClaimTemplates[{index}].spec"
        )
    yield from _selector(spec, "statefulset")
    yield from _template(spec)
    if old is not None:
        before = old.get("spec") or {}
        changed = (spec.keys() | before.keys()) - set(_STATEFUL_MUTABLE)
        if any(spec.get(field) != before.get(field) for field in changed):
            listed = ", ".join(f"'{each}'" for each in _STATEFUL_MUTABLE[:-1])
            text = (
                f"updates to statefulset spec for fields other than {listed} and 'minReadySeconds' "
                "are forbidden"
            )
            yield forbidden("spec", text)


def daemon_set_errors(obj: Manifest, old: Manifest | None) -> Iterator[FieldError]:
    """A DaemonSet."""
    spec = obj.get("spec") or {}
    yield from selector_errors(spec.get("selector"), "spec.selector")
    labels = ((spec.get("template") or {}).get("metadata") or {}).get("labels")
    selector = spec.get("selector")
    if selector is not None and is_empty(selector):
        yield invalid("spec.selector", selector, "empty selector is invalid for daemonset")
    elif not matches(selector, labels):
        text = "`selector` does not match template `labels`"
        yield invalid("spec.template.metadata.labels", labels, text)
    yield from template_errors(spec.get("template"), "spec.template")
    policy = ((spec.get("template") or {}).get("spec") or {}).get("restartPolicy", "Always")
    if policy != "Always":
        yield not_supported("spec.template.spec.restartPolicy", policy, ("Always",))
    yield from not_negative(spec, "spec", "minReadySeconds")
    strategy = spec.get("updateStrategy") or {}
    kind, rolling = strategy.get("type", ""), strategy.get("rollingUpdate")
    if kind == "RollingUpdate":
        path = "spec.updateStrategy.rollingUpdate"
        rolling = rolling or {}
        yield from int_or_percent(rolling.get("maxUnavailable"), f"{path}.maxUnavailable")
        yield from int_or_percent(rolling.get("maxSurge"), f"{path}.maxSurge")
        if rolling.get("maxUnavailable") in (0, "0%") and rolling.get("maxSurge") in (0, "0%"):
            yield required(f"{path}.maxUnavailable", "cannot be 0 when maxSurge is 0")
    elif kind != "OnDelete":
        named = {f"{name[0].upper()}{name[1:]}": each for name, each in (rolling or {}).items()}
        shown = {"Type": kind, "RollingUpdate": named or None}
        yield not_supported("spec.updateStrategy", shown, ("RollingUpdate", "OnDelete"))
    yield from not_negative(spec, "spec", "revisionHistoryLimit")
    if old is not None:
        yield from immutable(
            spec.get("selector"), (old.get("spec") or {}).get("selector"), "spec.selector"
        )


def job_errors(obj: Manifest, old: Manifest | None) -> Iterator[FieldError]:
    """A Job; a new one gets its selector from the server unless `manualSelector` is set."""
    spec = obj.get("spec") or {}
    yield from _job_spec_errors(spec, "spec")
    if old is not None or spec.get("manualSelector"):
        yield from _selector(spec, "job")
        labels = ((spec.get("template") or {}).get("metadata") or {}).get("labels")
        if not matches(spec.get("selector"), labels):
            text = "`selector` does not match template `labels`"
            yield invalid("spec.template.metadata.labels", labels, text)
    if old is not None:
        before = old.get("spec") or {}
        if before.get("completionMode") != "Indexed":
            yield from immutable(
                spec.get("completions"), before.get("completions"), "spec.completions"
            )
        yield from immutable(spec.get("selector"), before.get("selector"), "spec.selector")
        yield from _frozen_template(spec, before)
        mode = "completionMode"
        yield from immutable(spec.get(mode), before.get(mode), f"spec.{mode}")


_SCHEDULING = ("nodeSelector", "affinity", "tolerations", "schedulingGates", "nodeName")


def _frozen_template(spec: dict[str, Any], before: dict[str, Any]) -> Iterator[FieldError]:
    """A suspended Job may still get scheduling directives; everything else is settled."""
    new, old = spec.get("template") or {}, before.get("template") or {}
    if before.get("suspend"):
        new, old = _without_scheduling(new), _without_scheduling(old)
    if new != old:
        yield invalid("spec.template", new, "field is immutable")


def _without_scheduling(template: dict[str, Any]) -> dict[str, Any]:
    spec = {
        name: value
        for name, value in (template.get("spec") or {}).items()
        if name not in _SCHEDULING
    }
    metadata = template.get("metadata") or {}
    kept = {
        name: value for name, value in metadata.items() if name not in ("labels", "annotations")
    }
    return {**template, "metadata": kept, "spec": spec}


def _job_spec_errors(spec: dict[str, Any], path: str) -> Iterator[FieldError]:
    yield from not_negative(
        spec,
        path,
        "parallelism",
        "completions",
        "activeDeadlineSeconds",
        "backoffLimit",
        "ttlSecondsAfterFinished",
    )
    mode = spec.get("completionMode", "NonIndexed")
    if mode not in ("NonIndexed", "Indexed"):
        yield not_supported(f"{path}.completionMode", mode, ("NonIndexed", "Indexed"))
    if mode == "Indexed" and spec.get("completions") is None:
        yield required(f"{path}.completions", "when completion mode is Indexed")
    template = spec.get("template") or {}
    yield from pod_spec_errors(template.get("spec") or {}, f"{path}.template.spec")
    policy = (template.get("spec") or {}).get("restartPolicy", "Always")
    # `Always` is the default of templates, so the server treats it as not chosen.
    if policy == "Always":
        yield required(f"{path}.template.spec.restartPolicy", 'valid values: "OnFailure", "Never"')
    elif policy not in ("OnFailure", "Never"):
        yield not_supported(f"{path}.template.spec.restartPolicy", policy, ("OnFailure", "Never"))


def cron_job_errors(obj: Manifest, old: Manifest | None) -> Iterator[FieldError]:
    """A CronJob."""
    from katalogc.localcluster.validation.rules.schedules import schedule_error

    del old  # everything of a CronJob may change
    spec = obj.get("spec") or {}
    job = (spec.get("jobTemplate") or {}).get("spec") or {}
    schedule = spec.get("schedule", "")
    if not schedule:
        yield required("spec.schedule")
    elif problem := schedule_error(schedule):
        yield invalid("spec.schedule", schedule, problem)
    zone = spec.get("timeZone")
    if zone is not None and (problem := time_zone_error(zone)):
        yield invalid("spec.timeZone", zone, problem)
    policies = ("Allow", "Forbid", "Replace")
    policy = spec.get("concurrencyPolicy", "Allow")
    if policy not in policies:
        yield not_supported("spec.concurrencyPolicy", policy, policies)
    yield from not_negative(
        spec,
        "spec",
        "startingDeadlineSeconds",
        "successfulJobsHistoryLimit",
        "failedJobsHistoryLimit",
    )
    yield from _job_spec_errors(job, "spec.jobTemplate.spec")


def time_zone_error(zone: str) -> str:
    """What is wrong with an IANA time zone name; empty when nothing is."""
    if zone == "":
        return "must be nil or non-empty string"
    if zone.lower() == "local":
        return (
            "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones"
        )
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*", zone):
        return f"unknown time zone {zone}"
    return ""
