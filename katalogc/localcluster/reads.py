"""Get and list: objects out of the store, one or in pages, now or as they were.

In: operations. Out: answers. Pages of one list show one moment: the continue token carries the
revision, and the collection is rolled back to it. Nothing is written.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import Any

import orjson

from katalog_runtime.objects import Manifest
from katalogc.localcluster.conversion import to_served
from katalogc.localcluster.operations import Answer, Operation
from katalogc.localcluster.selectors import (
    Predicate,
    UnknownFieldError,
    both,
    field_predicate,
    label_predicate,
)
from katalogc.localcluster.state import ClusterState
from katalogc.localcluster.statuses import (
    Cause,
    Refusal,
    bad_request,
    expired,
    invalid,
    not_found,
    version_too_large,
)
from katalogc.localcluster.storage import Collection

_CONTINUE_EXPIRED = (
    "The provided continue parameter is too old to display a consistent list result. You "
    "can start a "
    "new list without the continue parameter, or use the continue token in this response "
    "to retrieve "
    "the remainder of the results. Continuing with the provided token results in an "
    "inconsistent list "
    "- objects that were created, modified, or deleted between the time the first chunk "
    "was returned "
    "and now may show up in the list."
)
_LIST_EXPIRED = "The resourceVersion for the provided list is too old."


def predicate(operation: Operation) -> Predicate | None:
    """What the operation's selectors ask for; None for everything."""
    type_ = operation.type
    extra = type_.custom.selectable_fields if type_.custom is not None else None
    return both(
        label_predicate(operation.label_selector),
        field_predicate(operation.field_selector, type_.group, type_.plural, extra),
    )


def checked_predicate(operation: Operation) -> Predicate | None:
    """`predicate` and `check_list_options`, as upstream: syntax, options, then the fields' names."""
    try:
        matches = predicate(operation)
    except UnknownFieldError:
        check_list_options(operation)
        raise
    check_list_options(operation)
    return matches


def get(state: ClusterState, operation: Operation) -> Answer:
    """GET of one object."""
    type_ = operation.type
    namespace = operation.namespace if type_.namespaced else ""
    version = operation.resource_version
    if version and not (version.isascii() and version.isdigit()):
        raise Refusal(500, "", _not_a_version(version))  # upstream's word for one object
    _minimum_version(state, version)
    found = state.store.get(type_.storage, namespace, operation.name)
    if found is None:
        raise not_found(type_.resource, operation.name)
    return Answer(status=200, body=to_served(type_, found), type=type_)


def list_(state: ClusterState, operation: Operation) -> Answer:
    """GET of a collection: a list, or one page of it; every item carries its `apiVersion` and
    `kind`."""
    type_ = operation.type
    collection = state.store.collection(type_.storage)
    matches = checked_predicate(operation)
    revision, after = state.store.revision, ""
    if operation.continue_token:
        revision, after = _decode_token(operation, state)
        if revision < collection.compacted:
            token = _encode_token(state.store.revision, after)
            raise _continue_expired(token)
        collection = collection.at(revision)
    else:
        wanted = _minimum_version(state, operation.resource_version)
        if operation.resource_version_match == "Exact":
            if wanted < collection.compacted:
                raise expired(_LIST_EXPIRED)
            revision, collection = wanted, collection.at(wanted)
    items, metadata = _page(operation, collection, matches, after, revision)
    body: Manifest
    if type_.custom is not None:
        body = {
            "apiVersion": type_.api_version,
            "items": items,
            "kind": type_.list_kind,
            "metadata": {"continue": "", **metadata},
        }
    else:
        body = {
            "kind": type_.list_kind,
            "apiVersion": type_.api_version,
            "metadata": metadata,
            "items": items,
        }
    return Answer(status=200, body=body, type=type_)


def _page(
    operation: Operation,
    collection: Collection,
    matches: Predicate | None,
    after: str,
    revision: int,
) -> tuple[list[Manifest], Manifest]:
    """The items from `after` on, up to the limit, and the list's metadata."""
    type_, limit = operation.type, operation.limit
    items: list[Manifest] = []
    last = ""
    metadata: Manifest = {"resourceVersion": str(revision)}
    for key, each in collection.select(operation.namespace, after):
        if matches is not None and not matches(to_served(type_, each)):
            continue
        if 0 < limit <= len(items):
            metadata["continue"] = _encode_token(revision, last)
            if matches is None:
                total = collection.count(operation.namespace)
                done = _position(collection, operation.namespace, last)
                metadata["remainingItemCount"] = total - done
            break
        items.append(to_served(type_, each))
        last = key
    return items, metadata


