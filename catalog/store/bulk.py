"""Many deletions at once.

Owns the verb ``delete_many`` and what it means for stores that lack it. Must never say that something is gone that
may still be there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from catalog.store.errors import Conflict, Unavailable
from catalog.store.interface import ObjectStore


@runtime_checkable
class BulkStore(Protocol):
    """A store that removes many objects by few requests."""

    def delete_many(self, keys: Sequence[str]) -> Sequence[str]:
        """Remove objects; those that are not there are no error. Gives the keys that could not be removed now.

        Raises Denied, NotSupported, and Unavailable where no answer came at all.
        """
        ...


def delete_many(store: ObjectStore, keys: Sequence[str]) -> Sequence[str]:
    """Remove objects as ``BulkStore.delete_many`` does, one by one where the store has no better way."""
    if isinstance(store, BulkStore):
        return store.delete_many(keys)
    left: list[str] = []
    for key in keys:
        try:
            store.delete(key)
        except (Unavailable, Conflict):
            left.append(key)
    return left
