"""CustomResourceDefinitions at work: names accepted, types served, instances removed with their
definition.

In: changes of the store. Out: conditions on the definition, types in the registry. What the API
server does in `apiextensions-apiserver` (naming, establishing and finalizing controllers), at once
instead of eventually.
"""

from __future__ import annotations

import re
from typing import Any

from katalog_runtime.objects import GroupResource, Manifest
from katalogc.localcluster import structured_merge, validation
from katalogc.localcluster.deletion import CLEANUP, CRDS, delete_object
from katalogc.localcluster.resources import (
    CustomVersion,
    Registry,
    ResourceType,
    Subresource,
)
from katalogc.localcluster.state import ClusterState
from katalogc.localcluster.storage import Change


class CustomResourceController:
    """Keeps the registry in step with the stored definitions."""

    def __init__(self, state: ClusterState) -> None:
        self._state = state
        self._queue: dict[str, None] = {}
        self._terminating: dict[GroupResource, str] = {}

    def observe(self, resource: GroupResource, change: Change) -> None:
        """Takes note of a change; a definition that is gone stops being served at once."""
        if resource == CRDS:
            if change.type == "DELETED":
                spec = change.object["spec"]
                served = GroupResource(spec["group"], spec["names"]["plural"])
                self._terminating.pop(served, None)
                self._state.registry.remove(*served)
                self._state.store.wake(served)
                for _, each in self._state.store.collection(CRDS).select():
                    self._queue[each["metadata"]["name"]] = None
            else:
                self._queue[change.object["metadata"]["name"]] = None
        elif change.type == "DELETED" and resource in self._terminating:
            self._queue[self._terminating[resource]] = None

    def rebuild(self) -> None:
        """Serves every stored definition (after a snapshot was loaded)."""
        for _, definition in self._state.store.collection(CRDS).select():
            if _is_true(definition, "Established"):
                register(self._state.registry, definition)
            self._queue[definition["metadata"]["name"]] = None

    def work(self) -> bool:
        """Does one step; False when there is nothing to do."""
        if not self._queue:
            return False
        name = next(iter(self._queue))
        del self._queue[name]
        definition = self._state.store.get(CRDS, "", name)
        if definition is not None:
            if definition["metadata"].get("deletionTimestamp"):
                self._terminate(definition)
            else:
                self._establish(definition)
        return True

    def _establish(self, definition: Manifest) -> None:
        now = self._state.now()
        names = definition["spec"]["names"]
        accepted, reason, message = self._judge(definition)
        status = dict(definition.get("status") or {})
        conditions = list(status.get("conditions") or ())
        conditions = _set(conditions, "NamesAccepted", accepted, reason, message, now)
        if accepted:
            text = "the initial names have been accepted"
            conditions = _set(conditions, "Established", True, "InitialNamesAccepted", text, now)
            status["acceptedNames"] = names
        elif not _is_true(definition, "Established"):
            text = "not all names are accepted"
            conditions = _set(conditions, "Established", False, "NotAccepted", text, now)
        status["conditions"] = conditions
        changed = definition
        if status != definition.get("status"):
            changed = self._put_status(definition, status)
        if accepted:
            register(self._state.registry, changed)

    def _judge(self, definition: Manifest) -> tuple[bool, str, str]:
        """Whether the names are free: built-in types of the group, and older definitions, come
        first."""
        spec = definition["spec"]
        group, names = spec["group"], spec["names"]
        for other in self._state.registry:
            mine = other.custom is not None and (
                other.custom.crd_name == definition["metadata"]["name"]
            )
            if other.group != group or mine:
                continue
            for text, wanted, taken in (
                ("Plural", names["plural"], {other.plural}),
                ("Singular", names.get("singular"), {other.plural, other.singular}),
                ("Kind", names["kind"], {other.kind, other.list_kind}),
            ):
                if wanted in taken:
                    return False, f"{text}Conflict", f'"{wanted}" is already in use'
        return True, "NoConflicts", "no conflicts found"

    def _terminate(self, definition: Manifest) -> None:
        spec = definition["spec"]
        resource = GroupResource(spec["group"], spec["names"]["plural"])
        metadata = definition["metadata"]
        if CLEANUP not in (metadata.get("finalizers") or ()):
            return
        self._terminating[resource] = metadata["name"]
        if _is_true(definition, "Established"):
            register(self._state.registry, definition, terminating=True)
        left = self._delete_instances(resource)
        if left:
            status = dict(definition.get("status") or {})
            status["conditions"] = _set(
                list(status.get("conditions") or ()),
                "Terminating",
                True,
                "InstanceDeletionInProgress",
                "CustomResource deletion is in progress",
                self._state.now(),
            )
            if status != definition.get("status"):
                self._put_status(definition, status)
            return
        finalizers = [each for each in metadata["finalizers"] if each != CLEANUP]
        if finalizers:
            changed = {**definition, "metadata": {**metadata, "finalizers": finalizers}}
            self._state.store.put(CRDS, changed)
        else:
            self._state.store.remove(CRDS, "", metadata["name"])

    def _put_status(self, definition: Manifest, status: Manifest) -> Manifest:
        type_ = self._state.registry.stored_as(CRDS)
        changed = {**definition, "status": status, "metadata": dict(definition["metadata"])}
        if type_ is not None:
            changed = structured_merge.update(
                definition,
                changed,
                manager="apiserver",
                schema=type_.schema,
                api_version=type_.api_version,
                subresource="status",
                now=self._state.now(),
            )
        return self._state.store.put(CRDS, {**changed, "metadata": dict(changed["metadata"])})

    def _delete_instances(self, resource: GroupResource) -> int:
        type_ = self._state.registry.stored_as(resource)
        if type_ is None:
            return 0
        left = 0
        for _, manifest in list(self._state.store.collection(resource).select()):
            _, gone = delete_object(self._state, type_, manifest, {})
            left += not gone
        return left


