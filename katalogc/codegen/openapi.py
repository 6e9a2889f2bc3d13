"""The structural schema of a custom resource, inferred from how its fields are used.

In: a controller of the IR, without a `crdFile`. Out: an OpenAPI v3 schema as
apiextensions.k8s.io/v1 accepts it. Only what the expressions prove is typed:

- a field printed alone into text is a `string`;
- a field that feeds an integer (`replicas`) is an integer, declared `x-kubernetes-int-or-string`
  with a pattern: published custom resources write `parallelism: "3"`, because the reference
  system renders every field as text, and they must go on to work;
- a field that is tested, computed with or passed to a function may hold anything, and stays
  untyped.

`spec` keeps unknown fields: a custom resource may hold more than the expressions read, and the API
server would drop the rest (and kubectl refuse it).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from katalog_runtime.expressions.tree import Action, Command, Field, Pipe, Text, children
from katalogc.codegen.artifact import without_none
from katalogc.expressions import Template
from katalogc.ir import ControllerIR, ExpressionIR, HoleType, StatusFieldIR

Schema = dict[str, Any]
Path = tuple[str, ...]

Use = Literal["text", "integer", "number", "boolean", "intOrString", "any"]
"""How one expression uses one field."""

ANY: Schema = {"x-kubernetes-preserve-unknown-fields": True}
"""A field of any type; structural schemas say so by this extension alone."""

INTEGER_TEXT = "^(-?[0-9]+)?$"
"""What the text form of an integer field may look like; empty means the default."""

_USE_BY_HOLE: Mapping[HoleType, Use] = {
    "string": "text",
    "bytes": "text",
    "integer": "integer",
    "number": "number",
    "boolean": "boolean",
    "intOrString": "intOrString",
    "json": "any",
    "auto": "any",
}


@dataclass(slots=True)
class _Field:
    """What is known of one field of the spec while the expressions are walked."""

    uses: set[Use] = field(default_factory=set)
    feeds: list[str] = field(default_factory=list)
    fields: dict[str, _Field] = field(default_factory=dict)


def root_schema(controller: ControllerIR) -> Schema:
    """The whole object: `spec` from the expressions, `status` from the declared fields."""
    return without_none(
        {
            "description": controller.description.strip() or None,
            "type": "object",
            "properties": {
                "apiVersion": {"type": "string"},
                "kind": {"type": "string"},
                "metadata": {"type": "object"},
                "spec": spec_schema(controller),
                "status": status_schema(controller),
            },
        }
    )


def spec_schema(controller: ControllerIR) -> Schema:
    """The schema of `spec`: every field that is read, typed where its use proves a type."""
    root = _Field()
    for use in uses_of_spec(controller):
        _record(root, use)
    return _object(root)


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldUse:
    """One expression reads one field of the spec."""

    path: tuple[str | int, ...]
    """Below `spec`; empty where the whole spec is read."""
    use: Use
    feeds: str
    """What the value goes into, in words: `data.TIMEOUT of the ConfigMap`."""


def uses_of_spec(controller: ControllerIR) -> Iterator[FieldUse]:
    """Every reading of the spec by children and status fields, in the Katalog's order."""
    for child in controller.children:
        for hole in child.manifest.holes:
            feeds = f"`{dotted(hole.path)}` of the {child.api.kind}"
            yield from _uses(hole.expression, _USE_BY_HOLE[hole.as_], feeds)
        if child.rotate_after is not None:
            yield from _uses(child.rotate_after, "text", f"the rotation of the {child.api.kind}")
    for status_field in controller.status_fields:
        for hole in status_field.value.holes:
            feeds = f"`status.{dotted((*status_field.path, *hole.path))}`"
            yield from _uses(hole.expression, _USE_BY_HOLE[hole.as_], feeds)


