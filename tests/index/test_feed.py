"""The local feed: the index after a fill is what the sidecars say, whatever happens meanwhile."""

from __future__ import annotations

import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
import structlog

from backends.memory import MemoryStore
from catalog.index.feed import LocalFeed
from catalog.index.query import ListQuery
from catalog.index.table import Table
from catalog.model import Image, encode
from catalog.service.representation import render
from catalog.store.errors import Unavailable
from catalog.store.interface import Overwrite
from catalog.store.keys import blob, sidecar
from tests.index.samples import image, image_id

ALL = ListQuery(is_admin=True, visibility="all", limit=1000)


class Store(MemoryStore):
    """Counts what a fill reads, can fail, and can do something before an object is read."""

    def __init__(self) -> None:
        super().__init__()
        self.read: list[str] = []
        self.broken: set[str] = set()
        self.before_get = lambda key: None
        self.before_list = lambda: None

    def get(self, key, byte_range=None, if_none_match=None):
        self.before_get(key)
        self.read.append(key)
        if "get" in self.broken:
            raise Unavailable("no answer")
        return super().get(key, byte_range, if_none_match)

    def list(self, prefix="", start_after=""):
        if "list" in self.broken:
            raise Unavailable("no answer")
        found = super().list(prefix, start_after)
        self.before_list()
        return found

    def save(self, one: Image) -> str:
        return self.put(sidecar(one.id), encode(one), Overwrite()).etag


@pytest.fixture
def store():
    return Store()


@pytest.fixture
def index(tmp_path):
    opened = Table(tmp_path / "index.sqlite", render)
    yield opened
    opened.close()


@pytest.fixture
def feed(store, index):
    return LocalFeed(store, index)


def quiet(done: int, total: int) -> None:
    pass


def names(index: Table) -> dict[str, str | None]:
    return {row.id: row.image.name for row in index.page(ALL, with_record=True)}


def test_a_fill_brings_in_all_sidecars_and_nothing_else(store, index, feed):
    for number in range(600):
        one = image(number, name=f"n{number}", status="deleted" if number % 10 == 0 else "active")
        store.save(one)
        store.put(blob(one.id, "a1"), b"data", Overwrite())
    steps: list[tuple[int, int]] = []
    feed.fill(lambda done, total: steps.append((done, total)))
    assert names(index) == {image_id(number): f"n{number}" for number in range(600) if number % 10}
    assert len(index.etags()) == 600 == len(store.read)
    assert steps == sorted(steps)
    assert (steps[0], steps[-1]) == ((0, 600), (600, 600))


def test_a_second_fill_reads_only_what_changed(store, index, feed):
    for number in range(5):
        store.save(image(number))
    feed.fill(quiet)
    store.read.clear()
    store.save(image(2, revision=2, name="new"))
    store.save(image(7, name="added"))
    store.delete(sidecar(image_id(3)))
    feed.fill(quiet)
    assert sorted(store.read) == [sidecar(image_id(2)), sidecar(image_id(7))]
    assert names(index) == {**dict.fromkeys(image_id(n) for n in (0, 1, 4)), image_id(2): "new", image_id(7): "added"}
    store.read.clear()
    feed.fill(quiet)
    assert store.read == []


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"id": 3}', encode(image(2)), encode(image(1, name=["x"]))])
def test_a_damaged_sidecar_is_skipped_with_a_warning(store, index, feed, body):
    feed.publish(image(1), store.save(image(1)))
    store.save(image(5))
    store.put(sidecar(image_id(1)), body, Overwrite())
    with structlog.testing.capture_logs() as logs:
        feed.fill(quiet)
    assert list(names(index)) == [image_id(5)]
    assert [(line["log_level"], line["image"]) for line in logs] == [("warning", image_id(1))]


@pytest.mark.parametrize("broken", ["list", "get"])
def test_a_store_error_ends_the_fill_and_the_next_list_tries_again(store, index, feed, broken):
    store.save(image(1))
    store.broken.add(broken)
    for attempt in (feed.catch_up, lambda: feed.fill(quiet), feed.catch_up):
        with pytest.raises(Unavailable):
            attempt()
    store.broken.clear()
    feed.catch_up()
    assert list(names(index)) == [image_id(1)]


