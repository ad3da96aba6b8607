"""The way back from ``expire``.

Owns the verb ``keep`` and the question whether a store has it. Must never let anybody set an expiry that nobody could
take back.
"""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

from catalog.store.errors import NotSupported
from catalog.store.interface import ObjectStore


@runtime_checkable
class KeepingStore(Protocol):
    """A store whose ``expire`` can be undone."""

    def keep(self, key: str) -> None:
        """Make sure that an object does not expire. Raises NotFound, NotSupported."""
        ...


def innermost(store: ObjectStore) -> ObjectStore:
    """Give the driver inside of all wrappers."""
    inner: Any = store
    while hasattr(inner, "inner"):
        inner = inner.inner
    found: ObjectStore = inner
    return found


def expires(store: ObjectStore) -> bool:
    """Tell whether a store removes objects by itself when it is asked to, and can be told to keep them after all."""
    return store.capabilities.expire and isinstance(innermost(store), KeepingStore)


def keep(store: ObjectStore, key: str) -> None:
    """Make sure that an object does not expire. Raises NotFound, NotSupported (the store has no expiry)."""
    if not isinstance(store, KeepingStore):
        raise NotSupported(f"{key}: this store sets no expiry")
    store.keep(key)
