"""Fills a store with image records, straight past the catalog: ``python -m bench.seed --store URL --images N``.

Owns the ways into a store. Must never be timed: it is only the way to a full catalog. What it writes is what the
catalog itself would have left there: sidecars, and a snapshot of the index at the beginning of an empty journal.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import click
from rich.progress import track

from backends.local.files import etag_of
from bench.images import images
from bench.stage import BUCKET, PREFIX
from catalog.clock import new_token, sleep
from catalog.index import writing
from catalog.index.file import connect
from catalog.index.journal.epochs import Epochs
from catalog.index.journal.snapshot import Snapshots
from catalog.index.layout import INDEXES
from catalog.index.ledger import Position, write_position
from catalog.index.packing import Packer
from catalog.index.rows import Prepared, prepare
from catalog.index.table import Table
from catalog.model import Image, encode
from catalog.open_stores import close_stores, describe_stores, open_stores, prepare_stores
from catalog.service.representation import LocationView, render
from catalog.settings.sources import load as load_settings
from catalog.store import keys
from catalog.store_place import store_identity
from tests.servers.seaweedfs import SeaweedFS

_THREADS = 16
_SHARE = 2000
"""Images that one process makes at a time."""


def fill(weed: SeaweedFS, count: int) -> list[Image]:
    """Store so many records in a bucket, without a snapshot, and give them."""
    made = list(images(0, count))
    client = weed.client()

    def put(some: Sequence[Image]) -> None:
        """Use signed URLs: making requests with the SDK would take several times as long."""
        connection = HTTPConnection("127.0.0.1", weed.port, timeout=60)
        for image in some:
            where = {"Bucket": BUCKET, "Key": PREFIX + keys.sidecar(image.id)}
            url = client.generate_presigned_url("put_object", where, 3600)
            connection.request("PUT", url.removeprefix(weed.endpoint), encode(image))
            answer = connection.getresponse()
            if answer.read() or answer.status != 200:
                raise RuntimeError(f"seed: {answer.status}")
        connection.close()

    with ThreadPoolExecutor(_THREADS) as pool:
        list(pool.map(put, [made[first::_THREADS] for first in range(_THREADS)]))
    client.close()
    return made


def _share(folder: Path | None, count: int, first: int) -> list[Prepared]:
    """Make some images, their sidecars if there is a ``folder`` for them, and their rows."""
    packer, rows = Packer(render), []
    for image in images(first, min(_SHARE, count - first)):
        etag = _sidecar(folder, image) if folder else image.op
        rows.append(prepare(image, etag, render, packer))
    return rows


def _sidecar(folder: Path, image: Image) -> str:
    """Write a sidecar as the folder store would, but for the wait until the disk has it; give its ETag."""
    path = folder / keys.sidecar(image.id)
    path.parent.mkdir(parents=True)
    with path.open("xb", buffering=0) as file:
        file.write(encode(image))
        return etag_of(os.fstat(file.fileno()))


def _write(path: Path, shares: Iterator[list[Prepared]], position: Position) -> None:
    """Write rows into an empty index file: the indexes come last, which is several times as fast."""
    connection = connect(path)
    names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL").fetchall()
    for (name,) in names:
        connection.execute(f"DROP INDEX {name}")
    packer = Packer(render)
    connection.execute("BEGIN")
    for rows in shares:
        for row in rows:
            writing.write(connection, row, None, 0, packer)
    write_position(connection, position)
    connection.execute("COMMIT")
    connection.executescript(INDEXES)
    connection.close()


def seed(store: str, count: int, environment: dict[str, str]) -> None:
    """Fill a store with so many images, and a snapshot of them.

    In a bucket there is the snapshot alone, which is all that lists need.
    """
    settings = load_settings(None, environment, {"store": store, "create_bucket": True})
    opened = open_stores(settings, sleep, {})
    try:
        prepare_stores(settings, opened)
        stores = describe_stores(settings, opened)
        place = urlsplit(store)
        folder = Path(place.path) if place.scheme == "file" else None
        with tempfile.TemporaryDirectory(prefix="calotype-seed-") as work, ProcessPoolExecutor() as pool:
            path = Path(work) / "index.sqlite"
            view = LocationView(stores, settings.show_image_direct_url, settings.show_multiple_locations)
            Table(path, view.row, store_identity(settings)).close()
            firsts = range(0, count, _SHARE)
            shares = pool.map(partial(_share, folder, count), firsts)
            position = Position(Epochs(stores.home, new_token).current(), 0, "")
            _write(path, track(shares, f"{count} images", total=len(firsts), transient=True), position)
            table = Table(path, view.row, store_identity(settings))
            Snapshots(stores.home, table, new_token).write()
            table.close()
    finally:
        close_stores(opened)


@click.command()
@click.option(
    "--store", required=True, help="Where to: file:///folder or s3://bucket/prefix; settings as in CALOTYPE_*."
)
@click.option("--images", "count", default=1_000_000, show_default=True, help="How many.")
def main(store: str, count: int) -> None:
    """Fill an empty store with images."""
    seed(store, count, dict(os.environ))


if __name__ == "__main__":
    main()
