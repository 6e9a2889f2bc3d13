"""What an expression prints, as far as its text tells, against what a child's field takes.

`{{ .spec.n }} pods` can be no number of replicas and `{{ hasKey .spec "port" }}` no port, whatever
the schema and the custom resource say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from katalog_runtime.expressions.tree import Action, Call, Literal, Template, Text, walk
from katalogc.checks.schema_fields import TYPED_FIELDS, Wanted
from katalogc.checks.walk import Child, children
from katalogc.codes import Code
from katalogc.diagnostics import Diagnostic
from katalogc.ir_leaves import ExpressionIR
from katalogc.located import Located
from katalogc.subject import Subject

_PART_OF_A_NUMBER = re.compile(r"[\s0-9+-]*")
_COMPARISONS = frozenset({"eq", "ne", "lt", "le", "gt", "ge", "not"})
_WORDS = {"bool": "a boolean", "list": "a list", "map": "a map"}
_NEEDS = {"integer": "a whole number", "intOrString": "a number or a text", "scalar": "text"}


def text_in_number(subject: Subject) -> Iterator[Diagnostic]:
    """An expression prints words where a whole number is needed."""
    for child, field, wanted, value in _typed(subject):
        if wanted != "integer":
            continue
        for text in _printed(value.template):
            if not _PART_OF_A_NUMBER.fullmatch(text):
                yield _wrong(child, field, wanted, f"`{text.strip()}` is printed there", text)


def unfit_result(subject: Subject) -> Iterator[Diagnostic]:
    """The function whose result is all that an expression prints answers with another type."""
    for child, field, wanted, value in _typed(subject):
        name = _last_call(value.template)
        if name is None:
            continue
        functions = subject.table.functions
        known = functions[name].signature.rpartition("→")[2].strip() if name in functions else ""
        answer = "bool" if name in _COMPARISONS else known
        if answer in ("list", "map") or (answer == "bool" and wanted != "scalar"):
            what = f"`{name}` answers with {_WORDS[answer]}"
            yield _wrong(child, field, wanted, what, name)


def _typed(subject: Subject) -> Iterator[tuple[Child, tuple[str, ...], Wanted, ExpressionIR]]:
    for child in children(subject):
        for field, wanted in TYPED_FIELDS.items():
            value = child.value(*field)
            if isinstance(value, ExpressionIR):
                yield child, field, wanted, value


def _wrong(
    child: Child, field: tuple[str, ...], wanted: Wanted, what: str, text: str
) -> Diagnostic:
    place: Located = child.place(*field)
    at = place.text.find(text.strip())
    span = place.within(at, at + len(text.strip())) if at >= 0 else place.span
    return Diagnostic(
        code=Code.WRONG_TYPE,
        message=f"`{field[-1]}` must be {_NEEDS[wanted]}, but {what}",
        span=span,
    )


def _printed(template: Template) -> Iterator[str]:
    """Every text outside of actions, and every fallback that an action prints as it is written."""
    for node in walk(template.body):
        if isinstance(node, Text):
            yield node.text
        elif isinstance(node, Action) and not node.pipe.declared:
            match node.pipe.commands[-1].operands:
                case (Call(name="default"), Literal(kind="string", value=str(fallback)), *_):
                    yield fallback
                case _:
                    pass


def _last_call(template: Template) -> str | None:
    """The function that answers last in a template of one action."""
    solid = [each for each in template.body if not (isinstance(each, Text) and each.text.isspace())]
    if len(solid) != 1 or not isinstance(solid[0], Action) or solid[0].pipe.declared:
        return None
    last = solid[0].pipe.commands[-1].operands[0]
    return last.name if isinstance(last, Call) else None
