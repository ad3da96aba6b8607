"""Which way a page is found: SQLite cannot know how rare a client's values are, so they are counted.

Owns the choice and its numbers. Must never write SQL but for counting.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from catalog.index.conditions import NOTHING, Condition, Source, Text, conditions_of
from catalog.index.pages import along_lead, along_order, count, from_lead
from catalog.index.query import ListQuery
from catalog.index.rows import sort_values

_MANY = 5000
"""Rows of a condition are counted up to here, or a 50th of all; one that more fulfil is taken to rule out none."""
_MOST_VALUES = 5000
"""Values in a select that names its conditions for each source; SQLite takes some 32,000."""
_FEW_VALUES = frozenset({"status", "container_format", "disk_format"})
"""Columns with so few values that a list can be put together from the lists of each."""


def select_page(reader: sqlite3.Connection, query: ListQuery) -> list[tuple[Any, ...]]:
    """Give the rows of a page: id, owner, visibility, body and status."""
    return list(_rows(reader, query, ()))


def _rows(reader: sqlite3.Connection, query: ListQuery, fixed: Sequence[Condition]) -> Iterator[tuple[Any, ...]]:
    if not _is_split(query):
        conditions = [*conditions_of(query), *fixed]
        if NOTHING in conditions:
            return
        text = choose(reader, query, conditions)
        yield from reader.execute(text.sql, text.values)
        return
    # No index has this order; but for each value of the first key there is one that has the rest of it.
    first, rest = query.sort[0], query.sort[1:]
    (begin,) = sort_values(query.marker, [first.field]) if query.marker else (None,)
    left = query.limit
    for value in _values(reader, first.field, first.descending, begin):
        same = Text(f"images.{first.field} = ?", (value,))
        condition = Condition(same, (Source(same, f"by_{first.field}"),))
        marker = query.marker if value == begin else None
        for row in _rows(reader, replace(query, sort=rest, limit=left, marker=marker), [*fixed, condition]):
            left -= 1
            yield row
        if left == 0:
            return


def _is_split(query: ListQuery) -> bool:
    """Tell whether the order goes on in another way than the index of its first key."""
    first, second = query.sort[0], query.sort[min(1, len(query.sort) - 1)]
    as_indexed = second.field == "created_at" and second.descending == first.descending
    return query.deleted is False and first.field in _FEW_VALUES and not as_indexed


def _values(reader: sqlite3.Connection, column: str, descending: bool, begin: Any) -> Iterator[Any]:
    """Give the values of a column in order, from ``begin`` on (None: from the first)."""
    function, sign = ("max", "<") if descending else ("min", ">")
    value = begin
    if begin is None:
        value = reader.execute(f"SELECT {function}({column}) FROM images").fetchone()[0]
    while value is not None:
        yield value
        following = f"SELECT {function}({column}) FROM images WHERE {column} {sign} ?"
        value = reader.execute(following, (value,)).fetchone()[0]


def choose(reader: sqlite3.Connection, query: ListQuery, conditions: Sequence[Condition]) -> Text:
    """Choose the way: along the order, along one condition in the order of creation, or from all that it finds."""
    if query.deleted is not False:
        return along_order(query, conditions)
    by_creation = [key.field for key in query.sort] == ["created_at", "id"] and (
        query.sort[0].descending == query.sort[1].descending
    )
    total = (reader.execute("SELECT max(num) FROM images").fetchone()[0] or 0) + 1
    many = max(_MANY, total // 50)
    counts = [_count(reader, one, many) for one in conditions]
    values = sum(len(condition.check.values) for condition in conditions)
    best, fewest, along = None, many, float(query.limit)
    for condition, found in zip(conditions, counts, strict=True):
        along *= total / (found + 1) if found < many else 1
        ordered = by_creation and _is_ordered(condition, values)
        if found < fewest or (found == many and best is None and ordered and len(condition.sources) == 1):
            best, fewest = condition, found
    if best is not None and by_creation and _is_ordered(best, values):
        return along_lead(query, conditions, best)
    # Without the order a row costs about twice as much. The guess of the rows along it is that conditions are
    # independent: values are far from evenly spread.
    if best is not None and 2 * fewest < min(along, total):
        return from_lead(query, conditions, best)
    return along_order(query, conditions)


def _is_ordered(condition: Condition, values: int) -> bool:
    sources = condition.sources
    return bool(sources) and all(one.ordered for one in sources) and values * len(sources) <= _MOST_VALUES


def _count(reader: sqlite3.Connection, condition: Condition, most: int) -> int:
    if not condition.sources:
        return most
    found = 0
    for source in condition.sources:
        text = count(source, most - found)
        found += reader.execute(text.sql, text.values).fetchone()[0]
        if found >= most:
            break
    return found
