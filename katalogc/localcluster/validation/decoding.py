"""Decoding a built-in type as the server's Go code does: wrong types, unknown fields, zero values.

In: an object fresh from a request (it is changed in place) and its `Schema`. Out: the decoder's
complaint, or the paths of the fields that were dropped. After `round_trip` a built-in object looks
as if it had been read into the Go type and printed again: no nulls, no empty `omitempty` fields,
quantities and times in canonical spelling. Custom resources are pruned by `structural`.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from katalogc.localcluster.validation.quantities import QuantityError, canonical, parse
from katalogc.openapi.schema import Schema

_JSON_TYPES = {
    str: "string",
    bool: "bool",
    int: "number",
    float: "number",
    list: "array",
    dict: "object",
}
_INTEGER = {"int32": (-(2**31), 2**31 - 1), "int64": (-(2**63), 2**63 - 1)}
_BASE64 = re.compile(r"[A-Za-z0-9+/\r\n]*={0,2}[\r\n]*")
_GO_LAYOUT = "2006-01-02T15:04:05Z07:00"
_MICRO_LAYOUT = "2006-01-02T15:04:05.000000Z07:00"


def decoding_error(obj: Any, schema: Schema, kind: str) -> str | None:
    """The decoder's first complaint, or None; custom resources have a Go type for `metadata` only."""
    if schema.builtin:
        return _check(obj, schema, "", kind)
    metadata = schema.properties.get("metadata")
    if metadata is None or not isinstance(obj, dict):
        return None
    return _check(obj.get("metadata"), metadata, "", "ObjectMeta")


def _check(value: Any, schema: Schema, path: str, owner: str) -> str | None:
    if (inner := _schema_inside(schema)) is not None and isinstance(value, dict | list):
        parts = value if isinstance(value, list) else [value]
        return next((found for each in parts if (found := _check(each, inner, path, owner))), None)
    if value is None or schema.topology == "any":
        return None
    if schema.quantity:
        return _quantity(value)
    if schema.int_or_string:
        wrong = isinstance(value, bool) or not isinstance(value, int | str)
        return _mismatch(value, path, owner, "int32") if wrong else None
    if schema.type == "object":
        return _check_object(value, schema, path, owner)
    if schema.type == "array":
        if not isinstance(value, list):
            return _mismatch(value, path, owner, go_type(schema))
        assert schema.items is not None
        for item in value:
            if problem := _check(item, schema.items, path, owner):
                return problem
        return None
    return _check_scalar(value, schema, path, owner)


_SCHEMA = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps"
_SCHEMA_UNIONS = (f"{_SCHEMA}OrArray", f"{_SCHEMA}OrBool")


def _schema_inside(schema: Schema) -> Schema | None:
    """What a union that may hold a JSON schema holds; None for every other type."""
    return schema.named(_SCHEMA) if schema.raw.get("x-name") in _SCHEMA_UNIONS else None


def _check_object(value: Any, schema: Schema, path: str, owner: str) -> str | None:
    if not isinstance(value, dict):
        return _mismatch(value, path, owner, go_type(schema))
    inner = definition(schema) or owner
    for name, below in value.items():
        field = schema.properties.get(name) or schema.additional
        if field is not None:
            place = f"{path}.{name}" if schema.properties else path
            if problem := _check(below, field, place.removeprefix("."), inner):
                return problem
    return None


def _check_scalar(value: Any, schema: Schema, path: str, owner: str) -> str | None:
    if schema.type == "string":
        if not isinstance(value, str):
            return _mismatch(value, path, owner, go_type(schema))
        if schema.format == "date-time":
            return _time_problem(value, micro=_is_micro(schema))
        if schema.format == "byte" and (place := _base64_problem(value)) is not None:
            return f"illegal base64 data at input byte {place}"
        return None
    if schema.type == "boolean":
        return None if isinstance(value, bool) else _mismatch(value, path, owner, "bool")
    if isinstance(value, bool) or not isinstance(value, int | float):
        return _mismatch(value, path, owner, go_type(schema))
    if schema.type == "integer":
        low, high = _INTEGER.get(schema.format, _INTEGER["int64"])
        if value != int(value) or not low <= value <= high:
            return _mismatch(value, path, owner, go_type(schema), number=True)
    return None


def _mismatch(value: Any, path: str, owner: str, wanted: str, *, number: bool = False) -> str:
    found = _JSON_TYPES[type(value)] + (f" {value}" if number else "")
    where = f"Go struct field {owner}.{path}" if path else "Go value"
    return f"json: cannot unmarshal {found} into {where} of type {wanted}"


def _quantity(value: Any) -> str | None:
    try:
        parse(value if isinstance(value, str) else _number(value))
    except QuantityError as error:
        return str(error)
    return None


