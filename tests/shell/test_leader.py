"""The election on virtual time: one leader at most, some leader soon, no exit ever."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import looptime
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from katalog_runtime import lease
from katalog_runtime.lease import Candidacy, Create, Look, Terms, Wait, Write
from tests.shell.election import KEY, Candidate, LeaseStore, Link, Trip, leaders, until

pytestmark = pytest.mark.looptime
WALL = datetime(2026, 1, 1, tzinfo=UTC)
TERMS = Terms()


@asynccontextmanager
async def election(*candidates: Candidate) -> AsyncIterator[None]:
    for each in candidates:
        each.start()
    try:
        yield
    finally:
        for each in candidates:
            await each.kill()


def two(store: LeaseStore) -> tuple[Candidate, Candidate]:
    return Candidate("one", Link(store)), Candidate("two", Link(store))


def held_by(name: str, **spec: object) -> dict[str, object]:
    full = {"holderIdentity": name, "leaseDurationSeconds": 15, "renewTime": "t", **spec}
    return {"metadata": {"name": "l", "resourceVersion": "1"}, "spec": full}


# The pure part --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("found", "now", "expected"),
    [
        pytest.param(None, 0, Create, id="no-lease"),
        pytest.param(held_by("other"), 14.9, Wait, id="held-by-another"),
        pytest.param(held_by("other"), 15, Write, id="silent-for-its-duration"),
        pytest.param(held_by("other", leaseDurationSeconds=40), 39, Wait, id="longer-terms-count"),
        pytest.param(held_by("other", leaseDurationSeconds=1), 14, Wait, id="shorter-terms-do-not"),
        pytest.param(held_by(""), 0, Write, id="released"),
        pytest.param(held_by("me"), 0, Write, id="ours-by-a-write-without-answer"),
        pytest.param({"metadata": {}, "spec": None}, 0, Write, id="emptied-by-hand"),
    ],
)
def test_next_move_follows_from_what_was_seen(found, now: float, expected: type):
    state = lease.seen(Candidacy(identity="me"), found, 0.0)
    assert type(lease.next_move(state, KEY, TERMS, now, WALL)) is expected


def test_a_candidate_looks_first():
    assert lease.next_move(Candidacy(identity="me"), KEY, TERMS, 0, WALL) == Look()


def test_leading_counts_from_the_moment_the_write_was_sent():
    state = lease.written(Candidacy(identity="me"), held_by("me"), TERMS, sent_at=100.0, now=104.0)
    assert lease.is_leading(state, 109.9)
    assert not lease.is_leading(state, 110.0)


def test_an_annotation_by_hand_is_no_sign_of_life():
    state = lease.seen(Candidacy(identity="me"), held_by("other"), 0.0)
    annotated = held_by("other") | {"metadata": {"name": "l", "resourceVersion": "2"}}
    state = lease.seen(lease.refused(state), annotated, 14.0)
    move = lease.next_move(state, KEY, TERMS, 15.0, WALL)
    assert isinstance(move, Write)
    assert move.manifest["metadata"]["resourceVersion"] == "2"


def test_a_take_over_counts_transitions_and_a_renewal_does_not():
    taken = lease.next_move(
        lease.seen(Candidacy(identity="me"), held_by("", leaseTransitions=4), 0.0),
        KEY, TERMS, 0, WALL,
    )  # fmt: skip
    assert isinstance(taken, Write)
    assert taken.manifest["spec"]["leaseTransitions"] == 5
    renewed = lease.next_move(
        lease.seen(Candidacy(identity="me"), taken.manifest, 1.0), KEY, TERMS, 1, WALL
    )
    assert isinstance(renewed, Write)
    assert renewed.manifest["spec"]["leaseTransitions"] == 5
    assert renewed.manifest["spec"]["renewTime"] == "2026-01-01T00:00:00.000000Z"


def test_terms_that_let_two_lead_are_refused():
    with pytest.raises(ValueError, match="before its Lease can be taken"):
        Terms(renew_seconds=15.0)


# On virtual time ------------------------------------------------------------------------------


async def test_the_first_leads_and_the_second_follows():
    one, two_ = two(LeaseStore())
    async with election(one, two_):
        await asyncio.sleep(60)
        assert leaders([one, two_]) == ["one"]
        assert two_.elector.leader == "one"
    assert one.changes == [(0.0, True)]


async def test_a_clean_stop_hands_over_without_waiting_for_the_lease_to_run_out():
    one, two_ = two(LeaseStore())
    async with election(one, two_):
        await asyncio.sleep(30)
        await one.stop()
        await until(lambda: leaders([one, two_]) == ["two"], within=3)


async def test_a_killed_leader_is_followed_after_the_lease_ran_out():
    one, two_ = two(LeaseStore())
    async with election(one, two_):
        await asyncio.sleep(30)
        await one.kill()
        await until(lambda: two_.elector.is_leading(), within=15 + 2 * 2.4 + 0.1)


async def test_l1_a_leader_cut_off_stops_before_the_lease_can_be_taken():
    one, two_ = two(LeaseStore())
    async with election(one, two_):
        await asyncio.sleep(30)
        one.link.down = True
        await until(lambda: two_.elector.is_leading(), within=20)
    (stopped, _), (taken, _) = one.changes[-1], two_.changes[-1]
    assert one.changes[-1][1] is False
    assert taken - stopped >= TERMS.lease_seconds - TERMS.renew_seconds - TERMS.retry_seconds


async def test_l1_the_end_of_leading_is_not_awaited_by_asking_in_a_loop():
    """A timer may fire a rounding error before the moment that it was set for."""
    links = [Link(LeaseStore(), [Trip(there=0.1 / 3, back=0.1 / 7)]) for _ in range(20)]
    candidates = [Candidate(str(number), link) for number, link in enumerate(links)]
    async with election(*candidates):
        await asyncio.sleep(30)
        for link in links:
            link.down, link.asked = True, 0
        await asyncio.sleep(30)
        assert leaders(candidates) == []
        assert max(link.asked for link in links) <= 4 * 30 / 2


async def test_l2_after_an_outage_of_twenty_minutes_someone_leads_again():
    one, two_ = two(LeaseStore())
    async with election(one, two_):
        await asyncio.sleep(30)
        one.link.down = two_.link.down = True
        await asyncio.sleep(1200)
        assert leaders([one, two_]) == []
        assert one.elector.trouble
        one.link.down = two_.link.down = False
        await until(lambda: len(leaders([one, two_])) == 1, within=20)


async def test_l4_a_deleted_lease_is_lost_then_won_again():
    store = LeaseStore()
    one = Candidate("one", Link(store))
    async with election(one):
        await asyncio.sleep(30)
        store.delete()
        await until(lambda: one.changes[-1][1] is False, within=3)
        await until(one.elector.is_leading, within=3)


async def test_l4_a_lease_given_to_another_by_hand_is_lost_at_once():
    store = LeaseStore()
    one = Candidate("one", Link(store))
    async with election(one):
        await asyncio.sleep(30)
        store.edit(holderIdentity="an administrator")
        await until(lambda: one.changes[-1][1] is False, within=3)
        assert store.writes[-1] == "an administrator"


async def test_a_foreign_edit_that_leaves_the_holder_does_not_end_leading():
    store = LeaseStore()
    one = Candidate("one", Link(store))
    async with election(one):
        await asyncio.sleep(30)
        store.edit(leaseDurationSeconds=3600)
        await asyncio.sleep(30)
    assert one.changes == [(0.0, True)]
    assert store.read()["spec"]["leaseDurationSeconds"] == 15


async def test_q11_clocks_an_hour_apart_change_nothing():
    store = LeaseStore()
    one = Candidate("one", Link(store), skew=timedelta(hours=1))
    two_ = Candidate("two", Link(store), skew=timedelta(hours=-1))
    async with election(one, two_):
        await asyncio.sleep(120)
    assert (one.changes, two_.changes) == ([(0.0, True)], [])


async def test_q8_a_process_that_was_stopped_does_not_lead_when_it_wakes():
    one = Candidate("one", Link(LeaseStore()))
    async with election(one):
        await asyncio.sleep(30)
        await one.kill()  # nothing of it runs, as between SIGSTOP and SIGCONT
        await asyncio.sleep(11)
        assert not one.elector.is_leading()


async def test_a_renewal_that_was_written_but_not_answered_is_not_taken_for_a_loss():
    trips = [Trip(), Trip(), Trip(), Trip(lost="answer")]
    one = Candidate("one", Link(LeaseStore(), trips))
    async with election(one):
        await asyncio.sleep(120)
    assert one.changes == [(0.0, True)]


trips = st.builds(
    Trip,
    there=st.sampled_from([0.0, 0.0, 0.0, 0.1, 1.0, 4.0, 20.0]),
    back=st.sampled_from([0.0, 0.0, 0.1, 1.0, 4.0]),
    lost=st.sampled_from(["", "", "", "", "request", "answer"]),
)
blows = st.tuples(
    st.floats(min_value=2, max_value=30), st.sampled_from(["kill", "cut", "heal", "shorten"])
)


@given(
    links=st.lists(st.lists(trips, min_size=1, max_size=6), min_size=2, max_size=3),
    script=st.lists(blows, min_size=1, max_size=4),
)
@settings(max_examples=20, deadline=None, derandomize=True)
def test_never_two_lead_at_a_time(links: list[list[Trip]], script: list[tuple[float, str]]):
    """Whatever is late or lost, and whatever befalls the one who leads."""

    async def strike(blow: str, store: LeaseStore, candidates: list[Candidate]) -> None:
        leading = [each for each in candidates if each.elector.is_leading()]
        for each in leading if blow in ("kill", "cut") else []:
            each.link.down = True
            if blow == "kill":
                await each.kill()
        if blow == "heal":
            for each in candidates:
                each.link.down = False
        if blow == "shorten" and store.lease:
            store.edit(leaseDurationSeconds=1)

    async def play() -> None:
        store = LeaseStore()
        candidates = [Candidate(str(n), Link(store, each)) for n, each in enumerate(links)]
        async with election(*candidates):
            for pause, blow in [*script, (30.0, "heal")]:
                for _ in range(int(pause / 0.45)):
                    await asyncio.sleep(0.45)
                    assert len(leaders(candidates)) <= 1
                await strike(blow, store, candidates)

    with asyncio.Runner(loop_factory=looptime.new_event_loop) as runner:
        runner.run(play())
