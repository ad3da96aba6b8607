"""Imports into several stores, copies, and when an image becomes active."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from backends.memory import MemoryStore
from backends.wrap.faulty import Fault, FaultyStore
from backends.wrap.forwarding import Call
from catalog.store.errors import Full, Unavailable
from tests.api.importing import COLD, LISTS, LOCK, ImportApi
from tests.api.support import ROOT
from tests.servers.web_source import WebSource


@pytest.fixture(scope="module")
def one(source: WebSource) -> Iterator[ImportApi]:
    made = ImportApi(source)
    yield made
    made.close()


@pytest.fixture(scope="module")
def two(source: WebSource) -> Iterator[ImportApi]:
    made = ImportApi(source, cold=True)
    yield made
    made.close()


PLACES: list[tuple[dict[str, Any], list[str]]] = [
    ({}, ["default"]),
    ({"stores": []}, ["default"]),
    ({"stores": [COLD]}, [COLD]),
    ({"header": COLD}, [COLD]),
    ({"stores": [COLD, "default"]}, [COLD, "default"]),
    ({"stores": [COLD, COLD]}, [COLD]),
    ({"all_stores": True}, ["default", COLD]),
    ({"all_stores": True, "all_stores_must_succeed": False}, ["default", COLD]),
]


@pytest.mark.parametrize(("options", "stores"), PLACES)
@pytest.mark.parametrize("method", ["web-download", "glance-direct"])
def test_stores(two: ImportApi, method: str, options: dict[str, Any], stores: list[str]) -> None:
    direct = method == "glance-direct"
    image_id = two.staged() if direct else two.bare()
    two.check(image_id, two.done(image_id, method if direct else two.web(), **options), stores)


@pytest.mark.parametrize("options", [{"stores": ["nowhere"]}, {"header": "nowhere"}, {"all_stores": True}])
def test_with_one_store_names_do_not_matter(one: ImportApi, options: dict[str, Any]) -> None:
    image_id = one.bare()
    one.check(image_id, one.done(image_id, one.web(), **options), ["default"])


@pytest.mark.parametrize("options", [{"stores": [COLD]}, {"all_stores": True}, {"header": COLD}])
def test_copy_image(two: ImportApi, options: dict[str, Any]) -> None:
    image_id = two.active()
    two.check(image_id, two.done(image_id, "copy-image", ROOT, **options), ["default", COLD])
    assert two.start(image_id, "copy-image", ROOT, all_stores=True).status_code == 202  # it is everywhere
    assert len(two.get(f"/v2/images/{image_id}/tasks", ROOT).json["tasks"]) == 1


@pytest.mark.parametrize("all_must", [True, False])
def test_copy_stays_active_while_it_runs(source: WebSource, all_must: bool) -> None:
    seen: list[dict[str, Any]] = []

    def look(call: Call, number: int) -> Fault | None:
        if call.verb == "put":
            seen.append(api.show(image_id))
        return None

    api = ImportApi(source, cold=True, wrap_cold=lambda store: FaultyStore(store, look))
    image_id = api.active()
    api.done(image_id, "copy-image", ROOT, stores=[COLD], all_stores_must_succeed=all_must)
    assert [view["status"] for view in seen] == ["active"]
    assert seen[0]["os_glance_importing_to_stores"] == COLD
    assert seen[0][LOCK] == api.task(image_id)["id"]
    api.close()


@pytest.mark.parametrize(("all_must", "status"), [(True, "importing"), (False, "active")])
def test_when_an_image_becomes_active(source: WebSource, all_must: bool, status: str) -> None:
    seen: list[dict[str, Any]] = []

    def look(call: Call, number: int) -> Fault | None:
        if call.verb == "put":
            seen.append(api.show(image_id))
        return None

    api = ImportApi(source, cold=True, wrap_cold=lambda store: FaultyStore(store, look))
    image_id = api.bare()
    view = api.done(image_id, api.web(), stores=["default", COLD], all_stores_must_succeed=all_must)
    assert [found["status"] for found in seen] == [status]
    assert seen[0]["os_glance_importing_to_stores"] == COLD
    assert view["status"] == "active"
    api.close()


def test_one_store_is_enough(source: WebSource) -> None:
    def plan(call: Call, number: int) -> Fault | None:
        return Fault(before=Unavailable) if call.verb == "put" else None

    api = ImportApi(source, cold=True, wrap_cold=lambda store: FaultyStore(store, plan))
    for stores in (["default", COLD], [COLD, "default"]):
        image_id = api.bare()
        view = api.done(image_id, api.web(), stores=stores, all_stores_must_succeed=False)
        assert view["status"] == "active"
        assert [view[name] for name in LISTS] == ["", COLD]
        assert api.places(image_id) == ["default"]
        assert api.task(image_id)["status"] == "success"
        again = api.start(image_id, "copy-image", ROOT, stores=[COLD])
        assert again.status_code == 202
        api.wait()
        assert api.show(image_id)["os_glance_failed_import"] == COLD
    api.close()


PAIR = ["one", "two"]


@pytest.mark.parametrize("direct", [True, False])
@pytest.mark.parametrize("failing", [None, *PAIR])
@pytest.mark.parametrize("all_must", [True, False])
def test_stores_are_filled_at_once(source: WebSource, direct: bool, failing: str | None, all_must: bool) -> None:
    """The two stores after the first wait for each other, so neither ends before the other has begun."""
    meeting = threading.Barrier(2, timeout=20)

    def plan(name: str) -> Callable[[Call, int], Fault | None]:
        def meet(call: Call, number: int) -> Fault | None:
            if call.verb != "put":
                return None
            return Fault(pause=meeting.wait, before=Full if name == failing else None)

        return meet

    stores = {name: MemoryStore(name=name) for name in PAIR}
    blobs = {name: FaultyStore(store, plan(name)) for name, store in stores.items()}
    api = ImportApi(source, blobs=blobs, max_parallel_stores=2)
    image_id = api.staged() if direct else api.bare()
    method = "glance-direct" if direct else api.web()
    view = api.done(image_id, method, stores=["default", *PAIR], all_stores_must_succeed=all_must)
    good = ["default", *(name for name in PAIR if name != failing)]
    if failing and all_must:
        assert (view["status"], api.stored(image_id)) == ("queued", [])
        assert not any(list(store.list()) for store in stores.values())
    else:
        assert (view["status"], view["stores"].split(",")) == ("active", good)
        assert [name for name, store in stores.items() if list(store.list())] == good[1:]
    assert LOCK not in view
    assert view[LISTS[1]] == (failing or "")
    api.close()
