"""The task of the locations API: what it finds out, sources that break off, images that go away meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from catalog.service.imports.marks import LOCK
from catalog.store.errors import Unavailable
from catalog.store.interface import ByteRange, ObjectBody
from tests.api.locating import VALUES, done, given, post, task
from tests.api.many import WEB_URL, Many, Web
from tests.api.support import ROOT, TEN, Api, operation

REFUSED: list[tuple[str, str]] = [
    ("unknown scheme", "ceph://pool/x"), ("a file of the server", "file:///etc/passwd"),
    ("missing", "memory://slow/exports/none"), ("a sidecar", "memory:///images/{other}/image.json"),
    ("another image's blob", "memory:///{blob}"), ("a folder up", "memory://slow/exports/../x"),
    ("missing on the web", f"{WEB_URL}-none"), ("empty", f"{WEB_URL}-empty"), ("too much", f"{WEB_URL}-big"),
]  # fmt: skip


@pytest.mark.parametrize("url", [row[1] for row in REFUSED], ids=[row[0] for row in REFUSED])
@pytest.mark.parametrize("hashes", [{}, given("sha256")])
def test_what_only_the_task_finds_out(url: str, hashes: dict[str, str]) -> None:
    many = Many(user_storage_quota="90B")
    many.web.offer(b"", f"{WEB_URL}-empty")
    many.web.offer(b"x" * 99, f"{WEB_URL}-big")
    other, image_id = many.active(), many.bare()
    address = url.format(other=other, blob=many.record(other).locations[0].key)
    view = done(many, image_id, {"url": address, "validation_data": hashes}, ROOT)
    assert (view["status"], view["size"], view["os_hash_algo"], LOCK in view) == ("queued", None, None, False)
    assert many.record(image_id).locations == ()
    assert task(many, image_id)["status"] == "failure"
    assert many.get_file(other).data == TEN
    many.close()


class _Flaky(Web):
    """A source whose data break off some times."""

    broken = 0
    during: Any = None

    def get(self, key: str, byte_range: ByteRange | None = None, if_none_match: str | None = None) -> ObjectBody:
        if self.during:
            self.during()
        self.broken -= 1
        if self.broken >= 0:
            raise Unavailable("broken off")
        return super().get(key, byte_range, if_none_match)


@pytest.fixture
def flaky() -> Iterator[Api]:
    web = _Flaky()
    made = Api(blobs={"http": web})
    made.web = web  # type: ignore[attr-defined]
    web.offer()
    yield made
    made.close()


@pytest.mark.parametrize(("broken", "known"), [(3, True), (4, False)])
def test_reading_is_tried_again(flaky: Any, broken: int, known: bool) -> None:
    flaky.web.broken = broken
    image_id = flaky.bare()
    view = done(flaky, image_id, {"url": WEB_URL})
    assert (view["status"], view["os_hash_value"], LOCK in view) == (
        "active", VALUES["sha512"] if known else None, False,
    )  # fmt: skip
    assert task(flaky, image_id)["status"] == ("success" if known else "failure")


@pytest.mark.parametrize("name", ["disk_format", "container_format"])
def test_formats_taken_away_while_data_are_checked(flaky: Any, name: str) -> None:
    image_id = flaky.bare()

    def during() -> None:
        flaky.web.during = None
        assert flaky.show(image_id)["status"] == "importing"
        assert flaky.patch(image_id, [operation("replace", name, None)]).status_code == 200

    flaky.web.during = during
    view = done(flaky, image_id, {"url": WEB_URL, "validation_data": given("sha256")})
    assert (view["status"], view["size"], view["os_hash_algo"], LOCK in view) == ("queued", None, None, False)
    assert f"{name} is not" in task(flaky, image_id)["message"]


def test_data_that_cannot_be_checked_do_not_make_an_image_active(flaky: Any) -> None:
    flaky.web.broken = 99
    view = done(flaky, flaky.bare(), {"url": WEB_URL, "validation_data": given("sha256")})
    assert (view["status"], view["os_hash_algo"]) == ("queued", None)


def test_while_the_hash_is_read(flaky: Any) -> None:
    seen: list[tuple[str, int]] = []
    image_id = flaky.bare()

    def once() -> None:
        flaky.web.during = None
        seen.append((flaky.show(image_id)["status"], flaky.get_file(image_id).status_code))

    flaky.web.during = once
    done(flaky, image_id, {"url": WEB_URL, "validation_data": given("sha256")})
    assert seen == [("importing", 204)]


@pytest.mark.parametrize("hashes", [{}, given("sha256")])
def test_deletion_ends_the_reading(flaky: Any, hashes: dict[str, str]) -> None:
    image_id = flaky.bare()

    def delete() -> None:
        flaky.web.during = None
        assert flaky.call("DELETE", f"/v2/images/{image_id}").status_code == 204

    flaky.web.during = delete
    assert post(flaky, image_id, {"url": WEB_URL, "validation_data": hashes}) == 202
    flaky.finish_tasks()
    (ended,) = flaky.catalog.services.tasks.all()
    assert (flaky.record(image_id).status, ended.status) == ("deleted", "failure")


def test_an_upload_that_is_faster(flaky: Any) -> None:
    image_id = flaky.bare()
    runner = flaky.catalog.services.tasks.runner
    submit, waiting = runner.submit, []
    runner.submit = waiting.append
    assert post(flaky, image_id, {"url": WEB_URL}) == 202
    assert flaky.put_file(image_id).status_code == 204
    runner.submit = submit
    runner.submit(waiting[0])
    flaky.finish_tasks()
    view = flaky.show(image_id)
    assert (view["status"], view["stores"], LOCK in view) == ("active", "default", False)
    assert task(flaky, image_id)["status"] == "failure"
