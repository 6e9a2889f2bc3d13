"""Templates with holes, compiled once into functions that build values.

In: a bundle's `Template` (a constant skeleton and the places that expressions fill). Out: a
function from (data, context) to a fresh JSON value in which only the paths to holes are copied;
everything constant is shared with the skeleton. No I/O, no clock. What is built must
not be changed in place.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from typing import Any, Final

from katalog_runtime.bundle import Expression, Hole, Template
from katalog_runtime.expressions import (
    ExpressionError,
    compile_template,
    load_tree,
)
from katalog_runtime.functions.declaration import CallContext, FunctionTable

Build = Callable[[Any, CallContext], Any]
"""(data, context) to a JSON value, or OMIT for no field at all."""

OMIT: Final = object()

_INTEGER = re.compile(r"[+-]?\d+")
_CANONICAL_INTEGER = re.compile(r"0|-?[1-9]\d*")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_BOOLEANS = {
    "true": True,
    "yes": True,
    "on": True,
    "1": True,
    "false": False,
    "no": False,
    "off": False,
    "0": False,
}


class TemplateError(Exception):
    """An expression cannot be evaluated for this owner, or its result does not fit its place."""

    def __init__(self, message: str, origin: str) -> None:
        super().__init__(f"{origin}: {message}" if origin else message)
        self.message = message
        self.origin = origin
        """`file:line:column` in the Katalog."""


def compile_text(expression: Expression, functions: FunctionTable) -> Callable[..., str]:
    """A function from (data, context) to the expression's trimmed text; raises TemplateError."""
    compiled = compile_template(load_tree(expression.tree), functions, origin=expression.origin)
    render = compiled.render

    def text(data: Any, context: CallContext) -> str:
        try:
            return render(data, context)
        except ExpressionError as error:
            raise _template_error(error, expression) from error

    return text


def compile_value(template: Template, functions: FunctionTable) -> Build:
    """A function that builds the template's value; raises TemplateError."""
    holes = [(hole.path, _fill(hole, functions)) for hole in template.holes]
    return _builder(template.skeleton, holes)


def _builder(skeleton: Any, holes: list[tuple[tuple[str | int, ...], Build]]) -> Build:
    if not holes:
        return lambda _data, _context: skeleton
    if not holes[0][0]:
        return holes[0][1]
    groups: dict[str | int, list[tuple[tuple[str | int, ...], Build]]] = {}
    for path, fill in holes:
        groups.setdefault(path[0], []).append((path[1:], fill))
    if all(isinstance(part, int) for part in groups):
        items = skeleton if isinstance(skeleton, list) else []
        return _list_builder(items, {int(part): each for part, each in groups.items()})
    constant = skeleton if isinstance(skeleton, dict) else {}
    parts = tuple(
        (str(part), _builder(constant.get(str(part)), each)) for part, each in groups.items()
    )

    def build(data: Any, context: CallContext) -> Any:
        result = dict(constant)
        for key, fill in parts:
            value = fill(data, context)
            if value is OMIT:
                result.pop(key, None)
            else:
                result[key] = value
        # What an omitted field leaves empty goes with it: a list of ports without its only port.
        return result or OMIT

    return build


def _list_builder(
    items: list[Any], groups: dict[int, list[tuple[tuple[str | int, ...], Build]]]
) -> Build:
    size = max(len(items), 1 + max(groups))
    constant = items + [None] * (size - len(items))
    parts = tuple((index, _builder(constant[index], each)) for index, each in groups.items())

    def build(data: Any, context: CallContext) -> Any:
        result = list(constant)
        for index, fill in parts:
            result[index] = fill(data, context)
        return [each for each in result if each is not OMIT] or OMIT

    return build


def _fill(hole: Hole, functions: FunctionTable) -> Build:
    empty: Any = {"keep": "", "omit": OMIT, "default": hole.default}[hole.when_empty]
    if hole.as_ == "json":
        return _fill_json(hole, functions, None if hole.when_empty == "keep" else empty)
    text = compile_text(hole.expression, functions)
    convert = _CONVERSIONS[hole.as_]
    typed = hole.as_ not in ("string", "bytes", "intOrString", "auto")
    if hole.when_empty == "keep" and typed:
        # There is no empty number: an empty result leaves the field to the server's default.
        empty = OMIT
    origin = hole.expression.origin

    def fill(data: Any, context: CallContext) -> Any:
        result = text(data, context)
        if not result:
            return empty
        try:
            return convert(result)
        except ValueError as error:
            raise TemplateError(str(error), origin) from error

    return fill


def _fill_json(hole: Hole, functions: FunctionTable, empty: Any) -> Build:
    expression = hole.expression
    compiled = compile_template(load_tree(expression.tree), functions, origin=expression.origin)
    evaluate = compiled.value

    def fill(data: Any, context: CallContext) -> Any:
        try:
            result = evaluate(data, context)
        except ExpressionError as error:
            raise _template_error(error, expression) from error
        return empty if result is None or result == "" else result

    return fill


def _template_error(error: ExpressionError, expression: Expression) -> TemplateError:
    origin = getattr(error, "origin", "") or expression.origin
    return TemplateError(getattr(error, "message", "") or str(error), origin)


def _integer(text: str) -> int:
    if not _INTEGER.fullmatch(text) or not -(2**63) <= int(text) < 2**63:
        raise ValueError(f"a whole number is needed here, `{_shown(text)}` came out")
    return int(text)


def _number(text: str) -> int | float:
    if _INTEGER.fullmatch(text):
        return _integer(text)
    if not _NUMBER.fullmatch(text):
        raise ValueError(f"a number is needed here, `{_shown(text)}` came out")
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise ValueError(f"`{_shown(text)}` is beyond every number that JSON can hold")
    return number


def _boolean(text: str) -> bool:
    value = _BOOLEANS.get(text.lower())
    if value is None:
        raise ValueError(f"true or false is needed here, `{_shown(text)}` came out")
    return value


def _int_or_string(text: str) -> int | str:
    fits = _CANONICAL_INTEGER.fullmatch(text) and -(2**31) <= int(text) < 2**31
    return int(text) if fits else text


def _auto(text: str) -> Any:
    if _CANONICAL_INTEGER.fullmatch(text) and len(text) < 19:
        return int(text)
    if _NUMBER.fullmatch(text) and float(text) not in (float("inf"), float("-inf")):
        return float(text)
    return {"true": True, "false": False}.get(text, text)


def _bytes(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _shown(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."


_CONVERSIONS: dict[str, Callable[[str], Any]] = {
    "string": lambda text: text,
    "bytes": _bytes,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "intOrString": _int_or_string,
    "auto": _auto,
}
