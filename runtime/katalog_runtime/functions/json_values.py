"""Values of the language as text and back: `%v`, JSON as Go's encoder writes it, equality; all
within bounds.

An expression can nest one list in another many times over, so every walk here counts what it
visits: a value that would become too large or too deep is an error, not a wait.
"""

from __future__ import annotations

import json
from typing import Any, Final

from katalog_runtime.expressions import printing
from katalog_runtime.expressions.floats import format_float, shortest
from katalog_runtime.expressions.limits import RefusedError
from katalog_runtime.expressions.values import NO_VALUE, sorted_items, visible
from katalog_runtime.functions.declaration import FunctionError
from katalog_runtime.functions.go_numbers import LEAST_INT64, MOST_INT64, parse_float

MOST_TEXT: Final = 1 << 20
"""Characters that a function may return."""
MOST_ITEMS: Final = 10_000
"""Members of a list that a function may make."""
MOST_DEPTH: Final = 100
_MOST_VISITS: Final = 200_000


class _Walk:
    """Counts the values that one operation looks at."""

    __slots__ = ("left",)

    def __init__(self) -> None:
        self.left = _MOST_VISITS

    def visit(self, depth: int) -> None:
        self.left -= 1
        if self.left < 0:
            raise FunctionError("the value is too large")
        too_deep(depth)


def bounded_text(length: int) -> None:
    """Refuse a text before it is made.

    Raises:
        FunctionError: it would be longer than a function may return.
    """
    if length > MOST_TEXT:
        raise FunctionError(f"the result would be longer than {MOST_TEXT} characters")


def bounded_items(count: int) -> None:
    """Refuse a list before it is made, see `bounded_text`."""
    if count > MOST_ITEMS:
        raise FunctionError(f"the result would have more than {MOST_ITEMS} members")


def text_of(value: Any) -> str:
    """The value as Go's `%v` prints it: `map[a:1 b:2]`, `[a b]`, `1e+06`, `<nil>`.

    Raises:
        FunctionError: beyond the bounds.
    """
    if isinstance(value, str):
        return value
    try:
        return printing.text_of(value, MOST_TEXT)
    except RefusedError as error:
        raise FunctionError(str(error)) from None


def shown(value: Any) -> str:
    """The value as a template prints it and the Katalog reads it: nil is empty."""
    text = "" if value is None else text_of(value)
    return text.replace(NO_VALUE, "")


def same(left: Any, right: Any) -> bool:
    """Whether two values are equal: of one kind (1 is not 1.0, nor true), member by member."""
    return _same(left, right, _Walk(), 0)


def _same(left: Any, right: Any, walk: _Walk, depth: int) -> bool:
    walk.visit(depth)
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(
            _same(mine, other, walk, depth + 1) for mine, other in zip(left, right, strict=True)
        )
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(
            _same(item, right[key], walk, depth + 1) for key, item in left.items()
        )
    for kind in (int, float, str):
        if isinstance(left, kind):
            return isinstance(right, kind) and left == right
    return left is None and right is None


_HTML: Final = str.maketrans(
    {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
)


class Output:
    """Text that is being written, and the room that is left for it."""

    __slots__ = ("_parts", "_room")

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._room = MOST_TEXT

    def write(self, text: str) -> None:
        """Append a part.

        Raises:
            FunctionError: there is no room for it.
        """
        self._room -= len(text)
        if self._room < 0:
            bounded_text(MOST_TEXT + 1)
        self._parts.append(text)

    def text(self) -> str:
        """Everything written."""
        return "".join(self._parts)


def too_deep(depth: int) -> None:
    """Refuse a depth beyond the bound, before the host's own stack would."""
    if depth > MOST_DEPTH:
        raise FunctionError(f"the value nests deeper than {MOST_DEPTH} levels")


def to_json(value: Any, *, html: bool = True, indent: str = "") -> str:
    """JSON as Go's `json.Marshal` writes it: sorted keys, `<`, `>` and `&` escaped, no spaces.

    Raises:
        FunctionError: not a number, or beyond the bounds.
    """
    output = Output()
    _json(value, output, 0, html, indent)
    return output.text()


def json_string(text: str, *, html: bool = True) -> str:
    """One string as JSON."""
    quoted = json.dumps(visible(text), ensure_ascii=False)
    return quoted.translate(_HTML) if html else quoted


def _json(value: Any, output: Output, depth: int, html: bool, indent: str) -> None:
    too_deep(depth)
    match value:
        case None:
            output.write("null")
        case bool():
            output.write("true" if value else "false")
        case str():
            output.write(json_string(value, html=html))
        case float():
            output.write(_json_float(value))
        case list() | dict():
            _json_members(value, output, depth, html, indent)
        case _:
            output.write(str(int(value)))


def _json_members(
    value: list[Any] | dict[str, Any], output: Output, depth: int, html: bool, indent: str
) -> None:
    begin, end = "[]" if isinstance(value, list) else "{}"
    if not value:
        output.write(begin + end)
        return
    line = "\n" + indent * (depth + 1) if indent else ""
    colon = ": " if indent else ":"
    entries = [(None, item) for item in value] if isinstance(value, list) else sorted_items(value)
    for index, (key, item) in enumerate(entries):
        output.write(("," if index else begin) + line)
        if key is not None:
            output.write(json_string(key, html=html) + colon)
        _json(item, output, depth + 1, html, indent)
    output.write(("\n" + indent * depth if indent else "") + end)


def _json_float(value: float) -> str:
    """As encoding/json: an exponent below 1e-6 and from 1e21 on, without a leading zero in it."""
    if value != value or value in (float("inf"), float("-inf")):
        raise FunctionError(f"json: unsupported value: {shortest(value)}")
    size = abs(value)
    if size and (size < 1e-6 or size >= 1e21):
        text = format_float(value, "e", -1)
        return text[:-2] + text[-1] if text[-4:-1] == "e-0" else text
    return format_float(value, "f", -1)


def from_json(text: str) -> Any:
    """A JSON document as the language's values: whole numbers of 64 bits are integers.

    Raises:
        FunctionError: not JSON, or nested too deeply.
    """
    try:
        return _DECODER.decode(text.strip(" \t\r\n"))
    except RecursionError:
        raise FunctionError("the JSON nests too deeply") from None
    except json.JSONDecodeError as error:
        raise FunctionError(f"not JSON: {error.msg} at character {error.pos + 1}") from None


def is_json(text: str) -> bool:
    """Whether the text is one JSON document."""
    try:
        _CHECKER.decode(text.strip(" \t\r\n"))
    except (json.JSONDecodeError, RecursionError, FunctionError):
        return False
    return True


def _refuse(word: str) -> Any:
    raise FunctionError(f"not JSON: {word}")


def read_int(text: str) -> int | float:
    """An integer literal of JSON: an integer where it fits 64 bits, else a float."""
    if len(text) <= 20:  # nineteen digits and a sign
        number = int(text)
        if LEAST_INT64 <= number <= MOST_INT64:
            return number
    return parse_float(text)


_DECODER: Final = json.JSONDecoder(
    parse_int=read_int, parse_float=parse_float, parse_constant=_refuse
)
_CHECKER: Final = json.JSONDecoder(
    parse_int=lambda _text: 0, parse_float=lambda _text: 0.0, parse_constant=_refuse
)
