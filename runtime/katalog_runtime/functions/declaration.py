"""How a function is declared: name, types, behaviour on bad input, examples. One declaration, many
readers.

The evaluator calls it, the compiler checks arity and purity with it, `katalogc functions` and
`docs/functions.md` are printed from it, and its examples run as tests.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal, Protocol

from katalog_runtime.functions.standing import Standing

Purity = Literal["pure", "clock", "random", "process"]
"""Same arguments, same result;

or it reads the time; or it draws random data; or it is constant while the process runs.
"""


class FunctionError(Exception):
    """The function cannot answer for these arguments; the message is for the Katalog's author."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallContext:
    """What a function may know besides its arguments.

    Injected; no function reads a clock itself.
    """

    now: Callable[[], datetime]
    """The current time, timezone-aware, UTC."""
    chance: random.Random
    """The source of random data (`random.SystemRandom` in production)."""
    in_cluster: bool = False
    """Whether the operator runs inside the cluster."""
    standing: Standing | None = None
    """Where functions that read the clock report how long their answers stand, if anyone asks."""

    def stands_until(self, seconds: int, nanoseconds: int = 0) -> None:
        """The function's answer stands before that moment, see `Standing.report`."""
        if self.standing is not None:
            self.standing.report(seconds, nanoseconds)

    def stands_open(self) -> None:
        """The function's answer may change at any moment."""
        if self.standing is not None:
            self.standing.leave_open()

    def unasked(self) -> CallContext:
        """The same for an evaluation whose answer is given once: nobody asks how long it stands."""
        return self if self.standing is None else replace(self, standing=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter as documentation shows it."""

    name: str
    type: str
    """`string`, `int`, `float`, `number`, `bool`, `list`, `map`, `object`, `any`."""
    variadic: bool = False
    optional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A template and what it prints; executed as a test."""

    template: str
    output: str
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """One function of the expression language."""

    name: str
    group: str
    parameters: tuple[Parameter, ...]
    result: str
    """The result's type, in the words of `Parameter.type`."""
    description: str
    """One line."""
    examples: tuple[Example, ...]
    on_nil: str
    """What a nil (or missing) argument gives: a value in quotes, or `error`."""
    on_wrong_type: str
    """What an argument of another type gives."""
    purity: Purity = "pure"
    call: Callable[..., Any]
    """`call(context, *arguments)`; arguments are JSON values (int, float, str, bool, None, list,
    dict).

    Raises FunctionError, and nothing else, for arguments it cannot take. Never modifies an
    argument.
    """

    @property
    def least(self) -> int:
        """The least number of arguments."""
        return sum(not (each.variadic or each.optional) for each in self.parameters)

    @property
    def most(self) -> int | None:
        """The greatest number of arguments; None where it takes any number."""
        variadic = any(each.variadic for each in self.parameters)
        return None if variadic else len(self.parameters)

    @property
    def can_fail(self) -> bool:
        """Whether there are arguments that it refuses."""
        return "error" in (self.on_nil, self.on_wrong_type)

    @property
    def signature(self) -> str:
        """`name parameter parameter → result`, as documentation prints it."""
        words = [self.name]
        for each in self.parameters:
            word = f"{each.name}…" if each.variadic else each.name
            words.append(f"[{word}]" if each.optional else word)
        return f"{' '.join(words)} → {self.result}"


FunctionTable = Mapping[str, Function]
"""All functions by name."""


class Signature(Protocol):
    """What a caller is checked against; the function itself need not be loaded for it."""

    @property
    def least(self) -> int:
        """The least number of arguments."""
        ...

    @property
    def most(self) -> int | None:
        """The greatest number of arguments; None where it takes any number."""
        ...

    @property
    def signature(self) -> str:
        """As documentation prints it."""
        ...

    @property
    def purity(self) -> Purity:
        """Whether it reads the time or draws random data."""
        ...

    @property
    def can_fail(self) -> bool:
        """Whether there are arguments that it refuses."""
        ...


Signatures = Mapping[str, Signature]
"""All functions by name, as far as checks need them; a FunctionTable is one."""
