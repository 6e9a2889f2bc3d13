"""What changes for the cluster between two builds of a Katalog. Two operators in, lines out; pure.

A line starts with `+` (new), `-` (gone) or `~` (different), as people read differences.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from katalog_runtime.bundle import Bundle, Controller, Permission, canonical_json
from katalog_runtime.records import to_json


@dataclass(frozen=True, slots=True)
class Change:
    """One difference that a person may want to know of."""

    mark: Literal["+", "-", "~"]
    what: str

    def __str__(self) -> str:
        return f"{self.mark} {self.what}"


def changes(before: Bundle, after: Bundle) -> tuple[Change, ...]:
    """Every difference: types, children, status fields, settings, permissions."""
    return (*_controllers(before, after), *_permissions(before, after))


def _controllers(before: Bundle, after: Bundle) -> Iterator[Change]:
    old = {each.name: each for each in before.controllers}
    new = {each.name: each for each in after.controllers}
    for name in sorted(old.keys() | new.keys()):
        if name not in new:
            yield Change("-", f"type {name}")
        elif name not in old:
            yield Change("+", f"type {name}")
        else:
            yield from _controller(name, old[name], new[name])


def _controller(name: str, before: Controller, after: Controller) -> Iterator[Change]:
    yield from _entries(
        f"{name}: child",
        {each.id: _fact(each) for each in before.children},
        {each.id: _fact(each) for each in after.children},
    )
    yield from _entries(
        f"{name}: status field",
        {_dotted(each.path): _fact(each.value) for each in before.status_fields},
        {_dotted(each.path): _fact(each.value) for each in after.status_fields},
    )
    for setting in ("workers", "resync_seconds", "queue_depth", "namespaces"):
        old, new = getattr(before, setting), getattr(after, setting)
        if old != new:
            yield Change("~", f"{name}: {setting.replace('_', ' ')} {_shown(old)} → {_shown(new)}")


def _entries(what: str, before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Change]:
    for key in sorted(before.keys() | after.keys()):
        if key not in after:
            yield Change("-", f"{what} {key}")
        elif key not in before:
            yield Change("+", f"{what} {key}")
        elif before[key] != after[key]:
            yield Change("~", f"{what} {key}")


def _permissions(before: Bundle, after: Bundle) -> Iterator[Change]:
    old, new = set(_granted(before.permissions)), set(_granted(after.permissions))
    for each in sorted(new - old):
        yield Change("+", f"permission {each}")
    for each in sorted(old - new):
        yield Change("-", f"permission {each}")


def _granted(permissions: tuple[Permission, ...]) -> Iterator[str]:
    for each in permissions:
        resource = f"{each.resource}.{each.group}" if each.group else each.resource
        for namespace in each.namespaces or ("",):
            place = f" in {namespace}" if namespace else ""
            for verb in each.verbs:
                yield f"{verb} {resource}{place}"


def _dotted(path: tuple[str | int, ...]) -> str:
    return ".".join(str(part) for part in path)


def _fact(value: object) -> str:
    return canonical_json(_meaning(to_json(value)))


def _meaning(value: Any) -> Any:
    """Without places: a line that moved is no change, nor is a tree whose text is the same."""
    if isinstance(value, dict):
        return {key: _meaning(item) for key, item in value.items() if key not in {"origin", "tree"}}
    return [_meaning(item) for item in value] if isinstance(value, list) else value


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "all"
    return "default" if value is None else str(value)