def test_catch_up_asks_the_store_nothing_after_the_fill(store, index, feed):
    feed.fill(quiet)
    store.broken |= {"list", "get"}
    feed.catch_up()
    feed.publish(image(1), "e")
    feed.catch_up()
    assert list(names(index)) == [image_id(1)]


def test_lists_wait_for_the_first_fill(store, index, feed):
    for number in range(300):
        store.save(image(number))
    with ThreadPoolExecutor(8) as executor:
        counts = list(executor.map(lambda _: (feed.catch_up(), index.count())[1], range(8)))
    assert counts == [300] * 8
    assert len(store.read) == 300


def test_what_is_published_during_a_fill_stays(store, index, feed):
    """Between the listing and the reading, images change, appear and end."""
    for number in (1, 2, 3):
        feed.publish(image(number), store.save(image(number)))
    store.save(image(1, revision=2, name="read by the fill"))

    def meanwhile() -> None:
        store.before_list = lambda: None
        for one in (
            image(2, revision=2, name="changed"),
            image(3, revision=2, status="deleted"),
            image(4, name="new"),
        ):
            feed.publish(one, store.save(one))

    store.before_list = meanwhile
    feed.fill(quiet)
    assert names(index) == {image_id(1): "read by the fill", image_id(2): "changed", image_id(4): "new"}


def test_a_later_publish_wins_over_what_the_fill_has_read(store, index, feed):
    feed.publish(image(1), store.save(image(1)))
    store.save(image(1, revision=2, name="two"))
    prepare = index.prepare

    def slow(one, etag):
        rows = prepare(one, etag)
        if one.name == "two":
            three = image(1, revision=3, name="three")
            feed.publish(three, store.save(three))
        return rows

    index.prepare = slow
    feed.fill(quiet)
    assert names(index) == {image_id(1): "three"}


def test_a_sidecar_that_goes_away_while_reading_is_dropped(store, index, feed):
    feed.publish(image(1), store.save(image(1)))
    store.save(image(1, revision=2))
    store.before_get = lambda key: store.delete(key)
    feed.fill(quiet)
    assert names(index) == {} == index.etags()


def test_a_bucket_restored_from_a_backup_is_shown_as_it_is(store, index, feed):
    feed.publish(image(1, revision=9, name="late"), store.save(image(1, revision=9, name="late")))
    store.save(image(1, revision=4, name="restored"))
    feed.fill(quiet)
    assert names(index) == {image_id(1): "restored"}


@pytest.mark.parametrize("moment", ["filled", "filling"])
def test_a_publish_that_fails_is_made_up_by_the_next_list(store, index, feed, monkeypatch, moment):
    changed = image(1, revision=2, name="changed")
    feed.publish(image(1), store.save(image(1)))

    def full(*args):
        raise sqlite3.OperationalError("database or disk is full")

    def failing_publish() -> None:
        store.before_list = lambda: None
        with monkeypatch.context() as patch:
            patch.setattr(index, "apply", full)
            feed.publish(changed, store.save(changed))

    if moment == "filled":
        feed.fill(quiet)
        failing_publish()
    else:
        store.before_list = failing_publish
        feed.fill(quiet)
    feed.catch_up()
    assert names(index) == {image_id(1): "changed"}


def test_many_writers_during_fills(store, index, feed):
    stop = threading.Event()

    def fill() -> None:
        while not stop.is_set():
            feed.fill(quiet)

    def write(number: int) -> None:
        one = image(number)
        for revision in range(1, 30):
            one = replace(one, revision=revision, name=f"r{revision}")
            feed.publish(one, store.save(one))

    with ThreadPoolExecutor(9) as executor:
        filling = executor.submit(fill)
        for done in [executor.submit(write, number) for number in range(8)]:
            done.result()
        stop.set()
        filling.result()
    assert names(index) == {image_id(number): "r29" for number in range(8)}
    assert {revision for _, revision in index.etags().values()} == {29}
