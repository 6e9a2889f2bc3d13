"""What Prometheus scrapes: the counted numbers, and gauges read from the controllers' views.

In: `OperatorMetrics` and, at each scrape, the views. Out: the text of `/metrics`. One registry per
`Exposition`, so that two operators in one process do not mix.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

from katalog_runtime.bundle import Bundle
from katalog_runtime.metric_values import CounterValues, HistogramValues
from katalog_runtime.metrics import OperatorMetrics
from katalog_runtime.observe import ControllerView

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Exposition:
    """The metrics of one operator in Prometheus' text format."""

    def __init__(
        self,
        metrics: OperatorMetrics,
        bundle: Bundle,
        *,
        views: Callable[[], Sequence[ControllerView]],
        is_leading: Callable[[], bool],
        lease_name: str,
    ) -> None:
        """Args: `views` and `is_leading` are asked at each scrape."""
        self._registry = CollectorRegistry()
        for family in metrics.families:
            self._registry.register(FamilyCollector(family))
        ProcessCollector(registry=self._registry)
        self._registry.register(_Gauges(bundle, views, is_leading, lease_name))

    def render(self) -> bytes:
        """The exposition text; its type is `CONTENT_TYPE`."""
        return generate_latest(self._registry)


class FamilyCollector(Collector):
    """Shows one family of plain numbers."""

    def __init__(self, family: CounterValues | HistogramValues) -> None:
        """The numbers are read at each scrape."""
        self._family = family

    def describe(self) -> Iterable[Metric]:
        """Nothing: names are told apart by whoever counts."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """One family, one sample (or one row of buckets) for each combination of labels."""
        match self._family:
            case CounterValues() as counter:
                yield _counter(counter)
            case HistogramValues() as histogram:
                yield _histogram(histogram)


def _counter(values: CounterValues) -> CounterMetricFamily:
    family = CounterMetricFamily(values.name, values.text, labels=values.labels)
    for labels, value in values.values.items():
        family.add_metric(labels, value)
    return family


def _histogram(values: HistogramValues) -> HistogramMetricFamily:
    """Cumulative buckets, as the exposition format has them."""
    family = HistogramMetricFamily(values.name, values.text, labels=values.labels)
    shown = [*map(floatToGoString, values.bounds), "+Inf"]
    for labels, counts in values.counts.items():
        buckets, total = [], 0
        for bound, count in zip(shown, counts, strict=True):
            total += count
            buckets.append((bound, float(total)))
        family.add_metric(labels, buckets, values.sums[labels])
    return family


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
