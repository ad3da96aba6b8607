"""Clean-up of the journal and of old snapshots.

Owns what may go: entries that the second-newest whole snapshot covers and that are older than a day by the store's
clock, and all snapshots but three. Must never remove what a node may still need (docs/design/0001-index.md).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from catalog.clock import NewId
from catalog.index.journal.snapshot import Snapshots
from catalog.store import keys
from catalog.store.clock import store_time
from catalog.store.errors import Corrupt, NotFound
from catalog.store.interface import ObjectStore

KEPT_SNAPSHOTS = 3
MINIMUM_AGE = timedelta(hours=24)


class Collector:
    """Removes what no node needs any more."""

    def __init__(self, store: ObjectStore, snapshots: Snapshots, new_token: NewId) -> None:
        self._store, self._snapshots, self._new_token = store, snapshots, new_token
        self._whole: set[tuple[str, int]] = set()

    def collect(self, epoch: str) -> None:
        """Clean up once. Safe on many nodes at once. Raises StoreError."""
        numbers = self._snapshots.numbers(epoch)
        whole = [number for number in numbers[:KEPT_SNAPSHOTS] if self._is_whole(epoch, number)]
        if len(whole) < 2:
            return
        now = store_time(self._store, self._new_token)
        # Ascending, so that a clean-up that stops half-way leaves no gap.
        for info in sorted(self._store.list(keys.journal_folder(epoch)), key=lambda info: info.key):
            number = keys.journal_number(epoch, info.key)
            if number is None or number > whole[1]:
                continue
            if now - info.modified <= MINIMUM_AGE:
                break
            self._store.delete(info.key)
        self._drop_snapshots(epoch, set(numbers[:KEPT_SNAPSHOTS]) | set(whole), now)

    def _is_whole(self, epoch: str, number: int) -> bool:
        if (epoch, number) not in self._whole and self._snapshots.is_whole(epoch, number):
            self._whole.add((epoch, number))
        return (epoch, number) in self._whole

    def _drop_snapshots(self, epoch: str, kept: set[int], now: datetime) -> None:
        """Remove old snapshots, manifest first, and pieces that no kept manifest names and nobody is writing."""
        named: set[str] = set()
        for number in kept:
            try:
                named.update(piece.key for piece in self._snapshots.manifest(epoch, number).pieces)
                named.add(keys.snapshot_manifest(epoch, number))
            except (Corrupt, NotFound):
                continue
        found = [info for info in self._store.list(keys.snapshot_folder(epoch)) if info.key not in named]
        for info in sorted(found, key=lambda info: not info.key.endswith("manifest.json")):
            snapshot = keys.snapshot_number(epoch, info.key)
            if (snapshot is not None and snapshot not in kept) or now - info.modified > MINIMUM_AGE:
                self._store.delete(info.key)
