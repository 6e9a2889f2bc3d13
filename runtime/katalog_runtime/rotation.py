"""When a generated Secret is due to be generated anew. Durations and timestamps; pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from katalog_runtime.objects import GENERATED_AT_ANNOTATION, Manifest

_SECONDS = {
    "ms": 0.001,
    "s": 1.0,
    "m": 60.0,
    "h": 3600.0,
    "d": 86400.0,
    "w": 7 * 86400.0,
    "y": 365 * 86400.0,
}
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d|w|y)")
_CEILING = timedelta(days=365 * 1000)


class DurationError(ValueError):
    """The text is no duration; the message says what one looks like."""


def parse_duration(text: str) -> timedelta:
    """`90s`, `1h30m`, `30d`, `2w`, `1y` (365 days): numbers with units, added up, more than zero.

    Raises:
        DurationError: anything else.
    """
    matched = _PART.findall(text)
    if "".join(f"{number}{unit}" for number, unit in matched) != text or not matched:
        raise DurationError(f"`{text}` is no duration; write one like `30d` or `1h30m`")
    seconds = sum(float(number) * _SECONDS[unit] for number, unit in matched)
    if seconds <= 0:
        raise DurationError(f"`{text}` is no time at all; a rotation needs a duration above zero")
    return min(timedelta(seconds=min(seconds, _CEILING.total_seconds())), _CEILING)


def timestamp(now: datetime) -> str:
    """RFC 3339 in whole seconds and UTC, as Kubernetes writes times."""
    # Five times as fast as `strftime`, which asks the locale.
    return now.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def parse_timestamp(text: str) -> datetime | None:
    """An RFC 3339 timestamp, or None if the text is none (annotations can hold anything)."""
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        return None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def due_at(child: Manifest, period: timedelta) -> datetime | None:
    """When the child has to be rendered anew; None if nothing says when it was made.

    The annotation counts; where it was taken away, the object's creation does.
    """
    metadata = child["metadata"]
    annotations = metadata.get("annotations") or {}
    made = parse_timestamp(str(annotations.get(GENERATED_AT_ANNOTATION, "")))
    if made is None:
        made = parse_timestamp(str(metadata.get("creationTimestamp", "")))
    return made + period if made is not None else None
