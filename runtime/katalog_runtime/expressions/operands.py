"""Operands, commands and pipelines of the tree, turned once into closures.

Each closure takes the value in scope and the frame, and returns a value. What is constant is computed here
and not again. Failures below are `Refusal`s and get the place of the node that failed.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from katalog_runtime.expressions import paths
from katalog_runtime.expressions.frames import Frame, Run, Stage, Value
from katalog_runtime.expressions.limits import ExpressionError, Limits, Refusal
from katalog_runtime.expressions.predefined import ARITIES, BOUNDED, PLAIN
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
from katalog_runtime.expressions.values import Boxed, GoInt, go_bytes
from katalog_runtime.functions.declaration import CallContext, FunctionError, FunctionTable

Fail = Callable[[int, str], ExpressionError]
"""The error for a message at an offset of the text."""
_SHELVED = CallContext(now=lambda: datetime(1970, 1, 1, tzinfo=UTC), chance=random.Random(0))  # noqa: S311  # pure functions never draw


class Constant:
    """A closure that always gives the same value."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __call__(self, dot: Any, frame: Frame) -> Any:
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
            except Refusal as error:
                raise fail(at, str(error)) from None

        return guarded

    def refuse(self, at: int, message: str) -> Value:
        """A closure that fails whenever it is reached."""
        fail = self.fail

        def refuse(dot: Any, frame: Frame) -> Any:
            raise fail(at, message)

        return refuse

    def pipe(self, pipe: Pipe, *, certain: bool = True) -> Value:
        """A pipeline with its declarations, which are in scope from here on."""
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
        match first:
            case Call():
                return self._call(first, command.at, rest, piped=False)
            case Field() | Chain():
                return self._fields(first, has_arguments=bool(rest))
            case Variable() if first.names:
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
            return self._call(first, command.at, command.operands[1:], piped=True)
        if isinstance(first, Field | Chain) or (isinstance(first, Variable) and first.names):
            run = self._fields(first, has_arguments=True)
        else:
            run = self.refuse(first.at, "can't give argument to non-function")

        def stage(dot: Any, frame: Frame, piped: Any) -> Any:
            return run(dot, frame)

        return stage

    def operand(self, node: Operand, *, boxed: bool = False) -> Value:
        """One operand.

        Args:
            node: the operand.
            boxed: strict mode only: keep values that Go holds in an interface apart, as `Boxed`.
        """
        match node:
            case Dot():
                if not self.strict:
                    return _dot
                return _dot if boxed else _unboxed_dot
            case Nil():
                return Constant(None)
            case Literal(kind=kind, value=value):
                if kind != "int":
                    return Constant(value)
                assert isinstance(value, int)
                if value >= 1 << 63:
                    return self.refuse(node.at, f"{value} overflows int")
                return Constant(GoInt(value))
            case Field() | Chain():
                run = self._fields(node, has_arguments=False)
                return _boxing(run) if boxed else run
            case Variable(name=name, names=names):
                if names:
                    run = self._fields(node, has_arguments=False)
                    return _boxing(run) if boxed else run
                return self.guarded(node.at, _variable(self.scope.reader(name), self.strict, boxed))
            case Call():
                return self._call(node, node.at, (), piped=False)
            case Pipe():
                return self.pipe(node, certain=False)

    def _fields(self, node: Field | Chain | Variable, *, has_arguments: bool) -> Value:
        names = node.names
        read = (
            paths.with_arguments(names, self.read_fields)
            if has_arguments
            else self.read_fields(names)
        )
        fail, at = self.fail, node.at
        if isinstance(node, Field):

            def of_dot(dot: Any, frame: Frame) -> Any:
                try:
                    return read(dot)
                except Refusal as error:
                    raise fail(at, str(error)) from None

            return of_dot
        if isinstance(node, Variable):
            variable = self.scope.reader(node.name)

            def of_variable(dot: Any, frame: Frame) -> Any:
                try:
                    return read(variable(frame))
                except Refusal as error:
                    raise fail(at, str(error)) from None

            return of_variable
        operand = self.operand(node.operand)

        def of_operand(dot: Any, frame: Frame) -> Any:
            value = operand(dot, frame)
            try:
                return read(value)
            except Refusal as error:
                raise fail(at, str(error)) from None

        return of_operand

    def _call(self, node: Call, at: int, operands: tuple[Operand, ...], *, piped: bool) -> Any:
        """A call: a `Stage` where the last argument is piped, else a `Value`."""
        name, count = node.name, len(operands) + piped
        if name in {"and", "or"}:
            if not count:
                message = f"wrong number of args for {name}: want at least 1 got 0"
                return self._refused(node.at, message, piped=piped)
            return self._junction(name, operands, piped=piped)
        if name in ARITIES:
            least, most = ARITIES[name]
            least = 1 if name == "eq" else least
            run = _predefined(name)
            pure = True
        elif name in self.notes:
            least, most = 0, 0
            note = self.notes[name]

            def run(call_run: Run, arguments: list[Any]) -> Any:
                return note(call_run.root, Frame(call_run, []))

            pure = False
        elif name in self.functions:
            function = self.functions[name]
            least, most = function.least, function.most
            run = _of_table(function.call)
            pure = function.purity == "pure"
        else:
            return self._refused(node.at, f"function `{name}` not defined", piped=piped)
        if count < least or (most is not None and count > most):
            wants = f"{least}" if least == most else f"at least {least}"
            if most is not None and most != least:
                wants = f"{least} to {most}"
            message = f"wrong number of args for {name}: want {wants} got {count}"
            return self._refused(node.at, message, piped=piped)
        arguments = [
            self.operand(each, boxed=self.strict and name == "slice" and index > 0)
            for index, each in enumerate(operands)
        ]
        if piped:
            return self._staged(name, at, run, arguments)
        return self._direct(name, at, run, arguments, pure=pure)

    def _refused(self, at: int, message: str, *, piped: bool) -> Any:
        refuse = self.refuse(at, message)
        if not piped:
            return refuse

        def stage(dot: Any, frame: Frame, piped_value: Any) -> Any:
            return refuse(dot, frame)

        return stage

    def _direct(
        self, name: str, at: int, run: _Runner, arguments: list[Value], *, pure: bool
    ) -> Value:
        fail = self.fail

        def call(dot: Any, frame: Frame) -> Any:
            values = [each(dot, frame) for each in arguments]
            try:
                return run(frame.run, values)
            except (Refusal, FunctionError) as error:
                raise fail(at, f"error calling {name}: {error}") from None

        if pure and all(isinstance(each, Constant) for each in arguments):
            try:
                frame = Frame(Run(None, _SHELVED, self.limits), [])
                return Constant(call(None, frame))
            except ExpressionError:
                return call  # It fails when it is reached, and only then.
        return call

    def _staged(self, name: str, at: int, run: _Runner, arguments: list[Value]) -> Stage:
        fail = self.fail

        def call(dot: Any, frame: Frame, piped: Any) -> Any:
            values = [each(dot, frame) for each in arguments]
            values.append(piped)
            try:
                return run(frame.run, values)
            except (Refusal, FunctionError) as error:
                raise fail(at, f"error calling {name}: {error}") from None

        return call

    def _junction(self, name: str, operands: tuple[Operand, ...], *, piped: bool) -> Any:
        """`and` and `or`: the first operand that decides, or the last."""
        arguments = [self.operand(each) for each in operands]
        stop = name == "or"

        def junction(dot: Any, frame: Frame) -> Any:
            value: Any = None
            for each in arguments:
                value = each(dot, frame)
                if bool(value) is stop:
                    return value
            return value

        if not piped:
            return junction

        def stage(dot: Any, frame: Frame, last: Any) -> Any:
            for each in arguments:
                value = each(dot, frame)
                if bool(value) is stop:
                    return value
            return last

        return stage


