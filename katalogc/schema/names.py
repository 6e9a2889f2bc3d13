"""Annotated types of single values: durations, quantities, integers that may be expressions. Pure.

A failed value raises pydantic's custom error whose type is the diagnostic code; `schema.parse`
turns it into a located diagnostic.
"""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

SECONDS_BY_UNIT = {
    "ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0,
    "d": 86_400.0, "w": 604_800.0, "mo": 2_592_000.0, "y": 31_536_000.0,
}  # fmt: skip
"""A month is 30 days and a year 365, as in the reference."""

_PART = r"(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|ms|mo|s|m|h|d|w|y)"
_DURATION = re.compile(rf"[-+]?(?:0|(?:{_PART})+)")
_PARTS = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|mo|s|m|h|d|w|y)")
_QUANTITY = re.compile(
    r"[-+]?(?:\d{1,40}(?:\.\d{0,40})?|\.\d{1,40})(?:[KMGTPE]i|[numkMGTPE]|[eE][-+]?\d{1,3})?"
)
DNS_LABEL = re.compile(r"[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?")
DNS_SUBDOMAIN = re.compile(
    r"(?=.{1,253}\Z)[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*"
)


def is_template(text: str) -> bool:
    """Whether a text holds an expression; without `{{` it is a constant."""
    return "{{" in text


def duration_seconds(text: str) -> float | None:
    """Seconds of a duration such as `1h30m` or `90d`; None for what is no duration."""
    if not _DURATION.fullmatch(text):
        return None
    total = sum(float(number) * SECONDS_BY_UNIT[unit] for number, unit in _PARTS.findall(text))
    return -total if text.startswith("-") else total


def is_quantity(text: str) -> bool:
    """Whether a text is a Kubernetes resource quantity."""
    return _QUANTITY.fullmatch(text) is not None


_SUFFIX = re.compile(r"[KMGTPE]i|[numkMGTPE]$")
_POWERS = {"n": -9, "u": -6, "m": -3, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}


def quantity_value(text: str) -> float:
    """A quantity as a number, near enough to compare two; the text must be one."""
    found = _SUFFIX.search(text)
    number = float(text[: found.start()] if found else text)
    if found is None:
        return number
    if found.group().endswith("i"):
        return number * 1024.0 ** ("KMGTPE".index(found.group()[0]) + 1)
    return number * 10.0 ** _POWERS[found.group()]


def _duration(value: Any) -> Any:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        raise PydanticCustomError(
            "KAT106", "duration `{value}` has no unit", {"value": str(value), "help": "write `{}s`"}
        )
    if isinstance(value, str) and not is_template(value):
        seconds = duration_seconds(value)
        if seconds is None or seconds < 0:
            raise PydanticCustomError(
                "KAT106",
                "`{value}` is not a duration",
                {"value": value, "help": "write a number and a unit, such as `15s`, `5m` or `90d`"},
            )
    return value


def _integer(value: Any) -> Any:
    """Integers may be written as numbers, as text, or as an expression."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _quantity(value: Any) -> Any:
    text = str(value) if isinstance(value, (int, float)) else value
    if isinstance(text, str) and not is_template(text) and not is_quantity(text):
        raise PydanticCustomError(
            "KAT111",
            "`{value}` is not a quantity",
            {"value": text, "help": "write a number with a suffix, such as `100m` or `128Mi`"},
        )
    return text


Duration = Annotated[str, BeforeValidator(_duration)]
"""Text such as `15s`, `1h30m`, `90d`; or an expression."""
IntegerText = Annotated[str, BeforeValidator(_integer)]
"""An integer as text, or an expression; `replicas: 3` and `replicas: "3"` mean the same."""
Quantity = Annotated[str, BeforeValidator(_quantity)]
"""A resource quantity; never an expression in the reference, allowed here."""
