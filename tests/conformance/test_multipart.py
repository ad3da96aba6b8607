"""Multipart uploads: parts in any order, again, wrong."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from catalog.store.errors import Corrupt, NotFound, NotSupported
from catalog.store.interface import ObjectStore, Overwrite, Part
from tests.conformance.conftest import Traits
from tests.conformance.parts import KEY


def pieces(part_size: int, count: int = 3) -> list[bytes]:
    """Give the bytes of some parts, the last one short."""
    return [bytes([65 + number]) * part_size for number in range(count - 1)] + [b"tail"]


def put_all(store: ObjectStore, upload_id: str, bodies: list[bytes], order: list[int]) -> list[Part]:
    size = len(bodies[0])
    parts = {at: store.put_part(KEY, upload_id, at + 1, bodies[at], at * size) for at in order}
    return [parts[at] for at in sorted(parts)]


def test_upload(store: ObjectStore, part_size: int) -> None:
    bodies = pieces(part_size)
    upload_id = store.begin_upload(KEY)
    parts = put_all(store, upload_id, bodies, [0, 1, 2])
    assert [(part.number, part.size) for part in parts] == [(1, part_size), (2, part_size), (3, 4)]
    with pytest.raises(NotFound):
        store.head(KEY)
    info = store.complete_upload(KEY, upload_id, parts)
    assert (info.key, info.size) == (KEY, 2 * part_size + 4)
    head = store.head(KEY)
    assert (head.size, head.etag) == (info.size, info.etag)
    assert store.get(KEY).read() == b"".join(bodies)
    assert list(store.list_uploads()) == []


def test_one_small_part(store: ObjectStore) -> None:
    upload_id = store.begin_upload(KEY)
    part = store.put_part(KEY, upload_id, 1, bytearray(b"only"), 0)
    assert store.complete_upload(KEY, upload_id, [part]).size == 4
    assert store.get(KEY).read() == b"only"


def test_parts_in_any_order_and_at_once(store: ObjectStore, part_size: int) -> None:
    bodies = pieces(part_size, 4)
    upload_id = store.begin_upload(KEY)

    def put(at: int) -> Part:
        return store.put_part(KEY, upload_id, at + 1, bodies[at], at * part_size)

    with ThreadPoolExecutor(4) as pool:
        parts = list(pool.map(put, [3, 1, 0, 2]))
    parts.sort(key=lambda part: part.number)
    assert store.list_parts(KEY, upload_id) == parts
    store.complete_upload(KEY, upload_id, parts)
    assert store.get(KEY).read() == b"".join(bodies)


def test_list_parts_and_complete_from_the_list(store: ObjectStore, part_size: int) -> None:
    bodies = pieces(part_size)
    upload_id = store.begin_upload(KEY)
    assert list(store.list_parts(KEY, upload_id)) == []
    parts = put_all(store, upload_id, bodies, [1, 0, 2])
    assert store.list_parts(KEY, upload_id) == parts
    store.complete_upload(KEY, upload_id, store.list_parts(KEY, upload_id))
    assert store.get(KEY).read() == b"".join(bodies)


def test_list_parts_tells_when_they_were_stored(store: ObjectStore) -> None:
    upload_id = store.begin_upload(KEY)
    store.put_part(KEY, upload_id, 1, b"first", 0)
    before = store.put("clock", b"x", Overwrite()).modified.replace(microsecond=0)  # some clocks show whole seconds
    store.put_part(KEY, upload_id, 2, b"second", 5)
    after = store.put("clock", b"y", Overwrite()).modified + timedelta(seconds=1)
    times = [part.modified for part in store.list_parts(KEY, upload_id)]
    assert None not in times
    first, second = times
    assert before - timedelta(minutes=1) < first <= second <= after
    assert before <= second


def test_many_parts_are_listed_over_pages(store: ObjectStore) -> None:
    upload_id = store.begin_upload(KEY)
    parts = [store.put_part(KEY, upload_id, number, b"x", number - 1) for number in range(1, 26)]
    assert store.list_parts(KEY, upload_id) == parts


def test_a_part_sent_again_replaces_the_first(store: ObjectStore, part_size: int, traits: Traits) -> None:
    upload_id = store.begin_upload(KEY)
    old = store.put_part(KEY, upload_id, 1, b"o" * part_size, 0)
    last = store.put_part(KEY, upload_id, 2, b"end", part_size)
    new = store.put_part(KEY, upload_id, 1, b"n" * part_size, 0)
    assert old.etag != new.etag
    assert [part.number for part in store.list_parts(KEY, upload_id)] == [1, 2]
    if traits.forgets_replaced_parts:
        assert store.list_parts(KEY, upload_id) == [new, last]
        with pytest.raises(Corrupt):
            store.complete_upload(KEY, upload_id, [old, last])
    store.complete_upload(KEY, upload_id, [new, last])
    assert store.get(KEY).read() == b"n" * part_size + b"end"


def test_only_the_parts_named(store: ObjectStore, part_size: int, traits: Traits) -> None:
    bodies = pieces(part_size)
    upload_id = store.begin_upload(KEY)
    parts = put_all(store, upload_id, bodies, [0, 1, 2])
    try:
        done = store.complete_upload(KEY, upload_id, parts[:2])
    except Corrupt:
        assert not traits.leaves_parts_out
        done = store.complete_upload(KEY, upload_id, parts)
        assert (done.size, store.get(KEY).read()) == (len(b"".join(bodies)), b"".join(bodies))
        return
    assert done.size == 2 * part_size
    assert store.get(KEY).read() == b"".join(bodies[:2])


def test_wrong_parts_at_complete(store: ObjectStore, part_size: int) -> None:
    bodies = pieces(part_size)
    upload_id = store.begin_upload(KEY)
    parts = put_all(store, upload_id, bodies, [0, 1, 2])
    for wrong in (
        [],
        [*parts, Part(4, parts[0].etag, 1)],
        [parts[0], replace(parts[1], etag="0123456789abcdef0123456789abcdef"), parts[2]],
        [parts[1], parts[0], parts[2]],
        [parts[0], parts[0], parts[1]],
    ):
        with pytest.raises(Corrupt):
            store.complete_upload(KEY, upload_id, wrong)
        with pytest.raises(NotFound):
            store.head(KEY)
    store.complete_upload(KEY, upload_id, parts)
    assert store.get(KEY).read() == b"".join(bodies)


def test_parts_with_a_gap(store: ObjectStore, traits: Traits) -> None:
    upload_id = store.begin_upload(KEY)
    first = store.put_part(KEY, upload_id, 1, b"a", 0)
    second = store.put_part(KEY, upload_id, 2, b"b", 7)
    try:
        store.complete_upload(KEY, upload_id, [first, second])
    except Corrupt:
        return
    assert not traits.refuses_small_parts
    assert store.get(KEY).read() == b"ab"


def test_refused_part_numbers(store: ObjectStore) -> None:
    upload_id = store.begin_upload(KEY)
    for number in (-1, 0, 10_001):
        with pytest.raises(NotSupported):
            store.put_part(KEY, upload_id, number, b"x", 0)
    with pytest.raises(NotSupported):
        store.put_part(KEY, upload_id, 1, b"", 0)
    assert store.put_part(KEY, upload_id, 10_000, b"x", 0).number == 10_000


def test_complete_replaces_an_object(store: ObjectStore) -> None:
    before = store.put(KEY, b"before", Overwrite())
    upload_id = store.begin_upload(KEY)
    part = store.put_part(KEY, upload_id, 1, b"after", 0)
    assert store.get(KEY).read() == b"before"
    assert store.complete_upload(KEY, upload_id, [part]).etag != before.etag
    assert store.get(KEY).read() == b"after"
