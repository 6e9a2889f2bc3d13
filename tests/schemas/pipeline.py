"""The order in which a server calls the pure functions; enough of a server to replay answers.

In: recorded steps. Out: `(status, body)` as a server would answer. Objects live in a dict; nothing
is served.
"""

from __future__ import annotations

import copy
import json
from typing import Any

from katalogc.localcluster import structured_merge, validation
from katalogc.localcluster.patches import (
    PatchError,
    json_patch,
    merge_patch,
    strategic_merge_patch,
)
from katalogc.openapi import catalogue
from katalogc.openapi.schema import Schema
from katalogc.openapi.zero_values import zero_value

NOW = "2026-01-01T00:00:00Z"


class RefusedError(Exception):
    def __init__(self, status: int, reason: str | None, message: str) -> None:
        super().__init__(message)
        self.status, self.reason, self.message = status, reason, message


class Server:
    def __init__(self, crds: list[dict[str, Any]] | None = None) -> None:
        self.objects: dict[str, dict[str, Any]] = {}
        self.crds = crds or []

    def handle(self, step: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        try:
            return self._handle(step)
        except RefusedError as error:
            body = {"kind": "Status", "reason": error.reason, "message": error.message}
            return error.status, body

    def _type(self, group: str, version: str, plural: str) -> tuple[str, Schema]:
        for each in catalogue().resources:
            if (each.group, each.version, each.plural) == (group, version, plural):
                return each.kind, catalogue().schema(group, version, each.kind)
        for crd in self.crds:
            if (crd["spec"]["group"], crd["spec"]["names"]["plural"]) == (group, plural):
                return crd["spec"]["names"]["kind"], validation.crd_schema(crd, version)
        raise AssertionError(plural)

    def _handle(self, step: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        parts = step["path"].strip("/").split("/")
        group, version = ("", parts[1]) if parts[0] == "api" else (parts[1], parts[2])
        rest = parts[2:] if parts[0] == "api" else parts[3:]
        namespace = rest[1] if rest[0] == "namespaces" and len(rest) > 2 else ""
        rest = rest[2:] if namespace else rest
        kind, schema = self._type(group, version, rest[0])
        request = _Request(group, version, kind, schema, namespace, step)
        request.subresource = rest[2] if len(rest) > 2 else ""
        key = "/".join((group, rest[0], namespace, rest[1] if len(rest) > 1 else ""))
        if step["method"] == "POST":
            result, status = request.create(), 201
            key = key + str(result["metadata"].get("name"))
        else:
            live = self.objects.get(key)
            result = request.change(live, rest[1])
            status = 201 if live is None else 200
        if step["query"].get("dryRun") != "All":
            self.objects[key] = result
        return status, result


class _Request:
    def __init__(
        self,
        group: str,
        version: str,
        kind: str,
        schema: Schema,
        namespace: str,
        step: dict[str, Any],
    ) -> None:
        self.group, self.version, self.kind, self.schema = group, version, kind, schema
        self.api_version = f"{group}/{version}" if group else version
        self.namespace, self.step, self.subresource = namespace, step, ""
        self.manager = step["query"].get("fieldManager", "unknown")

    def create(self) -> dict[str, Any]:
        new = self._decode(copy.deepcopy(self.step["body"]))
        return self._checked(self._tracked(None, new), None)

    def change(self, live: dict[str, Any] | None, name: str) -> dict[str, Any]:
        content = self.step["content"]
        if content == "application/apply-patch+yaml":
            return self._apply(live, name)
        assert live is not None
        body = copy.deepcopy(self.step["body"])
        if self.step["method"] == "PUT":
            new = body
        else:
            try:
                if content == "application/json-patch+json":
                    new = json_patch(live, body)
                elif content == "application/merge-patch+json":
                    new = merge_patch(live, body)
                else:
                    new = strategic_merge_patch(live, body, self.schema)
            except PatchError as error:
                raise RefusedError(error.status, error.reason or None, error.message) from error
            new = copy.deepcopy(new)
        new = self._decode(new)
        new = self._reset(live, new)
        return self._checked(self._tracked(live, new), live)

    def _reset(self, live: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
        if self.subresource == "status":
            kept = {"status": new["status"]} if "status" in new else {}
            rows = new["metadata"].get("managedFields")
            metadata = {**live["metadata"], **({"managedFields": rows} if rows else {})}
            rest = {k: v for k, v in live.items() if k != "status"}
            return {**rest, "metadata": metadata, **kept}
        if self.schema.status_subresource:
            kept = {"status": live["status"]} if "status" in live else {}
            return {**{k: v for k, v in new.items() if k != "status"}, **kept}
        return new

    def _apply(self, live: dict[str, Any] | None, name: str) -> dict[str, Any]:
        body = self.step["body"]
        try:
            merged = structured_merge.apply(
                live,
                body,
                manager=self.manager,
                force=self.step["query"].get("force") == "true",
                schema=self.schema,
                api_version=self.api_version,
                subresource=self.subresource,
                now=NOW,
            )
        except structured_merge.FieldConflict as error:
            raise RefusedError(409, "Conflict", error.message) from error
        except structured_merge.ApplyError as error:
            raise RefusedError(error.status, error.reason or None, error.message) from error
        if merged is live:
            return merged
        new = self._decode(copy.deepcopy(merged))
        new = self._initial_status(new) if live is None else self._reset(live, new)
        return self._checked(structured_merge.settle(live, new), live)

    def _decode(self, new: dict[str, Any]) -> dict[str, Any]:
        kind = self.kind
        where = f'{kind} in version "{self.version}" cannot be handled as a {kind}: '
        if problem := validation.decoding_error(new, self.schema, kind):
            raise RefusedError(400, "BadRequest", where + problem)
        unknown = validation.prune(new, self.schema)
        if unknown and self.step["query"].get("fieldValidation") == "Strict":
            listed = ", ".join(f'unknown field "{each}"' for each in unknown)
            raise RefusedError(400, "BadRequest", f"{where}strict decoding error: {listed}")
        new = {"kind": kind, **new, "apiVersion": self.api_version}
        metadata = new.setdefault("metadata", {})
        if self.namespace:
            metadata.setdefault("namespace", self.namespace)
        validation.default(new, self.schema)
        return new

    def _initial_status(self, new: dict[str, Any]) -> dict[str, Any]:
        if not self.schema.status_subresource:
            return new
        bare = {k: v for k, v in new.items() if k != "status"}
        status = zero_value(self.schema).get("status")
        return bare if status is None else {**bare, "status": copy.deepcopy(status)}

    def _tracked(self, live: dict[str, Any] | None, new: dict[str, Any]) -> dict[str, Any]:
        tracked = structured_merge.update(
            live,
            new,
            manager=self.manager,
            schema=self.schema,
            api_version=self.api_version,
            subresource=self.subresource,
            now=NOW,
        )
        return self._initial_status(tracked) if live is None else tracked

    def _checked(self, new: dict[str, Any], old: dict[str, Any] | None) -> dict[str, Any]:
        errors = validation.validate_rules(new, (self.group, self.version, self.kind), old)
        errors += validation.validate(new, self.schema)
        if self.kind == "CustomResourceDefinition":
            errors += validation.validate_crd(new, old)
        if errors:
            # The server lists equal complaints once.
            texts = list(dict.fromkeys(str(each) for each in errors))
            text = texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"
            group = "" if self.kind == "Event" else self.group
            qualified = f"{self.kind}.{group}" if group else self.kind
            name = new["metadata"].get("name", "")
            raise RefusedError(422, "Invalid", f'{qualified} "{name}" is invalid: {text}')
        return new


def as_json(value: Any) -> str:
    return json.dumps(value, sort_keys=True)
