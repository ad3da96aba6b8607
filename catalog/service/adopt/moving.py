"""The data of an adopted image: left where it is, copied by the stores, or downloaded.

Owns this choice and the comparison of hashes. Must never remove or change an object that it did not write: what Glance
stored stays as it is. What was copied in vain is removed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from catalog.clock import NewId
from catalog.model import Image, Location
from catalog.service.adopt.places import Found
from catalog.service.adopt.source import Source, SourceFailed
from catalog.service.cleanup import Cleanup
from catalog.service.imports.copying import Copies
from catalog.service.imports.copying import Source as Blob
from catalog.service.imports.filling import digests_of
from catalog.service.stores import StoreEntry
from catalog.store import keys
from catalog.transfer.hashing import ALGORITHM, Digests, Hasher

IN_PLACE, COPIED, DOWNLOADED = "in place", "copied", "downloaded"


@dataclass(frozen=True, slots=True)
class Choice:
    """What may be done: ``copy`` moves data into our layout, ``download`` fetches what is in no store of ours.

    ``verify`` reads all data that stays or was copied by its store: hashes that Glance has are compared, others found.
    """

    target: StoreEntry
    copy: bool = False
    download: bool = False
    verify: bool = False


class Tally:
    """Notes how many bytes have passed, and never ends a transfer."""

    def __init__(self, passed: Callable[[int], None]) -> None:
        self._passed, self._last = passed, 0

    def check(self) -> None:
        """Let it go on."""

    def progress(self, done: int, total: int | None) -> None:
        """Take note of the bytes since the last time."""
        self._passed(done - self._last)
        self._last = done


class Moving:
    """Gives records their data."""

    def __init__(
        self,
        source: Source,
        copies: Copies,
        cleanup: Cleanup,
        choice: Choice,
        new_token: NewId,
        passed: Callable[[int], None],
    ) -> None:
        """``passed`` hears of bytes that were read, copied or downloaded."""
        self._source, self._copies, self._cleanup, self._choice = source, copies, cleanup, choice
        self._new_token, self._passed = new_token, passed

    def way(self, found: Sequence[Found]) -> str | None:
        """Tell what will be done with an image's data; None if they cannot be had."""
        if found:
            return COPIED if self._choice.copy else IN_PLACE
        return DOWNLOADED if self._choice.download else None

    def fill(self, image: Image, found: Sequence[Found]) -> Image:
        """Give the record with locations and hashes. Raises StoreError, StepFailed, SourceFailed."""
        way = self.way(found)
        if way == IN_PLACE:
            return self._in_place(image, found)
        target, key = self._choice.target, keys.blob(image.id, self._new_token())
        try:
            digests = self._copy(image, found, key) if way == COPIED else self._download(image, key)
            return replace(_checked(image, digests), locations=(Location(target.name, key),))
        except BaseException:
            self._cleanup.run(f"remove {key}", lambda: target.store.delete(key))
            raise

    def discard(self, image: Image) -> None:
        """Remove what was written for a record that was not stored."""
        store = self._choice.target.store
        for place in image.locations:
            if place.store == self._choice.target.name and keys.is_blob_of(image.id, place.key):
                self._cleanup.run(f"remove {place.key}", partial(store.delete, place.key))

    def _in_place(self, image: Image, found: Sequence[Found]) -> Image:
        if self._choice.verify:
            for one in found:
                image = _checked(image, self._hash(image, one.entry, one.location.key))
        return replace(image, locations=tuple(one.location for one in found))

    def _copy(self, image: Image, found: Sequence[Found], key: str) -> Digests | None:
        known, size = digests_of(image), image.size or 0
        sources = [Blob(one.entry, one.location.key, size, known) for one in found]
        digests = self._copies.copy(Tally(self._passed), sources, self._choice.target, key)
        return self._hash(image, self._choice.target, key) if self._choice.verify else digests

    def _download(self, image: Image, key: str) -> Digests:
        with self._source.data(image.id) as blocks:
            return self._copies.write(
                _whole(blocks, image.size or 0, self._passed), image.size or 0, self._choice.target, key
            )

    def _hash(self, image: Image, entry: StoreEntry, key: str) -> Digests:
        hasher = Hasher()
        try:
            with entry.store.get(key) as body:
                for block in _whole(iter(body), image.size or 0, self._passed):
                    hasher.update(block)
        except BaseException:
            hasher.finish()
            raise
        return hasher.finish()


def _whole(blocks: Iterator[bytes], size: int, passed: Callable[[int], None]) -> Iterator[bytes]:
    done = 0
    for block in blocks:
        done += len(block)
        passed(len(block))
        yield block
    if done != size:
        raise SourceFailed(f"{done} bytes came, not {size}")


def _checked(image: Image, digests: Digests | None) -> Image:
    """Give the record with its hashes. Raises SourceFailed if the data have others than Glance says."""
    if digests is None:
        return image
    if image.checksum not in (None, digests.md5):
        raise SourceFailed(f"the data have the checksum {digests.md5}, not {image.checksum}")
    if image.os_hash_algo not in (None, ALGORITHM):
        return replace(image, checksum=digests.md5)
    if image.os_hash_value not in (None, digests.sha512):
        raise SourceFailed(f"the data have the {ALGORITHM} {digests.sha512}, not {image.os_hash_value}")
    return replace(image, checksum=digests.md5, os_hash_algo=ALGORITHM, os_hash_value=digests.sha512)
