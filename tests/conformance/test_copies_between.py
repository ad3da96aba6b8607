"""Copies from one store to another that the stores make themselves; the service streams where they cannot."""

from __future__ import annotations

from pathlib import Path

import pytest

from backends.local import LocalStore
from backends.memory import MemoryStore
from backends.s3 import S3Store
from backends.wrap.checked import CheckedStore
from backends.wrap.counting import CountingStore
from backends.wrap.retrying import RetryingStore
from catalog.store.errors import NotFound, NotSupported
from catalog.store.interface import CopiesFrom, ObjectStore, Overwrite
from tests.servers.moto import MotoServer
from tests.servers.seaweedfs import SeaweedFS

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


def test_not_between_kinds_or_servers(seaweedfs: SeaweedFS, moto_server: MotoServer, tmp_path: Path) -> None:
    folder = LocalStore(tmp_path)
    one, two = S3Store(seaweedfs.client(), "readiness"), S3Store(moto_server.client(), "readiness")
    for source, target in [(folder, one), (one, folder), (one, two), (MemoryStore(), one), (one, MemoryStore())]:
        with pytest.raises(NotSupported):
            wrapped(target).copy_from(wrapped(source), "key", "key")
