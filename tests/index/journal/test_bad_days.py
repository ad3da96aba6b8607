"""Damage and long sleeps: each ends in the right list without an operator."""

from __future__ import annotations

from typing import Any

import pytest
import structlog

from catalog.model import Stored, encode
from catalog.store.errors import Unavailable as StoreUnavailable
from catalog.store.interface import Overwrite
from catalog.store.keys import sidecar
from tests.index.journal.busy import busy
from tests.index.journal.conftest import Bucket
from tests.index.samples import image, image_id

DAY = 86400.0


def snapshot_keys(bucket: Bucket, what: str) -> list[str]:
    return [key for key in bucket.keys("index/") if "/snapshot/" in key and what in key.rpartition("/")[2]]


def journal_keys(bucket: Bucket) -> list[str]:
    return [key for key in bucket.keys("index/") if "/journal/" in key]


@pytest.mark.parametrize("damage", ["piece damaged", "piece missing", "manifest damaged", "all damaged"])
def test_a_damaged_snapshot_is_not_used(bucket: Bucket, damage: str):
    node = bucket.node("a")
    busy(bucket, node, 0)
    busy(bucket, node, 20)
    newest = -1
    pieces, manifests = snapshot_keys(bucket, "-000"), snapshot_keys(bucket, "manifest")
    assert len(manifests) == 2
    if damage == "piece missing":
        bucket.memory.delete(pieces[newest])
    for key in {"piece damaged": pieces[-1:], "manifest damaged": manifests[-1:], "all damaged": pieces}.get(
        damage, []
    ):
        bucket.memory.put(key, b"damaged", Overwrite())
    with structlog.testing.capture_logs() as logs:
        fresh = bucket.node("b")
    assert len(fresh.names()) == 24
    assert "index.snapshot_void" in [line["event"] for line in logs]


def test_a_missing_entry_is_made_up_from_the_sidecars(bucket: Bucket):
    writer, reader = bucket.node("a"), bucket.node("b")
    for number in range(6):
        writer.write(image(number))
    bucket.memory.delete(journal_keys(bucket)[2])
    bucket.seconds += 7 * 3600  # until then nothing tells that entry from one that was not written yet
    with structlog.testing.capture_logs() as logs:
        assert len(reader.names()) == 6
    assert "index.journal_broken" in [line["event"] for line in logs]


def test_a_damaged_entry_is_made_up_from_the_sidecars(bucket: Bucket):
    writer, reader = bucket.node("a"), bucket.node("b")
    for number in range(6):
        writer.write(image(number))
    bucket.memory.put(journal_keys(bucket)[2], b"damaged", Overwrite())
    assert len(reader.names()) == 6
    writer.write(image(9))
    assert len(reader.names()) == 7


def test_an_old_node_wakes_after_a_week(bucket: Bucket):
    sleeper, writer = bucket.node("a"), bucket.node("b")
    sleeper.write(image(100, name="before"))
    for day in range(7):
        bucket.seconds += DAY
        busy(bucket, writer, day * 12)
    assert journal_keys(bucket)[0].endswith("0000") or len(journal_keys(bucket)) < 60
    sleeper.write(image(101, name="after"))
    assert len(sleeper.names()) == len(writer.names()) == 7 * 12 + 2


def test_an_append_that_took_a_week_is_not_believed(bucket: Bucket, monkeypatch: pytest.MonkeyPatch):
    """Its number is free again by the time it arrives: what the others wrote under it has been cleaned up."""
    sleeper, writer = bucket.node("a"), bucket.node("b")
    sleeper.write(image(100))
    put, late = sleeper.store.put, []

    def slow(key: str, *rest: Any) -> Any:
        if "/journal/" in key and not late:
            late.append(key)
            for day in range(7):
                bucket.seconds += DAY
                busy(bucket, writer, day * 12)
            assert key not in journal_keys(bucket)
        return put(key, *rest)

    monkeypatch.setattr(sleeper.store, "put", slow)
    sleeper.write(image(101))
    for node in (writer, sleeper, bucket.node("fresh")):
        assert len(node.names()) == 7 * 12 + 2


def test_a_write_whose_node_died_is_found_on_reading_it(bucket: Bucket):
    node = bucket.node()
    node.write(image(1, name="old"))
    unjournaled = image(1, revision=2, name="unjournaled")
    node.feed.seen(Stored(unjournaled, bucket.save(unjournaled)))
    node.feed.upkeep()
    assert node.names() == {image_id(1): "unjournaled"}
    assert bucket.node("other").names() == {image_id(1): "unjournaled"}


def test_a_write_that_lost_its_answer_is_looked_at_by_the_upkeep_and_no_longer(bucket: Bucket):
    node, other = bucket.node("a"), bucket.node("b")
    bucket.save(image(1))
    node.feed.doubt(image_id(1))
    node.feed.upkeep()
    assert list(other.names()) == [image_id(1)]
    node.costs()
    node.feed.upkeep()
    assert node.costs() == {}


def test_a_store_that_was_away_gets_the_change_later(bucket: Bucket, monkeypatch: pytest.MonkeyPatch):
    node, other = bucket.node("a"), bucket.node("b")

    def away(*args: object) -> None:
        raise StoreUnavailable("no answer")

    etag = bucket.save(image(1))
    with monkeypatch.context() as patch:
        patch.setattr(node.store, "put", away)
        with pytest.raises(StoreUnavailable):
            node.feed.publish(image(1), etag)
    assert other.names() == {}
    node.feed.upkeep()
    assert list(other.names()) == [image_id(1)]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"id": 3}', encode(image(2)), encode(image(1, name=["x"]))])
def test_a_damaged_sidecar_is_skipped_with_a_warning(bucket: Bucket, body: bytes):
    bucket.save(image(5))
    bucket.memory.put(sidecar(image_id(1)), body, Overwrite())
    with structlog.testing.capture_logs() as logs:
        node = bucket.node()
    assert list(node.names()) == [image_id(5)]
    assert [line["image"] for line in logs if line["log_level"] == "warning"] == [image_id(1)]
