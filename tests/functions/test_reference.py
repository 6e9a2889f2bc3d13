"""Page and command are printed from the table; Go's own functions behave as declared there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from katalog_runtime.expressions import ExpressionError, compile_template
from katalog_runtime.expressions.arities import ARITIES
from katalog_runtime.functions import TABLE
from katalog_runtime.functions.declaration import Function
from katalogc import function_reference
from katalogc.commands import functions as command
from katalogc.expressions import parse
from katalogc.predefined_functions import PREDEFINED
from tests.functions.context import context, render

PAGE = Path(__file__).parents[2] / "docs" / "functions.md"
OWN = [pytest.param(function, id=function.name) for function in PREDEFINED]


def outcome(name: str, arguments: list[Any]) -> str:
    words = [f".a{index}" for index in range(len(arguments))]
    template = f"{{{{ {' '.join([name, *words])} }}}}"
    data = {word.removeprefix("."): value for word, value in zip(words, arguments, strict=True)}
    try:
        return f'"{compile_template(parse(template), TABLE).render(data, context())}"'
    except ExpressionError:
        return "error"


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == function_reference.markdown(), (
        "run `python scripts/function_docs.py`"
    )


def test_the_page_counts_no_function_without_example_or_behaviour() -> None:
    last = function_reference.markdown().rstrip().splitlines()[-1]
    counts = {cell.strip() for cell in last.split("|")[2:-1]}
    assert counts == {str(len(TABLE) + len(PREDEFINED))}


def test_go_has_no_function_that_the_reference_lacks() -> None:
    assert {function.name for function in PREDEFINED} == set(ARITIES)
    assert not set(ARITIES) & set(TABLE)


@pytest.mark.parametrize("function", OWN)
def test_go_s_own_functions_behave_as_declared(function: Function) -> None:
    (example,) = function.examples
    assert render(example.template) == example.output
    rest = [1] if function.least > 1 or function.name in ("eq", "index", "slice") else []
    assert outcome(function.name, [None, *rest]) == function.on_nil
    said = "error" if function.on_wrong_type == "error" else f'"{render("{{ .a }}", {"a": True})}"'
    if function.name in ("and", "or", "not"):
        return  # every type has a truth; the examples show it
    assert outcome(function.name, [True, *rest]) == said


def test_the_command_lists_every_function(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.run() == 0
    shown = capsys.readouterr().out
    assert all(f"  {name} " in shown for name in TABLE)


def test_the_command_shows_one_function(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.run(name="default") == 0
    shown = capsys.readouterr().out
    assert shown.startswith("default fallback value → any\n")
    assert "{{ default 2 .spec.replicas }}" in shown


def test_the_command_answers_in_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.run(name="timeAgo", format="json") == 0
    (entry,) = json.loads(capsys.readouterr().out)
    assert set(entry) == {
        "name",
        "group",
        "signature",
        "parameters",
        "result",
        "description",
        "examples",
        "onNil",
        "onWrongType",
        "purity",
    }
    assert entry["purity"] == "clock"
    assert entry["parameters"][0] == {
        "name": "timestamp",
        "type": "string",
        "variadic": False,
        "optional": False,
    }


def test_a_slip_gets_the_name_that_was_meant(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.run(name="semverCompar") == 1
    assert "did you mean `semverCompare`?" in capsys.readouterr().err


def test_on_a_terminal_no_line_of_the_listing_is_longer_than_the_terminal() -> None:
    shown = function_reference.entries()
    lines = function_reference.listing(shown, 80).splitlines()
    assert max(map(len, lines)) <= 80
    piped = function_reference.listing(shown).splitlines()
    assert len(piped) == len(shown) + len({each.group for each in shown})
    assert " ".join(" ".join(lines).split()) == " ".join(" ".join(piped).split())
    assert function_reference.listing(shown, 200) == function_reference.listing(shown)
