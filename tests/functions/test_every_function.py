"""Every function does what its declaration says:

examples, nil, wrong types, and no other exception on any argument.
"""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from katalog_runtime.functions import TABLE
from katalog_runtime.functions.declaration import Function, FunctionError
from katalog_runtime.functions.json_values import shown
from katalog_runtime.functions.signature import ANY_TYPE
from tests.functions.context import context, render

GROUPS: dict[str, list[Function]] = {}
for each in TABLE.values():
    GROUPS.setdefault(each.group, []).append(each)
by_group = pytest.mark.parametrize("functions", GROUPS.values(), ids=GROUPS)

FILLERS: dict[str, Any] = {
    "string": "a",
    "int": 1,
    "float": 1.0,
    "number": 1,
    "bool": True,
    "list": ["a"],
    "map": {"a": "b"},
    "object": {},
    "any": None,
}
OTHER_TYPES: dict[str, Any] = {
    "string": ["a"],
    "int": "x",
    "float": "x",
    "number": {},
    "bool": 3,
    "list": 7,
    "map": 7,
    "object": "text",
}


def outcome(function: Function, arguments: list[Any]) -> str:
    """What the declarations say: `error`, or the printed value in quotes."""
    try:
        result = function.call(context(), *arguments)
    except FunctionError:
        return "error"
    return f'"{shown(result)}"'


def arguments_with(function: Function, index: int, value: Any) -> list[Any]:
    required = [each for each in function.parameters if not each.optional]
    arguments = [FILLERS[each.type] for each in required]
    arguments[index] = value
    return arguments


@by_group
def test_examples_print_what_they_say(functions: list[Function]) -> None:
    wrong = {
        example.template: printed
        for function in functions
        for example in function.examples
        if (printed := render(example.template, example.data)) != example.output
    }
    assert wrong == {}


def said_of_nil(function: Function) -> str:
    if not function.parameters:
        return "takes no argument"
    return outcome(function, arguments_with(function, 0, None))


@by_group
def test_a_nil_argument_gives_what_the_declarations_say(functions: list[Function]) -> None:
    said = {function.name: said_of_nil(function) for function in functions}
    assert said == {function.name: function.on_nil for function in functions}


def said_of_another_type(function: Function) -> str:
    typed = [index for index, each in enumerate(function.parameters) if each.type != "any"]
    if not function.parameters:
        return "takes no argument"
    if not typed:
        return ANY_TYPE
    index = typed[0]
    arguments = arguments_with(function, 0, FILLERS[function.parameters[0].type])
    arguments += [None] * (index + 1 - len(arguments))
    arguments[index] = OTHER_TYPES[function.parameters[index].type]
    given = outcome(function, arguments)
    if index and given == "error" and function.on_wrong_type == ANY_TYPE:
        return ANY_TYPE  # the subject takes any type; its companion does not
    return given


@by_group
def test_another_type_gives_what_the_declarations_say(functions: list[Function]) -> None:
    said = {function.name: said_of_another_type(function) for function in functions}
    assert said == {function.name: function.on_wrong_type for function in functions}


@by_group
def test_declarations_are_complete(functions: list[Function]) -> None:
    for function in functions:
        assert function.examples, function.name
        assert function.description.endswith("."), function.name
        assert "\n" not in function.description, function.name
        assert function.result, function.name


@by_group
def test_a_pure_function_gives_the_same_again(functions: list[Function]) -> None:
    for function in functions:
        if function.purity == "pure":
            arguments = arguments_with(function, 0, FILLERS[function.parameters[0].type])
            first = outcome(function, copy.deepcopy(arguments))
            assert outcome(function, arguments) == first, function.name


@pytest.mark.parametrize("name", ["timeAgo", "timeSince", "nextCron", "weekday", "timeInWindow"])
def test_what_reads_the_clock_is_declared_so(name: str) -> None:
    assert TABLE[name].purity == "clock"


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(1 << 63), (1 << 63) - 1)
    | st.floats(allow_nan=True)
    | st.text(max_size=20)
    | st.sampled_from(
        [
            "1Gi",
            "1.2.3",
            "0 3 * * 1",
            "2026-01-01T00:00:00Z",
            "10.0.0.0/8",
            "1h",
            "(a+)+$",
            "%",
            "a\udcff",
        ]
    )
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4)
    ),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.sampled_from(sorted(TABLE)), st.lists(VALUES, min_size=5, max_size=5))
def test_no_arguments_whatsoever_give_another_exception_or_are_changed(
    name: str, values: list[Any]
) -> None:
    function = TABLE[name]
    most = function.most if function.most is not None else max(function.least, 4)
    arguments = values[:most]
    before = repr(arguments)
    try:
        result = function.call(context(), *arguments)
    except FunctionError:
        result = None
    assert repr(arguments) == before
    assert isinstance(result, (str, int, float, bool, list, dict, type(None)))
