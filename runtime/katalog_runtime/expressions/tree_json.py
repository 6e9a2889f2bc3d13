"""The tree as data in the bundle, and back: a flat table, so that neither way recurses.

    {"format": 1, "rows": [row, …], "body": [row number, …], "define": {name: [row number, …]},
     "points": [[offset, line, column], …], "located": true, "name": "", "origin": "",
     "notes": {name: {…}}}

A row is `[kind, offset, …]`; it names its children by the numbers of earlier rows. Keys that hold
what they would by default are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from katalog_runtime.expressions.tree import (
    Action,
    Body,
    Branch,
    Call,
    Chain,
    Command,
    Dot,
    Field,
    Include,
    Jump,
    Literal,
    Locate,
    Nil,
    Pipe,
    Template,
    Text,
    Variable,
    children,
    walk,
)
from katalog_runtime.expressions.values import from_bytes, go_bytes

FORMAT = 1
_MOST_DEPTH = 800
"""Children within children; the parser stops long before."""


class TreeError(ValueError):
    """The data are no tree that this runtime understands."""


def dump_tree(template: Template, locate: Locate | None = None) -> Any:
    """The template as JSON values.

    Args:
        template: a parsed template.
        locate: offsets of the text to line and column in the user's file; without it the positions
            stay relative to the text.
    """
    rows: list[list[Any]] = []
    offsets: set[int] = {0}
    data: dict[str, Any] = {"format": FORMAT, "rows": rows}
    data["body"] = _dump_body(template.body, rows, offsets)
    if template.definitions:
        data["define"] = {
            name: _dump_body(body, rows, offsets)
            for name, body in sorted(template.definitions.items())
        }
    place = locate or template.position
    data["points"] = _points(sorted(offsets), place)
    if locate is not None or template.located:
        data["located"] = True
    for key in ("name", "origin"):
        if getattr(template, key):
            data[key] = getattr(template, key)
    if template.notes:
        data["notes"] = {name: dump_tree(note) for name, note in sorted(template.notes.items())}
    return data


def _points(offsets: Sequence[int], place: Locate) -> list[list[int]]:
    """As few points as the offsets need: where the one before does not give the place."""
    points: list[list[int]] = []
    for offset in offsets:
        line, column = place(offset)
        if points:
            start, last_line, last_column = points[-1]
            if (line, column) == (last_line, last_column + offset - start):
                continue
        points.append([offset, line, column])
    return points


def _dump_body(body: Body, rows: list[list[Any]], offsets: set[int]) -> list[int]:
    numbers: dict[int, int] = {}
    for node in reversed(list(walk(body))):
        below = [numbers[id(child)] for child in children(node)]
        offsets.add(getattr(node, "at", 0))
        numbers[id(node)] = len(rows)
        rows.append(_row(node, below))
    return [numbers[id(node)] for node in body]


def _row(node: Any, below: list[int]) -> list[Any]:
    match node:
        case Text(text=text):
            return ["text", 0, *_string(text)]
        case Action():
            return ["do", node.at, *below]
        case Branch(kind=kind):
            count = 1 + len(node.body)
            return [kind, node.at, below[0], below[1:count], below[count:]]
        case Jump(kind=kind):
            return [kind, node.at]
        case Include(name=name):
            return ["template", node.at, name, *below]
        case Pipe(declared=declared, assigns=assigns):
            return ["pipe", node.at, list(declared), int(assigns), below]
        case Command():
            return ["cmd", node.at, below]
        case Field(names=names):
            return ["field", node.at, *names]
        case Variable(name=name, names=names):
            return ["var", node.at, name, *names]
        case Chain(names=names):
            return ["chain", node.at, *below, *names]
        case Call(name=name):
            return ["call", node.at, name]
        case Dot():
            return ["dot", node.at]
        case Nil():
            return ["nil", node.at]
        case _:
            return _literal_row(node)


def _literal_row(node: Literal) -> list[Any]:
    if node.kind == "string":
        return ["string", node.at, *_string(str(node.value))]
    if isinstance(node.value, complex):
        return ["complex", node.at, repr(node.value.real), repr(node.value.imag)]
    if node.kind == "float":
        return ["float", node.at, repr(node.value)]
    return [node.kind, node.at, node.value]


def _string(text: str) -> list[Any]:
    """A text as JSON can hold it: bytes that are no UTF-8 as hexadecimal digits."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return [go_bytes(text).hex(), 1]
    return [text]


