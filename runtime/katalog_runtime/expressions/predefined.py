"""The functions that every Go template has: truth, comparison, indexing, printing, escaping.

Values in, a value out; `RefusedError` for arguments that Go refuses. `and` and `or` are not here:
they evaluate no further than they must, which is the evaluator's business.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from katalog_runtime.expressions import quoting
from katalog_runtime.expressions.limits import RefusedError
from katalog_runtime.expressions.printing import sprint, sprintf, sprintln
from katalog_runtime.expressions.values import (
    NO_VALUE,
    GoByte,
    GoInt,
    GoSlice,
    byte_length,
    from_bytes,
    go_bytes,
    go_type,
    in_words,
)

_ORDERED = frozenset({"integer", "float", "string"})


def _kind(value: Any) -> str:
    """Which of Go's basic kinds a value has; `nil`, `list` and `map` are none of them."""
    match value:
        case None:
            return "nil"
        case bool():
            return "bool"
        case int():
            return "integer"
        case float():
            return "float"
        case complex():
            return "complex"
        case str():
            return "string"
        case list():
            return "list"
        case _:
            return "map"


_COLLECTIONS = frozenset({"list", "map"})


def equal(first: Any, *others: Any) -> bool:
    """Whether `first` equals any of the others; values of different types cannot be compared.

    Raises:
        RefusedError: nothing to compare with, different types, or lists or maps.
    """
    if not others:
        raise RefusedError("missing argument for comparison")
    kind = _kind(first)
    for other in others:
        other_kind = _kind(other)
        if kind != other_kind:
            basic = "nil" not in (kind, other_kind)
            if basic:
                raise _incompatible(first, other)
            continue
        if kind in _COLLECTIONS:
            raise RefusedError(f"{in_words(first)} cannot be compared")
        if first == other:
            return True
    return False


def _incompatible(first: Any, second: Any) -> RefusedError:
    types = f"{go_type(first)} and {go_type(second)}"
    return RefusedError(
        f"incompatible types for comparison: {in_words(first)} and {in_words(second)} ({types})"
    )


def not_equal(first: Any, second: Any) -> bool:
    """`ne`."""
    return not equal(first, second)


def less(first: Any, second: Any) -> bool:
    """`lt`: integers, decimal numbers and strings have an order, among their own kind.

    Raises:
        RefusedError: another type, or different ones.
    """
    kind, other = _kind(first), _kind(second)
    for each, of in ((kind, first), (other, second)):
        if each in _COLLECTIONS or each == "nil":
            raise RefusedError(f"invalid type for comparison: {in_words(of)}")
    if kind != other:
        raise _incompatible(first, second)
    if kind not in _ORDERED:
        raise RefusedError(f"invalid type for comparison: {in_words(first)} has no order")
    if kind == "string":
        return go_bytes(first) < go_bytes(second)
    return bool(first < second)


def less_or_equal(first: Any, second: Any) -> bool:
    """`le`."""
    return less(first, second) or equal(first, second)


def greater(first: Any, second: Any) -> bool:
    """`gt`."""
    return not less_or_equal(first, second)


def greater_or_equal(first: Any, second: Any) -> bool:
    """`ge`."""
    return not less(first, second)


def negate(value: Any) -> bool:
    """`not`."""
    return not value


def length(value: Any) -> GoInt:
    """`len`: bytes of a string, members of a list or map.

    Raises:
        RefusedError: anything else has no length.
    """
    if isinstance(value, str):
        return GoInt(byte_length(value))
    if isinstance(value, list | dict):
        return GoInt(len(value))
    raise RefusedError(f"len of {in_words(value)}")


def _position(index: Any, most: int) -> int:
    if isinstance(index, bool) or not isinstance(index, int):
        raise RefusedError(f"cannot index a list or string with {in_words(index)}")
    if not 0 <= index <= most:
        raise RefusedError(f"index out of range: {int(index)}")
    return int(index)


def index(item: Any, *indices: Any) -> Any:
    """`index`: `index x 1 "a"` is Go's `x[1]["a"]`. A missing key gives nil.

    Raises:
        RefusedError: beyond a list's end, or an item or index of the wrong type.
    """
    if item is None:
        raise RefusedError("index of untyped nil")
    for each in indices:
        if isinstance(item, dict):
            if not isinstance(each, str):
                raise RefusedError(f"a map's key is a string, not {in_words(each)}")
            item = item.get(each)
        elif isinstance(item, list):
            place = _position(each, len(item) - 1)
            item = item[place]
        elif isinstance(item, str):
            data = go_bytes(item)
            item = GoByte(data[_position(each, len(data) - 1)])
        elif item is None:
            raise RefusedError("index of nil")
        else:
            raise RefusedError(f"can't index {in_words(item)}")
    return item


def slice_of(item: Any, *indices: Any) -> Any:
    """`slice`: `slice x 1 2` is Go's `x[1:2]`; of a list up to its capacity.

    Raises:
        RefusedError: indices out of range or order, or an item that is neither string nor list.
    """
    if item is None:
        raise RefusedError("slice of untyped nil")
    if len(indices) > 3:
        raise RefusedError(f"too many slice indexes: {len(indices)}")
    if isinstance(item, str):
        if len(indices) == 3:
            raise RefusedError("cannot 3-index slice a string")
        data = go_bytes(item)
        start, end, _ = _bounds(indices, len(data), len(data))
        return from_bytes(data[start:end])
    if not isinstance(item, list):
        raise RefusedError(f"can't slice {in_words(item)}")
    whole = item + item.beyond if isinstance(item, GoSlice) else item
    start, end, most = _bounds(indices, len(item), len(whole))
    return GoSlice(whole[start:end], whole[end:most])


def _bounds(indices: tuple[Any, ...], size: int, capacity: int) -> tuple[int, int, int]:
    places = [_position(each, capacity) for each in indices]
    start, end, most = (*places, *(0, size, capacity)[len(places) :])
    for low, high in ((start, end), (end, most)):
        if low > high:
            raise RefusedError(f"invalid slice index: {low} > {high}")
    return start, end, most


def refuse_call(callee: Any, *_: Any) -> Any:
    """`call`: data hold no functions, so there is nothing that it could call."""
    raise RefusedError(f"non-function: {in_words(callee)}")


Bounded = Callable[[list[Any], int], Any]
"""A function that makes text: the arguments and the most characters it may make."""


def _escaper(escape: Callable[[str], str]) -> Bounded:
    def run(values: list[Any], room: int) -> str:
        if len(values) == 1 and isinstance(values[0], str):
            return escape(values[0])
        return escape(sprint([NO_VALUE if each is None else each for each in values], room))

    return run


def _printf(values: list[Any], room: int) -> str:
    form = values[0]
    if not isinstance(form, str):
        raise RefusedError(f"printf wants a format string, got {in_words(form)}")
    return sprintf(form, values[1:], room)


PLAIN: dict[str, Callable[..., Any]] = {
    "call": refuse_call,
    "eq": equal,
    "ge": greater_or_equal,
    "gt": greater,
    "index": index,
    "le": less_or_equal,
    "len": length,
    "lt": less,
    "ne": not_equal,
    "not": negate,
    "slice": slice_of,
}
"""Functions whose result is no longer than their arguments."""

BOUNDED: dict[str, Bounded] = {
    "html": _escaper(quoting.html),
    "js": _escaper(quoting.javascript),
    "print": sprint,
    "printf": _printf,
    "println": sprintln,
    "urlquery": _escaper(quoting.url_query),
}
"""Functions that make text of any length."""
