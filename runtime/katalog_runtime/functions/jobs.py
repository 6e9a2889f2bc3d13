"""Functions on Jobs and CronJobs. Pure.

Missing fields give "", 0 or false. Names of pods need `enrich: [pods]`, those of jobs `enrich:
[cronjob]`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from katalog_runtime.functions.access import Manifest, int_at, joined, list_at, map_at, text_at
from katalog_runtime.functions.declaration import Function
from katalog_runtime.functions.pods import pods
from katalog_runtime.functions.signature import declare

_text = partial(declare, group="jobs", on_nil='""', on_wrong_type='""')
_truth = partial(declare, group="jobs", on_nil='"false"', on_wrong_type='"false"')
_cron_text = partial(declare, group="cronjobs", on_nil='""', on_wrong_type='""')


def _names(wanted: Callable[[str], bool]) -> Callable[[Manifest], str]:
    return lambda obj: joined(
        text_at(pod, "name") for pod in pods(obj) if wanted(text_at(pod, "phase"))
    )


def _first_exit_code(obj: Manifest) -> int:
    """Of the first pod that ended.

    Where a summary has no code the reference reads 0, and so takes a running pod for ended; we do
    not.
    """
    codes = (int_at(pod, "exitCode") for pod in pods(obj) if "exitCode" in pod)
    return next((code for code in codes if code >= 0), -1)


_DATA: Final[dict[str, Any]] = {
    "children": {
        "job": {
            "status": {"succeeded": 1, "failed": 0, "active": 1},
            "_pods": [
                {"name": "migrate-a", "phase": "Failed", "exitCode": 3},
                {"name": "migrate-b", "phase": "Succeeded", "exitCode": 0},
                {"name": "migrate-c", "phase": "Running"},
            ],
        },
        "cronjob": {
            "status": {
                "active": [{"name": "nightly-3"}],
                "lastScheduleTime": "2026-01-01T03:00:00Z",
                "lastSuccessfulTime": "2025-12-31T03:00:09Z",
                "nextScheduleTime": "2026-01-02T03:00:00Z",
            },
            "_lastJob": {"metadata": {"name": "nightly-3"}, "status": {"succeeded": 0}},
            "_lastSuccessfulJob": {"metadata": {"name": "nightly-2"}},
        },
    }
}
_J: Final = ".children.job"
_C: Final = ".children.cronjob"


def _counted(name: str, key: str, description: str, output: str) -> Function:
    return _truth(
        f"{name} obj:object -> bool",
        description,
        lambda obj: int_at(obj, "status", key) > 0,
        (f"{{{{ {name} {_J} }}}}", output, _DATA),
    )


def _status_time(name: str, key: str, description: str) -> Function:
    return _cron_text(
        f"{name} obj:object -> string",
        description,
        lambda obj: text_at(obj, "status", key),
        (f"{{{{ {name} {_C} }}}}", _DATA["children"]["cronjob"]["status"][key], _DATA),
    )


FUNCTIONS: Final[tuple[Function, ...]] = (
    _counted("jobSucceeded", "succeeded", "Whether a pod of the Job succeeded.", "true"),
    _counted("jobFailed", "failed", "Whether a pod of the Job failed.", "false"),
    _counted("jobActive", "active", "Whether a pod of the Job is running.", "true"),
    _text(
        "jobFirstExitCode obj:object -> int",
        "The exit code of the first pod that ended, -1 where none has; needs `enrich: [pods]`.",
        _first_exit_code,
        (f"{{{{ jobFirstExitCode {_J} }}}}", "3", _DATA),
        on_nil='"-1"',
        on_wrong_type='"-1"',
    ),
    _text(
        "jobActivePodNames obj:object -> string",
        "The names of the pods that have not ended; needs `enrich: [pods]`.",
        _names(lambda phase: phase not in ("Succeeded", "Failed")),
        (f"{{{{ jobActivePodNames {_J} }}}}", "migrate-c", _DATA),
    ),
    _text(
        "jobFailedPodNames obj:object -> string",
        "The names of the pods that failed; needs `enrich: [pods]`.",
        _names(lambda phase: phase == "Failed"),
        (f"{{{{ jobFailedPodNames {_J} }}}}", "migrate-a", _DATA),
    ),
    _text(
        "jobSucceededPodNames obj:object -> string",
        "The names of the pods that succeeded; needs `enrich: [pods]`.",
        _names(lambda phase: phase == "Succeeded"),
        (f"{{{{ jobSucceededPodNames {_J} }}}}", "migrate-b", _DATA),
    ),
    _cron_text(
        "cronJobActiveCount obj:object -> int",
        "The number of running Jobs.",
        lambda obj: len(list_at(obj, "status", "active")),
        (f"{{{{ cronJobActiveCount {_C} }}}}", "1", _DATA),
        on_nil='"0"',
        on_wrong_type='"0"',
    ),
    _status_time("cronJobLastScheduleTime", "lastScheduleTime", "When a Job was last started."),
    _status_time("cronJobLastSuccessTime", "lastSuccessfulTime", "When a Job last succeeded."),
    _status_time(
        "cronJobNextScheduleTime",
        "nextScheduleTime",
        "When the next Job starts, if the status says so.",
    ),
    _cron_text(
        "cronJobLastJobName obj:object -> string",
        "The name of the newest Job; needs `enrich: [cronjob]`.",
        lambda obj: text_at(obj, "_lastJob", "metadata", "name"),
        (f"{{{{ cronJobLastJobName {_C} }}}}", "nightly-3", _DATA),
    ),
    _cron_text(
        "cronJobLastJobSucceeded obj:object -> bool",
        "Whether the newest Job succeeded; needs `enrich: [cronjob]`.",
        lambda obj: int_at(map_at(obj, "_lastJob"), "status", "succeeded") > 0,
        (f"{{{{ cronJobLastJobSucceeded {_C} }}}}", "false", _DATA),
        on_nil='"false"',
        on_wrong_type='"false"',
    ),
    _cron_text(
        "cronJobLastSuccessfulJobName obj:object -> string",
        "The name of the newest Job that succeeded; needs `enrich: [cronjob]`.",
        lambda obj: text_at(obj, "_lastSuccessfulJob", "metadata", "name"),
        (f"{{{{ cronJobLastSuccessfulJobName {_C} }}}}", "nightly-2", _DATA),
    ),
)
