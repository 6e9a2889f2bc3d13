"""Functions on the pods of a workload, and on the warnings about it. Pure.

They read `_pods` (`enrich: [pods]`) and `_warnings` (`enrich: [events]`); without them the answer
is "", 0 or false.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any, Final

from katalog_runtime.functions.access import (
    Manifest,
    int_at,
    joined,
    list_at,
    maps_at,
    text_at,
)
from katalog_runtime.functions.declaration import Function
from katalog_runtime.functions.signature import declare

_text = partial(declare, group="pods", on_nil='""', on_wrong_type='""')
_count = partial(declare, group="pods", on_nil='"0"', on_wrong_type='"0"')
_truth = partial(declare, group="pods", on_nil='"false"', on_wrong_type='"false"')
_warning = partial(declare, group="warnings", on_nil='""', on_wrong_type='""')

_REASONS: Final = {
    "podCrashLoopDetected": "CrashLoopBackOff",
    "podImagePullBackOffDetected": "ImagePullBackOff",
    "podErrImagePullDetected": "ErrImagePull",
    "podErrorDetected": "Error",
    "podOOMKilledDetected": "OOMKilled",
    "podInvalidImageNameDetected": "InvalidImageName",
    "podCreateContainerErrorDetected": "CreateContainerError",
    "podRunContainerErrorDetected": "RunContainerError",
    "podPostStartHookErrorDetected": "PostStartHookError",
    "podPreStartHookErrorDetected": "PreStartHookError",
}
_CRASHING_RESTARTS: Final = 2


def pods(obj: Manifest) -> Iterator[Manifest]:
    """The summaries of the object's pods."""
    return maps_at(obj, "_pods")


def _field(obj: Manifest, key: str) -> str:
    return joined(text_at(pod, key) for pod in pods(obj))


def _reasons(obj: Manifest) -> list[str]:
    found = (
        text_at(container, "reason")
        for pod in pods(obj)
        for container in maps_at(pod, "containers")
    )
    return list(dict.fromkeys(reason for reason in found if reason))


def _restarts(obj: Manifest) -> int:
    return max((int_at(pod, "restartCount") for pod in pods(obj)), default=0)


def _is_crashing(obj: Manifest) -> bool:
    bad = set(_REASONS.values())
    return _restarts(obj) > _CRASHING_RESTARTS or any(reason in bad for reason in _reasons(obj))


def _by_ordinal(obj: Manifest, ordinal: int) -> Manifest | None:
    return next((pod for pod in pods(obj) if int_at(pod, "ordinal") == ordinal), None)


def _state(obj: Manifest, ordinal: int, name: str) -> str:
    containers = maps_at(_by_ordinal(obj, ordinal), "containers")
    return next((text_at(each, "state") for each in containers if each.get("name") == name), "")


def _first_warning(obj: Manifest) -> str:
    warnings = list_at(obj, "_warnings")
    return text_at(warnings[0], "message") if warnings else ""


def _warnings(obj: Manifest, key: str) -> str:
    return joined(text_at(each, key) for each in maps_at(obj, "_warnings"))


_PODS: Final[list[dict[str, Any]]] = [
    {
        "name": "db-0", "ip": "10.0.0.1", "phase": "Running", "ready": True, "node": "node-a",
        "restartCount": 1, "ordinal": 0, "containers": [{"name": "app", "state": "Running"}],
    },
    {
        "name": "db-1", "ip": "10.0.0.2", "phase": "Pending", "ready": False, "node": "node-b",
        "restartCount": 4, "ordinal": 1,
        "containers": [{"name": "app", "state": "Waiting", "reason": "CrashLoopBackOff"}],
    },
]  # fmt: skip
_DATA: Final = {
    "children": {
        "statefulset": {
            "_pods": _PODS,
            "_warnings": [
                {"reason": "BackOff", "message": "restarting failed container"},
                {"reason": "Unhealthy", "message": "probe failed"},
            ],
        }
    }
}
_S: Final = ".children.statefulset"


def _joined_field(name: str, key: str, word: str, output: str) -> Function:
    return _text(
        f"{name} obj:object -> string",
        f"The {word} of the pods, with commas; needs `enrich: [pods]`.",
        lambda obj: _field(obj, key),
        (f"{{{{ {name} {_S} }}}}", output, _DATA),
    )


