"""Which Kubernetes Event tells of which transition of an owner. Verdicts in, records out. Pure.

An Event tells that the owner's `Ready` condition changed its status or reason, or that deletion
began; never that a reconcile ran. Trouble and its end are always worth an Event. A first success
and a deletion that nothing stands in the way of are *routine*: an Event for one object that a
person looks at, none for each of a thousand that come at once (`events` bounds them).
"""

from __future__ import annotations

from katalog_runtime.bundle import Controller
from katalog_runtime.conditions import Reason, Verdict, ready_condition
from katalog_runtime.memory import OwnerMemory
from katalog_runtime.objects import Manifest, key_of
from katalog_runtime.observe import EventRecord

_MESSAGE_LIMIT = 1024


def state_of(verdict: Verdict) -> str:
    """The part of a verdict that makes a transition when it changes."""
    return f"{verdict.ready}/{verdict.reason}"


def reported_state(owner: Manifest, memory: OwnerMemory) -> str:
    """The state that was last told of: remembered, else read from the owner's condition."""
    if memory.reported:
        return memory.reported
    condition = ready_condition(owner)
    if not condition:
        return ""
    return f"{condition.get('status') == 'True'}/{condition.get('reason')}"


def event_of(
    spec: Controller, owner: Manifest, memory: OwnerMemory, verdict: Verdict
) -> EventRecord | None:
    """The Event for this verdict, or None if it is no transition."""
    before = reported_state(owner, memory)
    if before == state_of(verdict):
        return None
    kind = spec.api.kind
    if verdict.ready:
        message = "All children are in place"
        return _record(spec, owner, "Normal", f"{kind}Reconciled", message, routine=not before)
    if verdict.reason is Reason.DELETION_BLOCKED:
        return _record(spec, owner, "Warning", "DeletionBlocked", verdict.message)
    reason = f"{kind}ReconcileError"
    return _record(spec, owner, "Warning", reason, f"{verdict.reason}: {verdict.message}")


def deletion_event(spec: Controller, owner: Manifest) -> EventRecord:
    """The Event that says that an owner is being let go."""
    message = "Deletion was requested; letting go"
    return _record(spec, owner, "Normal", "Deleting", message, routine=True)


def _record(
    spec: Controller,
    owner: Manifest,
    type_: str,
    reason: str,
    message: str,
    *,
    routine: bool = False,
) -> EventRecord:
    metadata = owner["metadata"]
    return EventRecord(
        controller=spec.name,
        api=spec.api,
        key=key_of(owner),
        uid=metadata["uid"],
        resource_version=metadata["resourceVersion"],
        type="Normal" if type_ == "Normal" else "Warning",
        reason=reason,
        message=message[:_MESSAGE_LIMIT],
        routine=routine,
    )
