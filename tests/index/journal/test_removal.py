"""Tombstones that are removed for good: a journaled change, whatever happens around it."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.index.query import ListQuery
from catalog.model import Stored
from catalog.store.errors import Unavailable
from catalog.store.keys import sidecar
from tests.index.journal.busy import busy
from tests.index.journal.conftest import Bucket, Node
from tests.index.samples import etags, image, image_id

DELETED = ListQuery(visibility="all", hidden=None, deleted=True)


def delete(bucket: Bucket, node: Node, number: int, revision: int = 2) -> Stored:
    """Write a tombstone and publish it."""
    tombstone = image(number, revision=revision, status="deleted")
    etag = bucket.save(tombstone)
    node.feed.publish(tombstone, etag)
    return Stored(tombstone, etag)


def remove(bucket: Bucket, node: Node, tombstone: Stored) -> bool:
    """Remove a tombstone as the sweeper does."""
    removable = node.feed.remove([tombstone])
    for key in removable:
        bucket.memory.delete(sidecar(key))
    return bool(removable)


def deleted(node: Node) -> list[str]:
    node.feed.catch_up()
    return [row.id for row in node.table.page(DELETED)]


def test_all_nodes_drop_the_row(bucket: Bucket):
    one, other = bucket.node("a"), bucket.node("b")
    one.write(image(1))
    tombstone = delete(bucket, one, 1)
    assert deleted(one) == deleted(other) == [image_id(1)]
    one.costs()
    assert remove(bucket, one, tombstone)
    assert one.costs() == {"get": 1, "put": 1}
    for node in (one, other, bucket.node("fresh")):
        assert (deleted(node), node.names()) == ([], {})


def test_many_are_one_entry(bucket: Bucket):
    node = bucket.node()
    tombstones = [delete(bucket, node, number) for number in range(20)]
    node.costs()
    assert node.feed.remove(tombstones) == {image_id(number) for number in range(20)}
    assert node.costs() == {"get": 1, "put": 1}


def test_a_tombstone_that_changed_meanwhile_stays(bucket: Bucket):
    one, other = bucket.node("a"), bucket.node("b")
    tombstone = delete(bucket, one, 1)
    other.write(image(1, revision=3, name="undeleted"))
    assert not remove(bucket, one, tombstone)
    assert one.names() == other.names() == {image_id(1): "undeleted"}


def test_two_nodes_remove_it_at_once(bucket: Bucket):
    one, other = bucket.node("a"), bucket.node("b")
    tombstone = delete(bucket, one, 1)
    assert remove(bucket, one, tombstone)
    assert remove(bucket, other, tombstone)
    assert deleted(one) == deleted(other) == []


def test_an_id_that_begins_anew_is_listed_everywhere(bucket: Bucket):
    one, other = bucket.node("a"), bucket.node("b")
    tombstone = delete(bucket, one, 1, revision=7)
    remove(bucket, one, tombstone)
    bucket.save(tombstone.image)
    rebuilt = bucket.node("rescanned between entry and deletion")
    rebuilt.feed.chores.scrub()
    bucket.memory.delete(sidecar(image_id(1)))
    other.write(image(1, name="new"))
    for node in (one, other, rebuilt, bucket.node("fresh")):
        assert node.names() == {image_id(1): "new"}


def test_a_change_that_waited_in_an_outbox_does_not_bring_it_back(bucket: Bucket, monkeypatch: pytest.MonkeyPatch):
    sleeper, other = bucket.node("a"), bucket.node("b")
    late = image(1, revision=2, name="late")

    def away(*args: Any) -> None:
        raise Unavailable("no answer")

    with monkeypatch.context() as patch:
        patch.setattr(sleeper.store, "put", away)
        with pytest.raises(Unavailable):
            sleeper.write(late)
    remove(bucket, other, delete(bucket, other, 1, revision=3))
    sleeper.feed.upkeep()
    assert sleeper.names() == other.names() == {}
    assert sleeper.table.posted(1) == []


def test_a_change_that_waited_while_a_snapshot_passed_over_the_removal_does_not_bring_it_back(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
):
    sleeper, other = bucket.node("a"), bucket.node("b")

    def away(*args: Any) -> None:
        raise Unavailable("no answer")

    with monkeypatch.context() as patch:
        patch.setattr(sleeper.store, "put", away)
        with pytest.raises(Unavailable):
            sleeper.write(image(1, revision=2, name="late"))
    remove(bucket, other, delete(bucket, other, 1, revision=3))
    busy(bucket, other, 10)
    sleeper.table.damaged = True
    sleeper.feed.upkeep()
    assert image_id(1) not in {*sleeper.names(), *other.names()}
    assert sleeper.table.posted(1) == []


def test_a_sweep_that_died_before_the_deletion_is_repeated(bucket: Bucket):
    one, other = bucket.node("a"), bucket.node("b")
    tombstone = delete(bucket, one, 1)
    one.feed.remove([tombstone])
    one.feed.chores.scrub()
    assert deleted(one) == deleted(other) == [image_id(1)]
    assert remove(bucket, other, tombstone)
    assert deleted(one) == deleted(other) == []


def test_a_sidecar_removed_by_hand_is_told_to_all_nodes(bucket: Bucket):
    one, other = bucket.node("a"), bucket.node("b")
    one.write(image(1))
    other.names()
    bucket.memory.delete(sidecar(image_id(1)))
    one.feed.chores.scrub()
    assert one.names() == other.names() == {}
    other.write(image(1, name="by hand again"))
    assert one.names() == {image_id(1): "by hand again"}


def test_the_row_goes_when_no_older_snapshot_is_left(bucket: Bucket):
    node = bucket.node()
    remove(bucket, node, delete(bucket, node, 1))
    for number in range(2, 6):
        assert image_id(1) in etags(node.table)
        node.write(image(number))
        bucket.seconds += 7 * 3600.0
        node.feed.upkeep()
    assert image_id(1) not in etags(node.table)
    assert deleted(node) == []
