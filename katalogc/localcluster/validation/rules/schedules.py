"""Cron schedules as CronJobs take them (five fields or a descriptor), in the server's words.

In: the schedule's text. Out: what is wrong with it; empty when nothing is.
"""

from __future__ import annotations

import re

_MONTH_NAMES = "jan feb mar apr may jun jul aug sep oct nov dec"
_DAY_NAMES = "sun mon tue wed thu fri sat"
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES.split(), 1)}
_DAYS = {name: number for number, name in enumerate(_DAY_NAMES.split())}
_RANGES: tuple[tuple[int, int, dict[str, int]], ...] = (
    (0, 59, {}),
    (0, 23, {}),
    (1, 31, {}),
    (1, 12, _MONTHS),
    (0, 6, _DAYS),
)
_DESCRIPTORS = ("@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly")
_EVERY = re.compile(r"(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|ms|s|m|h)")


def schedule_error(schedule: str) -> str:
    """The first mistake in a schedule."""
    if "TZ" in schedule:
        return "cannot use TZ or CRON_TZ in schedule, use timeZone field instead"
    if schedule.startswith("@"):
        return _descriptor_error(schedule)
    fields = schedule.split()
    if len(fields) != 5:
        return f"expected exactly 5 fields, found {len(fields)}: [{' '.join(fields)}]"
    for text, (low, high, names) in zip(fields, _RANGES, strict=True):
        for part in text.split(","):
            if problem := _range_error(part, low, high, names):
                return problem
    return ""


def _descriptor_error(schedule: str) -> str:
    if schedule in _DESCRIPTORS:
        return ""
    if schedule.startswith("@every "):
        duration = schedule.removeprefix("@every ")
        if _EVERY.sub("", duration) == "" and duration:
            return ""
        return f'failed to parse duration {schedule}: time: invalid duration "{duration}"'
    return f"unrecognized descriptor: {schedule}"


def _range_error(part: str, low: int, high: int, names: dict[str, int]) -> str:
    span, *steps = part.split("/")
    if len(steps) > 1:
        return f"too many slashes: {part}"
    bounds = span.split("-")
    if len(bounds) > 2:
        return f"too many hyphens: {part}"
    numbers: list[int] = []
    for bound in bounds:
        if bound in ("*", "?"):
            continue
        number = names.get(bound.lower(), int(bound) if bound.isdigit() else None)
        if number is None:
            return (
                f'failed to parse int from {bound}: strconv.Atoi: parsing "{bound}": invalid syntax'
            )
        numbers.append(number)
    start, end = (numbers[0], numbers[-1]) if numbers else (low, high)
    if start < low:
        return f"beginning of range ({start}) below minimum ({low}): {part}"
    if end > high:
        return f"end of range ({end}) above maximum ({high}): {part}"
    if start > end:
        return f"beginning of range ({start}) beyond end of range ({end}): {part}"
    if steps and not steps[0].isdigit():
        return (
            f'failed to parse int from {steps[0]}: strconv.Atoi: parsing "{steps[0]}": invalid '
            "syntax"
        )
    return (
        f"step of range should be a positive number: {part}" if steps and int(steps[0]) == 0 else ""
    )
