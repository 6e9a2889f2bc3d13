"""KAT315, KAT321-KAT323: expressions held against the schema that the user wrote (`crdFile`).

A schema that is inferred from the expressions agrees with them. What a schema leaves open
(`x-kubernetes-preserve-unknown-fields`, objects that name no field) is not judged.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from katalog_runtime.expressions.tree import (
    Branch,
    Call,
    Command,
    Field,
    Pipe,
    Template,
    Variable,
    walk,
)
from katalog_runtime.expressions.tree import Literal as Constant
from katalog_runtime.expressions.tree import children as nodes_below
from katalogc.checks.reads import Path, expressions, place_of
from katalogc.checks.walk import Child, children
from katalogc.codes import Code
from katalogc.diagnostics import Diagnostic
from katalogc.expressions.facts import EACH
from katalogc.ir_leaves import ExpressionIR
from katalogc.subject import Subject
from katalogc.suggestions import did_you_mean

Schema = Mapping[str, Any]
Wanted = Literal["integer", "intOrString", "scalar"]

TYPED_FIELDS: Mapping[tuple[str, ...], Wanted] = {
    ("replicas",): "integer",
    ("port",): "integer",
    ("backoffLimit",): "integer",
    ("targetPort",): "intOrString",
    ("rollingUpdate", "maxSurge"): "intOrString",
    ("rollingUpdate", "maxUnavailable"): "intOrString",
    ("probes", "startup", "port"): "intOrString",
    ("probes", "liveness", "port"): "intOrString",
    ("probes", "readiness", "port"): "intOrString",
    ("name",): "scalar",
    ("namespace",): "scalar",
    ("image",): "scalar",
    ("serviceAccountName",): "scalar",
}
"""Fields of children, in the language's words, that do not take any text."""
_TAKES: Mapping[Wanted, str] = {
    "integer": "a whole number",
    "intOrString": "a number or a text",
    "scalar": "a text",
}
_TYPE_WORDS = {
    "array": "a list", "boolean": "a boolean", "number": "any number", "object": "an object",
}  # fmt: skip
_FALLBACKS = frozenset({"default", "coalesce", "empty", "hasKey", "or", "and", "not", "ternary"})
"""Functions that an author calls because a value may be missing."""
_TEXTS = ("three", "a1b", "-", "1.5", "1 2")
"""A pattern that refuses these is taken to mean a whole number."""


def unknown_spec_field(subject: Subject) -> Iterator[Diagnostic]:
    """An expression reads a field that the crdFile's schema lacks."""
    for path, parsed, expression in expressions(subject):
        resolved = subject.types.get(str(path[2]))
        if resolved is None or resolved.schema is None:
            continue
        guards: frozenset[tuple[str, ...]] | None = None
        for read in sorted(expression.facts.reads, key=repr):
            lacking = _lacking(resolved.schema, read) if read[:1] == ("spec",) else None
            if lacking is None:
                continue
            length, known = lacking
            guards = _guarded(expression.template) if guards is None else guards
            is_guarded = _has_fallback(read[:length], guards)
            yield Diagnostic(
                code=Code.ABSENT_FIELD if is_guarded else Code.UNKNOWN_SPEC_FIELD,
                message=f"there is no `{read[length - 1]}` in {_where(read[: length - 1])} "
                "of the crdFile's schema",
                span=place_of(parsed, expression, read, length),
                help=did_you_mean(str(read[length - 1]), known),
            )


def misfit(subject: Subject) -> Iterator[Diagnostic]:
    """A field of the schema feeds a child's field that takes other values."""
    for child in children(subject):
        resolved = subject.types.get(child.crd)
        if resolved is None or resolved.schema is None:
            continue
        for field, wanted in TYPED_FIELDS.items():
            value = child.value(*field)
            lone = value.facts.is_lone_path if isinstance(value, ExpressionIR) else None
            schema = _schema_at(resolved.schema, lone) if lone and lone[0] == "spec" else None
            if lone is not None and schema is not None:
                yield from _misfits(child, field, wanted, lone, schema)


def _misfits(
    child: Child, field: tuple[str, ...], wanted: Wanted, read: Path, schema: Schema
) -> Iterator[Diagnostic]:
    verdict = _verdict(wanted, schema)
    if verdict is None:
        return
    path = "." + ".".join(str(part) for part in read)
    what = _TYPE_WORDS.get(str(schema.get("type")), "any text")
    if "enum" in schema:
        what = "one of " + ", ".join(f"`{each}`" for each in schema["enum"])
    is_any = verdict == "sometimes" and what.startswith("any")
    yield Diagnostic(
        code=Code.NEVER_FITS if verdict == "never" else Code.MAY_NOT_FIT,
        message=f"`{field[-1]}` takes {_TAKES[wanted]}, but `{path}` "
        f"{'may be' if is_any else 'is'} {what}",
        span=child.place(*field).span,
        help=_advice(wanted, path),
    )


def _advice(wanted: Wanted, path: str) -> str:
    if wanted == "scalar":
        return f"read one field or one item of `{path}`"
    return f"declare `{path}` with `type: integer` in the crdFile"


