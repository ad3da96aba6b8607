"""PATCH: the whole table of effects in both media types, values, and all-or-nothing."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.support import ALICE, PATCH_20, PATCH_21, ROOT, Api, operation

KINDS = {"v2.1": PATCH_21, "v2.0": PATCH_20}
BASE: list[tuple[str, Any]] = [
    ("name", "new"), ("visibility", "private"), ("protected", True), ("os_hidden", True), ("container_format", "ovf"),
    ("disk_format", "iso"), ("min_disk", 9), ("min_ram", 9), ("tags", ["new"]), ("owner", "p1"),
]  # fmt: skip
READ_ONLY = ["created_at", "updated_at", "status", "checksum", "size", "virtual_size", "direct_url", "self", "file",
             "schema", "id", "os_hash_algo", "os_hash_value", "stores"]  # fmt: skip
RESERVED = ["location", "deleted", "deleted_at", "os_glance", "os_glance_import_task", "os_glancer"]
EFFECTS: list[tuple[str, str, str, Any, int]] = [
    *[("v2.1", "add", name, value, 200) for name, value in BASE],
    *[("v2.0", "add", name, value, 409) for name, value in BASE],
    *[(kind, "replace", name, value, 200) for kind in KINDS for name, value in BASE],
    *[(kind, "remove", name, None, 403) for kind in KINDS for name, _ in BASE],
    ("v2.1", "add", "present", "new", 200), ("v2.0", "add", "present", "new", 409),
    *[(kind, "replace", "present", "new", 200) for kind in KINDS],
    *[(kind, "remove", "present", None, 200) for kind in KINDS],
    *[(kind, "add", "absent", "new", 200) for kind in KINDS],
    *[(kind, "replace", "absent", "new", 409) for kind in KINDS],
    *[(kind, "remove", "absent", None, 409) for kind in KINDS],
    *[(kind, op, name, "x", 403) for kind in KINDS for op in ("add", "replace", "remove")
      for name in READ_ONLY + RESERVED],
]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "op", "name", "value", "status"), EFFECTS, ids=[f"{r[0]} {r[1]} {r[2]}" for r in EFFECTS]
)
def test_effect(api: Api, kind: str, op: str, name: str, value: Any, status: int) -> None:
    """Admins, so that no rule but the table speaks."""
    image_id = api.new(present="old", tags=["old"], visibility="community")["id"]
    before = api.show(image_id)
    api.clock.move(10)
    answer = api.patch(image_id, [operation(op, name, value, KINDS[kind])], ROOT, KINDS[kind])
    assert answer.status_code == status, answer.text
    after = api.show(image_id)
    if status != 200:
        assert after == before
        return
    assert answer.json == after
    assert after["updated_at"] > before["updated_at"]
    expected = {**before, "updated_at": after["updated_at"], name: value}
    if op == "remove":
        del expected[name]
    assert after == expected


VALUES: list[tuple[str, Any, int, Any]] = [
    ("name", None, 200, None), ("name", "", 200, ""), ("name", "x" * 255, 200, "x" * 255), ("name", "x" * 256, 400, 0),
    ("name", 5, 400, 0), ("name", "😀", 400, 0), ("owner", None, 200, None), ("owner", "", 200, None),
    ("owner", "x" * 256, 400, 0), ("owner", 5, 400, 0), ("disk_format", None, 200, None),
    ("disk_format", "cloop", 400, 0), ("disk_format", "", 400, 0), ("container_format", None, 200, None),
    ("container_format", "box", 400, 0), ("min_disk", 2147483647, 200, 2147483647), ("min_disk", 2147483648, 400, 0),
    ("min_disk", -1, 400, 0), ("min_disk", 1.0, 200, 1), ("min_disk", 1.5, 400, 0), ("min_disk", "1", 400, 0),
    ("min_disk", True, 400, 0), ("min_disk", None, 400, 0), ("min_ram", -1, 400, 0), ("min_ram", 10**12, 400, 0),
    ("protected", "true", 400, 0), ("protected", 1, 400, 0), ("protected", None, 400, 0), ("os_hidden", 0, 400, 0),
    ("visibility", "secret", 400, 0), ("visibility", None, 400, 0), ("visibility", ["public"], 400, 0),
    ("tags", [], 200, []), ("tags", ["a", "a"], 200, ["a"]), ("tags", "a", 400, 0), ("tags", [1], 400, 0),
    ("tags", None, 400, 0), ("tags", ["x" * 256], 400, 0), ("tags", ["😀"], 400, 0), ("present", "", 200, ""),
    ("present", 1, 400, 0), ("present", None, 400, 0), ("present", True, 400, 0), ("present", {}, 400, 0),
    ("present", ["x"], 400, 0), ("present", "😀", 400, 0),
]  # fmt: skip


@pytest.mark.parametrize("op", ["add", "replace"])
@pytest.mark.parametrize(
    ("name", "value", "status", "kept"), VALUES, ids=[f"{row[0]}={str(row[1])[:20]}" for row in VALUES]
)
def test_value(api: Api, op: str, name: str, value: Any, status: int, kept: Any) -> None:
    before = api.new(present="old", name="old", tags=["old"], disk_format="raw", container_format="bare")
    answer = api.patch(before["id"], [operation(op, name, value)], ROOT)
    assert answer.status_code == status, answer.text
    after = api.show(before["id"])
    if status == 200:
        assert after[name] == kept
        assert type(after[name]) is type(kept)
    else:
        assert name in answer.text
        assert after == before


LAST_FAILS = [
    ("value", operation("replace", "min_ram", -1), 400),
    ("syntax", {"op": "move", "path": "/x", "from": "/y"}, 400),
    ("pointer", {"op": "add", "path": "/x/y", "value": "z"}, 400),
    ("read-only", operation("replace", "status", "active"), 403),
    ("reserved", operation("add", "os_glance_x", "x"), 403),
    ("absent", operation("replace", "absent", "x"), 409),
    ("base removed", operation("remove", "name"), 403),
    ("publicize", operation("replace", "visibility", "public"), 403),
    ("owner", operation("replace", "owner", "p2"), 403),
    ("locations", operation("add", "locations/-", {"url": "http://x", "metadata": {}}), 403),
    ("tag quota", operation("replace", "tags", [str(number) for number in range(129)]), 413),
]  # fmt: skip


@pytest.mark.parametrize(("last", "status"), [row[1:] for row in LAST_FAILS], ids=[row[0] for row in LAST_FAILS])
def test_all_or_nothing(api: Api, last: dict[str, Any], status: int) -> None:
    before = api.new(present="old", tags=["old"])
    api.clock.move(10)
    first = [operation("replace", "name", "new"), operation("remove", "present"), operation("add", "tags", ["new"])]
    answer = api.patch(before["id"], [*first, last])
    assert answer.status_code == status, answer.text
    assert api.show(before["id"]) == before
    assert api.record(before["id"]).revision == 1
    assert api.patch(before["id"], first).status_code == 200


def test_operations_see_those_before_them(api: Api) -> None:
    image_id = api.new(a="1")["id"]
    operations = [
        operation("remove", "a"), operation("add", "a", "2"), operation("add", "b", "3"),
        operation("replace", "b", "4"), operation("replace", "name", "x"), operation("replace", "name", None),
    ]  # fmt: skip
    view = api.patch(image_id, operations).json
    assert (view["a"], view["b"], view["name"]) == ("2", "4", None)
    twice = [operation("remove", "a"), operation("remove", "a")]
    assert api.patch(image_id, twice).status_code == 409
    old = [operation("add", "c", "1", PATCH_20), operation("add", "c", "2", PATCH_20)]
    assert api.patch(image_id, old, ALICE, PATCH_20).status_code == 409
    assert "c" not in api.show(image_id)
