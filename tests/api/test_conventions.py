"""What holds for every call: methods, paths, bodies where none belongs, request ids, identity."""

from __future__ import annotations

import pytest

from tests.api.support import ALICE, BOB, OCTETS, PATCH_21, TEN, UNUSED, Api

IMAGE = f"/v2/images/{UNUSED}"
ALLOWED = [
    ("/v2/images", {"GET", "POST"}),
    (IMAGE, {"GET", "PATCH", "DELETE"}),
    (f"{IMAGE}/file", {"GET", "PUT"}),
    (f"{IMAGE}/tags/x", {"PUT", "DELETE"}),
    (f"{IMAGE}/actions/deactivate", {"POST"}),
    (f"{IMAGE}/actions/reactivate", {"POST"}),
    ("/v2/schemas/image", {"GET"}),
    ("/v2/schemas/images", {"GET"}),
    ("/v2/info/import", {"GET"}),
    ("/v2/info/stores", {"GET"}),
]
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
WRONG = [(path, method, allowed) for path, allowed in ALLOWED for method in METHODS if method not in allowed]


@pytest.mark.parametrize(("path", "method", "allowed"), WRONG, ids=[f"{row[1]} {row[0]}" for row in WRONG])
def test_wrong_method_is_405_with_allow(api: Api, path: str, method: str, allowed: set[str]) -> None:
    answer = api.call(method, path)
    assert answer.status_code == 405
    assert {word.strip() for word in answer.headers["Allow"].split(",")} == allowed
    assert method != "HEAD" or answer.data == b""


@pytest.mark.parametrize(
    "path",
    ["/v2/images/", f"{IMAGE}/", f"{IMAGE}/file/", f"{IMAGE}/nothing", f"{IMAGE}/tags", f"{IMAGE}/tags/",
     f"{IMAGE}/tags/a/b", f"{IMAGE}/tags/a%2Fb", f"{IMAGE}/actions/burn", "/v2/nothing", "/v2/schemas/nothing",
     "/v2/schemas", f"/v2/images//{UNUSED}"],
)  # fmt: skip
@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_unknown_path_is_404(api: Api, method: str, path: str) -> None:
    assert api.call(method, path).status_code == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_image_tasks_have_no_method_guard(api: Api, method: str) -> None:
    assert api.call(method, f"{IMAGE}/tasks").status_code == 404


def test_doubled_slash_after_the_version_is_tolerated(api: Api) -> None:
    assert api.get("/v2//images?limit=1").status_code == 200
    assert api.get("/v2///images?limit=1").status_code == 200


