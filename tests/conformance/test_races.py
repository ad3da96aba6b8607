"""Many writers at once: one winner, no lost update; for processes see test_folder_processes.py."""

from __future__ import annotations

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest

from catalog.store.errors import AlreadyExists, Conflict, NotFound, OutcomeUnknown, PreconditionFailed, Unavailable
from catalog.store.interface import Create, ObjectStore, Overwrite, Update
from tests.conformance.conftest import Traits


def create(store: ObjectStore, key: str, name: str, barrier: threading.Barrier) -> bool:
    """Try to be the first."""
    barrier.wait()
    while True:
        try:
            store.put(key, name.encode(), Create())
        except AlreadyExists:
            return False
        except (Conflict, Unavailable):
            continue
        except OutcomeUnknown:
            return store.get(key).read() == name.encode()
        return True


def test_twenty_create_one(store: ObjectStore) -> None:
    barrier = threading.Barrier(20)
    with ThreadPoolExecutor(20) as pool:
        tries = [pool.submit(create, store, "images/1/image.json", str(number), barrier) for number in range(20)]
    winners = [number for number, attempt in enumerate(tries) if attempt.result()]
    assert len(winners) == 1
    assert store.get("images/1/image.json").read() == str(winners[0]).encode()


def increment(store: ObjectStore, key: str, times: int, seed: int, unsteady: tuple[type[Exception], ...] = ()) -> None:
    """Add one some times; each version is unlike all others, as sidecars are.

    ``unsteady`` is what a store may answer to one who reads an object while it is overwritten.
    """
    chance = random.Random(seed)
    for turn in range(times):
        while True:
            try:
                with store.get(key) as body:
                    value, etag = int(body.read().split()[0]), body.info.etag
            except unsteady:
                continue
            ours = f"{value + 1} {seed}/{turn}".encode()
            try:
                store.put(key, ours, Update(etag))
            except OutcomeUnknown:
                if store.get(key).read() == ours:
                    break
            except (PreconditionFailed, Conflict):
                time.sleep(chance.uniform(0, 0.02))
            else:
                break


def _unsteady(traits: Traits) -> tuple[type[Exception], ...]:
    return () if traits.steady_while_overwriting else (Unavailable,)


def test_five_increment_one(store: ObjectStore, traits: Traits) -> None:
    store.put("counter", b"0 start", Create())
    with ThreadPoolExecutor(5) as pool:
        for done in [pool.submit(increment, store, "counter", 10, seed, _unsteady(traits)) for seed in range(5)]:
            done.result()
    assert store.get("counter").read().split()[0] == b"50"


def test_overwrites_are_whole(store: ObjectStore, traits: Traits) -> None:
    size = 300_000
    store.put("key", b"0" * size, Create())
    stop = threading.Event()
    unsteady = _unsteady(traits)

    def write(name: int) -> None:
        while not stop.is_set():
            with suppress(*unsteady):
                store.put("key", str(name).encode() * size, Overwrite())

    with ThreadPoolExecutor(3) as pool:
        writers = [pool.submit(write, name) for name in (1, 2, 3)]
        try:
            for _ in range(30):
                with suppress(*unsteady):
                    body = store.get("key").read()
                    assert len(body) == size
                    assert len(set(body)) == 1
        finally:
            stop.set()
        for writer in writers:
            writer.result()


def test_puts_and_deletes_in_one_folder(store: ObjectStore, kind: str) -> None:
    """A folder that a delete leaves empty goes away, but never under a put."""
    rounds = 150 if kind in ("memory", "folder") else 15

    def work(name: str) -> None:
        for number in range(rounds):
            key = f"a/b/{name}{number}"
            store.put(key, name.encode(), Create())
            assert store.get(key).read() == name.encode()
            store.delete(key)
            with pytest.raises(NotFound):
                store.head(key)

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(work, name) for name in "wxyz"]:
            done.result()
    assert list(store.list()) == []
