"""Decide about one child: wanted and observed in; a write, a pause, a problem or nothing out.

No I/O, no clock: `now` (wall) and `moment` (monotonic) are arguments.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from katalog_runtime.cache import Child
from katalog_runtime.conditions import Reason
from katalog_runtime.drift import agree, fingerprint, matches
from katalog_runtime.functions.declaration import CallContext
from katalog_runtime.holes import TemplateError
from katalog_runtime.inventory import (
    Ownership,
    describe_controller,
    may_reference,
    ownership,
)
from katalog_runtime.memory import CREATE_BURST, REPAIR_BURST, OwnerMemory
from katalog_runtime.objects import INTENT_ANNOTATION, Manifest, controller_of
from katalog_runtime.plan import Apply, Create, Problem, Seen, Write
from katalog_runtime.problems import describe
from katalog_runtime.render import ChildRef, CompiledChild, OwnerFacts
from katalog_runtime.rotation import DurationError, due_at, parse_duration


class Observed(NamedTuple):
    """Everything besides the owner that a decision depends on."""

    children: Mapping[ChildRef, Child]
    unavailable: Mapping[int, str]
    """Kinds whose list is not known, and why."""
    now: datetime
    moment: float
    chance: float


@dataclass(slots=True)
class Draft:
    """A plan while it is being made."""

    writes: list[Write] = field(default_factory=list)
    settled: dict[ChildRef, Seen] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    next_moment: datetime | None = None
    retry_at: float | None = None
    complete: bool = True
    """Whether every wanted child's identity is known: only then is the rest unwanted."""

    def look_again(self, at: datetime) -> None:
        """A rotation is due then."""
        if self.next_moment is None or at < self.next_moment:
            self.next_moment = at

    def hold(self, problem: Problem, until: float) -> None:
        """A child that is held back, and until when."""
        self.problems.append(problem)
        if self.retry_at is None or until < self.retry_at:
            self.retry_at = until

    def pass_over(self, ref: ChildRef, observed: Observed, memory: OwnerMemory) -> None:
        """Nothing is done about the child now; remember for which version that was decided."""
        child = observed.children.get(ref)
        if child is not None:
            # What was accepted was accepted of an earlier version: drift since then is no less so.
            self.settled[ref] = memory.children.get(ref) or seen(child)


def decide_child(
    child: CompiledChild,
    ref: ChildRef,
    owner: OwnerFacts,
    observed: Observed,
    memory: OwnerMemory,
    context: CallContext,
    draft: Draft,
) -> None:
    """Put into `draft` what is to be done about one wanted child; raises TemplateError."""
    api = child.template.api
    present = observed.children.get(ref)
    if ref.kind in observed.unavailable:
        message = f"{describe(api, ref)} has to wait: {observed.unavailable[ref.kind]}"
        draft.problems.append(Problem(reason=Reason.KIND_UNAVAILABLE, message=message, ref=ref))
        draft.pass_over(ref, observed, memory)
        return
    if present is not None:
        blocked = _blocked(child, ref, present, owner)
        if blocked is not None:
            draft.problems.append(blocked)
            draft.pass_over(ref, observed, memory)
            return
    if child.template.sync == "create" and present is not None:
        _decide_made_once(child, ref, present, owner, observed, memory, context, draft)
        return
    before = present.manifest if present is not None else None
    # What is made once asks for no second look when time has changed the answer.
    asked = context if child.template.sync == "apply" else context.unasked()
    intent_manifest = child.manifest(owner, ref, asked, before)
    intent = fingerprint(intent_manifest)
    held = memory.holds.get(ref)
    if held is not None and held.intent == intent and observed.moment < held.until:
        draft.hold(held.problem, held.until)
        draft.pass_over(ref, observed, memory)
        return
    if present is None:
        if child.template.rotate_after is not None:
            period = _period(child, owner, context)
            draft.look_again(observed.now + period)
        if _is_undone(child, ref, CREATE_BURST, observed, memory, draft):
            return
        signed = intent_manifest
        if child.template.sync == "apply":
            signed = _signed(intent_manifest, intent)
        draft.writes.append(Create(child=child, ref=ref, manifest=signed, intent=intent))
        return
    _decide_kept(child, ref, present, intent_manifest, intent, observed, memory, draft)


def _decide_made_once(
    child: CompiledChild,
    ref: ChildRef,
    present: Child,
    owner: OwnerFacts,
    observed: Observed,
    memory: OwnerMemory,
    context: CallContext,
    draft: Draft,
) -> None:
    """A child that exists and is never corrected; a generated one may be due for rotation."""
    api = child.template.api
    refers = may_reference(owner.key.namespace, api, ref.key.namespace)
    if refers and controller_of(present.manifest) is None:
        # Disowned by hand, or kept by `--cascade=orphan` from an earlier owner. The server answers
        # that the name is taken, and the object gets its labels and reference back, nothing else.
        if _is_held(ref, present, observed, memory, draft):
            return
        if _is_undone(child, ref, CREATE_BURST, observed, memory, draft):
            return
        manifest = child.manifest(owner, ref, context.unasked(), None)
        draft.writes.append(Create(child=child, ref=ref, manifest=manifest, intent=""))
        return
    if child.rotate_after is not None:
        due = due_at(present.manifest, _period(child, owner, context))
        if due is not None and due <= observed.now:
            if _is_held(ref, present, observed, memory, draft):
                return
            manifest = child.manifest(owner, ref, context.unasked(), None)
            draft.writes.append(
                Apply(
                    child=child,
                    ref=ref,
                    manifest=manifest,
                    intent="",
                    uid=present.uid,
                    handover=present.handover,
                    cause="rotation",
                )
            )
            return
        if due is not None:
            draft.look_again(due)
    draft.settled[ref] = seen(present)


