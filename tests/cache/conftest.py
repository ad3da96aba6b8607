"""Fixtures: caches in temporary folders, and images that fit into them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from catalog.cache.cache import ImageCache
from catalog.cache.disk import CacheDisk
from catalog.model import Image
from catalog.store.interface import ByteRange

START = datetime(2030, 1, 1, tzinfo=UTC)


class Ticking:
    """A clock that goes on by a second each time that it is read."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


def make_image(number: int, data: bytes, **fields: Any) -> Image:
    known = {
        "status": "active", "size": len(data), "checksum": hashlib.md5(data).hexdigest(), "os_hash_algo": "sha512",
        "os_hash_value": hashlib.sha512(data).hexdigest(), "attempt": f"a{number}",
    }  # fmt: skip
    return Image(f"{number:08x}-0000-4000-8000-000000000000", START, START, **{**known, **fields})


class Blocks:
    """The data of a download in blocks; ``fail_at`` breaks off before that block."""

    def __init__(self, data: bytes, size: int = 1000, fail_at: int = -1) -> None:
        self._blocks = [data[at : at + size] for at in range(0, len(data), size)]
        self._fail_at = fail_at
        self.closed = False

    def __iter__(self) -> Iterator[bytes]:
        for number, block in enumerate(self._blocks):
            if number == self._fail_at:
                raise ConnectionError("the store is gone")
            yield block

    def close(self) -> None:
        self.closed = True


class Store:
    """Where downloads read; counts how often."""

    def __init__(self, **images: bytes) -> None:
        self.reads: list[ByteRange] = []

    def reading(self, data: bytes, **options: Any) -> Callable[[ByteRange], Blocks]:
        def read(span: ByteRange) -> Blocks:
            self.reads.append(span)
            return Blocks(data[span.start : span.start + span.length], **options)

        return read


class Node:
    """One process with a cache."""

    def __init__(self, folder: Path, max_size: int = 100_000, stall_time: float = 3600) -> None:
        self.folder = folder
        self.clock = Ticking()
        self.cache = ImageCache(CacheDisk(folder, max_size, stall_time, self.clock))
        self.store = Store()

    def download(self, image: Image, data: bytes, span: ByteRange | None = None, **options: Any) -> bytes:
        """Download as a client does, and wait until the cache is done with it."""
        asked = span or ByteRange(0, len(data))
        opened = self.cache.through(image, asked, self.store.reading(data, **options))
        assert opened is not None
        try:
            return b"".join(opened)
        finally:
            opened.close()
            self.cache.settle(20)

    def has(self, image: Image) -> bool:
        entry = self.cache.entry(image)
        return entry is not None and self.cache.disk.has(entry)

    def files(self) -> list[str]:
        """Name every file in the cache, unfinished ones too."""
        return sorted(path.name for kind in ("images", "incomplete") for path in (self.folder / kind).iterdir())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def node(folder: Path) -> Iterator[Node]:
    made = Node(folder)
    yield made
    made.cache.close()
