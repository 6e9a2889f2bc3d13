"""Which objects belong to an owner, recorded in the cluster itself (ApplySet, KEP-3659).

In: owners and children. Out: labels, references, verdicts on who owns what, and the owner as it is
to be written: marked, released. Pure. Deletion and pruning read this record and never a template.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator
from datetime import datetime
from enum import Enum
from functools import lru_cache
from typing import Any

from katalog_runtime.bundle import ApiType
from katalog_runtime.objects import (
    GROUP_KINDS_ANNOTATION,
    MANAGED_BY_ANNOTATION,
    MANAGED_LABEL,
    MANAGED_SINCE_ANNOTATION,
    MANAGED_VALUE,
    OWNER_ANNOTATION,
    OWNER_LABEL,
    PART_OF_LABEL,
    SET_ID_LABEL,
    TOOLING_ANNOTATION,
    TYPES_ANNOTATION,
    Manifest,
    NamespacedName,
    controller_of,
    key_of,
    with_metadata,
)
from katalog_runtime.rotation import timestamp
from katalog_runtime.standard_types import STANDARD_TYPES, group_kind, is_standard

TOOLING = "katalogc/v1"
"""Names who keeps the set; other ApplySet tools leave sets of foreign tooling alone."""


OWN_NAMES = frozenset(
    {
        MANAGED_LABEL,
        SET_ID_LABEL,
        MANAGED_BY_ANNOTATION,
        MANAGED_SINCE_ANNOTATION,
        TOOLING_ANNOTATION,
        GROUP_KINDS_ANNOTATION,
        TYPES_ANNOTATION,
    }
)
"""Labels and annotations of an owner that we write."""


class Ownership(Enum):
    """Whose child an object is."""

    OURS = "ours"
    STALE = "stale"
    """It belongs to a deleted owner of the same name; garbage collection will remove it."""
    FOREIGN = "foreign"


@lru_cache(maxsize=65536)
def set_id(kind: str, group: str, key: NamespacedName) -> str:
    """The ApplySet id: `applyset-` + base64url(sha256(name.namespace.kind.group)) + `-v1`."""
    text = f"{key.name}.{key.namespace}.{kind}.{group}"
    digest = hashlib.sha256(text.encode()).digest()
    return f"applyset-{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}-v1"


def label_value(name: str) -> str:
    """`name` as a label value: itself up to 63 characters, else its beginning and a digest."""
    if len(name) <= 63:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{name[:54].rstrip('-._')}-{digest}"


def child_labels(owner_name: str, set_identity: str) -> dict[str, str]:
    """The labels by which a child is found, and found to be this owner's."""
    return {
        MANAGED_LABEL: MANAGED_VALUE,
        OWNER_LABEL: label_value(owner_name),
        PART_OF_LABEL: set_identity,
    }


def owner_reference(owner: Manifest) -> dict[str, Any]:
    """A controller reference to `owner`.

    Without `blockOwnerDeletion`: setting it needs `update` on the owner's `finalizers`, and nobody
    waits for our children in the foreground.
    """
    return {
        "apiVersion": owner["apiVersion"],
        "kind": owner["kind"],
        "name": owner["metadata"]["name"],
        "uid": owner["metadata"]["uid"],
        "controller": True,
    }


def may_reference(owner_namespace: str, child: ApiType, child_namespace: str) -> bool:
    """Whether an owner reference is legal: within one namespace, or to a cluster-scoped owner."""
    return not owner_namespace or (child.namespaced and child_namespace == owner_namespace)


def owner_note(owner: Manifest) -> str:
    """What stands on a child in place of an owner reference that it cannot carry.

    Its ApplySet label is a digest: it finds the children of an owner, and no owner of a child.
    """
    namespace, name = key_of(owner)
    return f"{owner['kind']}.{_group(owner['apiVersion'])}/{namespace}/{name}"


def noted_owner(child: Manifest, kind: str, group: str) -> NamespacedName | None:
    """The owner of that type that the child's note names, if its label says the same."""
    metadata = child["metadata"]
    note = (metadata.get("annotations") or {}).get(OWNER_ANNOTATION, "")
    of, _, rest = note.partition("/")
    namespace, _, name = rest.partition("/")
    if of != f"{kind}.{group}" or not name:
        return None
    key = NamespacedName(namespace, name)
    labels = metadata.get("labels") or {}
    return key if labels.get(PART_OF_LABEL) == set_id(kind, group, key) else None


