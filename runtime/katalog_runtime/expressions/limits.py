"""Bounds on one evaluation, and the errors that an evaluation ends with.

Nothing a user writes or a cluster sends makes an evaluation endless, deep or large: every loop,
call and write is counted, and crossing a bound is an error like any other, with the place that
crossed it.
"""

from __future__ import annotations

from typing import NamedTuple


class Limits(NamedTuple):
    """The bounds of one evaluation."""

    steps: int = 100_000
    """Iterations, includes and function calls, together."""
    output: int = 1 << 20
    """Characters of the result, and of any string on the way (an object in etcd holds 1.5 MB)."""
    items: int = 100_000
    """Members, nested ones counted, of a list or map that a function makes."""
    range_size: int = 10_000
    """Iterations of one `range`."""
    depth: int = 700
    """Frames of nested blocks and includes; Python's own stack stays out of reach."""


class ExpressionError(Exception):
    """An expression could not be evaluated; `origin` is the place in the user's file."""

    def __init__(self, message: str, origin: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.origin = origin

    def __str__(self) -> str:
        return f"{self.origin}: {self.message}" if self.origin else self.message


class RefusedError(Exception):
    """A value cannot be used so; raised below the evaluator, which adds the place."""
