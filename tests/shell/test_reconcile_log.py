"""One line for each reconcile that is news, and none for one that is not."""

from __future__ import annotations

import logging
import random

import pytest

from katalog_runtime.objects import NamespacedName
from katalog_runtime.outcome import Outcome
from katalog_runtime.reconcile_log import ReconcileLog

KEY = NamespacedName("team", "nightly")
OWNER = {"metadata": {"generation": 3}}


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> ReconcileLog:
    caplog.set_level(logging.INFO, logger="katalog.test")
    return ReconcileLog(
        logging.getLogger("katalog.test"),
        "data-job",
        owner={KEY: OWNER}.get,
        chance=random.Random(1),
    )


def facts(caplog: pytest.LogCaptureFixture) -> list[dict[str, object]]:
    return [
        {"level": each.levelname, "message": each.getMessage(), **each.__dict__["fields"]}
        for each in caplog.records
    ]


def test_a_failure_that_also_wrote_something_is_one_line(
    lines: ReconcileLog, caplog: pytest.LogCaptureFixture
) -> None:
    lines.ended(KEY, Outcome(error="refused", retry=True, acted=("created ConfigMap",)), 0.5)
    (line,) = facts(caplog)
    assert line.pop("reconcileID")
    assert line == {
        "level": "WARNING",
        "message": "reconcile failed",
        "controller": "data-job",
        "namespace": "team",
        "name": "nightly",
        "generation": 3,
        "error": "refused",
        "did": ["created ConfigMap"],
        "requeueAfter": 0.5,
    }


def test_the_same_failure_again_is_no_news_until_a_success(
    lines: ReconcileLog, caplog: pytest.LogCaptureFixture
) -> None:
    for error in ("refused", "refused", "", "refused", "other"):
        lines.ended(KEY, Outcome(error=error), None)
    assert [each["error"] for each in facts(caplog)] == ["refused", "refused", "other"]


def test_a_reconcile_that_did_nothing_is_not_mentioned(
    lines: ReconcileLog, caplog: pytest.LogCaptureFixture
) -> None:
    lines.ended(KEY, Outcome(), None)
    lines.ended(KEY, Outcome(acted=("deleted Secret",)), None)
    assert [each["did"] for each in facts(caplog)] == [["deleted Secret"]]
