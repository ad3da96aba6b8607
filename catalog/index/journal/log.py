"""The journal of one epoch in the store.

Owns reading and appending entries by number. Must never decide what a missing entry means.
"""

from __future__ import annotations

from catalog.index.journal.entry import Entry, decode, encode
from catalog.store import keys
from catalog.store.errors import NotFound
from catalog.store.interface import Create, ObjectStore


class Log:
    """Entries by number, from 1."""

    def __init__(self, store: ObjectStore, epoch: str) -> None:
        self._store = store
        self.epoch = epoch

    def append(self, number: int, entry: Entry) -> None:
        """Store an entry under a number that is free. Raises AlreadyExists, OutcomeUnknown, StoreError."""
        self._store.put(keys.journal_entry(self.epoch, number), encode(entry), Create())

    def read(self, number: int) -> Entry | None:
        """Read an entry; None if there is none (yet, or any more). Raises Corrupt, StoreError."""
        try:
            with self._store.get(keys.journal_entry(self.epoch, number)) as body:
                return decode(body.read())
        except NotFound:
            return None

    def numbers(self, after: int) -> list[int]:
        """Give the numbers that exist after a number, in order. Raises StoreError."""
        folder = keys.journal_folder(self.epoch)
        start = keys.journal_entry(self.epoch, after)
        found = [keys.journal_number(self.epoch, info.key) for info in self._store.list(folder, start)]
        return sorted(number for number in found if number is not None and number > after)