def dotted(path: tuple[str | int, ...]) -> str:
    """A path as people write it: `spec.containers[0].image`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def _uses(expression: ExpressionIR, use: Use, feeds: str) -> Iterator[FieldUse]:
    """The readings of one expression; what is not printed as it stands may be of any type."""
    lone = expression.facts.is_lone_path
    printed, computed = _readings(expression.template)
    for path in sorted(expression.facts.reads, key=str):
        if path[:1] != ("spec",):
            continue
        proven: Use = "any"
        if path == lone:
            proven = use
        elif path in printed and path not in computed:
            proven = "text"
        yield FieldUse(path=path[1:], use=proven, feeds=feeds)


def _readings(template: Template) -> tuple[frozenset[Path], frozenset[Path]]:
    """Paths that stand alone in an action (`{{ .spec.image }}`), and paths that are used otherwise.

    Only the outermost level is read: inside `with` and `range` a dot means something else, and a
    path that is found nowhere here counts as used otherwise.
    """
    printed: set[Path] = set()
    computed: set[Path] = set()
    for node in template.body:
        match node:
            case Action(
                pipe=Pipe(declared=(), commands=(Command(operands=(Field(names=names),)),))
            ):
                printed.add(names)
            case Text():
                pass
            case _:
                computed.update(_fields(node))
    return frozenset(printed), frozenset(computed)


def _fields(node: Any) -> Iterator[Path]:
    waiting = [node]
    while waiting:
        each = waiting.pop()
        if isinstance(each, Field):
            yield each.names
        waiting.extend(children(each))


def _record(root: _Field, use: FieldUse) -> None:
    place = root
    for part in use.path:
        if not isinstance(part, str):  # an item of a list: the list itself stays untyped
            place.uses.add("any")
            return
        place = place.fields.setdefault(part, _Field())
    place.uses.add(use.use)
    if use.feeds not in place.feeds:
        place.feeds.append(use.feeds)


def _object(place: _Field) -> Schema:
    properties = {name: _schema(place.fields[name]) for name in sorted(place.fields)}
    return {
        "type": "object",
        **({"properties": properties} if properties else {}),
        "x-kubernetes-preserve-unknown-fields": True,
    }


def _schema(place: _Field) -> Schema:
    described = {"description": _description(place.feeds)} if place.feeds else {}
    if place.fields:
        return {**described, **_object(place)}
    return {**described, **_leaf(place.uses)}


def _description(feeds: list[str]) -> str:
    shown = feeds[:3]
    more = f" and {len(feeds) - 3} more" if len(feeds) > 3 else ""
    return f"Feeds {', '.join(shown)}{more}."


def _leaf(uses: set[Use]) -> Schema:
    """One type that all uses agree on; text agrees with every scalar."""
    typed = uses - {"text"}
    if not typed:
        return {"type": "string"}
    if typed == {"integer"}:
        return {**_int_or_string(), "pattern": INTEGER_TEXT}
    if typed <= {"integer", "intOrString"}:
        return _int_or_string()
    return dict(ANY)


def _int_or_string() -> Schema:
    """The one union that structural schemas allow, in the form that the API server prescribes."""
    return {"anyOf": [{"type": "integer"}, {"type": "string"}], "x-kubernetes-int-or-string": True}


CONDITIONS: Schema = {
    "type": "array",
    "x-kubernetes-list-type": "map",
    "x-kubernetes-list-map-keys": ["type"],
    "items": {
        "type": "object",
        "required": ["type", "status", "lastTransitionTime", "reason", "message"],
        "properties": {
            "type": {"type": "string"},
            "status": {"type": "string", "enum": ["True", "False", "Unknown"]},
            "observedGeneration": {"type": "integer", "format": "int64", "minimum": 0},
            "lastTransitionTime": {"type": "string", "format": "date-time"},
            "reason": {"type": "string", "maxLength": 1024},
            "message": {"type": "string", "maxLength": 32768},
        },
    },
}
"""`metav1.Condition`; a list-map by type, so that several writers can share the list."""


def status_schema(controller: ControllerIR) -> Schema:
    """The schema of `status`: what the operator writes, and nothing else."""
    schema: Schema = {"type": "object", "properties": {}}
    if controller.conditions:
        schema["properties"]["observedGeneration"] = {"type": "integer", "format": "int64"}
        schema["properties"]["conditions"] = CONDITIONS
    for each in controller.status_fields:
        _place_status_field(schema, each)
    return schema


def _place_status_field(schema: Schema, each: StatusFieldIR) -> None:
    for part in each.path[:-1]:
        if not isinstance(part, str) or "properties" not in schema:
            schema.update(ANY)
            return
        schema = schema["properties"].setdefault(part, {"type": "object", "properties": {}})
    last = each.path[-1]
    if not isinstance(last, str) or "properties" not in schema:
        schema.update(ANY)
        return
    value = _status_value(each)
    existing = schema["properties"].get(last)
    # Later entries for one path win by condition, so both types must be allowed.
    schema["properties"][last] = value if existing in (None, value) else dict(ANY)


def _status_value(each: StatusFieldIR) -> Schema:
    for hole in each.value.holes:
        if hole.path == ():
            return _schema_of_hole(hole.as_)
    return _schema_of_value(each.value.skeleton) if not each.value.holes else dict(ANY)


def _schema_of_hole(as_: HoleType) -> Schema:
    match as_:
        case "string" | "bytes":
            return {"type": "string"}
        case "integer":
            return {"type": "integer", "format": "int64"}
        case "number":
            return {"type": "number"}
        case "boolean":
            return {"type": "boolean"}
        case "intOrString":
            return _int_or_string()
        case "json" | "auto":
            return dict(ANY)


def _schema_of_value(value: Any) -> Schema:
    match value:
        case bool():
            return {"type": "boolean"}
        case int():
            return {"type": "integer", "format": "int64"}
        case float():
            return {"type": "number"}
        case str():
            return {"type": "string"}
        case _:
            return dict(ANY)
