"""A namespace to be moved."""

from __future__ import annotations

from backends.memory import MemoryStore
from tests.service.metadef_samples import namespace, records_over


def with_old() -> MemoryStore:
    store = MemoryStore()
    records_over(store).create(namespace("old", "kept"))
    return store
