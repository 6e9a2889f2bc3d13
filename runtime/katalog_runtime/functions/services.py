"""Functions on Services, their endpoints, and Ingresses. Pure.

Missing fields give "", 0 or false. `_endpoints`, `_backingPods`, `_loadBalancerIPs` and
`_tlsSecrets` come from `enrich`.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any, Final

from katalog_runtime.functions.access import (
    Manifest,
    int_at,
    joined,
    list_at,
    map_at,
    maps_at,
    text_at,
)
from katalog_runtime.functions.declaration import Function
from katalog_runtime.functions.signature import declare

_service = partial(declare, group="services", on_nil='""', on_wrong_type='""')
_service_count = partial(_service, on_nil='"0"', on_wrong_type='"0"')
_service_truth = partial(_service, on_nil='"false"', on_wrong_type='"false"')
_ingress = partial(declare, group="ingress", on_nil='""', on_wrong_type='""')


def _balancer(obj: Manifest) -> Manifest:
    """The first address that a load balancer gave."""
    entries = list_at(obj, "status", "loadBalancer", "ingress")
    return entries[0] if entries and isinstance(entries[0], dict) else {}


def _node_port(obj: Manifest) -> int:
    ports = list_at(obj, "spec", "ports")
    return int_at(ports[0], "nodePort") if ports else 0


def _endpoints_ready(obj: Manifest) -> bool:
    """Of an EndpointSlice; or of the older Endpoints, where subsets hold only ready addresses."""
    if isinstance(obj.get("endpoints"), list):
        return any(
            list_at(each, "addresses") and map_at(each, "conditions").get("ready") is True
            for each in maps_at(obj, "endpoints")
        )
    subsets = obj if isinstance(obj.get("subsets"), list) else map_at(obj, "status")
    return any(list_at(each, "addresses") for each in maps_at(subsets, "subsets"))


def _address(endpoint: Any) -> str:
    address = text_at(endpoint, "ip")
    return f"{address}:{int_at(endpoint, 'port')}" if address else ""


def _first_endpoint(obj: Manifest) -> str:
    endpoints = list_at(obj, "_endpoints")
    return _address(endpoints[0]) if endpoints else ""


def _tls_hosts(obj: Manifest) -> Iterator[str]:
    hosts = (host for entry in maps_at(obj, "spec", "tls") for host in list_at(entry, "hosts"))
    return iter(dict.fromkeys(host for host in hosts if isinstance(host, str)))


def _texts(items: list[Any]) -> str:
    return joined(item for item in items if isinstance(item, str))


_DATA: Final = {
    "children": {
        "service": {
            "spec": {"clusterIP": "10.96.0.1", "ports": [{"port": 80, "nodePort": 31234}]},
            "status": {
                "loadBalancer": {"ingress": [{"ip": "34.1.2.3", "hostname": "lb.example.com"}]}
            },
            "_endpoints": [
                {"ip": "10.0.0.1", "port": 8080, "ready": True},
                {"ip": "10.0.0.2", "port": 8080, "ready": False},
            ],
            "_backingPods": [{"name": "web-a"}, {"name": "web-b"}],
        },
        "endpointslice": {
            "endpoints": [{"addresses": ["10.0.0.1"], "conditions": {"ready": True}}]
        },
        "ingress": {
            "spec": {
                "ingressClassName": "nginx",
                "rules": [{"host": "api.example.com"}, {"host": "www.example.com"}, {}],
                "tls": [{"hosts": ["api.example.com", "api.example.com"]}],
            },
            "status": {
                "loadBalancer": {"ingress": [{"ip": "34.1.2.3", "hostname": "lb.example.com"}]}
            },
            "_loadBalancerIPs": ["34.1.2.3", "lb.example.com"],
            "_tlsSecrets": [{}],
        },
    }
}
_S: Final = ".children.service"
_I: Final = ".children.ingress"

FUNCTIONS: Final[tuple[Function, ...]] = (
    _service(
        "serviceClusterIP obj:object -> string",
        "The cluster IP.",
        lambda obj: text_at(obj, "spec", "clusterIP"),
        (f"{{{{ serviceClusterIP {_S} }}}}", "10.96.0.1", _DATA),
    ),
    _service_count(
        "serviceNodePort obj:object -> int",
        "The node port of the first port.",
        _node_port,
        (f"{{{{ serviceNodePort {_S} }}}}", "31234", _DATA),
    ),
    _service(
        "serviceLoadBalancerIP obj:object -> string",
        "The load balancer's IP.",
        lambda obj: text_at(_balancer(obj), "ip"),
        (f"{{{{ serviceLoadBalancerIP {_S} }}}}", "34.1.2.3", _DATA),
    ),
    _service(
        "serviceLoadBalancerHost obj:object -> string",
        "The load balancer's host name.",
        lambda obj: text_at(_balancer(obj), "hostname"),
        (f"{{{{ serviceLoadBalancerHost {_S} }}}}", "lb.example.com", _DATA),
    ),
    _service_truth(
        "endpointsReady obj:object -> bool",
        "Whether an EndpointSlice (or Endpoints) has a ready address.",
        _endpoints_ready,
        ("{{ endpointsReady .children.endpointslice }}", "true", _DATA),
    ),
    _service_truth(
        "hasEndpoints obj:object -> bool",
        "Whether the Service has a ready endpoint; needs `enrich: [endpoints]`.",
        lambda obj: any(each.get("ready") is True for each in maps_at(obj, "_endpoints")),
        (f"{{{{ hasEndpoints {_S} }}}}", "true", _DATA),
    ),
    _service(
        "serviceEndpoints obj:object -> string",
        "The endpoints as `ip:port`, with commas; needs `enrich: [endpoints]`.",
        lambda obj: joined(map(_address, maps_at(obj, "_endpoints"))),
        (f"{{{{ serviceEndpoints {_S} }}}}", "10.0.0.1:8080, 10.0.0.2:8080", _DATA),
    ),
    _service_count(
        "serviceEndpointCount obj:object -> int",
        "The number of endpoints; needs `enrich: [endpoints]`.",
        lambda obj: len(list_at(obj, "_endpoints")),
        (f"{{{{ serviceEndpointCount {_S} }}}}", "2", _DATA),
    ),
    _service(
        "serviceFirstEndpoint obj:object -> string",
        "The first endpoint as `ip:port`; needs `enrich: [endpoints]`.",
        _first_endpoint,
        (f"{{{{ serviceFirstEndpoint {_S} }}}}", "10.0.0.1:8080", _DATA),
    ),
    _service_count(
        "backingPodCount obj:object -> int",
        "The number of pods behind the Service; needs `enrich: [backingpods]`.",
        lambda obj: len(list_at(obj, "_backingPods")),
        (f"{{{{ backingPodCount {_S} }}}}", "2", _DATA),
    ),
    _service(
        "backingPodNames obj:object -> string",
        "The names of the pods behind the Service; needs `enrich: [backingpods]`.",
        lambda obj: joined(text_at(each, "name") for each in maps_at(obj, "_backingPods")),
        (f"{{{{ backingPodNames {_S} }}}}", "web-a, web-b", _DATA),
    ),
    _ingress(
        "ingressHost obj:object -> string",
        "The host name that the load balancer gave.",
        lambda obj: text_at(_balancer(obj), "hostname"),
        (f"{{{{ ingressHost {_I} }}}}", "lb.example.com", _DATA),
    ),
    _ingress(
        "ingressIP obj:object -> string",
        "The IP that the load balancer gave.",
        lambda obj: text_at(_balancer(obj), "ip"),
        (f"{{{{ ingressIP {_I} }}}}", "34.1.2.3", _DATA),
    ),
    _ingress(
        "ingressReady obj:object -> bool",
        "Whether the load balancer gave an address.",
        lambda obj: bool(text_at(_balancer(obj), "ip") or text_at(_balancer(obj), "hostname")),
        (f"{{{{ ingressReady {_I} }}}}", "true", _DATA),
        on_nil='"false"',
        on_wrong_type='"false"',
    ),
    _ingress(
        "ingressClassName obj:object -> string",
        "The name of the ingress class.",
        lambda obj: text_at(obj, "spec", "ingressClassName"),
        (f"{{{{ ingressClassName {_I} }}}}", "nginx", _DATA),
    ),
    _ingress(
        "ingressRules obj:object -> string",
        "The hosts of the rules, with commas.",
        lambda obj: joined(text_at(rule, "host") for rule in maps_at(obj, "spec", "rules")),
        (f"{{{{ ingressRules {_I} }}}}", "api.example.com, www.example.com", _DATA),
    ),
    _ingress(
        "ingressTLSHosts obj:object -> string",
        "The hosts with TLS, each once, with commas.",
        lambda obj: joined(_tls_hosts(obj)),
        (f"{{{{ ingressTLSHosts {_I} }}}}", "api.example.com", _DATA),
    ),
    _ingress(
        "ingressLoadBalancerIPs obj:object -> string",
        "All addresses of the load balancer, with commas; needs `enrich: [ingress]`.",
        lambda obj: _texts(list_at(obj, "_loadBalancerIPs")),
        (f"{{{{ ingressLoadBalancerIPs {_I} }}}}", "34.1.2.3, lb.example.com", _DATA),
    ),
    _ingress(
        "ingressTLSSecretCount obj:object -> int",
        "The number of TLS Secrets; needs `enrich: [ingress]`.",
        lambda obj: len(list_at(obj, "_tlsSecrets")),
        (f"{{{{ ingressTLSSecretCount {_I} }}}}", "1", _DATA),
        on_nil='"0"',
        on_wrong_type='"0"',
    ),
)
