"""Content negotiation: what the Accept header asks for, and answers turned into it.

In: an Accept header, then answers and watch frames. Out: bodies (JSON data) and content types. The
formats are JSON and YAML; protobuf is honestly not among them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from katalog_runtime.objects import Manifest
from katalogc.localcluster import tables
from katalogc.localcluster.operations import Answer
from katalogc.localcluster.resources import ResourceType
from katalogc.localcluster.statuses import not_acceptable, refused_form
from katalogc.localcluster.watches import Frame

JSON = "application/json"
YAML = "application/yaml"
_UNSTRUCTURED = "unstructured.Unstructured"
SUPPORTED = (JSON, YAML)


@dataclass(frozen=True, slots=True)
class Representation:
    """The form in which a client wants its answer."""

    media_type: str = JSON
    as_: str = ""
    """`Table`, `PartialObjectMetadata`, `PartialObjectMetadataList`, `APIGroupDiscoveryList` or
    empty."""
    group: str = ""
    version: str = ""
    include: str = "Metadata"
    """`includeObject` of tables."""

    @property
    def content_type(self) -> str:
        """The Content-Type of the answer."""
        if self.as_ == "APIGroupDiscoveryList":
            return f"{self.media_type};g={self.group};v={self.version};as={self.as_}"
        return self.media_type


def negotiate(accept: str, *, forms: tuple[str, ...] = (), include: str = "") -> Representation:
    """The first form of an Accept header that can be had.

    Args:
        forms: the values of `as=` that this answer can take.

    Raises:
        Refusal: 406.
    """
    if not accept.strip():
        return Representation(include=include or "Metadata")
    clauses = sorted((_parse(each) for each in accept.split(",")), key=lambda clause: -clause[1])
    for media_type, _, parameters in clauses:
        concrete = _concrete(media_type)
        if concrete not in SUPPORTED:
            continue
        as_ = parameters.get("as", "")
        if as_:
            known = parameters.get("v") in ("v1", "v1beta1", "v2", "v2beta1")
            if as_ not in forms or not known:
                continue
        return Representation(
            concrete,
            as_,
            parameters.get("g", ""),
            parameters.get("v", ""),
            include or "Metadata",
        )
    known_types = any(_concrete(media_type) in SUPPORTED for media_type, _, _ in clauses)
    raise not_acceptable(SUPPORTED, known=known_types)


def _concrete(media_type: str) -> str:
    return JSON if media_type in ("*/*", "application/*") else media_type


def _parse(clause: str) -> tuple[str, float, dict[str, str]]:
    media_type, *rest = (part.strip() for part in clause.split(";"))
    parameters = dict(part.split("=", 1) for part in rest if "=" in part)
    try:
        quality = float(parameters.get("q", "1"))
    except ValueError:
        quality = 0.0
    return media_type.lower(), quality, parameters


FORMS = ("Table", "PartialObjectMetadata", "PartialObjectMetadataList")


def represent(answer: Answer, wanted: Representation, now: datetime) -> Manifest:
    """The body of an answer in the wanted form."""
    body, type_ = answer.body, answer.type
    if type_ is None:
        return body
    is_list = "items" in body and body["kind"] == type_.list_kind
    _check_form(type_, wanted.as_, is_list=is_list)
    if wanted.as_ == "Table":
        items = body["items"] if is_list else [body]
        own = body["metadata"]
        metadata = (
            _list_metadata(own) if is_list else {"resourceVersion": own.get("resourceVersion", "")}
        )
        return tables.table(
            type_, items, metadata, now, version=wanted.version, include=wanted.include
        )
    if wanted.as_ == "PartialObjectMetadata":
        return tables.partial(body, wanted.version)
    if wanted.as_ == "PartialObjectMetadataList":
        return tables.partial_list(body["items"], _list_metadata(body["metadata"]), wanted.version)
    if is_list and type_.custom is None:
        return {**body, "items": [_without_type(each) for each in body["items"]]}
    return body


def _list_metadata(metadata: Manifest) -> Manifest:
    """Lists of custom resources print an empty continue token, these forms do not."""
    return {key: value for key, value in metadata.items() if key != "continue" or value}


def _check_form(type_: ResourceType, form: str, *, is_list: bool) -> None:
    """Raises a Refusal (406) for a list as one object's metadata, or the other way round."""
    package = type_.group.partition(".")[0] or "core"
    if is_list and form == "PartialObjectMetadata":
        name = f"{package}.{type_.list_kind}" if type_.custom is None else _UNSTRUCTURED + "List"
        raise refused_form(f"you requested {form}, but the requested object is a list (*{name})")
    if not is_list and form == "PartialObjectMetadataList":
        name = f"{package}.{type_.kind}" if type_.custom is None else _UNSTRUCTURED
        text = f"you requested {form}, but the requested object is not a list (*{name})"
        raise refused_form(text)


def _without_type(manifest: Manifest) -> Manifest:
    """An item of a built-in list: `kind` and `apiVersion` are the list's business."""
    return {key: value for key, value in manifest.items() if key not in ("kind", "apiVersion")}


def represent_frame(
    type_: ResourceType, frame: Frame, wanted: Representation, now: datetime, *, first: bool
) -> Frame:
    """A watch frame in the wanted form; ERROR frames stay as they are."""
    if not wanted.as_ or frame["type"] == "ERROR":
        return frame
    manifest = frame["object"]
    if wanted.as_ == "Table":
        bookmark = frame["type"] == "BOOKMARK"
        rows = [] if bookmark else [manifest]
        metadata = {"resourceVersion": manifest["metadata"].get("resourceVersion", "")}
        if bookmark and "annotations" in manifest["metadata"]:
            metadata["annotations"] = manifest["metadata"]["annotations"]
        body = tables.table(
            type_,
            rows,
            metadata,
            now,
            version=wanted.version,
            include=wanted.include,
            with_columns=first,
        )
    else:
        body = tables.partial(manifest, wanted.version)
    return {"type": frame["type"], "object": body}
