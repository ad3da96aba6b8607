"""What the journal costs in requests."""

from __future__ import annotations

from tests.index.journal.conftest import Bucket
from tests.index.samples import image, image_id


def test_a_write_is_one_put_and_a_list_one_get(bucket: Bucket):
    node = bucket.node()
    node.costs()
    node.write(image(1))
    assert node.costs() == {"put": 1}
    node.names()
    assert node.costs() == {"get": 1}


def test_another_nodes_write_costs_a_reader_one_get_more(bucket: Bucket):
    writer, reader = bucket.node("a"), bucket.node("b")
    reader.costs()
    writer.write(image(1, name="new"))
    assert reader.names() == {image_id(1): "new"}
    assert reader.costs() == {"get": 2}


def test_far_behind_a_reader_lists_the_journal(bucket: Bucket):
    writer, reader = bucket.node("a"), bucket.node("b")
    for number in range(30):
        writer.write(image(number))
    reader.costs()
    assert len(reader.names()) == 30
    assert reader.costs() == {"get": 31, "list": 1}


def test_a_restart_with_its_file_reads_no_sidecar(bucket: Bucket):
    bucket.save(image(7, name="old"))
    node = bucket.node()
    for number in range(5):
        node.write(image(number))
    node.close()
    again = bucket.node()
    assert again.costs() == {"get": 3, "list": 1}  # the epoch, the last entry, and none after it
    assert len(again.names()) == 6


def test_a_new_node_reads_a_snapshot_and_what_came_after(bucket: Bucket):
    writer = bucket.node("a")
    for number in range(12):
        writer.write(image(number))
    writer.feed.upkeep()
    writer.write(image(20))
    fresh = bucket.node("b")
    costs = fresh.costs()
    assert costs["get"] <= 8
    assert len(fresh.names()) == 13


def test_a_node_in_use_looks_back_once_a_minute(bucket: Bucket):
    node = bucket.node()
    for _ in range(3):
        node.write(image(1))
        node.names()
        node.costs()
        bucket.seconds += 61
        for _ in range(5):
            node.feed.upkeep()
        assert node.costs() == {"get": 3}  # none after the last entry, the epoch, the last entry


def test_an_idle_node_asks_nothing(bucket: Bucket):
    node = bucket.node()
    node.write(image(1))
    node.feed.upkeep()
    bucket.seconds += 4000
    node.feed.upkeep()  # an hour after the last entry: one snapshot
    node.costs()
    for _ in range(100):
        bucket.seconds += 4000
        node.feed.upkeep()
    assert node.costs() == {}
