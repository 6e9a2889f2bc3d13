"""A custom resource against the rules of its OpenAPI schema, with the API server's words.

In: a pruned and defaulted object and its `Schema`. Out: `FieldError`s in the server's order (fields
sorted by name). Checked: types, `nullable`, `required`, enums, lengths, patterns (RE2), ranges,
formats, list and map sizes, duplicates in sets and keyed lists, `oneOf`/`anyOf`/`allOf`/`not`,
embedded resources. Not evaluated: `x-kubernetes-validations` (CEL). Built-in types follow `rules`,
not this module.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

import re2

from katalogc.localcluster.validation.field_errors import (
    FieldError,
    duplicate,
    invalid,
    not_supported,
    required,
    too_long,
    too_many,
    type_invalid,
)
from katalogc.localcluster.validation.formats import FORMATS
from katalogc.localcluster.validation.rules.metadata import annotation_errors, label_errors
from katalogc.localcluster.validation.rules.names import MIXED_CASE, dns1035_label
from katalogc.openapi.schema import Schema

_UNCHECKED = FieldError(
    "FieldValueInvalid",
    "<nil>",
    "Invalid value: null: some validation rules were not checked because the object was invalid; "
    "correct the existing errors to complete validation",
)
_BLOCKING = frozenset(
    {
        "FieldValueTypeInvalid",
        "FieldValueRequired",
        "FieldValueTooLong",
        "FieldValueTooMany",
        "FieldValueNotSupported",
    }
)
_JUNCTORS = ("allOf", "anyOf", "oneOf", "not")
_INTEGER_RANGE = {"int32": 2**31, "int64": 2**63}


def validate_custom(obj: dict[str, Any], schema: Schema) -> list[FieldError]:
    """Everything that is wrong with a custom resource, `metadata` left out."""
    errors = list(_check(obj, schema, "", root=True))
    errors += _list_errors(obj, schema, "")
    if any(each.type in _BLOCKING for each in errors) and schema.raw.get("x-has-cel"):
        errors.append(_UNCHECKED)
    return errors


def value_errors(value: Any, raw: Mapping[str, Any]) -> list[FieldError]:
    """What is wrong with one value by a raw schema; paths are relative to the value."""
    return list(_check(value, part(raw), ""))


def _check(value: Any, schema: Schema, path: str, *, root: bool = False) -> Iterator[FieldError]:
    if value is None and schema.nullable:
        return
    if schema.embedded_resource and isinstance(value, dict):
        yield from (
            required(f"{path}.{name}") for name in ("apiVersion", "kind") if not value.get(name)
        )
        kind = value.get("kind")
        if kind and isinstance(kind, str):
            yield from (
                invalid(f"{path}.kind", kind, MIXED_CASE + each)
                for each in dns1035_label(kind.lower())
            )
        metadata = value.get("metadata")
        if isinstance(metadata, dict):
            yield from label_errors(metadata.get("labels"), f"{path}.metadata.labels")
            yield from annotation_errors(
                metadata.get("annotations"), f"{path}.metadata.annotations"
            )
    wrong = _type_error(value, schema, path)
    if wrong is not None:
        yield from wrong
        return
    raw = schema.raw
    if schema.enum and value not in schema.enum:
        yield not_supported(path, value, [str(each) for each in schema.enum])
    if isinstance(value, str):
        yield from _check_text(value, raw, path)
    elif isinstance(value, bool):
        pass
    elif isinstance(value, int | float):
        yield from _check_number(value, raw, path)
    elif isinstance(value, list):
        yield from _check_list(value, schema, path)
    elif isinstance(value, dict):
        yield from _check_map(value, schema, path, root=root)
    if any(key in raw for key in _JUNCTORS):
        yield from _check_junctors(value, raw, path)


def _type_error(value: Any, schema: Schema, path: str) -> list[FieldError] | None:
    """The complaint about a wrong JSON type; None if the type is right."""
    found = _json_type(value)
    where = path
    if schema.int_or_string:
        if found in ("integer", "string"):
            return None
        return [
            type_invalid(path, found, f'{where} in body must be of type integer,string: "{found}"')
        ]
    wanted = schema.type
    if not wanted or found == wanted or (wanted == "number" and found == "integer"):
        return None
    if wanted == "integer" and found == "number" and value == int(value):
        return None
    if schema.format and found in ("boolean", "object"):
        # The server's validator knows a format of numbers only.
        return [type_invalid(path, "", f'{where} in body must be of type {schema.format}: ""')]
    if wanted == "integer" and found == "number" and schema.format in _INTEGER_RANGE:
        text = f'{where} in body must be of type {schema.format}: "float64"'
        return [type_invalid(path, "float64", text), _integer_format(path, schema.format)]
    return [type_invalid(path, found, f'{where} in body must be of type {wanted}: "{found}"')]


def _integer_format(path: str, name: str) -> FieldError:
    return invalid(
        "<nil>", "", f"Checked value must be of type integer with format {name} in {path}"
    )


def _json_type(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    for kind, name in ((int, "integer"), (float, "number"), (str, "string"), (list, "array")):
        if isinstance(value, kind):
            return name
    return "object"


def _check_text(value: str, raw: Mapping[str, Any], path: str) -> Iterator[FieldError]:
    # The first of these mistakes hides the others, as in the server's validator.
    if (limit := raw.get("maxLength")) is not None and len(value) > limit:
        yield too_long(path, f"may not be more than {limit} bytes")
    elif (least := raw.get("minLength")) is not None and len(value) < least:
        yield invalid(path, value, f"{path} in body should be at least {least} chars long")
    elif (pattern := raw.get("pattern")) and not _pattern(pattern).search(value):
        yield invalid(path, value, f"{path} in body should match '{pattern}'")
    check = FORMATS.get(raw.get("format", ""))
    if check is not None and not check(value):
        yield type_invalid(
            path, value, f'{path} in body must be of type {raw["format"]}: "{value}"'
        )


@lru_cache(maxsize=1024)
def _pattern(pattern: str) -> Any:
    return re2.compile(pattern)


def _check_number(value: float, raw: Mapping[str, Any], path: str) -> Iterator[FieldError]:
    bound = _INTEGER_RANGE.get(raw.get("format", "")) if raw.get("type") == "integer" else None
    if bound is not None and not -bound <= value < bound:
        yield _integer_format(path, raw["format"])
    if factor := raw.get("multipleOf"):
        ratio = value / factor
        if ratio != int(ratio):
            yield invalid(path, value, f"{path} in body should be a multiple of {factor}")
    high, low = raw.get("maximum"), raw.get("minimum")
    if high is not None and (value > high or (raw.get("exclusiveMaximum") and value == high)):
        words = "less than" if raw.get("exclusiveMaximum") else "less than or equal to"
        yield invalid(path, value, f"{path} in body should be {words} {high}")
    if low is not None and (value < low or (raw.get("exclusiveMinimum") and value == low)):
        words = "greater than" if raw.get("exclusiveMinimum") else "greater than or equal to"
        yield invalid(path, value, f"{path} in body should be {words} {low}")


def _check_list(value: list[Any], schema: Schema, path: str) -> Iterator[FieldError]:
    if schema.items is not None:
        for index, item in enumerate(value):
            yield from _check(item, schema.items, f"{path}[{index}]")
    if (least := schema.raw.get("minItems")) is not None and len(value) < least:
        yield invalid(path, len(value), f"{path} in body should have at least {least} items")
    if (most := schema.raw.get("maxItems")) is not None and len(value) > most:
        yield too_many(path, len(value), most)


def _check_map(
    value: dict[str, Any], schema: Schema, path: str, *, root: bool
) -> Iterator[FieldError]:
    for name in schema.required:
        if value.get(name) is None and not (name in value and schema.properties[name].nullable):
            yield required(f"{path}.{name}" if path else name)
    skipped = ("apiVersion", "kind", "metadata") if root or schema.embedded_resource else ()
    for name in sorted(value):
        field = schema.properties.get(name) or schema.additional
        below = value[name]
        if field is None or name in skipped or (below is None and name in schema.required):
            continue
        yield from _check(below, field, f"{path}.{name}" if path else name)
    if (least := schema.raw.get("minProperties")) is not None and len(value) < least:
        yield invalid(path, len(value), f"{path} in body should have at least {least} properties")
    if (most := schema.raw.get("maxProperties")) is not None and len(value) > most:
        yield too_many(path, len(value), most)


def _check_junctors(value: Any, raw: Mapping[str, Any], path: str) -> Iterator[FieldError]:
    for each in raw.get("allOf", ()):
        yield from _check(value, part(each), path)
    where = path or '""'
    for name, article in (("anyOf", "at least one schema"), ("oneOf", "one and only one schema")):
        if name not in raw:
            continue
        results = [list(_check(value, part(each), path)) for each in raw[name]]
        valid = sum(not each for each in results)
        if valid == 1 or (valid and name == "anyOf"):
            continue
        text = f'"{where}" must validate {article} ({name})'
        if name == "oneOf":
            text += f". Found {valid} valid alternatives" if valid else ". Found none valid"
        yield invalid("<nil>", "", text)
        if not valid:
            yield from min(results, key=len)
    if "not" in raw and not list(_check(value, part(raw["not"]), path)):
        yield invalid("<nil>", "", f'"{where}" must not validate the schema (not)')


def part(raw: Mapping[str, Any]) -> Schema:
    """A node of a definition's schema, as data, as a `Schema`."""
    return Schema(raw, part, builtin=False)


def _list_errors(value: Any, schema: Schema, path: str) -> Iterator[FieldError]:
    """Duplicates in sets and keyed lists; the server looks for them after everything else."""
    if isinstance(value, dict):
        for name in sorted(value):
            field = schema.properties.get(name) or schema.additional
            if field is not None and not field.builtin:
                yield from _list_errors(value[name], field, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        yield from _duplicates(value, schema, path)
        if schema.items is not None:
            for index, item in enumerate(value):
                yield from _list_errors(item, schema.items, f"{path}[{index}]")


def _duplicates(items: list[Any], schema: Schema, path: str) -> Iterator[FieldError]:
    seen: list[Any] = []
    for index, item in enumerate(items):
        if schema.list_type == "set":
            key = item
        elif schema.list_type == "map" and not isinstance(item, dict):
            text = "must be an object for an array of list-type map"
            yield invalid(f"{path}[{index}]", item, text)
            continue
        elif schema.list_type == "map":
            key = {name: item[name] for name in schema.list_map_keys if name in item}
        else:
            return
        if key in seen:
            yield duplicate(f"{path}[{index}]", key)
        seen.append(key)
