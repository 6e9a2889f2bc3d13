"""KAT324: a brace too many or too few beside an expression, which is then plain text. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from katalogc.checks.walk import children
from katalogc.codes import Code
from katalogc.diagnostics import Diagnostic
from katalogc.located import Located
from katalogc.subject import Subject

_EXPRESSION = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_ONE_BRACE = re.compile(r"(?<!\{)\{[ -]*(?:\.|[a-z])[^{}]*\}\}")


def stray_brace(subject: Subject) -> Iterator[Diagnostic]:
    """`{ .spec.image }}` or `{{ .spec.image }}}`, where the braces of the whole text do not pair."""
    for place in _texts(subject):
        text = place.text
        if "}}" not in text or text.count("{") == text.count("}"):
            continue
        one = _ONE_BRACE.search(text)
        after = next(
            (each.end() for each in _EXPRESSION.finditer(text) if text[each.end() :][:1] == "}"),
            None,
        )
        if one is not None:
            yield _stray(
                place, one.start(), one.end(), "begins with one brace, so it is plain text"
            )
        elif after is not None:
            yield _stray(place, after, after + 1, "is followed by a brace that belongs to nothing")


def _stray(place: Located, start: int, end: int, what: str) -> Diagnostic:
    return Diagnostic(
        code=Code.STRAY_BRACE,
        message=f"an expression {what}",
        span=place.within(start, end),
        help="write two braces on each side: `{{ … }}`",
    )


def _texts(subject: Subject) -> Iterator[Located]:
    for child in children(subject):
        for _, scalar in child.node.scalars():
            if isinstance(scalar.value, str):
                yield scalar
    for _, _, place in subject.enabled():
        for field in place.nearest("operatorBox", "status", "fields").items:
            value = field.at("value")
            if value is not None and isinstance(value.value, str):
                yield value
