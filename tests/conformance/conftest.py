"""The stores that the suite runs over; a new driver adds one line to FACTORIES.

Owns what is known about single servers. Must never skip a kind of store: what a server cannot do is written down
here as a quirk and tested as such.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from backends.local import LocalStore
from backends.memory import MemoryStore
from backends.s3 import S3Store
from backends.s3.client import S3Options, make_client
from backends.swift.store import SwiftStore
from backends.swift.timed import fenced
from backends.wrap.checked import CheckedStore
from catalog.clock import new_token
from catalog.store.errors import NotFound, OutcomeUnknown, StoreError, Unavailable
from catalog.store.interface import ObjectStore

BUCKET = "conformance"


@dataclass(frozen=True)
class Traits:
    """What the tests must know about a kind of store."""

    quick: bool = False
    """Whether thousands of objects may be written in a test."""
    byte_order: bool = True
    """Whether listings are in byte order of the keys."""
    over: tuple[type[StoreError], ...] = (NotFound,)
    """What is raised for an upload that is over."""
    same_etag_for_same_bytes: bool = True
    """Whether the ETag tells contents apart, not writes."""
    forgets_replaced_parts: bool = True
    """Whether a part that was sent again can no longer be named by its first ETag."""
    key_after_folder: bool = True
    """Whether a key that was a folder is free at once when the last object below is deleted."""
    steady_while_overwriting: bool = True
    refuses_small_parts: bool = True
    """Whether parts that are too small, but for the last, make no object."""
    leaves_parts_out: bool = True
    """Whether a completion may name fewer parts than were sent; we never do."""


_LENIENT = (NotFound, Unavailable, OutcomeUnknown)
TRAITS = {
    "memory": Traits(quick=True, same_etag_for_same_bytes=False),
    "folder": Traits(quick=True, same_etag_for_same_bytes=False),
    # moto answers 500 where others say that the upload is unknown.
    "moto": Traits(over=_LENIENT),
    # SeaweedFS walks its directories (a/b comes before a-b), which stay a while when they are empty.
    "seaweedfs": Traits(byte_order=False, forgets_replaced_parts=False, key_after_folder=False),
    # ministack takes parts of any size.
    "ministack": Traits(over=_LENIENT, refuses_small_parts=False),
    # Any server: Ceph RGW refuses a completion that leaves parts out, and has the upload go on.
    "endpoint": Traits(
        byte_order=False,
        over=_LENIENT,
        forgets_replaced_parts=False,
        key_after_folder=False,
        refuses_small_parts=False,
        leaves_parts_out=False,
    ),
    "swift": Traits(steady_while_overwriting=False),
}

Factory = Callable[[pytest.FixtureRequest], ObjectStore]


def _folder(request: pytest.FixtureRequest) -> ObjectStore:
    tmp_path: Path = request.getfixturevalue("tmp_path")
    return LocalStore(tmp_path / "store")


def _bucket(client: str) -> Factory:
    """Each test gets a prefix of its own in one bucket."""
    return lambda request: S3Store(request.getfixturevalue(client), BUCKET, f"test/{new_token()}", page_size=10)


def _swift(request: pytest.FixtureRequest) -> ObjectStore:
    """Each test gets a prefix of its own in one container, and becomes its writer."""
    place = SwiftStore(request.getfixturevalue("swift_client"), BUCKET, f"test/{new_token()}", page_size=10)
    tmp_path: Path = request.getfixturevalue("tmp_path")
    return fenced(place, tmp_path / "fence")


FACTORIES: dict[str, Factory] = {
    "memory": lambda _: MemoryStore(),
    "folder": _folder,
    "moto": _bucket("moto_client"),
    "seaweedfs": _bucket("seaweedfs_client"),
    "ministack": _bucket("ministack_client"),
    "swift": _swift,
    "endpoint": _bucket("endpoint_client"),
}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run over all stores that come with the project, or over the one that was named, but not both."""
    if "kind" in metafunc.fixturenames:
        named = metafunc.config.getoption("endpoint")
        kinds = ["endpoint"] if named else [kind for kind in FACTORIES if kind != "endpoint"]
        metafunc.parametrize("kind", kinds, scope="session")


@pytest.fixture(scope="session")
def moto_client(moto_server) -> Iterator[object]:
    client = moto_server.client()
    yield client
    client.close()


@pytest.fixture(scope="session")
def seaweedfs_client(seaweedfs) -> Iterator[object]:
    client = seaweedfs.client()
    yield client
    client.close()


@pytest.fixture(scope="session")
def ministack_client(ministack) -> Iterator[object]:
    client = ministack.client()
    yield client
    client.close()


@pytest.fixture(scope="session")
def swift_client(swift) -> Iterator[object]:
    client = swift.client()
    yield client
    client.close()


@pytest.fixture(scope="session")
def endpoint_client(request: pytest.FixtureRequest) -> Iterator[object]:
    client = make_client(S3Options(endpoint=request.config.getoption("endpoint")))
    yield client
    client.close()


@pytest.fixture
def traits(kind: str) -> Traits:
    return TRAITS[kind]


@pytest.fixture
def store(kind: str, request: pytest.FixtureRequest) -> Iterator[ObjectStore]:
    """A fresh and empty store as the service sees it: checked, and without retries."""
    made = CheckedStore(FACTORIES[kind](request))
    made.prepare(create=True)
    yield made
    for upload in list(made.list_uploads()):
        made.abort_upload(upload.key, upload.upload_id)


@pytest.fixture
def part_size(store: ObjectStore) -> int:
    """The size of a part that is not the last one."""
    return max(store.capabilities.min_part_size, 2**16)
