"""A blob on its way out of a store: in order, within its memory, whatever fails on the way."""

from __future__ import annotations

import threading
from collections.abc import Iterator

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
BOTH = pytest.mark.parametrize("parallel", [True, False], ids=["ranges", "one stream"])


def watched(parallel: bool = True) -> WatchedStore:
    store = WatchedStore(parallel_ranges=parallel)
    store.memory.put(KEY, DATA, Overwrite())
    return store


def reader(
    store: ObjectStore, start: int = 0, length: int = len(DATA), size: int = 1000, ahead: int = 3,
    budget: Budget | None = None,
) -> ReadAhead:  # fmt: skip
    span = ByteRange(start, length)
    return ReadAhead(store, KEY, span, size, ahead, budget or Budget(PLENTY), lambda seconds: None)


def ranges() -> int:
    return sum(thread.name.startswith("range") for thread in threading.enumerate())


@settings(max_examples=120, deadline=None)
@given(
    st.integers(0, len(DATA) - 1), st.integers(0, len(DATA)), st.sampled_from([1, 7, 999, 1000, 4096, 50_000]),
    st.integers(0, 5), st.sampled_from([0, 1000, 2500, PLENTY]), st.booleans(),
)  # fmt: skip
def test_any_range_comes_in_order(start: int, length: int, size: int, ahead: int, memory: int, parallel: bool) -> None:
    length = min(length, len(DATA) - start, size * 60)
    budget = Budget(memory)
    reading = reader(watched(parallel), start, length, size, ahead, budget)
    assert b"".join(reading) == DATA[start : start + length]
    reading.close()
    assert budget.left == memory


def test_ranges_are_asked_for_once_each() -> None:
    store = watched()
    reading = reader(store, 500, 4200)
    assert [len(block) for block in reading] == [1000, 1000, 1000, 1000, 200]
    assert store.count("get") == 5
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


@pytest.mark.parametrize(("ahead", "memory", "asked"), [(3, PLENTY, 4), (0, PLENTY, 1), (3, 2000, 3), (3, 999, 1)])
def test_what_is_fetched_ahead_is_bounded(ahead: int, memory: int, asked: int) -> None:
    """A client that takes one block and then waits makes us hold what is ahead and no more."""
    store, budget = watched(), Budget(memory)
    reading = reader(store, ahead=ahead, budget=budget)
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


@BOTH
@pytest.mark.parametrize("taken", [0, 1, 2, 5])
def test_closing_early_gives_everything_back(taken: int, parallel: bool) -> None:
    before = ranges()
    budget = Budget(5000)
    reading = reader(watched(parallel), budget=budget)
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
@pytest.mark.parametrize("at", [0, 1, 5, 9])
@pytest.mark.parametrize("times", [1, 2, 3])
def test_failing_ranges_are_asked_for_again(fault: Fault, at: int, times: int) -> None:
    reading = reader(faulty(watched(), failing(times, fault, at)), ahead=2)
    assert b"".join(reading) == DATA
    reading.close()


@pytest.mark.parametrize("failure", [Unavailable, Denied, NotFound, Corrupt])
@pytest.mark.parametrize("ahead", [0, 2])
def test_failure_that_stays_ends_the_reading(failure: type[StoreError], ahead: int) -> None:
    budget = Budget(PLENTY)
    reading = reader(faulty(watched(), failing(1000, Fault(before=failure), at=4)), ahead=ahead, budget=budget)
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


def test_shorter_blob_than_told_is_never_taken_for_whole() -> None:
    store = watched()
    store.memory.put(KEY, DATA[:5500], Overwrite())
    reading = reader(store)
    with pytest.raises((Corrupt, Unavailable)):
        b"".join(reading)
    reading.close()
