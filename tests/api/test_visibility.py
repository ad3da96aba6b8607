"""Who can show and who can download: visibility, ownership, membership and role, the whole matrix."""

from __future__ import annotations

import pytest

from tests.api.support import ALICE, BOB, EVAN, EVE, MEMBER_ONLY, NOBODY, ROOT, Api

VISIBILITIES = ["public", "community", "shared", "private"]
OWNERS = {"own": "p1", "of another": "p2", "of nobody": None}


def shown(owner: str, visibility: str, member: bool) -> bool:
    """Whether somebody of project p1 with the role reader can show an image."""
    if owner == "own" or visibility in ("public", "community"):
        return True
    return visibility == "shared" and (member or owner == "of nobody")


MATRIX = [
    (owner, visibility, member)
    for owner in OWNERS
    for visibility in VISIBILITIES
    for member in ([False, True] if owner == "of another" else [False])
]


@pytest.mark.parametrize(("owner", "visibility", "member"), MATRIX, ids=[" ".join(map(str, row)) for row in MATRIX])
def test_matrix(api: Api, owner: str, visibility: str, member: bool) -> None:
    image_id = api.active(who=ROOT)
    api.change(image_id, owner=OWNERS[owner], visibility=visibility)
    if member:
        api.share(image_id, "p1")
    visible = shown(owner, visibility, member)
    path = f"/v2/images/{image_id}"
    answers = {
        who: (api.get(path, who).status_code, api.get_file(image_id, who).status_code)
        for who in (ALICE, BOB, MEMBER_ONLY, NOBODY, ROOT)
    }
    assert answers == {
        ALICE: (200, 200) if visible else (404, 404),
        BOB: (200, 403) if visible else (404, 404),
        MEMBER_ONLY: (404, 200) if visible else (404, 404),
        NOBODY: (404, 404),
        ROOT: (200, 200),
    }


@pytest.mark.parametrize("status", ["pending", "accepted", "rejected"])
def test_member_of_any_status_shows_and_downloads(api: Api, status: str) -> None:
    image_id = api.active()
    api.share(image_id, "p2", status)
    path = f"/v2/images/{image_id}"
    assert api.get(path, EVE).status_code == 200
    assert api.get_file(image_id, EVE).status_code == 200
    assert api.get_file(image_id, EVAN).status_code == 403
    assert api.get(path, "zoe:p3:member,reader").status_code == 404
    api.change(image_id, members=())
    assert api.get(path, EVE).status_code == 404


@pytest.mark.parametrize("visibility", ["private", "public", "community"])
def test_membership_counts_for_shared_images_alone(api: Api, visibility: str) -> None:
    image_id = api.new()["id"]
    api.share(image_id, "p2", "accepted")
    api.change(image_id, visibility=visibility)
    assert api.get(f"/v2/images/{image_id}", EVE).status_code == (404 if visibility == "private" else 200)


@pytest.mark.parametrize("who", [EVE, ALICE])
def test_caller_without_project_owns_nothing(api: Api, who: str) -> None:
    image_id = api.active(who=ROOT, owner=None, visibility="private")
    nowhere = "zed::member,reader"
    assert api.get(f"/v2/images/{image_id}", nowhere).status_code == 404
    assert api.get(f"/v2/images/{api.new(who)['id']}", nowhere).status_code == 404


def test_hidden_is_a_matter_of_lists_alone(api: Api) -> None:
    image_id = api.active(os_hidden=True)
    assert api.show(image_id, ALICE)["os_hidden"] is True
    assert api.get_file(image_id).status_code == 200
