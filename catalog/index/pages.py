"""The select of one page.

Owns how order, marker and the way to the rows are written in SQL. Must never choose the way, nor run the select.
The inner select finds the rows and cuts the page, so that only the bodies that are shown are read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from catalog.index.conditions import Condition, Source, Text
from catalog.index.query import ListQuery, SortKey
from catalog.index.rows import sort_values

_COLUMNS = "images.num, images.id, images.owner, images.visibility, images.status, images.created_at"
_WITH_TOMBSTONES: Mapping[bool | None, str] = {
    True: "tombstones AS images",
    None: "(SELECT * FROM images UNION ALL SELECT * FROM tombstones) AS images",
}
"""Where lists with deleted images look. Few ask for them, so SQLite is left to find its way."""


def along_order(query: ListQuery, conditions: Sequence[Condition]) -> Text:
    """Go through the images in the order that is asked for, until the page is full."""
    rows = _WITH_TOMBSTONES.get(query.deleted) or f"images INDEXED BY by_{query.sort[0].field}"
    checks = _all([condition.check for condition in conditions] + _markers(query))
    sql = f"SELECT {_COLUMNS} FROM {rows} WHERE {checks.sql} ORDER BY {_order(query.sort)} LIMIT ?"
    return _with_bodies(Text(sql, (*checks.values, query.limit)))


def from_lead(query: ListQuery, conditions: Sequence[Condition], lead: Condition) -> Text:
    """Take all rows that the sources of one condition find, and sort those that pass the others."""
    selects = [_nums(source) for source in lead.sources]
    checks = _all([condition.check for condition in conditions] + _markers(query))
    sql = (
        f"SELECT {_COLUMNS} FROM ({' UNION '.join(select.sql for select in selects)}) AS lead "
        f"CROSS JOIN images ON images.num = lead.num WHERE {checks.sql} ORDER BY {_order(query.sort)} LIMIT ?"
    )
    led = tuple(value for select in selects for value in select.values)
    return _with_bodies(Text(sql, (*led, *checks.values, query.limit)))


def along_lead(query: ListQuery, conditions: Sequence[Condition], lead: Condition) -> Text:
    """Go through the rows of each source of a condition in the order of creation, until the page is full.

    All sources have to be ordered, and the query's order that of creation, in one direction.
    """
    parts = [_along(query, conditions, source) for source in lead.sources]
    sql = " UNION ".join(f"SELECT * FROM ({part.sql})" for part in parts)
    direction = _direction(query.sort[0])
    values = tuple(value for part in parts for value in part.values)
    sql += f" ORDER BY created_at {direction}, id {direction} LIMIT ?"
    return _with_bodies(Text(sql, (*values, query.limit)))


def _along(query: ListQuery, conditions: Sequence[Condition], source: Source) -> Text:
    checks = [condition.check for condition in conditions] + _markers(query)
    if source.index:
        rows, order = f"images INDEXED BY {source.index}", _order(query.sort)
        bounds = [source.where]
    else:
        rows = "labels AS lead CROSS JOIN images ON images.num = lead.num"
        order = _order(query.sort).replace("images.created_at", "lead.created_at")
        # What bounds the time of creation is said of the label as well, so that its index begins and ends there.
        creation = [condition.check for condition in conditions if condition.on_creation] + _not_before(query)
        bounds = [Text(source.where.sql.replace("labels.", "lead."), source.where.values)]
        bounds += [Text(check.sql.replace("images.", "lead."), check.values) for check in creation]
    found = _all(bounds + checks)
    return Text(
        f"SELECT {_COLUMNS} FROM {rows} WHERE {found.sql} ORDER BY {order} LIMIT ?", (*found.values, query.limit)
    )


def _with_bodies(found: Text) -> Text:
    return Text(
        f"SELECT found.id, found.owner, found.visibility, body, found.status "
        f"FROM ({found.sql}) AS found CROSS JOIN bodies ON bodies.num = found.num",
        found.values,
    )


def _nums(source: Source) -> Text:
    return Text(
        f"SELECT num FROM {'images' if source.index else 'labels'} WHERE {source.where.sql}", source.where.values
    )


def count(source: Source, most: int) -> Text:
    """Count the rows that a source finds, up to ``most``."""
    nums = _nums(source)
    return Text(f"SELECT count(*) FROM ({nums.sql} LIMIT ?)", (*nums.values, most))


def _all(checks: Sequence[Text]) -> Text:
    sql = " AND ".join(check.sql for check in checks) or "TRUE"
    return Text(sql, tuple(value for check in checks for value in check.values))


def _direction(key: SortKey) -> str:
    return "DESC" if key.descending else "ASC"


def _order(sort: Sequence[SortKey]) -> str:
    return ", ".join(f"images.{key.field} {_direction(key)}" for key in sort)


def _markers(query: ListQuery) -> list[Text]:
    if query.marker is None:
        return []
    return [_after(query.sort, sort_values(query.marker, [key.field for key in query.sort]))]


def _not_before(query: ListQuery) -> list[Text]:
    """Rows that were not created on the wrong side of the marker; those of its own microsecond pass."""
    if query.marker is None:
        return []
    sign = "<=" if query.sort[0].descending else ">="
    return [Text(f"images.created_at {sign} ?", sort_values(query.marker, ["created_at"]))]


def _after(sort: Sequence[SortKey], values: Sequence[Any]) -> Text:
    """Rows strictly after these values. With one direction a row value, which an index follows as far as it goes."""
    signs = ["<" if key.descending else ">" for key in sort]
    if len(set(signs)) == 1:
        columns = ", ".join(f"images.{key.field}" for key in sort)
        return Text(f"({columns}) {signs[0]} ({', '.join('?' * len(values))})", tuple(values))
    sql, bound = f"images.{sort[-1].field} {signs[-1]} ?", [values[-1]]
    for key, sign, value in list(zip(sort, signs, values, strict=True))[-2::-1]:
        sql, bound = f"(images.{key.field} {sign} ? OR (images.{key.field} = ? AND {sql}))", [value, value, *bound]
    first = f"images.{sort[0].field} {signs[0]}= ?"  # said apart, so that an index can begin there
    return Text(f"{first} AND {sql}", (values[0], *bound))
