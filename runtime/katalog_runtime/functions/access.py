"""Safe steps into Kubernetes objects:

whatever is missing or of another type is empty, never an error.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from katalog_runtime.functions.go_numbers import NumberError, leading_int, truncate

Manifest = dict[str, Any]


def map_at(value: Any, *path: str) -> Manifest:
    """The map at a path; empty where there is none."""
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def list_at(value: Any, *path: str) -> list[Any]:
    """The list at a path; empty where there is none."""
    found = map_at(value, *path[:-1]).get(path[-1])
    return found if isinstance(found, list) else []


def text_at(value: Any, *path: str) -> str:
    """The text at a path; "" where there is none."""
    found = map_at(value, *path[:-1]).get(path[-1])
    return found if isinstance(found, str) else ""


def int_at(value: Any, *path: str) -> int:
    """The integer at a path: of a number, or at the beginning of a text; else 0."""
    return as_int(map_at(value, *path[:-1]).get(path[-1]))


def as_int(value: Any) -> int:
    """A number cut to an integer, the integer that a text begins with, else 0."""
    if isinstance(value, str):
        return leading_int(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return 0
    try:
        return truncate(value)
    except NumberError:
        return 0


def maps_at(value: Any, *path: str) -> Iterator[Manifest]:
    """The members of a list that are maps."""
    return (item for item in list_at(value, *path) if isinstance(item, dict))


def joined(texts: Iterable[str], separator: str = ", ") -> str:
    """The texts that are not empty, as one."""
    return separator.join(text for text in texts if text)
