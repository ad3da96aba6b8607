"""Whatever a client sends: an answer of the contract, never a server error, and the list stays readable."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.api.support import ALICE, PATCH_20, PATCH_21, ROOT, Api

NAMES = [
    "id", "name", "status", "visibility", "protected", "os_hidden", "owner", "container_format", "disk_format",
    "min_disk", "min_ram", "size", "virtual_size", "checksum", "os_hash_algo", "os_hash_value", "tags", "created_at",
    "updated_at", "self", "file", "schema", "stores", "direct_url", "locations", "location", "deleted", "deleted_at",
    "os_glance_x", "color",
]  # fmt: skip
WORDS = ["public", "shared", "raw", "bare", "queued", "active", "p1", "p2", "", "true", "x" * 256]
texts = st.text(max_size=12) | st.sampled_from(WORDS)
values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.integers(-(10**40), 10**40) | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=5,
)
names = st.sampled_from(NAMES) | texts
operations = st.fixed_dictionaries(
    {},
    optional={
        "op": st.sampled_from(["add", "replace", "remove", "test"]) | values,
        "path": names.map(lambda name: f"/{name}") | texts | values,
        "value": values,
        "add": names.map(lambda name: f"/{name}"),
        "remove": names.map(lambda name: f"/{name}"),
    },
)
headers = st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=30)


@pytest.fixture(scope="module")
def api() -> Iterator[Api]:
    """A catalog of this file's own: elsewhere tests write records past the index."""
    made = Api()
    yield made
    made.close()


@settings(max_examples=300)
@given(st.dictionaries(names, values, max_size=4) | values, st.sampled_from([ALICE, ROOT]))
def test_create(api: Api, body: Any, who: str) -> None:
    answer = api.post(json.dumps(body), who)
    assert answer.status_code in (201, 400, 403, 409, 413), answer.text
    if answer.status_code == 201:
        assert api.show(answer.json["id"]) == answer.json


@settings(max_examples=300)
@given(st.lists(operations, max_size=3) | values, st.sampled_from([PATCH_20, PATCH_21]))
def test_patch(api: Api, body: Any, kind: str) -> None:
    image_id = api.new(color="blue")["id"]
    answer = api.patch(image_id, json.dumps(body), ROOT, kind)
    assert answer.status_code in (200, 400, 403, 409, 413), answer.text
    assert api.show(image_id)["id"] == image_id


@settings(max_examples=200)
@given(st.binary(max_size=40))
def test_bytes_for_json(api: Api, body: bytes) -> None:
    assert api.post(body).status_code in (201, 400, 403)
    assert api.patch(api.new()["id"], body).status_code in (200, 400, 403, 409)


@settings(max_examples=150)
@given(headers, headers, headers)
def test_headers(api: Api, first: str, second: str, third: str) -> None:
    """Any text in any header that is read."""
    image_id = api.active()
    answer = api.get(
        f"/v2/images/{image_id}/file",
        headers={"Range": first, "Content-Range": second, "If-Range": third, "If-None-Match": second, "Accept": third},
    )
    assert answer.status_code in (200, 206, 300, 304, 400, 404, 416), answer.text
    assert api.get(f"/v2/images/{image_id}", headers={"X-Auth-Token": first}, who=None).status_code in (200, 401, 404)
    sized = api.put_file(api.bare(), headers={"X-Openstack-Image-Size": first, "Transfer-Encoding": second})
    assert sized.status_code in (204, 400, 413), sized.text


@settings(max_examples=150)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=20))
def test_paths(api: Api, text: str) -> None:
    spelled = quote(text, safe="")
    image_id = api.new()["id"]
    for path in (f"/{spelled}", f"/v2/{spelled}", f"/v2/images/{spelled}", f"/v2/images/{image_id}/{spelled}"):
        assert api.get(path).status_code in (200, 204, 300, 302, 400, 404, 405), path
    assert api.call("PUT", f"/v2/images/{image_id}/tags/{spelled}").status_code in (204, 400, 404)


def test_all_that_was_made_can_be_listed(api: Api) -> None:
    """Runs after the others of this file: nothing that was taken damages a page."""
    marker, seen = "", 0
    while True:
        page = api.get(f"/v2/images?limit=1000&visibility=all&{marker}", ROOT)
        assert page.status_code == 200
        seen += len(page.json["images"])
        for view in page.json["images"][::3]:
            assert view == api.show(view["id"])
        if "next" not in page.json:
            break
        marker = f"marker={page.json['images'][-1]['id']}"
    assert seen > 0
