"""Readiness and liveness, from views alone."""

from __future__ import annotations

import pytest

from katalog_runtime import health
from katalog_runtime.health import LeadershipView
from katalog_runtime.observe import ControllerView
from tests.shell.views import ALONE, CONFIG_MAPS, controller, informer, view

SPEC = controller()
LEADER = LeadershipView(enabled=True, leading=True, leader="me")
FOLLOWER = LeadershipView(enabled=True, leading=False, leader="other")


def with_informer(**changes: object) -> ControllerView:
    return view(SPEC, informers=(informer(SPEC.api), informer(CONFIG_MAPS, **changes)))


@pytest.mark.parametrize("leadership", [ALONE, LEADER, FOLLOWER], ids=["alone", "leads", "follows"])
def test_ready_when_caches_are_fresh_and_the_lease_is_in_order(leadership: LeadershipView):
    assert health.ready([view(SPEC)], leadership, stopping=False).ok


@pytest.mark.parametrize(
    ("seen", "leadership", "reason"),
    [
        pytest.param(with_informer(synced=False), ALONE,
                     "data-job: configmaps in demo-05 is not listed yet", id="not-synced"),
        pytest.param(with_informer(fresh=False, silent_seconds=200.4), ALONE,
                     "data-job: configmaps in demo-05 was last heard from 200 s ago", id="stale"),
        pytest.param(with_informer(trouble="forbidden"), ALONE,
                     "data-job: configmaps in demo-05 cannot be watched: forbidden", id="denied"),
        pytest.param(view(SPEC, queue_oldest_seconds=121.0), ALONE,
                     "data-job: a key has waited 121 s to be reconciled", id="queue-stuck"),
        pytest.param(view(SPEC), LeadershipView(enabled=True, leading=True, trouble="no answer"),
                     "the Lease cannot be renewed: no answer", id="lease-trouble"),
        pytest.param(view(SPEC), LeadershipView(enabled=True, leading=False),
                     "no leader is known yet", id="no-leader"),
    ],
)  # fmt: skip
def test_not_ready_says_why(seen: ControllerView, leadership: LeadershipView, reason: str):
    verdict = health.ready([seen], leadership, stopping=False)
    assert (verdict.status, verdict.reasons) == (503, (reason,))


def test_a_followers_queue_is_not_its_concern():
    seen = view(SPEC, active=False, queue_oldest_seconds=9999.0)
    assert health.ready([seen], FOLLOWER, stopping=False).ok


def test_a_long_resync_gives_the_queue_more_time():
    seen = view(SPEC, resync_seconds=600.0, queue_oldest_seconds=2000.0)
    assert health.ready([seen], ALONE, stopping=False).ok


def test_a_stopping_process_takes_itself_out_of_service():
    assert not health.ready([view(SPEC)], ALONE, stopping=True).ok


def test_trouble_of_the_cluster_is_no_reason_to_be_restarted():
    assert health.alive(()).ok
    assert health.alive(("election",)).reasons == ("election has ended unexpectedly",)
