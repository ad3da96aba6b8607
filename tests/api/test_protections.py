"""Property protections: create, read, update and delete by role or by rule, in every view."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.api.conftest import MakeApi
from tests.api.support import ALICE, EVE, PATCH_20, PATCH_21, ROOT, Api, operation

FILE = """
[^billing_]
create = billing
read = Billing, support,admin
update = billing
delete = billing

[^locked$]
create = @
read = @
update = !
delete = !

[^secret$]
create = @
read = !
update = @
delete = @

[^nobody$]
create =
read = @
update =
delete =

[os_glance_mine]
create = !
read = !
update = !
delete = !

[.*]
create = @
read = @
update = @
delete = @
"""
BILL = "bill:p1:member,reader,billing"
SUE = "sue:p1:member,reader,support"

Protected = Callable[..., Api]


@pytest.fixture
def protected(make_api: MakeApi, tmp_path: Path) -> Protected:
    """Makes a catalog with protected properties, and a policy file if wanted."""

    def make(text: str = FILE, policy: str = "", **settings: Any) -> Api:
        (tmp_path / "protections.conf").write_text(text)
        if policy:
            (tmp_path / "policy.yaml").write_text(policy)
            settings["policy_file"] = str(tmp_path / "policy.yaml")
        return make_api(property_protection_file=str(tmp_path / "protections.conf"), **settings)

    return make


@pytest.mark.parametrize(
    ("who", "name", "status"),
    [
        (BILL, "billing_code", 201),
        (ALICE, "billing_code", 403),
        (SUE, "billing_code", 403),
        (ROOT, "billing_code", 403),
        (ALICE, "locked", 201),
        (ALICE, "secret", 201),
        (BILL, "nobody", 403),
        (ALICE, "any other", 201),
        ("x:p1:member,reader,BILLING", "billing_code", 201),
    ],
)
def test_create(protected: Protected, who: str, name: str, status: int) -> None:
    api = protected()
    answer = api.post({name: "1", "name": "an image"}, who)
    assert answer.status_code == status
    if status == 403:
        assert "reserved" in answer.text
        assert api.get("/v2/images?visibility=all", ROOT).json["images"] == []


def test_every_view_leaves_out_what_its_caller_may_not_read(protected: Protected) -> None:
    api = protected()
    made = api.post({"billing_code": "7", "secret": "s", "plain": "p"}, BILL)
    image_id = made.json["id"]
    assert (made.json.get("billing_code"), "secret" in made.json) == ("7", False)
    patched = api.patch(image_id, [operation("add", "plain", "q")], ALICE)
    assert (patched.json["plain"], "billing_code" in patched.json) == ("q", False)
    for who, code in ((BILL, "7"), (SUE, "7"), (ROOT, "7"), (ALICE, None)):
        (row,) = api.get("/v2/images", who).json["images"]
        for view in (api.show(image_id, who), row):
            assert (view.get("billing_code"), view["plain"], "secret" in view) == (code, "q", False)
    assert api.record(image_id).properties == {"billing_code": "7", "secret": "s", "plain": "q"}


def test_service_roles_count(protected: Protected) -> None:
    api = protected()
    image_id = api.new(BILL, billing_code="7")["id"]
    answer = api.get(f"/v2/images/{image_id}", ALICE, headers={"X-Service-Token": "desk:p5:support"})
    assert answer.json["billing_code"] == "7"


PATCHES: list[tuple[str, str, str, str, int]] = [
    # who, operation, name, media type's version, status
    (ALICE, "replace", "billing_code", "2.1", 409),
    (ALICE, "remove", "billing_code", "2.1", 409),
    (ALICE, "add", "billing_code", "2.1", 403),
    (ALICE, "add", "billing_code", "2.0", 403),
    (ALICE, "add", "billing_new", "2.1", 403),
    (SUE, "replace", "billing_code", "2.1", 403),
    (SUE, "remove", "billing_code", "2.1", 403),
    (SUE, "add", "billing_code", "2.1", 403),
    (SUE, "add", "billing_code", "2.0", 409),
    (ROOT, "replace", "billing_code", "2.1", 403),
    (BILL, "replace", "billing_code", "2.1", 200),
    (BILL, "remove", "billing_code", "2.1", 200),
    (BILL, "add", "billing_code", "2.1", 200),
    (BILL, "add", "billing_new", "2.1", 200),
    (ALICE, "replace", "locked", "2.1", 403),
    (ALICE, "remove", "locked", "2.1", 403),
    (ALICE, "add", "locked", "2.1", 403),
    (ALICE, "replace", "secret", "2.1", 409),
    (ALICE, "remove", "secret", "2.0", 409),
    (ALICE, "add", "secret", "2.0", 200),
    (ALICE, "replace", "absent", "2.1", 409),
    (ALICE, "add", "absent", "2.1", 200),
]


@pytest.mark.parametrize(("who", "op", "name", "version", "status"), PATCHES)
def test_patch(protected: Protected, who: str, op: str, name: str, version: str, status: int) -> None:
    api = protected()
    image_id = api.new(BILL, billing_code="7", locked="l", secret="s")["id"]
    kind = PATCH_20 if version == "2.0" else PATCH_21
    operations = [operation("add", "x", "y", kind), operation(op, name, "new", kind)]
    answer = api.patch(image_id, operations, who, kind)
    assert answer.status_code == status
    before = {"billing_code": "7", "locked": "l", "secret": "s"}
    kept = dict(api.record(image_id).properties)
    kept.pop("x", None)
    if status != 200:
        assert kept == before
    elif op == "remove":
        assert kept == {key: value for key, value in before.items() if key != name}
    else:
        assert kept == {**before, name: "new"}


@pytest.mark.parametrize(("who", "found"), [(BILL, True), (SUE, True), (ALICE, False), (EVE, False)])
def test_filters_do_not_tell_what_views_hide(protected: Protected, who: str, found: bool) -> None:
    api = protected()
    image_id = api.new(BILL, billing_code="7", plain="p")["id"]
    api.change(image_id, visibility="public")
    for query in ("billing_code=7", "billing_code=7&plain=p", "plain=p&billing_code=7&limit=1"):
        page = api.get(f"/v2/images?{query}", who).json
        assert [image["id"] for image in page["images"]] == ([image_id] if found else [])
        assert ("next" in page) is (found and "limit" in query)
    assert len(api.get("/v2/images?plain=p", who).json["images"]) == 1


def test_what_the_service_keeps_in_properties_is_not_protected(protected: Protected) -> None:
    api = protected("[.*]\ncreate=!\nread=!\nupdate=!\ndelete=!\n[os_glance_x]\ncreate=!\nread=!\nupdate=!\ndelete=!")
    image_id = api.new()["id"]
    api.change(image_id, properties={"os_glance_import_task": "t", "other": "o"})
    view = api.show(image_id)
    assert ("os_glance_import_task" in view, "other" in view) == (True, False)


def test_without_a_matching_section_nothing_is_allowed(protected: Protected) -> None:
    api = protected("[^mine$]\ncreate=@\nread=@\nupdate=@\ndelete=@\n")
    assert api.post({"mine": "1"}).status_code == 201
    assert api.post({"not mine": "1"}).status_code == 403
    first = protected("[b]\ncreate=!\nread=@\nupdate=@\ndelete=@\n[abc]\ncreate=@\nread=@\nupdate=@\ndelete=@\n")
    assert first.post({"abc": "1"}).status_code == 403, "the first match counts, wherever in the name"
    assert api.post({"name": "no additional property"}).status_code == 201


POLICY = '"writers": "role:member and not role:intern"\n"readers": "role:reader"\n'
BY_RULE = "[.*]\ncreate = writers\nread = readers\nupdate = !\ndelete = @\n"


def test_by_rules_of_the_policy_file(protected: Protected) -> None:
    api = protected(BY_RULE, POLICY, property_protection_rule_format="policies")
    assert api.post({"a": "1"}, "ivy:p1:member,reader,intern").status_code == 403
    image_id = api.new(a="1")["id"]
    assert api.show(image_id, ALICE)["a"] == "1"
    assert api.patch(image_id, [operation("replace", "a", "2")]).status_code == 403
    assert api.patch(image_id, [operation("remove", "a")]).status_code == 200
