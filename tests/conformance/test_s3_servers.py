"""S3 servers that are missing, refuse, hang, die and come back."""

from __future__ import annotations

from collections.abc import Iterator

import boto3
import pytest

from backends.s3 import S3Store
from backends.s3.client import S3Options, make_client
from catalog.store.errors import (
    Denied,
    NotFound,
    OutcomeUnknown,
    Unavailable,
)
from catalog.store.interface import Create, Overwrite, Update
from tests.conformance.secrets import ACCESS, SECRET, assert_no_secret, store_at
from tests.servers.moto import MotoServer
from tests.servers.ports import free_port
from tests.servers.seaweedfs import SeaweedFS


def test_nobody_listens() -> None:
    store = store_at(f"http://user:{SECRET}@127.0.0.1:{free_port()}")
    for mode in (Create(), Update("e"), Overwrite()):
        with pytest.raises(Unavailable, match=r"127\.0\.0\.1") as raised:
            store.put("key", b"x", mode)
        assert SECRET not in str(raised.value)
    with pytest.raises(Unavailable, match="cannot be reached"):
        store.prepare(create=False)


def test_an_unknown_host() -> None:
    with pytest.raises(Unavailable, match=r"no-such-host\.invalid"):
        store_at("http://no-such-host.invalid:1").put("key", b"x", Create())


def test_missing_bucket(seaweedfs: SeaweedFS) -> None:
    store = S3Store(seaweedfs.client(), "no-such-bucket")
    with pytest.raises(NotFound, match=r"bucket no-such-bucket does not exist \(use --create-bucket\)"):
        store.prepare(create=False)
    assert "made the bucket" in store.prepare(create=True).notes[0]
    assert not store.prepare(create=True).notes


def test_bucket_that_goes_missing(moto_server: MotoServer) -> None:
    """SeaweedFS would make it by itself at the first put of an administrator."""
    store = S3Store(moto_server.client(), "no-such-bucket")
    for attempt in (
        lambda: store.put("key", b"x", Overwrite()),
        lambda: store.put("key", b"x", Update("etag")),
        lambda: store.get("key"),
        lambda: store.begin_upload("key"),
        lambda: list(store.list()),
    ):
        with pytest.raises(Unavailable, match="the bucket does not exist"):
            attempt()


@pytest.mark.parametrize("access", [ACCESS, SeaweedFS.access_key])
def test_wrong_credentials(seaweedfs: SeaweedFS, access: str) -> None:
    session = boto3.Session(aws_access_key_id=access, aws_secret_access_key=SECRET)
    store = S3Store(make_client(S3Options(endpoint=seaweedfs.endpoint), session), "readiness")
    for attempt in (
        lambda: store.prepare(create=True),
        lambda: store.head("ready"),
        lambda: store.get("ready"),
        lambda: store.put("key", b"x", Create()),
        lambda: list(store.list()),
    ):
        with pytest.raises(Denied) as raised:
            attempt()
        assert_no_secret(raised.value)


@pytest.fixture(scope="module")
def victim() -> Iterator[SeaweedFS]:
    """A server of its own, to be paused and killed."""
    with SeaweedFS() as server:
        yield server


def test_a_server_that_hangs(victim: SeaweedFS) -> None:
    store = S3Store(victim.client(connect_timeout=1, read_timeout=0.3), "readiness")
    patient = S3Store(victim.client(), "readiness")
    info = patient.put("key", b"before", Overwrite())
    victim.pause()
    try:
        with pytest.raises(OutcomeUnknown):
            store.put("new", b"x", Create())
        with pytest.raises(OutcomeUnknown):
            store.put("key", b"after", Update(info.etag))
        for attempt in (
            lambda: store.put("other", b"x", Overwrite()),
            lambda: store.get("key"),
            lambda: list(store.list()),
        ):
            with pytest.raises(Unavailable, match=r"127\.0\.0\.1"):
                attempt()
    finally:
        victim.resume()
    assert patient.get("key").read() in (b"before", b"after")


def test_a_server_that_dies_and_comes_back(victim: SeaweedFS) -> None:
    store = S3Store(victim.client(connect_timeout=5, read_timeout=60), "readiness")
    store.put("kept", b"acknowledged", Create())
    upload_id = store.begin_upload("large")
    part = store.put_part("large", upload_id, 1, b"part", 0)
    victim.kill()
    with pytest.raises(Unavailable):
        store.put("lost", b"x", Overwrite())
    victim.start()
    assert store.get("kept").read() == b"acknowledged"
    assert store.list_parts("large", upload_id) == [part]
    store.complete_upload("large", upload_id, [part])
    assert store.get("large").read() == b"part"
