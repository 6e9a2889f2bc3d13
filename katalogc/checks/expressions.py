"""KAT31#: what expressions read and call, judged without evaluating them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from katalog_runtime.expressions.tree import Field, Template, Variable, children
from katalogc.checks.walk import children as child_entries
from katalogc.codes import Code
from katalogc.diagnostics import Diagnostic
from katalogc.expression_table import Parsed
from katalogc.ir_leaves import ExpressionIR
from katalogc.source import Span, YamlPath
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
    for path, parsed, expression in _expressions(subject):
        in_status = path[4] == "status"
        if _has_for_each(subject, path):
            continue  # its names are in scope; `forEach` itself is reported
        for read in sorted(expression.facts.reads, key=repr):
            root = read[0] if read else None
            if not isinstance(root, str) or root in _ROOTS or root == "inputs":
                if root == "metadata" and len(read) > 1 and read[1] not in _METADATA:
                    known = did_you_mean(str(read[1]), _METADATA)
                    yield _wrong_read(parsed, expression, read, 2, "in `.metadata`", known)
                continue
            if root == "children":
                if not in_status:
                    yield Diagnostic(
                        code=Code.CHILDREN_BEFORE_STATUS,
                        message="`.children` can be read in status fields only",
                        span=_place_of(parsed, expression, read),
                        help="the children do not exist yet when they are rendered",
                    )
                continue
            if root in _LATER_ROOTS:
                yield Diagnostic(
                    code=Code.NOT_COMPILED_YET,
                    message=f"`.{root}` is part of the language, but katalogc does not compile "
                    "it yet",
                    span=_place_of(parsed, expression, read),
                )
                continue
            roots = (*_ROOTS, "children") if in_status else _ROOTS
            close = closest(root, roots)
            help = f"did you mean `.{close}`?" if close else did_you_mean(root, roots)
            yield _wrong_read(parsed, expression, read, 1, "in a custom resource", help)


def unknown_spec_field(subject: Subject) -> Iterator[Diagnostic]:
    """An expression reads a field that the crdFile's schema lacks."""
    for path, parsed, expression in _expressions(subject):
        resolved = subject.types.get(str(path[2]))
        if resolved is None or resolved.schema is None:
            continue
        for read in sorted(expression.facts.reads, key=repr):
            if not read or read[0] != "spec":
                continue
            lacking = _lacking(resolved.schema, read)
            if lacking is not None:
                length, known = lacking
                where = ".".join(str(part) for part in read[: length - 1])
                yield _wrong_read(
                    parsed, expression, read, length, f"in `.{where}` of the crdFile's schema",
                    did_you_mean(str(read[length - 1]), known), Code.UNKNOWN_SPEC_FIELD,
                )  # fmt: skip


def randomness_in_sync(subject: Subject) -> Iterator[Diagnostic]:
    """A random function in something that is rendered more than once."""
    kept = {child.path for child in child_entries(subject) if child.is_kept_in_sync}
    for path, parsed, expression in _expressions(subject):
        in_name = path[4] != "status" and path[7:] in (("name",), ("namespace",))
        if expression.facts.random and (path[4] == "status" or in_name or path[:7] in kept):
            what = "this field" if path[4] == "status" else "this child"
            yield Diagnostic(
                code=Code.RANDOM_RENDERED_AGAIN,
                message=f"a random value is drawn each time {what} is rendered",
                span=parsed.place.span,
                help="draw it in a Secret with `once: true`, whose values stay",
            )


def _expressions(subject: Subject) -> Iterator[tuple[YamlPath, Parsed, ExpressionIR]]:
    for path, parsed in subject.table.by_path.items():
        entry = subject.katalog.spec.crds.get(str(path[2]))
        if isinstance(parsed.value, ExpressionIR) and entry is not None and entry.enabled:
            yield path, parsed, parsed.value


def _has_for_each(subject: Subject, path: YamlPath) -> bool:
    entry = subject.root.nearest(*path[:7])
    return (*entry.path, "forEach") in entry.source_map.keys


def _wrong_read(
    parsed: Parsed,
    expression: ExpressionIR,
    read: tuple[str | int, ...],
    length: int,
    where: str,
    help: str | None,
    code: Code = Code.UNKNOWN_ROOT,
) -> Diagnostic:
    name = f".{read[0]}" if length == 1 else str(read[length - 1])
    return Diagnostic(
        code=code,
        message=f"there is no `{name}` {where}",
        span=_place_of(parsed, expression, read, length),
        help=help,
    )


def _place_of(
    parsed: Parsed, expression: ExpressionIR, read: tuple[str | int, ...], length: int = 1
) -> Span:
    """Where a path is read: its part number `length`, or the whole text if it is not found."""
    if expression.template.text != parsed.place.text:
        return parsed.place.span
    names = tuple(part for part in read[:length] if isinstance(part, str))
    for at, found in _reads(expression.template):
        if found[:length] == names:
            text = parsed.place.text
            start = text.find("." + ".".join(names), at)
            if start < 0 or start > at + 2:
                return parsed.place.within(at, at + 1)
            last = start + len(".".join(names)) + 1
            return parsed.place.within(start if length == 1 else last - len(names[-1]), last)
    return parsed.place.span


def _reads(template: Template) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Every field path in the text with its offset, whatever the dot is there."""
    pending: list[Any] = [*template.body]
    for body in template.definitions.values():
        pending.extend(body)
    found: list[tuple[int, tuple[str, ...]]] = []
    while pending:
        node = pending.pop()
        if isinstance(node, Field | Variable) and node.names:
            found.append((node.at, node.names))
        pending.extend(children(node))
    yield from sorted(found)


def _lacking(
    schema: dict[str, Any], read: tuple[str | int, ...]
) -> tuple[int, tuple[str, ...]] | None:
    """The number of parts of a path up to the first that a schema lacks, and what it has there."""
    here: Any = schema
    for index, part in enumerate(read):
        if not isinstance(here, dict) or here.get("x-kubernetes-preserve-unknown-fields"):
            return None
        properties = here.get("properties")
        if not isinstance(properties, dict):
            return None  # additionalProperties, arrays, embedded objects: not judged
        if part not in properties:
            if here.get("additionalProperties") or not isinstance(part, str):
                return None
            return index + 1, tuple(properties)
        here = properties[part]
    return None
