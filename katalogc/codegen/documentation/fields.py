"""The fields of a custom resource as rows of a table: schema and uses in, rows out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from katalogc.codegen.documentation.page import mono
from katalogc.codegen.openapi import Schema, dotted, uses_of_spec
from katalogc.ir import ControllerIR

Row = tuple[str, ...]

DEEPEST = 6
"""Levels of nesting that a page shows; below them stands `object`."""


def spec_rows(schema: Schema, controller: ControllerIR) -> tuple[Row, ...]:
    """Fields of the spec that the schema names or an expression reads: field, type, description."""
    spec: Schema = schema.get("properties", {}).get("spec", {})
    meanings = _feeds(controller)
    if controller.crd is None:  # an inferred schema describes its fields by the same words
        spec = _undescribed(spec)
    rows = {row[0]: row for row in _rows(spec, "spec", meanings)}
    for path, feeds in meanings.items():
        cell = mono(path)
        if cell not in rows and path != "spec":
            rows[cell] = (cell, "any", feeds)
    return tuple(rows.values())


def status_rows(schema: Schema, meanings: Mapping[str, str]) -> tuple[Row, ...]:
    """Every field of the status that the schema names or `meanings` tells: field, type, value."""
    status: Schema = schema.get("properties", {}).get("status", {})
    rows = {row[0]: row for row in _rows(status, "status", meanings) if "[]" not in row[0]}
    for path, meaning in meanings.items():
        rows.setdefault(mono(path), (mono(path), "any", meaning))
    return tuple(rows.values())


def _feeds(controller: ControllerIR) -> dict[str, str]:
    """What each field of the spec goes into, by its dotted path."""
    found: dict[str, list[str]] = {}
    for use in uses_of_spec(controller):
        words = [part for part in use.path if isinstance(part, str)]
        feeds = found.setdefault(dotted(("spec", *words)), [])
        if use.feeds not in feeds:
            feeds.append(use.feeds)
    return {path: f"Feeds {', '.join(feeds)}." for path, feeds in found.items()}


def _rows(
    schema: Schema, prefix: str, meanings: Mapping[str, str], depth: int = 1
) -> Iterator[Row]:
    required = schema.get("required", ())
    for name, each in schema.get("properties", {}).items():
        path = f"{prefix}.{name}"
        description = " ".join(str(each.get("description") or "").split())
        words = [description, *_limits(each, required=name in required), meanings.get(path, "")]
        yield mono(path), _type(each), " ".join(word for word in dict.fromkeys(words) if word)
        if depth < DEEPEST:
            yield from _rows(each, path, meanings, depth + 1)
            if each.get("type") == "array" and isinstance(each.get("items"), dict):
                yield from _rows(each["items"], f"{path}[]", meanings, depth + 1)


def _undescribed(schema: Schema) -> Schema:
    """The schema of an object without the descriptions of its fields."""
    properties = {
        name: {key: value for key, value in _undescribed(each).items() if key != "description"}
        for name, each in schema.get("properties", {}).items()
    }
    return {**schema, "properties": properties} if properties else schema


def _type(schema: Schema) -> str:
    if schema.get("x-kubernetes-int-or-string"):
        return "integer or text" if schema.get("pattern") else "integer or string"
    kind = str(schema.get("type") or "any")
    if kind == "array":
        return f"list of {_type(schema.get('items') or {})}"
    if kind == "object" and isinstance(schema.get("additionalProperties"), dict):
        return f"map of {_type(schema['additionalProperties'])}"
    return kind


def _limits(schema: Schema, *, required: bool) -> Iterator[str]:
    """What a value must obey, in short sentences."""
    if required:
        yield "Required."
    if "default" in schema:
        yield f"Default {mono(json.dumps(schema['default'], ensure_ascii=False))}."
    if schema.get("enum"):
        yield f"One of {', '.join(mono(str(each)) for each in schema['enum'])}."
    least, most = schema.get("minimum"), schema.get("maximum")
    if least is not None and most is not None:
        yield f"From {least} to {most}."
    elif least is not None:
        yield f"At least {least}."
    elif most is not None:
        yield f"At most {most}."
    if schema.get("pattern") and not schema.get("x-kubernetes-int-or-string"):
        yield f"Matches {mono(str(schema['pattern']))}."
