"""What Prometheus scrapes: controller-runtime's names where they exist, `katalog_` for the rest.

In: calls of `observe.Metrics` (counters, histograms) and, at each scrape, the controllers' views
(gauges). Out: the text of `/metrics`. One registry per `PrometheusMetrics`, so that two operators
in one process do not mix. Counters of the known controllers exist from the start, at zero, so that
rates and alerts work before the first event.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from prometheus_client import (
    CollectorRegistry,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from katalog_runtime.bundle import Bundle
from katalog_runtime.metric_values import CounterValues, HistogramValues
from katalog_runtime.observe import ControllerView, ReconcileResult

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
RESULTS: tuple[ReconcileResult, ...] = ("success", "error", "requeue", "requeue_after")

# controller-runtime's buckets for reconciles, and client-go's for the queue.
_RECONCILE_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
_QUEUE_BUCKETS = (0.0001, 0.001, 0.01, 0.1, 1.0, 10.0, 100.0, 1000.0)


class PrometheusMetrics:
    """Implements `observe.Metrics`; see there for what each call means."""

    def __init__(
        self,
        bundle: Bundle,
        *,
        views: Callable[[], Sequence[ControllerView]],
        is_leading: Callable[[], bool],
        lease_name: str,
        host: str = "",
    ) -> None:
        """Args: `views`, `is_leading` are asked at each scrape; `host` labels our requests."""
        self.registry = registry = CollectorRegistry()
        self._host = host

        def counter(name: str, text: str, *labels: str) -> CounterValues:
            made = CounterValues(name, text, labels)
            registry.register(made)
            return made

        def histogram(
            name: str, text: str, bounds: tuple[float, ...], *labels: str
        ) -> HistogramValues:
            made = HistogramValues(name, text, labels, bounds)
            registry.register(made)
            return made

        self._total, self._errors, self._panics, self._seconds = (
            counter("controller_runtime_reconcile_total", "Reconciles", "controller", "result"),
            counter("controller_runtime_reconcile_errors_total", "Failed reconciles", "controller"),
            counter("controller_runtime_reconcile_panics_total", "Bugs survived", "controller"),
            histogram("controller_runtime_reconcile_time_seconds", "Seconds per reconcile",
                      _RECONCILE_BUCKETS, "controller"),
        )  # fmt: skip
        self._added, self._retried, self._waited, self._worked = (
            counter("workqueue_adds_total", "Keys added", "name"),
            counter("workqueue_retries_total", "Keys put back with a delay", "name"),
            histogram("workqueue_queue_duration_seconds", "Seconds in the queue",
                      _QUEUE_BUCKETS, "name"),
            histogram("workqueue_work_duration_seconds", "Seconds of work", _QUEUE_BUCKETS, "name"),
        )  # fmt: skip
        self._overflowed = counter(
            "katalog_queue_overflow_total", "Keys swept in later", "controller"
        )
        for each in bundle.controllers:
            for result in RESULTS:
                self._total.add(each.name, result, amount=0)
            for counted in (self._errors, self._panics, self._added, self._retried,
                            self._overflowed):  # fmt: skip
                counted.add(each.name, amount=0)
            for timed in (self._seconds, self._waited, self._worked):
                timed.known(each.name)
        self._writes = counter("katalog_writes_total", "Writes by outcome",
                               "controller", "verb", "resource", "outcome")  # fmt: skip
        self._repairs = counter("katalog_drift_repairs_total", "Drifted children applied again",
                                "controller", "resource")  # fmt: skip
        self._watch_ends = counter("katalog_watch_ends_total", "Watches ended, by cause",
                                   "controller", "resource", "cause")  # fmt: skip
        self._lists = counter("katalog_lists_total", "Full lists", "controller", "resource")
        self._list_repairs = counter("katalog_list_repairs_total", "Objects a list had to correct",
                                     "controller", "resource")  # fmt: skip
        self._events = counter("katalog_events_total", "Events by outcome", "outcome")
        self._requests = counter("rest_client_requests_total", "Requests to the API server",
                                 "code", "method", "host")  # fmt: skip
        self._request_seconds = histogram(
            "rest_client_request_duration_seconds", "Seconds to the answer", _RECONCILE_BUCKETS,
            "verb", "host",
        )  # fmt: skip
        for outcome in ("written", "failed", "spared", "dropped"):
            self._events.add(outcome, amount=0)
        ProcessCollector(registry=registry)
        registry.register(_Gauges(bundle, views, is_leading, lease_name))

    def render(self) -> bytes:
        """The exposition text; its type is `CONTENT_TYPE`."""
        return generate_latest(self.registry)

    def reconciled(self, controller: str, result: ReconcileResult, seconds: float) -> None:
        """See `observe.Metrics`."""
        self._total.add(controller, result)
        self._seconds.observe(seconds, controller)
        if result == "error":
            self._errors.add(controller)

    def panicked(self, controller: str) -> None:
        """See `observe.Metrics`."""
        self._panics.add(controller)

    def queue_added(self, controller: str) -> None:
        """See `observe.Metrics`."""
        self._added.add(controller)

    def queue_taken(self, controller: str, waited_seconds: float) -> None:
        """See `observe.Metrics`."""
        self._waited.observe(waited_seconds, controller)

    def queue_done(self, controller: str, worked_seconds: float) -> None:
        """See `observe.Metrics`."""
        self._worked.observe(worked_seconds, controller)

    def queue_retried(self, controller: str) -> None:
        """See `observe.Metrics`."""
        self._retried.add(controller)

    def queue_overflowed(self, controller: str) -> None:
        """See `observe.Metrics`."""
        self._overflowed.add(controller)

    def wrote(self, controller: str, verb: str, resource: str, outcome: str) -> None:
        """See `observe.Metrics`."""
        self._writes.add(controller, verb, resource, outcome)

    def repaired(self, controller: str, resource: str) -> None:
        """See `observe.Metrics`."""
        self._repairs.add(controller, resource)

    def watch_ended(self, controller: str, resource: str, cause: str) -> None:
        """See `observe.Metrics`."""
        self._watch_ends.add(controller, resource, cause)

    def listed(self, controller: str, resource: str, objects: int, repairs: int) -> None:
        """See `observe.Metrics`."""
        del objects  # a gauge of the views
        self._lists.add(controller, resource)
        self._list_repairs.add(controller, resource, amount=repairs)

    def requested(self, method: str, code: str, seconds: float) -> None:
        """A request to the API server was answered, or (`<error>`) was not."""
        self._requests.add(code, method, self._host)
        self._request_seconds.observe(seconds, method, self._host)

    def event(self, outcome: str) -> None:
        """An Event was `written`, refused (`failed`), `spared` as routine, or `dropped`."""
        self._events.add(outcome)


class _Gauges(Collector):
    """Gauges read from the views at the moment of the scrape."""

    def __init__(
        self,
        bundle: Bundle,
        views: Callable[[], Sequence[ControllerView]],
        is_leading: Callable[[], bool],
        lease_name: str,
    ) -> None:
        self._bundle = bundle
        self._views = views
        self._is_leading = is_leading
        self._lease_name = lease_name

    def describe(self) -> Iterable[Metric]:
        """Nothing: collecting is cheap, but registering must not ask the views yet."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """One family per fact, one sample per controller."""
        views = self._views()
        by_controller: tuple[tuple[str, str, Callable[[ControllerView], float]], ...] = (
            ("controller_runtime_active_workers", "Workers at work", lambda v: v.workers_busy),
            ("controller_runtime_max_concurrent_reconciles", "Workers", lambda v: v.workers),
            ("katalog_owners", "Custom resources in the cache", lambda v: v.resource_count),
            ("katalog_owners_ready", "Custom resources that are Ready", lambda v: v.ready_count),
            ("katalog_children", "Children in the cache", lambda v: v.child_count),
            ("katalog_queue_overflowed", "Keys marked to be swept", lambda v: v.queue_overflowed),
            ("katalog_oldest_unreconciled_seconds", "Longest wait",
             lambda v: v.queue_oldest_seconds),
            ("katalog_controller_degraded", "1 while degraded", lambda v: v.state == "degraded"),
        )  # fmt: skip
        for name, text, read in by_controller:
            family = GaugeMetricFamily(name, text, labels=["controller"])
            for view in views:
                family.add_metric([view.name], read(view))
            yield family
        depth = GaugeMetricFamily("workqueue_depth", "Keys that wait", labels=["name"])
        silent = GaugeMetricFamily(
            "katalog_watch_last_event_age_seconds", "Since the server last said anything",
            labels=["controller", "resource", "namespace"],
        )  # fmt: skip
        fresh = GaugeMetricFamily(
            "katalog_informer_fresh", "1 while synced and heard from",
            labels=["controller", "resource", "namespace"],
        )  # fmt: skip
        for view in views:
            depth.add_metric([view.name], view.queue_depth)
            for informer in view.informers:
                labels = [view.name, str(informer.api.group_resource), informer.namespace]
                silent.add_metric(labels, informer.silent_seconds)
                fresh.add_metric(labels, informer.fresh)
        yield from (depth, silent, fresh)
        leading = GaugeMetricFamily(
            "leader_election_master_status", "1 while this process leads", labels=["name"]
        )
        leading.add_metric([self._lease_name], self._is_leading())
        info = GaugeMetricFamily(
            "katalog_info", "The bundle", labels=["operator", "version", "compiler", "digest"]
        )
        bundle = self._bundle
        info.add_metric(
            [bundle.operator.name, bundle.operator.version, bundle.compiler, bundle.digest], 1
        )
        yield from (leading, info)
