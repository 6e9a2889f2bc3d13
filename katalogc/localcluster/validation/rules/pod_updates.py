"""What may change of a Pod that exists: images, deadlines, tolerations, nothing else of its spec.

In: a Pod's new and old state. Out: `FieldError`s.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from katalogc.localcluster.validation.field_errors import FieldError, forbidden

_MUTABLE = (
    "activeDeadlineSeconds",
    "tolerations",
    "schedulingGates",
    "nodeName",
)
_TEXT = (
    "pod updates may not change fields other than "
    "`spec.containers[*].image`,`spec.initContainers[*].image`,"
    "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),"
    "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"
)


def pod_update_errors(obj: dict[str, Any], old: dict[str, Any]) -> Iterator[FieldError]:
    """The update of a Pod."""
    new, before = obj.get("spec") or {}, old.get("spec") or {}
    period, seconds = "terminationGracePeriodSeconds", before.get("terminationGracePeriodSeconds")
    if seconds is not None and seconds < 0 and new.get(period) == 1:
        before = {**before, period: 1}
    if _settled(new) != _settled(before):
        yield forbidden("spec", _TEXT)


def _settled(spec: dict[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in spec.items() if name not in _MUTABLE}
    for name in ("containers", "initContainers"):
        kept[name] = [
            {field: value for field, value in each.items() if field != "image"}
            for each in spec.get(name) or ()
        ]
    return kept
