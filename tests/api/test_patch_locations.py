"""Locations by PATCH, the old way: every row of its table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.api.locating import OTHER_URL, add, put, remove, value, web_image
from tests.api.many import WEB_URL, Many
from tests.api.support import ROOT, TEN
from tests.api.v1.support import queued


def urls(located: Many, image_id: str) -> list[str]:
    return [place["url"] for place in located.show(image_id)["locations"]]


def test_a_queued_image_becomes_active(located: Many) -> None:
    image_id = located.bare()
    assert add(located, image_id, value(metadata={"a": 1})) == 200
    view = located.show(image_id)
    assert (view["status"], view["size"], view["checksum"], view["stores"]) == ("active", 10, None, "http")
    assert view["locations"] == [{"url": WEB_URL, "metadata": {"a": 1, "store": "http"}}]
    assert located.get_file(image_id).data == TEN
    assert located.get_file(image_id, Range="bytes=3-5").data == TEN[3:6]


@pytest.mark.parametrize("announced", [{}, {"size": 7}, {"size": 99}])
@pytest.mark.parametrize("change", [add, lambda located, image_id, one: put(located, image_id, [one])])
def test_what_the_old_api_announced_gives_way_to_the_size_of_the_data(
    located: Many, change: Callable[[Many, str, Any], int], announced: dict[str, int]
) -> None:
    image_id = queued(located, **announced)
    assert change(located, image_id, value()) == 200
    view = located.show(image_id)
    assert (view["status"], view["size"]) == ("active", len(TEN))
    assert located.get_file(image_id).data == TEN
    assert add(located, image_id, value(located.web.offer(b"more than ten", f"{WEB_URL}-more"))) == 200
    assert located.show(image_id)["size"] == len(TEN)  # further locations change nothing


def test_positions(located: Many) -> None:
    image_id = web_image(located, OTHER_URL)
    third, fourth = located.web.offer(url=f"{WEB_URL}-3"), located.web.offer(url=f"{WEB_URL}-4")
    assert add(located, image_id, value(third), "1") == 200
    assert add(located, image_id, value(fourth), "99") == 200
    assert urls(located, image_id) == [WEB_URL, third, OTHER_URL, fourth]
    assert remove(located, image_id, "1") == 200
    assert remove(located, image_id, "-") == 200
    assert urls(located, image_id) == [WEB_URL, OTHER_URL]
    for position in ("x", "-1", "1.0", "+1", "\u0661", "1e1"):
        assert add(located, image_id, value(third), position) == 400
        assert remove(located, image_id, position) == 400
    assert remove(located, image_id, "2") == 400
    assert remove(located, image_id, "0") == 200
    assert remove(located, image_id, "0") == remove(located, image_id, "7") == 403  # the last one
    assert urls(located, image_id) == [OTHER_URL]


def test_same_location_again(located: Many) -> None:
    image_id = web_image(located)
    assert add(located, image_id, value()) == 400
    assert add(located, image_id, value(metadata={"a": 1})) == 200
    assert put(located, located.bare(), [value(), value()]) == 400


def test_replace_fills_the_empty_list(located: Many) -> None:
    image_id = located.bare()
    assert put(located, image_id, []) == 403
    assert put(located, image_id, [value(OTHER_URL), value()]) == 200
    assert (located.show(image_id)["status"], urls(located, image_id)) == ("active", [OTHER_URL, WEB_URL])


def test_replace_changes_metadata_alone(located: Many) -> None:
    image_id = web_image(located, OTHER_URL)
    assert put(located, image_id, []) == 403
    assert put(located, image_id, [value()]) == 400
    assert put(located, image_id, [value(), value()]) == 400
    assert put(located, image_id, [value(), value(f"{WEB_URL}-3")]) == 400
    assert put(located, image_id, [value(OTHER_URL, metadata={"b": 2, "store": "http"}), value()]) == 200
    assert located.show(image_id)["locations"] == [
        {"url": OTHER_URL, "metadata": {"b": 2, "store": "http"}}, {"url": WEB_URL, "metadata": {"store": "http"}},
    ]  # fmt: skip


def test_replace_keeps_blobs_of_ours(located: Many) -> None:
    image_id = located.active()
    shown = located.show(image_id)["locations"]
    assert put(located, image_id, [{**shown[0], "metadata": {"a": "b"}}]) == 200
    assert located.get_file(image_id).data == TEN


def test_removal_takes_our_data_with_it(located: Many) -> None:
    image_id = located.active()
    located.spread(image_id, "fast", "slow")
    assert remove(located, image_id, "0") == 200
    assert "fast" not in located.stored(image_id)
    assert "slow" in located.stored(image_id)
    assert located.get_file(image_id).data == TEN


def test_a_later_operation_that_fails_removes_nothing(located: Many) -> None:
    image_id = located.active()
    located.spread(image_id, "fast", "slow")
    operations = [{"op": "remove", "path": "/locations/0"}, {"op": "remove", "path": "/nothing"}]
    assert located.patch(image_id, operations, ROOT).status_code == 409
    assert located.show(image_id)["stores"] == "fast,slow"
    assert "fast" in located.stored(image_id)


@pytest.mark.parametrize("status", ["saving", "uploading", "importing", "deactivated", "killed"])
def test_status(located: Many, status: str) -> None:
    image_id = web_image(located, OTHER_URL)
    located.change(image_id, status=status)
    assert add(located, image_id, value(metadata={"a": 1})) == put(located, image_id, [value()]) == 409
    assert remove(located, image_id, "0") == 409


def test_removal_of_a_queued_image(located: Many) -> None:
    assert remove(located, located.bare(), "-") == 409


def test_formats_are_needed(located: Many) -> None:
    assert add(located, located.new(disk_format="raw")["id"], value()) == 400


def test_old_media_type(located: Many) -> None:
    image_id = located.bare()
    kind = "application/openstack-images-v2.0-json-patch"
    assert located.patch(image_id, [{"add": "/locations/-", "value": value()}], kind=kind).status_code == 200
    assert located.patch(image_id, [{"replace": "/locations", "value": [value()]}], kind=kind).status_code == 200
