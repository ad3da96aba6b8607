"""Image records in the store: read, create, change.

Owns the conditional write of sidecars and its retry. Must never decide whether a change is allowed: the change is a
function that the caller gives, and it may run several times.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from catalog.clock import Clock, NewId, Sleep
from catalog.errors import CatalogError, Clash, Unavailable
from catalog.model import Image, Stored, decode, encode, next_revision
from catalog.publisher import Publisher
from catalog.service.conditional import pause, put_and_know
from catalog.service.policy import no_image
from catalog.service.status import DELETED
from catalog.store import keys
from catalog.store.errors import AlreadyExists, NotFound, PreconditionFailed, StoreError
from catalog.store.interface import Create, ObjectStore, PutMode, Update

Change = Callable[[Image], Image]
"""Gives the changed record; the same object means that nothing is to be stored. It raises to refuse."""

_ROUNDS = 30
"""Readings of one record that keeps changing under us, before the client is told to come back."""
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def is_image_id(text: str) -> bool:
    """Tell whether a text has the form of an image id (UUID, either case)."""
    return _UUID.fullmatch(text) is not None


class Records:
    """Reads and writes image records."""

    def __init__(self, store: ObjectStore, publisher: Publisher, clock: Clock, new_op: NewId, sleep: Sleep) -> None:
        self._store = store
        self._publisher = publisher
        self._clock = clock
        self._new_op = new_op
        self._sleep = sleep

    def find(self, image_id: str) -> Stored | None:
        """Read a record, tombstones included; None if there never was one."""
        if not is_image_id(image_id):
            return None
        try:
            with self._store.get(keys.sidecar(image_id)) as body:
                stored = Stored(decode(body.read()), body.info.etag, body.info.modified)
        except NotFound:
            return None
        self._publisher.seen(stored)
        return stored

    def find_image(self, image_id: str) -> Image | None:
        """Read a record without its ETag, tombstones included; None if there never was one."""
        stored = self.find(image_id)
        return stored.image if stored else None

    def load(self, image_id: str) -> Stored:
        """Read the record of a living image. Raises Missing."""
        stored = self.find(image_id)
        if stored is None or stored.image.status == DELETED:
            raise no_image(image_id)
        return stored

    def create(self, image: Image) -> Image:
        """Claim the image's id and store the first revision. Raises Clash if the id was ever used."""
        try:
            stored = self._store_revision(image, Create())
        except AlreadyExists:
            raise Clash(f"Image ID {image.id} already exists!") from None
        self._publisher.publish(stored.image, stored.etag)
        return stored.image

    def update(
        self, image_id: str, change: Change, touch: bool = True, known: Callable[[str], Stored | None] | None = None
    ) -> Image:
        """Read, change and store a record until no other writer came between. Gives the stored record.

        ``known`` gives what the record probably is, which saves the first reading: the store refuses a write on what
        it is no longer, and a refusal by ``change`` counts only after the record was read. ``touch`` tells whether
        this is a change of the image that moves its ``updated_at``.
        Raises Missing, whatever ``change`` raises, and Unavailable when other writers win all the time.
        """
        guess = known(image_id) if known else None
        if guess is not None and (guessed := self._change_guess(guess, change, touch)) is not None:
            return guessed
        stored, changed = self._change(image_id, self.load, lambda found: change(found.image), touch)
        if changed:
            self._publisher.publish(stored.image, stored.etag)
        return stored.image

    def _change_guess(self, guess: Stored, change: Change, touch: bool) -> Image | None:
        """Change a record that probably is as we know it; None if it has to be read after all."""
        if guess.image.status == DELETED:
            return None
        try:
            changed = change(guess.image)
        except CatalogError:
            return None  # the record may allow it by now
        if changed is guess.image:
            return None
        try:
            changed = replace(changed, updated_at=self._clock()) if touch else changed
            stored = self._store_revision(changed, Update(guess.etag))
        except PreconditionFailed:
            return None
        self._publisher.publish(stored.image, stored.etag)
        return stored.image

    def undelete(self, image_id: str, change: Change) -> Image:
        """Do as ``update`` with a record that may be a tombstone."""
        stored, changed = self._change(image_id, self._load_any, lambda found: change(found.image), touch=True)
        if changed:
            self._publisher.publish(stored.image, stored.etag)
        return stored.image

    def bury(self, image_id: str, change: Callable[[Stored], Image]) -> Stored | None:
        """Change a tombstone without telling anybody yet: the caller gives what comes back to ``publish_many``.

        None means that there was nothing to change. Raises Missing, Unavailable, StoreError.
        """
        stored, changed = self._change(image_id, self._load_any, change, touch=False)
        return stored if changed else None

    def publish_many(self, stored: Sequence[Stored]) -> None:
        """Make changes known that ``bury`` stored. Raises StoreError, Unavailable."""
        self._publisher.publish_many(stored)

    def _load_any(self, image_id: str) -> Stored:
        stored = self.find(image_id)
        if stored is None:
            raise no_image(image_id)
        return stored

    def _change(
        self, image_id: str, load: Callable[[str], Stored], change: Callable[[Stored], Image], touch: bool
    ) -> tuple[Stored, bool]:
        for turn in range(_ROUNDS):
            stored = load(image_id)
            changed = change(stored)
            if changed is stored.image:
                return stored, False
            try:
                changed = replace(changed, updated_at=self._clock()) if touch else changed
                return self._store_revision(changed, Update(stored.etag)), True
            except PreconditionFailed:
                pause(turn, self._sleep, self._new_op)
        raise Unavailable(f"Image {image_id} is being changed by too many requests; try again.")

    def _store_revision(self, image: Image, mode: PutMode) -> Stored:
        try:
            return self._put(next_revision(image, self._new_op()), mode)
        except (AlreadyExists, PreconditionFailed):
            raise
        except (StoreError, Unavailable):
            # The write may have happened unseen; lists must learn of it although the client gets no answer.
            self._publisher.doubt(image.id)
            raise

    def _put(self, image: Image, mode: PutMode) -> Stored:
        key, body = keys.sidecar(image.id), encode(image)
        return put_and_know(
            key,
            mode,
            put=lambda: Stored(image, self._store.put(key, body, mode).etag),
            read=lambda: self.find(image.id),
            is_ours=lambda found: image.op in (found.image.op, *found.image.recent_ops),
        )
