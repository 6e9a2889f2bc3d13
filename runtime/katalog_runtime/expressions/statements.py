"""Text, actions, branches, loops and includes of the tree, turned once into closures that write."""

from __future__ import annotations

from typing import Any

from katalog_runtime.expressions.frames import UNSET, Frame, Statement, Value
from katalog_runtime.expressions.limits import Refusal
from katalog_runtime.expressions.operands import Constant, OperandCompiler
from katalog_runtime.expressions.printing import text_of
from katalog_runtime.expressions.tree import (
    Action,
    Body,
    Branch,
    Include,
    Jump,
    Node,
    Pipe,
    Text,
    children,
)
from katalog_runtime.expressions.values import NO_VALUE, Boxed, GoInt, in_words, sorted_items

_WORK = 64
"""Keys of a map that count as one step when a loop sorts them."""


class Unit:
    """A body with a name (`define`, `block`, or the whole template): compiled once, included often."""

    __slots__ = ("frames", "run", "slots")

    def __init__(self) -> None:
        self.run: Statement = _nothing
        self.slots = 1
        self.frames = 1
        """Stack frames that its deepest nesting takes."""

    def frame_variables(self, dot: Any) -> list[Any]:
        """Variables at its start: `$`, and the rest unset."""
        return [dot] + [UNSET] * (self.slots - 1)


def _nothing(dot: Any, frame: Frame) -> None:
    return None


def stack_frames(body: Body) -> int:
    """How many stack frames the evaluation of `body` may take at once."""
    deepest, stack = 1, [iter(body)]
    while stack:
        node = next(stack[-1], None)
        if node is None:
            stack.pop()
            continue
        below = children(node)
        if below:
            stack.append(iter(below))  # type: ignore[arg-type]  # one element type for the whole walk
            deepest = max(deepest, len(stack))
    return 2 * deepest + 1


class StatementCompiler:
    """Compiles the body of one unit."""

    def __init__(self, operands: OperandCompiler, units: dict[str, Unit]) -> None:
        self.operands = operands
        self.units = units
        self.scope = operands.scope

    def body(self, nodes: Body) -> Statement:
        """A list of nodes; variables declared in it end with it."""
        mark = self.scope.mark()
        statements = [self._statement(node) for node in _folded(nodes)]
        self.scope.release(mark)
        if not statements:
            return _nothing
        if len(statements) == 1:
            return statements[0]

        def run(dot: Any, frame: Frame) -> str | None:
            for statement in statements:
                jump = statement(dot, frame)
                if jump is not None:
                    return jump
            return None

        return run

    def _statement(self, node: Node) -> Statement:
        before = self.scope.optional
        self.scope.optional = []
        match node:
            case Text(text=text):
                run = self._text(text)
            case Action(pipe=pipe):
                run = self._action(node, pipe)
            case Branch(kind="range"):
                run = self._range(node)
            case Branch():
                run = self._condition(node)
            case Jump(kind=kind):
                run = _jump(kind)
            case Include():
                run = self._include(node)
        optional, self.scope.optional = self.scope.optional, before
        return _forgetting(run, optional) if optional else run

    def _text(self, text: str) -> Statement:
        def write(dot: Any, frame: Frame) -> None:
            frame.run.write(text)

        return write

    def _action(self, node: Action, pipe: Pipe) -> Statement:
        value = self.operands.pipe(pipe)
        if pipe.declared:

            def keep(dot: Any, frame: Frame) -> None:
                value(dot, frame)

            return keep
        fail, at = self.operands.fail, node.at
        absent = NO_VALUE if self.operands.strict else ""

        def write(dot: Any, frame: Frame) -> None:
            result = value(dot, frame)
            try:
                if result is None:
                    frame.run.write(absent)
                elif type(result) is str:
                    frame.run.write(result)
                else:
                    frame.run.write(text_of(result, frame.run.room))
            except Refusal as error:
                raise fail(at, str(error)) from None

        return write

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
            run = frame.run
            ran = False
            try:
                for key, item, is_boxed in _entries(over, frame, positions):
                    run.charge(1)
                    ran = True
                    each = Boxed(item) if boxing and is_boxed else item
                    if positions:
                        writers[0](frame, key)
                        writers[1](frame, each)
                    elif writers:
                        writers[0](frame, each)
                    if body(each, frame) == "break":
                        break
            except Refusal as error:
                raise fail(at, str(error)) from None
            return None if ran else otherwise(dot, frame)

        return loop

    def _include(self, node: Include) -> Statement:
        value: Value = self.operands.pipe(node.pipe) if node.pipe else Constant(None)
        unit = self.units.get(node.name)
        fail, at, name = self.operands.fail, node.at, node.name
        if unit is None:
            return self.operands.refuse(at, f"template `{name}` not defined")

        def include(dot: Any, frame: Frame) -> None:
            scope = value(dot, frame)
            run = frame.run
            depth = run.depth + unit.frames
            if depth > run.depth_limit:
                raise fail(at, f"template `{name}` includes itself too deeply")
            run.depth = depth
            try:
                run.charge(1)
            except Refusal as error:
                raise fail(at, str(error)) from None
            unit.run(scope, Frame(run, unit.frame_variables(scope)))
            run.depth = depth - unit.frames

        return include


def _folded(nodes: Body) -> list[Node]:
    """Neighbouring texts as one."""
    out: list[Node] = []
    for node in nodes:
        if isinstance(node, Text) and out and isinstance(out[-1], Text):
            out[-1] = Text(out[-1].text + node.text)
        else:
            out.append(node)
    return out


def _jump(kind: str) -> Statement:
    def jump(dot: Any, frame: Frame) -> str:
        return kind

    return jump


def _forgetting(run: Statement, slots: list[int]) -> Statement:
    """`run`, before which declarations that it may or may not reach count as not reached."""

    def forgetting(dot: Any, frame: Frame) -> str | None:
        for slot in slots:
            frame.variables[slot] = UNSET
        return run(dot, frame)

    return forgetting


def _entries(value: Any, frame: Frame, positions: bool) -> list[tuple[Any, Any, bool]]:
    """Key, item, and whether Go holds the item in an interface, for each iteration of a `range`."""
    most = frame.run.limits.range_size
    if value is None:
        return []
    if isinstance(value, list | dict):
        if len(value) > most:
            raise Refusal(f"range over {len(value)} members, more than {most}")
        frame.run.charge(len(value) // _WORK)
        if isinstance(value, dict):
            return [(key, item, True) for key, item in sorted_items(value)]
        return [(GoInt(index), item, True) for index, item in enumerate(value)]
    if isinstance(value, int) and not isinstance(value, bool):
        if positions:
            raise Refusal(f"can't use {int(value)} to iterate over more than one variable")
        if value > most:
            raise Refusal(f"range over {int(value)}, more than {most}")
        kind = type(value)
        return [(None, kind(number), False) for number in range(value)]
    raise Refusal(f"range can't iterate over {in_words(value)}")
