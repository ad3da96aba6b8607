"""Figures of the calls to stores.

Owns what is counted of a call. Must never be slow: every call passes here.
"""

from __future__ import annotations

from catalog.metrics.families import STORE_CALLS, STORE_RUNNING, STORE_SECONDS
from catalog.metrics.metrics import Metrics


class StoreMeter:
    """Counts the calls to one store, by the name that the settings give it."""

    def __init__(self, metrics: Metrics, store: str) -> None:
        self._metrics, self._store = metrics, store

    def began(self, operation: str) -> None:
        """Count a call as running."""
        self._metrics.child(STORE_RUNNING, self._store, operation).inc()

    def ended(self, operation: str, result: str, seconds: float) -> None:
        """Count a call by its result."""
        metrics, store = self._metrics, self._store
        metrics.child(STORE_RUNNING, store, operation).dec()
        metrics.child(STORE_CALLS, store, operation, result).inc()
        metrics.child(STORE_SECONDS, store, operation).observe(seconds)
