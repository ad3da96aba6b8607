"""A blob on its way out of a store: in order, within its memory, whatever fails on the way."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backends.wrap.faulty import Fault, FaultyStore
from backends.wrap.forwarding import Call
from catalog.store.errors import Corrupt, Denied, NotFound, StoreError, Unavailable
from catalog.store.interface import ByteRange, ObjectStore, Overwrite
from catalog.transfer.budget import Budget
from catalog.transfer.read_ahead import ReadAhead
from tests.transfer.stores import WatchedStore

KEY = "images/1/data-1"
DATA = bytes(number % 251 for number in range(10_000))
PLENTY = 10**9
SPEEDS: dict[str, Callable[[], Callable[[], float]]] = {
    "fast store": lambda: lambda: 0.0,
    "slow store": lambda: itertools.count(0.0, 1000.0).__next__,
}
"""Clocks by which a store is fast or slow."""
SPEED = pytest.mark.parametrize("speed", SPEEDS)
BOTH = pytest.mark.parametrize("parallel", [True, False], ids=["ranges", "one stream"])


def watched(parallel: bool = True) -> WatchedStore:
    store = WatchedStore(parallel_ranges=parallel)
    store.memory.put(KEY, DATA, Overwrite())
    return store


def reader(
    store: ObjectStore, start: int = 0, length: int = len(DATA), size: int = 1000, ahead: int = 3,
    budget: Budget | None = None, speed: str = "fast store",
) -> ReadAhead:  # fmt: skip
    span, clock = ByteRange(start, length), SPEEDS[speed]()
    return ReadAhead(store, KEY, span, size, ahead, budget or Budget(PLENTY), lambda s: None, monotonic=clock)


def ranges() -> int:
    return sum(thread.name.startswith("range") for thread in threading.enumerate())


@settings(max_examples=120, deadline=None)
@given(
    st.integers(0, len(DATA) - 1), st.integers(0, len(DATA)), st.sampled_from([1, 7, 999, 1000, 4096, 50_000]),
    st.integers(0, 5), st.sampled_from([0, 1000, 2500, PLENTY]), st.booleans(), st.sampled_from(list(SPEEDS)),
)  # fmt: skip
def test_any_range_comes_in_order(
    start: int, length: int, size: int, ahead: int, memory: int, parallel: bool, speed: str
) -> None:
    length = min(length, len(DATA) - start, size * 60)
    budget = Budget(memory)
    reading = reader(watched(parallel), start, length, size, ahead, budget, speed)
    assert b"".join(reading) == DATA[start : start + length]
    reading.close()
    assert budget.left == memory


@pytest.mark.parametrize(
    ("speed", "lengths"), [("fast store", [4000, 4000, 1200]), ("slow store", [4000, *[1000] * 5, 200])]
)
def test_ranges_are_asked_for_once_each(speed: str, lengths: list[int]) -> None:
    store = watched()
    reading = reader(store, 500, 9200, speed=speed)
    assert [len(block) for block in reading] == lengths
    assert store.count("get") == len(lengths)
    reading.close()


def test_one_stream_is_one_request() -> None:
    store = watched(parallel=False)
    assert b"".join(reader(store)) == DATA
    assert store.count("get") == 1


def test_nothing_asked_is_no_request() -> None:
    store = watched()
    reading = reader(store, 0, 0)
    assert list(reading) == []
    assert store.calls == []
    reading.close()


@pytest.mark.parametrize(
    ("speed", "ahead", "memory", "asked"),
    [
        ("fast store", 3, PLENTY, 2), ("fast store", 1, 0, 2), ("fast store", 0, PLENTY, 1),
        ("slow store", 3, PLENTY, 4), ("slow store", 0, PLENTY, 1), ("slow store", 3, 2000, 3),
        ("slow store", 3, 999, 1),
    ],
)  # fmt: skip
def test_what_is_fetched_ahead_is_bounded(speed: str, ahead: int, memory: int, asked: int) -> None:
    """A client that takes one block and then waits makes us hold what is ahead and no more."""
    store, budget = watched(), Budget(memory)
    reading = reader(store, ahead=ahead, budget=budget, speed=speed)
    blocks = iter(reading)
    next(blocks)
    for _ in range(100):
        if store.count("get") == asked:
            break
        threading.Event().wait(0.01)
    threading.Event().wait(0.02)
    assert store.count("get") == asked
    assert memory - budget.left <= ahead * 1000
    reading.close()
    assert budget.left == memory


@SPEED
@BOTH
@pytest.mark.parametrize("taken", [0, 1, 2, 5])
def test_closing_early_gives_everything_back(taken: int, parallel: bool, speed: str) -> None:
    before = ranges()
    budget = Budget(5000)
    reading = reader(watched(parallel), budget=budget, speed=speed)
    blocks = iter(reading)
    for _ in range(taken):
        next(blocks, b"")
    for _ in range(2):
        reading.close()
    assert budget.left == 5000
    assert ranges() == before


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
