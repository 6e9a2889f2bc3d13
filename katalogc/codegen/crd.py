"""CustomResourceDefinitions: the user's own (`crdFile`), or one inferred from the expressions.

A CRD that the user wrote keeps every word. Added is only what the operator cannot do without and
the file lacks: the status subresource, the status fields that the operator writes (the API server
would drop them), and printer columns where there are none.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from typing import Any

from katalogc.codegen.artifact import Artifact, yaml_artifact
from katalogc.codegen.labels import recommended
from katalogc.codegen.openapi import Schema, root_schema, status_schema
from katalogc.ir import ControllerIR, OperatorIR

MOST_COLUMNS = 3
"""Status fields that a plain `kubectl get` shows; the others appear with `-o wide`."""


def crds(ir: OperatorIR) -> Iterator[Artifact]:
    """`crds/<plural>.<group>.yaml` for every custom resource type."""
    for controller in ir.controllers:
        manifest = custom_resource_definition(ir, controller)
        yield yaml_artifact(f"crds/{manifest['metadata']['name']}.yaml", manifest)


def custom_resource_definition(ir: OperatorIR, controller: ControllerIR) -> dict[str, Any]:
    """The CRD of one controller, as it is applied."""
    if controller.crd is not None:
        return _completed(controller.crd.manifest, controller)
    return _inferred(ir, controller)


def schema_of(ir: OperatorIR, controller: ControllerIR) -> Schema:
    """The OpenAPI schema under which the API server will store the controller's objects."""
    manifest = custom_resource_definition(ir, controller)
    version = _version(manifest, controller.api.version)
    schema: Schema = version.get("schema", {}).get("openAPIV3Schema", {})
    return schema


def _inferred(ir: OperatorIR, controller: ControllerIR) -> dict[str, Any]:
    api = controller.api
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{api.plural}.{api.group}", "labels": recommended(ir)},
        "spec": {
            "group": api.group,
            "names": {
                "kind": api.kind,
                "listKind": f"{api.kind}List",
                "plural": api.plural,
                "singular": api.kind.lower(),
            },
            "scope": "Namespaced" if api.namespaced else "Cluster",
            "versions": [
                {
                    "name": api.version,
                    "served": True,
                    "storage": True,
                    "subresources": {"status": {}},
                    "additionalPrinterColumns": printer_columns(controller),
                    "schema": {"openAPIV3Schema": root_schema(controller)},
                }
            ],
        },
    }


def printer_columns(controller: ControllerIR) -> list[dict[str, Any]]:
    """What `kubectl get` shows: readiness, the declared status fields, the age."""
    columns: list[dict[str, Any]] = []
    if controller.conditions:
        ready = '.status.conditions[?(@.type=="Ready")]'
        columns.append({"name": "Ready", "type": "string", "jsonPath": f"{ready}.status"})
        columns.append(
            {"name": "Reason", "type": "string", "priority": 1, "jsonPath": f"{ready}.reason"}
        )
    columns += _status_columns(controller)
    columns.append({"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"})
    return columns


def _status_columns(controller: ControllerIR) -> Iterator[dict[str, Any]]:
    taken = {"Ready", "Reason", "Age"}
    shown = 0
    for each in controller.status_fields:
        words = [part for part in each.path if isinstance(part, str)]
        # JSONPath has no plain spelling for other keys, nor a column for a list's items.
        if len(words) != len(each.path) or not all(re.fullmatch(r"[\w-]+", word) for word in words):
            continue
        name = "".join(word[:1].upper() + word[1:] for word in words)
        if name in taken:
            continue
        taken.add(name)
        shown += 1
        column: dict[str, Any] = {"name": name, "type": "string"}
        if shown > MOST_COLUMNS:
            column["priority"] = 1
        yield {**column, "jsonPath": ".status." + ".".join(words)}


def _completed(manifest: dict[str, Any], controller: ControllerIR) -> dict[str, Any]:
    """The user's CRD with what the operator needs of the version that it watches."""
    # The server owns `status`; generators of CRDs write an empty one that it refuses.
    completed = copy.deepcopy({key: value for key, value in manifest.items() if key != "status"})
    version = _version(completed, controller.api.version)
    if "status" not in (version.get("subresources") or {}):
        version["subresources"] = {**(version.get("subresources") or {}), "status": {}}
    if not version.get("additionalPrinterColumns"):
        version["additionalPrinterColumns"] = printer_columns(controller)
    schema = version.get("schema", {}).get("openAPIV3Schema")
    if isinstance(schema, dict):
        _allow_status(schema, status_schema(controller))
    return completed


def _version(manifest: dict[str, Any], name: str) -> dict[str, Any]:
    versions: list[dict[str, Any]] = manifest["spec"]["versions"]
    return next(each for each in versions if each["name"] == name)


def _allow_status(root: Schema, written: Schema) -> None:
    """Add to a root schema the status fields that the operator writes and the schema would drop."""
    if _keeps_unknown(root) and "status" not in root.get("properties", {}):
        return
    _merge(root.setdefault("properties", {}).setdefault("status", {"type": "object"}), written)


def _merge(schema: Schema, written: Schema) -> None:
    """Add properties that are missing; what the user declared keeps its form."""
    if _keeps_unknown(schema) or "additionalProperties" in schema:
        return
    properties = schema.setdefault("properties", {})
    for name, wanted in written.get("properties", {}).items():
        if name not in properties:
            properties[name] = copy.deepcopy(wanted)
        elif "properties" in wanted and properties[name].get("type") == "object":
            _merge(properties[name], wanted)


def _keeps_unknown(schema: Schema) -> bool:
    return bool(schema.get("x-kubernetes-preserve-unknown-fields"))
