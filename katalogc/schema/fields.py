"""What the keys of a model are, which models they hold, and where else a key would fit. Pure."""

from __future__ import annotations

import types
from collections.abc import Sequence
from typing import Any, Union, get_args, get_origin

from katalogc.located import Located
from katalogc.schema.base import KatalogModel


def nested_model(annotation: Any) -> tuple[str, type[KatalogModel]] | None:
    """How an annotation holds a model: `one`, `many` (a list) or `by_name` (a mapping)."""
    if isinstance(annotation, type) and issubclass(annotation, KatalogModel):
        return "one", annotation
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in (Union, types.UnionType):
        found = (nested_model(each) for each in arguments)
        return next((each for each in found if each is not None), None)
    if origin is tuple and arguments:
        inner = nested_model(arguments[0])
        return ("many", inner[1]) if inner else None
    if origin is dict:
        inner = nested_model(arguments[1])
        return ("by_name", inner[1]) if inner else None
    if hasattr(annotation, "__metadata__"):
        return nested_model(arguments[0])
    return None


def fields_of(model: type[KatalogModel]) -> dict[str, Any]:
    """The keys of a mapping of this model, with their annotations."""
    return {field.alias or name: field.annotation for name, field in model.model_fields.items()}


Above = tuple[Located, type[KatalogModel]]
"""A mapping around a key, and its model."""


def home_above(key: str, above: Sequence[Above]) -> Above | None:
    """The nearest mapping around whose field a key is: it stands too deep."""
    return next((each for each in reversed(above) if key in fields_of(each[1])), None)


def home_below(key: str, model: type[KatalogModel]) -> tuple[str, type[KatalogModel]] | None:
    """The field of a model, and that field's own model, under which a key belongs."""
    for name, annotation in fields_of(model).items():
        nested = nested_model(annotation)
        if nested is not None and nested[0] == "one" and key in fields_of(nested[1]):
            return name, nested[1]
    return None
