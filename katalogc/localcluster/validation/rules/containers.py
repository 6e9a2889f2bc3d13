"""Rules of one container: name, image, ports, environment, mounts, probes, resources.

In: a container, its path, the pod's volume names and the host ports taken so far (added to). Out:
`FieldError`s.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from katalogc.localcluster.validation.field_errors import (
    FieldError,
    duplicate,
    forbidden,
    invalid,
    not_found,
    not_supported,
    required,
)
from katalogc.localcluster.validation.quantities import QuantityError, parse
from katalogc.localcluster.validation.rules.names import (
    dns_label,
    environment_name,
    port_name,
    port_number,
    qualified_name,
)

_PROTOCOLS = ("SCTP", "TCP", "UDP")
_PULL = ("Always", "IfNotPresent", "Never")
_SOURCES = ("fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef")
_NEEDED_IN_SOURCE = {
    "fieldRef": ("fieldPath",),
    "configMapKeyRef": ("name", "key"),
    "secretKeyRef": ("name", "key"),
}
_HANDLERS = ("exec", "httpGet", "tcpSocket", "grpc")
_NUMBERS = (
    "initialDelaySeconds",
    "timeoutSeconds",
    "periodSeconds",
    "successThreshold",
    "failureThreshold",
)
_RESOURCES = ("cpu", "memory", "ephemeral-storage")
NOT_NEGATIVE = "must be greater than or equal to 0"


def container_errors(
    container: dict[str, Any], path: str, volumes: set[Any], host_ports: set[tuple[Any, ...]]
) -> Iterator[FieldError]:
    """Everything wrong with one container."""
    name = container.get("name", "")
    if not name:
        yield required(f"{path}.name")
    else:
        yield from (invalid(f"{path}.name", name, each) for each in dns_label(name))
    if not container.get("image"):
        yield required(f"{path}.image")
    for hook, action in (container.get("lifecycle") or {}).items():
        if isinstance(action, dict):
            yield from _handler_errors(action, f"{path}.lifecycle.{hook}")
    for probe in ("livenessProbe", "readinessProbe", "startupProbe"):
        if isinstance(container.get(probe), dict):
            yield from _probe_errors(
                container[probe], f"{path}.{probe}", readiness=probe == "readinessProbe"
            )
    yield from _port_errors(container.get("ports") or (), f"{path}.ports", host_ports)
    yield from _environment_errors(container.get("env") or (), f"{path}.env")
    yield from _mount_errors(container.get("volumeMounts") or (), f"{path}.volumeMounts", volumes)
    policy = container.get("imagePullPolicy")
    if policy and policy not in _PULL:
        yield not_supported(f"{path}.imagePullPolicy", policy, _PULL)
    yield from resource_errors(container.get("resources") or {}, f"{path}.resources")


def _port_errors(ports: Any, path: str, host_ports: set[tuple[Any, ...]]) -> Iterator[FieldError]:
    names: set[str] = set()
    for index, port in enumerate(ports):
        place = f"{path}[{index}]"
        if name := port.get("name", ""):
            complaints = port_name(name)
            yield from (invalid(f"{place}.name", name, each) for each in complaints)
            if not complaints and name in names:
                yield duplicate(f"{place}.name", name)
            names.add(name)
        number = port.get("containerPort", 0)
        if number == 0:
            yield required(f"{place}.containerPort")
        else:
            yield from (
                invalid(f"{place}.containerPort", number, each) for each in port_number(number)
            )
        protocol = port.get("protocol", "TCP")
        if protocol not in _PROTOCOLS:
            yield not_supported(f"{place}.protocol", protocol, _PROTOCOLS)
        if host_port := port.get("hostPort", 0):
            yield from (
                invalid(f"{place}.hostPort", host_port, each) for each in port_number(host_port)
            )
            key = (protocol, port.get("hostIP", ""), host_port)
            if key in host_ports:
                yield duplicate(f"{place}.hostPort", "/".join(str(each) for each in key))
            host_ports.add(key)


def _environment_errors(variables: Any, path: str) -> Iterator[FieldError]:
    for index, variable in enumerate(variables):
        place = f"{path}[{index}]"
        name = variable.get("name", "")
        if not name:
            yield required(f"{place}.name")
        else:
            yield from (invalid(f"{place}.name", name, each) for each in environment_name(name))
        source = variable.get("valueFrom")
        if source is None:
            continue
        place = f"{place}.valueFrom"
        given = [each for each in _SOURCES if source.get(each) is not None]
        if not given:
            listed = ", ".join(f"`{each}`" for each in _SOURCES[:-1])
            yield invalid(place, "", f"must specify one of: {listed} or `{_SOURCES[-1]}`")
        elif variable.get("value"):
            yield invalid(place, "", "may not be specified when `value` is not empty")
        elif len(given) > 1:
            yield invalid(place, "", "may not have more than one field specified at a time")
        for each, fields in _NEEDED_IN_SOURCE.items():
            if isinstance(source.get(each), dict):
                for field in fields:
                    if not source[each].get(field):
                        yield required(f"{place}.{each}.{field}")


def _mount_errors(mounts: Any, path: str, volumes: set[Any]) -> Iterator[FieldError]:
    paths: set[str] = set()
    for index, mount in enumerate(mounts):
        place = f"{path}[{index}]"
        name, target = mount.get("name", ""), mount.get("mountPath", "")
        if not name:
            yield required(f"{place}.name")
        if name not in volumes:
            yield not_found(f"{place}.name", name)
        if not target:
            yield required(f"{place}.mountPath")
        elif target in paths:
            yield invalid(f"{place}.mountPath", target, "must be unique")
        paths.add(target)


def _probe_errors(probe: dict[str, Any], path: str, *, readiness: bool) -> Iterator[FieldError]:
    yield from _handler_errors(probe, path)
    for field in _NUMBERS:
        if probe.get(field, 0) < 0:
            yield invalid(f"{path}.{field}", probe[field], NOT_NEGATIVE)
    if not readiness and (threshold := probe.get("successThreshold", 1)) != 1:
        yield invalid(f"{path}.successThreshold", threshold, "must be 1")
    grace = probe.get("terminationGracePeriodSeconds")
    if grace is not None and readiness:
        text = "must not be set for readinessProbes"
        yield invalid(f"{path}.terminationGracePeriodSeconds", grace, text)


def _handler_errors(owner: dict[str, Any], path: str) -> Iterator[FieldError]:
    given = [each for each in _HANDLERS if owner.get(each) is not None]
    for extra in given[1:]:
        yield forbidden(f"{path}.{extra}", "may not specify more than 1 handler type")
    if not given:
        if owner.get("sleep") is None:
            yield required(path, "must specify a handler type")
        return
    action, place = owner[given[0]], f"{path}.{given[0]}"
    if given[0] == "exec":
        if not action.get("command"):
            yield required(f"{place}.command")
        return
    if given[0] == "httpGet" and action.get("scheme", "HTTP") not in ("HTTP", "HTTPS"):
        yield not_supported(f"{place}.scheme", action["scheme"], ("HTTP", "HTTPS"))
    yield from port_errors(action.get("port", 0), f"{place}.port")


def port_errors(port: Any, path: str) -> Iterator[FieldError]:
    """A port by number or by name."""
    check = port_name(port) if isinstance(port, str) else port_number(port or 0)
    yield from (invalid(path, port, each) for each in check)


def resource_errors(resources: dict[str, Any], path: str) -> Iterator[FieldError]:
    """Limits and requests: known names, no negative amounts, requests within limits."""
    limits = resources.get("limits") or {}
    for section in ("limits", "requests"):
        for name, amount in sorted((resources.get(section) or {}).items()):
            place = f"{path}.{section}[{name}]"
            yield from _resource_name_errors(name, place)
            value = _amount(amount)
            if value is None:
                continue
            if value < 0:
                yield invalid(place, str(amount), NOT_NEGATIVE)
            if section == "requests" and name in limits:
                most = _amount(limits[name])
                if most is not None and value > most:
                    text = f"must be less than or equal to {name} limit of {limits[name]}"
                    yield invalid(f"{path}.requests", str(amount), text)


def _amount(quantity: Any) -> Any:
    try:
        return parse(str(quantity))[0]
    except QuantityError:
        return None


def _resource_name_errors(name: str, path: str) -> Iterator[FieldError]:
    yield from (invalid(path, name, each) for each in qualified_name(name))
    if "/" not in name and name not in _RESOURCES and not name.startswith("hugepages-"):
        yield invalid(path, name, "must be a standard resource type or fully qualified")
        yield invalid(path, name, "must be a standard resource for containers")
