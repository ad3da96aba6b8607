"""Locations in lists, and lists that are current."""

from __future__ import annotations

from backends.memory import MemoryStore
from catalog.model import Location, encode
from catalog.service.identity import ADMIN
from catalog.service.representation import LocationView
from catalog.store.interface import Overwrite
from catalog.store.keys import sidecar
from tests.index.samples import image
from tests.service.listing.conftest import ALPHA, Catalog, one_store


def test_locations_are_shown_where_settings_say_so(tmp_path):
    store = MemoryStore()
    catalog = Catalog(tmp_path, LocationView(one_store(store), show_direct_url=True, show_locations=True))
    place = (Location("default", "images/x/data-1"),)
    catalog.add(image(1, locations=place), image(2, locations=place, status="deactivated"))
    shown = {caller: catalog.page("sort=id:asc", caller)["images"] for caller in (ALPHA, ADMIN)}
    urls = {caller: [one.get("direct_url") for one in images] for caller, images in shown.items()}
    assert urls == {ALPHA: ["memory:///images/x/data-1", None], ADMIN: ["memory:///images/x/data-1"] * 2}
    assert [len(one["locations"]) for one in shown[ALPHA]] == [1, 0]
    catalog.table.close()


def test_a_list_shows_what_was_written_before_it_began(catalog):
    catalog.add(image(1))
    assert catalog.numbers() == {1}
    catalog.add(image(1, revision=2, name="new"), image(2))
    assert [one["name"] for one in catalog.page("sort=id:asc")["images"]] == ["new", None]
    catalog.add(image(1, revision=3, status="deleted"))
    assert catalog.numbers() == {2}


def test_the_first_list_finds_what_was_there_before_the_process(catalog):
    one = image(1)
    catalog.store.put(sidecar(one.id), encode(one), Overwrite())
    assert catalog.numbers() == {1}


def test_the_index_can_be_lost(catalog, tmp_path):
    catalog.add(*[image(number, tags=("t",)) for number in range(30)], image(31, status="deleted"))
    before = catalog.listing.page(ALPHA, [("tag", "t")])
    (tmp_path / "new").mkdir()
    again = Catalog(tmp_path / "new", store=catalog.store)
    again.feed.fill(lambda done, total: None)
    assert again.listing.page(ALPHA, [("tag", "t")]) == before
    again.table.close()
