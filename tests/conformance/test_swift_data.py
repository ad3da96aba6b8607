"""Swift as a store of data: what it refuses to promise, and what becomes of segments whatever happens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from backends.swift.store import SwiftStore
from backends.swift.uploads import UPLOAD
from catalog.clock import new_token
from catalog.store.errors import Corrupt, Denied, NotFound, NotSupported, StoreError, Unavailable
from catalog.store.interface import ByteRange, Create, Overwrite, Part, Update
from tests.e2e.support import wait_for
from tests.servers.swift import SwiftServer

KEY = "images/1/data-1"
BODIES = [bytes([65 + number]) * 1000 for number in range(5)]


@pytest.fixture
def store(swift_client) -> SwiftStore:
    made = SwiftStore(swift_client, "data", f"test/{new_token()}", page_size=10)
    made.prepare(create=True)
    return made


def begin(store: SwiftStore, key: str = KEY) -> tuple[str, list[Part]]:
    upload_id = store.begin_upload(key)
    return upload_id, [
        store.put_part(key, upload_id, number, body, (number - 1) * 1000)
        for number, body in enumerate(BODIES, start=1)
    ]


def segments(store: SwiftStore) -> list[str]:
    """Name all that lies in the second container."""
    return [row["name"] for row in store.place.rows(store.place.segments, "")]


def expiry(store: SwiftStore, name: str) -> str | None:
    return store.place.segment("HEAD", name).headers.get("X-Delete-At")


def test_conditions_are_refused(store: SwiftStore) -> None:
    assert not store.capabilities.conditional_writes
    info = store.put("key", b"1", Overwrite())
    for mode in (Create(), Update(info.etag)):
        with pytest.raises(NotSupported):
            store.put("key", b"2", mode)
    with pytest.raises(NotSupported):
        store.put("new", b"2", Create())
    with pytest.raises(NotSupported):
        store.delete("key", info.etag)
    assert [found.key for found in store.list()] == ["key"]


def test_segments_expire_until_they_are_needed(store: SwiftStore) -> None:
    upload_id, parts = begin(store)
    names = [name for name in segments(store) if name.startswith("parts/")]
    assert len(names) == 5
    for name in names:
        days = (int(expiry(store, name) or 0) - datetime.now(UTC).timestamp()) / 86400
        assert 13.9 < days < 14.1
    store.complete_upload(KEY, upload_id, parts)
    assert segments(store) == names
    assert [expiry(store, name) for name in names] == [None] * 5


def test_deleting_removes_the_segments(store: SwiftStore) -> None:
    upload_id, parts = begin(store)
    store.complete_upload(KEY, upload_id, parts)
    store.delete(KEY)
    store.delete(KEY)
    assert segments(store) == []


def test_aborting_removes_the_segments(store: SwiftStore) -> None:
    upload_id, _ = begin(store)
    store.abort_upload(KEY, upload_id)
    assert segments(store) == []


def test_an_upload_that_is_complete_cannot_be_aborted(store: SwiftStore) -> None:
    """A process died after it stored the manifest: whoever tidies up later must not take the image's data."""
    upload_id, parts = begin(store)
    marker = f"pending/{KEY}/{upload_id}"
    store.complete_upload(KEY, upload_id, parts)
    store.place.put(store.place.segments, marker, b"")
    assert [pending.upload_id for pending in store.list_uploads()] == [upload_id]
    store.abort_upload(KEY, upload_id)
    assert list(store.list_uploads()) == []
    assert store.get(KEY).read() == b"".join(BODIES)


def test_a_complete_that_an_abort_overtakes_is_not_acknowledged(store: SwiftStore) -> None:
    upload_id, parts = begin(store)
    marker = f"pending/{KEY}/{upload_id}"
    put = store.place.client.call

    def late(method: str, *args: object, **options: object) -> object:
        answer = put(method, *args, **options)  # type: ignore[arg-type]
        if options.get("query") == {"multipart-manifest": "put"}:
            store.place.put(store.place.segments, marker, b"aborted")
        return answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store.place.client, "call", late)
        with pytest.raises(NotFound):
            store.complete_upload(KEY, upload_id, parts)


def test_a_crash_before_the_manifest_leaves_an_upload_that_can_be_ended(store: SwiftStore) -> None:
    upload_id, parts = begin(store)
    with pytest.raises(Corrupt):
        store.complete_upload(KEY, upload_id, [*parts[:4], Part(5, "0" * 32, 1000)])
    assert [pending.upload_id for pending in store.list_uploads(KEY)] == [upload_id]
    store.abort_upload(KEY, upload_id)
    assert segments(store) == []


def test_more_parts_than_a_manifest_may_name(store: SwiftStore) -> None:
    store._uploads.max_segments = 2
    upload_id, parts = begin(store)
    info = store.complete_upload(KEY, upload_id, parts)
    assert (info.size, store.head(KEY).etag) == (5000, info.etag)
    assert store.get(KEY).read() == b"".join(BODIES)
    assert store.get(KEY, ByteRange(999, 2002)).read() == b"".join(BODIES)[999:3001]
    copied = store.copy(KEY, "images/2/data-1")
    assert copied.size == 5000
    store.expire(KEY, datetime.now(UTC) + timedelta(days=1))
    store.delete(KEY)
    assert store.get("images/2/data-1").read() == b"".join(BODIES)
    store.delete("images/2/data-1")
    assert segments(store) == []


def test_a_copy_of_a_large_object_is_one_of_its_own(store: SwiftStore) -> None:
    upload_id, parts = begin(store)
    store.complete_upload(KEY, upload_id, parts)
    assert store.copy(KEY, "copy").etag == store.head(KEY).etag
    store.delete(KEY)
    assert store.get("copy").read() == b"".join(BODIES)
    assert len(segments(store)) == 5


def test_expiry_of_a_large_object(store: SwiftStore) -> None:
    upload_id, parts = begin(store)
    store.complete_upload(KEY, upload_id, parts)
    at = datetime(2040, 1, 1, tzinfo=UTC)
    store.expire(KEY, at)
    head = store.place.head(KEY).headers
    assert (head["X-Delete-At"], head[UPLOAD]) == (str(int(at.timestamp())), upload_id)
    later = str(int((at + timedelta(days=1)).timestamp()))
    assert [expiry(store, name) for name in segments(store)] == [later] * 5


def test_an_expired_object_is_gone(store: SwiftStore) -> None:
    store.put("key", b"x", Overwrite())
    store.expire("key", datetime.now(UTC) - timedelta(days=1))

    def is_gone() -> bool:
        try:
            store.head("key")
        except NotFound:
            return True
        return False

    wait_for(is_gone, "the end of an object")


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
    client = victim.client(connect_timeout=1, read_timeout=0.5)
    store = SwiftStore(client, "data")
    store.prepare(create=True)
    upload_id, parts = begin(store)
    victim.pause()
    for attempt in attempts(store):
        with pytest.raises(Unavailable, match=r"127\.0\.0\.1"):
            attempt()
    victim.resume()
    victim.kill()
    for attempt in attempts(store):
        with pytest.raises(Unavailable, match=r"127\.0\.0\.1"):
            attempt()
    victim.start()  # tokens of before are not known any more
    patient = SwiftStore(victim.client(), "data")
    assert list(store.list_parts(KEY, upload_id)) == parts
    patient.complete_upload(KEY, upload_id, parts)
    assert patient.get(KEY).read() == b"".join(BODIES)
    patient.close()
    client.close()
