"""The status of one owner: declared fields and conditions in, the owner to write out. Pure.

Written last, through the subresource, and only if it changes. A CRD whose schema drops a field that
we write gives back less than we sent; what it gave back is remembered, and not sent again.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from katalog_runtime.conditions import Verdict, conditions_after
from katalog_runtime.drift import fingerprint
from katalog_runtime.functions.declaration import CallContext
from katalog_runtime.holes import OMIT, TemplateError
from katalog_runtime.memory import OwnerMemory
from katalog_runtime.objects import Manifest
from katalog_runtime.plan import Problem
from katalog_runtime.problems import template_problem
from katalog_runtime.projection import project
from katalog_runtime.render import Program


class StatusUpdate(NamedTuple):
    """A write of the status subresource, and what it stands for."""

    owner: Manifest
    """The owner with the status that it shall have."""
    changed: Collection[str]
    """The fields of the status in which that differs from what was observed."""
    wanted: dict[str, Any]
    """Everything we want the status to say, changed or not."""


def declared_fields(
    program: Program, data: dict[str, Any], context: CallContext
) -> tuple[dict[str, Any], tuple[Problem, ...]]:
    """The declared status fields; a field whose template fails is left out and reported."""
    fields: dict[str, Any] = {}
    problems: list[Problem] = []
    for each in program.status:
        try:
            value = each.build(data, context)
        except TemplateError as error:
            what = "status." + ".".join(str(part) for part in each.field.path)
            problems.append(template_problem(error, what))
            continue
        if value is not OMIT:
            _put(fields, each.field.path, value)
    return fields, tuple(problems)


def status_update(
    program: Program,
    owner: Manifest,
    fields: dict[str, Any],
    verdict: Verdict,
    memory: OwnerMemory,
    now: datetime,
) -> StatusUpdate | None:
    """The write that brings the owner's status to `fields` and `verdict`; None if it is there."""
    observed = owner.get("status")
    status: dict[str, Any] = observed if isinstance(observed, dict) else {}
    wanted = dict(fields)
    if program.spec.conditions:
        generation = int(owner["metadata"].get("generation") or 0)
        present = status.get("conditions")
        conditions = present if isinstance(present, list) else []
        wanted["conditions"] = conditions_after(conditions, verdict, generation, now)
        wanted["observedGeneration"] = generation
    changes = _difference(wanted, status)
    if not changes:
        return None
    if memory.status_refusal and memory.status_refusal == refusal_of(wanted, status):
        return None
    return StatusUpdate({**owner, "status": _merged(status, changes)}, changes.keys(), wanted)


def refusal_of(wanted: dict[str, Any], status: Any) -> str:
    """A digest of what was wanted and what is there instead; empty where nothing is missing."""
    held = status if isinstance(status, dict) else {}
    if not _difference(wanted, held):
        return ""
    bare = _without_times(wanted)
    return fingerprint([bare, _without_times(project(held, bare))])


def _difference(wanted: dict[str, Any], observed: dict[str, Any]) -> dict[str, Any]:
    """The merge patch (RFC 7386) from `observed` to `wanted`; fields that are not wanted stay."""
    patch: dict[str, Any] = {}
    for key, value in wanted.items():
        before = observed.get(key)
        if isinstance(value, dict) and isinstance(before, dict):
            inner = _difference(value, before)
            if inner:
                patch[key] = inner
        elif value != before or (key not in observed and value is not None):
            patch[key] = value
    return patch


def _merged(observed: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    """What a merge patch makes of `observed`, which is left alone."""
    merged = dict(observed)
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        elif isinstance(value, dict):
            before = merged.get(key)
            merged[key] = _merged(before if isinstance(before, dict) else {}, value)
        else:
            merged[key] = value
    return merged


def _without_times(wanted: dict[str, Any]) -> dict[str, Any]:
    conditions = wanted.get("conditions")
    if not isinstance(conditions, list):
        return wanted
    bare = [
        {key: value for key, value in each.items() if key != "lastTransitionTime"}
        for each in conditions
        if isinstance(each, dict)
    ]
    return {**wanted, "conditions": bare}


def _put(fields: dict[str, Any], path: tuple[str | int, ...], value: Any) -> None:
    target = fields
    for part in path[:-1]:
        inner = target.get(str(part))
        if not isinstance(inner, dict):
            inner = target[str(part)] = {}
        target = inner
    target[str(path[-1])] = value