def _decide_kept(
    child: CompiledChild,
    ref: ChildRef,
    present: Child,
    manifest: Manifest,
    intent: str,
    observed: Observed,
    memory: OwnerMemory,
    draft: Draft,
) -> None:
    """A child that exists and is kept in sync: is it still what we made it?"""
    signed = _signed(manifest, intent)
    known = memory.children.get(ref)
    cause = "change"
    if known is not None and known.uid == present.uid and known.accepted is not None:
        if known.intent == intent:
            if known.version == present.version:
                draft.settled[ref] = known
                return
            if agree(signed, known.accepted, present.manifest):
                draft.settled[ref] = _as_wanted(present, intent)
                return
            cause = "drift"
    elif matches(signed, present.manifest):
        draft.settled[ref] = _as_wanted(present, intent)
        return
    if cause == "drift" and _is_undone(child, ref, REPAIR_BURST, observed, memory, draft):
        return
    draft.writes.append(
        Apply(
            child=child,
            ref=ref,
            manifest=signed,
            intent=intent,
            uid=present.uid,
            handover=present.handover,
            cause="drift" if cause == "drift" else "change",
        )
    )


def _is_held(
    ref: ChildRef, present: Child, observed: Observed, memory: OwnerMemory, draft: Draft
) -> bool:
    """Whether the last write of a child that is made once was refused, and its pause is not over."""
    held = memory.holds.get(ref)
    if held is None or observed.moment >= held.until:
        return False
    draft.hold(held.problem, held.until)
    draft.settled[ref] = seen(present)
    return True


def _is_undone(
    child: CompiledChild,
    ref: ChildRef,
    burst: int,
    observed: Observed,
    memory: OwnerMemory,
    draft: Draft,
) -> bool:
    """Whether the child was repaired too often lately, so that the next repair has to wait."""
    flap = memory.flaps.get(ref)
    if flap is None or observed.moment >= (until := flap.pause_until(observed.chance, burst)):
        return False
    what = describe(child.template.api, ref)
    message = f"{what}: someone keeps undoing what we write ({flap.count} times so far)"
    problem = Problem(reason=Reason.CHILD_FLAPPING, message=message, ref=ref, stalled=True)
    draft.hold(problem, until)
    draft.pass_over(ref, observed, memory)
    return True


def _blocked(
    child: CompiledChild, ref: ChildRef, present: Child, owner: OwnerFacts
) -> Problem | None:
    """Why nothing may be done about a child that is there, if so."""
    what = describe(child.template.api, ref)
    if present.deleting:
        holders = present.manifest["metadata"].get("finalizers") or ()
        why = f", held by {', '.join(holders)}" if holders else ""
        message = f"{what} is being deleted{why}; it is made anew when it is gone"
        return Problem(reason=Reason.CHILD_TERMINATING, message=message, ref=ref)
    return refusal(what, ref, present.manifest, owner)


def refusal(what: str, ref: ChildRef, present: Manifest, owner: OwnerFacts) -> Problem | None:
    """Why an object that exists is not ours to write, or None if it is."""
    match ownership(present, owner.manifest, owner.set_identity):
        case Ownership.OURS:
            return None
        case Ownership.STALE:
            message = f"{what} belongs to a deleted owner of the same name and will be collected"
            return Problem(reason=Reason.CHILD_TERMINATING, message=message, ref=ref)
        case Ownership.FOREIGN:
            holder = describe_controller(present)
            message = f"{what} exists and belongs to {holder}; it is left alone"
            return Problem(reason=Reason.CHILD_CONFLICT, message=message, ref=ref, stalled=True)


def _period(child: CompiledChild, owner: OwnerFacts, context: CallContext) -> timedelta:
    assert child.rotate_after is not None
    text = child.rotate_after(owner.data, context)
    try:
        return parse_duration(text)
    except DurationError as error:
        expression = child.template.rotate_after
        origin = expression.origin if expression is not None else child.template.origin
        raise TemplateError(str(error), origin) from error


def _signed(manifest: Manifest, intent: str) -> Manifest:
    """The manifest with the digest of itself, so that a restart can tell what was last sent."""
    metadata = manifest["metadata"]
    annotations = {**(metadata.get("annotations") or {}), INTENT_ANNOTATION: intent}
    return {**manifest, "metadata": {**metadata, "annotations": annotations}}


def seen(present: Child) -> Seen:
    """Nothing is to be done about this version of the child."""
    return Seen(uid=present.uid, version=present.version, intent="", accepted=None)


def _as_wanted(present: Child, intent: str) -> Seen:
    """This version of the child says what we want."""
    return Seen(uid=present.uid, version=present.version, intent=intent, accepted=present.manifest)
