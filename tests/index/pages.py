"""What a table gives, as ids."""

from __future__ import annotations

from catalog.index.query import ListQuery
from catalog.index.table import Table

ADMIN = ListQuery(is_admin=True)


def ids(index: Table, query: ListQuery = ADMIN) -> list[str]:
    return [row.id for row in index.page(query)]
