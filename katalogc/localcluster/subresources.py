"""Subresources that are more than a part of their object: scale, token, eviction, binding,
finalize.

`status` (and the other plain ones) go the ordinary ways of reads and writes. Stored objects are
never changed in place.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from katalog_runtime.objects import GroupResource, Manifest
from katalogc.localcluster import conformance, metadata, patching, structured_merge, writes
from katalogc.localcluster.authentication import DEFAULT_LIFETIME_SECONDS, ISSUER
from katalogc.localcluster.conversion import to_served
from katalogc.localcluster.custom_resources import scale_paths
from katalogc.localcluster.deletion import NAMESPACES, delete_object, finish_if_released
from katalogc.localcluster.operations import Answer, Operation
from katalogc.localcluster.state import ClusterState, copy_json, timestamp
from katalogc.localcluster.statuses import (
    Cause,
    Refusal,
    conflict,
    internal_error,
    invalid,
    not_found,
    not_implemented,
)
from katalogc.localcluster.validation import decoding_error
from katalogc.openapi import catalogue

PLAIN = frozenset({"status", "ephemeralcontainers", "resize", "approval"})
"""Served by the ordinary handlers of get, update and patch."""

_SELECTOR = ("status", "selector")


def not_offered(operation: Operation) -> Refusal:
    """501: there are no containers and nodes behind this API."""
    return not_implemented(f"{operation.type.plural}/{operation.subresource}")


def _live(state: ClusterState, operation: Operation) -> Manifest:
    type_ = operation.type
    namespace = operation.namespace if type_.namespaced else ""
    found = state.store.get(type_.storage, namespace, operation.name)
    if found is None:
        raise not_found(type_.resource, operation.name)
    return to_served(type_, found)


# -- scale -----------------------------------------------------------------------------------------


def _at(manifest: Manifest, path: tuple[str, ...]) -> Any:
    value: Any = manifest
    for part in path:
        value = value.get(part) if isinstance(value, dict) else None
    return value


def _label_selector_text(selector: Manifest | None) -> str:
    """A LabelSelector object in the notation of query strings."""
    if not selector:
        return ""
    parts = [f"{key}={value}" for key, value in sorted((selector.get("matchLabels") or {}).items())]
    for each in selector.get("matchExpressions") or ():
        key, values = each["key"], ",".join(each.get("values") or ())
        match each["operator"]:
            case "In":
                parts.append(f"{key} in ({values})")
            case "NotIn":
                parts.append(f"{key} notin ({values})")
            case "Exists":
                parts.append(key)
            case _:
                parts.append(f"!{key}")
    return ",".join(parts)


def _as_scale(operation: Operation, manifest: Manifest, *, required: bool) -> Manifest:
    custom = operation.type.custom
    if custom is not None:
        replicas_path, status_path, selector_path = scale_paths(custom.scale or {})
        replicas = _at(manifest, replicas_path)
        if replicas is None and required:
            path = (custom.scale or {})["specReplicasPath"]
            raise internal_error(f'the spec replicas field "{path}" does not exist')
        selector = _at(manifest, selector_path) if selector_path else None
    else:
        status_path = ("status", "replicas")
        replicas = _at(manifest, ("spec", "replicas"))
        given = _at(manifest, ("spec", "selector"))
        if operation.type.kind == "ReplicationController":
            given = {"matchLabels": given or {}}
        selector = _label_selector_text(given)
    names = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")
    own = manifest["metadata"]
    status: Manifest = {"replicas": _at(manifest, status_path) or 0}
    if selector:
        status["selector"] = selector
    return {
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": {key: own[key] for key in names if key in own},
        "spec": {"replicas": replicas} if replicas else {},
        "status": status,
    }


def _scale(state: ClusterState, operation: Operation) -> Answer:
    live = _live(state, operation)
    if operation.verb == "get":
        return Answer(status=200, body=_as_scale(operation, live, required=True))
    current = _as_scale(operation, live, required=False)
    if operation.verb == "patch":
        if operation.patch == "apply":
            raise not_implemented("server-side apply of the scale subresource")
        wanted = patching.patched(current, operation.patch, operation.body, None)
    else:
        wanted = operation.body if isinstance(operation.body, dict) else {}
    problem = decoding_error(
        wanted, catalogue(state.minor).schema("autoscaling", "v1", "Scale"), ""
    )
    if problem:
        raise conformance.decoding(
            wanted, problem, kind="Scale", version="v1", patched=operation.verb == "patch"
        )
    version = (wanted.get("metadata") or {}).get("resourceVersion")
    if version and version != live["metadata"]["resourceVersion"]:
        raise conflict(operation.resource, operation.name)
    replicas = (wanted.get("spec") or {}).get("replicas", 0)
    custom = operation.type.custom
    if custom is None and replicas < 0:
        text = f"Invalid value: {replicas}: must be greater than or equal to 0"
        cause = Cause("FieldValueInvalid", text, "spec.replicas")
        raise invalid("autoscaling", "Scale", operation.name, [cause])
    path = scale_paths(custom.scale or {})[0] if custom is not None else ("spec", "replicas")
    manifest: Manifest = copy_json(live)
    target: Any = manifest
    for part in path[:-1]:
        target = target.setdefault(part, {})
    target[path[-1]] = replicas
    manifest["metadata"]["resourceVersion"] = live["metadata"]["resourceVersion"]
    answer = writes.replace(state, operation, live, manifest)
    return Answer(status=200, body=_as_scale(operation, answer.body, required=True))


# -- the others ------------------------------------------------------------------------------------


def _token(state: ClusterState, operation: Operation) -> Answer:
    account = _live(state, operation)
    body = operation.body if isinstance(operation.body, dict) else {}
    spec: dict[str, Any] = dict(body.get("spec") or {})
    lifetime = int(spec.get("expirationSeconds") or DEFAULT_LIFETIME_SECONDS)
    if lifetime < 600:
        text = f"Invalid value: {lifetime}: may not specify a duration less than 10 minutes"
        cause = Cause("FieldValueInvalid", text, "spec.expirationSeconds")
        raise invalid("authentication.k8s.io", "TokenRequest", "", [cause])
    audiences = tuple(spec.get("audiences") or (ISSUER,))
    if state.tokens is None:
        raise not_implemented("tokens")
    bound = spec.get("boundObjectRef")
    token, expires = state.tokens.issue(
        account, lifetime_seconds=lifetime, audiences=audiences, bound_to=bound
    )
    metadata_ = account["metadata"]
    version = "authentication.k8s.io/v1"
    schema = catalogue(state.minor).schema("authentication.k8s.io", "v1", "TokenRequest")
    recorded = structured_merge.update(
        None,
        {"metadata": {}, "spec": {"expirationSeconds": lifetime, **spec}},
        manager=operation.manager,
        schema=schema,
        api_version=version,
        subresource="token",
        now=state.now(),
    )
    answer = {
        "kind": "TokenRequest",
        "apiVersion": version,
        "metadata": {
            **recorded["metadata"],
            "name": metadata_["name"],
            "namespace": metadata_["namespace"],
            "uid": metadata_["uid"],
            "creationTimestamp": state.now(),
        },
        "spec": {
            "audiences": list(audiences),
            "expirationSeconds": lifetime,
            "boundObjectRef": bound,
        },
        "status": {
            "token": token,
            "expirationTimestamp": timestamp(datetime.fromtimestamp(expires, UTC)),
        },
    }
    return Answer(status=201, body=answer)


def _evict(state: ClusterState, operation: Operation) -> Answer:
    pod = _live(state, operation)
    body = operation.body if isinstance(operation.body, dict) else {}
    options = body.get("deleteOptions") or {}
    delete_object(state, operation.type, pod, options, dry_run=operation.dry_run)
    status = {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Success",
        "code": 201,
    }
    return Answer(status=201, body=status)


def _bind(state: ClusterState, operation: Operation) -> Answer:
    pod = _live(state, operation)
    body = operation.body if isinstance(operation.body, dict) else {}
    node = (body.get("target") or {}).get("name", "")
    if pod["spec"].get("nodeName"):
        why = f'pod {operation.name} is already assigned to node "{pod["spec"]["nodeName"]}"'
        raise conflict(GroupResource("", "pods/binding"), operation.name, why)
    manifest = {**pod, "metadata": dict(pod["metadata"]), "spec": {**pod["spec"], "nodeName": node}}
    state.store.put(operation.type.storage, manifest)
    status = {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Success",
        "code": 201,
    }
    return Answer(status=201, body=status)


def _finalize(state: ClusterState, operation: Operation) -> Answer:
    """PUT of a namespace's `spec.finalizers`, with which a namespace is let go by hand."""
    live = _live(state, operation)
    given = conformance.check_type_meta(operation, operation.body)
    metadata.check_identity(given, operation)
    spec = {
        **(live.get("spec") or {}),
        "finalizers": (given.get("spec") or {}).get("finalizers", []),
    }
    manifest = {**live, "spec": spec, "metadata": dict(live["metadata"])}
    gone = finish_if_released(state, operation.type, live, manifest)
    body = gone if gone is not None else state.store.put(NAMESPACES, manifest)
    return Answer(status=200, body=body, type=operation.type)


HANDLERS: dict[str, Callable[[ClusterState, Operation], Answer]] = {
    "scale": _scale,
    "token": _token,
    "eviction": _evict,
    "binding": _bind,
    "finalize": _finalize,
}
