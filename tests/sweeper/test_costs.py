"""What a sweep costs in requests to the store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, TypeVar

from backends.wrap.counting import CountingStore
from backends.wrap.forwarding import Call
from catalog.clock import new_image_id
from catalog.index.rows import Prepared
from catalog.model import HOME_STORE, Image, Location, StatusChange, encode
from catalog.store import keys
from catalog.store.interface import Create
from tests.api.conftest import MakeApi
from tests.api.support import Api
from tests.sweeper.support import DAY, ended, sweep

T = TypeVar("T")
PAGE = 1000
"""Objects that one request of a listing gives."""
TURN = {"put": 2, "delete": 1}
"""What taking the turn costs: the lease, and an object that tells the time."""
OTHER_LISTS = 4
"""Lists beside that of the images, whatever there is: tasks for two rules, epochs of the index, signs of life."""


class PagesCounted(CountingStore):
    """Counts a further call for each further page of a listing, as drivers ask for them."""

    def _stream(self, call: Call, start: Callable[[], Iterator[T]]) -> Iterator[T]:
        for number, item in enumerate(super()._stream(call, start)):
            if number and number % PAGE == 0:
                self._around(call, bool)
            yield item


def counted(make_api: MakeApi, **settings: Any) -> tuple[Api, CountingStore]:
    counting: list[CountingStore] = []

    def wrap(store: Any) -> CountingStore:
        counting.append(PagesCounted(store))
        return counting[0]

    return make_api(wrap=wrap, deleted_retention=DAY, **settings), counting[0]


def with_data(api: Api, count: int, status: str) -> Iterator[Image]:
    """Store the data of images, and give their records."""
    now = api.clock()
    history = (StatusChange("active", now, "upload complete"), StatusChange(status, now, "as the test wants it"))
    for _ in range(count):
        image_id = new_image_id()
        key = keys.blob(image_id, "1")
        api.memory.put(key, b"x", Create())
        place = (Location(HOME_STORE, key),)
        yield Image(image_id, now, now, status=status, size=1, attempt="1", history=history, locations=place)


def fill(api: Api, count: int, status: str) -> None:
    """Store images with data and tell the index of them."""
    for image in list(with_data(api, count, status)):
        api.catalog.records.create(image)


def fill_past_the_journal(api: Api, count: int, status: str) -> None:
    """Store images with data as they are after a while: in the index, and in no entry of the journal any more."""
    table = api.catalog.world.table

    def stored(image: Image) -> Prepared:
        return table.prepare(image, api.memory.put(keys.sidecar(image.id), encode(image), Create()).etag)

    prepared = map(stored, with_data(api, count, status))
    while batch := list(islice(prepared, PAGE)):
        table.write(batch, {})


def test_a_sweep_with_nothing_to_do_lists_everything_once(make_api: MakeApi) -> None:
    """It takes the turn, asks for the time by an object of its own, and reads which epoch counts, and no record."""
    api, counting = counted(make_api)
    fill(api, 300, "active")
    api.clock.move(3 * DAY)
    counting.reset()
    assert ended(sweep(api)) == {}
    assert counting.counts() == {**TURN, "list": 1 + OTHER_LISTS, "list_uploads": 1, "get": 2}
    assert [call.key for call in counting.calls() if call.verb == "list"].count("images/") == 1


def test_a_sweep_over_many_live_images_asks_once_for_each_thousand_objects(make_api: MakeApi) -> None:
    api, counting = counted(make_api)
    images = 10_000  # bench/deletion.py does the same with 100,000
    fill_past_the_journal(api, images, "active")
    api.clock.move(3 * DAY)
    counting.reset()
    assert ended(sweep(api)) == {}
    pages = 2 * images // PAGE  # a record and its data
    assert counting.counts() == {**TURN, "list": pages + OTHER_LISTS, "list_uploads": 1, "get": 2}
    assert [call.key for call in counting.calls() if call.verb == "list"].count("images/") == pages


def test_a_sweep_that_does_not_walk_is_next_to_nothing(make_api: MakeApi) -> None:
    api, counting = counted(make_api)
    fill(api, 300, "active")
    counting.reset()
    assert ended(sweep(api, walk=False)) == {}
    assert counting.counts() == {**TURN, "list": 2, "get": 1}


def test_deleted_images_go_by_batches(make_api: MakeApi) -> None:
    """Beyond the update of each tombstone (a read, a conditional write): at most one request for a hundred."""
    api, counting = counted(make_api)
    count = 3000
    fill_past_the_journal(api, count, "deleted")
    api.clock.move(DAY)
    counting.reset()
    assert ended(sweep(api)) == {"deleted-data": count}
    verbs = counting.counts()
    updates = [call for call in counting.calls() if keys.sidecar_image_id(call.key)]
    assert len(updates) == 2 * count
    assert sum(verbs.values()) - len(updates) <= count / 100
    assert verbs["delete_many"] == 3
    assert verbs["delete"] == TURN["delete"]
    assert [info.key for info in api.memory.list("images/") if "data-" in info.key] == []


def test_tombstones_go_by_batches(make_api: MakeApi) -> None:
    api, counting = counted(make_api, tombstone_retention=DAY)
    fill(api, 500, "deleted")
    api.clock.move(DAY)
    sweep(api)
    api.clock.move(DAY + 1)
    counting.reset()
    assert ended(sweep(api)) == {"tombstones": 500}
    assert sum(counting.counts().values()) <= 20
    assert list(api.memory.list("images/")) == []
