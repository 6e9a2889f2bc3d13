"""Decide what to do for one owner: what is wanted and what is observed in, a Plan out.

No I/O, no clock, no logging: `now` (wall) and `moment` (monotonic) are arguments. Level-triggered:
the same state gives the same plan, whatever events led to it.
"""

from __future__ import annotations

from collections.abc import Mapping

from katalog_runtime.cache import Child
from katalog_runtime.children import Draft, Observed, decide_child, seen
from katalog_runtime.conditions import Reason
from katalog_runtime.functions.declaration import CallContext
from katalog_runtime.holes import TemplateError
from katalog_runtime.inventory import (
    Ownership,
    marked,
    may_reference,
    ownership,
    released,
    retired_types,
)
from katalog_runtime.memory import OwnerMemory
from katalog_runtime.objects import Manifest, NamespacedName, is_deleting
from katalog_runtime.plan import Delete, Life, Plan, Problem
from katalog_runtime.problems import describe, template_problem
from katalog_runtime.render import ChildRef, CompiledChild, OwnerFacts, Program
from katalog_runtime.unclaimed import labelled_set


def life_of(owner: Manifest, finalizers: tuple[str, ...]) -> Life:
    """The truth table: finalizer present or not, deletion requested or not."""
    present = owner["metadata"].get("finalizers") or ()
    held = any(each in present for each in finalizers)
    if is_deleting(owner):
        return Life.LEAVING if held else Life.LEFT
    return Life.LIVE if all(each in present for each in finalizers) else Life.NEW


def decide(
    program: Program,
    owner: OwnerFacts,
    observed: Observed,
    memory: OwnerMemory,
    context: CallContext,
) -> Plan:
    """The plan for one owner."""
    life = life_of(owner.manifest, program.spec.finalizers)
    match life:
        case Life.LEFT:
            return Plan(life=life)
        case Life.LEAVING:
            return _let_go(program, owner, observed, memory)
        case Life.NEW | Life.LIVE:
            return _keep(program, owner, observed, memory, context, life)


def _let_go(program: Program, owner: OwnerFacts, observed: Observed, memory: OwnerMemory) -> Plan:
    """Deletion, from the recorded inventory alone: no template is evaluated.

    Children that can have an owner reference are left to garbage collection, also those that have
    it no more: `--cascade=orphan` takes it away to keep them. The others (cluster-scoped, or in
    another namespace) go first, and the finalizer once they are gone.
    """
    doomed: list[Delete] = []
    waiting: list[Problem] = []
    for ref, child in observed.children.items():
        api = program.kinds[ref.kind].api
        if ownership(child.manifest, owner.manifest, owner.set_identity) is not Ownership.OURS:
            continue
        if may_reference(owner.key.namespace, api, ref.key.namespace):
            continue
        if child.deleting:
            message = f"{describe(api, ref)} is being deleted and has to go first"
            waiting.append(Problem(reason=Reason.DELETION_BLOCKED, message=message, ref=ref))
        else:
            doomed.append(Delete(api=api, ref=ref, uid=child.uid))
    for kind, why in observed.unavailable.items():
        api = program.kinds[kind].api
        if not may_reference(owner.key.namespace, api, owner.key.namespace):
            message = f"{api.kind} objects cannot be listed: {why}"
            waiting.append(Problem(reason=Reason.DELETION_BLOCKED, message=message))
    retired = tuple(
        api
        for api in retired_types(owner.manifest, program.child_types)
        if not may_reference(owner.key.namespace, api, owner.key.namespace)
    )
    retry_at: float | None = None
    if retired and observed.moment < memory.retire_after:
        names = ", ".join(str(api.group_resource) for api in retired)
        message = f"the Katalog no longer makes {names}, and they cannot be listed to be removed"
        waiting.append(Problem(reason=Reason.DELETION_BLOCKED, message=message))
        retired, retry_at = (), memory.retire_after
    if doomed or waiting or retired:
        return Plan(
            life=Life.LEAVING,
            prune=tuple(doomed),
            retired=retired,
            problems=tuple(waiting),
            retry_at=retry_at,
        )
    return Plan(life=Life.LEAVING, owner=released(owner.manifest, program.spec.finalizers))


