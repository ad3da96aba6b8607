"""Records in the store: create, read, change."""

from __future__ import annotations

from dataclasses import replace

import orjson
import pytest

from backends.memory import MemoryStore
from backends.wrap.counting import CountingStore
from catalog.errors import Clash, Forbidden, Missing
from catalog.model import Image
from catalog.service.records import is_image_id
from tests.service.recording import Published, new_image, records_over, tagged
from tests.service.samples import ID


def test_create_and_load() -> None:
    published = Published()
    records = records_over(MemoryStore(), published)
    made = records.create(new_image())
    assert made == replace(new_image(), revision=1, op=made.op)
    stored = records.load(ID)
    assert replace(stored.image, unknown={}) == made
    assert published.images == [(made, stored.etag)]


def test_ids_that_differ_in_case_are_one() -> None:
    records = records_over(MemoryStore())
    upper = replace(new_image(), id="AAAAAAAA-2222-4333-8444-555555555555")
    records.create(upper)
    assert records.load(upper.id.lower()).image.id == upper.id
    with pytest.raises(Clash):
        records.create(replace(upper, id=upper.id.lower()))


def test_update() -> None:
    published = Published()
    records = records_over(MemoryStore(), published)
    first = records.create(new_image())
    second = records.update(ID, tagged("a"))
    assert (second.tags, second.revision) == (("a",), 2)
    assert second.op != first.op
    assert [image.revision for image, _ in published.images] == [1, 2]
    assert published.images[-1][1] == records.load(ID).etag


def test_change_that_changes_nothing_writes_nothing() -> None:
    counting, published = CountingStore(MemoryStore()), Published()
    records = records_over(counting, published)
    records.create(new_image())
    counting.reset()
    assert records.update(ID, lambda image: image).revision == 1
    assert counting.counts() == {"get": 1}
    assert len(published.images) == 1


def test_refused_change_writes_nothing() -> None:
    counting, published = CountingStore(MemoryStore()), Published()
    records = records_over(counting, published)
    records.create(new_image())

    def refuse(image: Image) -> Image:
        raise Forbidden("no")

    with pytest.raises(Forbidden):
        records.update(ID, refuse)
    assert records.load(ID).image.revision == 1
    assert len(published.images) == 1


def test_fields_of_newer_versions_survive_an_update() -> None:
    store = MemoryStore()
    records_over(store).create(replace(new_image(), unknown={"schema_version": 7, "signature": {"by": ["x"]}}))
    records_over(store).update(ID, tagged("a"))
    written = orjson.loads(store.get(f"images/{ID}/image.json").read())
    assert (written["schema_version"], written["signature"]) == (7, {"by": ["x"]})
    assert (written["tags"], written["revision"]) == (["a"], 2)


def test_tombstone() -> None:
    records = records_over(MemoryStore())
    records.create(new_image())
    records.update(ID, lambda image: replace(image, status="deleted"))
    with pytest.raises(Missing):
        records.load(ID)
    with pytest.raises(Missing):
        records.update(ID, tagged("a"))
    with pytest.raises(Clash):
        records.create(new_image())
    found = records.find(ID)
    assert found is not None
    assert found.image.status == "deleted"


@pytest.mark.parametrize("image_id", ["", "x", "../..", ID[:-1], ID + "0", ID + "\n", ID.replace("-", "_"), "é" * 36])
def test_what_is_no_id_costs_no_request(image_id: str) -> None:
    counting = CountingStore(MemoryStore())
    assert not is_image_id(image_id)
    assert records_over(counting).find(image_id) is None
    with pytest.raises(Missing):
        records_over(counting).load(image_id)
    assert counting.calls() == ()
