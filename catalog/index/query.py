"""What a list asks of the index: filters, order, page and the caller's view, as plain data.

Owns the words in which the list service talks to the index. Must never know HTTP, SQL or where rows come from.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from catalog.model import Image

Value = str | int | datetime

SORT_KEYS = ("name", "status", "container_format", "disk_format", "size", "id", "created_at", "updated_at")
"""Fields that lists can be sorted by."""


class Operator(StrEnum):
    """How a field is compared with the values of a filter; all but IN and NEQ take exactly one value."""

    IN = "in"
    NEQ = "neq"
    GT = "gt"
    GTE = "gte"
    LT = "lt"
    LTE = "lte"
    LATER = "later"
    """Greater to the microsecond; all others compare times by the second that views of the Image API v2 show."""


@dataclass(frozen=True, slots=True)
class Filter:
    """One condition on a base field. A field without value (null) fulfils none.

    Times are compared by the second that views show, but for LATER. A filter without values is fulfilled by nothing.
    """

    field: str
    operator: Operator
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class SortKey:
    """One key of the order; null counts as the empty text, or as less than any number."""

    field: str
    descending: bool = True


def total_order(keys: Iterable[SortKey], descending: bool) -> tuple[SortKey, ...]:
    """Complete an order so that no two images are equal in it: created_at and id are added in one direction."""
    order: dict[str, SortKey] = {}
    for key in (*keys, SortKey("created_at", descending), SortKey("id", descending)):
        order.setdefault(key.field, key)
        if key.field == "id":  # unique: no later key can matter
            break
    return tuple(order.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class ListQuery:
    """One page of a list.

    ``visibility`` is None (the caller's default view), "all" or one visibility; ``member_status`` a status or
    "all". ``sort`` is total (``total_order``). The page begins after ``marker``, which need not be in the list.
    ``hidden`` and ``deleted`` choose images that are or are not so; None: both. ``member`` leaves images with this
    member alone.
    """

    filters: tuple[Filter, ...] = ()
    properties: tuple[tuple[str, str], ...] = ()
    tags: tuple[str, ...] = ()
    visibility: str | None = None
    member_status: str = "accepted"
    hidden: bool | None = False
    deleted: bool | None = False
    member: str | None = None
    sort: tuple[SortKey, ...] = (SortKey("created_at"), SortKey("id"))
    limit: int = 25
    marker: Image | None = None
    project: str | None = None
    is_admin: bool = False