def left_behind(
    program: Program, key: NamespacedName, children: Mapping[ChildRef, Child]
) -> tuple[Delete, ...]:
    """What the owner `key`, which is gone, leaves to nobody: children that cannot refer to it.

    An owner goes without us if its finalizer was taken away, or if a view that lagged behind let a
    child be made for it afterwards. Garbage collection knows of neither. Our own view may lag, too:
    whether it is gone, the server has to say.
    """
    identity = program.identity(key)
    return tuple(
        Delete(api=api, ref=ref, uid=child.uid, version=child.version)
        for ref, child in children.items()
        if not child.deleting
        and not may_reference(key.namespace, api := program.kinds[ref.kind].api, ref.key.namespace)
        and not child.manifest["metadata"].get("ownerReferences")
        and labelled_set(child.manifest) == identity
    )


def _keep(
    program: Program,
    owner: OwnerFacts,
    observed: Observed,
    memory: OwnerMemory,
    context: CallContext,
    life: Life,
) -> Plan:
    wanted, draft = _identify(program, owner, context)
    for ref, child in wanted.items():
        try:
            decide_child(child, ref, owner, observed, memory, context, draft)
        except TemplateError as error:
            what = describe(child.template.api, ref)
            draft.problems.append(template_problem(error, what, ref))
            draft.pass_over(ref, observed, memory)
    prune: list[Delete] = []
    for ref, present in observed.children.items():
        if ref in wanted:
            continue
        doomed = _prune(program, owner, ref, present)
        if doomed is not None and draft.complete:
            prune.append(doomed)
        else:
            draft.settled[ref] = seen(present)
    retired = retired_types(owner.manifest, program.child_types)
    return Plan(
        life=life,
        owner=marked(
            owner.manifest,
            finalizers=program.spec.finalizers,
            apis=program.child_types,
            set_identity=owner.set_identity,
            operator_name=program.operator.name,
            now=observed.now,
        ),
        writes=tuple(draft.writes),
        prune=tuple(prune),
        retired=retired if draft.complete and observed.moment >= memory.retire_after else (),
        settled=draft.settled,
        problems=tuple(draft.problems),
        next_moment=draft.next_moment,
        retry_at=draft.retry_at,
    )


def _identify(
    program: Program, owner: OwnerFacts, context: CallContext
) -> tuple[dict[ChildRef, CompiledChild], Draft]:
    """Which objects are wanted. One that both blocks want is made once and kept in sync."""
    wanted: dict[ChildRef, CompiledChild] = {}
    draft = Draft()
    for child in program.children:
        try:
            ref = child.identify(owner, context)
        except TemplateError as error:
            draft.problems.append(template_problem(error, child.template.id))
            draft.complete = False
            continue
        known = wanted.get(ref)
        if known is None or (known.template.sync == "create" and child.template.sync == "apply"):
            wanted[ref] = child
    return wanted, draft


def template_ids(program: Program, owner: OwnerFacts, context: CallContext) -> dict[ChildRef, int]:
    """Which template (index into `program.children`) makes which child of the owner."""
    wanted, _ = _identify(program, owner, context)
    positions = {id(child): index for index, child in enumerate(program.children)}
    return {ref: positions[id(child)] for ref, child in wanted.items()}


def _prune(program: Program, owner: OwnerFacts, ref: ChildRef, present: Child) -> Delete | None:
    """Deletion of a child that is ours and no longer wanted."""
    if present.deleting or ref.kind >= len(program.kinds):
        return None
    if ownership(present.manifest, owner.manifest, owner.set_identity) is not Ownership.OURS:
        return None
    return Delete(api=program.kinds[ref.kind].api, ref=ref, uid=present.uid)
