"""Functions on HorizontalPodAutoscalers. Pure.

Missing fields give "", 0 or false. `_currentMetrics` and `_scaleTarget` need `enrich: [hpa]`.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from katalog_runtime.functions.access import Manifest, int_at, joined, maps_at, text_at
from katalog_runtime.functions.declaration import Function
from katalog_runtime.functions.kubernetes import has_condition
from katalog_runtime.functions.signature import declare

_text = partial(declare, group="hpa", on_nil='""', on_wrong_type='""')
_count = partial(declare, group="hpa", on_nil='"0"', on_wrong_type='"0"')
_truth = partial(declare, group="hpa", on_nil='"false"', on_wrong_type='"false"')


def _current(obj: Manifest) -> int:
    return int_at(obj, "status", "currentReplicas")


def _wanted(obj: Manifest) -> int:
    return int_at(obj, "status", "desiredReplicas")


def _most(obj: Manifest) -> int:
    return int_at(obj, "spec", "maxReplicas")


def _is_scaling(obj: Manifest) -> bool:
    return has_condition(obj, "ScalingActive") and _current(obj) != _wanted(obj)


_DATA: Final = {
    "children": {
        "hpa": {
            "spec": {"minReplicas": 2, "maxReplicas": 5},
            "status": {
                "currentReplicas": 5,
                "desiredReplicas": 4,
                "conditions": [
                    {"type": "ScalingActive", "status": "True"},
                    {"type": "AbleToScale", "status": "True"},
                    {"type": "ScalingLimited", "status": "False"},
                ],
            },
            "_currentMetrics": [{"type": "Resource"}, {"type": "External"}],
            "_scaleTarget": {"kind": "Deployment", "name": "web"},
        }
    }
}
_H: Final = ".children.hpa"


def _has(name: str, condition: str, description: str, output: str) -> Function:
    return _truth(
        f"{name} obj:object -> bool",
        description,
        lambda obj: has_condition(obj, condition),
        (f"{{{{ {name} {_H} }}}}", output, _DATA),
    )


FUNCTIONS: Final[tuple[Function, ...]] = (
    _count(
        "hpaCurrentReplicas obj:object -> int",
        "The current replicas.",
        _current,
        (f"{{{{ hpaCurrentReplicas {_H} }}}}", "5", _DATA),
    ),
    _count(
        "hpaDesiredReplicas obj:object -> int",
        "The replicas that the autoscaler wants.",
        _wanted,
        (f"{{{{ hpaDesiredReplicas {_H} }}}}", "4", _DATA),
    ),
    _count(
        "hpaMinReplicas obj:object -> int",
        "The least replicas; 1 where the spec says nothing.",
        lambda obj: int_at(obj, "spec", "minReplicas") or 1,
        (f"{{{{ hpaMinReplicas {_H} }}}}", "2", _DATA),
        on_nil='"1"',
        on_wrong_type='"1"',
    ),
    _count(
        "hpaMaxReplicas obj:object -> int",
        "The most replicas.",
        _most,
        (f"{{{{ hpaMaxReplicas {_H} }}}}", "5", _DATA),
    ),
    _truth(
        "hpaAtMax obj:object -> bool",
        "Whether there are as many replicas as there may be.",
        lambda obj: _most(obj) != 0 and _current(obj) >= _most(obj),
        (f"{{{{ hpaAtMax {_H} }}}}", "true", _DATA),
    ),
    _truth(
        "hpaScaling obj:object -> bool",
        "Whether the autoscaler has its metric and wants another number of replicas.",
        _is_scaling,
        (f"{{{{ hpaScaling {_H} }}}}", "true", _DATA),
    ),
    _has(
        "hpaScalingActive", "ScalingActive", "Whether the autoscaler can read its metric.", "true"
    ),
    _has("hpaScalingLimited", "ScalingLimited", "Whether a bound limits the replicas.", "false"),
    _has("hpaAbleToScale", "AbleToScale", "Whether the target can be scaled.", "true"),
    _text(
        "hpaMetricTypes obj:object -> string",
        "The types of the metrics, with commas; needs `enrich: [hpa]`.",
        lambda obj: joined(text_at(each, "type") for each in maps_at(obj, "_currentMetrics")),
        (f"{{{{ hpaMetricTypes {_H} }}}}", "Resource, External", _DATA),
    ),
    _text(
        "hpaScaleTargetKind obj:object -> string",
        "The kind of the target; needs `enrich: [hpa]`.",
        lambda obj: text_at(obj, "_scaleTarget", "kind"),
        (f"{{{{ hpaScaleTargetKind {_H} }}}}", "Deployment", _DATA),
    ),
    _text(
        "hpaScaleTargetName obj:object -> string",
        "The name of the target; needs `enrich: [hpa]`.",
        lambda obj: text_at(obj, "_scaleTarget", "name"),
        (f"{{{{ hpaScaleTargetName {_H} }}}}", "web", _DATA),
    ),
)
