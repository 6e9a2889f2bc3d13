"""Answers of a real API server (v1.36.3), replayed on the pure functions; `record` records them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.schemas.pipeline import Server
from tests.schemas.record import FOLDER, summary


def _scenarios() -> Iterator[Any]:
    for path in sorted(FOLDER.glob("*.json")):
        scenarios = json.loads(path.read_text(encoding="utf-8"))
        crds = [
            step["body"]
            for each in scenarios
            for step in each["steps"]
            if each["name"].startswith("crd")
        ]
        for number, each in enumerate(scenarios):
            if each["name"].startswith("crd"):
                continue
            yield pytest.param(each["steps"], crds, id=f"{path.stem}-{number}-{each['name']}")


def _unordered(answer: dict[str, Any]) -> dict[str, Any]:
    """Complaints about the entries of one map come in no particular order from a Go program."""
    if answer.get("reason") != "Invalid":
        return answer
    head, _, complaints = answer["message"].partition(" is invalid: ")
    parts = sorted(complaints.removeprefix("[").removesuffix("]").split(", "))
    return {**answer, "message": (head, parts)}


@pytest.mark.parametrize(("steps", "crds"), list(_scenarios()))
def test_the_answer_is_the_real_servers(
    steps: list[dict[str, Any]], crds: list[dict[str, Any]]
) -> None:
    server = Server(crds)
    for step in steps:
        assert _unordered(summary(*server.handle(step))) == _unordered(step["answer"])
