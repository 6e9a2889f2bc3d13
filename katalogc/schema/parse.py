"""From located YAML to models; everything that does not fit becomes a located diagnostic.

First the keys are judged against the model's fields: unknown, not compiled yet, without effect.
Then pydantic judges the values. A value that YAML did not take for text where text is expected is
read as written, with a warning. What cannot be read is dropped, entry by entry, so that the rest
is still checked.
"""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from katalogc.codes import Code
from katalogc.diagnostics import Diagnostic
from katalogc.located import Located
from katalogc.schema.base import KatalogModel
from katalogc.schema.fields import Above, fields_of, home_above, home_below, nested_model
from katalogc.schema.katalog import SHARED
from katalogc.suggestions import closest, did_you_mean

Model = TypeVar("Model", bound=KatalogModel)
Location = tuple[str | int, ...]

_CODES = {code.id: code for code in Code}
_EXPECTED = {
    "string_type": "text",
    "bool_type": "`true` or `false`",
    "bool_parsing": "`true` or `false`",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "tuple_type": "a list",
    "list_type": "a list",
}
_MAX_ROUNDS = 50


def parse(root: Located, model: type[Model], diagnostics: list[Diagnostic]) -> Model | None:
    """Read `root` as `model`; None where nothing usable is left.

    Values in `root` are changed where they are read as text, and removed where they cannot be
    read, so that tree and model stay alike.
    """
    _judge_keys(root, model, diagnostics)
    for part in SHARED:
        part.model_rebuild()  # once: ready parts are taken over by the roots that hold them
    dropped: set[Location] = set()
    for _ in range(_MAX_ROUNDS):
        try:
            parsed = model.model_validate(root.plain())
            _warn_of_odd_numbers(root, diagnostics)
            return parsed
        except ValidationError as error:
            problems = error.errors(include_url=False)
        repaired = [each for each in problems if _read_as_text(root, each, diagnostics)]
        if repaired:
            continue
        diagnostics.extend(
            _diagnostic(root, problem)
            for problem in problems
            if not (problem["type"] == "missing" and problem["loc"] in dropped)
        )
        if not _drop(root, problems, dropped):
            return None
    return None


def _judge_keys(
    node: Located,
    model: type[KatalogModel],
    diagnostics: list[Diagnostic],
    above: tuple[Above, ...] = (),
) -> None:
    fields = fields_of(model)
    around = (*above, (node, model))
    for key in list(node.mapping):
        child = node.mapping[key]
        if key in fields:
            _descend(child, fields[key], diagnostics, around)
            continue
        del node.mapping[key]
        if key in model.not_yet | model.no_effect:
            if child.value is not None:
                diagnostics.append(_not_used(key, child, model))
        elif key in model.other_spellings:  # a group whose members could not be moved
            diagnostics.append(_wrong_type(key, "a mapping", child))
        elif not _put_where_it_belongs(key, child, node, model, diagnostics, above):
            diagnostics.append(_unknown(key, child, node, _suggestion(key, model)))
            meant = closest(key, fields)
            if meant is not None and meant not in node.mapping:
                # Read on as if it were spelled right, so that one slip is one diagnostic.
                node.mapping[meant] = child
                _descend(child, fields[meant], diagnostics, around)


def _put_where_it_belongs(
    key: str,
    child: Located,
    node: Located,
    model: type[KatalogModel],
    diagnostics: list[Diagnostic],
    above: tuple[Above, ...],
) -> bool:
    """Report and move a field that stands a step too deep, or not deep enough."""
    outer, inner = home_above(key, above), home_below(key, model)
    if inner is not None:
        name, inner_model = inner
        diagnostics.append(_unknown(key, child, node, f"`{key}` belongs under `{name}:`"))
        holder = node.mapping.get(name)
        if holder is None or holder.value is None:
            holder = node.mapping[name] = child.with_value({})
        if isinstance(holder.value, dict) and key not in holder.value:
            holder.value[key] = child
            inside = (*above, (node, model), (holder, inner_model))
            _descend(child, fields_of(inner_model)[key], diagnostics, inside)
    elif outer is not None:
        holder, outer_model = outer
        owner = f"`{holder.name()}`" if holder.path else "the document"
        help = f"`{key}` is a field of {owner}: begin it in column {holder.heading.column}"
        diagnostics.append(_unknown(key, child, node, help))
        if key not in holder.mapping:
            holder.mapping[key] = child
            _descend(child, fields_of(outer_model)[key], diagnostics, (outer,))
    return inner is not None or outer is not None


