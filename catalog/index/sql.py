"""From a list query to SQL text with bound parameters.

Owns how each filter, view and order is written in SQL. Must never put a value of a client into the text, nor run it.
A condition is a check of one row and, where an index knows, also a source of all rows that fulfil it: SQLite cannot
know how rare a client's values are, so the table counts (``probe``) and names what leads.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from catalog.index.query import Filter, ListQuery, Operator, SortKey
from catalog.index.rows import INDEXED, MAX_INTEGER, PRESENT, label, micros, sort_values

_SECOND = 1_000_000
_SIGN = {Operator.GT: ">", Operator.GTE: ">=", Operator.LT: "<", Operator.LTE: "<="}
_REACH: Mapping[str, Sequence[str]] = {"": ("public", "shared"), "all": ("public", "shared", "community")}
"""Visibility asked for (none: the default list) -> which images of others are looked at; else only those of it."""
_MEMBER_STATUSES = ("accepted", "pending", "rejected")
_WITH_TOMBSTONES: Mapping[bool | None, str] = {
    True: "tombstones AS images",
    None: "(SELECT * FROM images UNION ALL SELECT * FROM tombstones) AS images",
}
"""Where lists with deleted images look. Few ask for them, so SQLite is left to find its way."""


@dataclass(frozen=True, slots=True)
class Text:
    """A piece of SQL and the values of its question marks."""

    sql: str
    values: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Condition:
    """A check of one row, and selects that together find all rows that pass it, perhaps more (none: no index)."""

    check: Text
    sources: tuple[Text, ...] = ()


def _marks(values: Sequence[Any]) -> str:
    return ", ".join("?" * len(values))


def _on_column(column: str, comparison: str, values: Sequence[Any]) -> Condition:
    present = f" AND {PRESENT[column]}" if column in PRESENT else ""
    source = Text(f"SELECT num FROM images WHERE {column} {comparison}", tuple(values))
    return Condition(Text(f"{column} {comparison}{present}", tuple(values)), (source,) if column in INDEXED else ())


def _bounded(value: Any) -> Any:
    return max(-MAX_INTEGER, min(value, MAX_INTEGER)) if isinstance(value, int) else value


def _plain(item: Filter) -> Condition:
    values = [_bounded(value) for value in item.values]
    if item.operator in _SIGN:
        return _on_column(item.field, f"{_SIGN[item.operator]} ?", values)
    negation = "NOT " if item.operator is Operator.NEQ else ""
    return _on_column(item.field, f"{negation}IN ({_marks(values)})", values)


def _floor(moment: int) -> int:
    return moment // _SECOND * _SECOND


def _ceiling(moment: int) -> int:
    return -(-moment // _SECOND) * _SECOND


# A row's second s is compared with time t; written for the row's microseconds, which lie in [s, s + 1 second).
_TIME: Mapping[Operator, tuple[str, Callable[[int], Sequence[int]]]] = {
    Operator.GT: (">= ?", lambda t: [_floor(t) + _SECOND]),
    Operator.GTE: (">= ?", lambda t: [_ceiling(t)]),
    Operator.LATER: ("> ?", lambda t: [t]),
    Operator.LT: ("< ?", lambda t: [_ceiling(t)]),
    Operator.LTE: ("< ?", lambda t: [_floor(t) + _SECOND]),
    Operator.IN: ("BETWEEN ? AND ?", lambda t: [_ceiling(t), _floor(t) + _SECOND - 1]),
    Operator.NEQ: ("NOT BETWEEN ? AND ?", lambda t: [_ceiling(t), _floor(t) + _SECOND - 1]),
}


def _time(item: Filter) -> Condition:
    comparison, bounds = _TIME[item.operator]
    moment = item.values[0]
    if not isinstance(moment, datetime):
        raise TypeError(f"{item.field} is compared with times")
    return _on_column(item.field, comparison, bounds(micros(moment)))


def _labelled(*labels: bytes) -> Condition:
    check = f"EXISTS (SELECT 1 FROM labels WHERE label IN ({_marks(labels)}) AND labels.num = images.num)"
    return Condition(Text(check, labels), (Text(f"SELECT num FROM labels WHERE label IN ({_marks(labels)})", labels),))


def _view(query: ListQuery) -> list[Condition]:
    """What the caller can see at all, and the visibility asked for (spec: community only on request)."""
    asked = query.visibility
    conditions = [] if asked in (None, "all") else [_on_column("visibility", "= ?", [asked])]
    if not query.is_admin:
        conditions.append(_reach(query, _REACH.get(asked or "", (asked,))))
    elif asked is None:
        conditions.append(Condition(Text("(visibility <> 'community' OR owner = ?)", (query.project,))))
    return conditions


def _reach(query: ListQuery, visibilities: Sequence[str | None]) -> Condition:
    """Own images, those open to all, and those shared with the caller's project in the status asked for."""
    ways = [_on_column("owner", "= ?", [query.project])]
    ways += [_on_column("visibility", "= ?", [word]) for word in visibilities if word in ("public", "community")]
    if query.project is not None and "shared" in visibilities:
        shared = _labelled(*_memberships(query.project, query.member_status))
        check = Text(f"visibility = 'shared' AND {shared.check.sql}", shared.check.values)
        ways.append(Condition(check, shared.sources))
    check = Text(" OR ".join(f"({way.check.sql})" for way in ways), tuple(v for way in ways for v in way.check.values))
    return Condition(Text(f"({check.sql})", check.values), tuple(source for way in ways for source in way.sources))