def load_tree(data: Any) -> Template:
    """The template that `dump_tree` wrote.

    Raises:
        TreeError: not of this format, or not whole.
    """
    if not isinstance(data, Mapping) or data.get("format") != FORMAT:
        raise TreeError(f"not an expression tree of format {FORMAT}")
    try:
        return _load(data)
    except (IndexError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise TreeError(f"malformed expression tree: {error}") from error


def _load(data: Mapping[str, Any]) -> Template:
    nodes: list[Any] = []
    depths: list[int] = []
    for row in data["rows"]:
        node, below = _NODES[row[0]](row, nodes)
        depth = 1 + max((depths[number] for number in below), default=0)
        if depth > _MOST_DEPTH or any(not 0 <= number < len(nodes) for number in below):
            raise TreeError("malformed expression tree: nested too deeply")
        nodes.append(node)
        depths.append(depth)
    return Template(
        body=tuple(nodes[number] for number in data["body"]),
        definitions={
            name: tuple(nodes[number] for number in numbers)
            for name, numbers in data.get("define", {}).items()
        },
        name=data.get("name", ""),
        points=tuple((int(a), int(b), int(c)) for a, b, c in data["points"]),
        located=bool(data.get("located", False)),
        origin=data.get("origin", ""),
        notes={name: load_tree(note) for name, note in data.get("notes", {}).items()},
    )


_Made = tuple[Any, Sequence[int]]


def _text_of(row: list[Any]) -> str:
    return from_bytes(bytes.fromhex(row[2])) if len(row) > 3 else str(row[2])


def _names(values: Sequence[Any]) -> tuple[str, ...]:
    return tuple(str(each) for each in values)


def _branch(row: list[Any], nodes: list[Any]) -> _Made:
    _, at, pipe, body, otherwise = row
    node = Branch(
        at,
        row[0],
        nodes[pipe],
        tuple(nodes[number] for number in body),
        tuple(nodes[number] for number in otherwise),
    )
    return node, (pipe, *body, *otherwise)


def _pipe(row: list[Any], nodes: list[Any]) -> _Made:
    _, at, declared, assigns, below = row
    commands = tuple(nodes[number] for number in below)
    return Pipe(at, _names(declared), bool(assigns), commands), below


def _command(row: list[Any], nodes: list[Any]) -> _Made:
    return Command(row[1], tuple(nodes[number] for number in row[2])), row[2]


def _action(row: list[Any], nodes: list[Any]) -> _Made:
    return Action(row[1], nodes[row[2]]), row[2:]


def _include(row: list[Any], nodes: list[Any]) -> _Made:
    return Include(row[1], str(row[2]), nodes[row[3]] if len(row) > 3 else None), row[3:]


def _chain(row: list[Any], nodes: list[Any]) -> _Made:
    return Chain(row[1], nodes[row[2]], _names(row[3:])), row[2:3]


def _leaf(make: Callable[[list[Any]], Any]) -> Callable[[list[Any], list[Any]], _Made]:
    return lambda row, _nodes: (make(row), ())


_NODES: dict[str, Callable[[list[Any], list[Any]], _Made]] = {
    "if": _branch,
    "with": _branch,
    "range": _branch,
    "pipe": _pipe,
    "cmd": _command,
    "do": _action,
    "template": _include,
    "chain": _chain,
    "text": _leaf(lambda row: Text(_text_of(row))),
    "break": _leaf(lambda row: Jump(row[1], "break")),
    "continue": _leaf(lambda row: Jump(row[1], "continue")),
    "field": _leaf(lambda row: Field(row[1], _names(row[2:]))),
    "var": _leaf(lambda row: Variable(row[1], str(row[2]), _names(row[3:]))),
    "call": _leaf(lambda row: Call(row[1], str(row[2]))),
    "dot": _leaf(lambda row: Dot(row[1])),
    "nil": _leaf(lambda row: Nil(row[1])),
    "bool": _leaf(lambda row: Literal(row[1], "bool", bool(row[2]))),
    "int": _leaf(lambda row: Literal(row[1], "int", int(row[2]))),
    "float": _leaf(lambda row: Literal(row[1], "float", float(row[2]))),
    "complex": _leaf(lambda row: Literal(row[1], "complex", complex(float(row[2]), float(row[3])))),
    "string": _leaf(lambda row: Literal(row[1], "string", _text_of(row))),
}
