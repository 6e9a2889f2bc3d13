"""A scenario as data: requests to send to both servers, and how to compare what they answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from tests.controlplane.api import APPLY, JSON_PATCH, MERGE, STRATEGIC, Api

Json = Any

STAMPS = {
    "uid", "resourceVersion", "creationTimestamp", "time", "deletionTimestamp",
    "lastTransitionTime", "lastUpdateTime", "continue", "token", "expirationTimestamp", "eventTime",
    "firstTimestamp", "lastTimestamp", "startTime", "completionTime",
}  # fmt: skip
"""Keys whose values differ from one server to the next; that they are there is compared."""

_NOT_TWICE_THE_SAME = (
    (re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"), "<uid>"),
    (re.compile(r"current: \d+"), "current: <resourceVersion>"),
    (re.compile(r"^\d+\.\d+\.\d+\.\d+(:\d+)?$"), "<address>"),
)


@dataclass(frozen=True, kw_only=True)
class Step:
    """One request. `{ns}` in paths and bodies is the scenario's own namespace."""

    method: str
    path: str
    body: Json = None
    content_type: str = "application/json"
    accept: str = "application/json"
    query: dict[str, str] = field(default_factory=dict)
    only: tuple[str, ...] = ()
    """Compare just these top-level fields of the answer (say why in the scenario)."""


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """A name and what happens."""

    name: str
    steps: tuple[Step, ...]
    watch: str = ""
    """A collection whose events since the beginning are compared at the end."""


def create(path: str, body: Json, **query: str) -> Step:
    """POST."""
    return Step(method="POST", path=path, body=body, query=query)


def get(
    path: str, accept: str = "application/json", only: tuple[str, ...] = (), **query: str
) -> Step:
    """GET."""
    return Step(method="GET", path=path, accept=accept, query=query, only=only)


def put(path: str, body: Json, **query: str) -> Step:
    """PUT."""
    return Step(method="PUT", path=path, body=body, query=query)


def merge(path: str, body: Json, **query: str) -> Step:
    """PATCH with RFC 7386."""
    return Step(method="PATCH", path=path, body=body, content_type=MERGE, query=query)


def json_patch(path: str, *operations: Json, **query: str) -> Step:
    """PATCH with RFC 6902."""
    return Step(
        method="PATCH", path=path, body=list(operations), content_type=JSON_PATCH, query=query
    )


def strategic(path: str, body: Json, **query: str) -> Step:
    """PATCH with Kubernetes' strategic merge."""
    return Step(method="PATCH", path=path, body=body, content_type=STRATEGIC, query=query)


def apply(path: str, body: Json, manager: str = "first", **query: str) -> Step:
    """Server-side apply."""
    query = {"fieldManager": manager, **query}
    return Step(method="PATCH", path=path, body=body, content_type=APPLY, query=query)


def delete(path: str, body: Json = None, **query: str) -> Step:
    """DELETE."""
    return Step(method="DELETE", path=path, body=body, query=query)


def normalised(value: Json) -> Json:
    """The answer without what must differ: identities and times are replaced by their kind."""
    if isinstance(value, dict):
        return {
            key: f"<{key}>" if key in STAMPS and item else normalised(item)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [normalised(item) for item in value]
    if isinstance(value, str):
        for pattern, word in _NOT_TWICE_THE_SAME:
            value = pattern.sub(word, value)
    return value


def _filled(value: Json, namespace: str) -> Json:
    if isinstance(value, str):
        return value.replace("{ns}", namespace)
    if isinstance(value, dict):
        return {_filled(key, namespace): _filled(item, namespace) for key, item in value.items()}
    if isinstance(value, list):
        return [_filled(item, namespace) for item in value]
    return value


def play(api: Api, scenario: Scenario) -> list[Json]:
    """Send the steps to one server; the comparable answers, in order."""
    namespace = f"diff-{scenario.name}"
    made = api.post("/api/v1/namespaces", {"metadata": {"name": namespace}})
    assert made.ok, made.body
    answers: list[Json] = []
    start = ""
    if scenario.watch:
        listed = api.get(_filled(scenario.watch, namespace)).body
        start = listed["metadata"]["resourceVersion"]
    for step in scenario.steps:
        answer = api.request(
            step.method, _filled(step.path, namespace), _filled(step.body, namespace),
            content_type=step.content_type, accept=step.accept, **_filled(step.query, namespace),
        )  # fmt: skip
        body = answer.body
        if step.only and isinstance(body, dict):
            body = {key: body.get(key) for key in step.only}
        warnings = answer.headers.get("Warning", "")
        answers.append({"status": answer.status, "body": normalised(body), "warning": warnings})
    if scenario.watch:
        events = api.watch(
            _filled(scenario.watch, namespace), timeout_seconds=1, resourceVersion=start
        )
        answers.append([normalised(each) for each in events])
    return answers


def differences(real: Json, ours: Json, path: str = "") -> Iterable[str]:
    """Where two comparable answers differ, one line each."""
    if isinstance(real, dict) and isinstance(ours, dict):
        for key in sorted(real.keys() | ours.keys()):
            here = f"{path}.{key}"
            if key not in ours:
                yield f"{here}: only the real server has it: {real[key]!r}"
            elif key not in real:
                yield f"{here}: only ours has it: {ours[key]!r}"
            else:
                yield from differences(real[key], ours[key], here)
    elif isinstance(real, list) and isinstance(ours, list) and len(real) == len(ours):
        for index, (left, right) in enumerate(zip(real, ours, strict=True)):
            yield from differences(left, right, f"{path}[{index}]")
    elif real != ours or type(real) is not type(ours):
        yield f"{path}: the real server: {real!r}, ours: {ours!r}"


Builder = Callable[[], Scenario]
