"""KAT31#: what expressions read and call, judged without evaluating them."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet

from katalogc.checks.reads import expressions, place_of
from katalogc.checks.walk import children as child_entries
from katalogc.codes import Code
from katalogc.diagnostics import Diagnostic
from katalogc.expression_table import ExpressionTable, Parsed
from katalogc.ir_leaves import ExpressionIR
from katalogc.located import Located
from katalogc.subject import Subject
from katalogc.suggestions import closest, did_you_mean

_ROOTS = ("apiVersion", "kind", "metadata", "spec", "status", "ork")
_LATER_ROOTS = frozenset(
    {"external", "cross", "events", "metrics", "health", "request", "previous", "git", "docker",
     "item", "index", "value", "_normalizeChanges"}
)  # fmt: skip
_METADATA = frozenset(
    {
        "name", "namespace", "labels", "annotations", "uid", "generation", "resourceVersion",
        "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "finalizers",
        "ownerReferences", "generateName", "managedFields", "selfLink",
    }
)  # fmt: skip


def unknown_root(subject: Subject) -> Iterator[Diagnostic]:
    """An expression reads something that a custom resource does not have."""
    of_notes: set[tuple[str | int, ...]] = set()
    for index, note in enumerate(subject.katalog.notes.functions):
        if note.name in subject.table.notes:
            place = subject.root.nearest("notes", "functions", index, "expression")
            expression = _note(subject, note.name, place)
            of_notes |= expression.facts.reads
            # Status fields may call it, so what they alone can read is no mistake here.
            yield from _unknown_roots(Parsed(expression, place), expression, in_status=True)
    for path, parsed, expression in expressions(subject):
        if not _has_for_each(subject.root.nearest(*path[:7])):
            in_status = path[4] == "status"
            yield from _unknown_roots(parsed, expression, in_status=in_status, reported=of_notes)


def _note(subject: Subject, name: str, place: Located) -> ExpressionIR:
    from katalogc.expressions import facts

    template = subject.table.notes[name]
    known = facts(template, subject.table.functions)
    return ExpressionIR(template=template, text=place.text, origin=place.span, facts=known)


def unknown_root_in_motif(table: ExpressionTable, root: Located) -> Iterator[Diagnostic]:
    """The same for a motif that is checked by itself."""
    for path, parsed in table.by_path.items():
        if isinstance(parsed.value, ExpressionIR) and not _has_for_each(root.nearest(*path[:4])):
            yield from _unknown_roots(parsed, parsed.value, in_status=path[0] == "status")


def _unknown_roots(
    parsed: Parsed,
    expression: ExpressionIR,
    *,
    in_status: bool,
    reported: AbstractSet[tuple[str | int, ...]] = frozenset(),
) -> Iterator[Diagnostic]:
    """Reads of what is not there; those in `reported` only where the text itself has them."""
    for read in sorted(expression.facts.reads, key=repr):
        root = read[0] if read else None
        if read in reported and f".{root}" not in parsed.place.text and root != "children":
            continue
        if not isinstance(root, str) or root in _ROOTS or root == "inputs":
            if root == "metadata" and len(read) > 1 and read[1] not in _METADATA:
                known = did_you_mean(str(read[1]), _METADATA)
                yield _wrong_read(parsed, expression, read, 2, "in `.metadata`", known)
        elif root == "children":
            if not in_status:
                yield Diagnostic(
                    code=Code.CHILDREN_BEFORE_STATUS,
                    message="`.children` can be read in status fields only",
                    span=place_of(parsed, expression, read),
                    help="the children do not exist yet when they are rendered",
                )
        elif root in _LATER_ROOTS:
            yield Diagnostic(
                code=Code.NOT_COMPILED_YET,
                message=f"`.{root}` is part of the language, but katalogc does not compile it yet",
                span=place_of(parsed, expression, read),
            )
        else:
            roots = (*_ROOTS, "children") if in_status else _ROOTS
            close = closest(root, roots)
            help = f"did you mean `.{close}`?" if close else did_you_mean(root, roots)
            yield _wrong_read(parsed, expression, read, 1, "in a custom resource", help)


def randomness_in_sync(subject: Subject) -> Iterator[Diagnostic]:
    """A random function in something that is rendered more than once."""
    kept = {child.path for child in child_entries(subject) if child.is_kept_in_sync}
    for path, parsed, expression in expressions(subject):
        in_name = path[4] != "status" and path[7:] in (("name",), ("namespace",))
        if expression.facts.random and (path[4] == "status" or in_name or path[:7] in kept):
            what = "this field" if path[4] == "status" else "this child"
            yield Diagnostic(
                code=Code.RANDOM_RENDERED_AGAIN,
                message=f"a random value is drawn each time {what} is rendered",
                span=parsed.place.span,
                help="draw it in a Secret with `once: true`, whose values stay",
            )


def _has_for_each(entry: Located) -> bool:
    """Whether an entry's own names are in scope; `forEach` itself is reported."""
    return (*entry.path, "forEach") in entry.source_map.keys


def _wrong_read(
    parsed: Parsed,
    expression: ExpressionIR,
    read: tuple[str | int, ...],
    length: int,
    where: str,
    help: str | None,
) -> Diagnostic:
    name = f".{read[0]}" if length == 1 else str(read[length - 1])
    return Diagnostic(
        code=Code.UNKNOWN_ROOT,
        message=f"there is no `{name}` {where}",
        span=place_of(parsed, expression, read, length),
        help=help,
    )
