"""Where the characters of an expression stand in the user's file, as the tree carries it. Pure."""

from __future__ import annotations

from katalogc.located import Located


def points(place: Located) -> tuple[tuple[int, int, int], ...]:
    """Where the text's characters stand in its file: a new point wherever they do not follow on."""
    text = place.text
    first, last = place.within(0, 0), place.within(len(text), len(text))
    if first.line == last.line and last.column - first.column == len(text):
        return ((0, first.line, first.column),)  # on one line, and nothing in it is escaped
    found: list[tuple[int, int, int]] = []
    expected = (0, 0)
    for offset in range(len(text)):
        span = place.within(offset, offset)
        if (span.line, span.column) != expected or not found:
            found.append((offset, span.line, span.column))
        expected = (span.line, span.column + 1)
    if len(found) == len(text) and len(text) > 1:
        return ((0, place.span.line, place.span.column),)
    return tuple(found) or ((0, place.span.line, place.span.column),)
