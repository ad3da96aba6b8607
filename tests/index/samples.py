"""Images for tests, and what a list has to give for them, said in plain Python."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import cmp_to_key
from typing import Any
from uuid import UUID

from catalog.index.query import ListQuery, Operator
from catalog.index.rows import id_text
from catalog.index.table import Table
from catalog.model import Image, Member

NOON = datetime(2024, 5, 1, 12, 0, 0, tzinfo=UTC)
STAND_INS = {"size": -1}


def image_id(number: int) -> str:
    return str(UUID(int=number))


def image(number: int = 1, /, **fields: Any) -> Image:
    """Give image ``number``: a second younger than the one before, public and active unless said otherwise."""
    moment = NOON + timedelta(seconds=number)
    defaults: dict[str, Any] = {"created_at": moment, "updated_at": moment, "revision": 1, "owner": "alpha"}
    defaults |= {"status": "active", "visibility": "public"}
    return Image(id=image_id(number), **(defaults | fields))


def member(project: str, status: str = "accepted") -> Member:
    return Member(project, status, NOON, NOON)


def expected(images: Iterable[Image], query: ListQuery) -> list[str]:
    """Give the ids of the whole list, all its pages together, in order."""
    return [found.id for found in in_order([one for one in images if listed(one, query)], query)]


def in_order(images: list[Image], query: ListQuery) -> list[Image]:
    def value(one: Image, field: str) -> Any:
        found = getattr(one, field)
        return STAND_INS.get(field, "") if found is None else found

    def compare(left: Image, right: Image) -> int:
        for key in query.sort:
            a, b = value(left, key.field), value(right, key.field)
            if a != b:
                return -1 if (a > b) == key.descending else 1
        return 0

    return sorted(images, key=cmp_to_key(compare))


def listed(one: Image, query: ListQuery) -> bool:
    statuses = [word for item in query.filters if item.field == "status" for word in item.values]
    if one.status in ("deleted", "pending_delete") or (one.status == "killed" and "killed" not in statuses):
        return False
    labelled = set(query.tags) <= set(one.tags) and set(query.properties) <= set(one.properties.items())
    return (
        one.os_hidden == query.hidden
        and seen(one, query)
        and labelled
        and all(passes(getattr(one, item.field), item.operator, item.values) for item in query.filters)
    )


def seen(one: Image, query: ListQuery) -> bool:
    if query.visibility not in (None, "all", one.visibility):
        return False
    own = query.project is not None and one.owner == query.project
    if query.is_admin:
        return own or query.visibility is not None or one.visibility != "community"
    membership = one.member(query.project)
    shared = one.visibility == "shared" and membership is not None
    shared = shared and query.member_status in ("all", membership.status)
    return own or shared or one.visibility == "public" or (one.visibility == "community" and bool(query.visibility))


def passes(value: Any, operator: Operator, operands: tuple[Any, ...]) -> bool:
    if value is None:
        return False
    if operator is Operator.LATER:
        return bool(value > operands[0])
    if isinstance(value, datetime):
        value = value.replace(microsecond=0)
    return {
        Operator.IN: lambda: value in operands,
        Operator.NEQ: lambda: value not in operands,
        Operator.GT: lambda: value > operands[0],
        Operator.GTE: lambda: value >= operands[0],
        Operator.LT: lambda: value < operands[0],
        Operator.LTE: lambda: value <= operands[0],
    }[operator]()


def put(table: Table, *images: Image) -> None:
    """Apply images as a journal entry does, each with an ETag made of its id and revision."""
    apply(table, *[(one, f"etag-{one.id}-{one.revision}") for one in images])


def apply(table: Table, *changes: tuple[Image, str]) -> None:
    """Apply images with these ETags as a journal entry does."""
    table.advance(table.position, [table.prepare(one, etag) for one, etag in changes])


def etags(table: Table) -> dict[str, tuple[str, int]]:
    """Give ETag and revision of all that a table knows, by image id."""
    with table._lend() as reader:
        rows = reader.execute("SELECT id, etag, revision FROM seen")
        return {id_text(key): (etag, revision) for key, etag, revision in rows}
