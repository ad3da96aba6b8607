"""Records in the store while others write and answers are lost."""

from __future__ import annotations

import itertools
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from backends.memory import MemoryStore
from backends.wrap.faulty import Fault, FaultyStore
from backends.wrap.forwarding import Call
from catalog.clock import new_token
from catalog.errors import Clash, Unavailable
from catalog.index.journal.feed import JournalFeed
from catalog.index.table import Table
from catalog.model import Image
from catalog.service.records import Records
from catalog.service.representation import render
from catalog.store.errors import OutcomeUnknown, StoreError
from catalog.store.errors import Unavailable as StoreUnavailable
from tests.service.recording import Published, new_image, records_over, tagged
from tests.service.samples import ID, NOW


def test_a_write_that_happened_unseen_reaches_the_lists_when_the_store_is_back(tmp_path: Path) -> None:
    """The answer is lost and the store stays away: the client gets an error, the lists must still learn of it."""
    away = False

    def plan(call: Call, number: int) -> Fault | None:
        nonlocal away
        if call.verb == "put" and call.key.startswith("images/"):
            away = True
            return Fault(after=OutcomeUnknown)
        return Fault(before=StoreUnavailable) if away else None

    table = Table(tmp_path / "index.sqlite", render)
    store = FaultyStore(MemoryStore(), plan)
    feed = JournalFeed(store, table, new_token, time.monotonic, threading.Lock())
    feed.fill(lambda done, total: None)
    records = Records(store, feed, lambda: NOW, new_token, lambda seconds: None)
    with pytest.raises(StoreUnavailable):
        records.create(new_image())
    with pytest.raises(StoreUnavailable):
        feed.catch_up()
    assert table.count() == 0
    away = False
    feed.catch_up()
    assert table.count() == 1
    table.close()


def test_eight_writers_lose_nothing() -> None:
    store, published = MemoryStore(), Published()
    records_over(store).create(new_image())
    names = [f"{writer}.{turn}" for writer in range(8) for turn in range(6)]
    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(lambda name: records_over(store, published).update(ID, tagged(name)), names))
    final = records_over(store).load(ID).image
    assert sorted(final.tags) == sorted(names)
    assert final.revision == 1 + len(names)
    assert sorted(image.revision for image in done) == list(range(2, 2 + len(names)))
    assert sorted(image.revision for image, _ in published.images) == list(range(2, 2 + len(names)))


def test_eight_creators_have_one_winner() -> None:
    store = MemoryStore()

    def create(number: int) -> int | None:
        try:
            return records_over(store).create(replace(new_image(), name=str(number))) and number
        except Clash:
            return None

    with ThreadPoolExecutor(8) as pool:
        winners = [number for number in pool.map(create, range(8)) if number is not None]
    assert len(winners) == 1
    assert records_over(store).load(ID).image.name == str(winners[0])


def test_writer_that_always_loses_is_told_to_come_back() -> None:
    inner = MemoryStore()
    other = records_over(inner)
    other.create(new_image())
    numbers = itertools.count()

    def plan(call: Call, number: int) -> Fault | None:
        steal = lambda: other.update(ID, tagged(str(next(numbers))))  # noqa: E731
        return Fault(pause=steal) if call.verb == "put" else None  # type: ignore[arg-type]

    with pytest.raises(Unavailable):
        records_over(FaultyStore(inner, plan)).update(ID, tagged("mine"))
    assert "mine" not in other.load(ID).image.tags


@pytest.mark.parametrize("fault", [Fault(before=OutcomeUnknown), Fault(after=OutcomeUnknown)], ids=["before", "after"])
@pytest.mark.parametrize("times", [1, 2, 3, 4])
@pytest.mark.parametrize("call", ["create", "update"])
def test_lost_answers(call: str, times: int, fault: Fault) -> None:
    inner, published = MemoryStore(), Published()
    if call == "update":
        records_over(inner).create(new_image())
    plan = lambda call, number: fault if call.verb == "put" and number <= times else None  # noqa: E731
    records = records_over(FaultyStore(inner, plan), published)
    act = (lambda: records.create(new_image())) if call == "create" else (lambda: records.update(ID, tagged("a")))
    before = 0 if call == "create" else 1
    if fault.before and times >= 3:
        with pytest.raises(Unavailable):
            act()
        found = records_over(inner).find(ID)
        assert (found.image.revision if found else 0) == before
        assert published.images == []
        assert published.doubtful == [ID]
        return
    assert act().revision == before + 1
    assert records_over(inner).load(ID).image.revision == before + 1
    assert [image.revision for image, _ in published.images] == [before + 1]


class Interleaving:
    """Many changes of one record, nested into each other at random points, with lost answers."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self._inner = MemoryStore()
        self._depth, self._left, self._names = 0, 25, itertools.count()
        self._records = records_over(FaultyStore(self._inner, self._plan))
        self.acknowledged: list[str] = []
        self.unknown: list[str] = []
        records_over(self._inner).create(new_image())

    def _plan(self, call: Call, number: int) -> Fault | None:
        pause = self._nested if self._depth < 4 and self._chance.random() < 0.3 else None
        loses = call.verb == "put" and self._chance.random() < 0.3
        lost: type[StoreError] | None = OutcomeUnknown if loses else None
        arrives = self._chance.random() < 0.6
        return Fault(pause=pause, before=None if arrives else lost, after=lost if arrives else None)

    def _nested(self) -> None:
        if self._left > 0:
            self.change()

    def change(self) -> None:
        """Add one name; whoever adds it knows whether that worked."""
        self._left -= 1
        name = str(next(self._names))
        self._depth += 1
        try:
            self._records.update(ID, tagged(name))
            self.acknowledged.append(name)
        except Unavailable:
            self.unknown.append(name)
        finally:
            self._depth -= 1

    def run(self) -> Image:
        while self._left > 0:
            self.change()
        return records_over(self._inner).load(ID).image


@pytest.mark.parametrize("seeds", [range(begin, begin + 50) for begin in range(0, 300, 50)], ids=str)
def test_interleavings_with_lost_answers(seeds: range) -> None:
    """No acknowledged change is lost, none is applied twice, and each has its own revision."""
    for seed in seeds:
        run = Interleaving(seed)
        final = run.run()
        assert len(final.tags) == len(set(final.tags)), f"seed {seed}: applied twice"
        assert set(run.acknowledged) <= set(final.tags) <= {*run.acknowledged, *run.unknown}, f"seed {seed}: lost"
        assert final.revision == 1 + len(final.tags), f"seed {seed}"
        assert len(run.acknowledged) > 5, f"seed {seed}: hardly anything worked"
