"""Inputs of motifs: `{{ .inputs.image }}` becomes what the importer gave for `image`. Pure.

In: a template of a motif and the parsed value of each input. Out: a template that reads the
custom resource alone. The substitution is done on trees, so that a value can never change the
structure around it. Where the whole template is one input, the importer's own template takes its
place, with its own position.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

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


class StatementsInArgumentError(Exception):
    """An input whose value holds statements is used as an argument."""

    def __init__(self, name: str, at: int) -> None:
        super().__init__(name)
        self.name = name
        self.at = at


class InputUse(NamedTuple):
    """One place where a template reads an input."""

    name: str
    at: int


def lone_input(template: Template) -> str | None:
    """The input that is all the template holds: `{{ .inputs.image }}`."""
    content = [each for each in template.body if not _is_blank(each)]
    if len(content) != 1 or template.definitions or not isinstance(content[0], Action):
        return None
    pipe = content[0].pipe
    used = _input_of_pipe(pipe, at_root=True)
    return used[0] if used is not None and not used[1] else None


def input_uses(template: Template) -> Iterator[InputUse]:
    """Every read of `.inputs.x` or `index .inputs "x"`, wherever the dot is the root."""
    found: list[InputUse] = []

    def note(name: str, _rest: tuple[str, ...], at: int) -> Operand | None:
        found.append(InputUse(name, at))
        return None

    _Rewrite(note).body(template.body, at_root=True)
    yield from found


def substitute(template: Template, values: Mapping[str, Template]) -> Template:
    """The template with every input replaced by its value.

    Raises:
        StatementsInArgumentError: a value with `if` or `range` stands where one operand is wanted.
    """

    def operand(name: str, rest: tuple[str, ...], at: int) -> Operand | None:
        if name not in values:
            return None
        value = _as_operand(values[name], name, at)
        if not rest:
            return value
        pipe = value if isinstance(value, Pipe) else _pipe(at, value)
        return Chain(at, pipe, rest)

    rewrite = _Rewrite(operand, values)
    body = rewrite.body(template.body, at_root=True)
    return template._replace(body=body)


def _is_blank(node: Node) -> bool:
    return isinstance(node, Text) and not node.text.strip()


def _pipe(at: int, *operands: Operand) -> Pipe:
    return Pipe(at, (), False, (Command(at, tuple(operands)),))


def _input_of_pipe(pipe: Pipe, at_root: bool) -> tuple[str, tuple[str, ...], int] | None:
    """The input that a whole pipeline reads, with the fields read of it and the place."""
    if len(pipe.commands) != 1 or pipe.declared:
        return None
    operands = pipe.commands[0].operands
    if len(operands) == 1:
        if isinstance(operands[0], Pipe):
            return _input_of_pipe(operands[0], at_root)
        return _input_of_operand(operands[0], at_root)
    return _input_of_index(operands, at_root)


def _input_of_operand(operand: Operand, at_root: bool) -> tuple[str, tuple[str, ...], int] | None:
    match operand:
        case Field(at=at, names=("inputs", name, *rest)) if at_root:
            return name, tuple(rest), at
        case Variable(at=at, name="$", names=("inputs", name, *rest)):
            return name, tuple(rest), at
        case Chain(at=at, operand=Call(name="inputs"), names=(name, *rest)):
            return name, tuple(rest), at
        case _:
            return None


def _input_of_index(
    operands: tuple[Operand, ...], at_root: bool
) -> tuple[str, tuple[str, ...], int] | None:
    """`index .inputs "x"`; further keys are not followed."""
    if len(operands) != 3 or not (isinstance(operands[0], Call) and operands[0].name == "index"):
        return None
    source, key = operands[1], operands[2]
    is_inputs = (isinstance(source, Field) and source.names == ("inputs",) and at_root) or (
        isinstance(source, Variable) and source.name == "$" and source.names == ("inputs",)
    )
    if is_inputs and isinstance(key, Literal) and isinstance(key.value, str):
        return key.value, (), key.at
    return None


def _as_operand(value: Template, name: str, at: int) -> Operand:
    """A value as one operand: a literal, a pipeline, or the joined text of its parts."""
    content = [each for each in value.body if not (isinstance(each, Text) and not each.text)]
    if all(isinstance(each, Text) for each in content):
        return Literal(at, "string", "".join(e.text for e in content if isinstance(e, Text)))
    if value.definitions:
        raise StatementsInArgumentError(name, at)
    operands: list[Operand] = []
    for each in content:
        if isinstance(each, Text):
            operands.append(Literal(at, "string", each.text))
        elif isinstance(each, Action) and not each.pipe.declared:
            operands.append(_Rewrite(None, at=at).pipe(each.pipe, at_root=True))
        else:
            raise StatementsInArgumentError(name, at)
    if len(operands) == 1:
        return operands[0]
    joined = [o if isinstance(o, Literal) else _pipe(at, Call(at, "toString"), o) for o in operands]
    return _pipe(at, Call(at, "print"), *joined)


class _Rewrite:
    """A copy of a tree with inputs replaced; or, for values, with the root dot made `$`.

    `at` moves all nodes to one offset: the place in the motif where the input is used.
    """

    def __init__(
        self,
        operand: object = None,
        values: Mapping[str, Template] | None = None,
        at: int | None = None,
    ) -> None:
        self._operand = operand
        self._values = values
        self._at = at

    def body(self, nodes: Body, *, at_root: bool) -> Body:
        result: list[Node] = []
        for node in nodes:
            spliced = self._splice(node, at_root)
            if spliced is not None:
                result.extend(spliced)
            else:
                result.append(self._node(node, at_root))
        return tuple(result)

    def pipe(self, pipe: Pipe, *, at_root: bool) -> Pipe:
        commands = tuple(self._command(each, at_root) for each in pipe.commands)
        return Pipe(self._place(pipe.at), pipe.declared, pipe.assigns, commands)

    def _place(self, at: int) -> int:
        return at if self._at is None else self._at

    def _splice(self, node: Node, at_root: bool) -> Body | None:
        """An action that is one input: all of the input's value, statements included."""
        if self._values is None or not isinstance(node, Action):
            return None
        used = _input_of_pipe(node.pipe, at_root)
        if used is None or used[1] or used[0] not in self._values:
            return None
        value = self._values[used[0]]
        if value.definitions:
            raise StatementsInArgumentError(used[0], used[2])
        return _Rewrite(at=node.at).body(value.body, at_root=True)

    def _node(self, node: Node, at_root: bool) -> Node:
        match node:
            case Action(at=at, pipe=pipe):
                return Action(self._place(at), self.pipe(pipe, at_root=at_root))
            case Branch(at=at, kind=kind, pipe=pipe, body=body, otherwise=otherwise):
                inner = at_root and kind == "if"
                return Branch(
                    self._place(at),
                    kind,
                    self.pipe(pipe, at_root=at_root),
                    self.body(body, at_root=inner),
                    self.body(otherwise, at_root=at_root),
                )
            case Include(at=at, name=name, pipe=pipe) if pipe is not None:
                return Include(self._place(at), name, self.pipe(pipe, at_root=at_root))
            case Include(at=at, name=name):
                return Include(self._place(at), name, None)
            case Jump(at=at, kind=kind):
                return Jump(self._place(at), kind)
            case Text():
                return node

    def _command(self, command: Command, at_root: bool) -> Command:
        used = _input_of_index(command.operands, at_root)
        if used is not None and callable(self._operand):
            replaced = self._operand(*used)
            if replaced is not None:
                return Command(self._place(command.at), (replaced,))
        operands = tuple(self._one(each, at_root) for each in command.operands)
        return Command(self._place(command.at), operands)

    def _one(self, operand: Operand, at_root: bool) -> Operand:
        used = _input_of_operand(operand, at_root)
        if used is not None and callable(self._operand):
            replaced: Operand | None = self._operand(*used)
            if replaced is not None:
                return replaced
        at = self._place(operand.at)
        match operand:
            case Pipe():
                return self.pipe(operand, at_root=at_root)
            case Chain(operand=inner, names=names):
                moved = self._one(inner, at_root)
                assert isinstance(moved, Pipe | Call)
                return Chain(at, moved, names)
            case Field(names=names) if at_root and self._at is not None:
                return Variable(at, "$", names)
            case Dot() if at_root and self._at is not None:
                return Variable(at, "$")
            case _:
                return operand._replace(at=at)
