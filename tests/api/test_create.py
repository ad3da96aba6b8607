"""POST /v2/images: what is taken, what is refused, and by whom."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest

from tests.api.support import ALICE, BOB, EVE, MEMBER_ONLY, NOBODY, PATCH_21, ROOT, UNUSED, Api

DEFAULTS = {
    "name": None, "status": "queued", "visibility": "shared", "protected": False, "os_hidden": False, "owner": "p1",
    "container_format": None, "disk_format": None, "min_disk": 0, "min_ram": 0, "size": None, "virtual_size": None,
    "checksum": None, "os_hash_algo": None, "os_hash_value": None, "tags": [], "schema": "/v2/schemas/image",
}  # fmt: skip


def test_empty_object_makes_an_image(api: Api) -> None:
    made = api.post({})
    view = made.json
    image_id = view.pop("id")
    assert made.status_code == 201
    assert made.content_type == "application/json"
    assert made.headers["Location"] == f"http://localhost/v2/images/{image_id}"
    assert uuid.UUID(image_id).version == 4
    assert image_id == image_id.lower()
    now = api.clock.now.strftime("%Y-%m-%dT%H:%M:%SZ")
    places = {"self": f"/v2/images/{image_id}", "file": f"/v2/images/{image_id}/file"}
    assert view == {**DEFAULTS, **places, "created_at": now, "updated_at": now}
    assert made.headers["OpenStack-image-import-methods"] == "glance-direct,web-download,copy-image"
    assert "OpenStack-image-store-ids" not in made.headers


def test_show_gives_what_create_gave(api: Api) -> None:
    made = api.new(name="same", tags=["a"], color="blue", min_ram=5)
    assert api.get(made["self"]).json == made


TAKEN: list[tuple[str, Any, Any]] = [
    ("id", "AAAAAAAA-bbbb-4CCC-8ddd-EEEEEEEEEEEE", "AAAAAAAA-bbbb-4CCC-8ddd-EEEEEEEEEEEE"),
    ("name", "", ""), ("name", None, None), ("name", "x" * 255, "x" * 255),
    ("visibility", "private", "private"), ("visibility", "community", "community"), ("visibility", "shared", "shared"),
    ("protected", True, True), ("os_hidden", True, True), ("owner", "p1", "p1"),
    *[("disk_format", word, word) for word in
      (None, "ami", "ari", "aki", "vhd", "vhdx", "vmdk", "raw", "qcow2", "vdi", "iso", "ploop")],
    *[("container_format", word, word) for word in
      (None, "ami", "ari", "aki", "bare", "ovf", "ova", "docker", "compressed")],
    *[(name, sent, kept) for name in ("min_disk", "min_ram") for sent, kept in
      [(0, 0), (7, 7), (2147483647, 2147483647), (1.0, 1), (1e3, 1000)]],
    ("tags", [], []), ("tags", [""], [""]), ("tags", ["x" * 255], ["x" * 255]),
    ("os_hash_algo", "md5", None), ("os_hash_value", "abc", None), ("os_hash_algo", None, None),
    ("color", "", ""), ("color", "blue", "blue"), ("", "nameless", "nameless"), ("x" * 255, "long", "long"),
    ("os_glanc", "nearly", "nearly"), ("/", "slash", "slash"), ("image_id", "x", "x"), ("base", "x", "x"),
    ("extra_properties", "x", "x"), ("delete", "x", "x"), ("member", "x", "x"), ("properties", "x", "x"),
    ("marker", "x", "x"), ("revision", "x", "x"), ("history", "x", "x"), ("unknown", "x", "x"), ("op", "x", "x"),
    ("attempt", "x", "x"), ("members", "x", "x"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "sent", "kept"), TAKEN, ids=[f"{row[0][:20]}={str(row[1])[:20]}" for row in TAKEN])
def test_taken(api: Api, name: str, sent: Any, kept: Any) -> None:
    made = api.post({name: sent})
    assert made.status_code == 201, made.text
    assert made.json[name] == kept
    assert type(made.json[name]) is type(kept)
    assert api.show(made.json["id"])[name] == kept


def test_repeated_tags_collapse(api: Api) -> None:
    assert sorted(api.new(tags=["b", "a", "b", "a"])["tags"]) == ["a", "b"]


READ_ONLY_GOOD = [
    ("status", "active"), ("status", "queued"), ("size", 5), ("size", None), ("virtual_size", 5),
    ("checksum", "0" * 32), ("checksum", None), ("created_at", "2020-01-01T00:00:00Z"), ("updated_at", "then"),
]  # fmt: skip
READ_ONLY_BAD = [
    ("status", "burning"), ("status", None), ("status", 1), ("size", "5"), ("size", 1.5), ("size", True),
    ("virtual_size", []), ("checksum", "0" * 33), ("checksum", 1), ("created_at", 1), ("created_at", None),
    ("updated_at", {}),
]  # fmt: skip
LINKS = [(name, value) for name in ("stores", "direct_url", "self", "file", "schema") for value in ("x", 1, None)]
RESERVED = [
    ("locations", []), ("location", "x"), ("deleted", "x"), ("deleted_at", "x"), ("os_glance", "x"),
    ("os_glance_import_task", "x"), ("os_glanced", "x"),
]  # fmt: skip
BAD: list[tuple[str, Any]] = [
    *[("id", value) for value in (None, "", "x", 5, UNUSED[:-1], UNUSED + "0", UNUSED.replace("-", ""), UNUSED + "\n",
                                  "g" + UNUSED[1:])],
    ("name", "x" * 256), ("name", 5), ("name", True), ("name", []),
    ("tags", ["x" * 256]), ("tags", None), ("tags", "x"), ("tags", [1]), ("tags", [None]), ("tags", {"a": "b"}),
    ("tags", [["x"]]), ("disk_format", "cloop"), ("disk_format", ""), ("disk_format", "RAW"), ("disk_format", 1),
    ("container_format", "box"), ("container_format", ""), ("container_format", []),
    *[(name, value) for name in ("min_disk", "min_ram")
      for value in (-1, 2147483648, "1", None, True, False, 1.5, [], 10**30, 1e300)],
    *[(name, value) for name in ("protected", "os_hidden") for value in ("true", 1, 0, None, "", [])],
    ("visibility", None), ("visibility", ""), ("visibility", "secret"), ("visibility", "Public"), ("visibility", 1),
    ("owner", 5), ("owner", "x" * 256), ("owner", []),
    *[("color", value) for value in (1, 1.5, True, None, {}, [], ["x"])], ("x" * 256, "x"),
    *[(name, value) for name in ("location", "deleted", "deleted_at") for value in (1, True, None)],
    ("locations", "x"), ("locations", None), ("os_glance_x", 1),
]  # fmt: skip
REFUSED = [(*row, 403) for row in READ_ONLY_GOOD + LINKS + RESERVED] + [(*row, 400) for row in READ_ONLY_BAD + BAD]


@pytest.mark.parametrize(
    ("name", "value", "status"), REFUSED, ids=[f"{row[0][:20]}={str(row[1])[:20]}" for row in REFUSED]
)
def test_refused(api: Api, name: str, value: Any, status: int) -> None:
    answer = api.post({name: value})
    assert answer.status_code == status, answer.text
    assert name[:40] in answer.text


WHO = [
    ("owner: another project", ALICE, {"owner": "p2"}, 403, None),
    ("owner: null", ALICE, {"owner": None}, 403, None),
    ("owner: empty", ALICE, {"owner": ""}, 403, None),
    ("owner: null by admin", ROOT, {"owner": None}, 201, None),
    ("owner: empty by admin", ROOT, {"owner": ""}, 201, None),
    ("owner: any by admin", ROOT, {"owner": "p9"}, 201, "p9"),
    ("owner: default of admin", ROOT, {}, 201, "p0"),
    ("public by owner", ALICE, {"visibility": "public"}, 403, None),
    ("public by admin", ROOT, {"visibility": "public"}, 201, "p0"),
    ("reader", BOB, {}, 403, None),
    ("no role", NOBODY, {}, 403, None),
    ("member without reader", MEMBER_ONLY, {}, 201, "p1"),
    ("member without project", "ann::member,reader", {}, 403, None),
    ("admin without project", "ann::admin", {}, 201, None),
    ("roles in any case", "ann:p1:Member", {}, 201, "p1"),
    ("manager alone", "max:p1:manager", {}, 403, None),
]  # fmt: skip


@pytest.mark.parametrize(("who", "body", "status", "owner"), [r[1:] for r in WHO], ids=[r[0] for r in WHO])
def test_who_may_create(api: Api, who: str, body: dict[str, Any], status: int, owner: str | None) -> None:
    answer = api.post(body, who)
    assert answer.status_code == status, answer.text
    assert status != 201 or answer.json["owner"] == owner


@pytest.mark.parametrize("who", [ALICE, EVE, ROOT])
@pytest.mark.parametrize("state", ["living", "private", "deleted", "of another case"])
def test_an_id_is_used_once(api: Api, who: str, state: str) -> None:
    image_id = api.new(visibility="private" if state == "private" else "shared")["id"]
    if state == "deleted":
        assert api.call("DELETE", f"/v2/images/{image_id}").status_code == 204
    sent = image_id.upper() if state == "of another case" else image_id
    answer = api.post({"id": sent}, who)
    assert answer.status_code == 409


ORDER = [
    ("link before schema", ALICE, {"name": 5, "self": "x"}, 403),
    ("link before role", BOB, {"self": 5}, 403),
    ("schema before reserved", ALICE, {"os_glance_x": "x", "name": 5}, 400),
    ("schema before reserved, other order", ALICE, {"name": 5, "os_glance_x": "x"}, 400),
    ("schema before locations", ALICE, {"locations": [], "name": 5}, 400),
    ("length before reserved", ALICE, {"os_glance" + "x" * 255: "x"}, 400),
    ("schema before role", BOB, {"name": 5}, 400),
    ("role before read-only", BOB, {"status": "active"}, 403),
    ("visibility before quota", ALICE, {"visibility": "public", **{f"p{n}": "" for n in range(129)}}, 403),
    ("owner before quota", ALICE, {"owner": "p2", "tags": [str(n) for n in range(129)]}, 403),
    ("read-only before tag quota", ALICE, {"size": 5, "tags": [str(n) for n in range(129)]}, 403),
    ("read-only before property quota", ALICE, {"size": 5, **{f"p{n}": "" for n in range(129)}}, 403),
]  # fmt: skip


@pytest.mark.parametrize(("who", "body", "status"), [row[1:] for row in ORDER], ids=[row[0] for row in ORDER])
def test_order_of_checks(api: Api, who: str, body: dict[str, Any], status: int) -> None:
    assert api.post(body, who).status_code == status


def test_quota_before_id_clash(api: Api) -> None:
    image_id = api.new()["id"]
    assert api.post({"id": image_id, "tags": [str(n) for n in range(129)]}).status_code == 413
    assert api.post({"id": image_id, "size": 1}).status_code == 403


def test_refused_create_claims_nothing(api: Api) -> None:
    for body in ({"status": "active"}, {"tags": [str(n) for n in range(129)]}, {"name": 5}, {"owner": "p2"}):
        assert api.post({"id": UNUSED, **body}).status_code >= 400
    assert api.get(f"/v2/images/{UNUSED}", ROOT).status_code == 404


def test_repeated_key_counts_once(api: Api) -> None:
    assert api.post('{"name": "first", "name": "last"}').json["name"] == "last"


def test_internal_attribute_names_are_ordinary_properties(api: Api) -> None:
    """Names of the record's own fields neither reach it nor hide it."""
    names = ["revision", "op", "unknown", "attempt", "members", "history", "image_id", "deleted_by"]
    view = api.new(**dict.fromkeys(names, "x"))
    changed = api.patch(view["id"], [{"op": "replace", "path": f"/{name}", "value": "y"} for name in names], ALICE)
    assert {name: changed.json[name] for name in names} == dict.fromkeys(names, "y")
    gone = api.patch(view["id"], json.dumps([{"op": "remove", "path": f"/{name}"} for name in names]), kind=PATCH_21)
    assert not set(names) & set(gone.json)
    assert api.record(view["id"]).revision == 3
