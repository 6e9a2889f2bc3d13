"""Our plain numbers are exposed to the byte as the package's own counters and histograms are."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    disable_created_metrics,
    generate_latest,
)

from katalog_runtime.exposition import FamilyCollector
from katalog_runtime.metric_values import CounterValues, HistogramValues

BOUNDS = (0.1, 1.0, 10.0)
LABELS = st.sampled_from(("a", "b", 'quoted "c"\n'))
VALUES = st.one_of(st.sampled_from((0.0, 0.1, 1.0, 10.0, 11.0)), st.floats(0, 100))

disable_created_metrics()


def exposed(*families: CounterValues | HistogramValues) -> str:
    registry = CollectorRegistry()
    for each in families:
        registry.register(FamilyCollector(each))
    return generate_latest(registry).decode()


@settings(derandomize=True, deadline=None, max_examples=60)
@given(st.lists(st.tuples(LABELS, VALUES), max_size=12))
def test_they_read_as_the_packages_own(observed: list[tuple[str, float]]) -> None:
    registry = CollectorRegistry()
    counter = Counter("things_total", "Things", ("kind",), registry=registry)
    histogram = Histogram("wait_seconds", "Waits", ("kind",), buckets=BOUNDS, registry=registry)
    ours = CounterValues("things_total", "Things", ("kind",))
    waits = HistogramValues("wait_seconds", "Waits", ("kind",), BOUNDS)
    for kind, value in observed:
        counter.labels(kind).inc(value)
        histogram.labels(kind).observe(value)
        ours.add(kind, amount=value)
        waits.observe(value, kind)
    assert exposed(ours, waits) == generate_latest(registry).decode()


def test_what_is_known_is_shown_at_zero() -> None:
    counter = CounterValues("things_total", "Things", ("kind",))
    counter.add("a", amount=0)
    waits = HistogramValues("wait_seconds", "Waits", ("kind",), BOUNDS)
    waits.known("a")
    text = exposed(counter, waits)
    assert 'things_total{kind="a"} 0.0' in text
    assert 'wait_seconds_bucket{kind="a",le="+Inf"} 0.0' in text