def _descend(
    child: Located, annotation: Any, diagnostics: list[Diagnostic], above: tuple[Above, ...]
) -> None:
    nested = nested_model(annotation)
    if nested is None:
        return
    shape, model = nested
    if shape == "one":
        _judge_keys(child, model, diagnostics, above)
    elif shape == "many":
        for item in child.items:
            _judge_keys(item, model, diagnostics, above)
    else:
        for item in child.mapping.values():
            _judge_keys(item, model, diagnostics, above)


def _not_used(key: str, child: Located, model: type[KatalogModel]) -> Diagnostic:
    written = child.path[-1] if child.path else key
    if key in model.not_yet:
        return Diagnostic(
            code=Code.NOT_COMPILED_YET,
            message=f"`{written}` is part of the language, but katalogc does not compile it yet",
            span=child.key_span,
            help="remove it, or wait for a version that compiles it",
        )
    return Diagnostic(
        code=Code.WITHOUT_EFFECT,
        message=f"`{written}` has no effect on the operator that is built",
        span=child.key_span,
    )


def _unknown(key: str, child: Located, node: Located, help: str | None) -> Diagnostic:
    return Diagnostic(
        code=Code.UNKNOWN_FIELD,
        message=f"unknown field `{child.path[-1] if child.path else key}` "
        f"in {_container(child, node)}",
        span=child.key_span,
        help=help,
    )


def _suggestion(key: str, model: type[KatalogModel]) -> str | None:
    fields = fields_of(model)
    best = closest(key, [*fields, *model.other_spellings, *model.not_yet])
    return f"did you mean `{best}`?" if best is not None else did_you_mean(key, fields)


def _container(child: Located, node: Located) -> str:
    names = [part for part in child.path[:-1] if isinstance(part, str)]
    return f"`{names[-1]}`" if names else "the document" if not node.path else f"`{node.name()}`"


def _warn_of_odd_numbers(root: Located, diagnostics: list[Diagnostic]) -> None:
    """Numbers that other readers may read differently: `0123`, `1:30`, `1_000`."""
    for _, scalar in root.scalars():
        written = scalar.written or ""
        is_number = isinstance(scalar.value, int) and not isinstance(scalar.value, bool)
        if is_number and written.lstrip("+") != str(scalar.value):
            diagnostics.append(
                Diagnostic(
                    code=Code.AMBIGUOUS_SCALAR,
                    message=f"YAML reads the unquoted `{written}` as the number {scalar.value}",
                    span=scalar.span,
                    help=f'quote it (`"{written}"`) or write the number plainly',
                )
            )


def _read_as_text(root: Located, problem: ErrorDetails, diagnostics: list[Diagnostic]) -> bool:
    """Take an unquoted scalar as the text it was written as, where text is expected."""
    location = problem["loc"]
    node = root.at(*location)
    if problem["type"] != "string_type" or node is None or isinstance(node.value, dict | list):
        return False
    parent = root.nearest(*location[:-1])
    replaced = node.with_value(node.text)
    if isinstance(parent.value, dict):
        parent.value[str(location[-1])] = replaced
    elif isinstance(parent.value, list):
        parent.value[int(location[-1])] = replaced
    kinds = {bool: "a boolean", int: "a number", float: "a number", type(None): "null"}
    if node.written or node.value is not None:
        diagnostics.append(
            Diagnostic(
                code=Code.AMBIGUOUS_SCALAR,
                message=f"YAML reads the unquoted `{node.text}` as {kinds[type(node.value)]}, "
                "but text is expected here",
                span=node.span,
                help=f'quote it: `"{node.text}"`',
            )
        )
    return True


