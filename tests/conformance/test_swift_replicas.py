"""The fence over a Swift of three replicas and two processes of each server, two proxies among them.

Races alone: the whole suite runs over a Swift in one process, which is a little quicker, and passes here as well.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from backends.swift.client import SwiftClient
from backends.swift.fenced import FencedStore
from backends.swift.store import SwiftStore
from backends.swift.timed import SwiftClaims, fenced
from catalog.clock import new_token
from catalog.store.errors import StoreError, Unavailable
from catalog.store.interface import Create
from tests.conformance.test_races import create, increment
from tests.servers.swift import SwiftServer

ROUNDS, WRITERS = 5, 10


@pytest.fixture(scope="module")
def client() -> Iterator[SwiftClient]:
    with SwiftServer(workers=2, replicas=3) as server:
        made = server.client()
        yield made
        made.close()


@pytest.fixture
def place(client: SwiftClient) -> SwiftStore:
    made = SwiftStore(client, "replicas", f"test/{new_token()}")
    made.prepare(create=True)
    return made


@pytest.fixture
def stores(place: SwiftStore, tmp_path: Path) -> list[FencedStore]:
    """Two processes of the writing host."""
    made = [fenced(place, tmp_path / "host") for _ in range(2)]
    for store in made:
        store.prepare(create=False)
    return made


def test_no_epoch_has_two_owners(place: SwiftStore) -> None:
    """Of several replicas each may have another first one: then nobody owns it, and the next number is tried."""
    claims, barrier = SwiftClaims(place), threading.Barrier(WRITERS)

    def claim(epoch: int) -> bool:
        barrier.wait()
        try:
            return claims.claim(epoch)
        except StoreError:
            return False  # no certain answer is no claim

    with ThreadPoolExecutor(WRITERS) as pool:
        for epoch in range(1, ROUNDS + 1):
            tries = [pool.submit(claim, epoch) for _ in range(WRITERS)]
            assert sum(one.result() for one in tries) <= 1
            assert claims.probe(epoch).taken


def test_one_of_many_creates(stores: list[FencedStore]) -> None:
    barrier = threading.Barrier(WRITERS)
    with ThreadPoolExecutor(WRITERS) as pool:
        for turn in range(ROUNDS):
            tries = [
                pool.submit(create, stores[number % 2], f"key/{turn}", str(number), barrier)
                for number in range(WRITERS)
            ]
            winners = [number for number, one in enumerate(tries) if one.result()]
            assert len(winners) == 1
            assert stores[0].get(f"key/{turn}").read() == str(winners[0]).encode()


def test_no_update_is_lost(stores: list[FencedStore]) -> None:
    stores[0].put("counter", b"0 start", Create())
    with ThreadPoolExecutor(3) as pool:
        tries = [pool.submit(increment, stores[seed % 2], "counter", 5, seed, (Unavailable,)) for seed in range(3)]
        for done in tries:
            done.result()
    assert stores[1].get("counter").read().split()[0] == b"15"
