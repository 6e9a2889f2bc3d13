"""Arithmetic. Numbers are integers, decimals, numeric texts and booleans; whole results are
integers. Pure.

The reference computes in 64-bit floats and so loses digits of integers above 2^53; we compute
integers exactly and fall back to floats where 64 bits do not hold the result.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from katalog_runtime.functions.declaration import Function, FunctionError
from katalog_runtime.functions.go_numbers import native, truncate
from katalog_runtime.functions.signature import declare

Number = int | float

_declare = partial(declare, group="math")


def _native(compute: Callable[..., Number]) -> Callable[..., Number]:
    def computed(*numbers: Number) -> Number:
        try:
            return native(compute(*numbers))
        except OverflowError:
            raise FunctionError("the result is beyond the largest number") from None

    return computed


def divide(left: Number, right: Number) -> Number:
    """The quotient; whole where it is whole.

    Raises:
        FunctionError: division by zero.
    """
    if right == 0:
        raise FunctionError("division by zero")
    if isinstance(left, int) and isinstance(right, int) and left % right == 0:
        return left // right
    return left / right


def modulo(left: Number, right: Number) -> int:
    """The remainder of the integer parts, with the sign of `left`.

    Raises:
        FunctionError: division by zero.
    """
    a, b = truncate(left), truncate(right)
    if b == 0:
        raise FunctionError("division by zero")
    rest = abs(a) % abs(b)
    return -rest if a < 0 else rest


def _clamp(value: Number, low: Number, high: Number) -> Number:
    if value < low:
        return low
    return high if value > high else value


FUNCTIONS: Final[tuple[Function, ...]] = (
    _declare(
        "add left:number right:number -> number",
        "The sum.",
        _native(lambda left, right: left + right),
        ("{{ add .spec.port 1000 }}", "9080", {"spec": {"port": 8080}}),
    ),
    _declare(
        "sub left:number right:number -> number",
        "The difference.",
        _native(lambda left, right: left - right),
        ("{{ sub 3 1 }}", "2"),
    ),
    _declare(
        "mul left:number right:number -> number",
        "The product.",
        _native(lambda left, right: left * right),
        ("{{ mul 3 0.5 }}", "1.5"),
    ),
    _declare(
        "div left:number right:number -> number",
        "The quotient; dividing by zero is an error.",
        _native(divide),
        ("{{ div 8 4 }} {{ div 1 4 }}", "2 0.25"),
    ),
    _declare(
        "mod left:number right:number -> int",
        "The remainder of the integer parts.",
        modulo,
        ("{{ mod 8080 100 }}", "80"),
    ),
    _declare(
        "min left:number right:number -> number",
        "The smaller number.",
        _native(lambda left, right: left if left < right else right),
        ("{{ min .spec.replicas 10 }}", "10", {"spec": {"replicas": 15}}),
    ),
    _declare(
        "max left:number right:number -> number",
        "The larger number.",
        _native(lambda left, right: left if left > right else right),
        ("{{ max .spec.replicas 2 }}", "2", {"spec": {"replicas": 1}}),
    ),
    _declare(
        "clamp value:number low:number high:number -> number",
        "The value, but no less than `low` and no more than `high`.",
        _native(_clamp),
        ("{{ clamp 25 1 20 }}", "20"),
    ),
    _declare(
        "abs number:number -> number",
        "The number without its sign.",
        _native(abs),
        ("{{ abs -300 }}", "300"),
    ),
)
