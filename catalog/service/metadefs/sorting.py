"""Order and pages of lists that are small enough to be sorted when they are asked for.

Owns what comes first and where a page begins. Must never know who is asking.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

Entry = TypeVar("Entry")


@dataclass(frozen=True, slots=True)
class Order(Generic[Entry]):
    """The order by a field, then by ``rank``, which differs for all entries."""

    field: str
    descending: bool
    rank: Callable[[Entry], Any]

    def place(self, entry: Entry) -> Any:
        """Give what is compared; what has no value in the field comes first in ascending order."""
        value = getattr(entry, self.field)
        return (value is not None, 0 if value is None else value, self.rank(entry))

    def follows(self, entry: Entry, other: Entry) -> bool:
        """Tell whether an entry comes behind another one."""
        first, second = self.place(entry), self.place(other)
        return bool(first < second if self.descending else first > second)


@dataclass(frozen=True, slots=True)
class Page(Generic[Entry]):
    """Entries of one page; ``full`` tells that there may be more behind them."""

    entries: Sequence[Entry]
    full: bool


def page_of(entries: Sequence[Entry], order: Order[Entry], marker: Entry | None, limit: int | None) -> Page[Entry]:
    """Give up to ``limit`` entries that come behind the marker, which need not be among them."""
    behind = [entry for entry in entries if marker is None or order.follows(entry, marker)]
    page = sorted(behind, key=order.place, reverse=order.descending)[:limit]
    return Page(page, 0 < len(page) == limit)
