"""Swift that lets nobody in, is not there, hangs, dies and comes back."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from backends.swift.client import SwiftClient
from backends.swift.store import SwiftStore
from catalog.clock import new_token
from catalog.store.errors import Denied, NotFound, StoreError, Unavailable
from catalog.store.interface import Overwrite
from tests.conformance.segments import BODIES, KEY, begin
from tests.servers.swift import SwiftServer


@pytest.fixture
def store(swift_client) -> SwiftStore:
    made = SwiftStore(swift_client, "data", f"test/{new_token()}", page_size=10)
    made.prepare(create=True)
    return made


def test_a_token_that_ends_is_replaced(swift: SwiftServer) -> None:
    client = swift.client()
    login, tokens = client._login, iter(["ended", login_token(client)])
    asked: list[str] = []
    patched = type(login)(lambda: asked.append(next(tokens, "")) or asked[-1], login.storage_url, lambda: None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(client, "_login", patched)
        made = SwiftStore(client, "readiness")
        assert not made._exists("no-such-container")
    assert len(asked) == 2
    client.close()


def login_token(client: object) -> str:
    token: str = client._login.token()  # type: ignore[attr-defined]
    return token


def attempts(store: SwiftStore) -> list[Callable[[], object]]:
    return [
        lambda: store.put("key", b"x", Overwrite()),
        lambda: store.get("key"),
        lambda: store.begin_upload("key"),
        lambda: list(store.list()),
        lambda: store.prepare(create=True),
    ]


def test_wrong_credentials(swift: SwiftServer) -> None:
    for options in ({"key": "a-wrong-secret"}, {"user": "test:nobody"}):
        with swift_with(swift, **options) as store:
            for attempt in attempts(store):
                with pytest.raises(Denied) as raised:
                    attempt()
                assert "secret" not in str(raised.value)


class swift_with:  # noqa: N801
    """A store whose client has other options."""

    def __init__(self, server: SwiftServer, **options: str) -> None:
        self._client = server.client(**options)

    def __enter__(self) -> SwiftStore:
        return SwiftStore(self._client, "data")

    def __exit__(self, *exc: object) -> None:
        self._client.close()


def test_a_missing_container(swift_client) -> None:
    store = SwiftStore(swift_client, f"none-{new_token()}")
    with pytest.raises(NotFound, match="does not exist"):
        store.prepare(create=False)
    for attempt in (lambda: store.put("key", b"x", Overwrite()), lambda: list(store.list())):
        with pytest.raises(StoreError):
            attempt()
    assert len(store.prepare(create=True).notes) == 2
    assert store.put("key", b"x", Overwrite()).size == 1


@pytest.fixture(scope="module")
def victim() -> Iterator[SwiftServer]:
    """A server of its own, to be paused and killed."""
    with SwiftServer() as server:
        yield server


def test_a_server_that_hangs_dies_and_comes_back(victim: SwiftServer) -> None:
    client = victim.client()
    hasty = SwiftClient(client._login, victim.options(connect_timeout=1, read_timeout=0.5))
    store = SwiftStore(client, "data")
    store.prepare(create=True)
    upload_id, parts = begin(store)
    victim.pause()
    for attempt in attempts(SwiftStore(hasty, "data")):
        with pytest.raises(Unavailable, match=r"127\.0\.0\.1"):
            attempt()
    victim.resume()
    victim.kill()
    for attempt in attempts(store):
        with pytest.raises(Unavailable, match=r"127\.0\.0\.1"):
            attempt()
    victim.start()  # tokens of before are not known any more
    assert list(store.list_parts(KEY, upload_id)) == parts
    store.complete_upload(KEY, upload_id, parts)
    assert store.get(KEY).read() == b"".join(BODIES)
    for made in (client, hasty):
        made.close()
