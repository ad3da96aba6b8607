"""Notes on disk of requests that may still arrive although nobody waits for them any more.

Owns the notes, which outlive the process that sent the request. Must never drop one before the server's clock has
passed it, or a certain answer came; one that cannot be read counts as the latest that it can have been.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from zlib import crc32

from catalog.store.errors import Unavailable

_STRIPES = 256
_ALL = ""
"""Stands for all keys of a file; no object has this name."""


class _Unreadable(Unavailable):
    """The file holds no notes: a power cut or somebody's hand tore it."""


class Marks:
    """Key -> until when a request may arrive, in seconds of the server; every use is under the lock of the key.

    The notes of all keys that share a lock lie in one file (the stripes are those of ``KeyLocks``).
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def check(self, key: str, now: int, longest: int) -> None:
        """Raise Unavailable while a request for this key may arrive; ``longest`` is how long one may take to begin."""
        try:
            marks = self._read(key)
        except _Unreadable:
            marks = {_ALL: now + longest}  # no request that the file may have told of can begin after that
            self._write(key, marks)
        until = max(marks.get(key, 0), marks.get(_ALL, 0))
        if now <= until:
            raise Unavailable(f"{key}: the outcome of an earlier write is open for another {until - now + 1} s")

    def set(self, key: str, until: int, now: int) -> None:
        """Note a request before it is sent; notes of other keys that are over go."""
        marks = {name: end for name, end in self._read(key).items() if end >= now}
        self._write(key, {**marks, key: until})

    def clear(self, key: str) -> None:
        """Drop the note: the request was answered."""
        marks = self._read(key)
        marks.pop(key, None)  # somebody may have removed the file
        self._write(key, marks)

    def _read(self, key: str) -> dict[str, int]:
        file = self._file(key)
        try:
            with _disk_errors(file), suppress(FileNotFoundError):
                return {name: int(end) for name, end in json.loads(file.read_text()).items()}
            return {}
        except (AttributeError, ValueError, TypeError) as error:
            raise _Unreadable(f"{file} is damaged: {error}") from error

    def _write(self, key: str, marks: dict[str, int]) -> None:
        file = self._file(key)
        with _disk_errors(file):
            replace_file(file, json.dumps(marks))

    def _file(self, key: str) -> Path:
        return self._folder / f"{crc32(key.encode()) % _STRIPES:02x}.json"


@contextmanager
def _disk_errors(file: Path) -> Iterator[None]:
    """Say Unavailable where the disk of this host does not work: the store itself is neither full nor forbidden."""
    try:
        yield
    except OSError as error:
        raise Unavailable(f"{file}: {error.strerror}") from error


def replace_file(path: Path, text: str) -> None:
    """Write a small file by one step, so that not even a power cut leaves half of it."""
    new = path.with_suffix(".new")
    with new.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
