"""Metadata namespaces in the store: read, list, create, change, delete.

Owns the conditional write of their objects and its retry. Must never decide whether a change is allowed: the change
is a function that the caller gives, and it may run several times. One object holds a namespace with all its parts,
so every change is one conditional write; only a change of name takes more (``catalog.service.metadefs.moving``).

A deleted namespace leaves a tombstone of some hundred bytes: removing an object cannot be made conditional on every
store, and a late removal would take a namespace of the same name with it. A list names the objects and reads those
whose ETag it does not know. A list that runs beside a change of name shows the namespace under one of the names.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from catalog.clock import Clock, NewId, Sleep
from catalog.errors import Missing, Unavailable
from catalog.service.conditional import pause
from catalog.service.metadefs.files import Files, Stored
from catalog.service.metadefs.model import Namespace, decode, emptied, encode, next_revision
from catalog.service.metadefs.moving import Moves, is_arrival_of, name_taken
from catalog.store.errors import AlreadyExists, PreconditionFailed
from catalog.store.interface import Create, ObjectStore, PutMode, Update
from catalog.store.keys import METADEFS
from catalog.store.keys import metadef_namespace as key_of

Change = Callable[[Namespace], Namespace]
"""Gives the changed record; the same object means that nothing is to be stored. It raises to refuse."""

MAX_NAME = 80
"""Characters of a namespace's name; a longer one names nothing."""
_ROUNDS = 30
_READERS = 8
"""Objects that a list reads at once."""


class NamespaceRecords:
    """Reads and writes the records of metadata namespaces."""

    def __init__(self, store: ObjectStore, clock: Clock, new_token: NewId, sleep: Sleep) -> None:
        self._store = store
        self._clock = clock
        self._new_token = new_token
        self._sleep = sleep
        self._files: Files[Namespace] = Files(store, encode, decode)
        self._moves = Moves(self._files, new_token, self._pause)

    def find(self, name: str) -> Namespace | None:
        """Read a namespace; None if there is none of that name."""
        if not 0 < len(name) <= MAX_NAME:
            return None
        stored = self._files.read(key_of(name))
        if stored is None or stored.record.deleted_at is not None or self._moves.has_left(stored.record):
            return None
        return stored.record

    def load(self, name: str) -> Namespace:
        """Read a namespace. Raises Missing."""
        found = self.find(name)
        if found is None:
            raise no_namespace(name)
        return found

    def create(self, namespace: Namespace) -> None:
        """Store a new namespace. Raises Clash if the name is taken."""
        for turn in range(_ROUNDS):
            stored = self._settled(namespace.name)
            mode: PutMode = Create()
            record = replace(namespace, uid=self._new_token())
            if stored is not None:
                grave = stored.record
                if grave.deleted_at is None:
                    raise name_taken(namespace.name)
                mode = Update(stored.etag)
                record = replace(
                    record, revision=grave.revision, op=grave.op, recent_ops=grave.recent_ops, arrival=grave.arrival
                )
            if self._written(record, mode, turn):
                return
        raise _contended(namespace.name)

    def update(self, name: str, change: Change) -> None:
        """Read, change and store a namespace until no other writer came between; the name may change too.

        Raises Missing, Clash (the new name is taken), whatever ``change`` raises, and Unavailable when other
        writers win all the time.
        """
        for turn in range(_ROUNDS):
            stored = self._settled(name) if 0 < len(name) <= MAX_NAME else None
            if stored is None or stored.record.deleted_at is not None:
                raise no_namespace(name)
            changed = change(stored.record)
            if changed is stored.record:
                return
            if changed.name == name:
                if self._written(changed, Update(stored.etag), turn):
                    return
                continue
            try:
                self._moves.move(stored, changed)
                return
            except PreconditionFailed:
                self._pause(turn)
        raise _contended(name)

    def delete(self, name: str, check: Callable[[Namespace], None]) -> None:
        """Delete a namespace with all its parts if ``check`` does not raise. Raises Missing."""

        def change(namespace: Namespace) -> Namespace:
            check(namespace)
            return emptied(namespace, self._clock())

        self.update(name, change)

    def all(self) -> list[Namespace]:
        """Give all namespaces, in no order. Costs one listing, and one read of each that changed since the last."""
        listed = {info.key: info.etag for info in self._store.list(METADEFS)}
        self._files.forget_others(set(listed))
        known = {key: self._files.recall(key, etag) for key, etag in listed.items()}
        unread = [key for key, stored in known.items() if stored is None]
        if len(unread) > 1:
            with ThreadPoolExecutor(_READERS) as readers:
                known.update(zip(unread, readers.map(self._files.read, unread), strict=True))
        else:
            known.update({key: self._files.read(key) for key in unread})
        return _shown(self._with_targets({key: stored.record for key, stored in known.items() if stored}))

    def _with_targets(self, found: dict[str, Namespace]) -> list[Namespace]:
        """Read what came after the listing to where a listed one went."""
        waiting = list(found.values())
        while waiting:
            left_to = waiting.pop().moved_to
            if left_to is not None and key_of(left_to) not in found:
                stored = self._files.read(key_of(left_to))
                if stored is not None:
                    found[key_of(left_to)] = stored.record
                    waiting.append(stored.record)
        return list(found.values())

    def _settled(self, name: str) -> Stored[Namespace] | None:
        """Read an object, tombstones too; a move that somebody left unfinished is brought to its end first."""
        stored = self._files.read(key_of(name))
        while stored is not None and stored.record.move is not None:
            self._moves.settle(name, stored.record.move.token)
            stored = self._files.read(key_of(name))
        return stored

    def _written(self, record: Namespace, mode: PutMode, turn: int) -> bool:
        try:
            self._files.write(key_of(record.name), next_revision(record, self._new_token()), mode)
        except (AlreadyExists, PreconditionFailed):
            self._pause(turn)
            return False
        return True

    def _pause(self, turn: int) -> None:
        pause(turn, self._sleep, self._new_token)


def no_namespace(name: str) -> Missing:
    """Give the error that absent, deleted and invisible namespaces share."""
    return Missing(f"Metadata definition namespace={name} was not found.")


def _contended(name: str) -> Unavailable:
    return Unavailable(f"Metadata namespace {name} is being changed by too many requests; try again.")


def _shown(records: list[Namespace]) -> list[Namespace]:
    """Leave out tombstones and what has left, and of one namespace under two names the older one."""
    by_name = {record.name: record for record in records}
    newest: dict[str, Namespace] = {}
    for record in records:
        target = by_name.get(record.move.to) if record.move else None
        if record.deleted_at is not None or (target is not None and is_arrival_of(target, record)):
            continue
        other = newest.get(record.uid)
        if other is None or other.revision < record.revision:
            newest[record.uid] = record
    return list(newest.values())
