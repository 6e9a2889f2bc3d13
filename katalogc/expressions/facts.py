"""What is known of an expression without evaluating it: paths read, clock, chance, failure.

Paths are resolved through `with`, `range`, variables and `template` calls, as far as the text
tells. The members of a list or map that is ranged over are written `*`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

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
    Node,
    Operand,
    Pipe,
    Template,
    Text,
    Variable,
)

if TYPE_CHECKING:
    from katalog_runtime.functions.declaration import Signatures

Path = tuple[str | int, ...]
EACH = "*"
"""In a path: every member of a list or map."""
_MOST_INCLUDES = 2_000
_SAFE = frozenset({"and", "html", "js", "not", "or", "print", "println", "urlquery"})
"""Predefined functions that take whatever they are given."""
_SELECTORS = frozenset({"default", "coalesce", "or", "and", "ternary"})
"""Functions whose result is one of their arguments."""


class Facts(NamedTuple):
    """What is known of an expression without evaluating it."""

    reads: frozenset[Path]
    """Paths from the root of the data; a path stands for all below it, `*` for every member."""
    clock: bool
    """Whether the result depends on the time."""
    random: bool
    """Whether two evaluations differ."""
    can_fail: bool
    """Whether there are data for which it fails (in the Katalog's reading)."""
    functions: frozenset[str]
    """Functions called, predefined ones included, notes not."""
    is_lone_path: Path | None
    """The path, where the template is one path and nothing else: its type can be kept."""
    constant: bool
    """Whether the template has no actions."""


def facts(
    template: Template,
    table: Signatures | None = None,
    notes: Mapping[str, Template] | None = None,
) -> Facts:
    """The facts of a template, with those of the notes it calls.

    Args:
        template: a parsed template.
        table: the functions, for clock and chance; without it a call of one counts as able to fail.
        notes: user notes by name, besides those that the template carries.
    """
    walker = _Walker(table or {}, {**(notes or {}), **template.notes})
    walker.template(template, (ROOT,))
    names = frozenset(walker.functions)
    purities = {table[name].purity for name in names if table and name in table}
    return Facts(
        reads=frozenset(walker.reads),
        clock="clock" in purities,
        random="random" in purities,
        can_fail=walker.can_fail,
        functions=names,
        is_lone_path=_lone_path(template),
        constant=all(isinstance(node, Text) for node in template.body),
    )


def _lone_path(template: Template) -> Path | None:
    solid = [
        node for node in template.body if not (isinstance(node, Text) and not node.text.strip())
    ]
    if len(solid) != 1 or not isinstance(solid[0], Action):
        return None
    pipe = solid[0].pipe
    if pipe.declared or len(pipe.commands) != 1 or len(pipe.commands[0].operands) != 1:
        return None
    match pipe.commands[0].operands[0]:
        case Field(names=names):
            return names
        case Variable(name="$", names=names) if names:
            return names
    return None


ROOT: Path = ()
Meaning = tuple[Path, ...]
"""The paths that a value may come from; none where it is computed."""


class _Walker:
    """Walks the tree, with what `.` and each variable may stand for."""

    def __init__(self, table: Signatures, notes: Mapping[str, Template]) -> None:
        self.table = table
        self.notes = notes
        self.reads: set[Path] = set()
        self.functions: set[str] = set()
        self.can_fail = False
        self.definitions: Mapping[str, Body] = {}
        self.included: set[tuple[str, Meaning]] = set()
        self.noted: set[str] = set()

    def template(self, template: Template, dot: Meaning) -> None:
        """A whole template with its own definitions."""
        outer, self.definitions = self.definitions, template.definitions
        included, self.included = self.included, set()
        self.body(template.body, dot, [("$", dot)])
        self.definitions, self.included = outer, included

    def body(self, nodes: Body, dot: Meaning, variables: list[tuple[str, Meaning]]) -> None:
        """A list of nodes; what it declares ends with it."""
        mark = len(variables)
        for node in nodes:
            self.node(node, dot, variables)
        del variables[mark:]

    def node(self, node: Node, dot: Meaning, variables: list[tuple[str, Meaning]]) -> None:
        """One node."""
        match node:
            case Action(pipe=pipe):
                value = self.pipe(pipe, dot, variables)
                if not pipe.declared:
                    self.reads.update(value)
            case Branch():
                self.branch(node, dot, variables)
            case Include(name=name, pipe=pipe):
                value = self.pipe(pipe, dot, variables) if pipe else ()
                self.include(name, value)
            case Text() | Jump():
                pass

    def branch(self, node: Branch, dot: Meaning, variables: list[tuple[str, Meaning]]) -> None:
        """`if`, `with`, `range`."""
        mark = len(variables)
        value = self.pipe(node.pipe, dot, variables)
        self.reads.update(value)
        inner = dot
        if node.kind == "with":
            inner = value
        elif node.kind == "range":
            inner = tuple((*path, EACH) for path in value)
            self.can_fail = True
            for index, name in enumerate(node.pipe.declared):
                is_item = index == len(node.pipe.declared) - 1
                variables.append((name, inner if is_item else ()))
        self.body(node.body, inner, variables)
        del variables[mark + (0 if node.pipe.assigns else len(node.pipe.declared)) :]
        self.body(node.otherwise, dot, variables)
        del variables[mark:]

    def include(self, name: str, dot: Meaning) -> None:
        """A `template` call: its body with that dot, once for each meaning."""
        key = (name, dot)
        body = self.definitions.get(name)
        self.can_fail |= body is None or any(name == each for each, _ in self.included)
        if body is None or key in self.included or len(self.included) > _MOST_INCLUDES:
            return
        if len([each for each, _ in self.included if each == name]) > 20:
            self.reads.update(dot)  # A recursion that goes ever deeper: everything below is read.
            return
        self.included.add(key)
        self.body(body, dot, [("$", dot)])

    def pipe(self, pipe: Pipe, dot: Meaning, variables: list[tuple[str, Meaning]]) -> Meaning:
        """A pipeline; the paths its value may come from."""
        value: Meaning = ()
        for index, command in enumerate(pipe.commands):
            piped = value if index else None
            value = self.command(command, piped, dot, variables)
        for name in pipe.declared:
            if pipe.assigns:
                # Either value may be there later: assignments may stand under a condition.
                before = _lookup(variables, name)
                _replace(variables, name, tuple(dict.fromkeys((*before, *value))))
            else:
                variables.append((name, value))
        return value

    def command(
        self,
        command: Command,
        piped: Meaning | None,
        dot: Meaning,
        variables: list[tuple[str, Meaning]],
    ) -> Meaning:
        """A command; a function's arguments are read."""
        first = command.operands[0]
        arguments = [self.operand(each, dot, variables) for each in command.operands[1:]]
        if piped is not None:
            arguments.append(piped)
        if not isinstance(first, Call):
            self.can_fail |= bool(arguments)
            return self.operand(first, dot, variables)
        self.call(first.name)
        if first.name in _SELECTORS:
            return tuple(dict.fromkeys(path for each in arguments for path in each))
        if first.name in {"index", "get"} and arguments:
            constants = command.operands[2:] if len(command.operands) > 1 else ()
            return self.indexed(arguments, constants, piped is not None)
        for each in arguments:
            self.reads.update(each)
        return ()

    def indexed(
        self, arguments: list[Meaning], constants: tuple[Operand, ...], piped: bool
    ) -> Meaning:
        """`index x "a" 0`: the path of `x` and the constants after it."""
        for each in arguments[1:]:
            self.reads.update(each)
        if piped:
            self.reads.update(arguments[-1])
            return () if len(arguments) == 1 else arguments[0]
        steps: list[str | int] = []
        for constant in constants:
            if isinstance(constant, Literal) and constant.kind in {"string", "int"}:
                value = constant.value
                assert isinstance(value, str | int)
                steps.append(value)
            else:
                steps.append(EACH)
        return tuple((*path, *steps) for path in arguments[0])

    def call(self, name: str) -> None:
        """A function or note is called."""
        if name in self.notes and name not in self.table:
            if name not in self.noted:
                self.noted.add(name)
                self.template(self.notes[name], (ROOT,))
            return
        self.functions.add(name)
        function = self.table.get(name)
        if name not in _SAFE:
            self.can_fail |= function is None or function.can_fail

    def operand(self, node: Operand, dot: Meaning, variables: list[tuple[str, Meaning]]) -> Meaning:
        """An operand; the paths its value may come from."""
        match node:
            case Dot():
                return dot
            case Field(names=names):
                return self.below(dot, names)
            case Variable(name=name, names=names):
                return self.below(_lookup(variables, name), names)
            case Chain(operand=operand, names=names):
                return self.below(self.operand(operand, dot, variables), names)
            case Call(name=name):
                self.call(name)
                return ()
            case Pipe():
                return self.pipe(node, dot, variables)
            case _:
                return ()

    def below(self, meaning: Meaning, names: tuple[str, ...]) -> Meaning:
        """Fields of a value. More than one may stand below something that is no map."""
        if names:
            self.can_fail |= len(names) > 1 or ROOT not in meaning
        return tuple((*path, *names) for path in meaning)


def _lookup(variables: list[tuple[str, Meaning]], name: str) -> Meaning:
    for each, meaning in reversed(variables):
        if each == name:
            return meaning
    return ()


def _replace(variables: list[tuple[str, Meaning]], name: str, meaning: Meaning) -> None:
    for index in range(len(variables) - 1, -1, -1):
        if variables[index][0] == name:
            variables[index] = (name, meaning)
            return
