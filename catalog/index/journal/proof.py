"""The proof that a node's position in the journal is one.

Owns when that was last known, and how it is found out: entries that others cleaned up must never be mistaken for
entries that were not written yet. Must never apply an entry.
"""

from __future__ import annotations

from catalog.clock import Monotonic
from catalog.index.journal.entry import Entry
from catalog.index.journal.epochs import Epochs
from catalog.index.journal.log import Log
from catalog.index.ledger import Position
from catalog.index.table import Table
from catalog.store.errors import Corrupt
from catalog.store.interface import ObjectStore

STALE_SECONDS = 6 * 3600.0
"""A position proven longer ago is proven again: the next entries may have come and been cleaned up."""


class Broken(Exception):
    """The journal does not go on from here: a gap, another history, or an entry that cannot be read."""


class Proof:
    """When it was last known that the journal goes on right after the position, and up to where."""

    def __init__(self, store: ObjectStore, table: Table, epochs: Epochs, monotonic: Monotonic) -> None:
        self._store, self._table, self._epochs, self._monotonic = store, table, epochs, monotonic
        self.at: float | None = None
        self.tip = 0
        """The last entry that existed at that time: whatever came later cannot have been cleaned up yet."""

    @property
    def fresh(self) -> bool:
        """Whether it was known not long ago."""
        return self.at is not None and self._monotonic() - self.at <= STALE_SECONDS

    def position(self) -> Position:
        """Give the node's position. Raises Broken if it has none."""
        position = self._table.position
        if position is None:
            raise Broken("the index was never filled")
        return position

    def read(self, position: Position, number: int) -> Entry | None:
        """Read an entry of the position's epoch; None if there is none. Raises Broken, StoreError."""
        try:
            return Log(self._store, position.epoch).read(number)
        except Corrupt as error:
            raise Broken(f"entry {number}: {error}") from error

    def look_back(self) -> None:
        """Make sure that what was read last is still there: the bucket may have been emptied, or put back.

        Only for a node that has just read on to the end, for the last entry is never cleaned up. Two requests, and
        none of them a list: those may lag where stores are eventually consistent. Raises Broken, StoreError.
        """
        position = self.position()
        if self._epochs.current() != position.epoch:
            raise Broken("there is another epoch")
        if position.number:
            entry = self.read(position, position.number)
            if entry is None or (position.op and entry.op != position.op):
                raise Broken(f"entry {position.number} is gone, or another one than before")

    def renew(self) -> None:
        """Make sure that the journal goes on right after the position. Raises Broken, StoreError."""
        if self.fresh:
            return
        began, position = self._monotonic(), self.position()
        if self._epochs.current() != position.epoch:
            raise Broken("there is another epoch")
        journal = Log(self._store, position.epoch)
        numbers = journal.numbers(max(position.number - 1, 0))
        if numbers[:1] == [position.number]:
            entry = self.read(position, position.number)
            if entry is not None and position.op and entry.op != position.op:
                raise Broken(f"entry {position.number} is another one than before")
            numbers = numbers[1:]
        elif not numbers and position.number:
            raise Broken(f"entry {position.number} is gone and none follows")
        if numbers != list(range(position.number + 1, position.number + 1 + len(numbers))):
            raise Broken(f"entries after {position.number} are missing")
        self.at, self.tip = began, numbers[-1] if numbers else position.number
