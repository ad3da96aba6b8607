"""The index file: what it keeps, what it gives, and that it survives whatever happens to it."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations, product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.index import plan
from catalog.index.conditions import Condition, Text, conditions_of
from catalog.index.pages import along_lead, along_order, from_lead
from catalog.index.query import SORT_KEYS, Filter, ListQuery, Operator, SortKey, total_order
from catalog.index.rows import MAX_INTEGER
from catalog.index.table import Table
from catalog.index.use import Use
from catalog.model import Image, Location, decode, encode
from catalog.service.representation import render
from catalog.store.errors import Corrupt
from tests.index.samples import NOON, apply, etags, expected, image, image_id, member, put

CREATION = ([("created_at", True), ("id", True)], [("created_at", False), ("id", False)])
Choose = Callable[..., Text]
ADMIN = ListQuery(is_admin=True)
ALL = replace(ADMIN, visibility="all")


@pytest.fixture
def index(tmp_path):
    opened = Table(tmp_path / "index.sqlite", render)
    yield opened
    opened.close()


def ids(index: Table, query: ListQuery = ADMIN) -> list[str]:
    return [row.id for row in index.page(query)]


def walk(index: Table, query: ListQuery, images: list[Image]) -> list[str]:
    """Follow the pages to the end."""
    by_id = {one.id: one for one in images}
    found: list[str] = []
    while page := ids(index, query):
        found += page
        query = replace(query, marker=by_id[page[-1]])
    return found


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


# Order and pages


SPREAD = [
    image(
        number,
        name=(None, "", "a", "b", "é", "Z")[number % 6],
        size=(None, 0, 5, 7)[number // 2 % 4],
        status=("active", "queued", "saving")[number % 3],
        disk_format=(None, "raw", "qcow2")[number // 3 % 3],
        container_format=(None, "bare")[number // 5 % 2],
        created_at=NOON + timedelta(microseconds=number // 4),
        updated_at=NOON + timedelta(microseconds=number // 3 % 5),
    )
    for number in range(40)
]


@pytest.fixture(scope="module")
def spread(tmp_path_factory):
    opened = Table(tmp_path_factory.mktemp("spread") / "index.sqlite", render)
    put(opened, *SPREAD)
    yield opened
    opened.close()


@pytest.mark.parametrize("directions", list(product([False, True], repeat=3)))
@pytest.mark.parametrize("keys", list(permutations(SORT_KEYS, 2)), ids="-".join)
def test_pages_visit_every_image_once_in_order(spread, keys, directions):
    sort = total_order([SortKey(*key) for key in zip(keys, directions[:2], strict=True)], directions[2])
    query = replace(ADMIN, sort=sort, limit=7)
    assert walk(spread, query, SPREAD) == expected(SPREAD, query)


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("key", SORT_KEYS)
def test_one_direction_is_read_along_an_index(spread, key, descending):
    query = replace(ADMIN, sort=total_order([SortKey(key, descending)], descending), marker=SPREAD[7])
    text = along_order(query, conditions_of(query))
    connection = sqlite3.connect(spread._readers._path)
    plan = " ".join(row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {text.sql}", text.values))
    connection.close()
    assert f"SEARCH images USING INDEX by_{key}" in plan
    assert "USE TEMP B-TREE FOR ORDER BY" not in plan


def test_the_marker_need_not_be_in_the_list(spread):
    query = replace(ADMIN, sort=total_order([SortKey("id", False)], False), marker=image(19, status="deleted"))
    assert ids(spread, query) == [image_id(number) for number in range(20, 40)]


words = st.sampled_from(["", "a", "b", "A:b", "\0", "😀", "é"])
moments = st.builds(
    lambda second, micro: NOON + timedelta(seconds=second, microseconds=micro),
    st.integers(0, 3),
    st.sampled_from([0, 1, 999_999]),
)
projects = st.sampled_from(["alpha", "beta", "gamma"])
visibilities = st.sampled_from(["public", "private", "shared", "community"])
statuses = st.sampled_from(["active", "queued", "killed", "deleted", "pending_delete", "deactivated"])
images = st.fixed_dictionaries(
    {
        "name": st.none() | words,
        "status": statuses,
        "visibility": visibilities,
        "owner": st.none() | projects,
        "os_hidden": st.sampled_from([False, False, False, True]),
        "protected": st.booleans(),
        "size": st.none() | st.integers(0, 3),
        "virtual_size": st.none() | st.integers(0, 3),
        "min_ram": st.integers(0, 3),
        "disk_format": st.none() | st.sampled_from(["raw", "qcow2"]),
        "created_at": moments,
        "updated_at": moments,
        "tags": st.lists(words, unique=True, max_size=3).map(tuple),
        "properties": st.dictionaries(words, words, max_size=2),
        "members": st.lists(
            st.builds(member, projects, st.sampled_from(["accepted", "pending", "rejected"])),
            unique_by=lambda one: one.member_id,
            max_size=2,
        ).map(tuple),
    }
)
texts = st.lists(words, max_size=3).map(tuple)
filters = st.one_of(
    st.builds(Filter, st.sampled_from(["name", "owner", "checksum"]), st.just(Operator.IN), texts),
    st.builds(Filter, st.just("status"), st.just(Operator.IN), st.lists(statuses, max_size=3).map(tuple)),
    st.builds(
        Filter, st.just("disk_format"), st.just(Operator.IN), st.sampled_from([("",), ("raw",), ("raw", "qcow2")])
    ),
    st.builds(Filter, st.just("protected"), st.just(Operator.IN), st.sampled_from([(0,), (1,)])),
    st.builds(
        Filter,
        st.sampled_from(["size", "virtual_size", "min_ram"]),
        st.sampled_from([Operator.GTE, Operator.LTE, Operator.IN]),
        st.tuples(st.integers(-1, 4)),
    ),
    st.builds(
        Filter, st.sampled_from(["created_at", "updated_at"]), st.sampled_from(list(Operator)), st.tuples(moments)
    ),
)
sorts = st.lists(st.builds(SortKey, st.sampled_from(SORT_KEYS), st.booleans()), max_size=3)
queries = st.builds(
    ListQuery,
    filters=st.lists(filters, max_size=2, unique_by=lambda one: one.field).map(tuple),
    properties=st.dictionaries(words, words, max_size=1).map(lambda pairs: tuple(pairs.items())),
    tags=st.lists(words, unique=True, max_size=1).map(tuple),
    visibility=st.none() | st.just("all") | visibilities,
    member_status=st.sampled_from(["accepted", "pending", "rejected", "all"]),
    hidden=st.sampled_from([False, False, True]),
    sort=st.builds(total_order, sorts, st.booleans()),
    limit=st.integers(1, 5),
    project=st.none() | projects,
    is_admin=st.booleans(),
)


def forced(way: str) -> Choose:
    """Go one way alone where it is possible."""

    def choose(reader: object, query: ListQuery, conditions: Sequence[Condition]) -> Text:
        sources = [one for one in conditions if one.sources]
        ordered = [one for one in sources if all(source.ordered for source in one.sources)]
        straight = [(key.field, key.descending) for key in query.sort] in CREATION
        if way == "along a lead" and ordered and straight:
            return along_lead(query, conditions, ordered[-1])
        if way != "along the order" and sources:
            return from_lead(query, conditions, sources[0])
        return along_order(query, conditions)

    return choose


@pytest.mark.parametrize("way", ["guess", "along a lead", "from a lead", "along the order"])
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(many=st.lists(images, max_size=15), asked=st.lists(queries, min_size=1, max_size=6))
def test_any_query_gives_what_plain_python_gives(tmp_path, monkeypatch, way, many, asked):
    if way != "guess":
        monkeypatch.setattr(plan, "choose", forced(way))
    known = [image(number, **fields) for number, fields in enumerate(many)]
    index = Table(tmp_path / "index.sqlite", render, identity=os.urandom(8).hex())
    try:
        put(index, *known)
        for query in asked:
            assert walk(index, query, known) == expected(known, query)
    finally:
        index.close()


def test_a_query_of_any_size_is_no_error(spread):
    many = tuple(f"t{n}" for n in range(250))
    assert ids(spread, replace(ADMIN, tags=many)) == []
    values = (*[f"v{n}" for n in range(4998)], "é", "x" * 1_000_000)
    assert ids(spread, replace(ADMIN, filters=(Filter("name", Operator.IN, values),))) != []
    fields = ("name", "id", "container_format", "disk_format")
    assert ids(spread, replace(ADMIN, filters=tuple(Filter(one, Operator.IN, values) for one in fields))) == []


# The file


def test_a_file_is_used_again(tmp_path):
    for expected_etags in ({}, {image_id(1): ("e", 1)}):
        index = Table(tmp_path / "index.sqlite", render, "store")
        assert etags(index) == expected_etags
        apply(index, (image(1), "e"))
        index.close()


def other_render(one: Image) -> bytes:
    return render(one)[:-1] + b',"new_key":1}'


@pytest.mark.parametrize(("identity", "renderer"), [("other", render), ("store", other_render)])
def test_a_file_of_another_store_or_rendering_is_built_anew(tmp_path, identity, renderer):
    first = Table(tmp_path / "index.sqlite", render, "store")
    apply(first, (image(1), "e"))
    first.close()
    second = Table(tmp_path / "index.sqlite", renderer, identity)
    assert etags(second) == {}
    second.close()


@pytest.mark.parametrize("damage", ["garbage", "empty", "cut", "scribbled", "no stamp", "garbage and log"])
def test_a_damaged_file_is_built_anew(tmp_path, damage):
    path = tmp_path / "index.sqlite"
    index = Table(path, render, "store")
    put(index, *[image(number) for number in range(300)])
    index.close()
    whole = path.read_bytes()
    contents = {
        "garbage": b"not a database" * 1000,
        "empty": b"",
        "cut": whole[: len(whole) // 2],
        "scribbled": whole[:8192] + b"\xff" * (len(whole) - 8192),
        "no stamp": whole,
        "garbage and log": os.urandom(20_000),
    }
    path.write_bytes(contents[damage])
    if damage == "no stamp":
        connection = sqlite3.connect(path)
        connection.execute("DROP TABLE stamp")
        connection.close()
    if damage == "garbage and log":
        (tmp_path / "index.sqlite-wal").write_bytes(os.urandom(5000))
    again = Table(path, render, "store")
    assert etags(again) == {}
    put(again, image(1))
    assert ids(again) == [image_id(1)]
    again.close()


def test_writers_and_readers_at_once(index):
    failures: list[BaseException] = []

    def write(start: int) -> None:
        try:
            for revision in range(1, 6):
                for number in range(start, start + 10):
                    apply(index, (image(number, revision=revision, name=f"r{revision}"), f"e{revision}"))
                    # What is applied is seen at once.
                    named = replace(ADMIN, filters=(Filter("id", Operator.IN, (image_id(number),)),))
                    assert f'"r{revision}"'.encode() in index.page(named)[0].served
        except BaseException as error:  # noqa: BLE001
            failures.append(error)

    threads = [threading.Thread(target=write, args=(start,)) for start in range(0, 200, 10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert index.count() == 200
    assert {etag for etag, _ in etags(index).values()} == {"e5"}


def test_a_closed_table_says_so(tmp_path):
    index = Table(tmp_path / "index.sqlite", render)
    index.close()
    with pytest.raises(RuntimeError):
        index.page(ADMIN)


def test_times_before_1970_and_far_ahead(index):
    early, late = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)
    put(index, image(1, created_at=early), image(2, created_at=late))
    assert ids(index) == [image_id(2), image_id(1)]
    for moment, number in ((early, 1), (late.replace(microsecond=0), 2)):
        assert ids(index, replace(ADMIN, filters=(Filter("created_at", Operator.IN, (moment,)),))) == [
            image_id(number)
        ]
