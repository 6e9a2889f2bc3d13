"""Looking at the cluster's objects and changing them by hand, in one call each: for tests, demo and
commands.

In: kinds and names. Out: manifests, or an `ApiError`. These calls go past the fault script and the
request log: they are the hand of whoever watches the experiment, not a part of it.
"""

from __future__ import annotations

import builtins
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from katalog_runtime.errors import api_error
from katalog_runtime.objects import Manifest
from katalogc.localcluster.api_server import ApiServer
from katalogc.localcluster.authentication import service_account_user
from katalogc.localcluster.operations import ADMIN, Answer, Operation, User
from katalogc.localcluster.resources import ResourceType
from katalogc.localcluster.state import ClusterState, copy_json
from katalogc.localcluster.statuses import Refusal


class ObjectAccess:
    """The part of `LocalCluster` that handles single objects."""

    state: ClusterState
    server: ApiServer

    def type_of(self, kind: str, api_version: str = "") -> ResourceType:
        """The resource type of a kind; without `api_version`, the first group that has the kind.

        Raises:
            LookupError: no such kind is served.
        """
        if api_version:
            found = self.state.registry.of_kind(api_version, kind)
        else:
            found = next((each for each in self.state.registry if each.kind == kind), None)
        if found is None:
            raise LookupError(f"the cluster serves no {kind} {api_version}".rstrip())
        return found

    def ask(self, operation: Operation) -> Answer:
        """Answers one operation.

        Raises:
            ApiError: the API says no.
        """
        try:
            return self.server.handle(operation)
        except Refusal as refusal:
            raise api_error(refusal.status, refusal.body) from refusal

    def get(
        self, kind: str, name: str, *, namespace: str = "default", api_version: str = ""
    ) -> Manifest:
        """One object; an `ApiError` if there is none. Not counted in `requests`."""
        return self._quietly(self._operation("get", kind, api_version, namespace, name=name)).body

    def exists(
        self, kind: str, name: str, *, namespace: str = "default", api_version: str = ""
    ) -> bool:
        """Whether there is such an object."""
        type_ = self.type_of(kind, api_version)
        with self.state.lock:
            where = namespace if type_.namespaced else ""
            return self.state.store.get(type_.storage, where, name) is not None

    def list(
        self,
        kind: str,
        *,
        namespace: str = "",
        label_selector: str = "",
        api_version: str = "",
    ) -> builtins.list[Manifest]:
        """All objects of a kind, of one namespace or of all. Not counted in `requests`."""
        operation = self._operation("list", kind, api_version, namespace)
        answer = self._quietly(replace(operation, label_selector=label_selector))
        items: builtins.list[Manifest] = answer.body["items"]
        return items

    def apply_manifests(
        self,
        manifests: Iterable[Manifest] | str | Path,
        *,
        namespace: str = "default",
        field_manager: str = "kubectl",
    ) -> builtins.list[Manifest]:
        """Applies manifests (objects, YAML text, or a YAML file) server-side, in order.

        Raises:
            ApiError: the API refuses one of them; those before it stay.
        """
        applied = []
        for manifest in as_manifests(manifests):
            type_ = self.type_of(manifest["kind"], manifest["apiVersion"])
            where = manifest.get("metadata", {}).get("namespace") or namespace
            operation = Operation(
                verb="patch",
                type=type_,
                patch="apply",
                namespace=where if type_.namespaced else "",
                name=manifest["metadata"]["name"],
                field_manager=field_manager,
                user_agent=field_manager,
                force=True,
                body=copy_json(manifest),
            )
            applied.append(self._quietly(operation).body)
        return applied

    def patch(
        self,
        kind: str,
        name: str,
        body: Any,
        *,
        namespace: str = "default",
        api_version: str = "",
        subresource: str = "",
        user: str | User = ADMIN,
        field_manager: str = "kubectl-edit",
    ) -> Manifest:
        """A merge patch, as somebody at a terminal would make it. Not counted in `requests`."""
        operation = self._operation("patch", kind, api_version, namespace, name=name)
        return self._quietly(
            replace(
                operation,
                patch="merge",
                body=copy_json(body),
                subresource=subresource,
                user=as_user(user),
                field_manager=field_manager,
            )
        ).body

    def delete(
        self,
        kind: str,
        name: str,
        *,
        namespace: str = "default",
        api_version: str = "",
        propagation: str = "Background",
    ) -> None:
        """Deletes an object, with its dependents by default. Not counted in `requests`."""
        operation = self._operation("delete", kind, api_version, namespace, name=name)
        self._quietly(replace(operation, body={"propagationPolicy": propagation}))

    def _operation(
        self, verb: Any, kind: str, api_version: str, namespace: str, *, name: str = ""
    ) -> Operation:
        type_ = self.type_of(kind, api_version)
        where = namespace if type_.namespaced else ""
        return Operation(
            verb=verb, type=type_, namespace=where, name=name, user_agent="localcluster"
        )

    def _quietly(self, operation: Operation) -> Answer:
        """Like `ask`, past the fault script and the request log: the test's own hand."""
        try:
            return self.server.handle_quietly(operation)
        except Refusal as refusal:
            raise api_error(refusal.status, refusal.body) from refusal


def as_user(user: str | User) -> User:
    """A user by name; service accounts get their groups."""
    if isinstance(user, User):
        return user
    parts = user.split(":")
    if parts[:2] == ["system", "serviceaccount"] and len(parts) == 4:
        return service_account_user(parts[2], parts[3])
    if user in ("admin", ADMIN.name):
        return ADMIN
    return User(name=user, groups=("system:authenticated",))


def as_manifests(source: Iterable[Manifest] | str | Path) -> list[Manifest]:
    """Objects from whatever `apply_manifests` takes; a `List` counts as its items."""
    if isinstance(source, Path):
        source = source.read_text()
    if isinstance(source, str):
        from katalogc.localcluster.bodies import parse_yaml_documents

        found = parse_yaml_documents(source)
    else:
        found = list(source)
    manifests: list[Manifest] = []
    for each in found:
        if str(each.get("kind", "")).endswith("List") and "items" in each:
            manifests += each["items"]
        else:
            manifests.append(each)
    return manifests
