"""docs/diagnostics.md says what the code registry says."""

from __future__ import annotations

from scripts.diagnostics_page import PAGE, page


def test_the_page_is_fresh() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run python -m scripts.diagnostics_page"
