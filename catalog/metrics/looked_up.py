"""Figures that are looked up when somebody asks for them.

Owns their form. Must never fail as a whole: a part that cannot be read is left out, and the others are given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from catalog.metrics.families import COUNTER, LOOKED_UP, Family

Sample = tuple[Family, tuple[str, ...], float]
"""A figure, the values of its labels, and its value now."""


class LookedUp(Collector):
    """Hands over what ``samples`` gives."""

    def __init__(self, samples: Callable[[], Iterable[Sample]]) -> None:
        self._samples = samples

    def describe(self) -> Iterable[Metric]:
        """Name the figures without looking anything up."""
        return [_metric(family) for family in LOOKED_UP]

    def collect(self) -> Iterator[Metric]:
        """Look up all figures; one without a value is named all the same."""
        metrics = {family: _metric(family) for family in LOOKED_UP}
        for family, labels, value in self._samples():
            metrics[family].add_metric(labels, value)
        yield from metrics.values()


def _metric(family: Family) -> CounterMetricFamily | GaugeMetricFamily:
    if family.kind == COUNTER:
        return CounterMetricFamily(family.name, family.help, labels=family.labels)
    return GaugeMetricFamily(family.name, family.help, labels=family.labels)
