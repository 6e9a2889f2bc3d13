from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from katalog_runtime.backoff import delay_seconds
from katalog_runtime.bundle import Backoff
from katalog_runtime.objects import NamespacedName
from katalog_runtime.workqueue import FRESH_IN_A_ROW, Lane, WorkQueue

AGEING = 5.0
A, B, C, D = (NamespacedName("team", name) for name in "abcd")


def queue(max_depth: int = 0, **more: float) -> WorkQueue:
    return WorkQueue(max_depth=max_depth, backoff=Backoff(), chance=lambda: 1.0, **more)


def drain(work: WorkQueue, now: float) -> list[NamespacedName]:
    keys = []
    while (taken := work.take(now)) is not None:
        keys.append(taken.key)
    return keys


def test_a_key_added_twice_is_taken_once() -> None:
    work = queue()
    assert work.add(A, 0)
    assert not work.add(A, 1)
    assert drain(work, 2) == [A]


def test_q2_a_key_added_while_active_waits_and_runs_once_more() -> None:
    work = queue()
    work.add(A, 0)
    assert work.take(0) is not None
    work.add(A, 1)
    work.add(A, 2)
    assert work.take(3) is None
    work.done(A, 4)
    assert drain(work, 4) == [A]


def test_a_dirty_key_whose_work_took_in_the_change_does_not_wait_again() -> None:
    work = queue()
    work.add(A, 0)
    assert work.take(0) is not None
    assert not work.is_dirty(A)
    work.add(A, 1)
    assert work.is_dirty(A)
    work.done(A, 2, current=True)
    assert drain(work, 3) == []
    assert work.add(A, 4)


def test_q5_fresh_keys_go_before_resyncs() -> None:
    work = queue()
    work.add(A, 0, Lane.RESYNC)
    work.add(B, 1)
    assert drain(work, 1) == [B, A]


def test_q5_an_aged_resync_goes_after_a_few_fresh_keys_however_many_there_are() -> None:
    work = queue(ageing_seconds=5)
    work.add(A, 0, Lane.RESYNC)
    fresh = [NamespacedName("team", str(number)) for number in range(10)]
    for key in fresh:
        work.add(key, 9)
    assert drain(work, 9) == [*fresh[:FRESH_IN_A_ROW], A, *fresh[FRESH_IN_A_ROW:]]


def test_q5_a_change_is_served_at_once_while_ten_thousand_aged_resyncs_wait() -> None:
    work = queue(max_depth=100)
    sweep = [NamespacedName("team", str(number)) for number in range(10_000)]
    for key in sweep:
        work.add(key, 0, Lane.RESYNC)
    for moment in range(60, 70):
        assert work.take(moment) is not None
    work.add(A, 70)
    assert work.take(71) == (A, 1)
    assert drain(work, 72) == sweep[10:]


def test_q1_keys_beyond_the_limit_are_not_overtaken_by_later_ones() -> None:
    work = queue(max_depth=1)
    for key in (A, B, C):
        work.add(key, 0)
    taken = []
    for moment in range(1, 8):
        one = work.take(moment)
        assert one is not None
        taken.append(one.key)
        work.done(one.key, moment)
        work.add(NamespacedName("team", f"late-{moment}"), moment)
    assert taken[:3] == [A, B, C]


def test_a_resync_that_changes_becomes_fresh() -> None:
    work = queue()
    for key in (A, B):
        work.add(key, 0, Lane.RESYNC)
    work.add(B, 1)
    assert drain(work, 1) == [B, A]


def test_q1_a_full_queue_counts_what_is_too_much_and_loses_nothing() -> None:
    work = queue(max_depth=2)
    for key in (A, B, C, D):
        work.add(key, 0)
    assert (work.depth, work.marked, work.overflows) == (4, 2, 2)
    assert drain(work, 1) == [A, B, C, D]


def test_q1_a_fresh_key_goes_before_resyncs_however_full_the_queue_is() -> None:
    work = queue(max_depth=1)
    work.add(A, 0, Lane.RESYNC)
    work.add(B, 1)
    assert drain(work, 1) == [B, A]


def test_q6_failures_delay_a_key_ever_longer_up_to_the_cap_and_never_drop_it() -> None:
    work = WorkQueue(
        max_depth=0,
        backoff=Backoff(initial_seconds=1, max_seconds=10, multiplier=2),
        chance=lambda: 1.0,
    )
    now = 0.0
    delays = []
    work.add(A, now)
    for _ in range(6):
        assert work.take(now) is not None
        delays.append(work.fail(A, now))
        work.done(A, now)
        assert work.take(now) is None
        now = work.next_moment() or 0.0
    assert delays == [1, 2, 4, 8, 10, 10]
    work.succeed(A)
    assert work.failures(A) == 0


def test_q6_news_cut_a_delay_short() -> None:
    work = queue()
    work.add(A, 0)
    assert work.take(0) is not None
    work.fail(A, 0)
    work.done(A, 0)
    work.add(A, 0.1)
    assert drain(work, 0.1) == [A]


def test_the_earlier_of_two_moments_counts() -> None:
    work = queue()
    work.schedule(A, 10)
    work.schedule(A, 5)
    work.schedule(A, 20)
    assert work.next_moment() == 5
    assert drain(work, 5) == [A]
    assert work.next_moment() is None


def test_a_forgotten_key_does_not_come_back() -> None:
    work = queue()
    work.schedule(A, 5)
    work.forget(A)
    assert drain(work, 10) == []


def test_the_delay_stays_between_half_and_all_of_the_cap_after_any_number_of_failures() -> None:
    policy = Backoff(initial_seconds=0.5, max_seconds=300, multiplier=2)
    assert delay_seconds(policy, 10_000, 0.0) == 150
    assert delay_seconds(policy, 10_000, 0.999) < 300
    assert delay_seconds(policy, 1, 0.0) == 0.25


