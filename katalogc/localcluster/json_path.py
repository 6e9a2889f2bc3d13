"""The JSONPath subset that CustomResourceDefinitions allow in printer columns.

In: a path such as `.status.conditions[?(@.type=="Ready")].status` and an object. Out: the values
found, in order. Fields, quoted fields, indices, `[*]`, and filters comparing one field; nothing
else, as upstream's columns need nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

Step = Callable[[Any], list[Any]]

_TOKEN = re.compile(
    r"""\.(?P<field>(?:[^.\[\]\\]|\\.)+)
      | \[\s*(?P<quote>['"])(?P<quoted>.*?)(?P=quote)\s*\]
      | \[\s*(?P<index>-?\d+)\s*\]
      | \[\s*(?P<star>\*)\s*\]
      |
      \[\s*\?\(\s*@\.(?P<filter>[\w.\-/]+)\s*(?P<operator>==|!=)\s*(?P<literal>"[^"]*"|'[^']*'|[^)\s]+)\s*\)\s*\]
    """,
    re.VERBOSE,
)


class JsonPathError(ValueError):
    """The path uses what this subset does not have."""


def _field(name: str) -> Step:
    def step(value: Any) -> list[Any]:
        return [value[name]] if isinstance(value, dict) and name in value else []

    return step


def _every(value: Any) -> list[Any]:
    if isinstance(value, list):
        return value
    return list(value.values()) if isinstance(value, dict) else []


def _index(position: int) -> Step:
    def step(value: Any) -> list[Any]:
        if isinstance(value, list) and -len(value) <= position < len(value):
            return [value[position]]
        return []

    return step


def _filter(path: str, operator: str, literal: str) -> Step:
    names = path.split(".")
    wanted = literal[1:-1] if literal[0] in "\"'" else literal

    def step(value: Any) -> list[Any]:
        kept = []
        for each in value if isinstance(value, list) else ():
            found: Any = each
            for name in names:
                found = found.get(name) if isinstance(found, dict) else None
            text = str(found).lower() if isinstance(found, bool) else str(found)
            if (text == wanted) is (operator == "=="):
                kept.append(each)
        return kept

    return step


@lru_cache(maxsize=512)
def compile_path(path: str) -> tuple[Step, ...]:
    """The steps of a path.

    Raises:
        JsonPathError: the path cannot be read.
    """
    text = path.strip()
    if text.startswith("{") and text.endswith("}"):
        text = text[1:-1]
    if text and text[0] not in ".[":
        text = f".{text}"
    steps: list[Step] = []
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise JsonPathError(f"cannot read {path!r} at {text[position:]!r}")
        position = match.end()
        if match["field"] is not None:
            name = re.sub(r"\\(.)", r"\1", match["field"])
            steps.append(_every if name == "*" else _field(name))
        elif match["quoted"] is not None:
            steps.append(_field(match["quoted"]))
        elif match["index"] is not None:
            steps.append(_index(int(match["index"])))
        elif match["star"] is not None:
            steps.append(_every)
        else:
            steps.append(_filter(match["filter"], match["operator"], match["literal"]))
    return tuple(steps)


def find(path: str, value: Any) -> list[Any]:
    """All values at `path`; empty where there is nothing (or the path cannot be read)."""
    try:
        steps = compile_path(path)
    except JsonPathError:
        return []
    found = [value]
    for step in steps:
        found = [result for each in found for result in step(each)]
    return found
