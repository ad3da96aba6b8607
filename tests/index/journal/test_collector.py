"""The clean-up of the journal goes by the store's time, whatever its clock said before."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from backends.local import LocalStore
from catalog.clock import new_token
from catalog.index.journal.collector import Collector
from catalog.store import keys
from catalog.store.errors import NotFound
from catalog.store.interface import Create
from tests.api.support import MovedClock

EPOCH = "epoch"
DAY = 86400.0


class TwoWhole:
    """Stands for two snapshots that cover all entries."""

    def numbers(self, epoch: str) -> Sequence[int]:
        return [9, 8]

    def is_whole(self, epoch: str, number: int) -> bool:
        return True

    def manifest(self, epoch: str, number: int) -> object:
        raise NotFound(epoch)


def test_young_entries_stay_after_the_clock_of_a_folder_was_ahead(tmp_path: Path) -> None:
    clock = MovedClock()
    clock.move(2 * DAY)
    store = LocalStore(tmp_path / "store", clock=clock)
    store.prepare(create=True)
    collector = Collector(store, TwoWhole(), new_token)  # type: ignore[arg-type]
    collector.collect(EPOCH)
    clock.move(-2 * DAY)
    entries = [store.put(keys.journal_entry(EPOCH, number), b"", Create()).key for number in (1, 2)]
    clock.move(DAY)
    collector.collect(EPOCH)
    assert [info.key for info in store.list()] == entries
    clock.move(1)
    collector.collect(EPOCH)
    assert list(store.list()) == []
