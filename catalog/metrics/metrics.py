"""The figures of one catalog.

Owns the registry and the counting. Must never ask a store for anything, nor wait: counting is on the way of every
request.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from catalog.clock import Clock
from catalog.metrics import families
from catalog.metrics.families import COUNTED, COUNTER, GAUGE, HISTOGRAM, Family
from catalog.metrics.looked_up import LookedUp, Sample

CONTENT_TYPE = CONTENT_TYPE_LATEST

_KINDS: Mapping[str, Any] = {COUNTER: Counter, GAUGE: Gauge}


class Metrics:
    """Counts, and prints what was counted. Every method is safe to call from many threads at once."""

    def __init__(self, version: str, clock: Clock) -> None:
        self.registry = CollectorRegistry()
        self._clock = clock
        self._families = {family: _made(family, self.registry) for family in COUNTED}
        self._children: dict[tuple[Family, tuple[str, ...]], Any] = {}
        self.child(families.BUILD, version).set(1)
        ProcessCollector(registry=self.registry)

    def child(self, family: Family, *labels: str) -> Any:
        """Give the counter, gauge or histogram of one set of labels."""
        key = (family, labels)
        found = self._children.get(key)
        if found is None:
            made = self._families[family]
            found = self._children[key] = made.labels(*labels) if labels else made
        return found

    def look_up(self, samples: Callable[[], Iterable[Sample]]) -> None:
        """Ask ``samples`` for further figures whenever somebody wants to know them."""
        self.registry.register(LookedUp(samples))

    def swept(self, removed: Mapping[str, int], failed: bool = False) -> None:
        """Take note of a sweep that ended: how much it removed of each kind of garbage."""
        self.child(families.SWEEPS, "failed" if failed else "ok").inc()
        for kind, count in removed.items():
            self.child(families.SWEPT, kind).inc(count)
        if not failed:
            self.child(families.SWEEP_AT).set(self._clock().timestamp())

    def text(self) -> bytes:
        """Print all figures in Prometheus' text format."""
        return generate_latest(self.registry)


def _made(family: Family, registry: CollectorRegistry) -> Any:
    if family.kind == HISTOGRAM:
        return Histogram(family.name, family.help, family.labels, registry=registry, buckets=family.buckets)
    return _KINDS[family.kind](family.name, family.help, family.labels, registry=registry)
