"""PATCH /v2/images/{id}: media types, operations and pointers, before any image is looked at."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.support import ALICE, PATCH_20, PATCH_21, UNUSED, Api, operation

BOTH = pytest.mark.parametrize("kind", [PATCH_21, PATCH_20], ids=["v2.1", "v2.0"])


@BOTH
@pytest.mark.parametrize("parameters", ["", "; charset=utf-8", ";charset=UTF-8;x=y"])
def test_media_types(api: Api, kind: str, parameters: str) -> None:
    image_id = api.new()["id"]
    answer = api.patch(image_id, [operation("replace", "name", "x", kind)], kind=kind + parameters)
    assert (answer.status_code, answer.json["name"]) == (200, "x")


@pytest.mark.parametrize(
    "kind",
    ["application/json", "application/json-patch+json", "text/plain", "", "application/octet-stream",
     "application/openstack-images-v2.2-json-patch", "application/openstack-images-v2-json-patch"],
)  # fmt: skip
def test_other_media_types_are_415(api: Api, kind: str) -> None:
    answer = api.patch(UNUSED, [], kind=kind)
    assert answer.status_code == 415
    assert answer.headers["Accept-Patch"] == f"{PATCH_20},{PATCH_21}"
    assert kind in answer.text


@BOTH
@pytest.mark.parametrize("body", [{}, {"op": "add", "path": "/x", "value": "x"}, [[]], [1], ["x"], [None], [[{}]]])
def test_body_is_an_array_of_objects(api: Api, kind: str, body: Any) -> None:
    assert api.patch(api.new()["id"], body, kind=kind).status_code == 400


@BOTH
def test_empty_array_changes_nothing(api: Api, kind: str) -> None:
    before = api.new()
    api.clock.move(10)
    answer = api.patch(before["id"], [], kind=kind)
    assert (answer.status_code, answer.json) == (200, before)
    assert api.record(before["id"]).revision == 1


BAD_21: list[dict[str, Any]] = [
    *[{"op": op, "path": "/name", "value": "x"} for op in ("test", "Add", "", "set", None, 1, [], {}, "remove ")],
    *[{"op": op, "from": "/name", "path": "/x"} for op in ("move", "copy")],
    {"path": "/name", "value": "x"}, {"op": "add", "value": "x"}, {"op": "add", "path": "/name"},
    {"op": "replace", "path": "/name"}, {"op": "replace", "value": "x"}, {"op": "remove"}, {},
    {"add": "/name", "value": "x"}, *[{"op": "remove", "path": path} for path in (None, 1, [], {}, True)],
]  # fmt: skip
BAD_20: list[dict[str, Any]] = [
    {}, {"value": "x"}, {"op": "add", "path": "/name", "value": "x"}, {"add": "/name"}, {"replace": "/name"},
    {"add": "/name", "replace": "/name", "value": "x"}, {"add": "/x", "remove": "/x", "value": "x"},
    {"test": "/name", "value": "x"}, {"move": "/name", "value": "x"}, {"copy": "/name", "value": "x"},
    {"Add": "/name", "value": "x"},
    *[{"remove": path} for path in (None, 1, [], {}, True)], *[{"add": path, "value": "x"} for path in (None, 1)],
]  # fmt: skip
BAD = [(PATCH_21, item) for item in BAD_21] + [(PATCH_20, item) for item in BAD_20]


@pytest.mark.parametrize(("kind", "item"), BAD, ids=[f"{kind[26:30]} {item}"[:70] for kind, item in BAD])
def test_bad_operation_is_400(api: Api, kind: str, item: dict[str, Any]) -> None:
    assert api.patch(api.new()["id"], [item], kind=kind).status_code == 400
    assert api.patch(UNUSED, [item], kind=kind).status_code == 400


GOOD_POINTERS = [
    ("/color", "color"), ("/", ""), ("/ color ", "color"), ("/a b", "a b"), ("/a~1b", "a/b"), ("/a~0b", "a~b"),
    ("/~01", "~1"), ("/~10", "/0"), ("/é", "é"), ("/ ", ""), ("/%41", "%41"), ("/0", "0"), ("/-", "-"),
    ("/" + "x" * 255, "x" * 255),
]  # fmt: skip
BAD_POINTERS = [
    "", "color", " /color", "//", "//color", "/color/", "/a//b", "/~", "/a~", "/~2", "/a~b", "/~~0", "#/color",
    "/a/b", "/color/0", "/name/x", "/tags/0", "/tags/-", "/" + "x" * 256, "/😀",
]  # fmt: skip


@BOTH
@pytest.mark.parametrize(("pointer", "name"), GOOD_POINTERS, ids=[row[0][:20] for row in GOOD_POINTERS])
def test_pointer_names_one_property(api: Api, kind: str, pointer: str, name: str) -> None:
    image_id = api.new()["id"]
    operations = operation("add", pointer[1:], "x", kind)
    assert api.patch(image_id, [operations], kind=kind).json.get(name) == "x"
    gone = api.patch(image_id, [operation("remove", pointer[1:], version=kind)], kind=kind)
    assert gone.status_code == 200
    assert name not in gone.json


@BOTH
@pytest.mark.parametrize("pointer", BAD_POINTERS, ids=[row[:20] or "empty" for row in BAD_POINTERS])
def test_bad_pointer_is_400(api: Api, kind: str, pointer: str) -> None:
    item = {"op": "add", "path": pointer, "value": "x"} if kind == PATCH_21 else {"add": pointer, "value": "x"}
    for image_id in (api.new()["id"], UNUSED):
        assert api.patch(image_id, [item], kind=kind).status_code == 400


LOCATIONS = [
    ("add", "locations", 400), ("add", "locations/-", 403), ("add", "locations/0", 403), ("add", "locations/0/x", 400),
    ("replace", "locations", 403), ("replace", "locations/0", 400), ("remove", "locations", 400),
    ("remove", "locations/0", 403), ("remove", "locations/0/url", 400),
]  # fmt: skip


@BOTH
@pytest.mark.parametrize(("op", "path", "status"), LOCATIONS, ids=[f"{row[0]} {row[1]}" for row in LOCATIONS])
def test_locations_have_their_own_depths(api: Api, kind: str, op: str, path: str, status: int) -> None:
    image_id = api.active()
    answer = api.patch(image_id, [operation(op, path, [], kind)], kind=kind)
    assert answer.status_code == status
    assert api.get_file(image_id).status_code == 200


@BOTH
def test_all_syntax_is_checked_before_the_image_is_loaded(api: Api, kind: str) -> None:
    bad = [operation("replace", "name", "x", kind), operation("replace", "min_ram", -1, kind)]
    good = bad[:1]
    assert api.patch(UNUSED, bad, ALICE, kind).status_code == 400
    assert api.patch(UNUSED, good, ALICE, kind).status_code == 404


@BOTH
def test_long_values_and_many_operations(api: Api, kind: str) -> None:
    image_id = api.new(a="0")["id"]
    operations = [operation("replace", "a", str(turn) * 100, kind) for turn in range(3000)]
    answer = api.patch(image_id, operations, kind=kind)
    assert (answer.status_code, answer.json["a"]) == (200, "2999" * 100)
    assert api.record(image_id).revision == 2
