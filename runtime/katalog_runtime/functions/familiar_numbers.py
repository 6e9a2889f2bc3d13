"""Names for numbers that users of Go templates know from Sprig, with the meaning that they know.

Pure.
"""

from __future__ import annotations

import math
from functools import partial
from typing import Any, Final

from katalog_runtime.functions.declaration import Function, FunctionError
from katalog_runtime.functions.go_numbers import (
    NumberError,
    native,
    parse_float,
    parse_int,
    truncate,
)
from katalog_runtime.functions.json_values import bounded_items, text_of
from katalog_runtime.functions.signature import ANY_TYPE, declare

_declare = partial(declare, group="math", on_wrong_type=ANY_TYPE)


def to_float(value: Any) -> float:
    """A number, a numeric text or a boolean as a float; 0 for everything else."""
    if isinstance(value, (bool, int, float)):
        return float(value)
    try:
        return parse_float(value) if isinstance(value, str) else 0.0
    except NumberError:
        return 0.0


def to_int(value: Any) -> int:
    """A number cut to an integer, the integer in a text, a boolean as 0 or 1;

    0 for everything else.
    """
    try:
        if isinstance(value, (bool, int, float)):
            return truncate(value)
        if isinstance(value, str):
            whole, point, fraction = value.partition(".")
            return parse_int(whole if point and not fraction.strip("0") else value)
    except NumberError:
        return 0
    return 0


def until_step(start: int, stop: int, step: int) -> list[int]:
    """The integers from `start` on, before `stop`.

    Raises:
        FunctionError: too many of them.
    """
    if (stop < start) != (step < 0) or step == 0:
        return []
    numbers = range(start, stop, step)
    bounded_items(len(numbers))
    return list(numbers)


def _until(count: int) -> list[int]:
    return until_step(0, count, -1 if count < 0 else 1)


def _seq(*numbers: int) -> str:
    match numbers:
        case (end,):
            start, step = 1, 1 if end >= 1 else -1
        case (start, end):
            step = 1 if end >= start else -1
        case (start, step, end):
            pass
        case _:
            return ""
    beyond = 1 if end >= start else -1
    return " ".join(map(str, until_step(start, end + beyond, step)))


def _round(value: Any, places: int, half: float = 0.5) -> float:
    """To a number of decimals; the digit after them decides, and negative numbers go down."""
    if abs(places) > 300:
        raise FunctionError(f"no number has {places} places")
    power = 10.0**places
    scaled = to_float(value) * power
    if not math.isfinite(scaled):
        return scaled
    fraction = math.modf(scaled)[0]
    whole = math.ceil(scaled) if fraction >= half else math.floor(scaled)
    return float(whole) / power


def _rounded(value: Any, *, up: bool) -> float:
    number = to_float(value)
    if not math.isfinite(number):
        return number
    return float(math.ceil(number) if up else math.floor(number))


def _to_decimal(value: Any) -> int:
    text = text_of(value)
    digits = text.lstrip("+-")
    if not digits or len(digits) > 21 or not all("0" <= each <= "7" for each in digits):
        return 0
    try:
        return truncate(int(text, 8))
    except (ValueError, NumberError):
        return 0


FUNCTIONS: Final[tuple[Function, ...]] = (
    _declare(
        "int value:any -> int",
        "The value as an integer; 0 where it is no number.",
        to_int,
        ('{{ int "3" }} {{ int 3.7 }} {{ int "x" }}', "3 3 0"),
        on_nil='"0"',
    ),
    _declare(
        "int64 value:any -> int",
        "Another name of `int`.",
        to_int,
        ('{{ int64 "3" }}', "3"),
        on_nil='"0"',
    ),
    _declare(
        "atoi text:any -> int",
        "The integer in a text; 0 where there is none.",
        to_int,
        ('{{ atoi "42" }}', "42"),
        on_nil='"0"',
    ),
    _declare(
        "float64 value:any -> float",
        "The value as a decimal number; 0 where it is no number.",
        to_float,
        ('{{ float64 "2.5" }}', "2.5"),
        on_nil='"0"',
    ),
    _declare(
        "toDecimal octal:any -> int",
        "The number that the octal digits mean, such as a file mode.",
        _to_decimal,
        ('{{ toDecimal "0644" }}', "420"),
        on_nil='"0"',
    ),
    _declare(
        "add1 number:any -> int",
        "The integer after this one.",
        lambda value: native(to_int(value) + 1),
        ("{{ add1 .index }}", "1", {"index": 0}),
        on_nil='"1"',
    ),
    _declare(
        "ceil number:any -> float",
        "The least whole number that is not smaller.",
        lambda value: _rounded(value, up=True),
        ("{{ ceil 1.2 }}", "2"),
        on_nil='"0"',
    ),
    _declare(
        "floor number:any -> float",
        "The greatest whole number that is not larger.",
        lambda value: _rounded(value, up=False),
        ("{{ floor 1.8 }}", "1"),
        on_nil='"0"',
    ),
    _declare(
        "round number:any places:int? [half:number] -> float",
        "The number with so many decimals.",
        _round,
        ("{{ round 123.5555 3 }}", "123.556"),
        on_nil='"0"',
        on_wrong_type="error",
    ),
    _declare(
        "until count:int? -> list",
        "The integers from 0 on, before the count.",
        _until,
        ("{{ range until 3 }}{{ . }}{{ end }}", "012"),
        on_nil='"[]"',
        on_wrong_type="error",
    ),
    _declare(
        "untilStep start:int? stop:int? step:int? -> list",
        "The integers from the start on, before the stop, by steps.",
        until_step,
        ("{{ untilStep 3 9 2 }}", "[3 5 7]"),
        on_nil='"[0]"',
        on_wrong_type="error",
    ),
    _declare(
        "seq numbers:int... -> string",
        "The integers with spaces: `seq end`, `seq start end` or `seq start step end`.",
        _seq,
        ("{{ seq 0 2 6 }}", "0 2 4 6"),
        on_wrong_type="error",
    ),
)
