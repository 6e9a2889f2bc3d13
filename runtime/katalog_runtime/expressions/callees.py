"""Functions as the evaluator calls them: predefined, of the table, notes; within bounds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from katalog_runtime.expressions.arities import ARITIES
from katalog_runtime.expressions.frames import Frame, Run, Stage, Value
from katalog_runtime.expressions.limits import RefusedError
from katalog_runtime.expressions.predefined import BOUNDED, PLAIN
from katalog_runtime.expressions.values import Boxed, GoSlice, go_bytes
from katalog_runtime.functions.declaration import FunctionTable

Runner = Callable[[Run, list[Any]], Any]
"""A function ready to be called: the run and the arguments in, a value out."""


class Callee(NamedTuple):
    """A function that a name stands for, and that takes this number of arguments."""

    run: Runner
    is_pure: bool
    """Whether the same arguments always give the same result, wherever they come from."""


def callee(
    name: str, count: int, functions: FunctionTable, notes: Mapping[str, Value]
) -> Callee | str:
    """The function for a call with `count` arguments; a message where there is none."""
    most: int | None
    if name in ARITIES:
        least, most = ARITIES[name]
        least = 1 if name == "eq" else least  # Go finds out when it runs.
        found = Callee(_predefined(name) if name not in {"and", "or"} else _never, True)
    elif name in notes:
        least, most = 0, 0
        found = Callee(_note(notes[name]), False)
    elif name in functions:
        function = functions[name]
        least, most = function.least, function.most
        found = Callee(_of_table(function.call), function.purity == "pure")
    else:
        return f"function `{name}` not defined"
    if count < least or (most is not None and count > most):
        wants = f"{least}" if least == most else f"at least {least}"
        if most is not None and most != least:
            wants = f"{least} to {most}"
        return f"wrong number of args for {name}: want {wants} got {count}"
    return found


def _never(_run: Run, _arguments: list[Any]) -> Any:
    raise AssertionError("`and` and `or` evaluate their own arguments")


def _note(note: Value) -> Runner:
    def call(run: Run, _arguments: list[Any]) -> Any:
        return note(run.root, Frame(run, []))

    return call


def _predefined(name: str) -> Runner:
    if name in BOUNDED:
        bounded = BOUNDED[name]

        def write(run: Run, arguments: list[Any]) -> Any:
            run.charge_call(arguments)
            return run.admit(bounded(arguments, run.limits.output))

        return write
    plain = PLAIN[name]
    if name == "slice":

        def cut(run: Run, arguments: list[Any]) -> Any:
            run.charge_call(arguments)
            if any(type(each) is Boxed for each in arguments):
                raise RefusedError("cannot index slice/array with type interface {}")
            return plain(*arguments)

        return cut

    def compute(run: Run, arguments: list[Any]) -> Any:
        run.charge_call(arguments)
        return plain(*arguments)

    return compute


def _of_table(function: Callable[..., Any]) -> Runner:
    def call(run: Run, arguments: list[Any]) -> Any:
        run.charge_call(arguments)
        return run.admit(function(run.context, *[_json_value(each) for each in arguments]))

    return call


def _json_value(value: Any) -> Any:
    """An argument as the functions know values."""
    kind = type(value)
    if kind is str:
        return value if value.isascii() else go_bytes(value).decode("utf-8", "surrogateescape")
    if isinstance(value, int) and kind is not int and kind is not bool:
        return int(value)
    if kind is GoSlice:
        return list(value)
    if kind is complex:
        raise RefusedError("a complex number is no argument for this function")
    return value


def junction(name: str, arguments: list[Value]) -> Value:
    """`and` and `or`: the first operand that decides, or the last."""
    stop = name == "or"

    def decide(dot: Any, frame: Frame) -> Any:
        value: Any = None
        for each in arguments:
            value = each(dot, frame)
            if bool(value) is stop:
                return value
        return value

    return decide


def piped_junction(name: str, arguments: list[Value]) -> Stage:
    """`and` and `or` with the piped value as the last operand."""
    stop = name == "or"

    def decide(dot: Any, frame: Frame, piped: Any) -> Any:
        for each in arguments:
            value = each(dot, frame)
            if bool(value) is stop:
                return value
        return piped

    return decide
