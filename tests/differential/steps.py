"""A scenario as data: requests to send to both servers, and how to compare what they answer."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from tests.controlplane.api import APPLY, JSON_PATCH, MERGE, STRATEGIC, Api

Json = Any

STAMPS = {
    "uid", "resourceVersion", "creationTimestamp", "time", "deletionTimestamp",
    "lastTransitionTime", "lastUpdateTime", "continue", "token", "expirationTimestamp", "eventTime",
    "firstTimestamp", "lastTimestamp", "startTime", "completionTime",
}  # fmt: skip
"""Keys whose values differ from one server to the next; that they are there is compared."""

_COMPLAINTS = re.compile(r"is invalid: \[(.*)\]$", re.DOTALL)
_NOT_TWICE_THE_SAME = (
    (re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"), "<uid>"),
    (re.compile(r"current: \d+"), "current: <resourceVersion>"),
    (re.compile(r"in record \(\d+\)"), "in record (<resourceVersion>)"),
    (re.compile(r'(resourceVersion\\?":\\?")\d+'), r"\1<resourceVersion>"),
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"), "<time>"),
    # We read protobuf, and never answer it.
    (re.compile(r"(, application/yaml), application/vnd.kubernetes.protobuf$"), r"\1"),
    (re.compile(r"^\d+s$"), "<age>"),
    (re.compile(r"too old resource version: \d+ \(\d+\)"), "too old resource version"),
    (re.compile(r"^\d+\.\d+\.\d+\.\d+(:\d+)?$"), "<address>"),
)


@dataclass(frozen=True, kw_only=True)
class Step:
    """One request.

    In paths, queries and bodies `{ns}` is the scenario's own namespace, and `{FIELD:N}` is
    `metadata.FIELD` of the answer to step N of the same scenario.
    """

    method: str
    path: str
    body: Json = None
    content_type: str = "application/json"
    accept: str = "application/json"
    query: dict[str, str] = field(default_factory=dict)
    account: str = ""
    """A ServiceAccount of the scenario's namespace who asks, or a word that is no token; the
    administrator where it is empty."""
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


def watch(path: str, **query: str) -> Step:
    """The events of a watch that ends after a second."""
    return Step(method="WATCH", path=path, query=query)


def asked_by(account: str, step: Step) -> Step:
    """The step in the name of a ServiceAccount of the scenario's namespace."""
    return replace(step, account=account)


def bare(step: Step) -> Step:
    """The step, compared by kind, code and reason only."""
    return replace(step, only=("kind", "reason", "code"))


def normalised(value: Json) -> Json:
    """The answer without what must differ: identities and times are replaced by their kind."""
    if isinstance(value, dict):
        return {
            key: f"<{key}>" if key in STAMPS and item else normalised(_once(key, item))
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [normalised(item) for item in value]
    if isinstance(value, str):
        for pattern, word in _NOT_TWICE_THE_SAME:
            value = pattern.sub(word, value)
        return _COMPLAINTS.sub(_in_order, value)
    return value


def _in_order(complaints: re.Match[str]) -> str:
    """Several complaints of one refusal: those about maps come in any order upstream."""
    return f"is invalid: [{', '.join(sorted(complaints[1].split(', ')))}]"


def _once(key: str, value: Json) -> Json:
    """What is compared of a list whose repetitions or order say nothing."""
    if not isinstance(value, list):
        return value
    if key == "managedFields":
        # In order of time: a second that ends between two requests changes it.
        names = ("operation", "manager", "apiVersion", "subresource")
        return sorted(value, key=lambda entry: [entry.get(name, "") for name in names])
    if key != "causes":
        return value
    # Upstream gives a cause as often as layers of it notice, and walks over maps in any order.
    once = [each for index, each in enumerate(value) if each not in value[:index]]
    return sorted(once, key=lambda cause: [str(cause.get(name)) for name in ("field", "message")])


def _filled(value: Json, namespace: str, bodies: list[Json]) -> Json:
    if isinstance(value, str):
        value = value.replace("{ns}", namespace)
        return _REFERENCE.sub(lambda found: _field(bodies, found), value)
    if isinstance(value, dict):
        return {
            _filled(key, namespace, bodies): _filled(item, namespace, bodies)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [_filled(item, namespace, bodies) for item in value]
    return value


_REFERENCE = re.compile(r"\{([a-zA-Z]+):(\d+)\}")


def _field(bodies: list[Json], found: re.Match[str]) -> str:
    return str(bodies[int(found[2])]["metadata"][found[1]])


def play(api: Api, scenario: Scenario) -> list[Json]:
    """Send the steps to one server; the comparable answers, in order."""
    namespace = f"diff-{scenario.name}"
    made = api.post("/api/v1/namespaces", {"metadata": {"name": namespace}})
    assert made.ok, made.body
    answers: list[Json] = []
    bodies: list[Json] = []
    start = ""
    if scenario.watch:
        listed = api.get(scenario.watch.replace("{ns}", namespace)).body
        start = listed["metadata"]["resourceVersion"]
    for step in scenario.steps:
        answers.append(_ask(api, step, namespace, bodies))
    if scenario.watch:
        path = scenario.watch.replace("{ns}", namespace)
        events = api.watch(path, timeout_seconds=1, resourceVersion=start)
        answers.append([normalised(each) for each in events])
    return answers


def _ask(api: Api, step: Step, namespace: str, bodies: list[Json]) -> Json:
    """Send one step; notes the body of the answer and returns what is compared."""
    path, query = (_filled(each, namespace, bodies) for each in (step.path, step.query))
    if step.method == "WATCH":
        events = list(api.watch(path, timeout_seconds=1, **query))
        bodies.append(None)
        return [normalised(each) for each in events]
    caller = _as_account(api, step.account, namespace) if step.account else api
    answer = caller.request(
        step.method, path, _filled(step.body, namespace, bodies),
        content_type=step.content_type, accept=step.accept, **query,
    )  # fmt: skip
    if caller is not api:
        caller.close()
    body = answer.body
    bodies.append(body)
    if step.only and isinstance(body, dict):
        body = {key: body.get(key) for key in step.only}
    warnings = answer.headers.get("Warning", "")
    return {"status": answer.status, "body": normalised(body), "warning": warnings}


def _as_account(api: Api, account: str, namespace: str) -> Api:
    path = f"/api/v1/namespaces/{namespace}/serviceaccounts/{account}/token"
    request = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}}
    answer = api.post(path, request)
    return Api(api.url, token=answer.body["status"]["token"] if answer.ok else account, ca=api.ca)


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
    elif isinstance(real, list) and isinstance(ours, list) and len(real) * len(ours) > 1:
        yield f"{path}: the real server has {len(real)} items, ours has {len(ours)}"
        for index, (left, right) in enumerate(zip(real, ours, strict=False)):
            yield from differences(left, right, f"{path}[{index}]")
    elif real != ours or type(real) is not type(ours):
        yield f"{path}: the real server: {real!r}, ours: {ours!r}"
