"""A server on a store whose conditional writes are not safe: refused, unless it is the only node."""

from __future__ import annotations

from pathlib import Path

from catalog.store import keys
from tests.e2e.conftest import Start
from tests.e2e.support import Client
from tests.e2e.test_start_refused import refusal
from tests.servers.places import Place, s3_place
from tests.servers.rclone import Rclone


def test_unsafe_store_is_refused_in_one_line(tmp_path: Path, rclone: Rclone) -> None:
    place = s3_place(rclone, "several-nodes")
    line = refusal(tmp_path, place.environment, **place.settings)
    for words in ("s3://several-nodes/catalog", "not safe for more than one node", "calotype doctor", "single_node"):
        assert words in line
    # This server may list for a while what was removed.
    assert all(info.key.startswith(keys.PROBES) for info in place.store.list())


def test_unsafe_store_serves_a_single_node(rclone: Rclone, start: Start) -> None:
    place = s3_place(rclone, "one-node")
    catalog = start(place, single_node="true")
    (warning,) = [line for line in catalog.log_lines() if line["event"] == "store.unsafe"]
    assert "up to 2 writers were told that they won" in warning["reason"]
    assert Client(catalog.url).names() == []


def test_safe_store_is_raced_once_on_a_node(new_bucket: Place, start: Start) -> None:
    catalog = start(new_bucket)
    (kept,) = (catalog.folder / "calotype-state").glob("race-*.json")
    first = kept.read_bytes()
    assert b"SeaweedFS" in first
    catalog.stop()
    catalog.start()
    assert kept.read_bytes() == first
    assert list(new_bucket.store.list("probes/")) == []
