"""Defaults of pod specs, as `k8s.io/kubernetes/pkg/apis/core/v1/defaults.go` sets them.

In: a PodSpec or a pod template (changed in place). Out: nothing. Defaults that OpenAPI tells
(`protocol: TCP`) and zero values come from the schema; admission (service account volumes,
tolerations) is not defaulting.
"""

from __future__ import annotations

import re
from typing import Any

_IMAGE_TAG = re.compile(r"^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?::(?P<tag>[\w][\w.-]*))?$")
"""The last part of a reference: a repository in small letters, and a tag."""
_DEFAULT_MODE = 420
_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")


def default_template(owner: dict[str, Any]) -> None:
    """The pod template in `owner`'s field `template`."""
    default_pod_spec(owner.setdefault("template", {}).setdefault("spec", {}))


def default_pod_spec(spec: dict[str, Any]) -> None:
    """A PodSpec with containers and volumes."""
    spec.setdefault("dnsPolicy", "ClusterFirst")
    spec.setdefault("restartPolicy", "Always")
    spec.setdefault("terminationGracePeriodSeconds", 30)
    spec.setdefault("schedulerName", "default-scheduler")
    spec.setdefault("securityContext", {})
    if spec.get("serviceAccountName"):
        # The deprecated name mirrors the new one in everything the server prints.
        spec.setdefault("serviceAccount", spec["serviceAccountName"])
    elif spec.get("serviceAccount"):
        spec["serviceAccountName"] = spec["serviceAccount"]
    for name in ("initContainers", "containers", "ephemeralContainers"):
        for container in spec.get(name) or ():
            _container(container, host_network=bool(spec.get("hostNetwork")))
    for volume in spec.get("volumes") or ():
        _volume(volume)


def default_pod(pod: dict[str, Any]) -> None:
    """A Pod: limits become requests, service links are on."""
    spec = pod.setdefault("spec", {})
    default_pod_spec(spec)
    spec.setdefault("enableServiceLinks", True)
    for container in [*(spec.get("containers") or ()), *(spec.get("initContainers") or ())]:
        resources = container.get("resources") or {}
        if resources.get("limits"):
            requests = resources.setdefault("requests", {})
            for name, quantity in resources["limits"].items():
                requests.setdefault(name, quantity)


def pull_policy(image: str) -> str:
    """`Always` for the tag `latest`, given or implied; an unreadable image counts as tagged."""
    if "@" in image:
        return "IfNotPresent"
    found = _IMAGE_TAG.match(image.rpartition("/")[2])
    if found is None or not image or image != image.strip():
        return "IfNotPresent"
    return "Always" if (found["tag"] or "latest") == "latest" else "IfNotPresent"


def _container(container: dict[str, Any], *, host_network: bool) -> None:
    container.setdefault("terminationMessagePath", "/dev/termination-log")
    container.setdefault("terminationMessagePolicy", "File")
    container.setdefault("imagePullPolicy", pull_policy(container.get("image", "")))
    if host_network:
        for port in container.get("ports") or ():
            port.setdefault("hostPort", port.get("containerPort"))
    for variable in container.get("env") or ():
        _field_reference((variable.get("valueFrom") or {}).get("fieldRef"))
        selector = (variable.get("valueFrom") or {}).get("resourceFieldRef")
        if selector is not None:
            selector.setdefault("divisor", "0")
        file_reference = (variable.get("valueFrom") or {}).get("fileKeyRef")
        if file_reference is not None:
            file_reference.setdefault("optional", False)
    for name in _PROBES:
        if isinstance(container.get(name), dict):
            _probe(container[name])
    for hook in (container.get("lifecycle") or {}).values():
        if isinstance(hook, dict):
            _http_get(hook.get("httpGet"))


def _probe(probe: dict[str, Any]) -> None:
    probe.setdefault("timeoutSeconds", 1)
    probe.setdefault("periodSeconds", 10)
    probe.setdefault("successThreshold", 1)
    probe.setdefault("failureThreshold", 3)
    _http_get(probe.get("httpGet"))
    if isinstance(probe.get("grpc"), dict):
        probe["grpc"].setdefault("service", "")


def _http_get(action: Any) -> None:
    if isinstance(action, dict):
        action.setdefault("path", "/")
        action.setdefault("scheme", "HTTP")


def _field_reference(reference: Any) -> None:
    if isinstance(reference, dict):
        reference.setdefault("apiVersion", "v1")


def _volume(volume: dict[str, Any]) -> None:
    if all(value is None for name, value in volume.items() if name != "name"):
        volume["emptyDir"] = {}
    for name in ("secret", "configMap", "downwardAPI", "projected"):
        if isinstance(volume.get(name), dict):
            volume[name].setdefault("defaultMode", _DEFAULT_MODE)
    if isinstance(volume.get("hostPath"), dict):
        volume["hostPath"].setdefault("type", "")
    for item in (volume.get("downwardAPI") or {}).get("items") or ():
        _field_reference(item.get("fieldRef"))
    for source in (volume.get("projected") or {}).get("sources") or ():
        if isinstance(source.get("serviceAccountToken"), dict):
            source["serviceAccountToken"].setdefault("expirationSeconds", 3600)
        for item in (source.get("downwardAPI") or {}).get("items") or ():
            _field_reference(item.get("fieldRef"))
    claim = (volume.get("ephemeral") or {}).get("volumeClaimTemplate")
    if isinstance(claim, dict):
        claim.setdefault("spec", {}).setdefault("volumeMode", "Filesystem")
    if isinstance(volume.get("image"), dict):
        volume["image"].setdefault("pullPolicy", pull_policy(volume["image"].get("reference", "")))
