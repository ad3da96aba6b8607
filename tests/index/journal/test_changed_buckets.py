"""A bucket that is restored, emptied or edited past the nodes: they soon list what it holds."""

from __future__ import annotations

import pytest

from catalog.store.errors import Unavailable as StoreUnavailable
from catalog.store.interface import Overwrite
from catalog.store.keys import sidecar
from tests.index.journal.conftest import Bucket
from tests.index.samples import image, image_id


def test_a_bucket_restored_from_a_backup_is_shown_as_it_is(bucket: Bucket):
    node = bucket.node()
    node.write(image(1, name="kept"))
    backup = {info.key: bucket.memory.get(info.key).read() for info in bucket.memory.list()}
    node.write(image(1, revision=2, name="lost"))
    node.write(image(2, name="lost too"))
    for key in bucket.keys(""):
        bucket.memory.delete(key)
    for key, data in backup.items():
        bucket.memory.put(key, data, Overwrite())
    bucket.seconds += 7 * 3600
    assert node.names() == {image_id(1): "kept"}
    assert bucket.node("fresh").names() == {image_id(1): "kept"}


def test_a_bucket_emptied_under_a_node_in_use_is_noticed_within_a_minute(bucket: Bucket):
    """As a local S3 server that keeps all in memory does when it starts again."""
    one, other = bucket.node("a"), bucket.node("b")
    one.write(image(1))
    assert list(other.names()) == [image_id(1)]
    for key in bucket.keys(""):
        bucket.memory.delete(key)
    one.write(image(2))
    for node in (one, other):
        bucket.seconds += 61
        node.names()
        node.feed.upkeep()
    for node in (one, other, bucket.node("fresh")):
        assert list(node.names()) == [image_id(2)]
    other.write(image(3))
    for node in bucket.nodes:
        assert sorted(node.names()) == [image_id(2), image_id(3)]


@pytest.mark.parametrize("write", [True, False])
def test_a_store_that_was_away_and_comes_back_empty_is_noticed_at_once(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch, write: bool
):
    node = bucket.node()
    if write:
        node.write(image(1))
    else:
        bucket.save(image(1))
        node = bucket.node("b")
    assert list(node.names()) == [image_id(1)]

    def away(*args: object) -> None:
        raise StoreUnavailable("no answer")

    with monkeypatch.context() as patch:
        patch.setattr(node.store, "get", away)
        with pytest.raises(StoreUnavailable):
            node.names()
    for key in bucket.keys(""):
        bucket.memory.delete(key)
    assert node.names() == {}


def test_sidecars_changed_by_hand_are_found_by_the_scrub(bucket: Bucket):
    one, other = bucket.node("a"), bucket.node("b")
    for number in (1, 2, 3):
        one.write(image(number, revision=5, name="old"))
    other.names()
    bucket.save(image(1, revision=6, name="edited"))
    bucket.save(image(2, revision=4, name="put back"))
    bucket.memory.delete(sidecar(image_id(3)))
    bucket.save(image(4, name="added"))
    for node in (one, other):
        node.names()
        bucket.seconds += 1000
        node.feed.upkeep()
        assert node.names() == {image_id(1): "edited", image_id(2): "put back", image_id(4): "added"}
