"""Which journal counts.

Owns the object that names the epoch, and the way from an epoch that is over to the next. Must never read changes.
"""

from __future__ import annotations

import orjson
import structlog

from catalog.clock import NewId
from catalog.index.journal.log import Log
from catalog.index.ledger import Position
from catalog.store import keys
from catalog.store.errors import AlreadyExists, Corrupt, NotFound, OutcomeUnknown, PreconditionFailed
from catalog.store.interface import Create, ObjectStore, Update

log = structlog.get_logger(__name__)

_ROUNDS = 3


class Epochs:
    """The epochs of one store."""

    def __init__(self, store: ObjectStore, new_token: NewId) -> None:
        self._store, self._new_token = store, new_token

    def current(self) -> str:
        """Give the current epoch; the first node of a bucket begins one. Raises StoreError."""
        for _ in range(_ROUNDS):
            try:
                return self._read()[0]
            except NotFound:
                document = orjson.dumps({"epoch": self._new_token()})
                try:
                    self._store.put(keys.CURRENT_EPOCH, document, Create())
                except (AlreadyExists, OutcomeUnknown):
                    continue
        raise OutcomeUnknown("the store does not tell the index epoch")

    def _read(self) -> tuple[str, str]:
        with self._store.get(keys.CURRENT_EPOCH) as body:
            data, etag = body.read(), body.info.etag
        try:
            return str(orjson.loads(data)["epoch"]), etag
        except (ValueError, TypeError, KeyError) as error:
            raise Corrupt(f"{keys.CURRENT_EPOCH}: {error}") from error

    def move_on(self, old: str, new: str) -> None:
        """Make ``new`` the current epoch if ``old`` still is. Raises StoreError."""
        epoch, etag = self._read()
        if epoch != old:
            return
        try:
            self._store.put(keys.CURRENT_EPOCH, orjson.dumps({"epoch": new}), Update(etag))
        except (PreconditionFailed, OutcomeUnknown):
            # Somebody else has, or the next node that comes by will.
            log.info("index.epoch_moved_by_another_node", epoch=new)

    def end(self) -> Position:
        """Give the last entry of the journal that counts, whatever the entries before it are. Raises StoreError."""
        epoch = self.current()
        while True:
            journal = Log(self._store, epoch)
            number = max(journal.numbers(0), default=0)
            try:
                entry = journal.read(number) if number else None
            except Corrupt as error:
                log.warning("index.entry_damaged", number=number, error=str(error))
                entry = None
            if entry is None or not entry.next_epoch:
                return Position(epoch, number, entry.op if entry else "")
            self.move_on(epoch, entry.next_epoch)
            epoch = entry.next_epoch
