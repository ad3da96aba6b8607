"""Characters: 4-byte UTF-8 is refused everywhere, all else is kept as it is."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from tests.api.support import EVE, Api, operation

EMOJI = "\U0001f600"
OUTSIDE = {"emoji": EMOJI, "first beyond the plane": "\U00010000", "last of all": "\U0010ffff", "inside": f"a{EMOJI}b"}
KEPT = {
    "umlaut": "Ünïcode", "japanese": "日本語", "last of the plane": "\uffff", "combining": "e\u0301", "nul": "a\x00b",
    "controls": "\x01\x1f\x7f\u0080", "line ends": "a\r\nb\u2028c", "bidi": "\u202eabc", "private use": "\ue000",
    "markup": "<script>\"'&", "backslash": "\\u0041", "percent": "%00%20", "sql": "'; DROP TABLE images; --",
}  # fmt: skip
WRITES: dict[str, Any] = {
    "name": lambda text: {"name": text},
    "property": lambda text: {"color": text},
    "property name": lambda text: {f"n{text}": "x"},
    "tag": lambda text: {"tags": [text]},
}


@pytest.mark.parametrize("text", OUTSIDE.values(), ids=OUTSIDE.keys())
@pytest.mark.parametrize("body", WRITES.values(), ids=WRITES.keys())
def test_four_byte_characters_are_400(api: Api, body: Any, text: str) -> None:
    fields = body(text)
    assert api.post(fields).status_code == 400
    before = api.new()
    operations = [operation("add", name, value) for name, value in fields.items()]
    assert api.patch(before["id"], operations).status_code == 400
    assert api.show(before["id"]) == before


@pytest.mark.parametrize("text", OUTSIDE.values(), ids=OUTSIDE.keys())
def test_four_byte_tag_in_a_path_is_400_too(api: Api, text: str) -> None:
    image_id = api.new()["id"]
    assert api.call("PUT", f"/v2/images/{image_id}/tags/{quote(text)}").status_code == 400


@pytest.mark.parametrize("text", KEPT.values(), ids=KEPT.keys())
@pytest.mark.parametrize("body", WRITES.values(), ids=WRITES.keys())
def test_all_else_is_kept(api: Api, body: Any, text: str) -> None:
    fields = body(text)
    view = api.new(**fields)
    image_id = view["id"]
    assert {name: view[name] for name in fields} == fields
    assert api.show(image_id) == view
    changed = api.patch(image_id, [operation("add", name.replace("~", "~0"), value) for name, value in fields.items()])
    assert changed.status_code == 200
    assert {name: changed.json[name] for name in fields} == fields
    assert api.get(f"/v2/images?id={image_id}").json["images"] == [changed.json]


def test_answers_are_utf8_not_escaped(api: Api) -> None:
    made = api.post({"name": "日本語"})
    assert "日本語".encode() in made.data
    assert "日本語".encode() in api.get(f"/v2/images/{made.json['id']}").data


def test_escaped_emoji_counts_as_one(api: Api) -> None:
    assert api.post('{"name": "\\ud83d\\ude00"}').status_code == 400


def test_length_counts_characters(api: Api) -> None:
    assert api.post({"name": "日" * 255}).status_code == 201
    assert api.post({"name": "日" * 256}).status_code == 400


@pytest.mark.parametrize("path", [b"/v2/images/\xff", b"/v2/\xc3/x", b"/\xfe", b"/v2/images/x/tags/\xf0"], ids=repr)
def test_path_that_is_not_utf8_is_400(api: Api, path: bytes) -> None:
    answer = api.get("/v2/images", EVE, environ_overrides={"PATH_INFO": path.decode("latin-1")})
    assert answer.status_code == 400
    assert answer.headers["x-openstack-request-id"].startswith("req-")