def ownership(child: Manifest, owner: Manifest, set_identity: str) -> Ownership:
    """Whose child this is: its controller reference decides, without one our labels do."""
    reference = controller_of(child)
    if reference is not None:
        if reference.get("uid") == owner["metadata"]["uid"]:
            return Ownership.OURS
        same_name = (
            reference.get("kind") == owner["kind"]
            and reference.get("name") == owner["metadata"]["name"]
            and _group(str(reference.get("apiVersion"))) == _group(owner["apiVersion"])
        )
        return Ownership.STALE if same_name else Ownership.FOREIGN
    labels = child["metadata"].get("labels") or {}
    if labels.get(PART_OF_LABEL) == set_identity:
        return Ownership.OURS
    # Children of the reference runtime carry no set id, only these two labels.
    ours = (
        PART_OF_LABEL not in labels
        and labels.get(MANAGED_LABEL) == MANAGED_VALUE
        and labels.get(OWNER_LABEL) == label_value(owner["metadata"]["name"])
    )
    return Ownership.OURS if ours else Ownership.FOREIGN


def describe_controller(child: Manifest) -> str:
    """Who holds the object, for a message."""
    reference = controller_of(child)
    if reference is not None:
        return f"{reference.get('kind')} {reference.get('name')}"
    labels = child["metadata"].get("labels") or {}
    holder = labels.get("app.kubernetes.io/managed-by")
    return f"{holder}" if holder else "nobody we know"


def types_text(apis: Iterable[ApiType]) -> str:
    """The types as the owner records them, sorted: `Widget:demo.io/v1/widgets`, with `:Cluster`
    after those of cluster scope."""
    return ",".join(
        sorted(
            f"{api.kind}:{api.api_version}/{api.plural}{'' if api.namespaced else ':Cluster'}"
            for api in {api.group_resource: api for api in apis}.values()
        )
    )


def recorded_types(owner: Manifest) -> tuple[ApiType, ...]:
    """The types that the owner records; what cannot be read is passed over."""
    annotations = owner["metadata"].get("annotations") or {}
    kinds = annotations.get(GROUP_KINDS_ANNOTATION, "") if _is_ours(annotations) else ""
    return _read_record(kinds, annotations.get(TYPES_ANNOTATION, ""))


def _is_ours(annotations: dict[str, str]) -> bool:
    """Whether the recorded kinds are ours, and not another tool's; nobody's we sign with the next
    write."""
    return annotations.get(TOOLING_ANNOTATION, TOOLING) == TOOLING


@lru_cache(maxsize=1024)
def _read_record(kinds: str, types: str) -> tuple[ApiType, ...]:
    found = {group_kind(each): each for each in _read_types(types)}
    for kind in kinds.split(","):
        standard = STANDARD_TYPES.get(kind)
        if standard is not None:
            found.setdefault(kind, standard)
    return tuple(found.values())


def _read_types(text: str) -> Iterator[ApiType]:
    for entry in text.split(","):
        kind, _, rest = entry.partition(":")
        path, _, scope = rest.partition(":")
        parts = path.split("/")
        if kind and len(parts) in (2, 3) and all(parts):
            group = parts[0] if len(parts) == 3 else ""
            yield ApiType(
                group=group,
                version=parts[-2],
                kind=kind,
                plural=parts[-1],
                namespaced=scope != "Cluster",
            )


def retired_types(owner: Manifest, apis: tuple[ApiType, ...]) -> tuple[ApiType, ...]:
    """Types of which the owner may still have children, though nothing makes them any more."""
    recorded = recorded_types(owner)
    if not recorded:
        return ()
    kept = {api.group_resource for api in apis}
    return tuple(api for api in recorded if api.group_resource not in kept)


