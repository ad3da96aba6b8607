"""What a sweep costs in requests to the store."""

from __future__ import annotations

from typing import Any

from backends.wrap.counting import CountingStore
from catalog.clock import new_image_id
from catalog.model import HOME_STORE, Image, Location, StatusChange
from catalog.store import keys
from catalog.store.interface import Create
from tests.api.conftest import MakeApi
from tests.api.support import Api
from tests.sweeper.support import DAY, ended, sweep


def counted(make_api: MakeApi, **settings: Any) -> tuple[Api, CountingStore]:
    counting: list[CountingStore] = []

    def wrap(store: Any) -> CountingStore:
        counting.append(CountingStore(store))
        return counting[0]

    return make_api(wrap=wrap, deleted_retention=DAY, **settings), counting[0]


def fill(api: Api, count: int, status: str) -> None:
    """Store images with data and tell the index of them."""
    now, made = api.clock(), []
    history = (StatusChange("active", now, "upload complete"), StatusChange(status, now, "as the test wants it"))
    for _ in range(count):
        image_id = new_image_id()
        key = keys.blob(image_id, "1")
        api.memory.put(key, b"x", Create())
        place = Location(HOME_STORE, key)
        image = Image(image_id, now, now, status=status, size=1, attempt="1", history=history, locations=(place,))
        made.append(image)
    for image in made:
        api.catalog.records.create(image)


def test_a_sweep_with_nothing_to_do_lists_everything_once(make_api: MakeApi) -> None:
    """Its lists: tasks (two rules), images, index, signs of life; each page holds a thousand objects."""
    api, counting = counted(make_api)
    fill(api, 300, "active")
    api.clock.move(3 * DAY)
    counting.reset()
    assert ended(sweep(api)) == {}
    assert counting.counts() == {"put": 1, "list": 5, "list_uploads": 1, "get": 2}
    assert [call.key for call in counting.calls() if call.verb == "list"].count("images/") == 1


def test_a_sweep_that_does_not_walk_is_next_to_nothing(make_api: MakeApi) -> None:
    api, counting = counted(make_api)
    fill(api, 300, "active")
    counting.reset()
    assert ended(sweep(api, walk=False)) == {}
    assert counting.counts() == {"put": 1, "list": 2, "get": 1}


def test_deleted_images_go_by_batches(make_api: MakeApi) -> None:
    """Beyond the update of each tombstone (a read, a conditional write): at most one request for a hundred."""
    api, counting = counted(make_api)
    count = 3000
    fill(api, count, "deleted")
    api.clock.move(DAY)
    counting.reset()
    assert ended(sweep(api)) == {"deleted-data": count}
    verbs = counting.counts()
    updates = [call for call in counting.calls() if keys.sidecar_image_id(call.key)]
    assert len(updates) == 2 * count
    assert sum(verbs.values()) - len(updates) <= count / 100
    assert verbs["delete_many"] == 3
    assert "delete" not in verbs
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