def _diagnostic(root: Located, problem: ErrorDetails) -> Diagnostic:
    location, kind = problem["loc"], problem["type"]
    node = root.nearest(*location)
    name = next((part for part in reversed(location) if isinstance(part, str)), "the document")
    context = problem.get("ctx", {})
    if kind == "missing":
        return _missing(root, location)
    if kind in _CODES:
        value = str(context.get("value", ""))
        help = str(context["help"]).replace("{}", value) if "help" in context else None
        return Diagnostic(code=_CODES[kind], message=problem["msg"], span=node.span, help=help)
    if kind == "literal_error":
        expected = str(context.get("expected", "")).replace("'", "`")
        is_one = not isinstance(node.value, dict | list)
        return Diagnostic(
            code=Code.NOT_ONE_OF if is_one else Code.WRONG_TYPE,
            message=f"`{node.text}` is not allowed for `{name}`"
            if is_one
            else f"`{name}` must be one word, not {_found(node)}",
            span=node.span,
            help=f"allowed: {expected.replace('True', '`true`')}",
        )
    if kind.startswith(("greater_than", "less_than")):
        bound = next((context[key] for key in ("ge", "gt", "le", "lt") if key in context), "")
        words = "at least" if kind.startswith("greater_than") else "at most"
        return Diagnostic(
            code=Code.OUT_OF_RANGE,
            message=f"`{name}` must be {words} {bound:g}, not {node.text}",
            span=node.span,
        )
    return _wrong_type(name, _EXPECTED.get(kind, "another value"), node)


def _wrong_type(name: str, expected: str, node: Located) -> Diagnostic:
    return Diagnostic(
        code=Code.WRONG_TYPE,
        message=f"`{name}` must be {expected}, not {_found(node)}",
        span=node.span,
        help=_wrong_type_help(name, expected, node),
    )


def _missing(root: Located, location: Location) -> Diagnostic:
    field = location[-1]
    inside = root.nearest(*location[:-1])
    empty = inside.source_map.keys.get((*inside.path, field)) if inside.path else None
    if empty is not None:
        return Diagnostic(
            code=Code.MISSING_FIELD,
            message=f"`{field}` has no value",
            span=empty,
            help=f"write the value after `{field}:`",
        )
    return Diagnostic(
        code=Code.MISSING_FIELD,
        message=f"`{field}` is missing in `{inside.name()}`"
        if inside.path
        else f"`{field}` is missing",
        span=inside.key_span if inside.path else inside.heading,
        help=f"add `{field}:`",
    )


def _found(node: Located) -> str:
    value = node.value
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "a boolean"
    return f"the number `{node.text}`" if isinstance(value, int | float) else "text"


def _wrong_type_help(name: str, expected: str, node: Located) -> str | None:
    if name == "env" and isinstance(node.value, dict):
        return "each item needs `- name: KEY` and `value: …` (or `valueFrom: …`)"
    if expected == "a list" and isinstance(node.value, dict):
        return "begin each item with `- `"
    if expected == "a mapping" and isinstance(node.value, list):
        return "write `key: value` without `- `"
    return None


def _drop(root: Located, problems: list[ErrorDetails], dropped: set[Location]) -> bool:
    """Remove what cannot be read; False where nothing would be left.

    A wrong value goes alone; where its key is required, or missing, the entry around it goes.
    """
    targets: set[Location] = set()
    for problem in problems:
        location = problem["loc"]
        target = _entry_around(location) if problem["type"] == "missing" else location
        if not target or root.at(*target) is None:
            return False
        targets.add(target)
    for target in sorted(targets, key=_last_first, reverse=True):
        parent = root.at(*target[:-1])
        if parent is not None and isinstance(parent.value, dict):
            parent.value.pop(str(target[-1]), None)
        elif parent is not None and isinstance(parent.value, list):
            parent.value.pop(int(target[-1]))
        dropped.add(target)
    return True


def _last_first(location: Location) -> list[tuple[int, str]]:
    """A sort key that keeps indices of one list in their order, so that later ones go first."""
    return [(part, "") if isinstance(part, int) else (-1, part) for part in location]


def _entry_around(location: Location) -> Location | None:
    """The nearest list item around a place, else the CRD entry around it."""
    for length in range(len(location), 0, -1):
        if isinstance(location[length - 1], int):
            return location[:length]
    if location[:2] == ("spec", "crds") and len(location) > 2:
        return location[:3]
    return None
