"""Rules of `metadata`: names, labels, annotations, owners, finalizers, and what must not change.

In: objects. Out: `FieldError`s. Source: `apimachinery/pkg/api/validation/objectmeta.go`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from katalogc.localcluster.validation.field_errors import (
    FieldError,
    forbidden,
    invalid,
    required,
    too_long,
)
from katalogc.localcluster.validation.rules.names import (
    dns_subdomain,
    label_value,
    name_prefix,
    object_name,
    qualified_name,
)

Manifest = dict[str, Any]
IMMUTABLE = "field is immutable"
_MAX_ANNOTATIONS = 256 * 1024
_STANDARD_FINALIZERS = ("foregroundDeletion", "kubernetes", "orphan")


def metadata_errors(obj: Manifest, group: str, kind: str) -> Iterator[FieldError]:
    """Everything wrong with the metadata of one object."""
    metadata = obj.get("metadata") or {}
    check = object_name(group, kind)
    check_prefix = name_prefix(group, kind)
    name, prefix = metadata.get("name", ""), metadata.get("generateName", "")
    if prefix:
        # The server checks a prefix with a letter in place of a trailing hyphen.
        probe = prefix[:-1] + "a" if prefix.endswith("-") else prefix
        yield from (invalid("metadata.generateName", prefix, each) for each in check_prefix(probe))
    if not name:
        yield required("metadata.name", "name or generateName is required")
    else:
        yield from (invalid("metadata.name", name, each) for each in check(name))
    if namespace := metadata.get("namespace", ""):
        from katalogc.localcluster.validation.rules.names import dns_label

        yield from (invalid("metadata.namespace", namespace, each) for each in dns_label(namespace))
    yield from label_errors(metadata.get("labels"), "metadata.labels")
    yield from annotation_errors(metadata.get("annotations"), "metadata.annotations")
    yield from _owner_errors(metadata.get("ownerReferences") or ())
    finalizers = metadata.get("finalizers") or ()
    for each in finalizers:
        yield from (invalid("metadata.finalizers", each, text) for text in qualified_name(each))
    if "orphan" in finalizers and "foregroundDeletion" in finalizers:
        text = "finalizer orphan and foregroundDeletion cannot be both set"
        yield invalid("metadata.finalizers", list(finalizers), text)
    if group == "apiextensions.k8s.io" or ("." in group and not group.endswith(".k8s.io")):
        return  # definitions and custom resources: only the built-in API groups go on
    for index, each in enumerate(finalizers):
        if "/" not in each and each not in _STANDARD_FINALIZERS:
            text = "name is neither a standard finalizer name nor is it fully qualified"
            yield invalid(f"metadata.finalizers[{index}]", each, text)


def label_errors(labels: Any, path: str) -> Iterator[FieldError]:
    """Keys and values of a map of labels."""
    for key, value in sorted((labels or {}).items()):
        yield from (invalid(path, key, each) for each in qualified_name(key))
        yield from (invalid(path, value, each) for each in label_value(value or ""))


def annotation_errors(annotations: Any, path: str) -> Iterator[FieldError]:
    """Keys and the total size of a map of annotations."""
    size = 0
    for key, value in sorted((annotations or {}).items()):
        # Annotation keys may hold capitals, even in their prefix.
        yield from (invalid(path, key, each) for each in qualified_name(key.lower()))
        size += len(key.encode()) + len((value or "").encode())
    if size > _MAX_ANNOTATIONS:
        yield too_long(path, f"may not be more than {_MAX_ANNOTATIONS} bytes")


def _owner_errors(references: Any) -> Iterator[FieldError]:
    path = "metadata.ownerReferences"
    controllers: list[str] = []
    for reference in references:
        version = reference.get("apiVersion", "")
        if not version.rpartition("/")[2] or version.count("/") > 1:
            yield invalid(f"{path}.apiVersion", version, "version must not be empty")
        for field in ("kind", "name", "uid"):
            if not reference.get(field):
                yield invalid(f"{path}.{field}", reference.get(field, ""), "must not be empty")
        if reference.get("apiVersion") == "v1" and reference.get("kind") == "Event":
            yield invalid(path, reference, "/v1, Kind=Event is disallowed from being an owner")
        if reference.get("controller"):
            controllers.append(f"{reference.get('kind', '')}/{reference.get('name', '')}")
    if len(controllers) > 1:
        text = (
            'Only one reference can have Controller set to true. Found "true" in references for '
            f"{controllers[0]} and {controllers[1]}"
        )
        yield invalid(path, [_in_go_order(each) for each in references], text)


def _in_go_order(reference: dict[str, Any]) -> dict[str, Any]:
    order = ("apiVersion", "kind", "name", "uid", "controller", "blockOwnerDeletion")
    return {field: reference[field] for field in order if field in reference}


def update_errors(obj: Manifest, old: Manifest) -> Iterator[FieldError]:
    """What may not change between two states of one object."""
    new_metadata, old_metadata = obj.get("metadata") or {}, old.get("metadata") or {}
    for field in ("name", "namespace", "uid", "creationTimestamp"):
        given, before = new_metadata.get(field, ""), old_metadata.get(field, "")
        if given != before and not (field in ("uid", "creationTimestamp") and not given):
            yield invalid(f"metadata.{field}", given, IMMUTABLE)
    for field in ("deletionTimestamp", "deletionGracePeriodSeconds"):
        yield from immutable(new_metadata.get(field), old_metadata.get(field), f"metadata.{field}")
    if old_metadata.get("deletionTimestamp"):
        added = set(new_metadata.get("finalizers") or ()) - set(
            old_metadata.get("finalizers") or ()
        )
        if added:
            listed = ", ".join(f'"{each}"' for each in sorted(added))
            text = (
                "no new finalizers can be added if the object is being deleted, found new "
                "finalizers "
                f"[]string{{{listed}}}"
            )
            yield forbidden("metadata.finalizers", text)


def immutable(new: Any, old: Any, path: str) -> Iterator[FieldError]:
    """A field that keeps its first value."""
    if new != old:
        yield invalid(path, new, IMMUTABLE)


def name_errors(value: Any, path: str) -> Iterator[FieldError]:
    """A reference to an object whose name is a DNS subdomain."""
    if value:
        yield from (invalid(path, value, each) for each in dns_subdomain(value))
