"""Gives a namespace another name: from one object to another, with nothing but conditional writes.

Owns the order of these writes. Must never decide whether a change is allowed. A move from A to B is

    1. A := A with ``move`` (to B, token)      Update: closes A to other writers, but A is still what everybody sees
    2. B := A's content with ``arrival``       Create, or Update of a tombstone: from this write on the name is B
    3. A := tombstone                          Update

and everything after step 1 can be done by anybody who finds A so: the mover, or a later writer of A or B. No object
is ever removed, because only writes can be made conditional on every store; the tombstone keeps the name free.

    what goes wrong                    what is stored        what follows
    ---------------------------------  --------------------  ------------------------------------------------------
    A changes before step 1            as it was             1 is refused; the move is decided again on the new A
    death or 503 after step 1          A with move           A is shown; the next writer of A does steps 2 and 3
    B is taken before step 2           A with move, foreign  2 is refused; ``move`` is taken back from A; Clash
    death or 503 after step 2          A with move, B        A is absent (B has the token); the next writer does 3
    B changes between steps 2 and 3    A with move, B'       ``arrival`` stays in B, so A stays absent; 3 as before
    B is deleted between 2 and 3       A with move,          as before: tombstones and what is created over them
                                       tombstone of B        keep ``arrival``
    another move to B, before 3        A with move, B''      A is first brought to its tombstone, then B overwritten
    a writer of A while it moves       -                     it finishes the move first, then finds A absent
    two finish the move at once        -                     both write the same; the second is refused, looks, agrees
    the move was taken back while      -                     2 is conditional on B as it was read *before* A was seen
    somebody was about to do 2                               to be moving; taking back needs B to have been taken
    an answer is lost                  -                     ``Files.write`` finds its own ``op`` or the token
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from catalog.clock import NewId
from catalog.errors import Clash, Unavailable
from catalog.service.metadefs.files import Files, Stored
from catalog.service.metadefs.model import HEAD, Arrival, Move, Namespace, emptied, next_revision
from catalog.store.errors import AlreadyExists, PreconditionFailed
from catalog.store.interface import Create, Update
from catalog.store.keys import metadef_namespace as key_of

Pause = Callable[[int], None]
"""Waits a little after the n-th refusal."""

_ROUNDS = 30


class Moves:
    """Moves namespaces from name to name."""

    def __init__(self, files: Files[Namespace], new_token: NewId, pause: Pause) -> None:
        self._files = files
        self._new_token = new_token
        self._pause = pause

    def move(self, stored: Stored[Namespace], changed: Namespace) -> None:
        """Store ``changed``, which has another name, in the place of ``stored``.

        Raises Clash if the new name is taken, PreconditionFailed if ``stored`` is not the present state any more.
        """
        taken = self._files.read(key_of(changed.name))
        if taken is not None and taken.record.deleted_at is None and not self.has_left(taken.record):
            raise name_taken(changed.name)
        head = {name: getattr(changed, name) for name in HEAD}
        move = Move(changed.name, self._new_token(), head, changed.updated_at)
        closed = next_revision(replace(stored.record, move=move), self._new_token())
        self._files.write(key_of(stored.record.name), closed, Update(stored.etag))
        self.settle(stored.record.name, move.token)
        if not self._happened(stored.record.name, move):
            raise name_taken(changed.name)

    def has_left(self, namespace: Namespace) -> bool:
        """Tell whether a namespace that was found moving has its new name already."""
        if namespace.move is None:
            return False
        target = self._files.read(key_of(namespace.move.to))
        return target is not None and is_arrival_of(target.record, namespace)

    def settle(self, name: str, token: str) -> None:
        """Bring a move to its end, whoever began it: done, or taken back because the new name is taken."""
        for turn in range(_ROUNDS):
            source = self._moving(name, token)
            if source is None or source.record.move is None:
                return
            try:
                self._advance(source, source.record.move)
            except (AlreadyExists, PreconditionFailed):
                self._pause(turn)
        raise Unavailable(f"Metadata namespace {name} is being changed by too many requests; try again.")

    def _advance(self, source: Stored[Namespace], move: Move) -> None:
        """Do the next write of a move."""
        name = source.record.name
        target = self._files.read(key_of(move.to))
        if target is not None and is_arrival_of(target.record, source.record):
            self._end(source, move)
        elif target is not None and target.record.deleted_at is None:
            self._make_room(source, target.record)
        else:
            if target is not None and target.record.arrival is not None:
                self._end_arrival(target.record.arrival)
            # Only now: the condition of the write is older than this look, see the table above.
            if self._moving(name, move.token) is not None:
                mode = Create() if target is None else Update(target.etag)
                self._files.write(key_of(move.to), _arrived(source.record, move, target), mode)

    def _make_room(self, source: Stored[Namespace], taken: Namespace) -> None:
        """Where the new name's owner has itself left, say so there; else the move is off."""
        if taken.move is not None and self.has_left(taken):
            self._end_arrival(Arrival(taken.name, taken.move.token))
        else:
            back = next_revision(replace(source.record, move=None), self._new_token())
            self._files.write(key_of(back.name), back, Update(source.etag))

    def _end_arrival(self, arrival: Arrival) -> None:
        source = self._moving(arrival.origin, arrival.token)
        if source is not None and source.record.move is not None:
            self._end(source, source.record.move)

    def _end(self, source: Stored[Namespace], move: Move) -> None:
        left = replace(emptied(source.record, move.updated_at), moved_to=move.to)
        self._files.write(key_of(left.name), next_revision(left, move.token), Update(source.etag))

    def _moving(self, name: str, token: str) -> Stored[Namespace] | None:
        source = self._files.read(key_of(name))
        move = source.record.move if source else None
        return source if move is not None and move.token == token else None

    def _happened(self, name: str, move: Move) -> bool:
        """Tell how a move ended: step 2 has the token as its ``op``, and so has step 3."""
        stored = [self._files.read(key_of(place)) for place in (move.to, name)]
        return any(move.token in (one.record.op, *one.record.recent_ops) for one in stored if one is not None)


def is_arrival_of(target: Namespace, source: Namespace) -> bool:
    """Tell whether ``target`` is (or was, before later changes) where the move of ``source`` has led."""
    return source.move is not None and target.arrival == Arrival(source.name, source.move.token)


def name_taken(name: str) -> Clash:
    """Give the error of a name that is not free."""
    return Clash(f"The metadata definition namespace={name} already exists.")


def _arrived(source: Namespace, move: Move, grave: Stored[Namespace] | None) -> Namespace:
    """Give the record under the new name; it goes on from the tombstone that it replaces."""
    before = grave.record if grave else replace(source, revision=0, op="", recent_ops=())
    record = replace(
        source, **move.head, name=move.to, updated_at=move.updated_at, move=None,
        arrival=Arrival(source.name, move.token), revision=max(source.revision, before.revision),
        op=before.op, recent_ops=before.recent_ops,
    )  # fmt: skip
    return next_revision(record, move.token)
