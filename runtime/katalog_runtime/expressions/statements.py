"""Text, actions, branches, loops and includes of the tree, turned once into closures that write."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from katalog_runtime.expressions.frames import UNSET, Frame, Statement, Value
from katalog_runtime.expressions.limits import RefusedError
from katalog_runtime.expressions.operands import Constant, OperandCompiler
from katalog_runtime.expressions.printing import text_of
from katalog_runtime.expressions.tree import (
    Action,
    Body,
    Branch,
    Include,
    Jump,
    Node,
    Text,
)
from katalog_runtime.expressions.values import NO_VALUE, Boxed, GoInt, in_words, sorted_items

_SORTING = 16
"""Keys that count as one step when a loop sorts them."""


class Unit:
    """A body with a name: the whole template, a `define`, a `block`. Compiled once."""

    __slots__ = ("run", "slots")

    def __init__(self) -> None:
        self.run: Statement = nothing
        self.slots = 1

    def frame_variables(self, dot: Any) -> list[Any]:
        """Variables at its start: `$`, and the rest unset."""
        return [dot] + [UNSET] * (self.slots - 1)


def nothing(_dot: Any, _frame: Frame) -> str | None:
    """The statement that does nothing."""
    return None


class StatementCompiler:
    """Compiles the body of one unit."""

    def __init__(self, operands: OperandCompiler, units: dict[str, Unit]) -> None:
        self.operands = operands
        self.units = units
        self.scope = operands.scope
        self.depth = 0
        """Blocks around the node at hand."""

    def body(self, nodes: Body) -> Statement:
        """A list of nodes; variables declared in it end with it."""
        mark = self.scope.mark()
        self.depth += 1
        statements: list[Statement] = []
        pending = ""
        for node in nodes:
            constant, run = self._statement(node)
            if constant is not None:
                pending += constant
                continue
            if pending:
                statements.append(_text(pending))
                pending = ""
            statements.append(run)
        if pending:
            statements.append(_text(pending))
        self.depth -= 1
        self.scope.release(mark)
        if len(statements) < 2:
            return statements[0] if statements else nothing

        def run_all(dot: Any, frame: Frame) -> str | None:
            for statement in statements:
                jump = statement(dot, frame)
                if jump is not None:
                    return jump
            return None

        return run_all

    def _statement(self, node: Node) -> tuple[str | None, Statement]:
        """The text of a node that always writes the same, else the statement."""
        outer, self.scope.optional = self.scope.optional, []
        constant: str | None = None
        run: Statement = nothing
        match node:
            case Text(text=text):
                constant = text
            case Action():
                constant, run = self._action(node)
            case Branch(kind="range"):
                run = self._range(node)
            case Branch():
                run = self._condition(node)
            case Jump(kind=kind):
                run = _jump(kind)
            case Include():
                run = self._include(node)
        optional, self.scope.optional = self.scope.optional, outer
        return constant, _forgetting(run, optional) if optional else run

    def _action(self, node: Action) -> tuple[str | None, Statement]:
        value = self.operands.pipe(node.pipe)
        if node.pipe.declared:

            def keep(dot: Any, frame: Frame) -> None:
                value(dot, frame)

            return None, keep
        absent = NO_VALUE if self.operands.strict else ""
        if isinstance(value, Constant):
            try:
                room = self.operands.limits.output
                text = absent if value.value is None else text_of(value.value, room)
            except RefusedError:
                pass  # It fails where it is reached, and only there.
            else:
                return text, nothing
        fail, at = self.operands.fail, node.pipe.at

        def write(dot: Any, frame: Frame) -> None:
            result = value(dot, frame)
            try:
                if result is None:
                    frame.run.write(absent)
                elif type(result) is str:
                    frame.run.write(result)
                else:
                    frame.run.write(text_of(result, frame.run.room))
            except RefusedError as error:
                raise fail(at, str(error)) from None

        return None, write

    def _condition(self, node: Branch) -> Statement:
        mark = self.scope.mark()
        value = self.operands.pipe(node.pipe)
        body, otherwise = self.body(node.body), self.body(node.otherwise)
        self.scope.release(mark)
        if node.kind == "if":

            def choose(dot: Any, frame: Frame) -> str | None:
                return body(dot, frame) if value(dot, frame) else otherwise(dot, frame)

            return choose

        def within(dot: Any, frame: Frame) -> str | None:
            scope = value(dot, frame)
            return body(scope, frame) if scope else otherwise(dot, frame)

        return within

    def _range(self, node: Branch) -> Statement:
        pipe = node.pipe
        mark = self.scope.mark()
        value = self.operands.pipe(pipe)
        writers = [self.scope.writer(name) for name in pipe.declared]
        body, otherwise = self.body(node.body), self.body(node.otherwise)
        self.scope.release(mark)
        positions = len(writers) > 1
        boxing, fail, at = self.operands.strict, self.operands.fail, pipe.at

        def loop(dot: Any, frame: Frame) -> str | None:
            over = value(dot, frame)
            ran = False
            try:
                for key, item, is_boxed in _entries(over, frame, positions=positions):
                    frame.run.charge(1)
                    ran = True
                    each = Boxed(item) if boxing and is_boxed else item
                    if positions:
                        writers[0](frame, key)
                    if writers:
                        writers[-1](frame, each)
                    if body(each, frame) == "break":
                        break
            except RefusedError as error:
                raise fail(at, str(error)) from None
            return None if ran else otherwise(dot, frame)

        return loop

    def _include(self, node: Include) -> Statement:
        value: Value = self.operands.pipe(node.pipe) if node.pipe else Constant(None)
        unit = self.units.get(node.name)
        fail, at, name = self.operands.fail, node.at, node.name
        if unit is None:
            return self.operands.refuse(at, f"template `{name}` not defined")
        frames = 2 * self.depth + 2  # A closure for each block around it, and for its list.

        def include(dot: Any, frame: Frame) -> None:
            scope = value(dot, frame)
            run = frame.run
            run.depth += frames
            if run.depth > run.limits.depth:
                raise fail(at, f"template `{name}` includes itself too deeply")
            try:
                run.charge(1)
            except RefusedError as error:
                raise fail(at, str(error)) from None
            unit.run(scope, Frame(run, unit.frame_variables(scope)))
            run.depth -= frames

        return include


def _text(text: str) -> Statement:
    def write(_dot: Any, frame: Frame) -> None:
        frame.run.write(text)

    return write


def _jump(kind: str) -> Statement:
    def jump(_dot: Any, _frame: Frame) -> str:
        return kind

    return jump


def _forgetting(run: Statement, slots: list[int]) -> Statement:
    """`run`, before which declarations that it may or may not reach count as not reached."""

    def forgetting(dot: Any, frame: Frame) -> str | None:
        for slot in slots:
            frame.variables[slot] = UNSET
        return run(dot, frame)

    return forgetting


def _entries(value: Any, frame: Frame, *, positions: bool) -> Iterable[tuple[Any, Any, bool]]:
    """Key, item, and whether Go holds the item in an interface, for each turn of a `range`."""
    most = frame.run.limits.range_size
    if value is None:
        return ()
    if isinstance(value, list | dict):
        if len(value) > most:
            raise RefusedError(f"range over {len(value)} members, more than {most}")
        if isinstance(value, dict):
            frame.run.charge(len(value) // _SORTING)
            return ((key, item, True) for key, item in sorted_items(value))
        return ((GoInt(index), item, True) for index, item in enumerate(value))
    if isinstance(value, int) and not isinstance(value, bool):
        if positions:
            raise RefusedError(f"can't use {int(value)} to iterate over more than one variable")
        if value > most:
            raise RefusedError(f"range over {int(value)}, more than {most}")
        kind = type(value)
        return ((None, kind(number), False) for number in range(value))
    raise RefusedError(f"range can't iterate over {in_words(value)}")
