"""Reading fields: the closures behind `.spec.image`, in the Katalog's reading and in Go's own.

In the Katalog's reading a path that ends or passes through a missing value is nil. In Go's own, a
nil that came out of a map or list has no fields, and asking for one is an error.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from katalog_runtime.expressions.limits import RefusedError
from katalog_runtime.expressions.values import Boxed, in_words

Reader = Callable[[Any], Any]


def _path(names: tuple[str, ...]) -> str:
    return "".join(f".{name}" for name in names)


def _no_fields(names: tuple[str, ...], index: int, value: Any) -> RefusedError:
    where = f"`{_path(names[:index])}`" if index else "the value here"
    return RefusedError(
        f"cannot read field `{names[index]}`: {where} is {in_words(value)}, expected a map"
    )


def lenient(names: tuple[str, ...]) -> Reader:
    """Fields of a value; nil where one is missing on the way."""

    def walk(value: Any) -> Any:
        for index, name in enumerate(names):
            if value is None:
                return None
            if not isinstance(value, dict):
                raise _no_fields(names, index, value)
            value = value.get(name)
        return value

    if len(names) == 1:
        (only,) = names

        def one(value: Any) -> Any:
            try:
                return value[only]
            except (KeyError, TypeError):
                return walk(value)

        return one
    if len(names) == 2:
        first, second = names

        def two(value: Any) -> Any:
            try:
                return value[first][second]
            except (KeyError, TypeError):
                return walk(value)

        return two

    def many(value: Any) -> Any:
        start = value
        try:
            for name in names:
                value = value[name]
        except (KeyError, TypeError):
            return walk(start)
        return value

    return many


def strict(names: tuple[str, ...]) -> Reader:
    """Fields of a value as Go reads them; a missing last one is nil, one on the way is an error."""

    def walk(value: Any) -> Any:
        if isinstance(value, Boxed):
            value = value.value
            if value is None:
                raise RefusedError(f"nil pointer evaluating interface {{}}.{names[0]}")
        elif value is None:
            return None
        for index, name in enumerate(names):
            if value is None:
                raise RefusedError(
                    f"nil pointer evaluating interface {{}}.{name}: "
                    f"there is no `{_path(names[:index])}`"
                )
            if not isinstance(value, dict):
                raise _no_fields(names, index, value)
            value = value.get(name)
        return value

    return walk


def with_arguments(names: tuple[str, ...], read: Callable[[tuple[str, ...]], Reader]) -> Reader:
    """Fields that are given arguments as if they were functions: an error, except on nothing."""
    before = read(names[:-1]) if len(names) > 1 else None

    def walk(value: Any) -> Any:
        if value is None:
            return None
        if before is not None:
            before(value)
        raise RefusedError(f"`{names[-1]}` is not a function but has arguments")

    return walk
