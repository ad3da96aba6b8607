"""Notes on disk of requests that may still arrive although nobody waits for them any more.

Owns the notes, which outlive the process that sent the request. Must never drop one before the server's clock has
passed it, or a certain answer came.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from zlib import crc32

from catalog.store.errors import Unavailable

_STRIPES = 256


class Marks:
    """Key -> until when a request may arrive, in seconds of the server; every use is under the lock of the key.

    The notes of all keys that share a lock lie in one file (the stripes are those of ``KeyLocks``).
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def check(self, key: str, now: int) -> None:
        """Raise Unavailable while a request for this key may arrive."""
        until = self._read(key).get(key, 0)
        if now <= until:
            raise Unavailable(f"{key}: the outcome of an earlier write is open for another {until - now + 1} s")

    def set(self, key: str, until: int, now: int) -> None:
        """Note a request before it is sent; notes of other keys that are over go."""
        marks = {name: end for name, end in self._read(key).items() if end >= now}
        self._write(key, {**marks, key: until})

    def clear(self, key: str) -> None:
        """Drop the note: the request was answered."""
        marks = self._read(key)
        del marks[key]
        self._write(key, marks)

    def _read(self, key: str) -> dict[str, int]:
        try:
            return dict(json.loads(self._file(key).read_text()))
        except FileNotFoundError:
            return {}

    def _write(self, key: str, marks: dict[str, int]) -> None:
        replace_file(self._file(key), json.dumps(marks), durable=False)

    def _file(self, key: str) -> Path:
        return self._folder / f"{crc32(key.encode()) % _STRIPES:02x}.json"


def replace_file(path: Path, text: str, durable: bool) -> None:
    """Write a small file by one step; ``durable`` makes it outlast a power cut."""
    new = path.with_suffix(".new")
    with new.open("w") as file:
        file.write(text)
        if durable:
            file.flush()
            os.fsync(file.fileno())
    new.replace(path)
