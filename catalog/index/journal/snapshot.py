"""Snapshots: the whole index at a journal position, so that a new node starts without reading every sidecar.

Owns their format: the index file, compressed and cut in pieces with checksums, and a manifest that is written last.
Must never be trusted unread: a piece that is missing or damaged makes the whole snapshot void.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import orjson
import structlog
import zstandard

from catalog.clock import NewId
from catalog.index.ledger import Position
from catalog.index.table import Table
from catalog.store import keys
from catalog.store.errors import AlreadyExists, Corrupt, NotFound, OutcomeUnknown
from catalog.store.interface import Create, ObjectStore, Overwrite

log = structlog.get_logger(__name__)

FORMAT = 1
_PIECE = 16 * 2**20
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


class Snapshots:
    """Snapshots of one table in one store."""

    def __init__(self, store: ObjectStore, table: Table, new_token: NewId) -> None:
        self._store, self._table, self._new_token = store, table, new_token

    def numbers(self, epoch: str) -> list[int]:
        """Give the positions that snapshots exist for, newest first. Raises StoreError."""
        found = [keys.snapshot_number(epoch, info.key) for info in self._store.list(keys.snapshot_folder(epoch))]
        return sorted((number for number in found if number is not None), reverse=True)

    def write(self) -> Position | None:
        """Store a snapshot of the present position; None if there is one already. Raises StoreError."""
        with TemporaryDirectory(prefix="calotype-snapshot-") as folder:
            copy = Path(folder) / "index.sqlite"
            position = self._table.copy_to(copy)
            if position is None or position.number in self.numbers(position.epoch):
                return None
            pieces = self._put_pieces(position, copy)
        document = orjson.dumps({"format": FORMAT, "number": position.number, "pieces": [asdict(p) for p in pieces]})
        try:
            self._store.put(keys.snapshot_manifest(position.epoch, position.number), document, Create())
        except (AlreadyExists, OutcomeUnknown):
            # Another node's snapshot of the same position counts, or ours does: both say the same.
            log.info("index.snapshot_of_another_node", number=position.number)
        return position

    def _put_pieces(self, position: Position, copy: Path) -> list[Piece]:
        token, pieces = self._new_token(), []
        for number, data in enumerate(_compressed(copy)):
            key = keys.snapshot_piece(position.epoch, position.number, token, number)
            self._store.put(key, data, Overwrite())
            pieces.append(Piece(key, len(data), sha256(data).hexdigest()))
        return pieces

    def manifest(self, epoch: str, number: int) -> Manifest:
        """Read a manifest. Raises Corrupt, NotFound, StoreError."""
        try:
            with self._store.get(keys.snapshot_manifest(epoch, number)) as body:
                document = orjson.loads(body.read())
            if document["format"] != FORMAT or document["number"] != number:
                raise ValueError("its format or number is another")
            return Manifest(number, tuple(Piece(**piece) for piece in document["pieces"]))
        except (ValueError, TypeError, KeyError) as error:
            raise Corrupt(f"manifest of snapshot {number}: {error}") from error

    def is_whole(self, epoch: str, number: int) -> bool:
        """Tell whether every piece is there and undamaged, by reading them all. Raises StoreError."""
        try:
            for _ in self._pieces(self.manifest(epoch, number)):
                continue
        except (Corrupt, NotFound) as error:
            log.warning("index.snapshot_void", number=number, reason=str(error))
            return False
        return True

    def _pieces(self, manifest: Manifest) -> Iterator[bytes]:
        for piece in manifest.pieces:
            with self._store.get(piece.key) as body:
                data = body.read()
            if len(data) != piece.size or sha256(data).hexdigest() != piece.sha256:
                raise Corrupt(f"piece {piece.key} is damaged")
            yield data

    def load(self, epoch: str) -> bool:
        """Take over the newest snapshot that is whole; False if there is none. Raises StoreError."""
        for number in self.numbers(epoch):
            with TemporaryDirectory(prefix="calotype-snapshot-") as folder:
                copy = Path(folder) / "index.sqlite"
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
        with copy.open("wb") as file:
            unpacker = zstandard.ZstdDecompressor().decompressobj()
            for data in self._pieces(manifest):
                file.write(unpacker.decompress(data))


def _compressed(path: Path) -> Iterator[bytes]:
    """Give a file as compressed pieces that together are one zstd stream (RFC 8878)."""
    with path.open("rb") as file, closing(zstandard.ZstdCompressor(_LEVEL).stream_reader(file)) as reader:
        while data := reader.read(_PIECE):
            yield data
