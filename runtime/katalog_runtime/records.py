"""Frozen dataclasses to JSON data and back, strictly. Pure; made for the bundle, knows nothing of it.

In: instances of dataclasses, or what a JSON parser returned and the class that it should be. Out:
plain JSON data with camelCase keys and without defaults, or instances. Unknown keys, missing keys
and values of another type are refused with their place. No coercion: `"3"` is no integer.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from typing import Any, TypeVar

_T = TypeVar("_T")
_Read = Callable[[Any, str], Any]
"""(JSON value, its place) to the value of the annotated type; raises RecordError."""


class RecordError(ValueError):
    """The data is not what the class says; the text begins with the place."""

    def __init__(self, place: str, problem: str) -> None:
        super().__init__(f"{place or 'the top'}: {problem}")


def to_json(value: Any) -> Any:
    """Dataclasses as mappings without what is at its default, tuples as lists, the rest as it is."""
    if is_dataclass(value) and not isinstance(value, type):
        return {
            _json_name(each.name): to_json(held)
            for each in fields(value)
            if (held := getattr(value, each.name)) != _default(each)
        }
    if isinstance(value, (list, tuple)):
        return [to_json(each) for each in value]
    if isinstance(value, Mapping):
        return {str(key): to_json(each) for key, each in value.items()}
    return value


def from_json(kind: type[_T], data: Any) -> _T:
    """The instance of `kind` (a dataclass) that `data` describes; raises RecordError."""
    reader: _Read = _reader(typing.cast(Any, kind))
    made: _T = reader(data, "")
    return made


def _json_name(name: str) -> str:
    head, *rest = name.rstrip("_").split("_")
    return head + "".join(part.capitalize() for part in rest)


def _default(field: Any) -> Any:
    return field.default if field.default_factory is MISSING else field.default_factory()


@cache
def _reader(kind: Any) -> _Read:
    """How a value annotated with `kind` is read."""
    if kind is Any:
        return lambda value, _place: value
    if is_dataclass(kind):
        return _record_reader(kind)
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is tuple:
        return _tuple_reader(arguments[0])
    if origin is dict:
        return _mapping_reader(arguments[1])
    if origin is typing.Literal:
        return _literal_reader(arguments)
    if origin in (types.UnionType, typing.Union):
        return _union_reader(arguments)
    return _scalar_reader(kind)


def _record_reader(kind: Any) -> _Read:
    hints = typing.get_type_hints(kind)
    known = {_json_name(each.name): (each.name, _reader(hints[each.name])) for each in fields(kind)}
    required = {
        _json_name(each.name)
        for each in fields(kind)
        if each.default is MISSING and each.default_factory is MISSING
    }

    def read(value: Any, place: str) -> Any:
        if not isinstance(value, dict):
            raise RecordError(place, f"an object is needed, {_shown(value)} was found")
        dot = f"{place}." if place else ""
        for key in sorted(value.keys() - known.keys(), key=str):
            raise RecordError(f"{dot}{key}", "this runtime knows no such key")
        for key in sorted(required - value.keys()):
            raise RecordError(f"{dot}{key}", "it is missing")
        found = {}
        for key, each in value.items():
            name, reader = known[key]
            found[name] = reader(each, f"{dot}{key}")
        return kind(**found)

    return read


def _tuple_reader(item: Any) -> _Read:
    reader = _reader(item)

    def read(value: Any, place: str) -> Any:
        if not isinstance(value, list):
            raise RecordError(place, f"a list is needed, {_shown(value)} was found")
        return tuple(reader(each, f"{place}[{index}]") for index, each in enumerate(value))

    return read


def _mapping_reader(item: Any) -> _Read:
    reader = _reader(item)

    def read(value: Any, place: str) -> Any:
        if not isinstance(value, dict):
            raise RecordError(place, f"an object is needed, {_shown(value)} was found")
        return {key: reader(each, f"{place}.{key}") for key, each in value.items()}

    return read


def _literal_reader(allowed: tuple[Any, ...]) -> _Read:
    def read(value: Any, place: str) -> Any:
        if value not in allowed:
            words = ", ".join(map(str, allowed))
            raise RecordError(place, f"one of {words} is needed, {_shown(value)} was found")
        return value

    return read


def _union_reader(arguments: tuple[Any, ...]) -> _Read:
    optional = type(None) in arguments
    readers = [_reader(each) for each in arguments if each is not type(None)]

    def read(value: Any, place: str) -> Any:
        if optional and value is None:
            return None
        for reader in readers[:-1]:
            try:
                return reader(value, place)
            except RecordError:
                continue
        return readers[-1](value, place)

    return read


def _scalar_reader(kind: Any) -> _Read:
    accepted = {str: (str,), bool: (bool,), int: (int,), float: (float, int)}[kind]

    def read(value: Any, place: str) -> Any:
        # A bool is an int to Python, and to nobody else.
        if not isinstance(value, accepted) or (isinstance(value, bool) and kind is not bool):
            raise RecordError(place, f"{kind.__name__} is needed, {_shown(value)} was found")
        return value

    return read


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "..."
