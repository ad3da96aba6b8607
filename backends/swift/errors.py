"""What an answer of Swift, or none, means to a store.

Owns the table from statuses to store errors. Must never put a token, a key or a signature into a text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import Enum, auto

from urllib3 import exceptions as http

from backends.statuses import STATUSES, leaves_open, otherwise
from catalog.store.errors import (
    Corrupt,
    Full,
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
    **STATUSES,
    412: PreconditionFailed,
    422: Corrupt,
    498: Unavailable,  # "Rate Limited"
}
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
    if intent is Intent.ONCE and leaves_open(status):
        kind = OutcomeUnknown
    kind = kind or otherwise(status, refused_from=300)
    return kind(f"{what}: {status} {reason}")
