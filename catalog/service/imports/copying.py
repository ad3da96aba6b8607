"""A blob copied from one store to another.

Owns the choice among several sources and the comparison of what arrived. Must never change a record: a copy that is
not equal, or broke off, leaves nothing behind.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import structlog

from catalog.clock import Sleep
from catalog.service.cleanup import Cleanup
from catalog.service.imports.changes import StepFailed
from catalog.service.imports.sources import Watch, watched
from catalog.service.stores import StoreEntry
from catalog.settings import Settings
from catalog.store.errors import StoreError, Unavailable
from catalog.store.interface import ByteRange, CopiesFrom
from catalog.transfer.budget import Budget
from catalog.transfer.hashing import Digests, Hasher
from catalog.transfer.part_sizes import part_size
from catalog.transfer.part_writer import PartWriter
from catalog.transfer.read_ahead import ReadAhead

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Source:
    """A blob to read: its size in bytes, and its hashes where all are known."""

    entry: StoreEntry
    key: str
    size: int
    digests: Digests | None


class Copies:
    """Copies between stores, in the memory that all transfers share."""

    def __init__(self, settings: Settings, cleanup: Cleanup, sleep: Sleep, budget: Budget) -> None:
        self._settings, self._cleanup, self._sleep, self._budget = settings, cleanup, sleep, budget

    def copy(self, work: Watch, sources: Sequence[Source], target: StoreEntry, key: str) -> Digests:
        """Copy the first source that can be read. Raises StepFailed when none can or the store takes no data."""
        reason = "the data are in no store that is configured here"
        for source in sources:
            try:
                digests = self._copy(work, source, target, key)
            except StoreError as error:
                reason = type(error).__name__
                log.warning("copy failed", source=source.entry.name, target=target.name, key=key, reason=str(error))
                continue
            if source.digests is not None and digests.sha512 != source.digests.sha512:
                target.store.delete(key)
                raise StepFailed(f"The data in store {source.entry.name} are not what they were", target.name)
            return digests
        raise StepFailed(f"The data could not be copied to store {target.name}: {reason}", target.name)

    def _copy(self, work: Watch, source: Source, target: StoreEntry, key: str) -> Digests:
        if source.digests is not None and self._copied_by_the_store(work, source, target, key):
            return source.digests
        return self._stream(work, source, target, key)

    def _copied_by_the_store(self, work: Watch, source: Source, target: StoreEntry, key: str) -> bool:
        """Try to have the stores copy among themselves; tells whether they did. Raises Unavailable, StepFailed."""
        if not isinstance(target.store, CopiesFrom):
            return False
        try:
            info = target.store.copy_from(source.entry.store, source.key, key)
        except Unavailable:
            raise
        except StoreError as error:
            log.info("copy.streamed", source=source.entry.name, target=target.name, reason=str(error)[:300])
            return False
        if info.size != source.size:
            target.store.delete(key)
            raise StepFailed(
                f"The data in store {source.entry.name} have {info.size} bytes, not {source.size}", target.name
            )
        work.progress(source.size, source.size)
        return True

    def _stream(self, work: Watch, source: Source, target: StoreEntry, key: str) -> Digests:
        settings = self._settings
        span, size, ahead = ByteRange(0, source.size), settings.download_range_size, settings.download_read_ahead
        data = ReadAhead(source.entry.store, source.key, span, size, ahead, self._budget, self._sleep)
        try:
            return self.write(watched(iter(data), work, source.size), source.size, target, key)
        finally:
            data.close()

    def write(self, blocks: Iterator[bytes], size: int, target: StoreEntry, key: str) -> Digests:
        """Store blocks of ``size`` bytes in all, or nothing. Raises StoreError and what the blocks raise."""
        hasher = Hasher()
        first = max(self._settings.upload_part_size, target.store.capabilities.min_part_size)
        writer = PartWriter(
            target.store,
            key,
            lambda number: part_size(number, first, size),
            self._settings.upload_parallel_parts,
            self._budget,
            hasher.mark,
        )
        try:
            for block in blocks:
                hasher.update(block)
                writer.write(block)
            writer.finish()
        except BaseException:
            self._cleanup.run(f"abort copy to {key}", writer.abort)
            hasher.finish()
            raise
        return hasher.finish()
