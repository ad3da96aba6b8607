"""Small JSON objects in the store that are changed by conditional writes.

Owns reading them through a memory by ETag, and their conditional write. Must never know what such an object says,
but for the tokens by which a writer recognises its own work.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from catalog.service.conditional import put_and_know
from catalog.store.errors import NotFound, NotModified
from catalog.store.interface import ObjectStore, PutMode


class Marked(Protocol):
    """A record whose every write has a new random ``op``; ``recent_ops`` are those of the writes before."""

    @property
    def op(self) -> str:
        """The token of the last write."""
        ...

    @property
    def recent_ops(self) -> tuple[str, ...]:
        """The tokens of the writes before."""
        ...


Record = TypeVar("Record", bound=Marked)


@dataclass(frozen=True, slots=True)
class Stored(Generic[Record]):
    """A record as it lies in the store, with the ETag of its object."""

    record: Record
    etag: str


class Files(Generic[Record]):
    """Reads and writes the objects of one kind of record."""

    def __init__(
        self, store: ObjectStore, encode: Callable[[Record], bytes], decode: Callable[[bytes], Record]
    ) -> None:
        self._store = store
        self._encode = encode
        self._decode = decode
        self._known: dict[str, Stored[Record]] = {}

    def read(self, key: str) -> Stored[Record] | None:
        """Read the present state of an object; None if there is none. Raises Corrupt."""
        known = self._known.get(key)
        try:
            with self._store.get(key, if_none_match=known.etag if known else None) as body:
                found = Stored(self._decode(body.read()), body.info.etag)
        except NotModified:
            # Only the ETag that was asked for can be the one that has not changed.
            return known
        except NotFound:
            self._known.pop(key, None)
            return None
        self._known[key] = found
        return found

    def recall(self, key: str, etag: str) -> Stored[Record] | None:
        """Give an object without reading it, if its state with this ETag is known."""
        known = self._known.get(key)
        return known if known and known.etag == etag else None

    def forget_others(self, keys: set[str]) -> None:
        """Forget all objects but these."""
        for key in set(self._known) - keys:
            self._known.pop(key, None)

    def write(self, key: str, record: Record, mode: PutMode) -> Stored[Record]:
        """Put an object. Raises as ``put_and_know`` does."""
        body = self._encode(record)
        return put_and_know(
            key,
            mode,
            put=lambda: self._remember(key, Stored(record, self._store.put(key, body, mode).etag)),
            read=lambda: self.read(key),
            is_ours=lambda found: record.op in (found.record.op, *found.record.recent_ops),
            store="store",
        )

    def _remember(self, key: str, stored: Stored[Record]) -> Stored[Record]:
        self._known[key] = stored
        return stored
