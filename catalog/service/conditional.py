"""Conditional writes of small records whose every write has a new random ``op``.

Owns what to do when the answer to one was lost, and the pause after one that another writer was faster with. Must
never know what a record says: how it is put and read, and whether a write was ours, are functions of the caller.

The rounds of reading, changing and writing are not here: images, namespaces and tasks differ in what they may find
(a tombstone, an unfinished change of name, nothing), in how often they try, and in what the client is told.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from catalog.clock import NewId, Sleep
from catalog.errors import Unavailable
from catalog.store.errors import AlreadyExists, OutcomeUnknown, PreconditionFailed
from catalog.store.interface import Create, PutMode, Update

_UNKNOWN_ROUNDS = 3


class Kept(Protocol):
    """A record as it lies in the store."""

    @property
    def etag(self) -> str:
        """The ETag of its object."""
        ...


Found = TypeVar("Found", bound=Kept)


def put_and_know(
    key: str,
    mode: PutMode,
    put: Callable[[], Found],
    read: Callable[[], Found | None],
    is_ours: Callable[[Found], bool],
    store: str = "image store",
) -> Found:
    """Call ``put``; where the answer is lost, read back and look for our own ``op``. Gives what lies in the store.

    The same bytes with the same condition are sent again only if the object is as it was before: should the lost
    request arrive late after all, one of the two meets a changed ETag and does nothing.

    Raises AlreadyExists or PreconditionFailed (somebody else was first, nothing was written), Unavailable.
    """
    refused: AlreadyExists | PreconditionFailed | None = None
    for turn in range(_UNKNOWN_ROUNDS):
        try:
            return put()
        except OutcomeUnknown:
            found = read()
        except (AlreadyExists, PreconditionFailed) as error:
            if turn == 0:
                raise
            refused, found = error, read()
        if found is not None and is_ours(found):
            return found
        if refused is not None:
            raise refused
        if isinstance(mode, Create) and found is not None:
            raise AlreadyExists(key)
        if isinstance(mode, Update) and (found is None or found.etag != mode.etag):
            raise PreconditionFailed(key)
    raise Unavailable(f"The {store} gives no answers; try again later.")


def pause(turn: int, sleep: Sleep, new_token: NewId) -> None:
    """Wait after losing a round to another writer; tries are spread so that all of them get through."""
    sleep(min(0.005 * 2**turn, 0.2) * (int(new_token()[:4], 16) / 0xFFFF))
