"""HTTP paths and queries as operations: what `RequestInfo` and the endpoint installer are upstream.

In: method, path, query and the few headers that matter, as text. Out: an `Operation`, or a `Plain`
request for a path that is no resource. No I/O; bodies are decoded here, because what they may be
depends on the resource.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from katalogc.localcluster import go_text, protobuf
from katalogc.localcluster.authorization import Attributes
from katalogc.localcluster.bodies import parse_json, parse_patch, parse_yaml
from katalogc.localcluster.operations import (
    CUSTOM_PATCHES,
    PATCH_TYPES,
    Operation,
    Patch,
    User,
    Verb,
)
from katalogc.localcluster.representations import JSON, YAML
from katalogc.localcluster.resources import Registry, ResourceType
from katalogc.localcluster.selectors import exact_name
from katalogc.localcluster.statuses import (
    Refusal,
    bad_request,
    method_not_allowed,
    no_such_path,
    unsupported_media_type,
)
from katalogc.localcluster.write_options import check_write_options


@dataclass(frozen=True, slots=True)
class Plain:
    """A request for a path that is no resource: discovery, health, version, documents."""

    verb: str
    path: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """A request in the shape of a resource that is not served; authorized before it is refused."""

    attributes: Attributes


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpRequest:
    """The parts of an HTTP request that decide what it means."""

    method: str
    path: str
    query: Mapping[str, str]
    user: User
    user_agent: str = ""
    content_type: str = ""
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class _Place:
    """A path below `/api/V` or `/apis/G/V`, taken apart."""

    group: str
    version: str
    namespace: str
    plural: str
    name: str
    subresource: str
    watch: bool
    in_namespace: bool


def _take_apart(path: str) -> _Place | None:
    """The place of a resource path; None for every other path."""
    parts = [part for part in path.split("/") if part]
    if len(parts) >= 3 and parts[0] == "api":
        group, version, rest = "", parts[1], parts[2:]
    elif len(parts) >= 4 and parts[0] == "apis":
        group, version, rest = parts[1], parts[2], parts[3:]
    else:
        return None
    watch = rest[0] == "watch" and len(rest) > 1
    if watch:
        rest = rest[1:]
    namespace, in_namespace = "", False
    if rest[0] == "namespaces" and len(rest) > 2 and rest[2] not in ("status", "finalize"):
        namespace, in_namespace, rest = rest[1], True, rest[2:]
    padded = [*rest, "", "", ""]
    subresource = "/".join(rest[2:])
    return _Place(group, version, namespace, padded[0], padded[1], subresource, watch, in_namespace)


def route(registry: Registry, request: HttpRequest) -> Operation | Plain | Unknown:
    """What a request asks for.

    Raises:
        Refusal: it makes no sense (400, 405, 415, 422).
    """
    place = _take_apart(request.path)
    if place is None:
        return Plain(request.method.lower(), request.path)
    query = request.query
    verb = _verb(request.method, place, query)
    namespace = place.namespace
    if not place.group and place.plural == "namespaces" and place.name:
        # A namespace counts as inside itself, so that a Role there may cover it.
        namespace = place.name
    type_ = registry.get(place.group, place.version, place.plural)
    if type_ is None or (place.in_namespace and not type_.namespaced):
        return Unknown(
            Attributes(
                verb=verb,
                group=place.group,
                resource=place.plural,
                subresource=place.subresource,
                namespace=namespace,
                name=place.name,
            )
        )
    _check_shape(verb, type_, place)
    return _operation(request, verb, type_, place)


def _verb(method: str, place: _Place, query: Mapping[str, str]) -> Verb:
    match method:
        case "GET" | "HEAD":
            # Upstream asks for a watch of one object by a selector; a name in the path is a get.
            if place.watch or (not place.name and _flag(query, "watch")):
                return "watch"
            return "get" if place.name else "list"
        case "POST":
            return "create"
        case "PUT":
            return "update"
        case "PATCH":
            return "patch"
        case "DELETE":
            return "delete" if place.name else "deletecollection"
        case _:
            raise method_not_allowed()


def _check_shape(verb: Verb, type_: ResourceType, place: _Place) -> None:
    everywhere = type_.namespaced and not place.in_namespace
    if everywhere and place.name:
        raise no_such_path()
    if everywhere and verb not in ("list", "watch", "create"):
        raise method_not_allowed()
    if everywhere and verb == "create" and type_.verbs != ("create",):
        raise method_not_allowed()
    if verb == "create" and place.name and not place.subresource:
        raise method_not_allowed()
    if verb in ("update", "patch") and not place.name:
        if type_.custom is not None:
            raise bad_request("name must be provided")
        raise method_not_allowed()


def _flag(query: Mapping[str, str], name: str) -> bool:
    """A boolean of the query; upstream takes anything but 0 and false for true."""
    value = query.get(name)
    return value is not None and value.lower() not in ("0", "false", "f", "")


def _number(query: Mapping[str, str], name: str) -> int:
    text = query.get(name, "")
    if not text:
        return 0
    try:
        return int(text)
    except ValueError as error:
        raise bad_request(f'strconv.ParseInt: parsing "{text}": invalid syntax') from error


def _operation(request: HttpRequest, verb: Verb, type_: ResourceType, place: _Place) -> Operation:
    query = request.query
    patch: Patch = ""
    content_type = request.content_type.partition(";")[0].strip().lower()
    if verb == "patch":
        found = PATCH_TYPES.get(content_type)
        if found is None and type_.custom is not None:
            raise unsupported_media_type(CUSTOM_PATCHES)
        if found is None:
            raise Refusal(415, "UnsupportedMediaType", "415: Unsupported Media Type", details={})
        patch = found
        if patch == "strategic" and type_.custom is not None:
            raise unsupported_media_type(CUSTOM_PATCHES)
    writes = verb not in ("get", "list", "watch")
    if writes and not patch:
        _check_content_type(request, type_, content_type)
    dry_run = writes and check_write_options(verb, query, patch)
    name = place.name
    field_selector = query.get("fieldSelector", "")
    if verb == "watch" and name:
        field_selector = f"metadata.name={name}"
    if not name and field_selector:
        # A selector that pins the name is authorized as a request for that name.
        name = exact_name(field_selector) or ""
    body: Any = None
    if writes:
        body = _body(request, type_, content_type, patch)
    delete_options = _delete_options(query) if verb in ("delete", "deletecollection") else {}
    if isinstance(body, dict) and verb in ("delete", "deletecollection"):
        dry_run = dry_run or body.get("dryRun") == ["All"]
    timeout = _number(query, "timeoutSeconds")
    return Operation(
        verb=verb,
        type=type_,
        namespace=place.namespace,
        name=name,
        subresource=place.subresource,
        user=request.user,
        user_agent=request.user_agent,
        body=body,
        patch=patch,
        field_manager=query.get("fieldManager", ""),
        force=_flag(query, "force"),
        dry_run=dry_run,
        field_validation=query.get("fieldValidation") or "Warn",
        label_selector=query.get("labelSelector", ""),
        field_selector=field_selector,
        limit=max(0, _number(query, "limit")),
        continue_token=query.get("continue", ""),
        resource_version=query.get("resourceVersion", ""),
        resource_version_match=query.get("resourceVersionMatch", ""),
        timeout_seconds=float(timeout) if timeout else None,
        bookmarks=_flag(query, "allowWatchBookmarks"),
        send_initial_events=(
            _flag(query, "sendInitialEvents") if "sendInitialEvents" in query else None
        ),
        delete_options=delete_options,
    )


def _delete_options(query: Mapping[str, str]) -> dict[str, Any]:
    options: dict[str, Any] = {}
    if "propagationPolicy" in query:
        options["propagationPolicy"] = query["propagationPolicy"]
    if "orphanDependents" in query:
        options["orphanDependents"] = _flag(query, "orphanDependents")
    if "gracePeriodSeconds" in query:
        options["gracePeriodSeconds"] = _number(query, "gracePeriodSeconds")
    return options


def _body(request: HttpRequest, type_: ResourceType, content_type: str, patch: Patch) -> Any:
    raw = request.body
    if patch == "apply":
        return parse_yaml(raw) if raw[:1] != b"{" else parse_json(raw, type_.kind)
    if patch:
        return _patch_body(raw, patch)
    if not raw and request.method == "DELETE":
        return None
    if content_type == YAML:
        return parse_yaml(raw)
    if content_type == protobuf.MEDIA_TYPE:
        return protobuf.decode(raw)
    return parse_json(raw, type_.kind)


def _check_content_type(request: HttpRequest, type_: ResourceType, content_type: str) -> None:
    """Refuses (415) a body in a format that is not read, or whose description cannot be."""
    if not request.body and request.method == "DELETE":
        return
    known = ("", JSON, YAML, protobuf.MEDIA_TYPE)[: 3 + (type_.custom is None)]
    parameters = request.content_type.split(";")[1:]
    if content_type not in known or any("=" not in each for each in parameters if each.strip()):
        raise unsupported_media_type(known[1:])


def _patch_body(raw: bytes, patch: Patch) -> Any:
    body = parse_patch(raw)
    if patch == "json" and not isinstance(body, list):
        raise bad_request(
            "error decoding patch: json: cannot unmarshal "
            f"{go_text.json_type(body)} into Go value of type []handlers.jsonPatchOp"
        )
    if patch != "json" and not isinstance(body, dict):
        raise bad_request(
            "error decoding patch: json: cannot unmarshal "
            f"{go_text.json_type(body)} into Go value of type map[string]interface {{}}"
        )
    return body
