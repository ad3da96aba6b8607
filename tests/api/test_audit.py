"""The audit lines: every change and every refusal, without secrets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from structlog.testing import capture_logs

from tests.api.support import ALICE, EVE, NOBODY, UNUSED, Api


@pytest.fixture(scope="module")
def api() -> Iterator[Api]:
    made = Api()
    yield made
    made.close()


def lines(call: Any) -> list[dict[str, Any]]:
    with capture_logs() as found:
        call()
    return [dict(line) for line in found if line["event"] == "audit"]


def test_line_of_a_change(api: Api):
    (line,) = lines(lambda: api.post({"name": "one"}, headers={"X-Openstack-Request-Id": "req-1"}))
    made = api.get("/v2/images").json["images"][0]["id"]
    assert line == {
        "event": "audit", "log_level": "info", "action": "images.create_image", "outcome": "success", "status": 201,
        "image": made, "target": {}, "user": "alice", "project": "p1", "roles": ["member", "reader"],
        "service_roles": [], "remote": "127.0.0.1", "request_id": "req-1",
    }  # fmt: skip


def test_every_kind_of_change(api: Api):
    image = api.bare()
    member, tag = f"/v2/images/{image}/members", f"/v2/images/{image}/tags/blue"
    calls = [
        (lambda: api.put_file(image), "image_data.upload", 204, {}),
        (lambda: api.patch(image, []), "images.update_image", 200, {}),
        (lambda: api.call("PUT", tag), "images.add_tag", 204, {"tag": "blue"}),
        (lambda: api.call("POST", member, json={"member": "p2"}), "members.add_member", 200, {}),
        (lambda: api.call("DELETE", f"{member}/p2"), "members.remove_member", 204, {"member_id": "p2"}),
        (lambda: api.call("POST", f"/v2/images/{image}/actions/deactivate"), "images.deactivate", 204, {}),
        (lambda: api.call("DELETE", f"/v2/images/{image}"), "images.delete_image", 204, {}),
    ]
    for call, action, status, target in calls:
        (line,) = lines(call)
        assert (line["action"], line["status"], line["image"], line["target"]) == (action, status, image, target)
        assert line["outcome"] == "success"


def test_attempts_that_fail(api: Api):
    image = api.active(visibility="community")
    for call, outcome, status in (
        (lambda: api.call("DELETE", f"/v2/images/{image}", EVE), "denied", 403),
        (lambda: api.call("DELETE", f"/v2/images/{UNUSED}", EVE), "failure", 404),
        (lambda: api.call("DELETE", f"/v2/images/{image}", None), "denied", 401),
        (lambda: api.get("/v2/images", NOBODY), "denied", 403),
        (lambda: api.get("/v2/images", None), "denied", 401),
        (lambda: api.post("{"), "failure", 400),
    ):
        (line,) = lines(call)
        assert (line["outcome"], line["status"]) == (outcome, status)
    assert lines(lambda: api.get("/v2/images", None))[0]["user"] is None


def test_reading_makes_no_line(api: Api):
    assert lines(lambda: (api.get("/v2/images"), api.get("/versions", None), api.get(f"/v2/images/{UNUSED}"))) == []
    assert lines(lambda: (api.call("POST", "/"), api.call("DELETE", "/versions"))) == []


def test_no_secrets(api: Api):
    (line,) = lines(lambda: api.post({"name": "secret-name"}, headers={"X-Service-Token": "nova:p9:service"}))
    assert line["service_roles"] == ["service"]
    assert ALICE not in repr(line)
    assert "nova" not in repr(line)
    assert "secret-name" not in repr(line)