def _position(collection: Collection, namespace: str, last: str) -> int:
    return sum(1 for key, _ in collection.select(namespace) if key <= last)


def parse_version(text: str) -> int:
    """A resource version as a number; 0 where none is given.

    Raises:
        Refusal: 400.
    """
    if not text:
        return 0
    if not (text.isascii() and text.isdigit()):
        raise bad_request(f"invalid resource version: {_not_a_version(text)}")
    return int(text)


def _not_a_version(text: str) -> str:
    return (
        f'resourceVersion: Invalid value: "{text}": strconv.ParseUint: parsing "{text}": invalid '
        "syntax"
    )


def _minimum_version(state: ClusterState, text: str) -> int:
    wanted = parse_version(text)
    if wanted > state.store.revision:
        raise version_too_large(wanted, state.store.revision)
    return wanted


def check_list_options(operation: Operation) -> None:
    """The rules of `metainternalversion/validation` for lists and watches.

    Raises:
        Refusal: 422, or 400 for a resource version beside a continue token.
    """
    match, version = operation.resource_version_match, operation.resource_version
    watching = operation.verb == "watch"
    causes: list[Cause] = []

    def forbid(text: str, field: str = "resourceVersionMatch") -> None:
        causes.append(Cause("FieldValueForbidden", f"Forbidden: {text}", field))

    if watching:
        if operation.send_initial_events is not None:
            if match != "NotOlderThan":
                forbid("sendInitialEvents requires setting resourceVersionMatch to NotOlderThan")
        elif match:
            forbid(
                "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"
            )
        if match and match != "NotOlderThan":
            text = f'Unsupported value: "{match}": supported values: "NotOlderThan"'
            causes.append(Cause("FieldValueNotSupported", text, "resourceVersionMatch"))
    else:
        if operation.send_initial_events is not None:
            forbid("sendInitialEvents is forbidden for list", "sendInitialEvents")
        if match:
            if not version:
                forbid("resourceVersionMatch is forbidden unless resourceVersion is provided")
            if operation.continue_token:
                forbid("resourceVersionMatch is forbidden when continue is provided")
            if match not in ("Exact", "NotOlderThan"):
                text = (
                    f'Unsupported value: "{match}": supported values: "Exact", "NotOlderThan", ""'
                )
                causes.append(Cause("FieldValueNotSupported", text, "resourceVersionMatch"))
            if match == "Exact" and version == "0":
                forbid('resourceVersionMatch "exact" is forbidden for resourceVersion "0"')
    if causes:
        raise invalid("meta.k8s.io", "ListOptions", "", causes)
    if operation.continue_token and version not in ("", "0"):
        raise bad_request("specifying resource version is not allowed when using continue")


def _encode_token(revision: int, last: str) -> str:
    token: dict[str, Any] = {"v": "meta.k8s.io/v1", "rv": revision, "start": f"{last}\0"}
    return base64.urlsafe_b64encode(orjson.dumps(token)).decode().rstrip("=")


def _decode_token(operation: Operation, state: ClusterState) -> tuple[int, str]:
    text = operation.continue_token
    try:
        token = orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        revision, start = int(token["rv"]), str(token["start"])
    except (binascii.Error, ValueError, KeyError, TypeError) as error:
        why = _json_complaint(text)
        raise bad_request(f"invalid continue token: continue key is not valid: {why}") from error
    if revision < 0:
        revision = state.store.revision
    return revision, start.rstrip("\0")


def _json_complaint(text: str) -> str:
    """What Go's JSON decoder says of a token that is none (for the common case of garbage)."""
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("latin-1").lstrip()
    except binascii.Error:
        strange = re.search(r"[^A-Za-z0-9_-]", text)
        place = strange.start() if strange else len(text) - 1
        return f"illegal base64 data at input byte {place}"
    if not raw or raw[0] in "{[":
        return "unexpected end of JSON input"
    shown = raw[0] if raw[0].isprintable() else f"\\u{ord(raw[0]):04x}"
    return f"invalid character '{shown}' looking for beginning of value"


def _continue_expired(token: str) -> Refusal:
    refusal = expired(_CONTINUE_EXPIRED)
    refusal.body["metadata"] = {"continue": token}
    return refusal
