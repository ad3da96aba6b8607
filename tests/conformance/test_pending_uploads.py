"""Multipart uploads that are not over, are over, or belong to others; presigned URLs."""

from __future__ import annotations

import http.client
import urllib.error
import urllib.parse
import urllib.request
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from catalog.store.errors import NotFound, NotSupported, StoreError
from catalog.store.interface import ObjectStore, Overwrite, Part, Permission
from tests.conformance.conftest import Traits
from tests.conformance.parts import KEY


def test_abort(store: ObjectStore, traits: Traits) -> None:
    upload_id = store.begin_upload(KEY)
    part = store.put_part(KEY, upload_id, 1, b"x", 0)
    store.abort_upload(KEY, upload_id)
    store.abort_upload(KEY, upload_id)
    assert list(store.list_uploads()) == []
    with pytest.raises(traits.over):
        store.put_part(KEY, upload_id, 1, b"x", 0)
    with pytest.raises(traits.over):
        store.list_parts(KEY, upload_id)
    with pytest.raises(traits.over):
        store.complete_upload(KEY, upload_id, [part])
    with pytest.raises(NotFound):
        store.head(KEY)


def test_after_complete(store: ObjectStore, traits: Traits) -> None:
    upload_id = store.begin_upload(KEY)
    part = store.put_part(KEY, upload_id, 1, b"x", 0)
    store.complete_upload(KEY, upload_id, [part])
    with pytest.raises(traits.over):
        store.put_part(KEY, upload_id, 2, b"y", 1)
    with pytest.raises(traits.over):
        store.list_parts(KEY, upload_id)
    try:
        store.complete_upload(KEY, upload_id, [part])
    except StoreError as error:
        # Most S3 servers say again that it is complete; nobody may say anything but that or "it is over".
        assert isinstance(error, traits.over)
    store.abort_upload(KEY, upload_id)
    assert store.get(KEY).read() == b"x"


@pytest.mark.parametrize("upload_id", ["0123456789abcdef", "x", "0" * 32])
def test_unknown_upload(store: ObjectStore, traits: Traits, upload_id: str) -> None:
    with pytest.raises(traits.over):
        store.put_part(KEY, upload_id, 1, b"x", 0)
    with pytest.raises(traits.over):
        store.list_parts(KEY, upload_id)
    with pytest.raises(traits.over):
        store.complete_upload(KEY, upload_id, [Part(1, "0" * 32, 1)])
    store.abort_upload(KEY, upload_id)


def test_an_upload_belongs_to_its_key(store: ObjectStore, kind: str) -> None:
    upload_id = store.begin_upload(KEY)
    if kind in ("memory", "folder"):
        with pytest.raises(NotFound):
            store.put_part("other", upload_id, 1, b"x", 0)
        store.abort_upload("other", upload_id)
    assert [(upload.key, upload.upload_id) for upload in store.list_uploads()] == [(KEY, upload_id)]


def test_two_uploads_of_one_key_do_not_mix(store: ObjectStore, part_size: int) -> None:
    first, second = store.begin_upload(KEY), store.begin_upload(KEY)
    assert first != second
    a1 = store.put_part(KEY, first, 1, b"a" * part_size, 0)
    b1 = store.put_part(KEY, second, 1, b"b" * part_size, 0)
    b2 = store.put_part(KEY, second, 2, b"B", part_size)
    a2 = store.put_part(KEY, first, 2, b"A", part_size)
    store.complete_upload(KEY, first, [a1, a2])
    assert store.get(KEY).read() == b"a" * part_size + b"A"
    store.complete_upload(KEY, second, [b1, b2])
    assert store.get(KEY).read() == b"b" * part_size + b"B"


def test_list_uploads(store: ObjectStore, kind: str) -> None:
    keys = [f"images/{number}/data" for number in range(13)] + ["staging/1/data"]
    ids = {store.begin_upload(key): key for key in keys}
    pending = list(store.list_uploads())
    assert {upload.upload_id: upload.key for upload in pending} == ids
    for upload in pending if kind != "moto" else []:  # moto says 2010 for all
        assert abs(datetime.now(UTC) - upload.started) < timedelta(minutes=1)
    assert [upload.key for upload in store.list_uploads("staging/")] == ["staging/1/data"]
    assert sorted(upload.key for upload in store.list_uploads("images/1")) == sorted(
        key for key in keys if key.startswith("images/1")
    )
    assert list(store.list_uploads("nothing/")) == []


def send(url: str, body: bytes) -> int:
    """PUT without a Content-Type, which urllib would add: Ceph RGW 20 refuses each header that was not signed."""
    address = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(address.netloc)
    connection.request("PUT", f"{address.path}?{address.query}", body)
    with closing(connection), connection.getresponse() as answer:
        answer.read()
        return answer.status


def test_presigned_urls(store: ObjectStore) -> None:
    store.put("key", b"0123456789", Overwrite())
    if not store.capabilities.presign:
        with pytest.raises(NotSupported):
            store.presign(Permission.GET, "key", 60)
        return
    url = store.presign(Permission.GET, "key", 60)
    with urllib.request.urlopen(url) as answer:
        assert answer.read() == b"0123456789"
    asked = urllib.request.Request(url, headers={"Range": "bytes=2-4"})
    with urllib.request.urlopen(asked) as answer:
        assert (answer.status, answer.read()) == (206, b"234")
    upload_id = store.begin_upload(KEY)
    url = store.presign(Permission.PUT_PART, KEY, 60, upload_id, 1)
    assert send(url, b"part") in (200, 201)
    (part,) = store.list_parts(KEY, upload_id)
    assert (part.number, part.size) == (1, 4)
    store.complete_upload(KEY, upload_id, [part])
    assert store.get(KEY).read() == b"part"


def test_refused_presigns(store: ObjectStore) -> None:
    for seconds in (0, -1, 604_801):
        with pytest.raises(NotSupported):
            store.presign(Permission.GET, "key", seconds)
    with pytest.raises(NotSupported):
        store.presign(Permission.PUT_PART, "key", 60)
    with pytest.raises(NotSupported):
        store.presign(Permission.PUT_PART, "key", 60, "id", 0)


def test_a_presigned_url_is_for_one_key(store: ObjectStore, kind: str) -> None:
    if kind != "seaweedfs":
        return
    store.put("key", b"1", Overwrite())
    store.put("kez", b"2", Overwrite())
    url = store.presign(Permission.GET, "key", 60)
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(url.replace("/key?", "/kez?"))
    assert refused.value.code == 403
