"""What statuses of HTTP mean to a store, as far as servers agree.

Owns that table and the rule for what is in no table. Must never judge a status that one server alone gives a meaning.
"""

from __future__ import annotations

from collections.abc import Mapping

from catalog.store.errors import (
    Conflict,
    Corrupt,
    Denied,
    Full,
    NotFound,
    NotModified,
    NotSupported,
    StoreError,
    Unavailable,
)

STATUSES: Mapping[int, type[StoreError]] = {
    304: NotModified,
    401: Denied,
    403: Denied,
    404: NotFound,
    408: Unavailable,
    409: Conflict,
    416: Corrupt,
    429: Unavailable,
    501: NotSupported,
    507: Full,
}
_NOTHING_WRITTEN = frozenset({501, 507})


def leaves_open(status: int) -> bool:
    """Tell whether a write may have taken place behind this error: a gateway says so after it as well as before."""
    return status >= 500 and status not in _NOTHING_WRITTEN


def otherwise(status: int, refused_from: int = 400) -> type[StoreError]:
    """Judge a status without a meaning: a request that the server calls wrong stays wrong however often it is sent."""
    return NotSupported if refused_from <= status < 500 else Unavailable
