"""Go's reference-time layouts, cut into chunks: `2006-01-02` in, literal text and fields out.

The rules are those of `nextStdChunk` of Go's `time`: which spellings are fields, and where a name
such as `Jan` is only the beginning of a word. Reading and writing times is done elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Final

RFC3339: Final = "2006-01-02T15:04:05Z07:00"


class Field(Enum):
    """A field of a layout, named by its spelling where that is enough."""

    END = ""
    LONG_MONTH = "January"
    MONTH = "Jan"
    NUM_MONTH = "1"
    ZERO_MONTH = "01"
    LONG_WEEKDAY = "Monday"
    WEEKDAY = "Mon"
    DAY = "2"
    UNDER_DAY = "_2"
    ZERO_DAY = "02"
    UNDER_YEAR_DAY = "__2"
    ZERO_YEAR_DAY = "002"
    HOUR = "15"
    HOUR12 = "3"
    ZERO_HOUR12 = "03"
    MINUTE = "4"
    ZERO_MINUTE = "04"
    SECOND = "5"
    ZERO_SECOND = "05"
    LONG_YEAR = "2006"
    YEAR = "06"
    PM = "PM"
    LOWER_PM = "pm"
    ZONE_NAME = "MST"
    OFFSET = "offset"
    """A numeric zone; `Chunk.text` says which of the ten spellings."""
    FRACTION_ZERO = ".0"
    """A fraction with a fixed number of digits; `Chunk.text` holds separator and digits."""
    FRACTION_NINE = ".9"
    """A fraction whose trailing zeros are dropped."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Literal text, then one field; `text` is the field's spelling."""

    literal: str
    field: Field
    text: str


_ZERO: Final = {
    "1": Field.ZERO_MONTH,
    "2": Field.ZERO_DAY,
    "3": Field.ZERO_HOUR12,
    "4": Field.ZERO_MINUTE,
    "5": Field.ZERO_SECOND,
    "6": Field.YEAR,
}
_SINGLE: Final = {
    "1": Field.NUM_MONTH,
    "2": Field.DAY,
    "3": Field.HOUR12,
    "4": Field.MINUTE,
    "5": Field.SECOND,
}
# The longest spelling first, as Go tries them.
_OFFSETS: Final = ("070000", "07:00:00", "0700", "07:00", "07")


def _followed_by_lower(layout: str, position: int) -> bool:
    return position < len(layout) and "a" <= layout[position] <= "z"


def _field_at(layout: str, at: int) -> tuple[int, Field, int] | None:
    """The field that begins at `at`: where its spelling begins, what it is, and where it ends."""
    character = layout[at]
    match character:
        case "J" if layout.startswith("Jan", at):
            if layout.startswith("January", at):
                return at, Field.LONG_MONTH, at + 7
            if not _followed_by_lower(layout, at + 3):
                return at, Field.MONTH, at + 3
        case "M" if layout.startswith("Mon", at):
            if layout.startswith("Monday", at):
                return at, Field.LONG_WEEKDAY, at + 6
            if not _followed_by_lower(layout, at + 3):
                return at, Field.WEEKDAY, at + 3
        case "M" if layout.startswith("MST", at):
            return at, Field.ZONE_NAME, at + 3
        case "0" if layout[at + 1 : at + 2] in _ZERO:
            return at, _ZERO[layout[at + 1]], at + 2
        case "0" if layout.startswith("002", at):
            return at, Field.ZERO_YEAR_DAY, at + 3
        case "1" if layout.startswith("15", at):
            return at, Field.HOUR, at + 2
        case "2" if layout.startswith("2006", at):
            return at, Field.LONG_YEAR, at + 4
        case "_" if layout.startswith("_2006", at):
            return at + 1, Field.LONG_YEAR, at + 5  # the underscore is literal text
        case "_" if layout.startswith("_2", at):
            return at, Field.UNDER_DAY, at + 2
        case "_" if layout.startswith("__2", at):
            return at, Field.UNDER_YEAR_DAY, at + 3
        case "1" | "2" | "3" | "4" | "5":
            return at, _SINGLE[character], at + 1
        case "P" if layout.startswith("PM", at):
            return at, Field.PM, at + 2
        case "p" if layout.startswith("pm", at):
            return at, Field.LOWER_PM, at + 2
        case "-" | "Z":
            for spelling in _OFFSETS:
                if layout.startswith(spelling, at + 1):
                    return at, Field.OFFSET, at + 1 + len(spelling)
        case "." | "," if layout[at + 1 : at + 2] in ("0", "9"):
            digit, end = layout[at + 1], at + 1
            while end < len(layout) and layout[end] == digit:
                end += 1
            if not ("0" <= layout[end : end + 1] <= "9"):
                kind = Field.FRACTION_ZERO if digit == "0" else Field.FRACTION_NINE
                return at, kind, end
    return None


@lru_cache(maxsize=256)
def chunks(layout: str) -> tuple[Chunk, ...]:
    """The layout as chunks; the last has the field END and the text after the last field."""
    found: list[Chunk] = []
    start = position = 0
    while position < len(layout):
        field = _field_at(layout, position)
        if field is None:
            position += 1
            continue
        begin, kind, end = field
        found.append(Chunk(layout[start:begin], kind, layout[begin:end]))
        start = position = end
    found.append(Chunk(layout[start:], Field.END, ""))
    return tuple(found)
