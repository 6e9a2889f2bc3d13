"""Whether an object fits its type: decoding, unknown fields, defaults, validation; as Status or
warnings.

A thin layer over `validation`: it turns what that package finds into what an API server answers.
Manifests handed in belong to the caller and are changed in place (pruned, defaulted).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

import orjson

from katalog_runtime.objects import Manifest
from katalogc.localcluster import go_text, validation
from katalogc.localcluster.operations import Operation
from katalogc.localcluster.resources import ResourceType
from katalogc.localcluster.statuses import Cause, Refusal, bad_request, invalid
from katalogc.openapi import catalogue

DEFINITIONS = "apiextensions.k8s.io"
SHOWN_BYTES = 30
"""How much of a body without kind is shown for recognition."""


def check_type_meta(operation: Operation, manifest: Any, *, patched: bool = False) -> Manifest:
    """The body as an object of the operation's type, `apiVersion` and `kind` filled in.

    Args:
        patched: whether the manifest is the result of a patch.

    Raises:
        Refusal: 400 (422 for patches of built-in types), the body is no object, or one of another
            type.
    """
    type_ = operation.type
    if not isinstance(manifest, dict):
        raw = orjson.dumps(manifest)
        raise bad_request(
            f"the object provided is unrecognized (must be of type {type_.kind}): couldn't get "
            f"version/kind; json parse error: json: cannot unmarshal {go_text.json_type(manifest)} "
            'into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; '
            f'Kind string "json:\\"kind,omitempty\\"" }} ({raw.hex()})'
        )
    kind, api_version = manifest.get("kind"), manifest.get("apiVersion")
    if kind == type_.kind and api_version == type_.api_version:
        return manifest
    if type_.custom is not None:
        if not kind:
            shown = orjson.dumps(manifest).decode()
            short = shown if len(shown) <= SHOWN_BYTES else f"{shown[:SHOWN_BYTES]} ..."
            raise bad_request(
                f"the object provided is unrecognized (must be of type {type_.kind}): "
                f"Object 'Kind' is missing in '{shown}' ({short})"
            )
        if api_version != type_.api_version and patched:
            text = f'Invalid value: "{api_version or ""}": must be {type_.api_version}'
            group = str(api_version or "").rpartition("/")[0]
            name = str((manifest.get("metadata") or {}).get("name", ""))
            raise invalid(group, kind, name, [Cause("FieldValueInvalid", text, "apiVersion")])
        if api_version != type_.api_version:
            raise bad_request(
                "the API version in the data "
                f"({api_version or ''}) does not match the expected API version "
                f"({type_.api_version})"
            )
        if kind != type_.kind:
            text = f'Invalid value: "{kind}": must be {type_.kind}'
            name = str((manifest.get("metadata") or {}).get("name", ""))
            raise invalid(type_.group, kind, name, [Cause("FieldValueInvalid", text, "kind")])
    elif type_.group == DEFINITIONS and api_version not in (None, "", type_.api_version):
        raise bad_request(
            f"the API version in the data ({api_version}) does not match the expected API version "
            f"({type_.api_version})"
        )
    elif api_version not in (None, "", type_.api_version) or kind not in (None, "", type_.kind):
        problem = _other_type(type_, str(kind or type_.kind), str(api_version or ""))
        if patched:
            raise decoding(manifest, problem, kind=type_.kind, version=type_.version, patched=True)
        version = str(api_version or type_.version).rpartition("/")[2]
        raise bad_request(
            f"{kind or type_.kind} in version {_quoted(version)} cannot be handled as a "
            f"{type_.kind}: {problem}"
        )
    manifest["apiVersion"], manifest["kind"] = type_.api_version, type_.kind
    return manifest


def _other_type(type_: ResourceType, kind: str, api_version: str) -> str:
    """Why an object that says it is of another built-in type is not taken."""
    known = catalogue(type_.minor).kinds
    api_version = api_version or type_.api_version
    if api_version == type_.api_version and (type_.group, type_.version, kind) in known:
        group = type_.group.partition(".")[0] or "core"
        return f"converting ({type_.version}.{kind}) to ({group}.{type_.kind}): unknown conversion"
    return (
        f"no kind {_quoted(kind)} is registered for version {_quoted(api_version)} in scheme "
        '"pkg/runtime/scheme.go:111"'
    )


def _quoted(text: object) -> str:
    return orjson.dumps(str(text)).decode()


def decode(operation: Operation, manifest: Manifest, *, patched: bool) -> tuple[str, ...]:
    """Checks JSON types, drops unknown fields and fills in defaults, in place; returns warnings.

    Args:
        patched: whether the manifest is the result of a patch (another status for the same
        mistake).

    Raises:
        Refusal: 400 (422 for patches): a value of the wrong type, or under `Strict` an unknown
        field.
    """
    type_ = operation.type
    schema = type_.schema
    problem = validation.decoding_error(manifest, schema, type_.kind)
    if problem and operation.patch == "apply" and type_.custom is None:
        raise _not_converted(operation.body, problem)
    if problem:
        raise decoding(manifest, problem, kind=type_.kind, version=type_.version, patched=patched)
    unknown = validation.prune(manifest, schema)
    warnings: tuple[str, ...] = ()
    if unknown and operation.field_validation != "Ignore":
        texts = [f'unknown field "{path}"' for path in unknown]
        if operation.field_validation == "Strict":
            problem = "strict decoding error: " + ", ".join(texts)
            raise decoding(
                manifest, problem, kind=type_.kind, version=type_.version, patched=patched
            )
        warnings = tuple(texts)
    validation.default(manifest, schema)
    warnings = (*warnings, *_without_duplicate_owners(manifest))
    if type_.custom is not None and operation.patch != "apply":
        # What an apply leaves empty stays null, and may be refused for it.
        validation.prune_nulls(manifest, schema)
    return warnings


def _without_duplicate_owners(manifest: Manifest) -> tuple[str, ...]:
    """Takes repeated owner references out, in place; returns what is said about it."""
    metadata = manifest.get("metadata") or {}
    references = metadata.get("ownerReferences") or ()
    kept = [each for index, each in enumerate(references) if each not in references[:index]]
    if len(kept) == len(references):
        return ()
    uids = [each.get("uid", "") for i, each in enumerate(references) if each in references[:i]]
    metadata["ownerReferences"] = kept
    return (
        ".metadata.ownerReferences contains duplicate entries; API server dedups owner references "
        "in 1.20+, and may reject such requests as early as 1.24; please fix your requests; "
        f"duplicate UID(s) observed: {', '.join(uids)}",
    )


def decoding(
    manifest: Manifest, problem: str, *, kind: str, version: str, patched: bool
) -> Refusal:
    """What is answered to an object that does not fit its Go type: 400, or 422 after a patch."""
    if not patched:
        return bad_request(
            f"{kind} in version {_quoted(version)} cannot be handled as a {kind}: {problem}"
        )
    ordered = {name: manifest[name] for name in sorted(manifest)}
    metadata = manifest.get("metadata")
    if isinstance(metadata, dict):
        ordered["metadata"] = dict(sorted(metadata.items(), key=_go_order))
    shown = _quoted(orjson.dumps(ordered).decode())
    cause = Cause("FieldValueInvalid", f"Invalid value: {shown}: {problem}", "patch")
    return invalid("", "", "", [cause])


def _not_converted(manifest: Manifest, problem: str) -> Refusal:
    """500: an applied object that its Go type does not take."""
    metadata = manifest.get("metadata") or {}
    name = f"{metadata.get('namespace', '')}/{metadata.get('name', '')}"
    version = manifest["apiVersion"]
    versioned = f"{version if '/' in version else '/' + version}, Kind={manifest['kind']}"
    text = f"unable to convert unstructured object to {versioned}: {problem}"
    # A time is read by its own type, which does not know the field.
    text = re.sub(
        r"Go struct field \S*[tT]ime(stamp)? of type string", "Go value of type string", text
    )
    return Refusal(
        500, "", f"failed to convert new object ({name}; {versioned}) to proper version: {text}"
    )


_METADATA_FIELDS = (
    "name", "generateName", "namespace", "selfLink", "uid", "resourceVersion", "generation",
    "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "labels", "annotations",
    "ownerReferences", "finalizers", "managedFields",
)  # fmt: skip


def _go_order(item: tuple[str, Any]) -> int:
    """The place of a metadata field in Go's struct, which is the order in which it is printed."""
    return _METADATA_FIELDS.index(item[0]) if item[0] in _METADATA_FIELDS else -1


