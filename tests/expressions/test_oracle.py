"""Every case that Go itself has answered, through the batch command."""

from __future__ import annotations

import json

import pytest

from katalogc.commands.eval import answers, decode
from tests.expressions.data import render
from tests.expressions.oracle import cases, lines

LANGUAGE = sorted(group for group in cases() if not group.startswith(("func:", "quantity")))


@pytest.mark.parametrize("group", LANGUAGE)
def test_go_and_we_agree_on_every_case_of_the_group(group: str) -> None:
    wrong = []
    batch = [line for line, _ in cases()[group]]
    for (_, case), line in zip(cases()[group], answers(batch, strict=True), strict=True):
        answer = json.loads(line)
        key = "error" if "error" in case else "output"
        if answer.get(key) != case[key]:
            wrong.append((case["id"], case["template"], case[key], answer))
    assert wrong == []


@pytest.mark.parametrize("group", LANGUAGE)
def test_raw_output_is_gos_to_the_character(group: str) -> None:
    wrong = []
    for line, case in cases()[group]:
        if "raw" in case and "\ufffd" not in case["raw"]:
            raw = render(case["template"], decode(line)["data"], strict=True)
            if raw != case["raw"]:
                wrong.append((case["id"], case["template"], case["raw"], raw))
    assert wrong == []


def test_the_fixture_is_whole() -> None:
    assert len(lines()) == 2800