_Runner = Callable[[Run, list[Any]], Any]


def _dot(dot: Any, frame: Frame) -> Any:
    return dot


def _unboxed_dot(dot: Any, frame: Frame) -> Any:
    return dot.value if type(dot) is Boxed else dot


def _boxing(run: Value) -> Value:
    def boxing(dot: Any, frame: Frame) -> Any:
        return Boxed(run(dot, frame))

    return boxing


def _variable(read: Callable[[Frame], Any], strict: bool, boxed: bool) -> Value:
    if not strict or boxed:
        return lambda dot, frame: read(frame)

    def unboxed(dot: Any, frame: Frame) -> Any:
        value = read(frame)
        return value.value if type(value) is Boxed else value

    return unboxed


def _predefined(name: str) -> _Runner:
    if name in BOUNDED:
        bounded = BOUNDED[name]

        def write(run: Run, arguments: list[Any]) -> Any:
            run.charge_call(arguments)
            return run.admit(bounded(arguments, run.limits.output))

        return write
    plain = PLAIN[name]
    check = name == "slice"

    def compute(run: Run, arguments: list[Any]) -> Any:
        run.charge_call(arguments)
        if check and any(type(each) is Boxed for each in arguments):
            raise Refusal("cannot index slice/array with type interface {}")
        return plain(*arguments)

    return compute


def _of_table(function: Callable[..., Any]) -> _Runner:
    def call(run: Run, arguments: list[Any]) -> Any:
        run.charge_call(arguments)
        return run.admit(function(run.context, *[_plain(each) for each in arguments]))

    return call


def _plain(value: Any) -> Any:
    """An argument as the functions know values: JSON values and nothing else."""
    kind = type(value)
    if isinstance(value, int) and kind is not int and kind is not bool:
        return int(value)
    if kind is complex:
        raise Refusal("a complex number is no argument for this function")
    if kind is str and not value.isascii():
        return go_bytes(value).decode("utf-8", "surrogateescape")
    return value
