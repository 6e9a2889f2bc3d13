"""One owner from key to outcome: read the cache, decide, execute, write the status, remember.

`prepare` is synchronous and decides; `perform` does the I/O, if any is needed. What happens next to
the key comes back as a value.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from katalog_runtime.cache import Cache
from katalog_runtime.children import Observed
from katalog_runtime.clock import Clock
from katalog_runtime.conditions import Reason, Verdict
from katalog_runtime.errors import ApiError, ConflictError, NotFoundError
from katalog_runtime.execute import ChildOutcome, Executor
from katalog_runtime.functions.declaration import CallContext
from katalog_runtime.functions.standing import Standing
from katalog_runtime.memory import OwnerMemory
from katalog_runtime.objects import Manifest, NamespacedName
from katalog_runtime.observe import Recorder
from katalog_runtime.outcome import Outcome, Work
from katalog_runtime.plan import Apply, Create, Life, Plan, Problem, Seen
from katalog_runtime.problems import verdict_of
from katalog_runtime.reconcile import decide, left_behind, template_ids
from katalog_runtime.render import ChildRef, OwnerFacts, Program
from katalog_runtime.retire import retire
from katalog_runtime.siblings import children_data
from katalog_runtime.staleness import is_same_question
from katalog_runtime.status import StatusUpdate, declared_fields, refusal_of, status_update
from katalog_runtime.strays import Strays
from katalog_runtime.transitions import deletion_event, event_of, state_of

STATUSLESS_SECONDS = 300.0
"""Between tries to write the status of a type that seems to have none."""

PATIENCE = 3
"""Transient failures of a key in a row before its condition says so."""


class OwnerReconciler:
    """Reconciles owners of one controller, one key at a time."""

    def __init__(
        self,
        program: Program,
        cache: Cache,
        executor: Executor,
        *,
        clock: Clock,
        recorder: Recorder,
        chance: random.Random,
        resync_seconds: float,
        stray_seconds: float,
    ) -> None:
        """`chance` feeds random functions of templates and jitter."""
        self._program = program
        self._cache = cache
        self._executor = executor
        self._clock = clock
        self._recorder = recorder
        self._chance = chance
        self._resync_seconds = resync_seconds
        self._memories: dict[NamespacedName, OwnerMemory] = {}
        self._strays = Strays(stray_seconds)

    def is_current(self, key: NamespacedName, now: datetime) -> bool:
        """Whether the last answer for this owner still stands, so that a resync has no work."""
        owner = self._cache.owners.get(key)
        memory = self._memories.get(key)
        if owner is None or memory is None:
            return False
        return memory.still_stands(owner, self._cache.children_of(memory.set_identity), now)

    def ids_of(self, key: NamespacedName) -> dict[ChildRef, int]:
        """Which of the program's templates makes which child of this owner, for display."""
        manifest = self._cache.owners.get(key)
        if manifest is None:
            return {}
        now = self._clock.now()
        context = CallContext(now=lambda: now, chance=self._chance)
        return template_ids(self._program, self._program.facts(manifest), context)

    def forget(self, key: NamespacedName) -> None:
        """The owner is gone."""
        if self._memories.pop(key, None) is not None:
            self._strays.departed(key)

    def prepare(self, key: NamespacedName, unavailable: Mapping[int, str]) -> Outcome | Work:
        """Decide. An Outcome means that nothing has to be sent."""
        manifest = self._cache.owners.get(key)
        if manifest is None:
            self.forget(key)
            return self._bury(key)
        now, moment = self._clock.now(), self._clock.monotonic()
        if self.is_current(key, now):
            return Outcome(at=self._moment_of(self._memories[key].next_moment, now, moment))
        uid = manifest["metadata"]["uid"]
        memory = self._memories.get(key)
        if memory is None or memory.uid != uid:
            memory = OwnerMemory(uid, self._program.identity(key))
            self._memories[key] = memory
            self._strays.forget(key)
        owner = self._program.facts(manifest)
        standing = Standing() if self._program.reads_clock else None
        context = CallContext(now=lambda: now, chance=self._chance, standing=standing)
        observed = Observed(
            children=self._cache.children_of(owner.set_identity),
            unavailable=unavailable,
            now=now,
            moment=moment,
            chance=self._chance.random(),
        )
        plan = decide(self._program, owner, observed, memory, context)
        work = Work(key, owner, plan, memory, context, now, moment, list(plan.problems))
        if plan.life is Life.LEFT:
            return Outcome()
        if plan.is_quiet and self._draft_status(work)[0] is None:
            memory.children = dict(plan.settled)
            self._remember(work, manifest, told=True)
            return self._outcome(work)
        return work

    def _bury(self, key: NamespacedName) -> Outcome | Work:
        """The owner is gone: so shall be what only we know to be its own."""
        identity = self._program.identity(key)
        doomed = left_behind(self._program, key, self._cache.children_of(identity))
        if not doomed:
            self._strays.forget(key)
            return Outcome(gone=True)
        now, moment = self._clock.now(), self._clock.monotonic()
        due = self._strays.due(key, (each.uid for each in doomed), moment)
        if moment < due:
            return Outcome(at=due)
        owner = OwnerFacts(manifest={}, key=key, uid="", set_identity=identity, data={})
        context = CallContext(now=lambda: now, chance=self._chance)
        plan = Plan(life=Life.LEFT, prune=doomed)
        return Work(key, owner, plan, OwnerMemory("", identity), context, now, moment)

    async def _delete(self, work: Work) -> list[Problem]:
        doomed = work.plan.prune
        work.acted.extend(f"deleted {_name(each.api.kind, each.ref)}" for each in doomed)
        return await self._executor.delete_all(doomed)

    async def perform(self, work: Work, failures: int) -> Outcome:
        """Send what the plan says, in its order. Raises LeadershipLostError, nothing else."""
        plan = work.plan
        if plan.life is Life.LEFT:
            try:
                gone = await self._executor.is_gone(work.owner)
            except NotFoundError:
                return Outcome(retry=True)  # The type is not served, which tells nothing.
            except ApiError as error:
                return await self._owner_refused(work, error)
            if work.key in self._cache.owners:
                return Outcome(again=True)  # It came while we asked.
            if gone:
                work.problems.extend(await self._delete(work))
            return self._outcome(work)
        if plan.life is Life.LEAVING:
            return await self._let_go(work)
        manifest = work.owner.manifest
        stale = False
        if plan.owner is not None:
            try:
                answer = await self._executor.put_owner(plan.owner)
            except ApiError as error:
                return await self._owner_refused(work, error)
            stale = not is_same_question(manifest, answer)
            manifest = answer
            work.acted.append("finalizer and labels")
        outcomes = await self._executor.write_all(plan.writes, work.owner) if plan.writes else []
        seen = self._judge(work, outcomes)
        # A child that is held back, or cannot be rendered, is as little in its place as a refused one.
        if plan.prune and not work.problems:
            work.problems.extend(await self._delete(work))
        if plan.retired and not work.problems:
            manifest = await retire(self._executor, work, manifest)
        work.owner = self._program.facts(manifest)
        # Known from now on, even if the status is refused: else its repairs would begin anew.
        work.memory.children = {**plan.settled, **seen}
        transient = bool(work.problems) and all(each.transient for each in work.problems)
        if not (transient and failures + 1 < PATIENCE):
            try:
                written, changed = await self._write_status(work, manifest)
            except ApiError as error:
                return await self._owner_refused(work, error)
            stale = stale or not is_same_question(manifest, written, changed)
            manifest = written
        self._remember(work, manifest, told=not stale)
        return self._outcome(work, again=stale)

    async def _let_go(self, work: Work) -> Outcome:
        memory, plan = work.memory, work.plan
        manifest = work.owner.manifest
        memory.next_moment = None  # Deletion evaluates nothing, so nothing has a moment.
        if memory.reported != "Deleting" and not plan.problems:
            memory.reported = "Deleting"
            self._recorder.record(deletion_event(self._program.spec, manifest))
        try:
            if plan.prune:
                work.problems.extend(await self._delete(work))
            if plan.retired:
                after = await retire(self._executor, work, manifest)
                stuck = after is manifest
                return Outcome(again=not stuck, retry=stuck, acted=tuple(work.acted))
            if plan.owner is not None:
                await self._executor.put_owner(plan.owner)
                work.acted.append("let go")
            elif work.problems:
                await self._write_status(work, manifest)
        except ApiError as error:
            return await self._owner_refused(work, error)
        return self._outcome(work)

    def _draft_status(self, work: Work) -> tuple[StatusUpdate | None, Verdict]:
        """The write of the status for what is known now, or None, and the verdict that it tells."""
        manifest = work.owner.manifest
        fields: dict[str, Any] = {}
        problems: tuple[Problem, ...] = ()
        if work.plan.life is not Life.LEAVING:
            data = work.owner.data
            if self._program.reads_children:
                family = self._cache.children_of(work.owner.set_identity)
                data = {**data, "children": children_data(self._program, family)}
            fields, problems = declared_fields(self._program, data, work.context)
        verdict = verdict_of((*work.problems, *problems))
        update = status_update(self._program, manifest, fields, verdict, work.memory, work.now)
        known = {each.message for each in work.problems}
        work.problems.extend(each for each in problems if each.message not in known)
        return update, verdict

    async def _write_status(
        self, work: Work, manifest: Manifest
    ) -> tuple[Manifest, Collection[str]]:
        """Write the status if it changes; the owner afterwards, and the fields that changed."""
        update, verdict = self._draft_status(work)
        changed: Collection[str] = ()
        event = event_of(self._program.spec, manifest, work.memory, verdict)
        if update is not None:
            manifest = await self._executor.put_owner(update.owner, subresource="status")
            work.memory.status_refusal = refusal_of(update.wanted, manifest.get("status"))
            changed = update.changed
        if event is not None:
            self._recorder.record(event)
        work.memory.reported = state_of(verdict)
        return manifest, changed

    def _judge(self, work: Work, outcomes: list[ChildOutcome]) -> dict[ChildRef, Seen]:
        """Take in how the writes went: problems, pauses, repairs."""
        memory = work.memory
        seen: dict[ChildRef, Seen] = {}
        for each in outcomes:
            write = each.write
            if each.problem is not None:
                work.problems.append(each.problem)
                if not each.problem.transient:
                    chance = self._chance.random()
                    memory.hold(write.ref, write.intent, each.problem, work.moment, chance)
                continue
            memory.holds.pop(write.ref, None)
            if each.seen is not None:
                seen[write.ref] = each.seen
            again = isinstance(write, Create) and write.ref in memory.children
            if again or (isinstance(write, Apply) and write.cause == "drift"):
                memory.repaired(write.ref, work.moment)
            kind = write.child.template.api.kind
            if each.effect != "found":
                work.acted.append(f"{each.effect} {_name(kind, write.ref)}")
        return seen

    def _remember(self, work: Work, manifest: Manifest, *, told: bool) -> None:
        memory, plan = work.memory, work.plan
        look = None
        if (standing := work.context.standing) is not None:
            look = standing.next_look(work.now, self._resync_seconds)
        memory.note_moment(plan.next_moment, look, work.now, work.moment)
        settled = told and not work.problems
        memory.version = manifest["metadata"]["resourceVersion"] if settled else ""
        wanted = {each.ref for each in plan.writes} | memory.children.keys()
        for table in (memory.holds, memory.flaps):
            for ref in [ref for ref in table if ref not in wanted and not work.problems]:
                del table[ref]

    def _outcome(self, work: Work, *, again: bool = False) -> Outcome:
        plan, memory = work.plan, work.memory
        at = self._moment_of(memory.next_moment, work.now, work.moment)
        holds = [hold.until for hold in memory.holds.values() if hold.until > work.moment]
        if plan.retry_at is not None:
            holds.append(plan.retry_at)
        if work.problems and holds:
            soonest = min(holds)
            at = soonest if at is None else min(at, soonest)
        error = verdict_of(tuple(work.problems)).message if work.problems else ""
        retry = any(
            each.transient or each.reason is Reason.TEMPLATE_ERROR for each in work.problems
        )
        return Outcome(
            error=error,
            again=again,
            retry=retry,
            at_least_seconds=max((each.at_least_seconds for each in work.problems), default=0.0),
            at=at,
            acted=tuple(work.acted),
        )

    async def _owner_refused(self, work: Work, error: ApiError) -> Outcome:
        if isinstance(error, NotFoundError):
            return await self._owner_missed(work, error)
        if isinstance(error, ConflictError):
            # Someone was faster; the watch brings what is there now.
            return Outcome(retry=True, conflict=True)
        return Outcome(
            error=error.message, retry=True, at_least_seconds=error.retry_after_seconds or 0.0
        )

    async def _owner_missed(self, work: Work, error: NotFoundError) -> Outcome:
        key = work.key
        known = self._cache.owners.get(key)
        if known is not None and known["metadata"]["uid"] != work.owner.uid:
            return Outcome(again=True)  # Another owner of that name came while we waited.
        try:
            gone = await self._executor.is_gone(work.owner)
        except NotFoundError:
            gone = True  # The type is not served: whatever became of it, nothing can be done.
        except ApiError as unknown:
            return await self._owner_refused(work, unknown)
        if gone:
            # Its watch may never say so: the whole type may be gone with it.
            self._cache.forget_owner(key)
            return Outcome(again=True)
        why = f"{error.message}, though it is there: has its type a status subresource?"
        return Outcome(error=why, retry=True, at_least_seconds=STATUSLESS_SECONDS)

    @staticmethod
    def _moment_of(at: datetime | None, now: datetime, moment: float) -> float | None:
        return moment + max(0.0, (at - now).total_seconds()) if at is not None else None


def _name(kind: str, ref: ChildRef) -> str:
    return f"{kind} {ref.key}"
