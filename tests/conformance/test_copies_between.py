"""Copies from one store to another that the stores make themselves; the service streams where they cannot."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import pytest

from backends.local import LocalStore
from backends.memory import MemoryStore
from backends.s3 import S3Store
from backends.swift.client import SwiftClient
from backends.swift.login import Login, SwiftOptions
from backends.swift.store import SwiftStore
from backends.swift.timed import fenced
from backends.wrap.checked import CheckedStore
from backends.wrap.counting import CountingStore
from backends.wrap.retrying import RetryingStore
from catalog.clock import new_token
from catalog.store.errors import NotFound, NotSupported, Unavailable
from catalog.store.interface import ByteRange, CopiesFrom, ObjectStore, Overwrite
from tests.servers.moto import MotoServer
from tests.servers.seaweedfs import SeaweedFS
from tests.servers.swift import SwiftServer

PART = 5 * 2**20
DATA = b"0123456789" * 1000


def wrapped(store: ObjectStore) -> CheckedStore:
    return CheckedStore(RetryingStore(store, sleep=lambda seconds: None))


def copied(source: ObjectStore, target: ObjectStore, data: bytes = DATA) -> None:
    """Copy an object and look that it came whole, and stands on its own."""
    source.put("from/here", data, Overwrite())
    assert isinstance(target, CopiesFrom)
    info = target.copy_from(source, "from/here", "to/there")
    assert (info.key, info.size) == ("to/there", len(data))
    source.delete("from/here")
    assert target.get("to/there").read() == data
    with pytest.raises(NotFound):
        target.copy_from(source, "from/here", "to/nowhere")


def test_between_folders(tmp_path: Path) -> None:
    source, target = LocalStore(tmp_path / "a"), LocalStore(tmp_path / "b")
    source.prepare(create=True), target.prepare(create=True)
    copied(wrapped(source), wrapped(target))
    assert [info.key for info in target.list()] == ["to/there"]


@pytest.mark.parametrize("size", [len(DATA), 2 * PART + 7])
def test_between_buckets_of_a_server(seaweedfs: SeaweedFS, size: int) -> None:
    client = seaweedfs.client()
    source, target = (S3Store(client, name, "below", copy_limit=PART) for name in (f"copies-{size}", "readiness"))
    source.prepare(create=True)
    counted = CountingStore(source)
    copied(wrapped(counted), wrapped(target), (DATA * (size // len(DATA) + 1))[:size])
    assert "get" not in counted.counts()
    assert list(target.list_uploads()) == []


@pytest.fixture
def swifts(swift: SwiftServer, tmp_path: Path) -> Iterator[tuple[SwiftStore, SwiftStore]]:
    """A container, and a home store in another one: a copy there needs the right to write."""
    client = swift.client()
    source, home = (SwiftStore(client, name, new_token(), page_size=2) for name in ("copies-from", "copies-to"))
    source.prepare(create=True)
    yield source, home
    client.close()


def test_between_containers_of_an_account(swifts: tuple[SwiftStore, SwiftStore], tmp_path: Path) -> None:
    source, target = swifts[0], wrapped(fenced(swifts[1], tmp_path / "fence"))
    target.prepare(create=True)
    counted = CountingStore(source)
    copied(wrapped(counted), target)
    upload_id = source.begin_upload("large")
    parts = [source.put_part("large", upload_id, number, DATA, (number - 1) * len(DATA)) for number in (1, 2, 3)]
    source.complete_upload("large", upload_id, parts)
    target.copy_from(source, "large", "copy")
    source.delete("large")
    assert target.get("copy").read() == DATA * 3
    assert "get" not in counted.counts()
    other_host = wrapped(fenced(swifts[1], tmp_path / "other"))
    other_host.prepare(create=False)
    with pytest.raises(Unavailable):
        other_host.copy_from(target, "copy", "again")
    with pytest.raises(NotFound):
        target.head("again")


def test_a_dynamic_large_object_becomes_a_static_one(swifts: tuple[SwiftStore, SwiftStore]) -> None:
    source, target = swifts
    target.prepare(create=True)
    pieces = [bytes([65 + number]) * 1000 for number in range(5)]
    for number, piece in enumerate(pieces, start=1):
        source.put(f"an image-{number:05d}", piece, Overwrite())
    name = quote(f"{source.place.container}/{source.place.prefix}an image-")
    source.place.object("PUT", "an image", body=b"", headers={"X-Object-Manifest": name})
    assert target.copy_from(source, "an image", "copy").size == 5000
    for info in list(source.list()):
        source.place.object("DELETE", info.key)
    assert target.get("copy").read() == b"".join(pieces)
    assert target.get("copy", ByteRange(999, 2)).read() == b"AB"
    target.delete("copy")
    assert [row["name"] for row in target.place.rows(target.place.segments, "")] == []


def test_an_incomplete_listing_of_segments_makes_no_copy(swifts: tuple[SwiftStore, SwiftStore]) -> None:
    source, target = swifts
    target.prepare(create=True)
    source.put("image-1", b"first", Overwrite())
    name = f"{source.place.container}/{source.place.prefix}image-"
    source.place.object("PUT", "image", body=b"", headers={"X-Object-Manifest": name})
    lagging = replace(source.place, client=_Lagging(source.place.client))
    source.place = lagging
    with pytest.raises(Unavailable):
        target.copy_from(source, "image", "copy")
    assert [*target.list(), *target.list_uploads()] == []


class _Lagging:
    """A client whose listings do not show what was written last."""

    def __init__(self, client: SwiftClient) -> None:
        self._client = client
        self.account = client.account

    def call(self, method: str, where: str, what: str, **options: Any) -> Any:
        answer = self._client.call(method, where, what, **options)
        if options.get("query", {}).get("format") == "json":
            return SimpleNamespace(status=200, data=b"[]")
        return answer


def test_not_between_kinds_or_servers(
    seaweedfs: SeaweedFS, moto_server: MotoServer, swift: SwiftServer, tmp_path: Path
) -> None:
    folder, memory = LocalStore(tmp_path), MemoryStore()
    one, two = S3Store(seaweedfs.client(), "readiness"), S3Store(moto_server.client(), "readiness")
    here = SwiftStore(swift.client(), "readiness")
    login = Login(lambda: "token", lambda: f"{here.place.client.account}-other", lambda: None)
    other = SwiftStore(SwiftClient(login, SwiftOptions()), "readiness")
    for source, target in [
        (folder, one), (one, folder), (one, two), (memory, one), (one, memory), (one, here), (here, folder),
        (other, here),
    ]:  # fmt: skip
        with pytest.raises(NotSupported):
            wrapped(target).copy_from(wrapped(source), "key", "key")
