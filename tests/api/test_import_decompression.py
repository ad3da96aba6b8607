"""Plug-ins that change data: decompression and conversion."""

from __future__ import annotations

import gzip
import hashlib
import io
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest

from tests.api.importing import COLD, ImportApi, md5
from tests.api.regions import Region, importing_from, method
from tests.api.support import TEN
from tests.servers.web_source import WebSource

LARGE = b"".join(hashlib.sha512(str(number).encode()).digest() * 3 for number in range(20_000))


def zipped(*files: bytes, kind: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", kind) as archive:
        for number, data in enumerate(files):
            archive.writestr(f"disk-{number}", data)
    return buffer.getvalue()


def streamed_zip(data: bytes) -> bytes:
    """Make an archive whose sizes stand behind the data, as of a writer that could not go back."""

    class Pipe(io.RawIOBase):
        def __init__(self) -> None:
            self.written = bytearray()

        def writable(self) -> bool:
            return True

        def write(self, block: Any) -> int:
            self.written += block
            return len(block)

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:  # type: ignore[arg-type]
        archive.writestr("disk", data)
    return bytes(pipe.written)


PACKED: list[tuple[str, bytes, bytes]] = [
    ("gzip", gzip.compress(TEN), TEN),
    ("large gzip", gzip.compress(LARGE, 1), LARGE),
    ("gzip in two members", gzip.compress(TEN) + gzip.compress(LARGE), TEN + LARGE),
    ("gzip with zeros behind", gzip.compress(TEN) + bytes(1000), TEN),
    ("empty gzip", gzip.compress(b""), b""),
    ("zip", zipped(TEN), TEN),
    ("stored zip", zipped(TEN, kind=zipfile.ZIP_STORED), TEN),
    ("large zip", zipped(LARGE), LARGE),
    ("streamed zip", streamed_zip(LARGE), LARGE),
    ("nothing", TEN, TEN),
    ("few bytes", b"PK", b"PK"),
    ("gzip twice", gzip.compress(gzip.compress(TEN)), gzip.compress(TEN)),
]
DAMAGED: list[tuple[str, bytes, str]] = [
    ("two files", zipped(TEN, TEN), "more than one file"),
    ("lha", b"\x20\x20-lh5-" + bytes(100), "LHA"),
    ("gzip cut short", gzip.compress(LARGE)[:-100], "gzip"),
    ("gzip with a wrong sum", gzip.compress(TEN)[:-8] + bytes(8), "gzip"),
    ("gzip with rubbish behind", gzip.compress(TEN) + b"rubbish", "gzip"),
    ("gzip with rubbish inside", gzip.compress(LARGE)[:2000] + b"\xff" * 5000, "gzip"),
    ("zip cut short", zipped(LARGE)[:-1000], "ZIP"),
    ("zip with rubbish inside", zipped(LARGE)[:2000] + b"\xff" * 5000, "ZIP"),
    ("bomb", gzip.compress(bytes(20 * 2**20)), "image_size_cap"),
]
METHODS = ("web-download", "glance-direct")


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebSource]:
    with WebSource(tmp_path_factory.mktemp("packed")) as made:
        yield made


@pytest.fixture(scope="module")
def api(web: WebSource) -> Iterator[ImportApi]:
    made = ImportApi(web, cold=True, image_import_plugins="image_decompression", image_size_cap="16MB")
    yield made
    made.close()


def bring(api: ImportApi, data: bytes, name: str, fields: Any = None, **body: Any) -> tuple[str, dict[str, Any]]:
    """Import data by a method and give the image's id and view."""
    image_id = api.bare(**(fields or {}))
    if name == "glance-direct":
        assert api.stage(image_id, data).status_code == 204
        return image_id, api.done(image_id, name, **body)
    assert api.source is not None
    (api.source.folder / image_id).write_bytes(data)
    return image_id, api.done(image_id, api.web(image_id), **body)


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize(("packed", "data"), [row[1:] for row in PACKED], ids=[row[0] for row in PACKED])
def test_decompression(api: ImportApi, packed: bytes, data: bytes, name: str) -> None:
    image_id, view = bring(api, packed, name)
    api.check(image_id, view, ["default"], data)


@pytest.mark.parametrize("stores", [[COLD], ["default", COLD], [COLD, "default"]])
@pytest.mark.parametrize("name", METHODS)
def test_several_stores_get_the_same(api: ImportApi, stores: list[str], name: str) -> None:
    image_id, view = bring(api, gzip.compress(LARGE), name, stores=stores)
    api.check(image_id, view, stores, LARGE)


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize(("packed", "reason"), [row[1:] for row in DAMAGED], ids=[row[0] for row in DAMAGED])
def test_damaged(api: ImportApi, packed: bytes, reason: str, name: str) -> None:
    image_id, _ = bring(api, packed, name)
    assert reason in api.at_rest(image_id, failed="default")["message"]


@pytest.mark.parametrize("name", METHODS)
def test_an_image_that_is_meant_to_be_compressed(api: ImportApi, name: str) -> None:
    packed = gzip.compress(TEN)
    image_id, view = bring(api, packed, name, {"container_format": "compressed"})
    api.check(image_id, view, ["default"], packed)


@pytest.mark.parametrize("wrong", [False, True])
@pytest.mark.parametrize("algorithm", ["md5", "sha256", "sha512"])
def test_declared_hashes_are_those_of_the_source(api: ImportApi, algorithm: str, wrong: bool) -> None:
    packed = gzip.compress(TEN, mtime=0)
    assert api.source is not None
    (api.source.folder / "hashed").write_bytes(packed)
    digest = hashlib.new(algorithm, TEN if wrong else packed).hexdigest()
    image_id = api.bare()
    view = api.done(image_id, api.web("hashed", os_hash_algo=algorithm, os_hash_value=digest))
    if wrong:
        api.at_rest(image_id, failed="default")
    else:
        api.check(image_id, view, ["default"])


def test_images_of_other_regions() -> None:
    with Region() as region:
        api = importing_from(region.endpoint, image_import_plugins="image_decompression")
        image_id = api.bare()
        view = api.done(image_id, method(region.api.active(gzip.compress(LARGE))))
        api.check(image_id, view, ["default"], LARGE)
        api.close()


def test_nothing_is_decompressed_by_default(web: WebSource) -> None:
    api = ImportApi(web)
    packed = gzip.compress(TEN)
    _, view = bring(api, packed, "web-download")
    assert view["checksum"] == md5(packed)
    api.close()
