"""Counters and histograms as plain numbers; `exposition` puts them into Prometheus' form.

In: calls on the hot path, a dozen for each reconcile. Out: the numbers. The package's own `Counter`
and `Histogram` lock and check with each call, for threads that this process does not have;
measured, they took as much time as reading the answers that they counted.
"""

from __future__ import annotations

from bisect import bisect_left


class CounterValues:
    """Numbers that only grow, one for each combination of labels."""

    def __init__(self, name: str, text: str, labels: tuple[str, ...]) -> None:
        """Args: `name` as Prometheus shows it; `labels` are the labels' names, in order."""
        self.name = name
        self.text = text
        self.labels = labels
        self.values: dict[tuple[str, ...], float] = {}
        """By the labels' values."""

    def add(self, *labels: str, amount: float = 1) -> None:
        """Count; an amount of 0 makes the combination known before it first happens."""
        self.values[labels] = self.values.get(labels, 0) + amount


class HistogramValues:
    """How often values fell into buckets, and their sum, for each combination of labels."""

    def __init__(
        self, name: str, text: str, labels: tuple[str, ...], bounds: tuple[float, ...]
    ) -> None:
        """Args: `bounds` are upper bounds in ascending order; infinity is added."""
        self.name = name
        self.text = text
        self.labels = labels
        self.bounds = bounds
        self.counts: dict[tuple[str, ...], list[int]] = {}
        """By the labels' values: how many fell into each bucket and no smaller one."""
        self.sums: dict[tuple[str, ...], float] = {}

    def known(self, *labels: str) -> None:
        """The combination is shown before it first happens."""
        self.counts[labels] = [0] * (len(self.bounds) + 1)
        self.sums[labels] = 0.0

    def observe(self, value: float, *labels: str) -> None:
        """Count one value; a bound belongs to the bucket below it (`le`)."""
        if labels not in self.counts:
            self.known(*labels)
        self.counts[labels][bisect_left(self.bounds, value)] += 1
        self.sums[labels] += value
