"""The locations API: its refusals, what a right and a wrong hash do, and reading locations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from catalog.service.imports.marks import LOCK
from catalog.store.interface import Overwrite
from tests.api.locating import VALUES, done, given, post, task
from tests.api.many import WEB_URL, Many
from tests.api.support import ALICE, BOB, EVE, MEMBER_ONLY, ROOT, TEN, UNUSED, Api

SERVICE = "nova:p9:service,member,reader"
EXPORT = "memory://slow/exports/disk.raw"


@pytest.fixture
def many() -> Iterator[Many]:
    made = Many()
    made.web.offer()
    made.slow.put("exports/disk.raw", TEN, Overwrite())
    yield made
    made.close()


def test_without_hash_the_image_is_active_and_its_hash_is_found(many: Many) -> None:
    image_id = many.bare()
    view = done(many, image_id, {"url": WEB_URL})
    assert (view["status"], view["size"], view["stores"]) == ("active", 10, "http")
    assert (view["os_hash_algo"], view["os_hash_value"], view["checksum"]) == (
        "sha512",
        VALUES["sha512"],
        VALUES["md5"],
    )
    assert LOCK not in view
    assert many.get_file(image_id).data == TEN
    shown = task(many, image_id)
    assert (shown["type"], shown["status"], shown["owner"]) == ("location_import", "success", "p1")
    assert shown["result"] == {"image_id": image_id}


@pytest.mark.parametrize("name", VALUES)
@pytest.mark.parametrize("upper", [False, True])
def test_a_right_hash(many: Many, name: str, upper: bool) -> None:
    value = VALUES[name].upper() if upper else VALUES[name]
    view = done(many, many.bare(), {"url": WEB_URL, "validation_data": given(name, value)})
    assert (view["status"], view["os_hash_algo"], view["os_hash_value"]) == ("active", name, VALUES[name])


@pytest.mark.parametrize(("url", "who", "kept"), [(WEB_URL, ALICE, 1), (EXPORT, ROOT, 0)])
def test_a_wrong_hash(many: Many, url: str, who: str, kept: int) -> None:
    image_id = many.bare()
    view = done(many, image_id, {"url": url, "validation_data": given("sha256", "a" * 64)}, who)
    fields = ("status", "size", "os_hash_algo", "os_hash_value", "checksum")
    assert [view[name] for name in fields] == ["queued", None, None, None, None]
    assert len(many.record(image_id).locations) == kept
    assert LOCK not in view
    assert many.get_file(image_id).status_code == 204  # what was not what it should be is given to nobody
    assert task(many, image_id)["status"] == "failure"
    assert many.slow.head("exports/disk.raw").size == 10
    again = done(many, image_id, {"url": url, "validation_data": given("sha256")}, who)
    assert (again["status"], len(many.record(image_id).locations)) == ("active", 1)


def test_upload_after_a_wrong_hash(many: Many) -> None:
    image_id = many.bare()
    done(many, image_id, {"url": WEB_URL, "validation_data": given("sha256", "a" * 64)})
    assert many.put_file(image_id).status_code == 204
    assert many.show(image_id)["stores"] == "default"


@pytest.mark.parametrize("hashes", [None, given("sha256", "b" * 64)])
def test_without_secure_hash_nothing_is_read(hashes: dict[str, str] | None) -> None:
    many = Many(do_secure_hash=False)
    body = {"url": many.web.offer(), **({"validation_data": hashes} if hashes else {})}
    view = done(many, many.bare(), body)
    assert (view["status"], view["size"], view["checksum"]) == ("active", 10, None)
    assert (view["os_hash_algo"], view["os_hash_value"]) == (("sha256", "b" * 64) if hashes else (None, None))
    assert LOCK not in view
    many.close()


BAD: list[tuple[str, Any]] = [
    ("no JSON", "{"), ("array", []), ("text", '"x"'), ("no url", {}), ("null", {"url": None}), ("empty", {"url": ""}),
    ("long", {"url": WEB_URL + "x" * 255}), ("hash text", {"url": WEB_URL, "validation_data": "x"}),
    ("unknown algorithm", {"url": WEB_URL, "validation_data": {"os_hash_algo": "sha3", "os_hash_value": "a" * 64}}),
    ("algorithm alone", {"url": WEB_URL, "validation_data": {"os_hash_algo": "sha256"}}),
    ("value alone", {"url": WEB_URL, "validation_data": {"os_hash_value": "a" * 64}}),
    ("unknown key inside", {"url": WEB_URL, "validation_data": {**given("md5"), "checksum": "a" * 32}}),
    ("not hexadecimal", {"url": WEB_URL, "validation_data": given("sha256", "z" * 64)}),
    ("line feed", {"url": WEB_URL, "validation_data": given("sha256", "a" * 63 + "\n")}),
    ("wrong length", {"url": WEB_URL, "validation_data": given("sha256", "a" * 40)}),
    ("empty value", {"url": WEB_URL, "validation_data": given("sha256", "")}),
    ("loopback", {"url": "http://127.0.0.1/x"}), ("shorthand", {"url": "http://2130706433/x"}),
    ("port", {"url": "http://192.88.100.1:22/x"}), ("credentials", {"url": "http://u:p@192.88.100.1/image"}),
]  # fmt: skip


@pytest.mark.parametrize("body", [row[1] for row in BAD], ids=[row[0] for row in BAD])
@pytest.mark.parametrize("who", [ALICE, ROOT])
def test_bad_request(many: Many, body: Any, who: str) -> None:
    image_id = many.bare()
    assert post(many, image_id, body, who) == 400
    assert many.show(image_id)["status"] == "queued"
    assert many.get(f"/v2/images/{image_id}/tasks", ROOT).json["tasks"] == []


@pytest.mark.parametrize("more", [{"metadata": {}}, {"validation_data": {}}, {"x": 1}])
def test_what_is_ignored(many: Many, more: dict[str, Any]) -> None:
    assert done(many, many.bare(), {"url": WEB_URL, **more})["status"] == "active"


def test_credentials_of_a_store_are_refused_at_once(many: Many) -> None:
    assert post(many, many.bare(), {"url": "s3://key:secret@bucket/x"}, ROOT) == 400


@pytest.mark.parametrize(
    ("url", "who", "status"),
    [(WEB_URL, ALICE, 202), (WEB_URL, MEMBER_ONLY, 202), (WEB_URL, ROOT, 202), (EXPORT, ALICE, 403),
     (EXPORT, ROOT, 202), ("ceph://pool/x", ALICE, 403), (WEB_URL, BOB, 403), (WEB_URL, EVE, 403),
     (WEB_URL, SERVICE, 202), (EXPORT, SERVICE, 202)],
)  # fmt: skip
def test_who_may_add_what(many: Many, url: str, who: str, status: int) -> None:
    assert post(many, many.bare(visibility="community"), {"url": url}, who) == status
    many.finish_tasks()


@pytest.mark.parametrize("who", [EVE, SERVICE])
def test_an_image_that_the_caller_does_not_see(many: Many, who: str) -> None:
    for image_id in (many.bare(visibility="private"), UNUSED, "x"):
        assert post(many, image_id, {"url": WEB_URL}, who) == 404
        assert many.get(f"/v2/images/{image_id}/locations", who).status_code == 404


def test_without_a_web_store() -> None:
    many = Many(web=False)
    assert post(many, many.bare(), {"url": WEB_URL}) == 403
    image_id = many.bare()
    assert done(many, image_id, {"url": WEB_URL}, ROOT)["status"] == "queued"
    assert task(many, image_id)["status"] == "failure"
    many.close()


def test_status_comes_before_policy(many: Many) -> None:
    image_id = many.active(visibility="community")
    for who in (ALICE, BOB, EVE, ROOT):
        assert post(many, image_id, {"url": WEB_URL}, who) == 409


def test_formats_are_needed(many: Many) -> None:
    assert post(many, many.new()["id"], {"url": WEB_URL}) == 400


def test_a_lock_that_is_held(many: Many) -> None:
    image_id = many.bare()
    tasks = many.catalog.services.tasks
    held = tasks.runner.hold
    assert done(many, image_id, {"url": f"{WEB_URL}-none"})["status"] == "queued"
    failed = tasks.all()[0]
    many.change(image_id, properties={LOCK: failed.id})  # a task that is over holds nothing
    assert done(many, image_id, {"url": WEB_URL})["status"] == "active"
    other = many.bare()
    many.change(other, properties={LOCK: tasks.store.create(held(_pending(failed, other))).id})
    assert post(many, other, {"url": WEB_URL}) == 409


def _pending(task: Any, image_id: str) -> Any:
    return replace(task, id=UNUSED, image_id=image_id, status="pending", expires_at=None)


@pytest.mark.parametrize(("who", "status"), [(ROOT, 200), (SERVICE, 200), (ALICE, 403), (BOB, 403), (EVE, 403)])
@pytest.mark.parametrize("shown", [False, True])
def test_who_reads_locations(shown: bool, who: str, status: int) -> None:
    many = Many(show_multiple_locations=shown)
    image_id, empty = many.active(visibility="community"), many.bare(visibility="community")
    answer = many.get(f"/v2/images/{image_id}/locations", who)
    assert answer.status_code == status
    if status == 200:
        url = f"memory:///{many.record(image_id).locations[0].key}"
        assert answer.json == [{"url": url, "metadata": {"store": "default"}}]
        assert many.get(f"/v2/images/{empty}/locations", who).json == []
        assert many.get(f"/v2/images/{empty}/locations", who, data=b"x").status_code == 400
    many.close()


def test_with_one_store_locations_name_none(api: Api) -> None:
    (place,) = api.get(f"/v2/images/{api.active()}/locations", ROOT).json
    assert place["metadata"] == {}
