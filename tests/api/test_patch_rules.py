"""PATCH: who may change what, in which status."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.support import ALICE, BOB, EVAN, EVE, MEMBER_ONLY, NOBODY, ROOT, Api, operation

RENAME = [operation("replace", "name", "new")]
WHO = [
    *[(who, visibility, 200) for who in (ALICE, ROOT, MEMBER_ONLY)
      for visibility in ("private", "shared", "community", "public")],
    *[(who, visibility, 403) for who in (BOB, EVE, EVAN) for visibility in ("community", "public")],
    *[(BOB, visibility, 403) for visibility in ("private", "shared")],
    *[(who, visibility, 404) for who in (EVE, EVAN) for visibility in ("private", "shared")],
    *[(NOBODY, visibility, 404) for visibility in ("private", "public")],
]  # fmt: skip


@pytest.mark.parametrize(("who", "visibility", "status"), WHO, ids=[f"{row[0]} {row[1]}" for row in WHO])
def test_who_may_change(api: Api, who: str, visibility: str, status: int) -> None:
    image_id = api.new()["id"]
    api.change(image_id, visibility=visibility)
    assert api.patch(image_id, RENAME, who).status_code == status
    assert api.show(image_id)["name"] == ("new" if status == 200 else None)


@pytest.mark.parametrize("status", ["pending", "accepted", "rejected"])
def test_member_of_a_shared_image_may_not_change_it(api: Api, status: str) -> None:
    image_id = api.new()["id"]
    api.share(image_id, "p2", status)
    assert api.patch(image_id, RENAME, EVE).status_code == 403


@pytest.mark.parametrize(
    ("visibility", "who", "status"),
    [("shared", ALICE, 403), ("private", ALICE, 404), ("public", ALICE, 403), ("shared", ROOT, 200)],
)
def test_image_without_owner_is_for_admins(api: Api, visibility: str, who: str, status: int) -> None:
    image_id = api.new(ROOT, owner=None, visibility=visibility)["id"]
    assert api.patch(image_id, RENAME, who).status_code == status


@pytest.mark.parametrize("op", ["add", "replace"])
@pytest.mark.parametrize(
    ("before", "after", "who", "status"),
    [
        ("shared", "public", ALICE, 403), ("shared", "public", ROOT, 200), ("public", "public", ALICE, 403),
        ("public", "public", ROOT, 200), ("public", "private", ALICE, 200), ("public", "community", ALICE, 200),
        ("private", "community", ALICE, 200), ("community", "shared", ALICE, 200), ("shared", "shared", ALICE, 200),
        ("shared", "community", BOB, 403), ("community", "private", EVE, 403),
    ],
)  # fmt: skip
def test_visibility(api: Api, op: str, before: str, after: str, who: str, status: int) -> None:
    image_id = api.new()["id"]
    api.change(image_id, visibility=before)
    assert api.patch(image_id, [operation(op, "visibility", after)], who).status_code == status
    assert api.show(image_id)["visibility"] == (after if status == 200 else before)


def test_owner_edits_an_image_that_an_admin_made_public(api: Api) -> None:
    image_id = api.new()["id"]
    assert api.patch(image_id, [operation("replace", "visibility", "public")], ROOT).status_code == 200
    assert api.patch(image_id, RENAME, ALICE).status_code == 200


def test_members_stay_while_visibility_is_away_from_shared(api: Api) -> None:
    image_id = api.new()["id"]
    api.share(image_id, "p2", "accepted")
    path = f"/v2/images/{image_id}"
    assert api.get(path, EVE).status_code == 200
    api.patch(image_id, [operation("replace", "visibility", "private")])
    assert api.get(path, EVE).status_code == 404
    api.patch(image_id, [operation("replace", "visibility", "shared")])
    assert api.get(path, EVE).status_code == 200
    assert [(member.member_id, member.status) for member in api.record(image_id).members] == [("p2", "accepted")]


@pytest.mark.parametrize("op", ["add", "replace"])
@pytest.mark.parametrize(
    ("who", "owner", "status"),
    [(ALICE, "p2", 403), (ALICE, "p1", 403), (ALICE, None, 403), (ROOT, "p2", 200), (ROOT, None, 200)],
)
def test_owner(api: Api, op: str, who: str, owner: str | None, status: int) -> None:
    image_id = api.new()["id"]
    assert api.patch(image_id, [operation(op, "owner", owner)], who).status_code == status
    assert api.show(image_id)["owner"] == (owner if status == 200 else "p1")


FORMAT_STATUS = [("queued", 200), ("importing", 200), ("saving", 403), ("uploading", 403), ("active", 403),
                 ("deactivated", 403), ("killed", 403)]  # fmt: skip


@pytest.mark.parametrize("name", ["disk_format", "container_format"])
@pytest.mark.parametrize("value", ["ami", "aki", None])
@pytest.mark.parametrize(("status", "expected"), FORMAT_STATUS)
def test_formats_are_for_queued_images(api: Api, name: str, value: Any, status: str, expected: int) -> None:
    """Even the value that it has already is refused."""
    image_id = api.new(disk_format="ami", container_format="ami")["id"]
    api.change(image_id, status=status)
    for who in (ALICE, ROOT):
        assert api.patch(image_id, [operation("replace", name, value)], who).status_code == expected
    assert api.show(image_id)[name] == (value if expected == 200 else "ami")


@pytest.mark.parametrize("status", [row[0] for row in FORMAT_STATUS])
def test_all_else_changes_in_any_status(api: Api, status: str) -> None:
    image_id = api.new()["id"]
    api.change(image_id, status=status)
    operations = [
        operation("replace", "name", "new"), operation("replace", "visibility", "private"),
        operation("replace", "protected", True), operation("replace", "tags", ["t"]), operation("add", "a", "b"),
        operation("replace", "min_ram", 5), operation("replace", "os_hidden", True),
    ]  # fmt: skip
    answer = api.patch(image_id, operations)
    assert (answer.status_code, answer.json["status"]) == (200, status)


def test_protection_can_be_cleared_by_whoever_may_change(api: Api) -> None:
    image_id = api.new(protected=True)["id"]
    assert api.patch(image_id, RENAME).status_code == 200
    assert api.call("DELETE", f"/v2/images/{image_id}", ROOT).status_code == 403
    assert api.patch(image_id, [operation("replace", "protected", False)]).status_code == 200
    assert api.call("DELETE", f"/v2/images/{image_id}").status_code == 204


def test_deleted_is_404(api: Api) -> None:
    image_id = api.new()["id"]
    api.call("DELETE", f"/v2/images/{image_id}")
    assert api.patch(image_id, RENAME, ROOT).status_code == 404


@pytest.mark.parametrize("name", ["image_id", "member", "base", "extra_properties", "delete", "locations_", "get"])
def test_internal_names_are_ordinary(api: Api, name: str) -> None:
    image_id = api.new()["id"]
    assert api.patch(image_id, [operation("replace", name, "x")]).status_code == 409
    assert api.patch(image_id, [operation("add", name, "x")]).json[name] == "x"
    assert api.patch(image_id, [operation("replace", name, "y")]).json[name] == "y"
    assert name not in api.patch(image_id, [operation("remove", name)]).json
