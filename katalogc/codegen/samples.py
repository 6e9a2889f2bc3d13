"""One valid custom resource per CRD, made from its schema: required fields and those that are read.

Values come from the schema first (`example`, `default`, `enum`), then from the field's name, and
are fitted into the schema's own limits. An optional field whose type is unknown is left out: an
absent field is empty text to an expression, a wrong one is an error.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

import re2

from katalogc.codegen.artifact import Artifact, yaml_artifact
from katalogc.codegen.crd import schema_of
from katalogc.codegen.openapi import Schema, uses_of_spec
from katalogc.ir import ControllerIR, OperatorIR

_NAME = "demo"
_LONGEST_NAME = 40
"""Children append to the name of their owner, and most names end at 63 characters."""

Path = tuple[str, ...]

_TEXT_BY_WORD: Mapping[str, str] = {
    "image": "nginx:1.29",
    "schedule": "0 2 * * *",
    "cron": "0 2 * * *",
    "timezone": "UTC",
    "timeout": "1h",
    "interval": "30s",
    "duration": "30s",
    "after": "30d",
    "host": "demo.example.com",
    "domain": "demo.example.com",
    "url": "https://demo.example.com",
    "endpoint": "https://demo.example.com",
    "email": "demo@example.com",
    "version": "v1",
    "memory": "128Mi",
    "storage": "1Gi",
    "size": "10",
    "count": "3",
    "cpu": "100m",
    "namespace": "default",
    "path": "/",
    "port": "8080",
}
_NUMBER_BY_WORD: Mapping[str, int] = {
    "port": 8080,
    "replicas": 2,
    "workers": 2,
    "parallelism": 2,
    "size": 10,
    "count": 3,
}
_TEXT_BY_FORMAT: Mapping[str, str] = {
    "date-time": "2026-01-01T00:00:00Z",
    "date": "2026-01-01",
    "duration": "1h",
    "email": "demo@example.com",
    "uri": "https://demo.example.com",
    "hostname": "demo.example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "cidr": "192.0.2.0/24",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "byte": "ZGVtbw==",
}
_QUIET = re2.Options()
_QUIET.log_errors = False
_CANDIDATES = (
    "demo",
    "Demo",
    "a",
    "A",
    "1",
    "10",
    "1h",
    "30s",
    "1Gi",
    "v1",
    "1.0.0",
    "demo:1",
    "demo@example.com",
    "demo.example.com",
    "https://demo.example.com",
    "demo/demo",
    "0 2 * * *",
    "2026-01-01",
    "192.0.2.1",
    "100m",
    "/",
)


def samples(ir: OperatorIR) -> Iterator[Artifact]:
    """`samples/<crd>.yaml` for every custom resource type."""
    for controller in ir.controllers:
        yield yaml_artifact(f"samples/{controller.name}.yaml", sample(ir, controller))


def sample(ir: OperatorIR, controller: ControllerIR) -> dict[str, Any]:
    """A custom resource that the API server accepts, with a value for every plain expression."""
    api = controller.api
    namespace = controller.namespaces[0] if controller.namespaces else "default"
    spec_schema = schema_of(ir, controller).get("properties", {}).get("spec", {})
    wanted = frozenset(_paths_read(controller))
    spec = _object(spec_schema, wanted) if spec_schema else _from_paths(wanted)
    return {
        "apiVersion": api.api_version,
        "kind": api.kind,
        "metadata": {
            "name": _name(ir, controller),
            **({"namespace": namespace} if api.namespaced else {}),
        },
        **({"spec": spec} if spec else {}),
    }


def _name(ir: OperatorIR, controller: ControllerIR) -> str:
    """One of its own where there are several types: their children's names may end alike."""
    if len(ir.controllers) == 1:
        return _NAME
    return f"{_NAME}-{controller.name}"[:_LONGEST_NAME].rstrip("-")


def _paths_read(controller: ControllerIR) -> Iterator[Path]:
    """Every field that an expression reads, with the fields above it."""
    for use in uses_of_spec(controller):
        words: Path = ()
        for part in use.path:
            if not isinstance(part, str):
                break
            words = (*words, part)
            yield words


