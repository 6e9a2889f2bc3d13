"""Rules of pod specs that people meet daily: containers, volumes, policies, tolerations.

In: a PodSpec and its path. Out: `FieldError`s in the server's order. Source: the corresponding
functions of `k8s.io/kubernetes/pkg/apis/core/validation/validation.go`; affinity, security contexts
and rare volume types are not looked into.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from katalogc.localcluster.validation.field_errors import (
    FieldError,
    duplicate,
    forbidden,
    invalid,
    not_supported,
    required,
)
from katalogc.localcluster.validation.rules.containers import container_errors
from katalogc.localcluster.validation.rules.metadata import label_errors, name_errors
from katalogc.localcluster.validation.rules.names import dns_label, qualified_name

_RESTART = ("Always", "OnFailure", "Never")
_DNS = ("ClusterFirstWithHostNet", "ClusterFirst", "Default", "None")
_EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")
_MODES = 0o777
_MODE_TEXT = "must be a number between 0 and 0777 (octal), both inclusive"
_REQUIRED_IN_VOLUME = {
    "secret": "secretName",
    "configMap": "name",
    "persistentVolumeClaim": "claimName",
    "hostPath": "path",
}


def pod_spec_errors(spec: dict[str, Any], path: str) -> Iterator[FieldError]:
    """Everything wrong with a PodSpec."""
    volumes = spec.get("volumes") or ()
    yield from _volume_errors(volumes, f"{path}.volumes")
    names = {each.get("name") for each in volumes}
    containers = spec.get("containers") or ()
    if not containers:
        yield required(f"{path}.containers")
    seen: set[str] = set()
    ports: set[tuple[Any, ...]] = set()
    for index, container in enumerate(containers):
        place = f"{path}.containers[{index}]"
        yield from container_errors(container, place, names, ports)
        yield from _unique_name(container, place, seen)
    for index, container in enumerate(spec.get("initContainers") or ()):
        place = f"{path}.initContainers[{index}]"
        yield from container_errors(container, place, names, set())
        yield from _unique_name(container, place, seen)
        if container.get("restartPolicy") != "Always":
            for field in ("lifecycle", "livenessProbe", "readinessProbe", "startupProbe"):
                if container.get(field):
                    text = "may not be set for init containers without restartPolicy=Always"
                    yield forbidden(f"{place}.{field}", text)
    if (policy := spec.get("restartPolicy")) not in _RESTART:
        if policy:
            yield not_supported(f"{path}.restartPolicy", policy, _RESTART)
        else:
            yield required(f"{path}.restartPolicy")
    if (dns := spec.get("dnsPolicy")) not in _DNS:
        yield not_supported(f"{path}.dnsPolicy", dns or "", _DNS)
    yield from label_errors(spec.get("nodeSelector"), f"{path}.nodeSelector")
    yield from name_errors(spec.get("serviceAccountName"), f"{path}.serviceAccountName")
    yield from name_errors(spec.get("nodeName"), f"{path}.nodeName")
    yield from _toleration_errors(spec.get("tolerations") or (), f"{path}.tolerations")
    for field in ("hostname", "subdomain"):
        if value := spec.get(field):
            yield from (invalid(f"{path}.{field}", value, each) for each in dns_label(value))
    deadline = spec.get("activeDeadlineSeconds")
    if deadline is not None and not 1 <= deadline <= 2**31 - 1:
        text = "must be between 1 and 2147483647, inclusive"
        yield invalid(f"{path}.activeDeadlineSeconds", deadline, text)


def _unique_name(container: dict[str, Any], path: str, seen: set[str]) -> Iterator[FieldError]:
    name = container.get("name", "")
    if name and name in seen:
        yield duplicate(f"{path}.name", name)
    seen.add(name)


def _volume_errors(volumes: Any, path: str) -> Iterator[FieldError]:
    seen: set[str] = set()
    for index, volume in enumerate(volumes):
        place = f"{path}[{index}]"
        errors = list(_volume_source_errors(volume, place))
        name = volume.get("name", "")
        if not name:
            errors.append(required(f"{place}.name"))
        else:
            errors += [invalid(f"{place}.name", name, each) for each in dns_label(name)]
            if name in seen:
                errors.append(duplicate(f"{place}.name", name))
        if not errors:
            seen.add(name)
        yield from errors


def _volume_source_errors(volume: dict[str, Any], place: str) -> Iterator[FieldError]:
    sources = [name for name, value in volume.items() if name != "name" and value is not None]
    for extra in sorted(sources, key=_source_order)[1:]:
        yield forbidden(f"{place}.{extra}", "may not specify more than 1 volume type")
    if not sources:
        yield required(place, "must specify a volume type")
    for source, field in _REQUIRED_IN_VOLUME.items():
        if isinstance(volume.get(source), dict) and not volume[source].get(field):
            yield required(f"{place}.{source}.{field}")
    for source in ("configMap", "secret"):
        if isinstance(volume.get(source), dict):
            yield from _key_path_errors(volume[source], f"{place}.{source}")


def _key_path_errors(source: dict[str, Any], place: str) -> Iterator[FieldError]:
    """The items of a volume that projects keys to files, and their modes."""
    mode = source.get("defaultMode")
    if mode is not None and not 0 <= mode <= _MODES:
        yield invalid(f"{place}.defaultMode", mode, _MODE_TEXT)
    for index, item in enumerate(source.get("items") or ()):
        path = f"{place}.items[{index}]"
        if not item.get("key"):
            yield required(f"{path}.key")
        target = item.get("path", "")
        if not target:
            yield required(f"{path}.path")
        elif target.startswith("/"):
            yield invalid(f"{path}.path", target, "must be a relative path")
        elif ".." in target.split("/"):
            yield invalid(f"{path}.path", target, "must not contain '..'")
        elif target.startswith(".."):
            yield invalid(f"{path}.path", target, "must not start with '..'")
        mode = item.get("mode")
        if mode is not None and not 0 <= mode <= _MODES:
            yield invalid(f"{path}.mode", mode, _MODE_TEXT)


def _source_order(name: str) -> int:
    order = (
        "emptyDir",
        "hostPath",
        "gitRepo",
        "gcePersistentDisk",
        "awsElasticBlockStore",
        "secret",
        "nfs",
    )
    return order.index(name) if name in order else len(order)


def _toleration_errors(tolerations: Any, path: str) -> Iterator[FieldError]:
    for index, each in enumerate(tolerations):
        place = f"{path}[{index}]"
        key, operator = each.get("key", ""), each.get("operator", "")
        if key:
            yield from (invalid(f"{place}.key", key, text) for text in qualified_name(key))
        elif operator != "Exists":
            text = (
                'operator must be Exists when `key` is empty, which means "match all values and '
                'all keys"'
            )
            yield invalid(f"{place}.operator", operator, text)
        if operator == "Exists" and each.get("value"):
            text = "value must be empty when `operator` is 'Exists'"
            yield invalid(f"{place}.operator", each["value"], text)
        if operator not in ("", "Equal", "Exists"):
            yield not_supported(f"{place}.operator", operator, ("Equal", "Exists"))
        if (effect := each.get("effect", "")) and effect not in _EFFECTS:
            yield not_supported(f"{place}.effect", effect, sorted(_EFFECTS))


def template_errors(template: Any, path: str) -> Iterator[FieldError]:
    """A pod template: labels, annotations and the spec."""
    from katalogc.localcluster.validation.rules.metadata import annotation_errors

    template = template or {}
    metadata = template.get("metadata") or {}
    yield from label_errors(metadata.get("labels"), f"{path}.labels")
    yield from annotation_errors(metadata.get("annotations"), f"{path}.annotations")
    yield from pod_spec_errors(template.get("spec") or {}, f"{path}.spec")
