"""A tree made ready to run: compiled once at load, rendered for every object.

Notes are linked in, definitions become units, and the result is one object with `render` and `value`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from katalog_runtime.expressions.frames import Frame, Run, Value
from katalog_runtime.expressions.interpolation import (
    Render,
    finish,
    lone_value,
    rendering,
    texts_and_paths,
)
from katalog_runtime.expressions.limits import ExpressionError, Limits, RefusedError
from katalog_runtime.expressions.operands import Fail, OperandCompiler
from katalog_runtime.expressions.statements import StatementCompiler, Unit
from katalog_runtime.expressions.tree import Body, Template, Text
from katalog_runtime.functions.declaration import CallContext, FunctionTable

_ORIGIN = re.compile(r"(.*):(\d+):(\d+)\Z", re.DOTALL)
_NOTE_FRAMES = 10
"""Stack frames that a note's call takes, beside what its own text needs."""


class CompiledTemplate:
    """An expression as closures; safe to share between threads and tasks."""

    __slots__ = ("_lone", "_raw", "_render", "constant", "origin")

    def __init__(
        self, origin: str, raw: Render, render: Render, lone: Callable[[Any], Any] | None
    ) -> None:
        self.origin = origin
        self._raw = raw
        self._render = render
        self._lone = lone
        self.constant: str | None = None
        """The result, where the template has no actions."""

    def render(self, data: Any, context: CallContext) -> str:
        """The text for `data`: trimmed, without `<no value>`.

        Raises:
            ExpressionError: it cannot be evaluated for this data.
        """
        return self._render(data, context)

    def raw(self, data: Any, context: CallContext) -> str:
        """The text exactly as Go's template would write it (in strict mode).

        Raises:
            ExpressionError: it cannot be evaluated for this data.
        """
        return self._raw(data, context)

    def value(self, data: Any, context: CallContext) -> Any:
        """The value for `data`: a lone path keeps the type of what it reads, all else is text.

        Raises:
            ExpressionError: it cannot be evaluated for this data.
        """
        return self._render(data, context) if self._lone is None else self._lone(data)


def compile_template(
    template: Template,
    functions: FunctionTable,
    *,
    strict: bool = False,
    limits: Limits | None = None,
    origin: str = "",
    notes: Mapping[str, Template] | None = None,
) -> CompiledTemplate:
    """Turn a tree into closures.

    Args:
        template: a tree, parsed or loaded.
        functions: the table of functions; Go's predefined ones are known without it.
        strict: Go's own behaviour instead of the Katalog's reading.
        limits: bounds of one evaluation.
        origin: `file`, or `file:line:column` of the text's first character.
        notes: user notes by name, on top of those that the template carries.

    Raises:
        ExpressionError: a note calls itself.
    """
    limits = limits or Limits()
    linker = _Linker(functions, {**(notes or {}), **template.notes}, limits, strict, origin)
    try:
        main = linker.link(template)
    except RecursionError:
        message = "the expression is nested too deeply"
        raise ExpressionError(message, place(origin, template, 0)) from None
    compiled = _assemble(template, main, limits, origin, linker.fail_for(template), strict)
    if all(isinstance(each, Text) for each in template.body):
        text = "".join(each.text for each in template.body if isinstance(each, Text))
        compiled.constant = finish(text)
    return compiled


def place(origin: str, template: Template, offset: int) -> str:
    """`file:line:column` of an offset in the template's text."""
    line, column = template.position(offset)
    base = _ORIGIN.match(origin)
    if base is None:
        return f"{origin}:{line}:{column}" if origin else f"{line}:{column}"
    if not template.located:
        column += int(base[3]) - 1 if line == 1 else 0
        line += int(base[2]) - 1
    return f"{base[1]}:{line}:{column}"


class _Linker:
    """Compiles a template and the notes that it calls."""

    def __init__(
        self,
        functions: FunctionTable,
        notes: Mapping[str, Template],
        limits: Limits,
        strict: bool,
        origin: str,
    ) -> None:
        self.functions = functions
        self.limits = limits
        self.strict = strict
        self.origin = origin
        self.notes: dict[str, Value] = {}
        self._waiting = dict(notes)
        for name in notes:
            self._note(name, ())

    def _note(self, name: str, callers: tuple[str, ...]) -> None:
        """Compile one note after those that it calls."""
        if name in callers:
            chain = " → ".join((*callers[callers.index(name) :], name))
            raise ExpressionError(f"note `{name}` calls itself: {chain}", self.origin)
        template = self._waiting.get(name)
        if template is None or name in self.notes:
            return
        for called in sorted(template.called_names() & self._waiting.keys()):
            self._note(called, (*callers, name))
        self.notes[name] = _note_value(self.link(template))

    def fail_for(self, template: Template) -> Fail:
        """The maker of errors with places in `template`."""
        origin = template.origin or self.origin

        def fail(at: int, message: str) -> ExpressionError:
            return ExpressionError(message, place(origin, template, at))

        return fail

    def link(self, template: Template) -> Unit:
        """The whole template and its definitions as units."""
        units = {name: Unit() for name in template.definitions}
        main = Unit()
        units.setdefault(template.name, main)
        fail = self.fail_for(template)
        self._fill(main, template.body, units, fail)
        for name, body in template.definitions.items():
            if units[name] is not main:
                self._fill(units[name], body, units, fail)
        return main

    def _fill(
        self,
        unit: Unit,
        body: Body,
        units: dict[str, Unit],
        fail: Fail,
    ) -> None:
        operands = OperandCompiler(
            self.functions, self.notes, fail, self.limits, strict=self.strict
        )
        unit.run = StatementCompiler(operands, units).body(body)
        unit.slots = operands.scope.size


def _note_value(unit: Unit) -> Value:
    """A note as a function without parameters: its text trimmed, `true` and `false` as booleans."""

    def note(root: Any, frame: Frame) -> Any:
        run = frame.run
        run.charge(1)
        run.depth += _NOTE_FRAMES
        if run.depth > run.limits.depth:
            raise RefusedError("notes call each other too deeply")
        outer, run.parts = run.parts, []
        try:
            unit.run(root, Frame(run, unit.frame_variables(root)))
            text = finish("".join(run.parts))
        finally:
            run.parts = outer
            run.depth -= _NOTE_FRAMES
        return text == "true" if text in {"true", "false"} else text

    return note


def _assemble(
    template: Template,
    main: Unit,
    limits: Limits,
    origin: str,
    fail: Fail,
    strict: bool,
) -> CompiledTemplate:
    def raw(data: Any, context: CallContext) -> str:
        run = Run(data, context, limits)
        try:
            main.run(data, Frame(run, main.frame_variables(data)))
        except RefusedError as error:
            raise fail(0, str(error)) from None
        except RecursionError:
            raise fail(0, "the expression is nested too deeply") from None
        return "".join(run.parts)

    def render(data: Any, context: CallContext) -> str:
        return finish(raw(data, context))

    if strict:
        return CompiledTemplate(origin, raw, render, None)
    parts = texts_and_paths(template.body, limits.output, fail)
    if parts is None:
        return CompiledTemplate(origin, raw, render, None)
    quick = rendering(parts, limits.output, fail)
    return CompiledTemplate(origin, raw, quick, lone_value(parts))
