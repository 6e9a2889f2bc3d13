"""What is wrong with an expression, as located diagnostics. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from katalog_runtime.expressions.tree import Include, Pipe, Template, walk
from katalogc.codes import Code
from katalogc.diagnostics import Diagnostic
from katalogc.expressions import TemplateSyntaxError, check_calls
from katalogc.located import Located

if TYPE_CHECKING:
    from katalog_runtime.functions.declaration import Signatures

_ADVICE = ("write ", "to compare", "arguments ", "an expression ", "did you mean")


def syntax_fault(error: TemplateSyntaxError, place: Located) -> Diagnostic:
    """An expression that does not parse."""
    message, help = error.message, None
    wrong, _, advice = message.partition("; ")
    if advice.startswith(_ADVICE):
        message, help = wrong, advice
    elif "has no `{{end}}`" in message:
        help = "add `{{ end }}` where it ends"
    elif "U+00A0" in message or "U+200B" in message:
        help = "it looks like a blank and is none; replace it by a blank"
    elif "`}}` is missing" in message:
        help = "an expression ends with `}}`"
    return Diagnostic(
        code=Code.EXPRESSION_SYNTAX,
        message=f"expression cannot be parsed: {message}",
        span=place.within(error.start, max(error.end, error.start + 1)),
        help=help,
    )


def _undefined(template: Template, place: Located) -> Iterator[Diagnostic]:
    """Templates and variables that are used and never defined; Go finds them when it evaluates."""
    declared: set[str] = set()
    assigned: list[tuple[str, int]] = []
    included: list[tuple[str, int]] = []
    for body in (template.body, *template.definitions.values()):
        for node in walk(body):
            if isinstance(node, Pipe) and node.assigns:
                assigned += [(name, node.at) for name in node.declared]
            elif isinstance(node, Pipe):
                declared.update(node.declared)
            elif isinstance(node, Include):
                included.append((node.name, node.at))
    for name, at in assigned:
        if name not in declared and name != "$":
            yield Diagnostic(
                code=Code.EXPRESSION_SYNTAX,
                message=f"variable `{name}` is assigned, but not declared",
                span=place.within(at, at + len(name)),
                help=f"declare it with `{name} := …`",
            )
    for name, at in included:
        if name not in template.definitions:
            yield Diagnostic(
                code=Code.EXPRESSION_SYNTAX,
                message=f"template `{name}` is not defined in this expression",
                span=place.within(at, at + len("template")),
                help='define it in the same text: `{{ define "…" }}…{{ end }}`',
            )


def call_faults(
    template: Template,
    place: Located,
    functions: Signatures,
    notes: Mapping[str, Template],
) -> Iterator[Diagnostic]:
    """Calls of unknown functions, or with the wrong number of arguments; names never defined."""
    yield from _undefined(template, place)
    for mistake in check_calls(template, functions, notes):
        is_unknown = "not defined" in mistake.message
        help = mistake.suggestion
        if help is not None:
            is_word = is_unknown or help.startswith(".")
            help = f"did you mean `{help}`?" if is_word else f"write `{help}`"
        yield Diagnostic(
            code=Code.UNKNOWN_FUNCTION if is_unknown else Code.WRONG_ARGUMENTS,
            message=mistake.message.replace("not defined", "is not known"),
            span=place.within(mistake.start, mistake.end),
            help=help or "`katalogc functions` lists all functions",
        )
