"""What time it is by a store's own clock.

Owns the way to ask. Must never trust the clock of this node, nor the time of an object that was there before: a store
may let an object's time grow alone, so that one that was written by a wrong clock keeps telling that.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from catalog.clock import NewId
from catalog.store import keys
from catalog.store.errors import StoreError
from catalog.store.interface import ObjectStore, Overwrite


def store_time(store: ObjectStore, new_token: NewId) -> datetime:
    """Give the store's time: that of an object which is made for this, and removed. Raises StoreError."""
    key = keys.clock(new_token())
    now = store.put(key, b"{}", Overwrite()).modified
    with suppress(StoreError):  # the sweep removes what is left, by a crash as well
        store.delete(key)
    return now
