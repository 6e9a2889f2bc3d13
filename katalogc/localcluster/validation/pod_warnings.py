"""Warnings about pod templates: what is accepted, and probably not meant.

In: a validated object. Out: sentences for `Warning` headers, in the server's order. Source:
`k8s.io/kubernetes/pkg/api/pod/warnings.go`; the ones that users meet are here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from katalogc.localcluster.validation.quantities import QuantityError, parse

_WHOLE_BYTES = ("memory", "storage", "ephemeral-storage")
_PATHS = {
    "Pod": "spec",
    "PodTemplate": "template.spec",
    "DaemonSet": "spec.template.spec",
    "Deployment": "spec.template.spec",
    "Job": "spec.template.spec",
    "ReplicaSet": "spec.template.spec",
    "ReplicationController": "spec.template.spec",
    "StatefulSet": "spec.template.spec",
    "CronJob": "spec.jobTemplate.spec.template.spec",
}


def pod_warnings(obj: dict[str, Any]) -> tuple[str, ...]:
    """What the server remarks on the pod spec inside an object of a built-in kind."""
    path = _PATHS.get(obj.get("kind", ""))
    spec: Any = obj
    for part in path.split(".") if path else ():
        spec = (spec or {}).get(part)
    return tuple(_remarks(spec, path)) if path and isinstance(spec, dict) else ()


def _remarks(spec: dict[str, Any], path: str) -> Iterator[str]:
    seen: set[str] = set()
    for index, reference in enumerate(spec.get("imagePullSecrets") or ()):
        name, place = reference.get("name", ""), f"{path}.imagePullSecrets[{index}]"
        if not name:
            yield f"{place}: invalid empty name {_quoted(name)}"
        elif name in seen:
            yield f"{place}: duplicate name {_quoted(name)}"
        seen.add(name)
    grace = spec.get("terminationGracePeriodSeconds")
    if isinstance(grace, int) and grace < 0:
        yield (
            f"{path}.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and "
            "will be treated as 1"
        )
    for field in ("initContainers", "containers"):
        for index, container in enumerate(spec.get(field) or ()):
            yield from _container_remarks(container, f"{path}.{field}[{index}]")


def _container_remarks(container: dict[str, Any], path: str) -> Iterator[str]:
    resources = container.get("resources") or {}
    for field in ("limits", "requests"):
        for name, quantity in sorted((resources.get(field) or {}).items()):
            if name in _WHOLE_BYTES and _is_fraction(quantity):
                place = f"{path}.resources.{field}[{name}]"
                yield (
                    f"{place}: fractional byte value {_quoted(quantity)} is invalid, must be an "
                    "integer"
                )
    seen: dict[str, Any] = {}
    for index, variable in enumerate(container.get("env") or ()):
        name = variable.get("name", "")
        if name in seen and not _mentions(variable, name):
            yield (
                f"{path}.env[{index}]: hides previous definition of {_quoted(name)}, which may be "
                "dropped when using apply"
            )
        seen[name] = variable


def _mentions(variable: dict[str, Any], name: str) -> bool:
    """Whether a second definition builds upon the first."""
    return f"$({name})" in str(variable.get("value", ""))


def _is_fraction(quantity: Any) -> bool:
    try:
        value, _ = parse(str(quantity))
    except QuantityError:
        return False
    return bool(value != int(value))


def _quoted(text: Any) -> str:
    return f'"{text}"'
