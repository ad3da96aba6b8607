"""Which paths and methods there are, the form of errors, and the switch (sections 1, 2)."""

from __future__ import annotations

import pytest

from tests.api.conftest import MakeApi
from tests.api.support import Api
from tests.api.v1.support import active

IMAGE = "/v1/images/aaaaaaaa-2222-4333-8444-555555555555"
ROOTS = ["/v1", "/v1/", "/v1.0/", "/v1.1/images", "/v1.0/images/detail", "/v1//images"]


@pytest.mark.parametrize("path", ROOTS)
def test_names_of_the_version(api: Api, path: str) -> None:
    answer = api.get(path)
    assert (answer.status_code, list(answer.json)) == (200, ["images"])


@pytest.mark.parametrize("version", ["v1", "v1.0", "v1.1"])
def test_accept_names_the_version(api: Api, version: str) -> None:
    image_id = active(api)
    accept = {"Accept": f"application/vnd.openstack.images-{version}"}
    assert api.call("HEAD", f"/images/{image_id}", headers=accept).headers["x-image-meta-id"] == image_id
    assert api.get("/images", headers=accept).status_code == 200


def test_deprecated_versions_are_listed_last(api: Api) -> None:
    listed = api.get("/", None).json["versions"]
    link = [{"rel": "self", "href": "http://localhost/v1/"}]
    assert listed[-2:] == [
        {"id": "v1.1", "status": "DEPRECATED", "links": link},
        {"id": "v1.0", "status": "DEPRECATED", "links": link},
    ]
    assert [one["status"] for one in listed].count("CURRENT") == 1


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [("HEAD", "/v1/images/detail", {"GET"}), ("POST", "/v1/images/detail", {"GET"}),
     ("DELETE", "/v1/images/detail", {"GET"}), ("PUT", "/v1/images", {"GET", "POST"}),
     ("HEAD", "/v1/images", {"GET", "POST"}), ("POST", IMAGE, {"HEAD", "GET", "PUT", "DELETE"}),
     ("PATCH", IMAGE, {"HEAD", "GET", "PUT", "DELETE"}), ("POST", f"{IMAGE}/members", {"GET", "PUT"}),
     ("GET", f"{IMAGE}/members/p2", {"PUT", "DELETE"}), ("PUT", "/v1/shared-images/p2", {"GET"}),
     ("POST", "/v1/", {"GET"})],
)  # fmt: skip
def test_other_methods(api: Api, method: str, path: str, allowed: set[str]) -> None:
    answer = api.call(method, path)
    assert answer.status_code == 405
    assert set(answer.headers["Allow"].split(", ")) == allowed


@pytest.mark.parametrize("path", ["/v1/images/", "/v1/nothing", f"{IMAGE}/file", "/v1/members"])
def test_unknown_paths(api: Api, path: str) -> None:
    assert api.get(path).status_code == 404


@pytest.mark.parametrize("accept", [None, "*/*", "text/html", "application/json"])
def test_errors_are_plain_text(api: Api, accept: str | None) -> None:
    answer = api.get(IMAGE, headers={} if accept is None else {"Accept": accept})
    assert answer.status_code == 404
    assert answer.content_type == "text/plain; charset=UTF-8"
    assert answer.text.startswith("404 Not Found\n\n")


def test_identity_is_needed(api: Api) -> None:
    assert api.get("/v1/images", None).status_code == 401


@pytest.mark.parametrize("path", ROOTS)
def test_switched_off(make_api: MakeApi, path: str) -> None:
    api = make_api(enable_v1_api=False)
    answer = api.get(path)
    assert answer.status_code == 300
    assert all(one["id"].startswith("v2") for one in answer.json["versions"])
