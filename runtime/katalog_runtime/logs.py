"""Log lines: constant messages with facts as fields, as JSON or as text for people.

In: records of the standard library's `logging`, whose facts ride in `extra={"fields": {...}}` (a
plain `extra` refuses `name`, a field that Kubernetes uses everywhere). Out: one line each on one
stream. `configure` is called once per process. Formatting never raises and never prints a whole
object: long texts are cut.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TextIO

import orjson

from katalog_runtime.config import LogFormat

LOGGER = "katalog"
"""The root of all our loggers; libraries log beside it and only from WARNING on."""
MAX_TEXT = 1024
"""Server messages may quote whole objects; a line holds the beginning."""
_MAX_TRACEBACK = 8192
_RESERVED = frozenset(("time", "level", "logger", "message", "exception"))


def fields(**facts: Any) -> dict[str, Any]:
    """The `extra` of a log call; None values are left out."""
    return {"fields": {name: value for name, value in facts.items() if value is not None}}


class BoundLogger(logging.LoggerAdapter[logging.Logger]):
    """A logger whose lines all carry some facts; a call's own fields win."""

    def __init__(self, logger: logging.Logger, **facts: Any) -> None:
        super().__init__(logger, facts)

    def process(self, msg: Any, kwargs: Any) -> tuple[Any, Any]:
        """Join the bound facts with those of the call."""
        given = (kwargs.get("extra") or {}).get("fields") or {}
        return msg, {**kwargs, "extra": {"fields": {**(self.extra or {}), **given}}}


def facts_of(record: logging.LogRecord) -> dict[str, Any]:
    """The record's fields, long texts cut; a name that the line itself uses gets an underscore."""
    given = getattr(record, "fields", None)
    if not isinstance(given, Mapping):
        return {}
    facts = {}
    for name, value in given.items():
        if isinstance(value, str) and len(value) > MAX_TEXT:
            value = value[:MAX_TEXT] + "…"
        facts[f"{name}_" if name in _RESERVED else str(name)] = value
    return facts


def _traceback(record: logging.LogRecord) -> str:
    if not record.exc_info or record.exc_info[0] is None:
        return ""
    text = logging.Formatter().formatException(record.exc_info)
    # The end of a traceback says what happened.
    return text if len(text) <= _MAX_TRACEBACK else "…" + text[-_MAX_TRACEBACK:]


class JsonFormatter(logging.Formatter):
    """One JSON object per line: time, level, logger, message, then the fields."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its newline."""
        moment = datetime.fromtimestamp(record.created, UTC)
        line: dict[str, Any] = {
            "time": moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage()[: 4 * MAX_TEXT],
            **facts_of(record),
        }
        if trace := _traceback(record):
            line["exception"] = trace
        try:
            return orjson.dumps(line, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
        except TypeError:
            # Half characters and integers beyond 64 bits: rare, so the slower encoder may do it.
            return json.dumps(line, default=str)


class TextFormatter(logging.Formatter):
    """`12:00:01 INFO  child created controller=data-job child=ConfigMap/one`, for people."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its newline; a traceback follows on lines of its own."""
        moment = datetime.fromtimestamp(record.created).astimezone()
        parts = [moment.strftime("%H:%M:%S"), f"{record.levelname:<7}", record.getMessage()]
        parts += [f"{name}={_word(value)}" for name, value in facts_of(record).items()]
        line = " ".join(parts)
        trace = "\n".join(map(_visible, _traceback(record).splitlines()))
        return f"{line}\n{trace}" if trace else line


def _word(value: Any) -> str:
    """A field's value without line breaks; quoted where it holds spaces."""
    if isinstance(value, (list, tuple)):
        value = ", ".join(map(str, value))
    text = value if isinstance(value, str) else str(value)
    if text.isprintable() and text and not any(each in text for each in ' "='):
        return text
    return _visible(json.dumps(text, ensure_ascii=False))


def _visible(text: str) -> str:
    """The text without control characters: a terminal obeys them, and anyone can send them."""
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)


def configure(log_format: LogFormat, level: str, stream: TextIO | None = None) -> logging.Logger:
    """Set the process's logging up and return the operator's logger.

    Args:
        log_format: `json` or `text`.
        level: of our own loggers: `debug`, `info`, `warning` or `error`.
        stream: where lines go; standard error by default.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonFormatter() if log_format == "json" else TextFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    ours = logging.getLogger(LOGGER)
    ours.setLevel(level.upper())
    return ours
