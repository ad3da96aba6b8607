"""Small JSON objects in the store that are changed by conditional writes.

Owns reading them through a memory by ETag, and what to do when the answer to a write was lost. Must never know what
such an object says, but for the tokens by which a writer recognises its own work.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from catalog.errors import Unavailable
from catalog.store.errors import AlreadyExists, NotFound, NotModified, OutcomeUnknown, PreconditionFailed
from catalog.store.interface import Create, ObjectStore, PutMode, Update

_UNKNOWN_ROUNDS = 3


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
        """Put an object; where the answer is lost, read back and look for our own ``op``.

        The same bytes with the same condition are sent again only if the object is as it was before: should the
        lost request arrive late after all, one of the two meets a changed ETag and does nothing.

        Raises AlreadyExists or PreconditionFailed (somebody else was first, nothing was written), Unavailable.
        """
        body = self._encode(record)
        refused: AlreadyExists | PreconditionFailed | None = None
        for turn in range(_UNKNOWN_ROUNDS):
            try:
                return self._remember(key, Stored(record, self._store.put(key, body, mode).etag))
            except OutcomeUnknown:
                found = self.read(key)
            except (AlreadyExists, PreconditionFailed) as error:
                if turn == 0:
                    raise
                refused, found = error, self.read(key)
            if found is not None and record.op in (found.record.op, *found.record.recent_ops):
                return found
            if refused is not None:
                raise refused
            if isinstance(mode, Create) and found is not None:
                raise AlreadyExists(key)
            if isinstance(mode, Update) and (found is None or found.etag != mode.etag):
                raise PreconditionFailed(key)
        raise Unavailable("The store gives no answers; try again later.")

    def _remember(self, key: str, stored: Stored[Record]) -> Stored[Record]:
        self._known[key] = stored
        return stored