NO_BODY = [
    ("GET", IMAGE), ("GET", f"{IMAGE}/file"), ("GET", "/v2/schemas/image"), ("GET", "/v2/schemas/images"),
    ("GET", "/v2/info/import"), ("GET", "/v2/info/stores"), ("DELETE", IMAGE), ("DELETE", f"{IMAGE}/tags/x"),
    ("PUT", f"{IMAGE}/tags/x"), ("POST", f"{IMAGE}/actions/deactivate"), ("POST", f"{IMAGE}/actions/reactivate"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path"), NO_BODY, ids=[" ".join(row) for row in NO_BODY])
def test_body_where_none_belongs_is_400(api: Api, method: str, path: str) -> None:
    answer = api.call(method, path, data=b"x")
    assert answer.status_code == 400
    assert "body" in answer.text


@pytest.mark.parametrize(("method", "path"), [row for row in NO_BODY if row[0] in ("PUT", "POST")])
def test_chunked_body_where_none_belongs_is_400(api: Api, method: str, path: str) -> None:
    answer = api.call(method, path, headers={"Transfer-Encoding": "chunked"})
    assert answer.status_code == 400


def test_chunked_get_is_not_looked_at(api: Api) -> None:
    assert api.get(IMAGE, headers={"Transfer-Encoding": "chunked"}).status_code == 404


def test_list_ignores_a_body(api: Api) -> None:
    assert api.get("/v2/images?limit=1", data=b"{").status_code == 200


NEEDS_JSON = [("POST", "/v2/images", "application/json"), ("PATCH", IMAGE, PATCH_21)]
BROKEN = {
    "missing": b"", "unparsable": b"{", "text": b"hello", "null": b"null", "number": b"1", "string": b'"x"',
    "true": b"true", "two values": b"{} {}", "bad utf-8": b'{"name":"\xff"}',
    "half a surrogate": b'{"name":"\\ud800"}',
    "NaN": b'{"min_disk":NaN}', "infinity": b'{"min_disk":Infinity}', "too large a number": b'{"min_disk":1e999}',
    "endless digits": b'{"min_disk":' + b"9" * 5000 + b"}", "deep arrays": b"[" * 100_000,
    "deep objects": b'{"x":' * 50_000, "deep and closed": b"[" * 5000 + b"]" * 5000, "comment": b"{} // no",
}  # fmt: skip


@pytest.mark.parametrize(("method", "path", "kind"), NEEDS_JSON, ids=["create", "patch"])
@pytest.mark.parametrize("body", BROKEN.values(), ids=BROKEN.keys())
def test_body_that_is_no_json_object(api: Api, method: str, path: str, kind: str, body: bytes) -> None:
    assert api.call(method, path, data=body, content_type=kind).status_code == 400


def test_json_array_for_create_is_400(api: Api) -> None:
    assert api.post([]).status_code == 400
    assert api.post([{"name": "x"}]).status_code == 400


@pytest.mark.parametrize("kind", ["text/plain", "application/json", "application/xml", OCTETS, None])
def test_create_parses_whatever_the_media_type(api: Api, kind: str | None) -> None:
    answer = api.post({"name": "typed"}, content_type=kind)
    assert (answer.status_code, answer.json["name"]) == (201, "typed")


@pytest.mark.parametrize(("method", "path", "kind"), NEEDS_JSON, ids=["create", "patch"])
@pytest.mark.parametrize("chunked", [False, True], ids=["announced", "chunked"])
def test_record_body_over_2_mib_is_413(api: Api, method: str, path: str, kind: str, chunked: bool) -> None:
    body = b'[{"op":"add","path":"/x","value":"' + b"x" * 2**21 + b'"}]'
    headers = {"Transfer-Encoding": "chunked"} if chunked else {}
    answer = api.call(method, path, data=body, content_type=kind, headers=headers)
    assert answer.status_code == 413


@pytest.mark.parametrize("length", ["abc", "-1", "1_0", "+1", "\u00b2"])
def test_unreadable_content_length_is_400(api: Api, length: str) -> None:
    answer = api.call("POST", "/v2/images", environ_overrides={"CONTENT_LENGTH": length})
    assert answer.status_code == 400


ORDER = [
    ("wrong media type before existence", "PUT", f"{IMAGE}/file", {"data": TEN, "content_type": "text/plain"}, 415),
    ("wrong media type before a bad body", "PATCH", IMAGE, {"data": b"{", "content_type": "text/plain"}, 415),
    ("bad body before existence", "PATCH", IMAGE, {"data": b"{}", "content_type": PATCH_21}, 400),
    ("body before existence", "DELETE", IMAGE, {"data": b"x"}, 400),
    ("method before body", "POST", IMAGE, {"data": b"x"}, 405),
    ("existence before role", "DELETE", IMAGE, {"who": BOB}, 404),
    ("identity before existence", "GET", IMAGE, {"who": None}, 401),
]  # fmt: skip


@pytest.mark.parametrize(
    ("method", "path", "options", "status"), [row[1:] for row in ORDER], ids=[r[0] for r in ORDER]
)
def test_order_of_checks(api: Api, method: str, path: str, options: dict[str, object], status: int) -> None:
    answer = api.call(method, path, **{"who": ALICE, **options})
    assert answer.status_code == status
