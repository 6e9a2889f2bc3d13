"""Rules of Services, Ingresses and NetworkPolicies.

In: an object and its earlier state (None on create). Out: `FieldError`s. Source: the validation
packages of `k8s.io/kubernetes/pkg/apis/core` and `…/networking`.
"""

from __future__ import annotations

import ipaddress
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
from katalogc.localcluster.validation.rules.containers import port_errors
from katalogc.localcluster.validation.rules.metadata import label_errors, name_errors
from katalogc.localcluster.validation.rules.names import (
    dns_label,
    dns_subdomain,
    port_number,
    wildcard_subdomain,
)
from katalogc.localcluster.validation.rules.selectors import selector_errors

Manifest = dict[str, Any]
_TYPES = ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort")
_PROTOCOLS = ("SCTP", "TCP", "UDP")
_ADDRESS = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"
_CIDR = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"


def service_errors(obj: Manifest, old: Manifest | None) -> Iterator[FieldError]:
    """A Service: ports, type, addresses."""
    spec = obj.get("spec") or {}
    kind, ports = spec.get("type", ""), spec.get("ports") or ()
    headless = spec.get("clusterIP") == "None"
    if not ports and not headless and kind != "ExternalName":
        yield required("spec.ports")
    if kind == "ExternalName":
        external = (spec.get("externalName") or "").removesuffix(".")
        if not external:
            yield required("spec.externalName")
        else:
            yield from (
                invalid("spec.externalName", external, each) for each in dns_subdomain(external)
            )
    names: set[str] = set()
    for index, port in enumerate(ports):
        yield from _service_port(port, f"spec.ports[{index}]", names, several=len(ports) > 1)
    yield from label_errors(spec.get("selector"), "spec.selector")
    affinity = spec.get("sessionAffinity", "None")
    if affinity not in ("ClientIP", "None"):
        yield not_supported("spec.sessionAffinity", affinity, ("ClientIP", "None"))
    address = spec.get("clusterIP", "")
    if address not in ("", "None") and not _is_address(address):
        yield invalid("spec.clusterIPs[0]", address, _ADDRESS)
    if kind not in _TYPES:
        yield not_supported("spec.type", kind, _TYPES)
    if kind == "ClusterIP":
        for index, port in enumerate(ports):
            if port.get("nodePort"):
                text = "may not be used when `type` is 'ClusterIP'"
                yield forbidden(f"spec.ports[{index}].nodePort", text)
    yield from _unique_ports(ports)
    if old is not None:
        before = old.get("spec") or {}
        if (
            before.get("type") != "ExternalName"
            and kind != "ExternalName"
            and before.get("clusterIP")
            and address != before["clusterIP"]
        ):
            yield invalid("spec.clusterIPs[0]", [address], "may not change once set")


def _service_port(
    port: dict[str, Any], path: str, names: set[str], *, several: bool
) -> Iterator[FieldError]:
    name = port.get("name", "")
    if several and not name:
        yield required(f"{path}.name")
    elif name:
        yield from (invalid(f"{path}.name", name, each) for each in dns_label(name))
        if name in names:
            yield duplicate(f"{path}.name", name)
        names.add(name)
    number = port.get("port", 0)
    yield from (invalid(f"{path}.port", number, each) for each in port_number(number))
    protocol = port.get("protocol", "")
    if not protocol:
        yield required(f"{path}.protocol")
    elif protocol not in _PROTOCOLS:
        yield not_supported(f"{path}.protocol", protocol, _PROTOCOLS)
    yield from port_errors(port.get("targetPort", 0), f"{path}.targetPort")


def _unique_ports(ports: Any) -> Iterator[FieldError]:
    seen: set[tuple[Any, Any]] = set()
    for index, port in enumerate(ports):
        key = (port.get("protocol"), port.get("port"))
        if key in seen:
            shown = {"Name": "", "Protocol": key[0], "AppProtocol": None, "Port": key[1]}
            yield duplicate(f"spec.ports[{index}]", {**shown, "TargetPort": 0, "NodePort": 0})
        seen.add(key)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def ingress_errors(obj: Manifest, old: Manifest | None) -> Iterator[FieldError]:
    """An Ingress: rules, paths, backends, TLS."""
    del old  # everything of an Ingress may change
    spec = obj.get("spec") or {}
    rules, backend = spec.get("rules") or (), spec.get("defaultBackend")
    if not rules and backend is None:
        yield invalid("spec", None, "either `defaultBackend` or `rules` must be specified")
    if backend is not None:
        yield from _backend(backend, "spec.defaultBackend")
    for index, rule in enumerate(rules):
        yield from _ingress_rule(rule, f"spec.rules[{index}]")
    for index, tls in enumerate(spec.get("tls") or ()):
        for place, host in enumerate(tls.get("hosts") or ()):
            check = wildcard_subdomain if "*" in host else dns_subdomain
            path = f"spec.tls[{index}].hosts[{place}]"
            yield from (invalid(path, host, each) for each in check(host))
        yield from name_errors(tls.get("secretName"), f"spec.tls[{index}].secretName")
    yield from name_errors(spec.get("ingressClassName"), "spec.ingressClassName")


