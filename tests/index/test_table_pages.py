"""Pages of the index file: any query gives what plain Python gives."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import permutations, product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.index import plan
from catalog.index.conditions import Condition, Text, conditions_of
from catalog.index.pages import along_lead, along_order, from_lead
from catalog.index.query import SORT_KEYS, Filter, ListQuery, Operator, SortKey, total_order
from catalog.index.table import Table
from catalog.model import Image
from catalog.service.representation import render
from tests.index.pages import ADMIN, ids
from tests.index.random_queries import images, queries
from tests.index.samples import NOON, expected, image, image_id, put

CREATION = ([("created_at", True), ("id", True)], [("created_at", False), ("id", False)])


Choose = Callable[..., Text]


def walk(index: Table, query: ListQuery, images: list[Image]) -> list[str]:
    """Follow the pages to the end."""
    by_id = {one.id: one for one in images}
    found: list[str] = []
    while page := ids(index, query):
        found += page
        query = replace(query, marker=by_id[page[-1]])
    return found


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
