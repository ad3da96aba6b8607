"""Locations by PATCH that are refused: forms, addresses, quotas, callers."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.store.interface import Overwrite
from tests.api.locating import GOOD_HASH, OTHER_URL, SHA512, add, put, remove, value, web_image
from tests.api.many import WEB_URL, Many
from tests.api.support import ALICE, BOB, EVE, ROOT, TEN, UNUSED, Api

EXPORT = "memory://slow/exports/disk.raw"


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
def test_form_is_checked_before_the_image(located: Many, new: Any) -> None:
    assert add(located, UNUSED, new) == put(located, UNUSED, [new]) == 400
    assert put(located, UNUSED, new if isinstance(new, dict) else {}) == 400


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
def test_addresses_that_are_refused_even_to_admins(located: Many, url: str) -> None:
    other, image_id = located.active(), located.bare()
    blob = located.record(other).locations[0].key
    for key in (f"images/{image_id}/data-x", "tasks/x.json"):
        located.memory.put(key, TEN, Overwrite())
    located.slow.put("staging/x/data-1", TEN, Overwrite())
    assert add(located, image_id, value(url.format(other=other, blob=blob, id=image_id)), who=ROOT) == 400
    assert located.show(image_id)["status"] == "queued"


def test_data_without_size(located: Many) -> None:
    assert add(located, located.bare(), value(located.web.offer(b"", f"{WEB_URL}-empty"))) == 400


def test_objects_of_our_stores_are_for_services_and_admins(located: Many) -> None:
    image_id = located.bare()
    assert add(located, image_id, value(EXPORT)) == 403
    assert add(located, image_id, value(EXPORT, metadata={"store": "fast"}), who=ROOT) == 400
    assert add(located, image_id, value(EXPORT, metadata={"store": "slow", "a": "b"}), who=ROOT) == 200
    assert located.show(image_id)["locations"] == [{"url": EXPORT, "metadata": {"a": "b", "store": "slow"}}]
    assert located.get_file(image_id).data == TEN
    assert located.call("DELETE", f"/v2/images/{image_id}").status_code == 204
    assert located.slow.head("exports/disk.raw").size == 10  # nobody's but the operator's


def test_quotas() -> None:
    located = Many(show_multiple_locations=True, image_location_quota=2, user_storage_quota="35B")
    for number in range(5):
        located.web.offer(url=f"{WEB_URL}{number}")
    image_id = located.bare()
    assert put(located, image_id, [value(f"{WEB_URL}{number}") for number in range(3)]) == 413
    assert put(located, image_id, [value(f"{WEB_URL}{number}") for number in range(2)]) == 200
    assert add(located, image_id, value(f"{WEB_URL}2")) == 413
    assert add(located, located.bare(), value(f"{WEB_URL}3")) == 200
    assert add(located, located.bare(), value(f"{WEB_URL}4")) == 413  # three times 10 bytes are counted
    located.close()


@pytest.mark.parametrize(("who", "status"), [(ALICE, 200), (ROOT, 200), (BOB, 403), (EVE, 403)])
def test_who_may_add(located: Many, who: str, status: int) -> None:
    shown = located.bare(visibility="community")
    assert add(located, shown, value(), who=who) == status
    assert add(located, located.bare(visibility="private"), value(), who=who) == (404 if who == EVE else status)


@pytest.mark.parametrize(("who", "status"), [(ROOT, 200), (ALICE, 403), (BOB, 403), (EVE, 403)])
def test_who_may_remove(located: Many, who: str, status: int) -> None:
    image_id = web_image(located, OTHER_URL)
    located.change(image_id, visibility="community")
    assert remove(located, image_id, "0", who) == status


def test_switched_off(api: Api) -> None:
    image_id = api.active()
    for who in (ALICE, ROOT):
        assert add(api, image_id, value(), who=who) == put(api, image_id, [value()], who) == 403
        assert remove(api, image_id, "0", who) == 403
    assert add(api, UNUSED, value()) == 404