def _from_paths(wanted: frozenset[Path]) -> dict[str, Any]:
    """A spec for a schema that says nothing of its fields."""
    below = _below(wanted)
    return {
        name: _from_paths(below[name]) if below[name] else _text(name, {}) for name in sorted(below)
    }


def _below(wanted: frozenset[Path]) -> dict[str, frozenset[Path]]:
    """The wanted paths by their first part, without it."""
    return {
        name: frozenset(path[1:] for path in wanted if path[0] == name and len(path) > 1)
        for name in {path[0] for path in wanted}
    }


def _object(schema: Schema, wanted: frozenset[Path]) -> dict[str, Any]:
    below = _below(wanted)
    required = schema.get("required", ())
    properties: Mapping[str, Schema] = schema.get("properties", {})
    found: dict[str, Any] = {}
    for name, each in properties.items():
        if name in required or (name in below and _is_typed(each)):
            found[name] = _value(name, each, below.get(name, frozenset()))
    if not properties and schema.get("x-kubernetes-preserve-unknown-fields"):
        return _from_paths(wanted)
    return found


def _is_typed(schema: Schema) -> bool:
    return bool(schema.get("type") or schema.get("x-kubernetes-int-or-string"))


def _value(name: str, schema: Schema, wanted: frozenset[Path]) -> Any:
    for given in ("example", "default"):
        if given in schema:
            return schema[given]
    if schema.get("enum"):
        return schema["enum"][0]
    match schema.get("type"):
        case "object":
            return _object(schema, wanted)
        case "array":
            item = _value(name.removesuffix("s"), schema.get("items", {}), frozenset())
            return [item] * max(1, int(schema.get("minItems", 0)))
        case "integer":
            return int(_number(name, schema))
        case "number":
            return _number(name, schema)
        case "boolean":
            return True
        case "string":
            return _text(name, schema)
        case _ if schema.get("x-kubernetes-int-or-string"):
            return int(_number(name, schema))
        case _:
            return _text(name, schema)


def _number(name: str, schema: Schema) -> int | float:
    """A number that fits `minimum`, `maximum` and `multipleOf`."""
    value: int | float = _by_word(name, _NUMBER_BY_WORD) or 1
    step = schema.get("multipleOf")
    least = schema.get("minimum")
    most = schema.get("maximum")
    if least is not None:
        value = max(value, least + (1 if schema.get("exclusiveMinimum") else 0))
    if most is not None:
        value = min(value, most - (1 if schema.get("exclusiveMaximum") else 0))
    if step:
        value = -(-value // step) * step
    return value


def _text(name: str, schema: Schema) -> str:
    """A text that fits `format`, `pattern` and the lengths."""
    likely = _TEXT_BY_FORMAT.get(schema.get("format", ""))
    by_name = _by_word(name, _TEXT_BY_WORD)
    candidates = [each for each in (likely, by_name, *_CANDIDATES) if each]
    pattern = schema.get("pattern")
    for each in candidates:
        fitted = _fit(each, schema)
        if pattern is None or _matches(pattern, fitted):
            return fitted
    return _fit(candidates[0], schema)


def _fit(text: str, schema: Schema) -> str:
    """`text`, repeated up to `minLength` and cut at `maxLength`."""
    least = int(schema.get("minLength", 0))
    repeated = text * (1 + least // len(text)) if len(text) < least else text
    return repeated[: int(schema.get("maxLength", len(repeated)))]


def _matches(pattern: str, text: str) -> bool:
    """Whether the API server's own kind of pattern (RE2, found anywhere) accepts the text."""
    try:
        return re2.search(pattern, text, _QUIET) is not None
    except re2.error:
        return False


Value = TypeVar("Value")


def _by_word(name: str, table: Mapping[str, Value]) -> Value | None:
    lowered = name.lower()
    return next((value for word, value in table.items() if lowered.endswith(word)), None)
