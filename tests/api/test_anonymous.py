"""Callers without an identity: refused, or let in to read."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.api.conftest import MakeApi
from tests.api.support import ALICE, OCTETS, PATCH_21, ROOT, UNUSED, Api

IMAGE = "/v2/images/{id}"
WRITES = [
    ("POST", "/v2/images", {"data": "{}"}),
    ("PATCH", IMAGE, {"data": "[]", "content_type": PATCH_21}),
    ("DELETE", IMAGE, {}),
    ("PUT", f"{IMAGE}/file", {"data": b"x", "content_type": OCTETS}),
    ("PUT", f"{IMAGE}/tags/x", {}),
    ("DELETE", f"{IMAGE}/tags/x", {}),
    ("POST", f"{IMAGE}/actions/deactivate", {}),
    ("POST", f"{IMAGE}/actions/reactivate", {}),
    ("POST", f"{IMAGE}/members", {"data": '{"member": "p1"}'}),
    ("PUT", f"{IMAGE}/members/p1", {"data": '{"status": "accepted"}'}),
    ("DELETE", f"{IMAGE}/members/p1", {}),
]
READS = [
    ("/v2/images", 403),
    (IMAGE, 404),
    (f"{IMAGE}/file", 404),
    (f"{IMAGE}/members", 404),
    (f"{IMAGE}/members/p1", 404),
    ("/v2/schemas/image", 200),
    ("/v2/info/import", 200),
]


@pytest.fixture
def open_api(make_api: MakeApi) -> Api:
    return make_api(allow_anonymous_access=True)


@pytest.mark.parametrize("token", [None, "", "alice", "alice:p1", ":p1:admin", "a:b:c:d"])
def test_no_identity(api: Api, token: str | None) -> None:
    for method, path, options in [*WRITES, *(("GET", path, {}) for path, _ in READS)]:
        assert api.call(method, path.format(id=UNUSED), token, **options).status_code == 401


@pytest.mark.parametrize("path", ["/", "/versions", "/v2", "/healthcheck"])
def test_open_to_all(api: Api, path: str) -> None:
    assert api.get(path, None).status_code in (200, 300, 302)


@pytest.mark.parametrize("token", [None, "nonsense"])
@pytest.mark.parametrize(("method", "path", "options"), WRITES)
def test_writes(open_api: Api, method: str, path: str, options: dict[str, object], token: str | None) -> None:
    image_id = open_api.active(who=ROOT, visibility="public")
    for one in (image_id, UNUSED):
        answer = open_api.call(method, path.format(id=one), token, **options)
        assert answer.status_code == 403
        assert "Read-only access" in answer.text
    assert open_api.record(image_id).status == "active"


@pytest.mark.parametrize(("path", "status"), READS)
def test_reads_need_a_role_by_default(open_api: Api, path: str, status: int) -> None:
    image_id = open_api.active(who=ROOT, visibility="public")
    assert open_api.get(path.format(id=image_id), None).status_code == status


def test_unknown_paths_and_methods_are_told_first(open_api: Api) -> None:
    assert open_api.call("POST", "/v2/nothing", None).status_code == 404
    assert open_api.call("POST", f"/v2/images/{UNUSED}", None).status_code == 405


def test_relaxed_rules_show_public_images_alone(make_api: MakeApi, tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text('get_images: ""\nget_image: ""\n')
    api = make_api(allow_anonymous_access=True, policy_file=str(path))
    made = {kind: api.active(who=ROOT, visibility=kind) for kind in ("public", "community", "shared", "private")}
    made["of nobody"] = api.active(who=ROOT, owner=None, visibility="private")
    listed = {image["id"] for image in api.get("/v2/images", None).json["images"]}
    assert listed == {made["public"]}
    shown = {kind for kind, image_id in made.items() if api.get(f"/v2/images/{image_id}", None).status_code == 200}
    assert shown == {"public", "community"}
    assert api.get(f"/v2/images/{made['public']}/file", None).status_code == 403, "another rule, not relaxed"


def test_those_with_an_identity_write_as_ever(open_api: Api) -> None:
    assert open_api.post({}, ALICE).status_code == 201
