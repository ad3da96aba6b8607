"""Copies between stores: by the stores themselves, or streamed where they cannot, and never anything else."""

from __future__ import annotations

import hashlib

import pytest

from backends.memory import MemoryStore
from backends.wrap.checked import CheckedStore
from backends.wrap.counting import CountingStore
from catalog.service.adopt.moving import Tally
from catalog.service.cleanup import Cleanup
from catalog.service.imports.changes import StepFailed
from catalog.service.imports.copying import Copies, Source
from catalog.service.stores import StoreEntry
from catalog.settings import Settings
from catalog.store.errors import Denied, NotSupported, StoreError, Unavailable
from catalog.store.interface import ObjectInfo, ObjectStore, Overwrite
from catalog.transfer.budget import Budget
from catalog.transfer.hashing import Digests

DATA = b"0123456789" * 1000
DIGESTS = Digests(hashlib.md5(DATA).hexdigest(), hashlib.sha512(DATA).hexdigest())


class Cloud(MemoryStore):
    """A store that copies from others by itself, or fails to; ``given`` is what it takes instead of the data."""

    def __init__(self, fails: type[StoreError] | None = None, given: bytes | None = None) -> None:
        super().__init__(name="cloud")
        self.fails, self.given, self.copied = fails, given, 0

    def copy_from(self, other: ObjectStore, source: str, target: str) -> ObjectInfo:
        self.copied += 1
        if self.fails:
            raise self.fails(target)
        return self.put(target, other.get(source).read() if self.given is None else self.given, Overwrite())


def copy(target: Cloud, digests: Digests | None = DIGESTS, data: bytes = DATA) -> tuple[Digests, int]:
    """Copy to a store; give the hashes, and how often we have read ourselves."""
    source = CountingStore(MemoryStore())
    source.inner.put("from", data, Overwrite())
    cleanup = Cleanup()
    copies = Copies(Settings(), cleanup, lambda seconds: None, Budget(2**26))
    blob = Source(StoreEntry("a", source, "file"), "from", len(DATA), digests)
    try:
        found = copies.copy(Tally(lambda count: None), [blob], StoreEntry("b", CheckedStore(target), "file"), "to")
    finally:
        cleanup.close()
    return found, source.counts().get("get", 0)


def test_stores_copy_by_themselves() -> None:
    target = Cloud()
    assert copy(target) == (DIGESTS, 0)
    assert target.get("to").read() == DATA


def test_unknown_hashes_are_found_on_the_way() -> None:
    target = Cloud()
    assert copy(target, None) == (DIGESTS, 1)
    assert target.copied == 0


@pytest.mark.parametrize("error", [NotSupported, Denied])
def test_what_they_cannot_is_streamed(error: type[StoreError]) -> None:
    target = Cloud(error)
    assert copy(target) == (DIGESTS, 1)
    assert (target.copied, target.get("to").read()) == (1, DATA)


@pytest.mark.parametrize("given", [b"", DATA[:-1], DATA + b"x"])
def test_a_copy_of_another_size_is_removed(given: bytes) -> None:
    target = Cloud(given=given)
    with pytest.raises(StepFailed):
        copy(target)
    assert list(target.list()) == []


def test_a_store_that_does_not_answer_is_not_asked_for_more() -> None:
    target = Cloud(Unavailable)
    with pytest.raises(StepFailed):
        copy(target)
    assert list(target.list()) == []


def test_other_data_of_the_same_size_is_found_where_it_is_streamed() -> None:
    target = Cloud(NotSupported)
    with pytest.raises(StepFailed):
        copy(target, data=bytes(reversed(DATA)))
    assert list(target.list()) == []
