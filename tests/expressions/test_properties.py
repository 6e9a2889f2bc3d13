"""What holds for every template and all data: no crash, no third outcome, no lost meaning."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from katalog_runtime.expressions import (
    ExpressionError,
    Limits,
    Template,
    compile_template,
    dump_tree,
    load_tree,
)
from katalog_runtime.expressions.floats import format_float
from katalog_runtime.functions import TABLE
from katalog_runtime.functions.declaration import CallContext
from katalogc.expressions import (
    TemplateSyntaxError,
    check_calls,
    facts,
    parse,
    print_template,
)
from tests.expressions.strategies import DATA, NOISE, TEMPLATES

SMALL = Limits(steps=500, output=2_000, items=500, range_size=100)
CONTEXT = CallContext(now=lambda: datetime(2026, 1, 1, tzinfo=UTC), chance=random.Random(1))
moderate = settings(max_examples=100, deadline=None, derandomize=True)


def shape(template: Template) -> Any:
    """The tree without its places: what the template means."""
    data = dump_tree(template)
    bodies = [
        data["body"],
        *[data.get("define", {})[name] for name in sorted(data.get("define", {}))],
    ]
    return [[row[0], *row[2:]] for row in data["rows"]], bodies


def parsed(text: str, *, strict: bool = False) -> Template | TemplateSyntaxError:
    """The tree, or why there is none."""
    try:
        return parse(text, TABLE, strict=strict)
    except TemplateSyntaxError as error:
        return error


def outcome(template: Template, data: Any, *, strict: bool) -> tuple[str, str]:
    """`text` or `error`, and which."""
    try:
        compiled = compile_template(template, TABLE, strict=strict, limits=SMALL)
        return "text", compiled.raw(data, CONTEXT)
    except ExpressionError as error:
        return "error", error.message


@moderate
@given(text=TEMPLATES, data=DATA, strict=st.booleans())
def test_an_evaluation_ends_with_text_within_bounds_or_a_clear_error(
    text: str, data: Any, strict: bool
) -> None:
    template = parsed(text, strict=strict)
    if isinstance(template, TemplateSyntaxError):
        assert 0 <= template.start <= template.end <= len(text)
        return
    kind, result = outcome(template, data, strict=strict)
    assert result or kind == "text"
    assert len(result) <= 2_000


@moderate
@given(text=NOISE)
def test_any_text_parses_or_is_refused_with_a_place(text: str) -> None:
    template = parsed(text)
    if isinstance(template, TemplateSyntaxError):
        assert 0 <= template.start <= template.end <= len(text)
        assert template.message
    else:
        outcome(template, {}, strict=False)


@moderate
@given(text=TEMPLATES)
def test_a_printed_tree_parses_back_to_the_same_tree(text: str) -> None:
    template = parsed(text)
    assert isinstance(template, Template)
    printed = print_template(template)
    again = parse(printed)
    assert shape(again) == shape(template)
    assert print_template(again) == printed


@moderate
@given(text=TEMPLATES, data=DATA)
def test_a_tree_evaluates_the_same_after_its_way_through_json(text: str, data: Any) -> None:
    template = parsed(text)
    assert isinstance(template, Template)
    tree = dump_tree(template)
    loaded = load_tree(json.loads(json.dumps(tree, ensure_ascii=False).encode()))
    assert dump_tree(loaded) == tree
    for strict in (True, False):
        assert outcome(loaded, data, strict=strict) == outcome(template, data, strict=strict)


@moderate
@given(text=TEMPLATES, data=DATA)
def test_what_is_said_not_to_fail_does_not(text: str, data: Any) -> None:
    template = parsed(text)
    assert isinstance(template, Template)
    found = facts(template, TABLE)
    if not found.can_fail and not list(check_calls(template, TABLE)):
        assert outcome(template, data, strict=False)[0] == "text"


@moderate
@given(value=st.floats(allow_nan=False, allow_infinity=False), verb=st.sampled_from("eEgGfxX"))
def test_the_shortest_text_of_a_float_reads_back_as_the_same_float(value: float, verb: str) -> None:
    text = format_float(value, verb, -1)
    again = float.fromhex(text) if verb in "xX" else float(text)
    assert again == value


@moderate
@given(
    value=st.floats(allow_nan=False, allow_infinity=False),
    verb=st.sampled_from("efgEG"),
    precision=st.integers(0, 20),
)
def test_floats_with_a_precision_agree_with_c(value: float, verb: str, precision: int) -> None:
    assert format_float(value, verb, precision) == f"%.{precision}{verb}" % value
