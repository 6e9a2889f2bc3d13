"""Counters and histograms as plain numbers, put into Prometheus' form when they are scraped.

In: calls on the hot path, a dozen for each reconcile. Out: metric families. The package's own
`Counter` and `Histogram` lock and check with each call, for threads that this process does not
have; measured, they took as much time as reading the answers that they counted.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator

from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString


class _Values(Collector):
    """A family with one value for each combination of labels."""

    def __init__(self, name: str, text: str, labels: tuple[str, ...]) -> None:
        """Args: `name` as Prometheus shows it; `labels` are the labels' names, in order."""
        self._name = name
        self._text = text
        self._labels = labels

    def describe(self) -> Iterable[Metric]:
        """Nothing: names are told apart by whoever registers them."""
        return ()


class CounterValues(_Values):
    """Numbers that only grow."""

    def __init__(self, name: str, text: str, labels: tuple[str, ...]) -> None:
        """No combination of labels yet."""
        super().__init__(name, text, labels)
        self._values: dict[tuple[str, ...], float] = {}

    def add(self, *labels: str, amount: float = 1) -> None:
        """Count; an amount of 0 makes the combination known before it first happens."""
        self._values[labels] = self._values.get(labels, 0) + amount

    def collect(self) -> Iterator[Metric]:
        """One sample for each combination."""
        family = CounterMetricFamily(self._name, self._text, labels=self._labels)
        for labels, value in self._values.items():
            family.add_metric(labels, value)
        yield family


class HistogramValues(_Values):
    """How often values fell into buckets, and their sum."""

    def __init__(
        self, name: str, text: str, labels: tuple[str, ...], bounds: tuple[float, ...]
    ) -> None:
        """Args: `bounds` are upper bounds in ascending order; infinity is added."""
        super().__init__(name, text, labels)
        self._bounds = bounds
        self._shown = [*map(floatToGoString, bounds), "+Inf"]
        self._counts: dict[tuple[str, ...], list[int]] = {}
        self._sums: dict[tuple[str, ...], float] = {}

    def known(self, *labels: str) -> None:
        """The combination is shown before it first happens."""
        self._counts[labels] = [0] * len(self._shown)
        self._sums[labels] = 0.0

    def observe(self, value: float, *labels: str) -> None:
        """Count one value; a bound belongs to the bucket below it (`le`)."""
        if labels not in self._counts:
            self.known(*labels)
        self._counts[labels][bisect_left(self._bounds, value)] += 1
        self._sums[labels] += value

    def collect(self) -> Iterator[Metric]:
        """Cumulative buckets, as the exposition format has them."""
        family = HistogramMetricFamily(self._name, self._text, labels=self._labels)
        for labels, counts in self._counts.items():
            buckets, total = [], 0
            for shown, count in zip(self._shown, counts, strict=True):
                total += count
                buckets.append((shown, float(total)))
            family.add_metric(labels, buckets, self._sums[labels])
        yield family
