"""Named stores on the web over real web servers: what is told of them, what lies in them, and when one is down."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from catalog.model import Location
from catalog.store.keys import blob
from tests.api.locating import done, given, post, task
from tests.api.many import Web
from tests.api.support import ALICE, ROOT, TEN, Api
from tests.servers.web_source import WebSource

FILES = {"images/a.img": TEN, "images/deep/b.img": TEN[::-1], "images-not/c.img": TEN, "secret": TEN}


@pytest.fixture
def source(tmp_path: Path) -> Iterator[WebSource]:
    for name, data in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(data)
    with WebSource(tmp_path) as running:
        yield running


def make(source: WebSource, blobs: Any = None, **settings: Any) -> Api:
    mirror = {"url": source.url("images"), "description": "next door", "weight": 5, "http_retries": 0}
    return Api(blobs=blobs, stores={"mirror": mirror, "deep": source.url("images/deep")}, **settings)


@pytest.fixture
def api(source: WebSource) -> Iterator[Api]:
    made = make(source, show_multiple_locations=True)
    yield made
    made.close()


def test_what_is_told_of_it(api: Api) -> None:
    (home, mirror, deep) = api.get("/v2/info/stores").json["stores"]
    assert home == {"id": "default", "default": "true"}
    assert mirror == {"id": "mirror", "description": "next door", "read-only": "true"}
    assert deep == {"id": "deep", "read-only": "true"}
    detail = api.get("/v2/info/stores/detail", ROOT).json["stores"][1]
    assert (detail["type"], detail["weight"], detail["properties"]) == ("http", 5, {})


def test_it_takes_no_data(api: Api) -> None:
    image_id = api.bare()
    refused = api.put_file(image_id, headers={"X-Image-Meta-Store": "mirror"})
    assert (refused.status_code, "mirror" in refused.text) == (410, True)
    active = api.active()
    body = {"method": {"name": "copy-image"}, "stores": ["mirror"]}
    answer = api.call("POST", f"/v2/images/{active}/import", ROOT, data=json.dumps(body))
    assert (answer.status_code, "mirror" in answer.text) == (409, True)
    assert api.call("DELETE", f"/v2/stores/mirror/{active}", ROOT).status_code == 403  # the only location


@pytest.mark.parametrize("secure", [False, True])
def test_an_address_becomes_a_location(source: WebSource, api: Api, secure: bool) -> None:
    image_id = api.bare()
    body = {"url": source.url("images/a.img"), **({"validation_data": given("sha256")} if secure else {})}
    view = done(api, image_id, body)
    assert (view["status"], view["size"], view["stores"]) == ("active", 10, "mirror")
    assert view["locations"] == [{"url": source.url("images/a.img"), "metadata": {"store": "mirror"}}]
    assert task(api, image_id)["status"] == "success"
    assert api.get_file(image_id).data == TEN
    assert api.call("DELETE", f"/v2/images/{image_id}").status_code == 204
    assert (source.folder / "images/a.img").read_bytes() == TEN


def test_the_longest_address_wins(source: WebSource, api: Api) -> None:
    image_id = api.bare()
    assert done(api, image_id, {"url": source.url("images/deep/b.img")})["stores"] == "deep"
    assert api.get_file(image_id).data == TEN[::-1]


def test_a_wrong_hash_leaves_the_image_queued(source: WebSource, api: Api) -> None:
    image_id = api.bare()
    body = {"url": source.url("images/a.img"), "validation_data": given("sha256", "a" * 64)}
    assert done(api, image_id, body)["status"] == "queued"
    assert api.get_file(image_id).status_code == 204


@pytest.mark.parametrize("who", [ALICE, ROOT])
@pytest.mark.parametrize(
    "path", ["images/../secret", "images/%2e%2e/secret", "images/..%2fsecret", "images/deep/../../secret"]
)
def test_no_address_leads_out_of_it(source: WebSource, api: Api, path: str, who: str) -> None:
    image_id = api.bare()
    assert post(api, image_id, {"url": source.url(path)}, who) == 400
    value = {"url": source.url(path), "metadata": {}}
    assert api.patch(image_id, [{"op": "add", "path": "/locations/-", "value": value}], ROOT).status_code == 400
    assert api.show(image_id)["status"] == "queued"


@pytest.mark.parametrize("path", ["images-not/c.img", "secret", "images/", "images"])
def test_what_does_not_lie_in_it(source: WebSource, api: Api, path: str) -> None:
    """Outside of the named folders the host is a stranger's, and its loopback address is refused."""
    assert post(api, api.bare(), {"url": source.url(path)}) == 403
    with_all = make(source, {"http": Web()})
    assert post(with_all, with_all.bare(), {"url": source.url(path)}) == 400
    with_all.close()


def test_beside_the_store_of_the_whole_web(source: WebSource) -> None:
    web = Web()
    api = make(source, {"http": web})
    image_id, other = api.bare(), api.bare()
    assert done(api, image_id, {"url": web.offer()})["stores"] == "http"
    assert done(api, other, {"url": source.url("images/a.img")})["stores"] == "mirror"
    assert [one["id"] for one in api.get("/v2/info/stores").json["stores"]] == ["default", "mirror", "deep", "http"]
    api.close()


def test_imports_from_that_host_are_judged_as_all_others(source: WebSource, api: Api) -> None:
    body = {"method": {"name": "web-download", "uri": source.url("images/a.img")}}
    assert api.call("POST", f"/v2/images/{api.bare()}/import", data=json.dumps(body)).status_code == 400


def test_the_next_location_when_it_is_down(source: WebSource, api: Api) -> None:
    image_id = api.active(TEN)
    places = (*api.record(image_id).locations, Location("mirror", "a.img"))
    api.change(image_id, locations=places)
    (source.folder / "images/a.img").write_bytes(b"abcdefghij")  # to see who answers: its weight is greater
    assert api.get_file(image_id).data == b"abcdefghij"
    assert api.get(f"/v2/images/{image_id}/file?prefer=default").data == TEN
    source.__exit__()
    assert api.get_file(image_id).data == TEN
    api.change(image_id, locations=places[1:])
    down = api.get_file(image_id)
    assert (down.status_code, "Retry-After" in down.headers) == (503, True)


def test_a_key_like_those_of_our_own_layout_is_nobodys_blob(source: WebSource, api: Api) -> None:
    image_id = api.active(TEN)
    key = blob(image_id, "attempt")
    (source.folder / "images" / key).parent.mkdir(parents=True)
    (source.folder / "images" / key).write_bytes(TEN)
    own = api.record(image_id).locations
    api.change(image_id, locations=(*own, Location("mirror", key)))
    assert api.call("DELETE", f"/v2/stores/default/{image_id}", ROOT).status_code == 204
    assert api.get_file(image_id).data == TEN
    assert api.call("DELETE", f"/v2/images/{image_id}").status_code == 204
    assert (source.folder / "images" / key).read_bytes() == TEN
