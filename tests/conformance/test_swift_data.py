"""Swift as a store of data: what it refuses to promise, and what becomes of segments whatever happens."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from backends.swift.store import SwiftStore
from backends.swift.uploads import UPLOAD
from catalog.clock import new_token
from catalog.store.errors import Corrupt, NotFound, NotSupported
from catalog.store.interface import ByteRange, Create, Overwrite, Part, Update
from tests.conformance.segments import BODIES, KEY, begin
from tests.e2e.support import wait_for


@pytest.fixture
def store(swift_client) -> SwiftStore:
    made = SwiftStore(swift_client, "data", f"test/{new_token()}", page_size=10)
    made.prepare(create=True)
    return made


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