@lru_cache(maxsize=1024)
def _record_of(apis: tuple[ApiType, ...], *, ours: bool) -> dict[str, str]:
    """The annotations that record these types.

    The paths of standard types need no record, if we are to read the kinds: see `_is_ours`.
    """
    # All owners of a type record the same few types, in every reconcile.
    record = {GROUP_KINDS_ANNOTATION: ",".join(sorted({group_kind(api) for api in apis}))}
    types = types_text(api for api in apis if not (ours and is_standard(api)))
    return {**record, TYPES_ANNOTATION: types} if types else record


def recording(owner: Manifest, apis: Iterable[ApiType]) -> Manifest:
    """The owner with a record of these types in place of the one that it has."""
    annotations = owner["metadata"].get("annotations") or {}
    record = _record_of(tuple(apis), ours=_is_ours(annotations))
    return with_metadata(owner, annotations={**_without_types(annotations), **record})


def _without_types(annotations: dict[str, str]) -> dict[str, str]:
    return {name: text for name, text in annotations.items() if name != TYPES_ANNOTATION}


def marked(
    owner: Manifest,
    *,
    finalizers: tuple[str, ...],
    apis: tuple[ApiType, ...],
    set_identity: str,
    operator_name: str,
    now: datetime,
) -> Manifest | None:
    """The owner with all that it needs before anything is made for it; None if nothing is missing.

    Finalizers, labels and annotations in one write. The recorded kinds only ever grow here: a kind
    is recorded before its first object exists, so that no crash can orphan one.
    """
    metadata = owner["metadata"]
    present = metadata.get("finalizers") or []
    labels = metadata.get("labels") or {}
    annotations = metadata.get("annotations") or {}
    changes: dict[str, Any] = {}
    missing = [each for each in finalizers if each not in present]
    if missing:
        changes["finalizers"] = [*present, *missing]
    wanted_labels = {MANAGED_LABEL: MANAGED_VALUE, SET_ID_LABEL: set_identity}
    if any(labels.get(name) != value for name, value in wanted_labels.items()):
        changes["labels"] = {**labels, **wanted_labels}
    wanted: dict[str, str] = {}
    if MANAGED_BY_ANNOTATION not in annotations:
        wanted[MANAGED_BY_ANNOTATION] = operator_name
    if MANAGED_SINCE_ANNOTATION not in annotations:
        wanted[MANAGED_SINCE_ANNOTATION] = timestamp(now)
    if TOOLING_ANNOTATION not in annotations:
        wanted[TOOLING_ANNOTATION] = TOOLING
    record = _record_of((*apis, *retired_types(owner, apis)), ours=_is_ours(annotations))
    served = {api.group_resource: api for api in apis}
    moved = any(served.get(each.group_resource, each) != each for each in recorded_types(owner))
    if moved:
        # At another version than before, whose path has to go even if the new one needs none.
        annotations = _without_types(annotations)
    if moved or any(annotations.get(name) != text for name, text in record.items()):
        wanted.update(record)
    if wanted:
        changes["annotations"] = {**annotations, **wanted}
    return with_metadata(owner, **changes) if changes else None


def released(owner: Manifest, finalizers: tuple[str, ...]) -> Manifest | None:
    """The deleted owner without our finalizers, or None if nothing of ours holds it."""
    present = owner["metadata"].get("finalizers") or []
    rest = [each for each in present if each not in finalizers]
    return with_metadata(owner, finalizers=rest) if len(rest) < len(present) else None


def restoration(wanted: Manifest, found: Manifest) -> dict[str, Any] | None:
    """A guarded merge patch that gives an object its labels and owner reference back, or None."""
    mine, theirs = wanted["metadata"], found["metadata"]
    labels = theirs.get("labels") or {}
    missing = {name: text for name, text in mine["labels"].items() if labels.get(name) != text}
    references = theirs.get("ownerReferences") or []
    uids = {each.get("uid") for each in references}
    lacking = [each for each in mine.get("ownerReferences") or () if each["uid"] not in uids]
    if not missing and not lacking:
        return None
    patch: dict[str, Any] = {"resourceVersion": theirs["resourceVersion"]}
    if missing:
        patch["labels"] = missing
    if lacking:
        patch["ownerReferences"] = [*references, *lacking]
    return {"metadata": patch}


def _group(api_version: str) -> str:
    return api_version.partition("/")[0] if "/" in api_version else ""
