"""The signatures that the compiler checks against are those of the functions."""

from __future__ import annotations

from katalogc.known_functions import DATA
from scripts.function_signatures import content


def test_the_signatures_are_fresh() -> None:
    message = "run python -m scripts.function_signatures"
    assert DATA.read_text(encoding="utf-8") == content(), message
