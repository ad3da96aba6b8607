"""Staged data read back, where a plug-in is to change them.

Owns the reads of them. Must never copy, change or remove them.
"""

from __future__ import annotations

from contextlib import ExitStack

from catalog.service.core import Core
from catalog.service.imports.sources import BlockBody, watched
from catalog.service.imports.staged import Staged
from catalog.service.tasks.work import Work
from catalog.service.upload_data import Body
from catalog.store.interface import ByteRange, ObjectStore
from catalog.transfer.budget import Budget
from catalog.transfer.decompression import HEAD
from catalog.transfer.read_ahead import ReadAhead


def staged_head(home: ObjectStore, staged: Staged, key: str) -> bytes:
    """Give the first bytes of staged data. Raises StoreError."""
    if not staged.size:
        return b""
    with home.get(key, ByteRange(0, min(HEAD, staged.size))) as body:
        return body.read()


def open_staged(core: Core, budget: Budget, work: Work, staged: Staged, key: str, stack: ExitStack) -> Body:
    """Open staged data, to be ended with the stack. Raises StoreError."""
    settings, span = core.settings, ByteRange(0, staged.size)
    size, ahead = settings.download_range_size, settings.download_read_ahead
    data = ReadAhead(core.home, key, span, size, ahead, budget, core.sleep)
    stack.callback(data.close)
    return BlockBody(watched(iter(data), work, staged.size), staged.size)
