"""Hostile input: whatever it is, the answer is a 4xx that says what is wrong, and nothing is stored."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest

from tests.api.conftest import MakeApi
from tests.api.support import ALICE, PATCH_21, ROOT, UNUSED, Api

IMAGE = f"/v2/images/{UNUSED}"
RECORD_CALLS = [
    ("POST", "/v2/images", "application/json"),
    ("PATCH", IMAGE, PATCH_21),
    ("POST", f"{IMAGE}/members", "application/json"),
    ("PUT", f"{IMAGE}/members/p2", "application/json"),
    ("POST", f"{IMAGE}/import", "application/json"),
    ("POST", f"{IMAGE}/locations", "application/json"),
    ("POST", "/v2/tasks", "application/json"),
    ("POST", "/v2/metadefs/namespaces", "application/json"),
    ("POST", "/v2/metadefs/namespaces/x/objects", "application/json"),
    ("POST", "/v2/metadefs/namespaces/x/properties", "application/json"),
    ("POST", "/v2/metadefs/namespaces/x/resource_types", "application/json"),
    ("POST", "/v2/metadefs/namespaces/x/tags", "application/json"),
    ("PUT", "/v1/images/x/members", "application/json"),
]
CALL_NAMES = [f"{row[0]} {row[1]}" for row in RECORD_CALLS]
NO_RECORD: dict[str, bytes] = {
    "nothing": b"", "cut off": b'{"name": "x', "words": b"name=x", "null": b"null", "number": b"17",
    "text": b'"text"', "true": b"true", "two values": b"{}{}", "trailing comma": b'{"a": "b",}',
    "single quotes": b"{'a': 'b'}", "comment": b"{} //", "NaN": b'{"a": NaN}', "xml": b"<image/>",
    "utf-16": '{"a": "b"}'.encode("utf-16"), "utf-8 mark": b'\xef\xbb\xbf{"a": "b"}x', "bad utf-8": b'{"a": "\xff"}',
    "half a surrogate": b'{"a": "\\ud800"}', "raw line feed": b'{"a": "\n"}', "NUL bytes": b"\0" * 100,
    "deep arrays": b"[" * 100_000, "deep objects": b'{"a":' * 100_000, "deep and whole": b"[" * 9000 + b"]" * 9000,
    "endless number": b'{"a": ' + b"9" * 100_000 + b"}", "huge exponent": b'{"a": 1e400}', "gzip": b"\x1f\x8b\x08\x00",
}  # fmt: skip


@pytest.mark.parametrize("body", NO_RECORD.values(), ids=NO_RECORD.keys())
@pytest.mark.parametrize(("method", "path", "kind"), RECORD_CALLS, ids=CALL_NAMES)
def test_what_is_no_record(api: Api, method: str, path: str, kind: str, body: bytes) -> None:
    answer = api.call(method, path, ROOT, data=body, content_type=kind)
    assert answer.status_code in (400, 404)
    assert answer.status_code == 400 or "/x" in path


@pytest.mark.parametrize("chunked", [False, True], ids=["announced", "chunked"])
@pytest.mark.parametrize(("method", "path", "kind"), RECORD_CALLS, ids=CALL_NAMES)
def test_ten_mebibytes_are_no_record(api: Api, method: str, path: str, kind: str, chunked: bool) -> None:
    body = b'{"name": "' + b"x" * (10 * 2**20) + b'"}'
    headers = {"Transfer-Encoding": "chunked"} if chunked else {}
    answer = api.call(method, path, ROOT, data=body, content_type=kind, headers=headers)
    assert answer.status_code in (413, 404)
    assert answer.status_code == 413 or "/x" in path


WRONG: list[Any] = [None, True, 0, -1, 1.5, "", "x" * 300, [], {}, [[]], [None], {"a": {}}, "\u0000", "\U0001f4be"]
FIELDS = ["id", "name", "visibility", "protected", "os_hidden", "owner", "container_format", "disk_format", "min_disk",
          "min_ram", "tags", "color"]  # fmt: skip


@pytest.mark.parametrize("field", FIELDS)
def test_wrong_value_is_named_in_create_and_patch(api: Api, field: str) -> None:
    image_id = api.new()["id"]
    for value in WRONG:
        created = api.post({field: value}, ROOT)
        patched = api.patch(image_id, [{"op": "add", "path": f"/{field}", "value": value}], ROOT)
        for answer in (created, patched):
            assert answer.status_code in (200, 201, 400, 403), (field, value)
            if answer.status_code == 400:
                assert field in answer.text


HEADERS = [
    ("X-Openstack-Request-Id", "a\tb"), ("X-Openstack-Request-Id", "\x7f"), ("X-Openstack-Request-Id", "\xe9"),
    ("X-Openstack-Image-Size", "-1"), ("X-Openstack-Image-Size", "1e3"), ("X-Openstack-Image-Size", "\u00b2"),
    ("X-Openstack-Image-Size", "9" * 40), ("Transfer-Encoding", "gzip"), ("Transfer-Encoding", "chunked, chunked"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value"), HEADERS, ids=[f"{row[0]}: {row[1]!r:.20}" for row in HEADERS])
def test_header_that_cannot_be_is_named(api: Api, name: str, value: str) -> None:
    answer = api.put_file(api.bare(), b"0123456789", headers={name: value})
    assert answer.status_code in (400, 415)
    assert name.lower() in answer.text.lower()


@pytest.mark.parametrize("name", ["X-Openstack-Request-Id", "X-Auth-Token", "If-None-Match", "If-Match", "Accept",
                                  "Accept-Encoding", "Origin", "Range", "Content-Range", "If-Range"])  # fmt: skip
@pytest.mark.parametrize("value", ["", " ", ",", "\xff\xfe", "%0d%0aX-Evil: 1", '"', "(" * 2000, "," * 5000, "*;q=x"])
def test_odd_headers_break_nothing(make_api: MakeApi, api: Api, name: str, value: str) -> None:
    headers = {"X-Auth-Token": ALICE, name: value}
    for path in ("/v2/images?limit=1", f"/v2/images/{UNUSED}", f"/v2/images/{UNUSED}/file"):
        answer = api.client.get(path, headers=headers)
        assert answer.status_code < 500
        assert "X-Evil" not in answer.headers
        assert all("\n" not in text and "\r" not in text for _, text in answer.headers)


def test_stored_texts_cannot_end_a_header(api: Api) -> None:
    image_id = api.active(name="a\r\nX-Evil: 1", evil="b\r\nX-Evil: 1")
    for method, path in (("GET", f"/v2/images/{image_id}"), ("GET", f"/v2/images/{image_id}/file"),
                         ("HEAD", f"/v1/images/{image_id}"), ("GET", f"/v1/images/{image_id}")):  # fmt: skip
        answer = api.call(method, path)
        assert answer.status_code in (200, 300)
        assert "X-Evil" not in answer.headers


BAD_IDS = [
    "x", "..", ".", "../" + UNUSED, "%2e%2e", "%2e%2e%2f" + UNUSED, UNUSED + "%00", "%00", "\x00", "%0a",
    UNUSED + "%0a", UNUSED + "%20", "a%2fb", "a%5cb", "%ff", "%c3%28", "%ed%a0%80", "\u00e9", "\U0001f4be", "*", "~",
    "a" * 5000, UNUSED.replace("-", ""), "{" + UNUSED + "}", UNUSED[:-1], "image.json", "%25%30%30",
]  # fmt: skip
ID_CALLS = [
    ("GET", "/v2/images/{}"), ("PATCH", "/v2/images/{}"), ("DELETE", "/v2/images/{}"), ("GET", "/v2/images/{}/file"),
    ("PUT", "/v2/images/{}/file"), ("GET", "/v2/images/{}/history"), ("GET", "/v2/images/{}/members"),
    ("PUT", "/v2/images/{}/tags/x"), ("POST", "/v2/images/{}/actions/deactivate"), ("GET", "/v2/images/{}/tasks"),
    ("GET", "/v2/images/{}/locations"), ("GET", "/v2/tasks/{}"), ("GET", "/v2/metadefs/namespaces/{}"),
    ("DELETE", "/v2/metadefs/namespaces/{}"), ("GET", "/v2/metadefs/namespaces/{}/objects/{}"),
    ("DELETE", "/v2/stores/{}/" + UNUSED), ("DELETE", "/v2/stores/default/{}"), ("PUT", "/v2/cache/{}"),
    ("DELETE", "/v2/cache/{}"), ("GET", "/v1/images/{}"), ("DELETE", "/v1/images/{}"), ("GET", "/docs/{}"),
    ("GET", "/v2/schemas/{}"), ("GET", "/{}"),
]  # fmt: skip


@pytest.mark.parametrize("bad", BAD_IDS, ids=[ascii(bad)[:40] for bad in BAD_IDS])
@pytest.mark.parametrize(("method", "path"), ID_CALLS, ids=[" ".join(row) for row in ID_CALLS])
def test_odd_ids_find_nothing(api: Api, method: str, path: str, bad: str) -> None:
    body = {"data": b"[]", "content_type": PATCH_21} if method == "PATCH" else {}
    if path.endswith("/file") and method == "PUT":
        body = {"data": b"x", "content_type": "application/octet-stream"}
    raw = path.replace("{}", quote(bad, safe="%/.*~{}"))
    answer = api.call(method, raw, ROOT, **body)
    assert answer.status_code in ((300,) if path == "/{}" else (300, 400, 403, 404, 405, 413)), answer.text


@pytest.mark.parametrize("bad", [b"\xff", b"\xc3\x28", b"\xed\xa0\x80", b"\xf5\x80\x80\x80"])
def test_path_that_is_no_utf8(api: Api, bad: bytes) -> None:
    raw = (b"/v2/images/" + bad).decode("latin-1")
    answer = api.call("GET", "/v2/images", environ_overrides={"PATH_INFO": raw})
    assert answer.status_code == 400
    assert "path" in answer.text


QUERIES = ["%ff", "name=%ff", "%ff=x", "name=%ed%a0%80", "limit=%00", "limit=9" + "9" * 5000, "sort=%00", "marker=%00",
           "name=in:%22", "created_at=%00", "size_min=\u0661", "visibility=%00", "sort_key=%0a", "limit=1%0a",
           "tag=" + "&tag=".join(map(str, range(400))), "&".join(f"k{n}=v" for n in range(400)), "=", "&&&", "%",
           "%zz=1", "a;b", "name=in:" + "a," * 6000, "os_hidden=%00", "x" * 20000]  # fmt: skip


@pytest.mark.parametrize("query", QUERIES, ids=[query[:30] for query in QUERIES])
@pytest.mark.parametrize("path", ["/v2/images", "/v1/images", "/v2/tasks", "/v2/metadefs/namespaces"])
def test_odd_queries(api: Api, path: str, query: str) -> None:
    answer = api.get(f"{path}?{query}", ROOT)
    assert answer.status_code in (200, 400, 404)  # 404: an unknown marker of some lists
    if answer.status_code == 200:
        assert answer.content_type == "application/json"
        json.loads(answer.data)


def test_nothing_was_stored(make_api: MakeApi) -> None:
    api = make_api()
    for body in NO_RECORD.values():
        api.call("POST", "/v2/images", data=body)
        api.call("POST", "/v2/metadefs/namespaces", ROOT, data=body)
    assert api.get("/v2/images").json["images"] == []
    assert [info.key for info in api.memory.list("images/")] == []
