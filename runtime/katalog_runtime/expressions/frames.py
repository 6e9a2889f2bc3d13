"""What one evaluation carries along: variables, the text so far, what is left of its bounds."""

from __future__ import annotations

from collections.abc import Callable, Sized
from typing import Any

from katalog_runtime.expressions.limits import Limits, RefusedError
from katalog_runtime.functions.declaration import CallContext

WORK = 256
"""Characters or members that count as one step when a function takes or makes them."""


class Run:
    """One evaluation: its data, its clock and chance, its bounds."""

    __slots__ = ("context", "depth", "limits", "parts", "room", "root", "steps")

    def __init__(self, root: Any, context: CallContext, limits: Limits) -> None:
        self.root = root
        self.context = context
        self.limits = limits
        self.parts: list[str] = []
        self.room = limits.output
        """Characters that may still be written."""
        self.steps = limits.steps
        self.depth = 0
        """Stack frames that the includes and notes under way take."""

    def write(self, text: str) -> None:
        """Append to the output.

        Raises:
            RefusedError: the output grows too long.
        """
        self.room -= len(text)
        if self.room < 0:
            raise RefusedError(f"the output is longer than {self.limits.output} characters")
        self.parts.append(text)

    def charge(self, steps: int) -> None:
        """Take `steps` from the bound.

        Raises:
            RefusedError: none are left.
        """
        self.steps -= steps
        if self.steps < 0:
            raise RefusedError(f"the evaluation takes more than {self.limits.steps} steps")

    def charge_call(self, arguments: list[Any]) -> None:
        """Take the steps of a call with these arguments."""
        steps = 1
        for each in arguments:
            if isinstance(each, Sized):
                steps += len(each) // WORK
        self.charge(steps)

    def admit(self, result: Any) -> Any:
        """`result` of a function, if it is a JSON value within bounds.

        Raises:
            RefusedError: too long, too large, too deep, or no JSON value.
        """
        kind = type(result)
        if kind is str:
            size = len(result)
            if size > self.limits.output:
                raise RefusedError(f"the text is longer than {self.limits.output} characters")
            if size > WORK:
                self.charge(size // WORK)
        elif isinstance(result, int):
            if not -(1 << 63) <= result < 1 << 63:
                raise RefusedError("the integer does not fit 64 bits")
        elif kind is list or kind is dict:
            self.charge(_weight(result, self.limits.items) // WORK)
        elif result is not None and kind is not float:
            raise RefusedError("the result is no JSON value")
        return result


def _weight(value: list[Any] | dict[str, Any], most: int) -> int:
    """Members of a collection, nested ones counted; refused beyond `most`."""
    weight = 0
    waiting: list[Any] = [value]
    while waiting:
        each = waiting.pop()
        members = each.values() if isinstance(each, dict) else each
        weight += len(each)
        if weight > most:
            raise RefusedError(f"a list or map has more than {most} members")
        waiting.extend(member for member in members if isinstance(member, list | dict))
    return weight


class Frame:
    """The variables of one template under execution; slot 0 is `$`."""

    __slots__ = ("run", "variables")

    def __init__(self, run: Run, variables: list[Any]) -> None:
        self.run = run
        self.variables = variables


UNSET: Any = object()
"""In a variable's slot: its declaration has not been reached."""

Value = Callable[[Any, Frame], Any]
"""A compiled operand or pipeline: the value in scope and the frame in, a value out."""
Stage = Callable[[Any, Frame, Any], Any]
"""A compiled command that takes the piped value too."""
Statement = Callable[[Any, Frame], str | None]
"""A compiled node: writes, and returns `break`, `continue` or None."""