def _number(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "?"
    return str(value)


def _base64_problem(text: str) -> int | None:
    found = _BASE64.match(text)
    end = found.end() if found else 0
    if end < len(text):
        return end
    bare = text.replace("\n", "").replace("\r", "")
    return None if len(bare) % 4 == 0 else len(bare) - len(bare) % 4


def _is_micro(schema: Schema) -> bool:
    return str(schema.raw.get("x-name", "")).endswith("MicroTime")


def _time_problem(text: str, *, micro: bool) -> str | None:
    if _parse_time(text) is not None:
        return _fraction_problem(text) if micro else None
    rest = text if not re.match(r"\d{4}", text) else text[4:]
    wanted = "2006" if rest == text else "-"
    layout = _MICRO_LAYOUT if micro else _GO_LAYOUT
    return f'parsing time "{text}" as "{layout}": cannot parse "{rest}" as "{wanted}"'


def _fraction_problem(text: str) -> str | None:
    """A MicroTime has exactly six digits after the second."""
    rest = text[19:]
    fraction = re.match(r"\.\d{6}", rest)
    if fraction is None:
        wanted = ".000000"
    elif rest[7:8].isdigit():
        rest, wanted = rest[7:], "Z07:00"
    else:
        return None
    return f'parsing time "{text}" as "{_MICRO_LAYOUT}": cannot parse "{rest}" as "{wanted}"'


def _parse_time(text: str) -> datetime | None:
    if not re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$", text):
        return None
    try:
        return datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text))
    except ValueError:
        return None


def definition(schema: Schema) -> str:
    """The Go name of a struct type: the last part of its definition's name."""
    return str(schema.raw.get("x-name", "")).rpartition(".")[2]


def go_type(schema: Schema) -> str:
    """The Go type in the decoder's words: `int32`, `[]v1.Container`, `map[string]string`."""
    if schema.type == "array":
        return "[]" + (go_type(schema.items) if schema.items else "interface {}")
    if schema.additional is not None:
        return "map[string]" + go_type(schema.additional)
    if name := str(schema.raw.get("x-name", "")):
        package, _, struct = name.rpartition(".")
        return f"{package.rpartition('.')[2]}.{struct}"
    if schema.format == "byte":
        return "[]uint8"
    scalars = {"boolean": "bool", "number": "float64", "integer": schema.format or "int64"}
    return scalars.get(schema.type, schema.type)


# --- the round trip ------------------------------------------------------------------------------


def round_trip(obj: dict[str, Any], schema: Schema) -> tuple[str, ...]:
    """Reads and prints the object as its Go type would, in place; returns the unknown paths."""
    unknown: list[str] = []
    _round_trip(obj, schema, "", unknown)
    return tuple(unknown)


def _round_trip(value: dict[str, Any], schema: Schema, path: str, unknown: list[str]) -> None:
    for name in list(value):
        field = schema.properties.get(name)
        if field is None:
            unknown.append(f"{path}{name}")
            del value[name]
            continue
        below = value[name]
        if below is not None:
            below = value[name] = _printed(below, field, f"{path}{name}", unknown)
        if _is_unset(below, name, field, schema):
            del value[name]


def _printed(value: Any, schema: Schema, path: str, unknown: list[str]) -> Any:
    if (inner := _schema_inside(schema)) is not None:
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, dict):
                _round_trip(each, inner, "", [])  # upstream drops fields there without a word
        return value
    if schema.quantity:
        return canonical(value if isinstance(value, str) else _number(value))
    if isinstance(value, dict):
        if schema.raw.get("properties"):
            _round_trip(value, schema, f"{path}.", unknown)
        elif schema.additional is not None:
            element = schema.additional
            for key, below in value.items():
                if below is None:
                    value[key] = _zero(element)
                else:
                    value[key] = _printed(below, element, f"{path}.{key}", unknown)
    elif isinstance(value, list) and schema.items is not None:
        element = schema.items
        for index, below in enumerate(value):
            given = _zero(element) if below is None else below
            value[index] = _printed(given, element, f"{path}[{index}]", unknown)
    elif schema.format == "date-time" and isinstance(value, str):
        return _canonical_time(value, micro=_is_micro(schema))
    elif schema.type == "integer" and isinstance(value, float):
        return int(value)
    return value


def _zero(element: Schema) -> Any:
    """What Go makes of a null inside a list or map."""
    if element.quantity:
        return "0"
    if element.type == "object" and element.topology != "any":
        return {}
    return {"string": "", "integer": 0, "number": 0, "boolean": False}.get(element.type)


def _is_unset(value: Any, name: str, field: Schema, owner: Schema) -> bool:
    """Whether Go would leave the field out: null, or an `omitempty` zero that no pointer keeps."""
    if value is None:
        return True
    if name == "managedFields" and value == []:
        # An empty list, unlike an absent one, clears the managed fields.
        return False
    if name in owner.pointers or name in owner.printed_zeros:
        return False
    if isinstance(value, dict):
        return not value and field.topology == "map"
    return value in ("", 0, []) or value is False


def _canonical_time(text: str, *, micro: bool) -> str:
    parsed = _parse_time(text)
    if parsed is None:
        return text
    pattern = "%Y-%m-%dT%H:%M:%S.%fZ" if micro else "%Y-%m-%dT%H:%M:%SZ"
    return parsed.astimezone(UTC).strftime(pattern)