class QueueMachine(RuleBasedStateMachine):
    """Any use of the queue: it behaves as two plain lists would, whatever room it has."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.work = queue()
        self.lanes: tuple[list[NamespacedName], list[NamespacedName]] = ([], [])
        self.entered: dict[NamespacedName, float] = {}
        self.active: dict[NamespacedName, Lane | None] = {}
        """Keys in work, and the lane that they wait in again afterwards."""
        self.due: dict[NamespacedName, float] = {}
        self.failures: dict[NamespacedName, int] = {}
        self.paused: set[NamespacedName] = set()
        self.fresh_in_a_row = 0

    keys = st.sampled_from([NamespacedName("team", name) for name in "abcdefgh"])

    @initialize(depth=st.integers(0, 4))
    def open(self, depth: int) -> None:
        self.work = queue(max_depth=depth)

    @rule(key=keys, lane=st.sampled_from(Lane))
    def add(self, key: NamespacedName, lane: Lane) -> None:
        waits = key in self.entered or key in self.paused
        news = not waits and self.active.get(key) is None
        assert self.work.add(key, self.now, lane) is news
        self._add(key, lane, self.now)

    def _add(self, key: NamespacedName, lane: Lane, now: float) -> None:
        if key in self.paused:
            return
        if key in self.active:
            known = self.active[key]
            self.active[key] = lane if known is None else min(known, lane)
        elif key not in self.entered:
            self.lanes[lane].append(key)
            self.entered[key] = now
        elif lane is Lane.FRESH and key in self.lanes[Lane.RESYNC]:
            self.lanes[Lane.RESYNC].remove(key)
            self.lanes[Lane.FRESH].append(key)

    @rule(key=keys, seconds=st.floats(0, 10))
    def schedule(self, key: NamespacedName, seconds: float) -> None:
        at = self.now + seconds
        self.work.schedule(key, at)
        self.due[key] = min(at, self.due.get(key, at))

    @rule(seconds=st.floats(0, 10))
    def pass_time(self, seconds: float) -> None:
        self.now += seconds

    @rule()
    def take(self) -> None:
        for at, key in sorted((at, key) for key, at in self.due.items() if at <= self.now):
            del self.due[key]
            self.paused.discard(key)
            self._add(key, Lane.FRESH, at)
        fresh, resync = self.lanes
        aged = resync and self.now - self.entered[resync[0]] >= AGEING
        turn = aged and self.fresh_in_a_row >= FRESH_IN_A_ROW
        lane = resync if turn or not fresh else fresh
        taken = self.work.take(self.now)
        if not lane:
            assert taken is None
            return
        key = lane.pop(0)
        self.fresh_in_a_row = self.fresh_in_a_row + 1 if lane is fresh else 0
        assert taken == (key, self.now - self.entered.pop(key))
        self.active[key] = None
        self.due.pop(key, None)

    @precondition(lambda self: self.active)
    @rule(data=st.data(), how=st.sampled_from(["well", "badly", "throttled", "contended", "gone"]))
    def done(self, data: st.DataObject, how: str) -> None:
        key = data.draw(st.sampled_from(sorted(self.active)))
        if how in ("badly", "throttled"):
            patience = 1000.0 if how == "throttled" else 0.0
            delay = self.work.fail(key, self.now, at_least=patience)
            count = self.failures[key] = self.failures.get(key, 0) + 1
            policy = Backoff()
            grown = policy.initial_seconds * policy.multiplier ** (count - 1)
            assert delay == max(patience, min(policy.max_seconds, grown))
            self.due[key] = min(self.now + delay, self.due.get(key, float("inf")))
        elif how == "contended":
            self.work.pause(key, self.now, 5.0)
            self.failures[key] = self.failures.get(key, 0) + 1
            self.paused.add(key)
            self.due[key] = min(self.now + 5.0, self.due.get(key, float("inf")))
        else:
            (self.work.succeed if how == "well" else self.work.forget)(key)
            self.failures.pop(key, None)
            if how == "gone":
                self.due.pop(key, None)
        self.work.done(key, self.now)
        lane = self.active.pop(key)
        if lane is not None:
            self._add(key, lane, self.now)

    @invariant()
    def counts_agree(self) -> None:
        work = self.work
        assert (work.active, work.delayed) == (len(self.active), len(self.due))
        assert work.depth == len(self.entered) == sum(map(len, self.lanes))
        assert work.depth - work.marked <= (work.max_depth or len(self.entered))
        oldest = min(self.entered.values(), default=self.now)
        assert work.oldest_seconds(self.now) == self.now - oldest
        failing = {key for key in self.failures if key in self.due}
        assert failing == {key for key in self.failures if work.is_backing_off(key)}
        if self.entered:
            assert work.next_moment() == float("-inf")
        else:
            assert work.next_moment() == min(self.due.values(), default=None)

    def teardown(self) -> None:
        """Whatever is owed comes out in the end."""
        while self.active:
            self.done_quietly(next(iter(self.active)))
        while self.entered or self.due:
            self.now = max(self.now, *self.due.values()) if self.due else self.now
            self.take()
            for key in list(self.active):
                self.done_quietly(key)
        assert self.work.take(self.now) is None

    def done_quietly(self, key: NamespacedName) -> None:
        self.work.done(key, self.now)
        lane = self.active.pop(key)
        if lane is not None:
            self._add(key, lane, self.now)


TestQueueMachine = QueueMachine.TestCase
TestQueueMachine.settings = settings(
    max_examples=60, stateful_step_count=40, deadline=None, derandomize=True
)
