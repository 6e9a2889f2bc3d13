"""Kubernetes objects as plain dicts, their identities, and the names this operator writes into them.

In: manifests (dicts as decoded from JSON). Out: identities and small derived facts. No I/O, no clock.
"""

from __future__ import annotations

from typing import Any, NamedTuple

Manifest = dict[str, Any]
"""A Kubernetes object as a dict: `apiVersion`, `kind`, `metadata`, and the rest."""

MANAGED_LABEL = "orkestra.orkspace.io/managed"
MANAGED_VALUE = "true"
MANAGED_SELECTOR = f"{MANAGED_LABEL}={MANAGED_VALUE}"
OWNER_LABEL = "orkestra-owner"
FINALIZER = "orkestra.orkspace.io/cleanup"
MANAGED_BY_ANNOTATION = "orkestra.orkspace.io/managed-by"
MANAGED_SINCE_ANNOTATION = "orkestra.orkspace.io/managed-since"
GENERATED_AT_ANNOTATION = "orkestra.orkspace.io/generated-at"
INTENT_ANNOTATION = "katalogc.dev/intent"
"""Digest of the manifest that was last applied: tells after a restart that a field was dropped."""
OWNER_ANNOTATION = "katalogc.dev/owner"
"""On a child that can carry no owner reference: `Kind.group/namespace/name` of its owner."""
TYPES_ANNOTATION = "katalogc.dev/contained-types"
"""What `contains-group-kinds` leaves out: where the API serves kinds that are not built in."""
PART_OF_LABEL = "applyset.kubernetes.io/part-of"
SET_ID_LABEL = "applyset.kubernetes.io/id"
TOOLING_ANNOTATION = "applyset.kubernetes.io/tooling"
GROUP_KINDS_ANNOTATION = "applyset.kubernetes.io/contains-group-kinds"
FIELD_MANAGER = "katalogc"


class NamespacedName(NamedTuple):
    """Identity of one object within its type; `namespace` is empty for cluster-scoped objects."""

    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}" if self.namespace else self.name


class GroupResource(NamedTuple):
    """A resource as RBAC and ApplySet annotations name it; the core group is empty."""

    group: str
    resource: str

    def __str__(self) -> str:
        return f"{self.resource}.{self.group}" if self.group else self.resource


def key_of(manifest: Manifest) -> NamespacedName:
    """The object's namespace and name."""
    metadata = manifest["metadata"]
    return NamespacedName(metadata.get("namespace", ""), metadata["name"])


def with_metadata(manifest: Manifest, **changes: Any) -> Manifest:
    """The object with other fields of its metadata; the given one is left alone."""
    return {**manifest, "metadata": {**manifest["metadata"], **changes}}


def without_managed_fields(manifest: Manifest) -> Manifest:
    """The object without the server's record of who set which field; the given one is left alone."""
    metadata = manifest["metadata"]
    if "managedFields" not in metadata:
        return manifest
    rest = {name: each for name, each in metadata.items() if name != "managedFields"}
    return {**manifest, "metadata": rest}


def controller_of(manifest: Manifest) -> dict[str, Any] | None:
    """The owner reference with `controller: true`, if there is one (at most one may exist)."""
    references: list[dict[str, Any]] = manifest["metadata"].get("ownerReferences") or []
    return next((each for each in references if each.get("controller")), None)


def is_deleting(manifest: Manifest) -> bool:
    """Whether deletion was requested and finalizers still hold the object."""
    return bool(manifest["metadata"].get("deletionTimestamp"))


def has_finalizer(manifest: Manifest, finalizer: str = FINALIZER) -> bool:
    """Whether the object carries `finalizer`."""
    return finalizer in (manifest["metadata"].get("finalizers") or ())
