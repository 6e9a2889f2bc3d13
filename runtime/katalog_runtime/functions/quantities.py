"""Functions on Kubernetes quantities, exact as apimachinery's. Pure."""

from __future__ import annotations

from functools import partial
from typing import Final

from katalog_runtime.functions import quantity
from katalog_runtime.functions.declaration import Function
from katalog_runtime.functions.go_numbers import truncate
from katalog_runtime.functions.quantity import Format
from katalog_runtime.functions.signature import declare

_declare = partial(declare, group="quantity")


def _format(number: int | float) -> str:
    """Whole numbers from 1 on with binary suffixes, everything else in thousandths."""
    value = float(number)
    if value >= 1 and value.is_integer():
        return str(quantity.of_int(truncate(number), Format.BINARY_SI))
    return str(quantity.of_milli(truncate(value * 1000), Format.DECIMAL_SI))


def _sum(left: str, right: str) -> str:
    return str(quantity.add(quantity.parse(left), quantity.parse(right)))


def _difference(left: str, right: str) -> str:
    return str(quantity.subtract(quantity.parse(left), quantity.parse(right)))


FUNCTIONS: Final[tuple[Function, ...]] = (
    _declare(
        "parseQuantity quantity:string -> float",
        "The quantity as a number: `250m` is 0.25, `1Gi` is 1073741824.",
        lambda text: quantity.parse(text).approximate(),
        ('{{ parseQuantity "250m" }}', "0.25"),
    ),
    _declare(
        "quantityCanonical quantity:string -> string",
        "The quantity as Kubernetes prints it.",
        lambda text: str(quantity.parse(text)),
        ('{{ quantityCanonical "2048Mi" }} {{ quantityCanonical "0.5" }}', "2Gi 500m"),
    ),
    _declare(
        "formatQuantity number:number -> string",
        "The number as a quantity: 0.1 is `100m`, 1073741824 is `1Gi`.",
        _format,
        ("{{ formatQuantity 0.1 }} {{ formatQuantity 1073741824 }}", "100m 1Gi"),
    ),
    _declare(
        "sumQuantity left:string right:string -> string",
        "The sum of two quantities.",
        _sum,
        ('{{ sumQuantity "1Gi" "512Mi" }}', "1536Mi"),
    ),
    _declare(
        "subtractQuantity left:string right:string -> string",
        "The difference of two quantities.",
        _difference,
        ('{{ subtractQuantity "1" "500m" }}', "500m"),
    ),
    _declare(
        "minusQuantity left:string right:string -> string",
        "Another name of `subtractQuantity`.",
        _difference,
        ('{{ minusQuantity "300m" "100m" }}', "200m"),
    ),
)
