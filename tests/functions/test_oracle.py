"""What Go's libraries answer: every line of the oracle's functions, through the batch command."""

from __future__ import annotations

import json

import pytest

from katalogc.commands.eval import answers
from tests.expressions.oracle import cases

FUNCTIONS = sorted(group for group in cases() if group.startswith(("func:", "quantity")))


@pytest.mark.parametrize("group", FUNCTIONS)
def test_go_s_libraries_and_we_agree_on_every_case_of_the_group(group: str) -> None:
    wrong = []
    batch = [line for line, _ in cases()[group]]
    for (_, case), line in zip(cases()[group], answers(batch, strict=True), strict=True):
        answer = json.loads(line)
        key = "error" if "error" in case else "output"
        if answer.get(key) != case[key]:
            wrong.append((case["id"], case["template"], case[key], answer))
    assert wrong == []


def test_all_groups_of_functions_are_there() -> None:
    assert len(FUNCTIONS) == 24
