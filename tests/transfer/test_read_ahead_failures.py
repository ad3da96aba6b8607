"""A blob on its way out of a store that fails: whole after all, or an error and nothing kept."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator

import pytest

from backends.wrap.faulty import Fault, FaultyStore
from backends.wrap.forwarding import Call
from catalog.store.errors import Corrupt, Denied, NotFound, StoreError, Unavailable
from catalog.store.interface import ByteRange, ObjectStore, Overwrite
from catalog.transfer.budget import Budget
from catalog.transfer.read_ahead import ReadAhead
from tests.transfer.reading import BOTH, DATA, SPEED, reader, watched
from tests.transfer.stores import KEY, PLENTY


def failing(times: int, fault: Fault, at: int = 0) -> Iterator[Fault | None]:
    yield from [None] * at
    yield from [fault] * times
    while True:
        yield None


def faulty(store: ObjectStore, faults: Iterator[Fault | None]) -> FaultyStore:
    lock = threading.Lock()

    def plan(call: Call, number: int) -> Fault | None:
        with lock:
            return next(faults) if call.verb == "get" else None

    return FaultyStore(store, plan)


@pytest.mark.parametrize("fault", [Fault(before=Unavailable), Fault(cut=0), Fault(cut=10), Fault(cut=999)], ids=str)
@pytest.mark.parametrize("at", [0, 1, 2, 5])
@pytest.mark.parametrize("times", [1, 2, 3])
@SPEED
def test_failing_ranges_are_asked_for_again(fault: Fault, at: int, times: int, speed: str) -> None:
    reading = reader(faulty(watched(), failing(times, fault, at)), ahead=2, speed=speed)
    assert b"".join(reading) == DATA
    reading.close()


@pytest.mark.parametrize("failure", [Unavailable, Denied, NotFound, Corrupt])
@pytest.mark.parametrize(("speed", "ahead"), [("fast store", 0), ("fast store", 2), ("slow store", 2)])
def test_failure_that_stays_ends_the_reading(failure: type[StoreError], speed: str, ahead: int) -> None:
    budget, store = Budget(PLENTY), faulty(watched(), failing(1000, Fault(before=failure), at=1))
    reading = reader(store, ahead=ahead, budget=budget, speed=speed)
    got = b""
    with pytest.raises(failure):
        for block in reading:
            got += block
    assert DATA.startswith(got)
    assert len(got) == 4000
    reading.close()
    assert budget.left == PLENTY


@BOTH
@pytest.mark.parametrize("failure", [NotFound, Denied, Unavailable])
def test_failure_at_once_shows_before_any_byte(failure: type[StoreError], parallel: bool) -> None:
    with pytest.raises(failure):
        reader(faulty(watched(parallel), failing(1000, Fault(before=failure))))


def test_where_there_is_another_place_the_first_bytes_are_asked_for_once() -> None:
    store = faulty(watched(), failing(1, Fault(before=Unavailable)))
    span = ByteRange(0, len(DATA))
    with pytest.raises(Unavailable):
        ReadAhead(store, KEY, span, 1000, 0, Budget(PLENTY), lambda seconds: None, patient=False)


def test_a_stream_that_breaks_off_goes_on_where_it_was_as_often_as_it_moves() -> None:
    """The store drops idle connections: a slow client meets that many times."""
    store = watched()
    reading = reader(faulty(store, itertools.repeat(Fault(cut=700))), ahead=0)
    assert b"".join(reading) == DATA
    assert store.count("get") == 15
    reading.close()


def test_a_stream_that_gives_nothing_is_given_up() -> None:
    store = watched()
    reading = reader(faulty(store, itertools.repeat(Fault(cut=0))), ahead=0)
    with pytest.raises(Unavailable):
        b"".join(reading)
    assert store.count("get") == 4
    reading.close()


def test_shorter_blob_than_told_is_never_taken_for_whole() -> None:
    store = watched()
    store.memory.put(KEY, DATA[:5500], Overwrite())
    reading = reader(store)
    with pytest.raises((Corrupt, Unavailable)):
        b"".join(reading)
    reading.close()
