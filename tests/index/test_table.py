"""The index file: what it keeps."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import permutations

import pytest

from catalog.index.query import Filter, Operator
from catalog.index.rows import MAX_INTEGER
from catalog.index.use import Use
from catalog.model import Location, decode, encode
from catalog.service.representation import render
from catalog.store.errors import Corrupt
from tests.index.pages import ADMIN, ids
from tests.index.samples import apply, etags, image, image_id, put

ALL = replace(ADMIN, visibility="all")


def test_a_row_holds_the_served_json_and_the_record_if_asked(index):
    one = image(1, name="ä\0", tags=("x",), properties={"p": "v"})
    put(index, one)
    plain, full = index.page(ADMIN)[0], index.page(ADMIN, with_record=True)[0]
    assert (plain.served, plain.record, full.served) == (render(one), None, render(one))
    assert full.image == index.find(one.id) == decode(encode(one))


@pytest.mark.parametrize("order", list(permutations([1, 2, 3, 3])))
def test_the_highest_revision_wins_in_any_order(index, order):
    versions = {n: image(1, revision=n, name=f"r{n}", tags=(f"t{n}",)) for n in (1, 2, 3)}
    for revision in order:
        apply(index, (versions[revision], f"e{revision}"))
    assert etags(index) == {image_id(1): ("e3", 3)}
    assert [row.served for row in index.page(ADMIN)] == [render(versions[3])]
    assert ids(index, replace(ADMIN, tags=("t3",))) == [image_id(1)]
    assert ids(index, replace(ADMIN, tags=("t1",))) == []


@pytest.mark.parametrize("order", list(permutations([1, 2, 3])))
def test_a_tombstone_is_kept_and_never_listed(index, order):
    versions = [image(1, revision=1), image(1, revision=2), image(1, revision=3, status="deleted", name="gone")]
    for revision in order:
        apply(index, (versions[revision - 1], f"e{revision}"))
    assert etags(index) == {image_id(1): ("e3", 3)}
    assert ids(index, ALL) == [] == ids(index, replace(ALL, filters=(Filter("status", Operator.IN, ("deleted",)),)))
    assert index.count() == 0
    assert index.find(image_id(1)) is None


def test_an_undeleted_image_is_listed_again(index):
    put(index, image(1, revision=2, status="deleted"), image(1, revision=3))
    assert ids(index) == [image_id(1)]


def test_instead_of_replaces_only_the_row_that_was_meant(index):
    put(index, image(1, revision=7), image(2, revision=7))
    older = [index.prepare(image(n, revision=5, name="restored"), "old") for n in (1, 2)]
    index.write(older, instead_of={image_id(1): f"etag-{image_id(1)}-7", image_id(2): "another"})
    assert etags(index) == {image_id(1): ("old", 5), image_id(2): (f"etag-{image_id(2)}-7", 7)}


def test_forget_drops_only_rows_with_the_etag(index):
    put(index, image(1, tags=("t",)), image(2))
    index.forget({image_id(1): f"etag-{image_id(1)}-1", image_id(2): "another", image_id(3): "none"})
    assert list(etags(index)) == [image_id(2)] == ids(index)


def test_ids_are_one_sidecar_in_either_case(index):
    name = "ABCDEF00-0000-4000-8000-000000000001"
    apply(index, (replace(image(1), id=name), "e1"))
    apply(index, (replace(image(1), id=name, revision=2), "e2"))
    assert etags(index) == {name.lower(): ("e2", 2)}
    assert ids(index) == [name.lower()]


def test_use_of_an_owner_counts_each_location_and_leaves_out_killed_and_deleted(index):
    one, two = (Location("default", "a"),), (Location("default", "a"), Location("fast", "a"))
    put(index, image(1, size=5, locations=two), image(2, size=7, status="importing"), image(3, size=None))
    put(index, image(4, size=100, status="killed", locations=one), image(5, size=100, status="deleted"))
    put(index, image(6, size=100, status="pending_delete", locations=one), image(9, status="saving"))
    put(index, image(7, size=3, owner="beta", locations=one), image(8, size=2, owner=None, locations=one))
    assert index.owner_use("alpha") == Use(images=4, receiving=2, stored=10, staged=7)
    assert [index.owner_use(owner).stored for owner in ("beta", None, "nobody")] == [3, 2, 0]
    assert [index.owner_count(owner) for owner in ("alpha", "beta", None, "nobody")] == [5, 1, 1, 0]
    assert index.count() == 7


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ["x"]},
        {"updated_at": None},
        {"tags": (1,)},
        {"properties": {"p": 1}},
        {"size": "x"},
        {"status": ["x"]},
        {"revision": 2**63},
        {"revision": "1"},
        {"members": ("x",)},
    ],
    ids=str,
)
def test_a_record_of_wrong_types_is_corrupt_and_nothing_is_written(index, wrong):
    with pytest.raises(Corrupt):
        apply(index, (image(1), "e"), (image(2, **wrong), "e"))
    assert etags(index) == {}


def test_numbers_beyond_sqlite_are_no_error(index):
    put(index, image(1, size=2**64 - 1, virtual_size=2**64 - 1))
    assert ids(index, replace(ADMIN, filters=(Filter("size", Operator.IN, (MAX_INTEGER,)),))) == []
    assert ids(index, replace(ADMIN, filters=(Filter("size", Operator.GTE, (10**50,)),))) == []
    assert ids(index, replace(ADMIN, filters=(Filter("size", Operator.GTE, (-(10**50),)),))) == [image_id(1)]


def test_times_before_1970_and_far_ahead(index):
    early, late = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)
    put(index, image(1, created_at=early), image(2, created_at=late))
    assert ids(index) == [image_id(2), image_id(1)]
    for moment, number in ((early, 1), (late.replace(microsecond=0), 2)):
        assert ids(index, replace(ADMIN, filters=(Filter("created_at", Operator.IN, (moment,)),))) == [
            image_id(number)
        ]
