"""A blob on its way out of a store: in order, and within its memory."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.transfer.budget import Budget
from tests.transfer.reading import BOTH, DATA, SPEED, SPEEDS, reader, watched
from tests.transfer.stores import PLENTY


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
    for _ in range(6000):
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
