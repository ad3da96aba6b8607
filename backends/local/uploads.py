"""Multipart uploads of a folder store: every part goes straight to its place in one file.

Owns the folder of each upload: ``meta``, ``data``, a marker for each stored part, lock files. Must never write
into ``data`` once it is published; the upload's lock sees to that.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from backends.local.files import aside, sync_folder, write_all
from backends.local.locks import locked
from backends.local.publish import Publisher
from backends.parts import PlacedPart, joined_size
from catalog.clock import Clock, NewId
from catalog.store.errors import NotFound
from catalog.store.interface import Bytes, ObjectInfo, Overwrite, Part, PendingUpload

_ID = re.compile(r"[0-9a-z]{8,64}")


class LocalUploads:
    """The pending uploads below ``folder``; ``scratch`` is where small files are written aside."""

    def __init__(self, folder: Path, scratch: Path, publisher: Publisher, clock: Clock, new_id: NewId) -> None:
        self._folder = folder
        self._scratch = scratch
        self._publisher = publisher
        self._clock = clock
        self._new_id = new_id

    def begin(self, key: str) -> str:
        """Make the folder of a new upload; ``meta`` comes last and makes it valid."""
        self._publisher.path(key)
        upload_id = self._new_id()
        folder = self._folder / upload_id
        folder.mkdir()
        (folder / "lock").touch()
        (folder / "data").touch()
        self._write(folder / "meta", {"key": key, "started": self._clock().isoformat()})
        sync_folder(self._folder)
        return upload_id

    def put_part(self, key: str, upload_id: str, number: int, body: Bytes, offset: int) -> Part:
        """Write one part to its place; its marker, written last, says that it is whole."""
        with self._held(key, upload_id, shared=True) as folder:
            marker = folder / f"part-{number:05}"
            # Two senders of one part would mix their bytes.
            with locked(folder / f"lock-{number:05}", create=True):
                if marker.exists():
                    marker.unlink()
                    sync_folder(folder)
                self._write_data(folder, body, offset)
                part = Part(number, self._new_id(), len(body))
                self._write(marker, {"number": number, "etag": part.etag, "size": part.size, "offset": offset})
        return part

    def list_parts(self, key: str, upload_id: str) -> Sequence[Part]:
        """Give the stored parts in the order of their numbers."""
        with self._held(key, upload_id, shared=True) as folder:
            placed = _markers(folder)
        return [placed[number].part for number in sorted(placed)]

    def complete(self, key: str, upload_id: str, parts: Sequence[Part]) -> ObjectInfo:
        """Publish the data as the object; waits for parts that are being written."""
        with self._held(key, upload_id, shared=False) as folder:
            markers = _markers(folder)
            size = joined_size(key, parts, markers)
            _forget(folder, set(markers) - {part.number for part in parts})
            fd = os.open(folder / "data", os.O_RDWR | os.O_CLOEXEC)
            try:
                os.ftruncate(fd, size)
                info = self._publisher.commit(key, folder / "data", fd, Overwrite())
            finally:
                os.close(fd)
            _remove(folder)
        return info

    def abort(self, key: str, upload_id: str) -> None:
        """Remove everything of an upload; one that is over is no error."""
        with suppress(NotFound), self._held(key, upload_id, shared=False) as folder:
            _remove(folder)

    def list(self, prefix: str) -> Iterator[PendingUpload]:
        """Give the pending uploads of keys that begin with ``prefix``, in no particular order."""
        for folder in sorted(self._folder.iterdir()):
            with suppress(NotFound):
                pending = _pending(folder)
                if pending.key.startswith(prefix):
                    yield pending

    def remove_broken(self, before: datetime) -> int:
        """Remove what is left of uploads that ended or began half in a crash before a time; give their number."""
        removed = 0
        for folder in sorted(self._folder.iterdir()):
            try:
                _pending(folder)
            except NotFound:
                if folder.stat().st_mtime < before.timestamp():
                    _remove(folder)
                    removed += 1
        return removed

    @contextmanager
    def _held(self, key: str, upload_id: str, *, shared: bool) -> Iterator[Path]:
        """Hold an upload that is not over: shared to write parts, alone to end it."""
        gone = NotFound(f"{key}: upload {upload_id[:64]} is over")
        if not _ID.fullmatch(upload_id):
            raise gone
        folder = self._folder / upload_id
        try:
            with locked(folder / "lock", shared=shared):
                # Looked at under the lock: it may have ended while we waited.
                if _pending(folder).key != key:
                    raise gone
                yield folder
        except FileNotFoundError as error:
            if folder.exists():
                raise
            raise gone from error

    def _write_data(self, folder: Path, body: Bytes, offset: int) -> None:
        fd = os.open(folder / "data", os.O_WRONLY | os.O_CLOEXEC)
        try:
            write_all(fd, body, offset)
            os.fdatasync(fd)
        finally:
            os.close(fd)

    def _write(self, path: Path, value: dict[str, str | int]) -> None:
        with aside(self._scratch, self._new_id) as (source, fd):
            write_all(fd, json.dumps(value).encode(), 0)
            os.fsync(fd)
            source.rename(path)
        sync_folder(path.parent)


def _pending(folder: Path) -> PendingUpload:
    """Read what an upload is for; raises NotFound if it is over: ``data`` leaves when the object is published."""
    try:
        meta = json.loads((folder / "meta").read_bytes())
        (folder / "data").stat()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise NotFound(f"upload {folder.name} is over") from error
    return PendingUpload(meta["key"], folder.name, datetime.fromisoformat(meta["started"]))


def _markers(folder: Path) -> dict[int, PlacedPart]:
    placed = {}
    for path in folder.glob("part-*"):
        value = json.loads(path.read_bytes())
        modified = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        part = Part(value["number"], value["etag"], value["size"], modified)
        placed[part.number] = PlacedPart(part, value["offset"])
    return placed


def _forget(folder: Path, numbers: set[int]) -> None:
    """Remove the markers of parts about to be cut off: a second complete after a crash must not find them."""
    for number in numbers:
        (folder / f"part-{number:05}").unlink()
    if numbers:
        sync_folder(folder)


def _remove(folder: Path) -> None:
    """Remove an upload's folder; ``meta`` first, so that a crash in the middle leaves nothing that looks whole."""
    (folder / "meta").unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)
