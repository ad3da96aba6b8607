"""Error bodies by Accept, request ids, and who is let in."""

from __future__ import annotations

import re

import pytest

from backends.wrap.faulty import Fault, FaultyStore, plan_of
from catalog.store.errors import Corrupt, Denied, NotFound, StoreError, Unavailable
from catalog.store.interface import Overwrite
from tests.api.conftest import MakeApi
from tests.api.support import ALICE, UNUSED, Api

MISSING = f"/v2/images/{UNUSED}"
PLAIN, HTML, JSON = "text/plain; charset=UTF-8", "text/html; charset=UTF-8", "application/json"
FORMS = [
    (None, PLAIN),
    ("text/plain", PLAIN),
    ("image/png", PLAIN),
    ("application/vnd.openstack.images-v2.1", PLAIN),
    ("*/*", HTML),
    ("text/html", HTML),
    ("text/*", HTML),
    ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", HTML),
    ("application/json, */*", HTML),
    ("application/json, text/html", HTML),
    ("text/html;q=0, */*", JSON),
    ("application/json", JSON),
    ("application/json, text/plain", JSON),
    ("text/html;q=0.1, application/json", JSON),
]


@pytest.mark.parametrize(("accept", "content_type"), FORMS, ids=[str(row[0]) for row in FORMS])
def test_form_of_an_error_follows_accept(api: Api, accept: str | None, content_type: str) -> None:
    path = MISSING if accept is None or "vnd" not in accept else f"/images/{UNUSED}"
    answer = api.get(path, headers={} if accept is None else {"Accept": accept})
    assert answer.status_code == 404
    assert answer.content_type == content_type


def test_plain_form(api: Api) -> None:
    lines = api.get(MISSING).text.splitlines()
    assert lines[:2] == ["404 Not Found", ""]
    assert UNUSED in lines[2]


def test_html_form_escapes(api: Api) -> None:
    answer = api.post({"<b>&": 1}, headers={"Accept": "*/*"})
    assert answer.status_code == 400
    assert "<title>400 Bad Request</title>" in answer.text
    assert "<h1>400 Bad Request</h1>" in answer.text
    assert "&lt;b&gt;&amp;" in answer.text
    assert "<b>" not in answer.text


def test_json_form(api: Api) -> None:
    answer = api.post({"<b>&": 1}, headers={"Accept": "application/json"})
    document = answer.json
    assert sorted(document) == ["code", "message", "title"]
    assert (document["code"], document["title"]) == ("400 Bad Request", "Bad Request")
    assert document["message"].endswith("<br /><br />\n\n\n")
    assert "<b>&" in document["message"]


def test_json_form_of_404(api: Api) -> None:
    document = api.get("/v2/nothing", headers={"Accept": "application/json"}).json
    assert (document["code"], document["title"]) == ("404 Not Found", "Not Found")


@pytest.mark.parametrize("accept", ["*/*", "application/json", "text/plain"])
def test_head_errors_have_no_body(api: Api, accept: str) -> None:
    answer = api.call("HEAD", MISSING, headers={"Accept": accept})
    assert (answer.status_code, answer.data) == (405, b"")


CALLS = [
    ("GET", "/", None, 300), ("GET", "/versions", None, 200), ("GET", "/v2", None, 302),
    ("GET", "/healthcheck", None, 200), ("POST", "/v2/images", ALICE, 400), ("GET", MISSING, ALICE, 404),
    ("GET", MISSING, None, 401), ("HEAD", MISSING, ALICE, 405), ("GET", "/v2/images?limit=0", ALICE, 200),
    ("GET", "/v2/nothing", ALICE, 404), ("PATCH", MISSING, ALICE, 415),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path", "who", "status"), CALLS, ids=[f"{r[0]} {r[1]} {r[3]}" for r in CALLS])
def test_every_answer_has_a_request_id(api: Api, method: str, path: str, who: str | None, status: int) -> None:
    first, second = (api.call(method, path, who) for _ in range(2))
    assert first.status_code == status
    assert re.fullmatch(r"req-[0-9a-f-]{36}", first.headers["x-openstack-request-id"])
    assert first.headers["x-openstack-request-id"] != second.headers["x-openstack-request-id"]


@pytest.mark.parametrize(
    ("sent", "status", "given"),
    [("req-mine", 404, "req-mine"), ("mine", 404, "req-mine"), ("x" * 64, 404, "req-" + "x" * 64),
     ("req-" + "x" * 60, 404, "req-" + "x" * 60), ("x" * 65, 431, None), ("req-" + "x" * 61, 431, None)],
)  # fmt: skip
def test_client_names_the_request(api: Api, sent: str, status: int, given: str | None) -> None:
    answer = api.get(MISSING, headers={"X-Openstack-Request-ID": sent})
    assert answer.status_code == status
    if given is None:
        assert re.fullmatch(r"req-[0-9a-f-]{36}", answer.headers["x-openstack-request-id"])
    else:
        assert answer.headers["x-openstack-request-id"] == given


@pytest.mark.parametrize("token", [None, "", "alice", "alice:p1", ":p1:member", "alice:p1:member:more"])
@pytest.mark.parametrize("path", ["/v2/images", MISSING, f"{MISSING}/file", "/v2/schemas/image", "/v2/nothing"])
def test_nobody_gets_in_without_identity(api: Api, path: str, token: str | None) -> None:
    assert api.get(path, token).status_code == 401


@pytest.mark.parametrize("failure", [Unavailable, Denied, NotFound, Corrupt])
def test_store_failure_is_503_without_its_words(make_api: MakeApi, failure: type[StoreError]) -> None:
    """NotFound of the bucket itself shows as a failed put."""
    api = make_api(wrap=lambda store: FaultyStore(store, plan_of({("put", 1): Fault(before=failure)}), "images/"))
    answer = api.post({})
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert "failed by plan" not in answer.text
    assert api.post({}).status_code == 201


def test_corrupt_sidecar_is_503(make_api: MakeApi) -> None:
    api = make_api()
    image_id = api.new()["id"]
    key = f"images/{image_id}/image.json"
    for damaged in (b"", b"{", b"[]", b"null", b"{}", b"\xff"):
        api.memory.delete(key)
        _put(api, key, damaged)
        assert api.get(f"/v2/images/{image_id}").status_code == 503, damaged
        assert api.call("DELETE", f"/v2/images/{image_id}").status_code == 503, damaged


def _put(api: Api, key: str, data: bytes) -> None:
    api.memory.put(key, data, Overwrite())
