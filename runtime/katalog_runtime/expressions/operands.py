"""Operands, commands and pipelines of the tree, turned once into closures.

Each closure takes the value in scope and the frame, and returns a value. What is constant is
computed here and not again. Failures below are `RefusedError`s and get the place of the node.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from katalog_runtime.expressions import paths
from katalog_runtime.expressions.callees import Runner, callee, junction, piped_junction
from katalog_runtime.expressions.frames import Frame, Run, Stage, Value
from katalog_runtime.expressions.limits import ExpressionError, Limits, RefusedError
from katalog_runtime.expressions.scopes import Scope
from katalog_runtime.expressions.tree import (
    Call,
    Chain,
    Command,
    Dot,
    Field,
    Literal,
    Nil,
    Operand,
    Pipe,
    Variable,
)
from katalog_runtime.expressions.values import Boxed, GoInt
from katalog_runtime.functions.declaration import CallContext, FunctionError, FunctionTable

Fail = Callable[[int, str], ExpressionError]
"""The error for a message at an offset of the text."""
_SHELVED = CallContext(
    now=lambda: datetime(1970, 1, 1, tzinfo=UTC),
    chance=random.Random(0),  # noqa: S311  # only pure functions are called with it
)


class Constant:
    """A closure that always gives the same value."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __call__(self, _dot: Any, _frame: Frame) -> Any:
        """The value."""
        return self.value


