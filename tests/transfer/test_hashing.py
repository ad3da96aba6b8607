"""MD5 and SHA-512 side by side, and the memory that transfers share."""

from __future__ import annotations

import hashlib
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.transfer.budget import Budget
from catalog.transfer.hashing import Hasher


def threads() -> int:
    return sum(thread.name.startswith("hash-") for thread in threading.enumerate())


@given(st.lists(st.binary(max_size=200), max_size=12))
def test_any_split_gives_the_hashes_of_the_whole(blocks: list[bytes]) -> None:
    hasher = Hasher()
    for block in blocks:
        hasher.update(block)
    digests = hasher.finish()
    whole = b"".join(blocks)
    assert digests.md5 == hashlib.md5(whole).hexdigest()
    assert digests.sha512 == hashlib.sha512(whole).hexdigest()


@pytest.mark.parametrize("blocks", [0, 1, 4, 5, 50])
def test_finish_leaves_no_thread(blocks: int) -> None:
    before = threads()
    hasher = Hasher()
    for _ in range(blocks):
        hasher.update(b"x" * 2**18)
    assert threads() == before + (2 if blocks > 4 else 0)
    hasher.finish()
    assert threads() == before


def test_budget_lends_all_or_nothing() -> None:
    budget = Budget(100)
    assert budget.try_take(60)
    assert not budget.try_take(41)
    assert budget.left == 40
    assert budget.try_take(40)
    assert not budget.try_take(1)
    assert budget.try_take(0)
    budget.give_back(60)
    assert budget.left == 60
    assert budget.try_take(60)


def test_budget_of_nothing() -> None:
    assert not Budget(0).try_take(1)


def test_budget_under_many_threads() -> None:
    budget = Budget(10)
    most = 0
    lent = 0
    lock = threading.Lock()

    def work(_: int) -> bool:
        nonlocal most, lent
        if not budget.try_take(3):
            return False
        with lock:
            lent += 3
            most = max(most, lent)
        with lock:
            lent -= 3
        budget.give_back(3)
        return True

    with ThreadPoolExecutor(16) as pool:
        assert any(pool.map(work, range(2000)))
    assert budget.left == 10
    assert most <= 10