def _detected(name: str, reason: str) -> Function:
    output = "true" if reason == "CrashLoopBackOff" else "false"
    return _truth(
        f"{name} obj:object -> bool",
        f"Whether a container waits or ended because of {reason}; needs `enrich: [pods]`.",
        lambda obj: reason in _reasons(obj),
        (f"{{{{ {name} {_S} }}}}", output, _DATA),
    )


FUNCTIONS: Final[tuple[Function, ...]] = (
    _count(
        "podCount obj:object -> int",
        "The number of pods; needs `enrich: [pods]`.",
        lambda obj: len(list_at(obj, "_pods")),
        (f"{{{{ podCount {_S} }}}}", "2", _DATA),
    ),
    _count(
        "readyPodCount obj:object -> int",
        "The number of ready pods; needs `enrich: [pods]`.",
        lambda obj: sum(pod.get("ready") is True for pod in pods(obj)),
        (f"{{{{ readyPodCount {_S} }}}}", "1", _DATA),
    ),
    _joined_field("podNames", "name", "names", "db-0, db-1"),
    _joined_field("podIPs", "ip", "addresses", "10.0.0.1, 10.0.0.2"),
    _joined_field("podPhases", "phase", "phases", "Running, Pending"),
    _joined_field("podNodes", "node", "nodes", "node-a, node-b"),
    _count(
        "podMaxRestarts obj:object -> int",
        "The most restarts of a pod; needs `enrich: [pods]`.",
        _restarts,
        (f"{{{{ podMaxRestarts {_S} }}}}", "4", _DATA),
    ),
    _text(
        "podByOrdinal obj:object ordinal:int? -> map",
        "The pod with the ordinal, nil where there is none; needs `enrich: [pods]`.",
        _by_ordinal,
        (f"{{{{ (podByOrdinal {_S} 1).ip }}}}", "10.0.0.2", _DATA),
    ),
    _text(
        "podContainerState obj:object ordinal:int? container:string? -> string",
        "The state of a container of the pod with the ordinal; needs `enrich: [pods]`.",
        _state,
        (f'{{{{ podContainerState {_S} 1 "app" }}}}', "Waiting", _DATA),
    ),
    _text(
        "podContainerReasons obj:object -> string",
        "Why containers wait or ended, each reason once; needs `enrich: [pods]`.",
        lambda obj: joined(_reasons(obj)),
        (f"{{{{ podContainerReasons {_S} }}}}", "CrashLoopBackOff", _DATA),
    ),
    _truth(
        "hasCrashingPod obj:object -> bool",
        "Whether a pod restarted more than twice or a container failed; needs `enrich: [pods]`.",
        _is_crashing,
        (f"{{{{ hasCrashingPod {_S} }}}}", "true", _DATA),
    ),
    *(_detected(name, reason) for name, reason in _REASONS.items()),
    _warning(
        "hasWarnings obj:object -> bool",
        "Whether there are warnings about the object; needs `enrich: [events]`.",
        lambda obj: bool(list_at(obj, "_warnings")),
        (f"{{{{ hasWarnings {_S} }}}}", "true", _DATA),
        on_nil='"false"',
        on_wrong_type='"false"',
    ),
    _warning(
        "warningCount obj:object -> int",
        "The number of warnings; needs `enrich: [events]`.",
        lambda obj: len(list_at(obj, "_warnings")),
        (f"{{{{ warningCount {_S} }}}}", "2", _DATA),
        on_nil='"0"',
        on_wrong_type='"0"',
    ),
    _warning(
        "firstWarning obj:object -> string",
        "The message of the first warning; needs `enrich: [events]`.",
        _first_warning,
        (f"{{{{ firstWarning {_S} }}}}", "restarting failed container", _DATA),
    ),
    _warning(
        "warningMessages obj:object -> string",
        "The messages of the warnings, with commas; needs `enrich: [events]`.",
        lambda obj: _warnings(obj, "message"),
        (f"{{{{ warningMessages {_S} }}}}", "restarting failed container, probe failed", _DATA),
    ),
    _warning(
        "warningReasons obj:object -> string",
        "The reasons of the warnings, with commas; needs `enrich: [events]`.",
        lambda obj: _warnings(obj, "reason"),
        (f"{{{{ warningReasons {_S} }}}}", "BackOff, Unhealthy", _DATA),
    ),
)