class OperandCompiler:
    """Compiles the pipelines of one template."""

    def __init__(
        self,
        functions: FunctionTable,
        notes: Mapping[str, Value],
        fail: Fail,
        limits: Limits,
        *,
        strict: bool,
    ) -> None:
        self.functions = functions
        self.notes = notes
        self.fail = fail
        self.limits = limits
        self.strict = strict
        self.scope = Scope()
        self.read_fields = paths.strict if strict else paths.lenient

    def guarded(self, at: int, run: Value) -> Value:
        """`run`, whose refusals name the place `at`."""
        fail = self.fail

        def guarded(dot: Any, frame: Frame) -> Any:
            try:
                return run(dot, frame)
            except RefusedError as error:
                raise fail(at, str(error)) from None

        return guarded

    def refuse(self, at: int, message: str) -> Value:
        """A closure that fails whenever it is reached."""
        fail = self.fail

        def refuse(_dot: Any, _frame: Frame) -> Any:
            raise fail(at, message)

        return refuse

    def pipe(self, pipe: Pipe, *, certain: bool = True) -> Value:
        """A pipeline with its declarations, which are in scope from here on.

        Args:
            pipe: the pipeline.
            certain: whether it is evaluated for sure once its statement is reached.
        """
        first = self._command(pipe.commands[0])
        stages = [self._stage(command) for command in pipe.commands[1:]]
        run = first
        if stages:

            def chained(dot: Any, frame: Frame) -> Any:
                value = first(dot, frame)
                for stage in stages:
                    value = stage(dot, frame, value)
                return value

            run = chained
        if not pipe.declared:
            return run
        return self._storing(pipe, run, certain=certain)

    def _storing(self, pipe: Pipe, run: Value, *, certain: bool) -> Value:
        if pipe.assigns:
            writers = [self.scope.writer(name) for name in pipe.declared]

            def assign(dot: Any, frame: Frame) -> Any:
                value = run(dot, frame)
                for write in writers:
                    write(frame, value)
                return value

            return self.guarded(pipe.at, assign)
        slots = [self.scope.declare(name, certain=certain) for name in pipe.declared]

        def declare(dot: Any, frame: Frame) -> Any:
            value = run(dot, frame)
            for slot in slots:
                frame.variables[slot] = value
            return value

        return declare

    def _command(self, command: Command) -> Value:
        """The first command of a pipeline."""
        first, rest = command.operands[0], command.operands[1:]
        if isinstance(first, Call):
            return self._call(first, command.at, rest)
        if isinstance(first, Field | Chain) or (isinstance(first, Variable) and first.names):
            return self._fields(first, has_arguments=bool(rest))
        if rest:
            return self.refuse(first.at, "can't give argument to non-function")
        if isinstance(first, Nil):
            return self.refuse(first.at, "nil is not a command")
        return self.operand(first)

    def _stage(self, command: Command) -> Stage:
        """A later command of a pipeline, which takes the value before it as its last argument."""
        first = command.operands[0]
        if isinstance(first, Call):
            return self._piped_call(first, command.at, command.operands[1:])
        if isinstance(first, Field | Chain) or (isinstance(first, Variable) and first.names):
            return _ignoring(self._fields(first, has_arguments=True))
        return _ignoring(self.refuse(first.at, "can't give argument to non-function"))

    def operand(self, node: Operand, *, boxed: bool = False) -> Value:
        """One operand.

        Args:
            node: the operand.
            boxed: keep values that Go holds in an interface apart, as `Boxed` (strict mode only).
        """
        match node:
            case Dot():
                return _unboxed_dot if self.strict and not boxed else _dot
            case Nil():
                return Constant(None)
            case Literal(kind=kind, value=value):
                if kind != "int":
                    return Constant(value)
                assert isinstance(value, int)
                if value >= 1 << 63:
                    return self.refuse(node.at, f"{value} overflows int")
                return Constant(GoInt(value))
            case Variable(name=name, names=()):
                read = _variable(self.scope.reader(name), unboxing=self.strict and not boxed)
                return self.guarded(node.at, read)
            case Field() | Chain() | Variable():
                run = self._fields(node, has_arguments=False)
                return _boxing(run) if boxed else run
            case Call():
                return self._call(node, node.at, ())
            case Pipe():
                return self.pipe(node, certain=False)

    def _fields(self, node: Field | Chain | Variable, *, has_arguments: bool) -> Value:
        names = node.names
        read = self.read_fields(names)
        if has_arguments:
            read = paths.with_arguments(names, self.read_fields)
        fail, at = self.fail, node.at
        if isinstance(node, Field):

            def of_dot(dot: Any, _frame: Frame) -> Any:
                try:
                    return read(dot)
                except RefusedError as error:
                    raise fail(at, str(error)) from None

            return of_dot
        if isinstance(node, Variable):
            variable = self.scope.reader(node.name)

            def of_variable(_dot: Any, frame: Frame) -> Any:
                try:
                    return read(variable(frame))
                except RefusedError as error:
                    raise fail(at, str(error)) from None

            return of_variable
        operand = self.operand(node.operand)

        def of_operand(dot: Any, frame: Frame) -> Any:
            value = operand(dot, frame)
            try:
                return read(value)
            except RefusedError as error:
                raise fail(at, str(error)) from None

        return of_operand

    def _arguments(self, name: str, operands: tuple[Operand, ...]) -> list[Value]:
        # Of all functions, only `slice` refuses an index that Go holds in an interface.
        boxed = self.strict and name == "slice"
        return [
            self.operand(each, boxed=boxed and index > 0) for index, each in enumerate(operands)
        ]

    def _call(self, node: Call, at: int, operands: tuple[Operand, ...]) -> Value:
        name = node.name
        found = callee(name, len(operands), self.functions, self.notes)
        if isinstance(found, str):
            return self.refuse(node.at, found)
        arguments = self._arguments(name, operands)
        if name in {"and", "or"}:
            return junction(name, arguments)
        call = self._direct(name, at, found.run, arguments)
        if found.is_pure and all(isinstance(each, Constant) for each in arguments):
            try:
                return Constant(call(None, Frame(Run(None, _SHELVED, self.limits), [])))
            except ExpressionError:
                return call  # It fails where it is reached, and only there.
        return call

    def _direct(self, name: str, at: int, run: Runner, arguments: list[Value]) -> Value:
        fail = self.fail

        def call(dot: Any, frame: Frame) -> Any:
            values = [each(dot, frame) for each in arguments]
            try:
                return run(frame.run, values)
            except (RefusedError, FunctionError) as error:
                raise fail(at, f"error calling {name}: {error}") from None

        return call

    def _piped_call(self, node: Call, at: int, operands: tuple[Operand, ...]) -> Stage:
        name = node.name
        found = callee(name, len(operands) + 1, self.functions, self.notes)
        if isinstance(found, str):
            return _ignoring(self.refuse(node.at, found))
        arguments = self._arguments(name, operands)
        if name in {"and", "or"}:
            return piped_junction(name, arguments)
        fail, run = self.fail, found.run

        def call(dot: Any, frame: Frame, piped: Any) -> Any:
            values = [each(dot, frame) for each in arguments]
            values.append(piped)
            try:
                return run(frame.run, values)
            except (RefusedError, FunctionError) as error:
                raise fail(at, f"error calling {name}: {error}") from None

        return call


def _dot(dot: Any, _frame: Frame) -> Any:
    return dot


def _unboxed_dot(dot: Any, _frame: Frame) -> Any:
    return dot.value if type(dot) is Boxed else dot


def _ignoring(run: Value) -> Stage:
    """`run` as a stage: what is piped into it has nowhere to go."""

    def stage(dot: Any, frame: Frame, _piped: Any) -> Any:
        return run(dot, frame)

    return stage


def _boxing(run: Value) -> Value:
    def boxing(dot: Any, frame: Frame) -> Any:
        return Boxed(run(dot, frame))

    return boxing


def _variable(read: Callable[[Frame], Any], *, unboxing: bool) -> Value:
    if not unboxing:
        return lambda _dot, frame: read(frame)

    def unboxed(_dot: Any, frame: Frame) -> Any:
        value = read(frame)
        return value.value if type(value) is Boxed else value

    return unboxed
