"""KAT204: names of the user's own functions that no expression could call. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from katalogc.codes import Code
from katalogc.diagnostics import Diagnostic, Label
from katalogc.subject import Subject

_NAME = re.compile(r"[^\W\d]\w*")
_KEYWORDS = frozenset(
    {
        "block", "break", "continue", "define", "else", "end", "false", "if", "nil", "range",
        "template", "true", "with",
    }
)  # fmt: skip


def bad_note_name(subject: Subject) -> Iterator[Diagnostic]:
    """A note's name is no word, is a keyword, or is taken."""
    notes = subject.root.nearest("notes", "functions")
    first: dict[str, int] = {}
    for index, note in enumerate(subject.katalog.notes.functions):
        place = notes.nearest(index, "name")
        if not _NAME.fullmatch(note.name) or note.name in _KEYWORDS:
            why = "is a word of the language" if note.name in _KEYWORDS else "cannot be called"
            yield Diagnostic(
                code=Code.BAD_NAME,
                message=f"a function named `{note.name[:70]}` {why}",
                span=place.span,
                help="use letters, digits and `_`, such as `imageName`",
            )
        earlier = first.setdefault(note.name, index)
        if earlier != index:
            yield Diagnostic(
                code=Code.SPELLED_TWICE,
                message=f"two functions are named `{note.name}`",
                span=place.span,
                labels=(Label(notes.nearest(earlier, "name").span, "first defined here"),),
                help="give one of them another name",
            )
