"""How many arguments the functions take that every Go template has. Data: checks need no more of them."""

from __future__ import annotations

ARITIES: dict[str, tuple[int, int | None]] = {
    "and": (1, None),
    "call": (1, None),
    "eq": (2, None),
    "ge": (2, 2),
    "gt": (2, 2),
    "html": (0, None),
    "index": (1, None),
    "js": (0, None),
    "le": (2, 2),
    "len": (1, 1),
    "lt": (2, 2),
    "ne": (2, 2),
    "not": (1, 1),
    "or": (1, None),
    "print": (0, None),
    "printf": (1, None),
    "println": (0, None),
    "slice": (1, None),
    "urlquery": (0, None),
}
"""Least and greatest number of arguments. `eq` of one argument is refused by Go when it runs."""
