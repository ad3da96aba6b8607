"""Locations by PATCH, the old way: every row of its table, and which addresses are refused."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import pytest

from catalog.store.interface import Overwrite
from tests.api.many import WEB_URL, Many
from tests.api.support import ALICE, BOB, EVE, ROOT, TEN, UNUSED, Api

SHA512 = hashlib.sha512(TEN).hexdigest()
OTHER_URL = f"{WEB_URL}-2"
GOOD_HASH = {"os_hash_algo": "sha512", "os_hash_value": SHA512}
EXPORT = "memory://slow/exports/disk.raw"


@pytest.fixture
def many() -> Iterator[Many]:
    made = Many(show_multiple_locations=True)
    made.web.offer()
    made.web.offer(url=OTHER_URL)
    made.slow.put("exports/disk.raw", TEN, Overwrite())
    yield made
    made.close()


def value(url: str = WEB_URL, **more: Any) -> dict[str, Any]:
    return {"url": url, "metadata": {}, **more}


def add(api: Api, image_id: str, new: Any, position: str = "-", who: str = ALICE) -> int:
    answer = api.patch(image_id, [{"op": "add", "path": f"/locations/{position}", "value": new}], who)
    return int(answer.status_code)


def put(api: Api, image_id: str, new: Any, who: str = ALICE) -> int:
    return int(api.patch(image_id, [{"op": "replace", "path": "/locations", "value": new}], who).status_code)


def remove(api: Api, image_id: str, position: str, who: str = ROOT) -> int:
    return int(api.patch(image_id, [{"op": "remove", "path": f"/locations/{position}"}], who).status_code)


def urls(many: Many, image_id: str) -> list[str]:
    return [place["url"] for place in many.show(image_id)["locations"]]


def web_image(many: Many, *more: str) -> str:
    image_id = many.bare()
    for url in (WEB_URL, *more):
        assert add(many, image_id, value(url)) == 200
    return image_id


def test_a_queued_image_becomes_active(many: Many) -> None:
    image_id = many.bare()
    assert add(many, image_id, value(metadata={"a": 1})) == 200
    view = many.show(image_id)
    assert (view["status"], view["size"], view["checksum"], view["stores"]) == ("active", 10, None, "http")
    assert view["locations"] == [{"url": WEB_URL, "metadata": {"a": 1, "store": "http"}}]
    assert many.get_file(image_id).data == TEN
    assert many.get_file(image_id, Range="bytes=3-5").data == TEN[3:6]


def test_positions(many: Many) -> None:
    image_id = web_image(many, OTHER_URL)
    third, fourth = many.web.offer(url=f"{WEB_URL}-3"), many.web.offer(url=f"{WEB_URL}-4")
    assert add(many, image_id, value(third), "1") == 200
    assert add(many, image_id, value(fourth), "99") == 200
    assert urls(many, image_id) == [WEB_URL, third, OTHER_URL, fourth]
    assert remove(many, image_id, "1") == 200
    assert remove(many, image_id, "-") == 200
    assert urls(many, image_id) == [WEB_URL, OTHER_URL]
    for position in ("x", "-1", "1.0", "+1", "\u0661", "1e1"):
        assert add(many, image_id, value(third), position) == 400
        assert remove(many, image_id, position) == 400
    assert remove(many, image_id, "2") == 400
    assert remove(many, image_id, "0") == 200
    assert remove(many, image_id, "0") == remove(many, image_id, "7") == 403  # the last one
    assert urls(many, image_id) == [OTHER_URL]


BAD_VALUES: list[tuple[str, Any]] = [
    ("text", WEB_URL), ("list", [value()]), ("null", None), ("no metadata", {"url": WEB_URL}),
    ("no url", {"metadata": {}}), ("metadata text", value(metadata="x")), ("url null", value(None)),
    ("url number", value(5)), ("url empty", value("")), ("url long", value(WEB_URL + "x" * 255)),
    ("emoji", value("http://192.88.100.1/\U0001f600")),
    ("hash without algorithm", value(validation_data={"os_hash_value": SHA512})),
    ("hash without value", value(validation_data={"os_hash_algo": "sha512"})),
    ("short checksum", value(validation_data={**GOOD_HASH, "checksum": "abc"})),
    ("unknown hash key", value(validation_data={**GOOD_HASH, "more": "x"})),
]  # fmt: skip


@pytest.mark.parametrize("new", [row[1] for row in BAD_VALUES], ids=[row[0] for row in BAD_VALUES])
def test_form_is_checked_before_the_image(many: Many, new: Any) -> None:
    assert add(many, UNUSED, new) == put(many, UNUSED, [new]) == 400
    assert put(many, UNUSED, new if isinstance(new, dict) else {}) == 400


BAD_URLS: list[tuple[str, str]] = [
    ("unknown scheme", "ceph://pool/image"), ("no scheme", "image"), ("file", "file:///etc/passwd"),
    ("filesystem", "filesystem:///x"), ("swift+config", "swift+config://a/b/c"), ("loopback", "http://127.0.0.1/x"),
    ("metadata service", "http://169.254.169.254/latest"), ("port", "http://192.88.100.1:22/x"),
    ("credentials", "http://user:secret@192.88.100.1/image"), ("missing on the web", f"{WEB_URL}-none"),
    ("no such object", "memory://slow/exports/none"), ("our sidecar", "memory:///images/{other}/image.json"),
    ("another image's blob", "memory:///{blob}"), ("its own old blob", "memory:///images/{id}/data-x"),
    ("a task", "memory:///tasks/x.json"), ("a staged blob", "memory://slow/staging/x/data-1"),
    ("up and away", "memory://slow/exports/../../x"), ("hidden", "memory://slow/.calotype/x"),
    ("the folder", "memory://slow/"), ("a store of others", "memory://elsewhere/disk.raw"),
    ("broken brackets", "http://[::1/image"),
]  # fmt: skip


@pytest.mark.parametrize("url", [row[1] for row in BAD_URLS], ids=[row[0] for row in BAD_URLS])
def test_addresses_that_are_refused_even_to_admins(many: Many, url: str) -> None:
    other, image_id = many.active(), many.bare()
    blob = many.record(other).locations[0].key
    for key in (f"images/{image_id}/data-x", "tasks/x.json"):
        many.memory.put(key, TEN, Overwrite())
    many.slow.put("staging/x/data-1", TEN, Overwrite())
    assert add(many, image_id, value(url.format(other=other, blob=blob, id=image_id)), who=ROOT) == 400
    assert many.show(image_id)["status"] == "queued"


def test_data_without_size(many: Many) -> None:
    assert add(many, many.bare(), value(many.web.offer(b"", f"{WEB_URL}-empty"))) == 400


def test_objects_of_our_stores_are_for_services_and_admins(many: Many) -> None:
    image_id = many.bare()
    assert add(many, image_id, value(EXPORT)) == 403
    assert add(many, image_id, value(EXPORT, metadata={"store": "fast"}), who=ROOT) == 400
    assert add(many, image_id, value(EXPORT, metadata={"store": "slow", "a": "b"}), who=ROOT) == 200
    assert many.show(image_id)["locations"] == [{"url": EXPORT, "metadata": {"a": "b", "store": "slow"}}]
    assert many.get_file(image_id).data == TEN
    assert many.call("DELETE", f"/v2/images/{image_id}").status_code == 204
    assert many.slow.head("exports/disk.raw").size == 10  # nobody's but the operator's


def test_same_location_again(many: Many) -> None:
    image_id = web_image(many)
    assert add(many, image_id, value()) == 400
    assert add(many, image_id, value(metadata={"a": 1})) == 200
    assert put(many, many.bare(), [value(), value()]) == 400


def test_quotas() -> None:
    many = Many(show_multiple_locations=True, image_location_quota=2, user_storage_quota="35B")
    for number in range(5):
        many.web.offer(url=f"{WEB_URL}{number}")
    image_id = many.bare()
    assert put(many, image_id, [value(f"{WEB_URL}{number}") for number in range(3)]) == 413
    assert put(many, image_id, [value(f"{WEB_URL}{number}") for number in range(2)]) == 200
    assert add(many, image_id, value(f"{WEB_URL}2")) == 413
    assert add(many, many.bare(), value(f"{WEB_URL}3")) == 200
    assert add(many, many.bare(), value(f"{WEB_URL}4")) == 413  # three times 10 bytes are counted
    many.close()


def test_replace_fills_the_empty_list(many: Many) -> None:
    image_id = many.bare()
    assert put(many, image_id, []) == 403
    assert put(many, image_id, [value(OTHER_URL), value()]) == 200
    assert (many.show(image_id)["status"], urls(many, image_id)) == ("active", [OTHER_URL, WEB_URL])


def test_replace_changes_metadata_alone(many: Many) -> None:
    image_id = web_image(many, OTHER_URL)
    assert put(many, image_id, []) == 403
    assert put(many, image_id, [value()]) == 400
    assert put(many, image_id, [value(), value()]) == 400
    assert put(many, image_id, [value(), value(f"{WEB_URL}-3")]) == 400
    assert put(many, image_id, [value(OTHER_URL, metadata={"b": 2, "store": "http"}), value()]) == 200
    assert many.show(image_id)["locations"] == [
        {"url": OTHER_URL, "metadata": {"b": 2, "store": "http"}}, {"url": WEB_URL, "metadata": {"store": "http"}},
    ]  # fmt: skip


def test_replace_keeps_blobs_of_ours(many: Many) -> None:
    image_id = many.active()
    shown = many.show(image_id)["locations"]
    assert put(many, image_id, [{**shown[0], "metadata": {"a": "b"}}]) == 200
    assert many.get_file(image_id).data == TEN


def test_removal_takes_our_data_with_it(many: Many) -> None:
    image_id = many.active()
    many.spread(image_id, "fast", "slow")
    assert remove(many, image_id, "0") == 200
    assert "fast" not in many.stored(image_id)
    assert "slow" in many.stored(image_id)
    assert many.get_file(image_id).data == TEN


def test_a_later_operation_that_fails_removes_nothing(many: Many) -> None:
    image_id = many.active()
    many.spread(image_id, "fast", "slow")
    operations = [{"op": "remove", "path": "/locations/0"}, {"op": "remove", "path": "/nothing"}]
    assert many.patch(image_id, operations, ROOT).status_code == 409
    assert many.show(image_id)["stores"] == "fast,slow"
    assert "fast" in many.stored(image_id)


@pytest.mark.parametrize("status", ["saving", "uploading", "importing", "deactivated", "killed"])
def test_status(many: Many, status: str) -> None:
    image_id = web_image(many, OTHER_URL)
    many.change(image_id, status=status)
    assert add(many, image_id, value(metadata={"a": 1})) == put(many, image_id, [value()]) == 409
    assert remove(many, image_id, "0") == 409


def test_removal_of_a_queued_image(many: Many) -> None:
    assert remove(many, many.bare(), "-") == 409


def test_formats_are_needed(many: Many) -> None:
    assert add(many, many.new(disk_format="raw")["id"], value()) == 400


@pytest.mark.parametrize(("who", "status"), [(ALICE, 200), (ROOT, 200), (BOB, 403), (EVE, 403)])
def test_who_may_add(many: Many, who: str, status: int) -> None:
    shown = many.bare(visibility="community")
    assert add(many, shown, value(), who=who) == status
    assert add(many, many.bare(visibility="private"), value(), who=who) == (404 if who == EVE else status)


@pytest.mark.parametrize(("who", "status"), [(ROOT, 200), (ALICE, 403), (BOB, 403), (EVE, 403)])
def test_who_may_remove(many: Many, who: str, status: int) -> None:
    image_id = web_image(many, OTHER_URL)
    many.change(image_id, visibility="community")
    assert remove(many, image_id, "0", who) == status


def test_switched_off(api: Api) -> None:
    image_id = api.active()
    for who in (ALICE, ROOT):
        assert add(api, image_id, value(), who=who) == put(api, image_id, [value()], who) == 403
        assert remove(api, image_id, "0", who) == 403
    assert add(api, UNUSED, value()) == 404


HASHES: list[tuple[str, dict[str, Any], int]] = [
    ("good", GOOD_HASH, 200), ("with checksum", {**GOOD_HASH, "checksum": "a" * 32}, 200),
    ("upper case", {**GOOD_HASH, "os_hash_value": SHA512.upper()}, 200),
    ("another algorithm", {"os_hash_algo": "sha256", "os_hash_value": "a" * 64}, 409),
    ("too short", {**GOOD_HASH, "os_hash_value": "ab"}, 409),
    ("not hexadecimal", {**GOOD_HASH, "os_hash_value": "z" * 128}, 409),
    ("a checksum that is none", {**GOOD_HASH, "checksum": "z" * 32}, 409),
]  # fmt: skip


@pytest.mark.parametrize(("hashes", "status"), [row[1:] for row in HASHES], ids=[row[0] for row in HASHES])
def test_hashes_that_come_with_a_location(many: Many, hashes: dict[str, Any], status: int) -> None:
    image_id = many.bare()
    assert add(many, image_id, value(validation_data=hashes)) == status
    view = many.show(image_id)
    if status == 200:
        assert (view["os_hash_algo"], view["os_hash_value"]) == ("sha512", SHA512)
        assert view["checksum"] == hashes.get("checksum")
    else:
        assert (view["status"], view["os_hash_algo"]) == ("queued", None)


def test_hashes_of_an_active_image_must_be_its_own(many: Many) -> None:
    image_id = many.active()
    assert add(many, image_id, value(validation_data={**GOOD_HASH, "os_hash_value": "a" * 128})) == 409
    assert add(many, image_id, value(validation_data={**GOOD_HASH, "checksum": "a" * 32})) == 409
    md5 = hashlib.md5(TEN).hexdigest()
    assert add(many, image_id, value(validation_data={**GOOD_HASH, "checksum": md5})) == 200
    without = web_image(many)
    assert add(many, without, value(OTHER_URL, validation_data=GOOD_HASH)) == 409


def test_hashes_of_several_locations_must_agree(many: Many) -> None:
    one, two = (
        value(validation_data=GOOD_HASH),
        value(OTHER_URL, validation_data={**GOOD_HASH, "os_hash_value": "a" * 128}),
    )
    image_id = many.bare()
    assert put(many, image_id, [one, two]) == 409
    checked = [{**one, "validation_data": {**GOOD_HASH, "checksum": c * 32}} for c in "ab"]
    assert put(many, image_id, [checked[0], {**checked[1], "url": OTHER_URL}]) == 409
    assert put(many, image_id, [one, value(OTHER_URL)]) == 200


def test_old_media_type(many: Many) -> None:
    image_id = many.bare()
    kind = "application/openstack-images-v2.0-json-patch"
    assert many.patch(image_id, [{"add": "/locations/-", "value": value()}], kind=kind).status_code == 200
    assert many.patch(image_id, [{"replace": "/locations", "value": [value()]}], kind=kind).status_code == 200
