"""The way that SQLite takes to every page: along an index, never through all rows.

Two orders are sorted by SQLite itself, and said so below. Where several keys follow one that has many values (name,
size, times), the rows that are equal in it are few. No index can have every pair of keys in either direction.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from itertools import pairwise, product
from pathlib import Path

import pytest

from catalog.index import plan
from catalog.index.conditions import Condition, conditions_of
from catalog.index.layout import SORTED
from catalog.index.pages import along_lead, along_order, from_lead
from catalog.index.query import SORT_KEYS, Filter, ListQuery, Operator, SortKey, total_order
from catalog.index.table import Table
from catalog.service.representation import render
from tests.index.samples import NOON, image, member, put

ONE = image(7, name="n7", tags=("t",), properties={"p": "v"}, checksum="c", size=7, members=(member("beta"),))
MARKERS = [None, ONE]
CALLERS = {
    "admin": ListQuery(is_admin=True),
    "admin, all": ListQuery(is_admin=True, visibility="all"),
    "project": ListQuery(project="beta"),
    "project, shared": ListQuery(project="beta", visibility="shared", member_status="all"),
    "project, public": ListQuery(project="beta", visibility="public"),
    "hidden": ListQuery(is_admin=True, hidden=True),
}
FILTERS = {
    "name": Filter("name", Operator.IN, ("n7",)),
    "names": Filter("name", Operator.IN, tuple(f"n{n}" for n in range(20))),
    "id": Filter("id", Operator.IN, (ONE.id,)),
    "owner": Filter("owner", Operator.IN, ("alpha",)),
    "status": Filter("status", Operator.IN, ("queued",)),
    "checksum": Filter("checksum", Operator.IN, ("c",)),
    "os_hash_algo": Filter("os_hash_algo", Operator.IN, ("sha512",)),
    "protected": Filter("protected", Operator.IN, (1,)),
    "disk_format": Filter("disk_format", Operator.IN, ("raw", "qcow2")),
    "min_ram": Filter("min_ram", Operator.GTE, (5,)),
    "min_disk": Filter("min_disk", Operator.IN, (5,)),
    "virtual_size": Filter("virtual_size", Operator.LTE, (5,)),
    "size": Filter("size", Operator.GTE, (5,)),
    "created_at": Filter("created_at", Operator.GT, (NOON,)),
    "updated_at": Filter("updated_at", Operator.LTE, (NOON,)),
}
ASKED = {
    **{name: ListQuery(is_admin=True, filters=(item,)) for name, item in FILTERS.items()},
    **CALLERS,
    "tag": ListQuery(is_admin=True, tags=("t",)),
    "property": ListQuery(is_admin=True, properties=(("p", "v"),)),
    "member": ListQuery(is_admin=True, member="beta"),
}


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    path: Path = tmp_path_factory.mktemp("plans") / "index.sqlite"
    table = Table(path, render)
    put(table, ONE, *(image(number, name=f"n{number}", size=number) for number in range(20, 40)))
    table.close()
    with closing(sqlite3.connect(path)) as connection:
        yield connection


def explained(reader: sqlite3.Connection, text: object) -> str:
    rows = reader.execute(f"EXPLAIN QUERY PLAN {text.sql}", text.values)  # type: ignore[attr-defined]
    return "\n".join(row[3] for row in rows)


def scans(found: str) -> list[str]:
    """Give the tables that are read from end to end; a partial index holds nothing but what is looked for."""
    lines = [line for line in found.splitlines() if re.match(r"SCAN (images|labels|bodies|seen)\b", line)]
    return [line for line in lines if not line.endswith(("by_os_hidden", "by_protected"))]


def sorts(found: str) -> list[str]:
    """Give what is read by each sort of a whole result but of pages that are put together."""
    lines = found.splitlines()
    sorted_rows = [before for before, line in pairwise(lines) if line == "USE TEMP B-TREE FOR ORDER BY"]
    return [line for line in sorted_rows if not line.startswith("SCAN (subquery")]


def ordered(conditions: Sequence[Condition]) -> list[Condition]:
    return [one for one in conditions if one.sources and all(source.ordered for source in one.sources)]


@pytest.mark.parametrize("marker", MARKERS, ids=["first page", "next page"])
@pytest.mark.parametrize("descending", [False, True], ids=["asc", "desc"])
@pytest.mark.parametrize("key", SORT_KEYS)
@pytest.mark.parametrize("caller", CALLERS)
def test_an_order_is_read_along_its_index(reader, caller, key, descending, marker):
    query = replace(CALLERS[caller], sort=total_order([SortKey(key, descending)], descending), marker=marker)
    found = explained(reader, along_order(query, conditions_of(query)))
    assert re.search(rf"(SCAN|SEARCH) images USING (COVERING )?INDEX by_{key}\b", found)
    assert marker is None or f"SEARCH images USING INDEX by_{key}" in found
    assert sorts(found) == []  # the last key alone may be sorted, among images of one microsecond


@pytest.mark.parametrize("marker", MARKERS, ids=["first page", "next page"])
@pytest.mark.parametrize("descending", [False, True], ids=["asc", "desc"])
@pytest.mark.parametrize("asked", ASKED)
def test_what_leads_is_found_by_an_index(reader, asked, descending, marker):
    query = replace(ASKED[asked], sort=total_order([], descending), marker=marker)
    conditions = conditions_of(query)
    for lead in ordered(conditions):
        found = explained(reader, along_lead(query, conditions, lead))
        assert scans(found) == []
        assert sorts(found) == []
    for lead in (one for one in conditions if one.sources):
        found = explained(reader, from_lead(query, conditions, lead))
        assert scans(found) == []


@pytest.mark.parametrize("asked", sorted(set(ASKED) - {"admin", "admin, all", "created_at"}))
def test_every_filter_has_a_source(asked):
    conditions = conditions_of(ASKED[asked])
    assert [one for one in conditions if one.sources]


@pytest.mark.parametrize("directions", list(product([False, True], repeat=2)))
@pytest.mark.parametrize("second", ["size", "created_at", "name", "disk_format"])
@pytest.mark.parametrize("first", ["status", "container_format"])
def test_an_order_that_begins_with_few_values_is_put_together(reader, monkeypatch, first, second, directions):
    sort = total_order([SortKey(first, directions[0]), SortKey(second, directions[1])], directions[1])
    taken: list[str] = []
    choose = plan.choose

    def watched(*args):
        text = choose(*args)
        taken.append(explained(reader, text))
        return text

    monkeypatch.setattr(plan, "choose", watched)
    rows = plan.select_page(reader, ListQuery(is_admin=True, sort=sort, limit=5))
    assert len(rows) == 5
    assert [found for found in taken if scans(found) and "USING INDEX" not in scans(found)[0]] == []
    assert [found for found in taken if sorts(found) and f"by_{first} ({first}=?" not in found] == []


def test_every_sorted_column_has_its_index(reader):
    names = {name for (name,) in reader.execute("SELECT name FROM sqlite_master WHERE type = 'index'")}
    assert {f"by_{column}" for column in SORTED} <= names
