"""Tables and partial objects: the forms in which `kubectl get` and metadata informers ask for
objects.

In: full objects. Out: `meta.k8s.io/v1` Table, PartialObjectMetadata and their lists. No I/O; the
moment is an argument, because ages are computed here as the API server does.
"""

from __future__ import annotations

import gzip
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson

from katalog_runtime.objects import Manifest
from katalogc.localcluster import json_path
from katalogc.localcluster.conversion import to_stored
from katalogc.localcluster.printer_cells import since
from katalogc.localcluster.printer_columns import (
    COLUMNS,
    DEFAULT_COLUMNS,
    NAME,
    Column,
)
from katalogc.localcluster.resources import ResourceType

_DATA = Path(__file__).with_name("printer_columns.json.gz")


@lru_cache(maxsize=1)
def _built_in_definitions() -> dict[str, list[Manifest]]:
    """The `columnDefinitions` of built-in resources, as kube-apiserver 1.36 gave them."""
    found: dict[str, list[Manifest]] = orjson.loads(gzip.decompress(_DATA.read_bytes()))
    return found


def columns_of(type_: ResourceType) -> tuple[Column, ...]:
    """The columns of a type: its CRD's, or the built-in ones."""
    if type_.custom is None:
        return COLUMNS.get((type_.group, type_.plural), DEFAULT_COLUMNS)
    declared = type_.custom.printer_columns or (
        {"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"},
    )
    return (NAME, *(_custom_column(each) for each in declared))


def _custom_column(declared: Manifest) -> Column:
    path, kind = declared["jsonPath"], declared["type"]

    def cell(manifest: Manifest, now: datetime) -> Any:
        found = json_path.find(path, manifest)
        if not found:
            return None
        return _custom_cell(found[0], kind, now)

    return Column(declared["name"], cell, kind, int(declared.get("priority", 0)))


def _custom_cell(value: Any, kind: str, now: datetime) -> Any:
    match kind:
        case "integer":
            return (
                int(value)
                if isinstance(value, int | float) and not isinstance(value, bool)
                else None
            )
        case "number":
            return value if isinstance(value, int | float) and not isinstance(value, bool) else None
        case "boolean":
            return value if isinstance(value, bool) else None
        case "date":
            return since(value, now)
        case _:
            if isinstance(value, str):
                return value
            return orjson.dumps(value).decode()


def column_definitions(type_: ResourceType) -> list[Manifest]:
    """`columnDefinitions` of a table."""
    known = _built_in_definitions()
    if type_.custom is None:
        by_name = {each["name"]: each for each in known.get(str(type_.resource), ())}
        defaults = {each["name"]: each for each in known["clusterroles.rbac.authorization.k8s.io"]}
        return [by_name.get(column.name) or defaults[column.name] for column in columns_of(type_)]
    name = known["configmaps"][0]
    age = known["configmaps"][-1]
    if not type_.custom.printer_columns:
        return [name, {**age, "type": "date"}]
    return [name, *(_custom_definition(each) for each in type_.custom.printer_columns)]


def _custom_definition(declared: Manifest) -> Manifest:
    text = f"Custom resource definition column (in JSONPath format): {declared['jsonPath']}"
    return {
        "name": declared["name"],
        "type": declared["type"],
        "format": declared.get("format", ""),
        "description": declared.get("description") or text,
        "priority": declared.get("priority", 0),
    }


def table(
    type_: ResourceType,
    manifests: list[Manifest],
    metadata: Manifest,
    now: datetime,
    *,
    version: str = "v1",
    include: str = "Metadata",
    with_columns: bool = True,
) -> Manifest:
    """A Table of objects.

    Args:
        metadata: the list's metadata, or the one object's resource version.
        include: `includeObject`: `Metadata`, `Object` or `None`.
        with_columns: False for all but the first table of a watch.
    """
    columns = columns_of(type_)
    rows: list[Manifest] = []
    for manifest in manifests:
        stored = to_stored(type_, manifest)  # what the columns of two versions have in common
        cells = [column.cell(stored, now) for column in columns]
        row: Manifest = {"cells": cells, "object": None}
        if include == "Object":
            row["object"] = manifest
        elif include == "Metadata":
            row["object"] = partial(manifest, version)
        rows.append(row)
    return {
        "kind": "Table",
        "apiVersion": f"meta.k8s.io/{version}",
        "metadata": metadata,
        "columnDefinitions": column_definitions(type_) if with_columns else None,
        "rows": rows,
    }


def partial(manifest: Manifest, version: str = "v1") -> Manifest:
    """An object's metadata alone."""
    return {
        "kind": "PartialObjectMetadata",
        "apiVersion": f"meta.k8s.io/{version}",
        "metadata": manifest["metadata"],
    }


def partial_list(manifests: list[Manifest], metadata: Manifest, version: str = "v1") -> Manifest:
    """The metadata of many."""
    return {
        "kind": "PartialObjectMetadataList",
        "apiVersion": f"meta.k8s.io/{version}",
        "metadata": metadata,
        # Upstream prints an empty one as null.
        "items": [partial(each, version) for each in manifests] or None,
    }
