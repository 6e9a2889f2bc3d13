"""What a bundle's types alone do not promise: values in range, paths and trees that can be used.

In: a bundle that has the right shape. Out: nothing, or `BundleError` in one sentence with the
place. Pure. Our compiler writes nothing of this kind; whoever edits a bundle by hand, or means
harm, gets the same line as for any other malformed bundle, and no traceback.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from katalog_runtime.api_type import ApiType
from katalog_runtime.bundle import (
    Bundle,
    BundleError,
    ChildTemplate,
    Controller,
    Expression,
    Hole,
    Template,
)
from katalog_runtime.expressions.tree_json import TreeError, load_tree

MOST_ITEMS = 10_000
"""The highest index of a list item that an expression may fill: lists are made that long."""
_MOST_WORKERS = 1_000
_LONGEST_SECONDS = 10 * 365 * 86400.0
_SEGMENT = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9.]*[A-Za-z0-9])?")
"""What stands between two slashes of a request's path."""


def check(bundle: Bundle) -> None:
    """Refuse a bundle that could not be executed.

    Raises:
        BundleError: the first such place and what is wrong with it.
    """
    names: set[str] = set()
    for index, spec in enumerate(bundle.controllers):
        place = f"controllers[{index}]"
        if spec.name in names:
            raise _malformed(f"{place}.name", f"two controllers are called {spec.name[:60]!r}")
        names.add(spec.name)
        _check_type(spec.api, f"{place}.api")
        _check_numbers(spec, place)
        for number, child in enumerate(spec.children):
            _check_child(child, f"{place}.children[{number}]")
        for number, field in enumerate(spec.status_fields):
            where = f"{place}.statusFields[{number}]"
            if not field.path:
                raise _malformed(f"{where}.path", "it is empty")
            _check_template(field.value, f"{where}.value")


def _malformed(place: str, problem: str) -> BundleError:
    return BundleError(f"the bundle is malformed at {place}: {problem}")


def _check_type(api: ApiType, place: str) -> None:
    parts = {"version": api.version, "kind": api.kind, "plural": api.plural}
    if api.group:
        parts["group"] = api.group
    for name, text in parts.items():
        if not _SEGMENT.fullmatch(text):
            raise _malformed(f"{place}.{name}", f"{text[:60]!r} is no part of a resource type")


def _check_numbers(spec: Controller, place: str) -> None:
    backoff = spec.backoff
    ranges: tuple[tuple[str, float | None, float, float], ...] = (
        ("workers", spec.workers, 1, _MOST_WORKERS),
        ("queueDepth", spec.queue_depth, 0, math.inf),
        ("resyncSeconds", spec.resync_seconds, 0, _LONGEST_SECONDS),
        ("backoff.initialSeconds", backoff.initial_seconds, 0.001, _LONGEST_SECONDS),
        ("backoff.maxSeconds", backoff.max_seconds, backoff.initial_seconds, _LONGEST_SECONDS),
        ("backoff.multiplier", backoff.multiplier, 1, 1000),
    )
    for name, value, least, most in ranges:
        # Written so that a number which compares with nothing (NaN) is refused too.
        if value is not None and not least <= value <= most:
            raise _malformed(f"{place}.{name}", f"{value} is not between {least:g} and {most:g}")


def _check_child(child: ChildTemplate, place: str) -> None:
    _check_type(child.api, f"{place}.api")
    skeleton = child.manifest.skeleton
    if not isinstance(skeleton, dict) or not isinstance(skeleton.get("metadata") or {}, dict):
        raise _malformed(f"{place}.manifest.skeleton", "it is no Kubernetes object")
    for number, hole in enumerate(child.manifest.holes):
        if not hole.path:
            raise _malformed(f"{place}.manifest.holes[{number}].path", "it is empty")
    _check_template(child.manifest, f"{place}.manifest")
    if child.rotate_after is not None:
        _check_expression(child.rotate_after, f"{place}.rotateAfter")


def _check_template(template: Template, place: str) -> None:
    for number, hole in enumerate(template.holes):
        where = f"{place}.holes[{number}]"
        for problem in _path_problems(template, hole):
            raise _malformed(f"{where}.path", problem)
        _check_expression(hole.expression, f"{where}.expression")


def _path_problems(template: Template, hole: Hole) -> Iterator[str]:
    """Why the hole is no place of the skeleton, if so."""
    value = template.skeleton
    for part in hole.path:
        if isinstance(part, int) and not 0 <= part <= MOST_ITEMS:
            yield f"a list has no item {part}"
            return
        container = list if isinstance(part, int) else dict
        if value is not None and not isinstance(value, container):
            yield f"{part!r} leads into a {type(value).__name__}"[:200]
            return
        if isinstance(value, list) and isinstance(part, int):
            value = value[part] if part < len(value) else None
        elif isinstance(value, dict):
            value = value.get(str(part))


def _check_expression(expression: Expression, place: str) -> None:
    try:
        load_tree(expression.tree)
    except (TreeError, RecursionError) as error:
        raise _malformed(f"{place}.tree", str(error)[:200]) from error
