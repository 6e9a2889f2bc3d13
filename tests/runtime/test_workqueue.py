from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from katalog_runtime.backoff import delay_seconds
from katalog_runtime.bundle import Backoff
from katalog_runtime.objects import NamespacedName
from katalog_runtime.workqueue import Lane, WorkQueue

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


def test_q5_fresh_keys_go_before_resyncs() -> None:
    work = queue()
    work.add(A, 0, Lane.RESYNC)
    work.add(B, 1)
    assert drain(work, 1) == [B, A]


def test_q5_an_aged_resync_goes_before_fresh_keys() -> None:
    work = queue(ageing_seconds=5)
    work.add(A, 0, Lane.RESYNC)
    work.add(B, 9)
    assert drain(work, 9) == [A, B]


def test_a_resync_that_changes_becomes_fresh() -> None:
    work = queue()
    for key in (A, B):
        work.add(key, 0, Lane.RESYNC)
    work.add(B, 1)
    assert drain(work, 1) == [B, A]


def test_q1_a_full_queue_marks_keys_and_sweeps_them_in() -> None:
    work = queue(max_depth=2)
    for key in (A, B, C, D):
        work.add(key, 0)
    assert (work.depth, work.marked, work.overflows) == (4, 2, 2)
    assert drain(work, 1) == [A, B, C, D]


def test_q1_a_fresh_key_displaces_a_waiting_resync() -> None:
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
    """Any use of the queue: no key is active twice, none is lost."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.work = queue(max_depth=2)
        self.owed: set[NamespacedName] = set()
        self.active: set[NamespacedName] = set()

    keys = st.sampled_from([A, B, C, D])

    @rule(key=keys, lane=st.sampled_from(Lane))
    def add(self, key: NamespacedName, lane: Lane) -> None:
        self.work.add(key, self.now, lane)
        self.owed.add(key)

    @rule(key=keys, seconds=st.floats(0, 10))
    def schedule(self, key: NamespacedName, seconds: float) -> None:
        self.work.schedule(key, self.now + seconds)

    @rule(seconds=st.floats(0, 10))
    def pass_time(self, seconds: float) -> None:
        self.now += seconds

    @rule()
    def take(self) -> None:
        taken = self.work.take(self.now)
        if taken is not None:
            assert taken.key not in self.active
            assert taken.waited_seconds >= 0
            self.active.add(taken.key)
            self.owed.discard(taken.key)

    @precondition(lambda self: self.active)
    @rule(data=st.data(), failed=st.booleans())
    def done(self, data: st.DataObject, failed: bool) -> None:
        key = data.draw(st.sampled_from(sorted(self.active)))
        if failed:
            self.work.fail(key, self.now)
        self.work.done(key, self.now)
        self.active.discard(key)

    @invariant()
    def counts_agree(self) -> None:
        assert self.work.active == len(self.active)
        assert self.work.depth <= 4

    def teardown(self) -> None:
        for key in sorted(self.active):
            self.work.done(key, self.now)
        got = []
        while (taken := self.work.take(self.now)) is not None:
            got.append(taken.key)
            self.work.done(taken.key, self.now)
        assert self.owed <= set(got)


TestQueueMachine = QueueMachine.TestCase
TestQueueMachine.settings = settings(
    max_examples=60, stateful_step_count=30, deadline=None, derandomize=True
)
