"""The API server's warnings: the header's grammar, and how often each is told."""

from __future__ import annotations

import logging

import pytest

from katalog_runtime.server_warnings import REMEMBERED, ServerWarnings, texts


@pytest.mark.parametrize(
    ("header", "heard"),
    [
        pytest.param('299 - "a"', ["a"], id="one"),
        pytest.param('299 - "a, b", 299 - "c"', ["a, b", "c"], id="comma-inside-a-text"),
        pytest.param(r'299 kube "say \"x\" \\ y"', ['say "x" \\ y'], id="escapes"),
        pytest.param('199 - "a", 299 - "b"', ["b"], id="other-codes"),
        pytest.param('299 - ""', [], id="empty"),
        pytest.param('299 - "open', [], id="not-closed"),
        pytest.param("nonsense", [], id="no-warning"),
        pytest.param('299 - "=?nowhere?q?x?="', ["=?nowhere?q?x?="], id="unknown-charset"),
        pytest.param('299 - "=?utf-8?q?a=0Ab?="', ["a b"], id="line-break"),
    ],
)
def test_a_header_is_read_as_upstream_writes_it(header: str, heard: list[str]) -> None:
    assert list(texts([header])) == heard


def test_the_memory_is_bounded(caplog: pytest.LogCaptureFixture) -> None:
    warnings = ServerWarnings()
    with caplog.at_level(logging.WARNING):
        for number in (*range(REMEMBERED), 0, REMEMBERED, 0):
            warnings.hear([f'299 - "{number}"'], "GET", "/api/v1/pods")
    # The first is told again only after so many others that it was forgotten.
    assert [each.fields["warning"] for each in caplog.records] == [
        *map(str, range(REMEMBERED + 1)), "0",
    ]  # fmt: skip
