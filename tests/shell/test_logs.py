"""Log lines: facts as fields, one line each, whatever the values are."""

from __future__ import annotations

import io
import json
import logging
import sys

import pytest

from katalog_runtime.logs import MAX_TEXT, BoundLogger, JsonFormatter, TextFormatter, fields


def line(formatter: logging.Formatter, message: str = "child created", **facts: object) -> str:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    logger = logging.Logger("katalog.data-job")  # noqa: LOG001 - one of its own, so that tests share nothing
    logger.addHandler(handler)
    logger.info(message, extra=fields(**facts))
    return stream.getvalue()


def test_json_carries_message_and_fields_side_by_side():
    written = json.loads(line(JsonFormatter(), name="nightly", namespace="demo", generation=2))
    assert written.pop("time").endswith("Z")
    assert written == {
        "level": "info",
        "logger": "katalog.data-job",
        "message": "child created",
        "name": "nightly",
        "namespace": "demo",
        "generation": 2,
    }


def test_a_field_cannot_take_the_place_of_the_message():
    written = json.loads(line(JsonFormatter(), message_="x", level="loud"))
    assert (written["message"], written["level"], written["level_"]) == (
        "child created",
        "info",
        "loud",
    )


@pytest.mark.parametrize(
    "value",
    [2**80, "half \ud800", {1: 2}, {"a"}, object(), b"\xff", float("nan"), None],
    ids=["big", "surrogate", "keys", "set", "object", "bytes", "nan", "none"],
)
def test_any_value_becomes_one_line_of_json(value: object):
    written = line(JsonFormatter(), value=value)
    assert written.count("\n") == 1
    assert json.loads(written)["message"] == "child created"


def test_a_servers_long_text_is_cut():
    written = json.loads(line(JsonFormatter(), error="x" * 50_000))
    assert len(written["error"]) == MAX_TEXT + 1


def test_text_is_for_people_and_stays_on_one_line():
    written = line(TextFormatter(), child="ConfigMap/one", error="no\nsuch thing", did=["a", "b c"])
    assert written.endswith(
        'INFO    child created child=ConfigMap/one error="no\\nsuch thing" did="a, b c"\n'
    )


@pytest.mark.parametrize("sequence", ["\x1b[2J", "\x9b2J", "\x7f", "\u202e", "a\u2028b"])
def test_a_terminal_is_never_told_what_to_do_by_what_is_logged(sequence: str):
    written = line(TextFormatter(), error=f"denied{sequence}", name=f"{sequence}=x")
    assert written.removesuffix("\n").isprintable()
    assert "denied" in written
    try:
        raise ValueError(sequence)
    except ValueError:
        record = logging.LogRecord("katalog", logging.ERROR, "f", 1, "m", (), sys.exc_info())
    assert all(each.isprintable() for each in TextFormatter().format(record).split("\n"))


def test_a_traceback_rides_along():
    try:
        raise ValueError("broken")
    except ValueError:
        record = logging.LogRecord("katalog", logging.ERROR, "f", 1, "m", (), sys.exc_info())
    assert "ValueError: broken" in json.loads(JsonFormatter().format(record))["exception"]


def test_bound_facts_ride_on_every_line_and_the_calls_own_win():
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    logger = logging.Logger("katalog")  # noqa: LOG001 - one of its own, so that tests share nothing
    logger.addHandler(handler)
    bound = BoundLogger(logger, controller="data-job", name="a")
    bound.info("reconciled", extra=fields(name="b"))
    written = json.loads(stream.getvalue())
    assert (written["controller"], written["name"]) == ("data-job", "b")
