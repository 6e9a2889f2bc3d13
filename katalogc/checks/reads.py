"""Which paths the expressions of a Katalog read, and where each stands in the user's text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from katalog_runtime.expressions.tree import Field, Template, Variable, children
from katalogc.expression_table import Parsed
from katalogc.ir_leaves import ExpressionIR
from katalogc.source import Span, YamlPath
from katalogc.subject import Subject

Path = tuple[str | int, ...]


def expressions(subject: Subject) -> Iterator[tuple[YamlPath, Parsed, ExpressionIR]]:
    """Every expression of every entry that is built, with its path in the merged tree."""
    for path, parsed in subject.table.by_path.items():
        entry = subject.katalog.spec.crds.get(str(path[2]))
        if isinstance(parsed.value, ExpressionIR) and entry is not None and entry.enabled:
            yield path, parsed, parsed.value


def place_of(parsed: Parsed, expression: ExpressionIR, read: Path, length: int = 1) -> Span:
    """Where a path is read: its part number `length`, or the whole text if it is not found."""
    if expression.template.text != parsed.place.text:
        return parsed.place.span
    text = parsed.place.text
    names = tuple(part for part in read[:length] if isinstance(part, str))
    for at, found in _fields(expression.template):
        if found[:length] == names:
            start = text.find("." + ".".join(names), at)
            if start < 0 or start > at + 2:
                return parsed.place.within(at, at + 1)
            last = start + len(".".join(names)) + 1
            return parsed.place.within(start if length == 1 else last - len(names[-1]), last)
    return _relative(parsed, expression, str(read[length - 1]))


def _relative(parsed: Parsed, expression: ExpressionIR, name: str) -> Span:
    """Where a name stands that is read inside `with` or `range`."""
    for at, found in _fields(expression.template):
        if name in found:
            before = ".".join(found[: found.index(name)])
            start = parsed.place.text.find("." + name, at + len(before))
            if start >= 0:
                return parsed.place.within(start + 1, start + 1 + len(name))
    return parsed.place.span


def _fields(template: Template) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Every field path in the text with its offset, whatever the dot is there."""
    pending: list[Any] = [*template.body]
    for body in template.definitions.values():
        pending.extend(body)
    found: list[tuple[int, tuple[str, ...]]] = []
    while pending:
        node = pending.pop()
        if isinstance(node, Field | Variable) and node.names:
            found.append((node.at, node.names))
        pending.extend(children(node))
    yield from sorted(found)