def check(
    type_: ResourceType, manifest: Manifest, old: Manifest | None, *, subresource: str = ""
) -> None:
    """Applies the type's schema and rules.

    Raises:
        Refusal: 422 with one cause for each mistake.
    """
    gvk = (type_.group, type_.version, type_.kind)
    errors: list[Any] = []
    if type_.custom is not None:
        found = validation.validate(manifest, type_.schema)
        errors += [_of_status(each) for each in found] if subresource == "status" else found
    elif type_.kind == "CustomResourceDefinition" and not subresource:
        errors += validation.validate_crd(manifest, old)
        if old is None:
            errors += validation.stored_version_errors(manifest)
    if subresource != "status":
        errors += validation.validate_rules(manifest, gvk, old=old)
    elif type_.custom is None and old is not None:
        errors += validation.validate_status(manifest, gvk, old)
    if type_.custom is not None and type_.custom.scale:
        errors += validation.scale_errors(manifest, type_.custom.scale)
    if errors:
        name = manifest["metadata"].get("name", "")
        raise invalid(type_.storage.group, type_.kind, name, causes(errors))


def _of_status(error: Any) -> Any:
    """Writes to a status subresource are judged from the status down; the texts show it."""
    if not error.field.startswith("status."):
        return error
    below = error.field.removeprefix("status.")
    return error._replace(
        message=error.message.replace(f"{error.field} in body", f"{below} in body")
    )


def causes(errors: Iterable[Any]) -> Sequence[Cause]:
    """Field errors as `details.causes`."""
    return [Cause(each.type, each.message, each.field) for each in errors]
