"""Snapshots: the whole index at a journal position, so that a new node starts without reading every sidecar.

Owns their format: the index file, cut in pieces that are compressed each alone, with checksums, and a manifest that is
written last. So all cores take part in making and loading one.
Must never be trusted unread: a piece that is missing or damaged makes the whole snapshot void.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import orjson
import structlog
import zstandard

from catalog.clock import NewId
from catalog.index.database import Away
from catalog.index.file import COPY_FOLDER
from catalog.index.ledger import Position
from catalog.index.table import Table
from catalog.store import keys
from catalog.store.errors import AlreadyExists, Corrupt, NotFound, OutcomeUnknown
from catalog.store.interface import Create, ObjectStore, Overwrite

log = structlog.get_logger(__name__)

FORMAT = 2
_PIECE = 16 * 2**20
"""Bytes of the file in one piece."""
_THREADS = 2
"""Pieces in memory at once, compressed and not."""
_LEVEL = 1
"""Level of compression: a start waits for the download, and a level more costs more time than it saves."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One object of a snapshot; size in bytes."""

    key: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What belongs to one snapshot."""

    number: int
    pieces: tuple[Piece, ...]
    length: int = _PIECE
    """Bytes of the file in one piece; the last one may have less."""


class Snapshots:
    """Snapshots of one table in one store."""

    def __init__(self, store: ObjectStore, table: Table, new_token: NewId) -> None:
        self._store, self._table, self._new_token = store, table, new_token

    def numbers(self, epoch: str) -> list[int]:
        """Give the positions that snapshots exist for, newest first. Raises StoreError."""
        found = [keys.snapshot_number(epoch, info.key) for info in self._store.list(keys.snapshot_folder(epoch))]
        return sorted((number for number in found if number is not None), reverse=True)

    @contextmanager
    def _place_for_copy(self) -> Iterator[Path]:
        """Give a name beside the index for a copy that lives as long as the block. Raises Away if the disk fails."""
        try:
            with TemporaryDirectory(prefix=COPY_FOLDER, dir=self._table.folder) as folder:
                yield Path(folder) / "index.sqlite"
        except (OSError, sqlite3.Error) as error:
            raise Away(f"no copy of the local index can be made: {error}") from error

    def write(self) -> Position | None:
        """Store a snapshot of the present position; None if there is one already. Raises StoreError."""
        position = self._table.position
        if position is None or position.number in self.numbers(position.epoch):
            return None
        with self._place_for_copy() as copy:
            position = self._table.copy_to(copy)  # it may have gone on meanwhile
            if position is None:
                return None
            pieces = self._put_pieces(position, copy)
        manifest = Manifest(position.number, tuple(pieces))
        document = orjson.dumps({"format": FORMAT, **asdict(manifest)})
        try:
            self._store.put(keys.snapshot_manifest(position.epoch, position.number), document, Create())
        except (AlreadyExists, OutcomeUnknown):
            # Another node's snapshot of the same position counts, or ours does: both say the same.
            log.info("index.snapshot_of_another_node", number=position.number)
        return position

    def _put_pieces(self, position: Position, copy: Path) -> list[Piece]:
        token = self._new_token()

        def put(number: int) -> Piece:
            key = keys.snapshot_piece(position.epoch, position.number, token, number)
            with copy.open("rb") as file:
                file.seek(number * _PIECE)
                data = zstandard.compress(file.read(_PIECE), _LEVEL)
            self._store.put(key, data, Overwrite())
            return Piece(key, len(data), sha256(data).hexdigest())

        with ThreadPoolExecutor(_THREADS, thread_name_prefix="index-snapshot") as executor:
            return list(executor.map(put, range(-(-copy.stat().st_size // _PIECE))))

    def manifest(self, epoch: str, number: int) -> Manifest:
        """Read a manifest. Raises Corrupt, NotFound, StoreError."""
        try:
            with self._store.get(keys.snapshot_manifest(epoch, number)) as body:
                document = orjson.loads(body.read())
            if document["format"] != FORMAT or document["number"] != number:
                raise ValueError("its format or number is another")
            return Manifest(number, tuple(Piece(**piece) for piece in document["pieces"]), document["length"])
        except (ValueError, TypeError, KeyError) as error:
            raise Corrupt(f"manifest of snapshot {number}: {error}") from error

    def is_whole(self, epoch: str, number: int) -> bool:
        """Tell whether every piece is there and undamaged, by reading them all. Raises StoreError."""
        try:
            for piece in self.manifest(epoch, number).pieces:
                self._read(piece)
        except (Corrupt, NotFound) as error:
            log.warning("index.snapshot_void", number=number, reason=str(error))
            return False
        return True

    def _read(self, piece: Piece) -> bytes:
        with self._store.get(piece.key) as body:
            data = body.read()
        if len(data) != piece.size or sha256(data).hexdigest() != piece.sha256:
            raise Corrupt(f"piece {piece.key} is damaged")
        return data

    def load(self, epoch: str) -> bool:
        """Take over the newest snapshot that is whole; False if there is none. Raises StoreError."""
        for number in self.numbers(epoch):
            with self._place_for_copy() as copy:
                try:
                    self._unpack(self.manifest(epoch, number), copy)
                    if self._table.take_over(copy):
                        log.info("index.snapshot_loaded", number=number)
                        return True
                    log.warning("index.snapshot_void", number=number, reason="it is of another layout")
                except (Corrupt, NotFound, zstandard.ZstdError) as error:
                    log.warning("index.snapshot_void", number=number, reason=str(error))
        return False

    def _unpack(self, manifest: Manifest, copy: Path) -> None:
        def unpack(number: int) -> None:
            data = zstandard.decompress(self._read(manifest.pieces[number]), max_output_size=manifest.length)
            with copy.open("r+b") as file:
                file.seek(number * manifest.length)
                file.write(data)

        copy.touch(mode=0o600)
        with ThreadPoolExecutor(_THREADS, thread_name_prefix="index-snapshot") as executor:
            for _ in executor.map(unpack, range(len(manifest.pieces))):
                continue
