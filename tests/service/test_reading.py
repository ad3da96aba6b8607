"""Data that comes from several places: whole and right whatever fails, or an error; never something else."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import cycle

import pytest

from backends.wrap.faulty import Fault, FaultyStore
from catalog.model import Image, Location
from catalog.service.reading import Reading
from catalog.store.errors import NotFound, StoreError, Unavailable
from catalog.store.interface import ByteRange, ObjectStore, Overwrite
from catalog.store.keys import blob, is_blob_of
from catalog.transfer.budget import Budget
from catalog.transfer.read_ahead import ReadAhead
from tests.service.samples import ID, NOW
from tests.transfer.stores import WatchedStore

DATA = bytes(number % 251 for number in range(5000))
OTHER = bytes(reversed(DATA))
IMAGE = Image(ID, NOW, NOW)
WHOLE = ByteRange(0, len(DATA))
RANGE = 1000
"""Bytes of one request: a range that is streamed is four times as long as the size that is given."""
MEMORY = 10_000


def is_own(image_id: str, place: Location) -> bool:
    return is_blob_of(image_id, place.key)


class Places:
    """Stores by name, each with the image's data at ``place``; ``opened`` tells which were asked, from where."""

    def __init__(self, **faults: Iterator[Fault | None]) -> None:
        self.budget, self.opened = Budget(MEMORY), []
        self.stores: dict[str, ObjectStore] = {}
        for name, plan in faults.items():
            store = WatchedStore(parallel_ranges=True)
            store.memory.put(blob(ID, name), DATA, Overwrite())
            store.memory.put(f"foreign/{name}", OTHER, Overwrite())
            self.stores[name] = FaultyStore(store, self._plan(plan))

    def _plan(self, faults: Iterator[Fault | None]):
        return lambda call, number: next(faults) if call.verb == "get" else None

    def open(self, place: Location, span: ByteRange, patient: bool) -> ReadAhead:
        self.opened.append((place.store, span.start))
        store = self.stores[place.store]
        return ReadAhead(store, place.key, span, RANGE // 4, 0, self.budget, lambda seconds: None, patient)

    def read(self, *places: Location, span: ByteRange = WHOLE) -> bytes:
        reading = Reading(IMAGE, places, span, self.open, is_own)
        try:
            return b"".join(reading)
        finally:
            reading.close()
            assert self.budget.left == MEMORY


def own(name: str) -> Location:
    return Location(name, blob(ID, name))


def well() -> Iterator[None]:
    return cycle([None])


def breaks_after(reads: int) -> Iterator[Fault | None]:
    yield from [None] * reads
    while True:
        yield Fault(before=Unavailable)


@pytest.mark.parametrize("reads", [1, 2, 4])
def test_a_transfer_goes_on_at_the_next_location(reads: int) -> None:
    places = Places(fast=breaks_after(reads), slow=well())
    assert places.read(own("fast"), own("slow")) == DATA
    assert places.opened == [("fast", 0), ("slow", RANGE * reads)]


def test_a_range_goes_on_at_its_own_offset() -> None:
    places = Places(fast=breaks_after(2), slow=well())
    assert places.read(own("fast"), own("slow"), span=ByteRange(700, 3000)) == DATA[700:3700]
    assert places.opened[1] == ("slow", 2700)


def test_every_location_may_fail_in_turn() -> None:
    places = Places(one=breaks_after(1), two=breaks_after(1), three=breaks_after(0), four=well())
    assert places.read(*map(own, ["one", "two", "three", "four"])) == DATA


def test_the_first_failure_is_told_when_all_have_failed() -> None:
    places = Places(fast=breaks_after(2), slow=breaks_after(1))
    with pytest.raises(Unavailable):
        places.read(own("fast"), own("slow"))


def test_data_of_others_is_never_joined_to_what_was_sent() -> None:
    places = Places(fast=breaks_after(2), slow=well())
    with pytest.raises(Unavailable):
        places.read(own("fast"), Location("slow", "foreign/slow"))
    places = Places(fast=breaks_after(0), slow=well())
    assert places.read(own("fast"), Location("slow", "foreign/slow")) == OTHER  # nothing was sent before


def test_missing_everywhere_is_not_found() -> None:
    places = Places(fast=well(), slow=well())
    with pytest.raises(NotFound):
        places.read(Location("fast", blob(ID, "gone")), Location("slow", blob(ID, "gone")))


@pytest.mark.parametrize("seed", range(60))
def test_any_failures_give_all_or_an_error(seed: int) -> None:
    choice = random.Random(seed)

    def plan() -> Iterator[Fault | None]:
        while True:
            fault = Fault(before=choice.choice([Unavailable, NotFound])) if choice.random() < 0.3 else None
            yield Fault(cut=choice.randrange(900)) if fault is None and choice.random() < 0.2 else fault

    places = Places(one=plan(), two=plan(), three=plan())
    start = choice.randrange(len(DATA))
    length = choice.randrange(1, len(DATA) - start + 1)
    try:
        got = places.read(*map(own, ["one", "two", "three"]), span=ByteRange(start, length))
    except StoreError:
        return
    assert got == DATA[start : start + length]
