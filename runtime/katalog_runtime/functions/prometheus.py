"""Functions on the answers of Prometheus queries, and on the gateway's annotations. Pure."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from operator import gt, lt
from typing import Any, Final

from katalog_runtime.expressions.floats import format_float
from katalog_runtime.functions.access import Manifest, list_at, map_at, maps_at, text_at
from katalog_runtime.functions.declaration import Function
from katalog_runtime.functions.go_numbers import NumberError, parse_float
from katalog_runtime.functions.json_values import text_of
from katalog_runtime.functions.signature import declare

_prom = partial(declare, group="prometheus", on_nil='""', on_wrong_type='""')
_serve = partial(declare, group="serve", on_nil='""', on_wrong_type='""')
_PREFIX: Final = "orkestra.orkspace.io/serve-"


def _values(answer: Manifest) -> list[str]:
    """The value of every series; of a scalar the only one."""
    if not isinstance(answer.get("raw"), dict):
        single = text_at(answer, "result")
        return [single] if single else []
    data = map_at(answer, "raw", "data")
    pairs = {
        "scalar": [list_at(data, "result")],
        "vector": [list_at(series, "value") for series in maps_at(data, "result")],
    }.get(text_at(data, "resultType"), [])
    return [pair[1] for pair in pairs if len(pair) > 1 and isinstance(pair[1], str)]


def _reduced(answer: Manifest, reduce: Callable[[list[float]], float]) -> str:
    try:
        numbers = [parse_float(value) for value in _values(answer)]
    except NumberError:
        return ""
    if not numbers:
        return ""
    total = reduce(numbers)
    whole = abs(total) < 2**63 and total.is_integer()
    return str(int(total)) if whole else format_float(total, "f", -1)


def _compared(
    compare: Callable[[float, float], bool],
) -> Callable[[Manifest, Any], str]:
    def compared(answer: Manifest, threshold: Any) -> str:
        try:
            value = parse_float(text_at(answer, "result"))
            return "true" if compare(value, parse_float(text_of(threshold))) else "false"
        except NumberError:
            return "false"

    return compared


def _labels(answer: Manifest, label: str) -> str:
    metrics = (map_at(series, "metric") for series in maps_at(answer, "raw", "data", "result"))
    return ",".join(metric[label] for metric in metrics if isinstance(metric.get(label), str))


def _provenance(obj: Manifest, key: str) -> str:
    return text_at(obj, "metadata", "annotations", _PREFIX + key)


_ANSWER: Final = {
    "result": "3",
    "raw": {
        "data": {
            "resultType": "vector",
            "result": [
                {"metric": {"pod": "a"}, "value": [1767225600, "3"]},
                {"metric": {"pod": "b"}, "value": [1767225600, "4.5"]},
            ],
        }
    },
}
_DATA: Final = {"external": {"depth": _ANSWER}}
_D: Final = ".external.depth"
_OWNER: Final = {
    "metadata": {"annotations": {_PREFIX + "target": "smartapp", _PREFIX + "source": "github"}}
}

FUNCTIONS: Final[tuple[Function, ...]] = (
    _prom(
        "promValue answer:object -> string",
        "The value of a scalar, or of the first series.",
        lambda answer: text_at(answer, "result"),
        (f"{{{{ promValue {_D} }}}}", "3", _DATA),
    ),
    _prom(
        "promSum answer:object -> string",
        "The sum over all series.",
        lambda answer: _reduced(answer, sum),
        (f"{{{{ promSum {_D} }}}}", "7.5", _DATA),
    ),
    _prom(
        "promMax answer:object -> string",
        "The largest value of all series.",
        lambda answer: _reduced(answer, max),
        (f"{{{{ promMax {_D} }}}}", "4.5", _DATA),
    ),
    _prom(
        "promSeriesCount answer:object -> string",
        "The number of series.",
        lambda answer: str(len(_values(answer))),
        (f"{{{{ promSeriesCount {_D} }}}}", "2", _DATA),
        on_nil='"0"',
        on_wrong_type='"0"',
    ),
    _prom(
        "promLabelValues answer:object label:string? -> string",
        "The values of a label over all series, with commas.",
        _labels,
        (f'{{{{ promLabelValues {_D} "pod" }}}}', "a,b", _DATA),
    ),
    _prom(
        "promAboveThreshold answer:object threshold:any -> string",
        'Whether the value is above the threshold, as "true" or "false".',
        _compared(gt),
        (f"{{{{ promAboveThreshold {_D} 2 }}}}", "true", _DATA),
        on_nil='"false"',
        on_wrong_type='"false"',
    ),
    _prom(
        "promBelowThreshold answer:object threshold:any -> string",
        'Whether the value is below the threshold, as "true" or "false".',
        _compared(lt),
        (f"{{{{ promBelowThreshold {_D} 2 }}}}", "false", _DATA),
        on_nil='"false"',
        on_wrong_type='"false"',
    ),
    _serve(
        "getServeTarget obj:object -> string",
        "The target through which the gateway made the custom resource.",
        lambda obj: _provenance(obj, "target"),
        ("{{ getServeTarget . }}", "smartapp", _OWNER),
    ),
    _serve(
        "getServeAlias obj:object -> string",
        "The alias through which the gateway made the custom resource.",
        lambda obj: _provenance(obj, "alias"),
        ("{{ getServeAlias . }}", "", _OWNER),
    ),
    _serve(
        "getServeSource obj:object -> string",
        "The webhook through which the gateway made the custom resource.",
        lambda obj: _provenance(obj, "source"),
        ("{{ getServeSource . }}", "github", _OWNER),
    ),
    _serve(
        "hasServeTarget obj:object -> bool",
        "Whether the gateway noted a target.",
        lambda obj: _provenance(obj, "target") != "",
        ("{{ hasServeTarget . }}", "true", _OWNER),
        on_nil='"false"',
        on_wrong_type='"false"',
    ),
    _serve(
        "hasServeAlias obj:object -> bool",
        "Whether the gateway noted an alias.",
        lambda obj: _provenance(obj, "alias") != "",
        ("{{ hasServeAlias . }}", "false", _OWNER),
        on_nil='"false"',
        on_wrong_type='"false"',
    ),
    _serve(
        "hasServeSource obj:object -> bool",
        "Whether the gateway noted a webhook.",
        lambda obj: _provenance(obj, "source") != "",
        ("{{ hasServeSource . }}", "true", _OWNER),
        on_nil='"false"',
        on_wrong_type='"false"',
    ),
    _serve(
        "isDirectApply obj:object -> bool",
        "Whether the custom resource did not come through the gateway.",
        lambda obj: not any(_provenance(obj, key) for key in ("target", "alias", "source")),
        ("{{ isDirectApply . }}", "false", _OWNER),
        on_nil='"true"',
        on_wrong_type='"true"',
    ),
)
