"""The exposition text: names that dashboards know, zeros from the start, gauges from the views."""

from __future__ import annotations

from katalog_runtime.exposition import Exposition
from katalog_runtime.metrics import OperatorMetrics
from katalog_runtime.observe import ControllerView, Metrics
from tests.shell.views import CONFIG_MAPS, bundle, controller, informer, view

SPEC = controller()


def made() -> OperatorMetrics:
    return OperatorMetrics(bundle(SPEC), host="h")


def samples(
    metrics: OperatorMetrics, *views: ControllerView, leading: bool = True
) -> dict[str, float]:
    exposition = Exposition(
        metrics, bundle(SPEC), views=lambda: views, is_leading=lambda: leading, lease_name="l"
    )
    lines = exposition.render().decode().splitlines()
    pairs = (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
    return {name: float(value) for name, value in pairs}


def test_every_result_is_there_at_zero_before_the_first_reconcile():
    found = samples(made())
    for result in ("success", "error", "requeue", "requeue_after"):
        name = f'controller_runtime_reconcile_total{{controller="data-job",result="{result}"}}'
        assert found[name] == 0
    assert found['workqueue_adds_total{name="data-job"}'] == 0
    assert found['katalog_events_total{outcome="dropped"}'] == 0


def test_reconciles_are_counted_under_controller_runtimes_names():
    metrics = made()
    counted: Metrics = metrics
    counted.reconciled("data-job", "success", 0.02)
    counted.reconciled("data-job", "error", 0.5)
    counted.queue_taken("data-job", 0.2)
    found = samples(metrics)
    assert found['controller_runtime_reconcile_errors_total{controller="data-job"}'] == 1
    assert found['controller_runtime_reconcile_time_seconds_count{controller="data-job"}'] == 2
    assert found['workqueue_queue_duration_seconds_sum{name="data-job"}'] == 0.2


def test_writes_watches_and_requests_carry_their_labels():
    metrics = made()
    metrics.wrote("data-job", "create", "configmaps", "ok")
    metrics.watch_ended("data-job", "configmaps", "gone")
    metrics.listed("data-job", "configmaps", objects=10, repairs=2)
    metrics.requested("GET", "200", 0.01)
    found = samples(metrics)
    labels = 'controller="data-job",outcome="ok",resource="configmaps",verb="create"'
    assert found[f"katalog_writes_total{{{labels}}}"] == 1
    labels = 'cause="gone",controller="data-job",resource="configmaps"'
    assert found[f"katalog_watch_ends_total{{{labels}}}"] == 1
    labels = 'controller="data-job",resource="configmaps"'
    assert found[f"katalog_list_repairs_total{{{labels}}}"] == 2
    assert found['rest_client_requests_total{code="200",host="h",method="GET"}'] == 1


def test_gauges_are_read_at_the_scrape():
    seen = view(SPEC, state="degraded", queue_depth=7,
                informers=(informer(CONFIG_MAPS, fresh=False, silent_seconds=95.0),))  # fmt: skip
    found = samples(made(), seen, leading=False)
    assert found['workqueue_depth{name="data-job"}'] == 7
    assert found['katalog_controller_degraded{controller="data-job"}'] == 1
    assert found['leader_election_master_status{name="l"}'] == 0
    labels = 'controller="data-job",namespace="demo-05",resource="configmaps"'
    assert found[f"katalog_informer_fresh{{{labels}}}"] == 0
    assert found[f"katalog_watch_last_event_age_seconds{{{labels}}}"] == 95


def test_two_operators_in_one_process_do_not_mix():
    one, two = made(), made()
    one.reconciled("data-job", "success", 0.1)
    name = 'controller_runtime_reconcile_total{controller="data-job",result="success"}'
    assert (samples(one)[name], samples(two)[name]) == (1, 0)
