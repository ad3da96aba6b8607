"""Changes of name of a metadata namespace beside each other: one wins, nothing is lost."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from catalog.errors import Clash, Missing, Unavailable
from catalog.service.metadefs.model import decode
from catalog.store.interface import ObjectStore
from catalog.store.keys import metadef_namespace
from tests.service.metadef_samples import namespace, records_over, renamed, seen, tagged
from tests.service.moving import with_old


def test_races(store: ObjectStore) -> None:
    """Writers add tags while others change the name to and fro: every tag that was promised is there at the end."""
    records_over(store).create(namespace("a"))
    promised: list[str] = []

    def add(worker: int) -> None:
        records = records_over(store)
        for number in range(15):
            for name in itertools.cycle("ab"):
                try:
                    records.update(name, tagged(f"{worker}-{number}"))
                    promised.append(f"{worker}-{number}")
                    break
                except Missing:
                    continue
                except Unavailable:
                    break

    def move() -> None:
        records = records_over(store)
        for name, other in [("a", "b"), ("b", "a")] * 10:
            with suppress(Missing, Clash, Unavailable):
                records.update(name, renamed(other))

    with ThreadPoolExecutor(6) as workers:
        running = [workers.submit(add, number) for number in range(4)] + [workers.submit(move) for _ in range(2)]
        for one in running:
            one.result()
    (tags,) = seen(store).values()
    assert sorted(promised) == tags
    assert len(promised) > 40


def test_rivals_for_one_name(store: ObjectStore) -> None:
    """Of many that want the same name one gets it; all are there afterwards."""
    for number in range(6):
        records_over(store).create(namespace(f"n{number}", f"t{number}"))

    def move(number: int) -> bool:
        try:
            records_over(store).update(f"n{number}", renamed("wanted"))
        except Clash:
            return False
        return True

    with ThreadPoolExecutor(6) as workers:
        won = list(workers.map(move, range(6)))
    assert sum(won) == 1
    assert sorted(tag for tags in seen(store).values() for tag in tags) == [f"t{number}" for number in range(6)]
    assert seen(store)["wanted"] == [f"t{won.index(True)}"]


def test_a_tombstone_has_no_parts() -> None:
    store = with_old()
    records_over(store).update("old", renamed("new"))
    left = decode(store.get(metadef_namespace("old")).read())
    assert (left.tags, left.moved_to, left.deleted_at is not None) == ((), "new", True)
