"""What an answer of Swift, or none, means to a store.

Owns the table from statuses to store errors. Must never put a token, a key or a signature into a text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import Enum, auto

from urllib3 import exceptions as http

from catalog.store.errors import (
    Conflict,
    Corrupt,
    Denied,
    Full,
    NotFound,
    NotModified,
    NotSupported,
    OutcomeUnknown,
    PreconditionFailed,
    StoreError,
    Unavailable,
)


class Intent(Enum):
    """What kind of call failed: a lost answer means something else for a write that is repeated at will."""

    PLAIN = auto()
    ONCE = auto()


_STATUSES: Mapping[int, type[StoreError]] = {
    304: NotModified,
    401: Denied,
    403: Denied,
    404: NotFound,
    408: Unavailable,
    409: Conflict,
    412: PreconditionFailed,
    416: Corrupt,
    422: Corrupt,
    429: Unavailable,
    498: Unavailable,  # "Rate Limited"
    501: NotSupported,
    507: Full,
}
_CERTAIN = frozenset({501, 507})
"""Errors of the server that say that nothing was written."""
_NEVER_SENT = (http.NewConnectionError, http.ConnectTimeoutError, http.ProxyError)


@contextmanager
def http_errors(what: str, endpoint: str, intent: Intent = Intent.PLAIN) -> Iterator[None]:
    """Raise store errors in place of those of the HTTP library; ``what`` names operation and object."""
    try:
        yield
    except _NEVER_SENT as error:
        raise Unavailable(f"{what}: {endpoint} cannot be reached ({type(error).__name__})") from error
    except http.LocationValueError as error:
        raise NotSupported(f"{what}: {endpoint} is no address") from error
    except http.HTTPError as error:
        kind = Unavailable if intent is Intent.PLAIN else OutcomeUnknown
        raise kind(f"{what}: {endpoint} gave no full answer ({type(error).__name__})") from error


def refusal(what: str, status: int, reason: str, body: bytes, intent: Intent = Intent.PLAIN) -> StoreError:
    """Judge an answer that is none of those hoped for; ``body`` is only looked at for the word quota."""
    kind = _STATUSES.get(status)
    if status == 413:
        kind = Full if b"quota" in body.lower() else NotSupported
    if intent is Intent.ONCE and status >= 500 and status not in _CERTAIN:
        kind = OutcomeUnknown
    if kind is None:
        # A request that the server calls wrong stays wrong however often it is sent.
        kind = NotSupported if 300 <= status < 500 else Unavailable
    return kind(f"{what}: {status} {reason}")
