"""Which versions there are, and every way to name one."""

from __future__ import annotations

import pytest

from tests.api.conftest import MakeApi
from tests.api.support import Api

ORDER = ["2.15", "2.9", "2.17", "2.7", "2.6", "2.5", "2.4", "2.3", "2.2", "2.1", "2.0"]
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]


def document(base: str) -> dict[str, object]:
    """The versions document without a cache and with a single store."""
    link = {"rel": "self", "href": f"{base}/v2/"}
    current = [
        {"id": f"v{minor}", "status": "CURRENT" if minor == "2.17" else "SUPPORTED", "links": [link]}
        for minor in ORDER
    ]
    old = {"status": "DEPRECATED", "links": [{"rel": "self", "href": f"{base}/v1/"}]}
    return {"versions": [*current, {"id": "v1.1", **old}, {"id": "v1.0", **old}]}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("path", "status"), [("/", 300), ("/versions", 200), ("/versions/and/more", 200)])
def test_any_method_gives_the_versions(api: Api, method: str, path: str, status: int) -> None:
    answer = api.call(method, path, who=None)
    assert answer.status_code == status
    assert answer.content_type == "application/json"
    if method == "HEAD":
        assert answer.data == b""
    else:
        assert answer.json == document("http://localhost")


@pytest.mark.parametrize(
    "path",
    ["/v1.2/images", "/v3/images", "/v2.99/images", "/v2.8/images", "/v2.14/images", "/v2.16/images", "/v2.18/images",
     "/v2.10/images", "/v2.13/images", "/foo", "/foo/bar", "/v2x/images", "/images"],
)  # fmt: skip
def test_unknown_first_segment_leaves_the_choice(api: Api, path: str) -> None:
    answer = api.get(path, who=None)
    assert answer.status_code == 300
    assert answer.json == document("http://localhost")


@pytest.mark.parametrize("segment", ["v2", *(f"v{minor}" for minor in ORDER)])
def test_every_accepted_version_serves_the_same(api: Api, segment: str) -> None:
    image_id = api.new()["id"]
    answer = api.get(f"/{segment}/images/{image_id}")
    assert answer.status_code == 200
    assert answer.json == api.show(image_id)


@pytest.mark.parametrize(
    ("accept", "status"),
    [("application/vnd.openstack.images-v2.17", 200), ("application/vnd.openstack.images-v2.0", 200),
     ("application/vnd.openstack.images-v2.99", 300), ("application/vnd.openstack.images-v3", 300)],
)  # fmt: skip
def test_accept_chooses_the_version(api: Api, accept: str, status: int) -> None:
    image_id = api.new()["id"]
    answer = api.get(f"/images/{image_id}", headers={"Accept": accept})
    assert answer.status_code == status
    assert (answer.json.get("id") == image_id) == (status == 200)


def test_version_alone_redirects(api: Api) -> None:
    answer = api.get("/v2", who=None)
    assert answer.status_code == 302
    assert answer.headers["Location"] == "http://localhost/v2/"
    assert answer.data == b""
    assert answer.content_type.startswith("text/plain")


def test_version_root_is_nothing(api: Api) -> None:
    assert api.get("/v2/").status_code == 404


def test_public_endpoint_is_the_base_of_links(make_api: MakeApi) -> None:
    api = make_api(public_endpoint="https://images.example.org/glance/")
    assert api.get("/", who=None).json == document("https://images.example.org/glance")
    made = api.post({})
    assert made.headers["Location"] == f"https://images.example.org/glance/v2/images/{made.json['id']}"
    assert api.get("/v2", who=None).headers["Location"] == "https://images.example.org/glance/v2/"


def test_health_needs_no_identity(api: Api) -> None:
    answer = api.get("/healthcheck", who=None)
    assert (answer.status_code, answer.data) == (200, b"OK")
    assert answer.content_type.startswith("text/plain")


@pytest.mark.parametrize(
    ("path", "status", "body"),
    [("/v2/info/import", 200, {"import-methods": {
         "description": "Import methods available.", "type": "array",
         "value": ["glance-direct", "web-download", "copy-image"]}}),
     ("/v2/info/stores", 404, None)],
)  # fmt: skip
def test_what_is_offered(api: Api, path: str, status: int, body: object) -> None:
    answer = api.get(path)
    assert answer.status_code == status
    assert body is None or answer.json == body


@pytest.mark.parametrize(
    ("path", "status"), [("/versions", 200), ("/healthcheck", 200), ("/openapi.json", 200), ("/docs", 200), ("/", 404)]
)
def test_accept_chooses_no_version_for_what_has_none(api: Api, path: str, status: int) -> None:
    answer = api.get(path, headers={"Accept": "application/vnd.openstack.images-v2.17"})
    assert answer.status_code == status
