"""Which line of a wrongly indented text is out of line: the smallest change that mends it. Pure.

In: the outline of a text and the line that the YAML reader could not place. One line, or a line with
all that hangs below it, is tried in other columns, with and without `- `, until the lines around
make sense; of the changes that do, the one that leaves the most regular text is the answer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from katalogc.yaml_outline import Line

_LINES_BEFORE = 40
_LINES_WITH_COLUMNS = 12
_LINES_AFTER = (12, 3, 1)


@dataclass(frozen=True, slots=True)
class Mend:
    """A change of one line."""

    at: int
    """The line's index in the outline."""
    line: Line
    """As it should be."""


def mend(lines: Sequence[Line], index: int) -> Mend | None:
    """The change that lets line `index` be placed; None where no single one does, or none is needed."""
    first = _first_to_look_at(lines, index)
    step = usual_step(lines)
    if _faults(lines[first:index], step) is None:
        return None
    if _faults(lines[first : index + 1], step) is not None:
        return None
    for after in _LINES_AFTER:
        window = lines[first : index + after]
        best: tuple[tuple[int, int, int, int], Mend] | None = None
        for rank, at, changed in _changes(window, index - first):
            faults = _faults(changed, step)
            if faults is None:
                continue
            moved = abs(changed[at].indent - window[at].indent)
            score = (faults, rank, moved, index - first - at)
            if best is None or score < best[0]:
                best = (score, Mend(at + first, changed[at]))
        if best is not None:
            return best[1]
    return None


def usual_step(lines: Sequence[Line]) -> int:
    """By how much the text indents, mostly."""
    steps = Counter(
        below.indent - above.column
        for above, below in pairwise(lines)
        if below.indent > above.column and not above.has_value
    )
    return max(steps, key=lambda each: (steps[each], -each)) if steps else 2


def _first_to_look_at(lines: Sequence[Line], index: int) -> int:
    """A line in the first column, some way above."""
    first = max(index - _LINES_BEFORE, 0)
    while first and lines[first].indent:
        first -= 1
    return first


def _changes(window: Sequence[Line], index: int) -> Iterator[tuple[int, int, list[Line]]]:
    """(rank, line, all lines after the change); the lower the rank, the likelier the slip."""
    near = window[max(index - _LINES_WITH_COLUMNS, 0) : index + 2]
    columns = sorted({0, *(each.indent for each in near), *(each.column for each in near)})
    for at, line in enumerate(window[: index + 1]):
        if at < index - _LINES_BEFORE and line.indent > window[index].indent + 1:
            continue
        below = at + 1
        while below < len(window) and window[below].indent > line.indent:
            below += 1
        for column in columns:
            shift = column - line.indent
            if shift:
                yield 0, at, [*window[:at], _moved(line, shift), *window[at + 1 :]]
            if shift and below > at + 1:
                block = [_moved(each, shift) for each in window[at:below]]
                yield 1, at, [*window[:at], *block, *window[below:]]
        if line.is_item:
            bare = replace(line, indent=line.column, is_item=False)
            yield 1, at, [*window[:at], bare, *window[at + 1 :]]
            bare = replace(line, column=line.indent, is_item=False)
            yield 1, at, [*window[:at], bare, *window[at + 1 :]]
        elif line.indent >= 2:
            item = replace(line, indent=line.column - 2, is_item=True)
            yield 1, at, [*window[:at], item, *window[at + 1 :]]


def _moved(line: Line, shift: int) -> Line:
    return replace(line, indent=line.indent + shift, column=line.column + shift)


def _faults(lines: Sequence[Line], step: int) -> int | None:
    """How many blocks are indented by another step than usual; None where a line has no place."""
    open_at: list[tuple[int, bool]] = []  # column, whether it is a list
    unusual = 0
    previous: Line | None = None
    for line in lines:
        if line.key is None and not line.is_item:
            continue  # the rest of a value
        levels = [(line.indent, True), (line.column, False)] if line.is_item else []
        levels = levels or [(line.column, False)]
        for number, (column, is_list) in enumerate(levels):
            if number and line.key is None:
                continue
            while open_at and open_at[-1][0] > column:
                open_at.pop()
            if not is_list and len(open_at) > 1 and open_at[-1] == (column, True):
                open_at.pop()  # a list may begin in the column of its key
            if open_at and open_at[-1] == (column, is_list):
                continue
            if number == 0 and previous is not None:
                opens = not previous.has_value and previous.column <= column
                below_key = is_list and previous.key is not None
                if not opens or (previous.column == column and not below_key):
                    return None
                unusual += column - previous.column not in ((0, step) if is_list else (step,))
            open_at.append((column, is_list))
        previous = line
    return unusual
