"""Expressions at compile time: parser, printer and static facts of Go templates.

template = parse("{{ .spec.image }}")        # TemplateSyntaxError(message, start, end)
facts(template).reads                        # {("spec", "image")}
"""

from katalog_runtime.expressions.tree import Template
from katalogc.expressions.calls import CallMistake, check_calls, closest
from katalogc.expressions.facts import Facts, facts
from katalogc.expressions.lexer import TemplateSyntaxError
from katalogc.expressions.notes import attach_notes, note_cycles
from katalogc.expressions.parser import parse
from katalogc.expressions.printer import print_template

__all__ = [
    "CallMistake",
    "Facts",
    "Template",
    "TemplateSyntaxError",
    "attach_notes",
    "check_calls",
    "closest",
    "facts",
    "note_cycles",
    "parse",
    "print_template",
]
