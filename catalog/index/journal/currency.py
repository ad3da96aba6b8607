"""Since when the table is known to have everything that was published.

Owns the order of requests and proofs, counted in ticks: no clock is involved. Must never read the journal. The node's
turn is held by whoever tells or asks.
"""

from __future__ import annotations

import itertools

from catalog.index.table import Table


class Currency:
    """The tick at which the last proof began that the table had everything."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._ticks = itertools.count(1)
        self._since, self._generation = 0, table.generation

    def tick(self) -> int:
        """Give the next tick; this needs no turn."""
        return next(self._ticks)

    def covers(self, tick: int) -> bool:
        """Tell whether the proof began after this tick, and is one of the present file: a new one begins behind."""
        return self._since > tick and self._generation == self._table.generation

    def proven(self, began: int) -> None:
        """Take note of a proof that began at a tick."""
        self._since, self._generation = began, self._table.generation
