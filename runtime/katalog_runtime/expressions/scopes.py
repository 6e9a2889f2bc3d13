"""Variables at compile time: which slot a name means, as far as that can be known before it runs.

Go keeps variables on a stack at run time. Nearly always the place is known from the text; only a
declaration inside parentheses (`{{and .x ($y := 1)}}`) may or may not have happened when the name
is read.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from katalog_runtime.expressions.frames import UNSET, Frame
from katalog_runtime.expressions.limits import RefusedError


class Scope:
    """The variables of one template body, innermost last."""

    def __init__(self) -> None:
        self.entries: list[tuple[str, int, bool]] = [("$", 0, True)]
        self.size = 1
        """Slots in use, for the frame."""
        self.optional: list[int] = []
        """Slots of declarations within the statement at hand that may not be reached."""

    def declare(self, name: str, *, certain: bool) -> int:
        """A fresh slot for `name`."""
        slot = self.size
        self.size += 1
        self.entries.append((name, slot, certain))
        if not certain:
            self.optional.append(slot)
        return slot

    def mark(self) -> int:
        """The place to `release` to when a block ends."""
        return len(self.entries)

    def release(self, mark: int) -> None:
        """Forget what was declared after `mark`."""
        del self.entries[mark:]

    def slots(self, name: str) -> list[int]:
        """The slots that `name` may mean, best first; the first that is set counts."""
        found = []
        for each, slot, certain in reversed(self.entries):
            if each == name:
                found.append(slot)
                if certain:
                    break
        return found

    def reader(self, name: str) -> Callable[[Frame], Any]:
        """A function that reads the variable."""
        slots = self.slots(name)
        if slots == [0]:
            return _read_root
        if len(slots) == 1:
            slot = slots[0]

            def read(frame: Frame) -> Any:
                value = frame.variables[slot]
                if value is UNSET:
                    raise RefusedError(f"undefined variable: {name}")
                return value

            return read

        def search(frame: Frame) -> Any:
            return frame.variables[_first_set(name, slots, frame)]

        return search

    def writer(self, name: str) -> Callable[[Frame, Any], None]:
        """A function that assigns to the variable."""
        slots = self.slots(name)

        def write(frame: Frame, value: Any) -> None:
            frame.variables[_first_set(name, slots, frame)] = value

        return write


def _read_root(frame: Frame) -> Any:
    return frame.variables[0]


def _first_set(name: str, slots: list[int], frame: Frame) -> int:
    for slot in slots:
        if frame.variables[slot] is not UNSET:
            return slot
    raise RefusedError(f"undefined variable: {name}")
