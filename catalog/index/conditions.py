"""From the filters and the view of a list query to SQL text with bound parameters.

Owns how each of them is written in SQL. Must never put a value of a client into the text, nor run it.
A condition is a check of one row and, where an index knows, also the sources of all rows that fulfil it: SQLite cannot
know how rare a client's values are, so the plan counts and names what leads.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from catalog.index.layout import INDEXED, SORTED
from catalog.index.query import Filter, ListQuery, Operator
from catalog.index.rows import LABELLED, MAX_INTEGER, PRESENT, id_bytes, is_id, label, micros

_SECOND = 1_000_000
_SIGN = {Operator.GT: ">", Operator.GTE: ">=", Operator.LT: "<", Operator.LTE: "<="}
_REACH: Mapping[str, Sequence[str]] = {"": ("public", "shared"), "all": ("public", "shared", "community")}
"""Visibility asked for (none: the default list) -> which images of others are looked at; else only those of it."""
_FEW = 8
"""Values of one filter that are looked for one by one."""
_MEMBER_STATUSES = ("accepted", "pending", "rejected")


@dataclass(frozen=True, slots=True)
class Text:
    """A piece of SQL and the values of its question marks."""

    sql: str
    values: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """Rows that an index finds: those of ``images`` or of ``labels`` that pass ``where``.

    ``index`` names the index of ``images``; one that is ``ordered`` gives them in the order of their creation.
    """

    where: Text
    index: str = ""
    ordered: bool = True


@dataclass(frozen=True, slots=True)
class Condition:
    """A check of one row, and sources that together find all rows that pass it, perhaps more (none: no index).

    ``on_creation`` tells that the check compares ``created_at`` alone.
    """

    check: Text
    sources: tuple[Source, ...] = ()
    on_creation: bool = False


NOTHING = Condition(Text("FALSE"))
"""Fulfilled by no row."""


def _marks(values: Sequence[Any]) -> str:
    return ", ".join("?" * len(values))


def _on_column(column: str, comparison: str, values: Sequence[Any], ordered: bool = False) -> Condition:
    present = f" AND images.{PRESENT[column]}" if column in PRESENT else ""
    found = Text(f"images.{column} {comparison}", tuple(values))
    source = Source(found, f"by_{column}", ordered and column in SORTED)
    sources = (source,) if column in INDEXED else ()
    return Condition(Text(found.sql + present, found.values), sources, column == "created_at")


def _equal(column: str, values: Sequence[Any]) -> Condition:
    """One of some values: each of a few is a source of its own, which an index gives in the order of creation."""
    if not values:
        return NOTHING
    if len(values) > _FEW:
        return _on_column(column, f"IN ({_marks(values)})", values)
    sources = tuple(source for value in values for source in _on_column(column, "= ?", [value], True).sources)
    return replace(_on_column(column, f"IN ({_marks(values)})", values), sources=sources)


def _bounded(value: Any) -> Any:
    return max(-MAX_INTEGER, min(value, MAX_INTEGER)) if isinstance(value, int) else value


def _plain(item: Filter) -> Condition:
    values = [_bounded(value) for value in item.values]
    if item.field in LABELLED:
        return _labelled(*(label(item.field, str(value)) for value in values))
    if item.field == "id":
        values = [id_bytes(str(value)) for value in values if is_id(str(value))]
    if item.field == "protected" and values == [1]:
        flag = Text("images.protected = 1")
        return Condition(flag, (Source(flag, "by_protected"),))
    if item.operator in _SIGN:
        return _on_column(item.field, f"{_SIGN[item.operator]} ?", values)
    if item.operator is Operator.NEQ:
        return _on_column(item.field, f"NOT IN ({_marks(values)})", values)
    return _equal(item.field, values)


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


def _labelled(*labels: int) -> Condition:
    if not labels:
        return NOTHING
    check = (
        f"EXISTS (SELECT 1 FROM labels WHERE labels.label IN ({_marks(labels)}) "
        "AND labels.created_at = images.created_at AND labels.num = images.num)"
    )
    return Condition(Text(check, labels), tuple(Source(Text("labels.label = ?", (word,))) for word in labels))


def _view(query: ListQuery) -> list[Condition]:
    """What the caller can see at all, and the visibility asked for (spec: community only on request)."""
    asked = query.visibility
    conditions = [] if asked in (None, "all") else [_equal("visibility", [asked])]
    if not query.is_admin:
        conditions.append(_reach(query, _REACH.get(asked or "", (asked,))))
    elif asked is None:
        conditions.append(Condition(Text("(images.visibility <> 'community' OR images.owner = ?)", (query.project,))))
    return conditions


def _reach(query: ListQuery, visibilities: Sequence[str | None]) -> Condition:
    """Own images, those open to all, and those shared with the caller's project in the status asked for."""
    ways = [_equal("owner", [query.project])]
    ways += [_equal("visibility", [word]) for word in visibilities if word in ("public", "community")]
    if query.project is not None and "shared" in visibilities:
        shared = _labelled(*_memberships(query.project, query.member_status))
        check = Text(f"images.visibility = 'shared' AND {shared.check.sql}", shared.check.values)
        ways.append(Condition(check, shared.sources))
    check = Text(" OR ".join(f"({way.check.sql})" for way in ways), tuple(v for way in ways for v in way.check.values))
    return Condition(Text(f"({check.sql})", check.values), tuple(source for way in ways for source in way.sources))


def _memberships(project: str, status: str = "all") -> list[int]:
    return [label("member", project, word) for word in (_MEMBER_STATUSES if status == "all" else (status,))]


def _kept(query: ListQuery) -> list[Condition]:
    """Killed images are listed where the status is asked for by name, or deleted ones are listed too."""
    conditions = []
    if query.hidden is not None:
        flag = Text(f"images.os_hidden = {int(query.hidden)}")
        conditions.append(Condition(flag, (Source(flag, "by_os_hidden"),) if query.hidden else ()))
    by_name = any(item.field == "status" and item.operator is Operator.IN for item in query.filters)
    if query.deleted is False and not by_name:
        conditions.append(Condition(Text("images.status <> 'killed'")))
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