def _verdict(wanted: Wanted, schema: Schema) -> Literal["never", "sometimes"] | None:
    """Whether no value, or not every value, that a schema allows can be used."""
    if schema.get("x-kubernetes-int-or-string"):
        return None
    match schema.get("type"):
        case "array" | "object":
            return "never"
        case "boolean":
            return "never" if wanted != "scalar" else None
        case "number":
            return "sometimes" if wanted == "integer" else None
        case "string" if wanted == "integer":
            return _verdict_on_text(schema)
        case _:
            return None


def _verdict_on_text(schema: Schema) -> Literal["never", "sometimes"] | None:
    words = schema.get("enum")
    if isinstance(words, list) and words:
        fitting = [bool(re.fullmatch(r"[-+]?[0-9]+", str(word))) for word in words]
        return None if all(fitting) else "sometimes" if any(fitting) else "never"
    pattern = schema.get("pattern")
    try:
        if isinstance(pattern, str) and not any(re.search(pattern, text) for text in _TEXTS):
            return None
    except re.error:
        return None  # the API server's patterns are Go's; some are not Python's
    return "sometimes"


def _lacking(schema: Schema, read: Path) -> tuple[int, tuple[str, ...]] | None:
    """The number of parts of a path up to the first that a schema lacks, and what it has there."""
    here: Any = schema
    for index, part in enumerate(read):
        below = _below(here, part)
        if below is None and isinstance(part, str) and part != EACH and _is_closed(here):
            return index + 1, tuple(here["properties"])
        here = below
    return None


def _where(path: Path) -> str:
    """`.spec.ports`, an item of it, or all of it."""
    if not path:
        return "the root"
    outer = path[:-1] if path[-1] == EACH or isinstance(path[-1], int) else path
    words = "`." + ".".join(str(part) for part in outer) + "`"
    return words if outer == path else f"an item of {words}"


def _schema_at(schema: Schema, read: Path) -> Schema | None:
    here: Any = schema
    for part in read:
        here = _below(here, part)
    return here if isinstance(here, dict) else None


def _below(schema: Any, part: str | int) -> Any:
    """The schema of a field or an item; None where there is none, or nothing is known of it."""
    if not isinstance(schema, dict):
        return None
    if isinstance(part, int) or (part == EACH and "items" in schema):
        return schema.get("items")
    properties = schema.get("properties")
    if part != EACH and isinstance(properties, dict) and part in properties:
        return properties[part]
    return schema.get("additionalProperties")


def _is_closed(schema: Any) -> bool:
    """Whether the API server removes every field that the schema does not name."""
    return (
        isinstance(schema, dict)
        and isinstance(schema.get("properties"), dict)
        and not schema.get("additionalProperties")
        and not schema.get("x-kubernetes-preserve-unknown-fields")
        and not schema.get("x-kubernetes-embedded-resource")
    )


def _has_fallback(read: Path, guards: frozenset[tuple[str, ...]]) -> bool:
    """Whether a guard reaches the last part of `read`, from the root or from inside a `with`."""
    for guard in guards:
        if guard[0] == read[0]:
            if guard[: len(read)] == read:
                return True
        elif any(guard[:length] == read[-length:] for length in range(1, len(guard) + 1)):
            return True
    return False


def _guarded(template: Template) -> frozenset[tuple[str, ...]]:
    """The paths whose absence a template provides for: fallbacks, conditions, `hasKey`."""
    found: set[tuple[str, ...]] = set()
    bodies = [template.body, *template.definitions.values()]
    for note in template.notes.values():
        bodies += [note.body, *note.definitions.values()]
    for body in bodies:
        for node in walk(body):
            if isinstance(node, Pipe):
                found.update(_in_pipe(node))
            elif isinstance(node, Branch) and node.kind in ("if", "with"):
                found.update(path for each in _below_node(node.pipe) for path in _paths(each))
    return frozenset(found)


def _in_pipe(pipe: Pipe) -> Iterator[tuple[str, ...]]:
    """What the commands of a pipeline hand to a function that provides for nothing."""
    for index, command in enumerate(pipe.commands):
        first = command.operands[0]
        if not isinstance(first, Call) or first.name not in _FALLBACKS:
            continue
        handed = [*command.operands[1:]]
        if index and len(pipe.commands[index - 1].operands) == 1:
            handed.append(pipe.commands[index - 1].operands[0])
        for each in handed:
            yield from _paths(each)
        if first.name == "hasKey":
            yield from _key(command)


def _key(command: Command) -> Iterator[tuple[str, ...]]:
    """`hasKey .spec "size"` asks for `.spec.size`."""
    if len(command.operands) == 3 and isinstance(command.operands[2], Constant):
        for path in _paths(command.operands[1]):
            yield (*path, str(command.operands[2].value))


def _below_node(node: Any) -> Iterator[Any]:
    yield node
    for each in nodes_below(node):
        yield from _below_node(each)


def _paths(node: Any) -> Iterator[tuple[str, ...]]:
    if isinstance(node, Field | Variable) and node.names:
        yield node.names