def _is_true(definition: Manifest, condition: str) -> bool:
    conditions = (definition.get("status") or {}).get("conditions") or ()
    return any(each["type"] == condition and each["status"] == "True" for each in conditions)


def _set(
    conditions: list[Manifest], name: str, holds: bool, reason: str, message: str, now: str
) -> list[Manifest]:
    status = "True" if holds else "False"
    for position, each in enumerate(conditions):
        if each["type"] == name:
            if (each["status"], each["reason"], each["message"]) == (status, reason, message):
                return conditions
            since = each["lastTransitionTime"] if each["status"] == status else now
            conditions[position] = _condition(name, status, reason, message, since)
            return conditions
    return [*conditions, _condition(name, status, reason, message, now)]


def _condition(name: str, status: str, reason: str, message: str, since: str) -> Manifest:
    return {
        "type": name,
        "status": status,
        "lastTransitionTime": since,
        "reason": reason,
        "message": message,
    }


def register(registry: Registry, definition: Manifest, *, terminating: bool = False) -> None:
    """Serves all `served` versions of a definition."""
    spec = definition["spec"]
    names = spec["names"]
    storage = next(each["name"] for each in spec["versions"] if each["storage"])
    registry.remove(spec["group"], names["plural"])
    newest = next((each["name"] for each in spec["versions"] if each["served"]), "")
    schemas = {
        each["name"]: validation.crd_schema(definition, each["name"]) for each in spec["versions"]
    }
    for version in spec["versions"]:
        # An unserved storage version is still what objects are stored as; it has no path.
        if version["served"]:
            type_ = _type(definition, version, storage, newest, schemas, terminating=terminating)
            registry.add(type_)


def _type(
    definition: Manifest,
    version: Manifest,
    storage: str,
    newest: str,
    schemas: dict[str, Any],
    *,
    terminating: bool,
) -> ResourceType:
    spec = definition["spec"]
    names = spec["names"]
    declared = version.get("subresources") or {}
    subresources: dict[str, Subresource] = {}
    if "status" in declared:
        subresources["status"] = Subresource(
            name="status",
            kind=names["kind"],
            group=spec["group"],
            version=version["name"],
            verbs=("get", "patch", "update"),
        )
    if "scale" in declared:
        subresources["scale"] = Subresource(
            name="scale",
            kind="Scale",
            group="autoscaling",
            version="v1",
            verbs=("get", "patch", "update"),
        )
    warning = ""
    if version.get("deprecated"):
        name = f"{spec['group']}/{version['name']} {names['kind']}"
        default = f"{name} is deprecated"
        if newest != version["name"]:
            default += f"; use {spec['group']}/{newest} {names['kind']}"
        warning = version.get("deprecationWarning") or default
    return ResourceType(
        group=spec["group"],
        version=version["name"],
        kind=names["kind"],
        plural=names["plural"],
        singular=names.get("singular") or names["kind"].lower(),
        namespaced=spec["scope"] == "Namespaced",
        short_names=tuple(names.get("shortNames") or ()),
        categories=tuple(names.get("categories") or ()),
        subresources=subresources,
        list_kind=names.get("listKind") or f"{names['kind']}List",
        custom=CustomVersion(
            crd_name=definition["metadata"]["name"],
            storage_version=storage,
            schema=schemas[version["name"]],
            stored_schema=schemas[storage],
            printer_columns=tuple(version.get("additionalPrinterColumns") or ()),
            scale=declared.get("scale"),
            selectable_fields={
                each["jsonPath"].lstrip("."): _path(each["jsonPath"])
                for each in version.get("selectableFields") or ()
            },
            deprecation_warning=warning,
            terminating=terminating,
        ),
    )


def _path(json_path: str) -> tuple[str, ...]:
    return tuple(part for part in re.split(r"\.", json_path) if part)


def scale_paths(scale: Manifest) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """The paths of spec.replicas, status.replicas and the label selector of a custom scale."""
    selector: Any = scale.get("labelSelectorPath") or ""
    return _path(scale["specReplicasPath"]), _path(scale["statusReplicasPath"]), _path(selector)