def _ingress_rule(rule: dict[str, Any], path: str) -> Iterator[FieldError]:
    if host := rule.get("host", ""):
        if _is_address(host):
            yield invalid(f"{path}.host", host, "must be a DNS name, not an IP address")
        check = wildcard_subdomain if "*" in host else dns_subdomain
        yield from (invalid(f"{path}.host", host, each) for each in check(host))
    if rule.get("http") is None:
        return
    paths = rule["http"].get("paths") or ()
    if not paths:
        yield required(f"{path}.http.paths")
    kinds = ("Exact", "ImplementationSpecific", "Prefix")
    for index, each in enumerate(paths):
        place = f"{path}.http.paths[{index}]"
        kind, text = each.get("pathType"), each.get("path", "")
        if kind is None:
            yield required(f"{place}.pathType", "pathType must be specified")
        elif kind not in kinds:
            yield not_supported(f"{place}.pathType", kind, kinds)
        elif (kind != "ImplementationSpecific" or text) and not text.startswith("/"):
            yield invalid(f"{place}.path", text, "must be an absolute path")
        yield from _backend(each.get("backend") or {}, f"{place}.backend")


def _backend(backend: dict[str, Any], path: str) -> Iterator[FieldError]:
    service, resource = backend.get("service"), backend.get("resource")
    if service is None and resource is None:
        yield invalid(path, "", "resource or service backend is required")
        return
    if service is not None and resource is not None:
        yield invalid(path, "", "cannot set both resource and service backends")
        return
    if service is None:
        return
    name = service.get("name", "")
    if not name:
        yield required(f"{path}.service.name")
    else:
        yield from (invalid(f"{path}.service.name", name, each) for each in dns_label(name))
    port = service.get("port") or {}
    if port.get("name") and port.get("number"):
        yield invalid(path, "", "cannot set both port name & port number")
    elif port.get("name"):
        yield from port_errors(port["name"], f"{path}.service.port.name")
    elif port.get("number"):
        yield from port_errors(port["number"], f"{path}.service.port.number")
    else:
        yield required(path, "port name or number is required")


def network_policy_errors(obj: Manifest, old: Manifest | None) -> Iterator[FieldError]:
    """A NetworkPolicy: selectors, peers, ports."""
    del old  # everything of a NetworkPolicy may change
    spec = obj.get("spec") or {}
    yield from selector_errors(spec.get("podSelector"), "spec.podSelector")
    for direction, side in (("ingress", "from"), ("egress", "to")):
        for index, rule in enumerate(spec.get(direction) or ()):
            path = f"spec.{direction}[{index}]"
            for place, port in enumerate(rule.get("ports") or ()):
                yield from _policy_port(port, f"{path}.ports[{place}]")
            for place, peer in enumerate(rule.get(side) or ()):
                yield from _peer(peer, f"{path}.{side}[{place}]")
    for index, kind in enumerate(spec.get("policyTypes") or ()):
        if kind not in ("Ingress", "Egress"):
            yield not_supported(f"spec.policyTypes[{index}]", kind, ("Ingress", "Egress"))


def _policy_port(port: dict[str, Any], path: str) -> Iterator[FieldError]:
    protocol = port.get("protocol", "TCP")
    if protocol not in _PROTOCOLS:
        yield not_supported(f"{path}.protocol", protocol, ("TCP", "UDP", "SCTP"))
    number, end = port.get("port"), port.get("endPort")
    if number is not None:
        yield from port_errors(number, f"{path}.port")
    if end is not None and isinstance(number, int) and end < number:
        yield invalid(f"{path}.endPort", number, "must be greater than or equal to `port`")


def _peer(peer: dict[str, Any], path: str) -> Iterator[FieldError]:
    given = [
        name
        for name in ("podSelector", "namespaceSelector", "ipBlock")
        if peer.get(name) is not None
    ]
    if not given:
        yield required(path, "must specify a peer")
    for name in ("podSelector", "namespaceSelector"):
        yield from selector_errors(peer.get(name), f"{path}.{name}")
    block = peer.get("ipBlock")
    if block is not None:
        if len(given) > 1:
            yield forbidden(path, "may not specify both ipBlock and another peer")
        cidr = block.get("cidr", "")
        try:
            ipaddress.ip_network(cidr)
        except ValueError:
            yield invalid(f"{path}.ipBlock.cidr", cidr, _CIDR)
