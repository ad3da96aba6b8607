"""Whose turn it is to sweep.

Owns the objects by which the nodes spread their sweeps. It is advice alone: two sweeps at once do no harm, they only
ask the store twice.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from catalog.clock import Clock, NewId
from catalog.store import keys
from catalog.store.clock import store_time
from catalog.store.errors import AlreadyExists, NotFound, OutcomeUnknown, PreconditionFailed
from catalog.store.interface import Create, ObjectStore, Overwrite, Update

_BODY = b'{"token": "%b"}'


class Turns:
    """The turns of one kind of sweep, by ``name``."""

    def __init__(self, store: ObjectStore, name: str, clock: Clock, new_token: NewId) -> None:
        self._store, self._key, self._clock, self._new_token = store, keys.lease(name), clock, new_token

    def take(self, interval: timedelta) -> datetime | None:
        """Take the turn if the last one is long enough ago; gives the store's time, None if it is not our turn.

        Costs one request where it is not. Raises StoreError.
        """
        return store_time(self._store, self._new_token) if self.win(interval) else None

    def win(self, interval: timedelta) -> bool:
        """Do as ``take`` where nobody needs to know the time. Raises StoreError.

        A last turn that lies in the future was taken by a wrong clock, and holds nobody up.
        """
        try:
            last = self._store.head(self._key)
        except NotFound:
            mode: Create | Update = Create()
        else:
            if timedelta() <= self._clock() - last.modified < interval:
                return False
            mode = Update(last.etag)
        try:
            self._store.put(self._key, self._body(), mode)
        except (AlreadyExists, PreconditionFailed, OutcomeUnknown):
            return False  # another node was first, or the next turn is ours
        return True

    def begin(self) -> datetime:
        """Take the turn whatever others do, and give the store's time. Raises StoreError."""
        self._store.put(self._key, self._body(), Overwrite())
        return store_time(self._store, self._new_token)

    def _body(self) -> bytes:
        return _BODY % self._new_token().encode()  # the same bytes would have the same ETag
