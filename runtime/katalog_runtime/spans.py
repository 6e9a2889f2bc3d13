"""Spans of time as people and other programs read them. Pure: numbers in, words out."""

from __future__ import annotations

from datetime import UTC, datetime

_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def go_duration(seconds: float) -> str:
    """As Go prints whole seconds: `15s`, `1m0s`, `52h44m37s`; what is shorter as `500ms`."""
    if 0 < seconds < 1:
        return f"{round(seconds * 1000)}ms"
    whole = max(0, round(seconds))
    hours, rest = divmod(whole, _HOUR)
    minutes, left = divmod(rest, _MINUTE)
    if hours:
        return f"{hours}h{minutes}m{left}s"
    return f"{minutes}m{left}s" if minutes else f"{left}s"


def age(seconds: float) -> str:
    """As kubectl prints an age: two units while the second one still tells something."""
    whole = max(0, int(seconds))
    if whole < 2 * _MINUTE:
        return f"{whole}s"
    if whole < 10 * _MINUTE:
        return _two(whole, _MINUTE, "m", 1, "s")
    if whole < 3 * _HOUR:
        return f"{whole // _MINUTE}m"
    if whole < 8 * _HOUR:
        return _two(whole, _HOUR, "h", _MINUTE, "m")
    if whole < 2 * _DAY:
        return f"{whole // _HOUR}h"
    if whole < 8 * _DAY:
        return _two(whole, _DAY, "d", _HOUR, "h")
    return f"{whole // _DAY}d"


def _two(whole: int, unit: int, word: str, smaller: int, smaller_word: str) -> str:
    rest = whole % unit // smaller
    return f"{whole // unit}{word}{rest}{smaller_word}" if rest else f"{whole // unit}{word}"


def rfc3339(moment: datetime | None) -> str:
    """Whole seconds in UTC, as in Kubernetes objects; empty for None."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment else ""


def age_of(timestamp: str, now: datetime) -> str:
    """The age of an RFC 3339 timestamp; empty where it is none."""
    try:
        then = datetime.fromisoformat(timestamp)
    except ValueError:
        return ""
    if then.tzinfo is None:
        return ""
    return age((now - then).total_seconds())
