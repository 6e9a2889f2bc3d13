"""The syntax tree of an expression: frozen nodes that the parser makes and the evaluator runs.

Nodes carry their offset in the expression's text; the template carries the few points from which a
line and a column in the Katalog follow. The form in the bundle is in `tree_json`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Literal as OneOf
from typing import NamedTuple

Names = tuple[str, ...]
"""Field names after a dot: `.spec.image` is `("spec", "image")`."""


class Dot(NamedTuple):
    """`.`: the value in scope."""

    at: int


class Nil(NamedTuple):
    """`nil`."""

    at: int


class Literal(NamedTuple):
    """A constant and its Go type. An `int` above 2⁶³-1 parses, and fails when evaluated."""

    at: int
    kind: OneOf["bool", "int", "float", "complex", "string"]
    value: bool | int | float | complex | str


class Field(NamedTuple):
    """`.spec.image`: fields of the value in scope."""

    at: int
    names: Names


class Variable(NamedTuple):
    """`$x`, `$x.field`, and `$` itself."""

    at: int
    name: str
    names: Names = ()


class Chain(NamedTuple):
    """`(…).field`: fields of a parenthesised pipeline or of a function's result."""

    at: int
    operand: Pipe | Call
    names: Names


class Call(NamedTuple):
    """The name of a function; its arguments are the other operands of the command it leads."""

    at: int
    name: str


class Command(NamedTuple):
    """Operands side by side: a function and its arguments, or one value."""

    at: int
    operands: tuple[Operand, ...]


class Pipe(NamedTuple):
    """Commands joined by `|`, perhaps declaring (`:=`) or assigning (`=`) variables."""

    at: int
    declared: Names
    assigns: bool
    commands: tuple[Command, ...]


Operand = Dot | Nil | Literal | Field | Variable | Chain | Call | Pipe


class Text(NamedTuple):
    """Constant text between actions."""

    text: str


class Action(NamedTuple):
    """`{{ pipeline }}`: prints its value, unless it declares or assigns."""

    at: int
    pipe: Pipe


class Branch(NamedTuple):
    """`if`, `with` and `range`, with what `else` holds."""

    at: int
    kind: OneOf["if", "with", "range"]
    pipe: Pipe
    body: Body
    otherwise: Body


class Jump(NamedTuple):
    """`break` or `continue`."""

    at: int
    kind: OneOf["break", "continue"]


class Include(NamedTuple):
    """`{{ template "name" pipeline }}`; a `block` is its definition and this."""

    at: int
    name: str
    pipe: Pipe | None


Node = Text | Action | Branch | Jump | Include
Body = tuple[Node, ...]
Locate = Callable[[int], tuple[int, int]]
"""An offset in the expression's text to line and column in its file, both from 1."""


class Template(NamedTuple):
    """A parsed expression."""

    body: Body
    definitions: Mapping[str, Body] = MappingProxyType({})
    """`define` and `block` bodies by name."""
    name: str = ""
    """The name under which the whole template could include itself."""
    text: str = ""
    """The source text; empty where the tree came from a bundle."""
    points: tuple[tuple[int, int, int], ...] = ((0, 1, 1),)
    """(offset, line, column), ascending: a node stands on the line of the last point before it."""
    located: bool = False
    """Whether the points are places in the user's file, not in the expression's own text."""
    origin: str = ""
    """A note's own `file:line:column`; empty where the caller knows it."""
    notes: Mapping[str, Template] = MappingProxyType({})
    """The user notes (functions without parameters) that this template calls, directly or not."""

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of `offset`, both from 1."""
        index = max(bisect_right(self.points, (offset, 1 << 60, 0)) - 1, 0)
        start, line, column = self.points[index]
        return line, column + offset - start

    def called_names(self) -> set[str]:
        """The names of all functions and notes that the template itself calls."""
        bodies = (self.body, *self.definitions.values())
        return {node.name for body in bodies for node in walk(body) if isinstance(node, Call)}


def walk(body: Body) -> Iterator[Node | Operand | Command]:
    """Every node below `body`, parents first, in the order of the text."""
    stack: list[Node | Operand | Command] = list(reversed(body))
    while stack:
        node = stack.pop()
        yield node
        stack.extend(reversed(children(node)))


def children(node: Node | Operand | Command) -> tuple[Node | Operand | Command, ...]:
    """The nodes directly below `node`, in the order of the text."""
    match node:
        case Action(pipe=pipe):
            return (pipe,)
        case Branch(pipe=pipe, body=body, otherwise=otherwise):
            return (pipe, *body, *otherwise)
        case Include(pipe=pipe):
            return (pipe,) if pipe is not None else ()
        case Pipe(commands=commands):
            return commands
        case Command(operands=operands):
            return operands
        case Chain(operand=operand):
            return (operand,)
        case _:
            return ()