def _memberships(project: str, status: str = "all") -> list[bytes]:
    return [label("member", project, word) for word in (_MEMBER_STATUSES if status == "all" else (status,))]


def _kept(query: ListQuery) -> list[Condition]:
    """Killed images are listed where the status is asked for by name, or deleted ones are listed too."""
    conditions = []
    if query.hidden is not None:
        hidden = Text("SELECT num FROM images WHERE os_hidden = 1")
        conditions.append(Condition(Text(f"os_hidden = {int(query.hidden)}"), (hidden,) if query.hidden else ()))
    by_name = any(item.field == "status" and item.operator is Operator.IN for item in query.filters)
    if query.deleted is False and not by_name:
        conditions.append(Condition(Text("status <> 'killed'")))
    return conditions


def conditions_of(query: ListQuery) -> list[Condition]:
    """Give all conditions of a query; a row is in the list if it passes every one."""
    return [
        *_kept(query),
        *_view(query),
        *(_time(item) if item.field in ("created_at", "updated_at") else _plain(item) for item in query.filters),
        *(_labelled(label("tag", tag)) for tag in query.tags),
        *([_labelled(*_memberships(query.member))] if query.member is not None else []),
        *(_labelled(label("property", name, value)) for name, value in query.properties),
    ]


def _after(sort: Sequence[SortKey], values: Sequence[Any]) -> Text:
    """Rows strictly after these values. With one direction a row value, which an index follows to its last key."""
    signs = ["<" if key.descending else ">" for key in sort]
    if len(set(signs)) == 1:
        columns = ", ".join(key.field for key in sort)
        return Text(f"({columns}) {signs[0]} ({_marks(values)})", tuple(values))
    sql, bound = f"{sort[-1].field} {signs[-1]} ?", [values[-1]]
    for key, sign, value in list(zip(sort, signs, values, strict=True))[-2::-1]:
        sql, bound = f"({key.field} {sign} ? OR ({key.field} = ? AND {sql}))", [value, value, *bound]
    first = f"{sort[0].field} {signs[0]}= ?"  # said apart, so that an index can begin there
    return Text(f"{first} AND {sql}", (values[0], *bound))


def probe(condition: Condition, most: int) -> Text:
    """Count the rows that a condition's sources find, up to ``most``."""
    selects = " UNION ALL ".join(source.sql for source in condition.sources)
    values = tuple(value for source in condition.sources for value in source.values)
    return Text(f"SELECT count(*) FROM (SELECT 1 FROM ({selects}) LIMIT ?)", (*values, most))


def page(query: ListQuery, conditions: Sequence[Condition], lead: Condition | None, record: bool) -> Text:
    """Write the select of a page: from the rows of ``lead``, or (None) along the index of the order.

    The inner select finds the rows and cuts the page, so that only the bodies that are shown are read.
    """
    checks = [condition.check for condition in conditions]
    if query.marker is not None:
        checks.append(_after(query.sort, sort_values(query.marker, [key.field for key in query.sort])))
    selects = " UNION ".join(source.sql for source in lead.sources) if lead else ""
    rows = _WITH_TOMBSTONES.get(query.deleted) or (
        f"({selects}) AS lead CROSS JOIN images ON images.num = lead.num"
        if lead
        else f"images INDEXED BY by_{query.sort[0].field}"
    )
    order = ", ".join(f"images.{key.field} {'DESC' if key.descending else 'ASC'}" for key in query.sort)
    sql = (
        f"SELECT found.id, found.owner, found.visibility, served, {'record' if record else 'NULL'}, found.status "
        f"FROM (SELECT images.num, id, owner, visibility, status FROM {rows} "
        f"WHERE {' AND '.join(check.sql for check in checks) or 'TRUE'} "
        f"ORDER BY {order} LIMIT ?) AS found CROSS JOIN bodies ON bodies.num = found.num"
    )
    led = tuple(value for source in lead.sources for value in source.values) if lead else ()
    return Text(sql, (*led, *(value for check in checks for value in check.values), query.limit))
