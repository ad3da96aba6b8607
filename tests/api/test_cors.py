"""Pages of other origins: named ones may call, others may not, and preflight requests need no identity."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.api.conftest import MakeApi
from tests.api.support import UNUSED, Api

DASHBOARD = "https://dashboard.example.org"
IMAGE = f"/v2/images/{UNUSED}"


@pytest.fixture(scope="module")
def open_api() -> Iterator[Api]:
    api = Api(cors_allowed_origin=f"{DASHBOARD},http://[::1]:8080")
    yield api
    api.close()


def preflight(api: Api, path: str, method: str = "PUT", origin: str = DASHBOARD, headers: str | None = None):
    asked = {"Origin": origin, "Access-Control-Request-Method": method}
    if headers is not None:
        asked["Access-Control-Request-Headers"] = headers
    return api.call("OPTIONS", path, None, headers=asked)


def words(value: str) -> set[str]:
    return {word.strip().lower() for word in value.split(",") if word.strip()}


@pytest.mark.parametrize("path", ["/v2/images", f"{IMAGE}/file", IMAGE, "/v2/nothing", "/", "/versions", "/docs"])
@pytest.mark.parametrize("method", ["GET", "PUT", "POST", "PATCH", "DELETE"])
def test_preflight_needs_no_identity(open_api: Api, path: str, method: str) -> None:
    answer = preflight(open_api, path, method)
    assert (answer.status_code, answer.data) == (204, b"")
    assert answer.headers["Access-Control-Allow-Origin"] == DASHBOARD
    assert method.lower() in words(answer.headers["Access-Control-Allow-Methods"])
    assert int(answer.headers["Access-Control-Max-Age"]) > 0
    assert "Origin" in answer.headers["Vary"]
    assert "Access-Control-Allow-Credentials" not in answer.headers


SENT = ["X-Auth-Token", "Content-Type", "X-OpenStack-Request-ID", "X-OpenStack-Image-Size", "Range", "If-Match",
        "If-None-Match", "x-image-meta-store", "x-image-meta-property-os_distro", "X-Image-Meta-Name",
        "X-Service-Token", "Authorization", "x-glance-api-copy-from"]  # fmt: skip


@pytest.mark.parametrize("header", SENT)
def test_headers_that_pages_send(open_api: Api, header: str) -> None:
    answer = preflight(open_api, f"{IMAGE}/file", headers=f"{header.lower()}, x-other")
    assert words(answer.headers["Access-Control-Allow-Headers"]) == {header.lower()}


def test_horizon_uploads_straight_from_the_browser(open_api: Api) -> None:
    image_id = open_api.bare()
    path = f"/v2/images/{image_id}/file"
    asked = preflight(open_api, path, headers="content-type,x-auth-token")
    assert words(asked.headers["Access-Control-Allow-Headers"]) == {"content-type", "x-auth-token"}
    sent = open_api.put_file(image_id, headers={"Origin": DASHBOARD})
    assert (sent.status_code, sent.headers["Access-Control-Allow-Origin"]) == (204, DASHBOARD)


READ = ["X-OpenStack-Request-ID", "OpenStack-image-import-methods", "OpenStack-image-store-ids", "Location", "ETag",
        "Content-MD5", "Content-Range", "Retry-After", "X-Image-Meta-Name"]  # fmt: skip


@pytest.mark.parametrize("header", READ)
def test_headers_that_pages_read(open_api: Api, header: str) -> None:
    answer = open_api.get("/v2/images", headers={"Origin": DASHBOARD})
    assert header.lower() in words(answer.headers["Access-Control-Expose-Headers"])


@pytest.mark.parametrize(
    ("method", "path", "who", "status"),
    [("GET", IMAGE, "alice:p1:member,reader", 404), ("GET", IMAGE, None, 401), ("GET", "/", None, 300),
     ("POST", IMAGE, "alice:p1:member,reader", 405), ("POST", "/v2/images", "alice:p1:member,reader", 400)],
)  # fmt: skip
def test_errors_can_be_read_by_the_page(open_api: Api, method: str, path: str, who: str | None, status: int) -> None:
    answer = open_api.call(method, path, who, headers={"Origin": DASHBOARD})
    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (status, DASHBOARD)


FOREIGN = ["https://evil.example.org", "http://dashboard.example.org", "https://dashboard.example.org:8443",
           "https://dashboard.example.org.evil.org", "https://xdashboard.example.org", "https://dashboardXexample.org",
           "null", "*", "", "https://dashboard.example.org\x00", "https://dashboard.example.org/"]  # fmt: skip


@pytest.mark.parametrize("origin", FOREIGN)
def test_other_origins_get_nothing(open_api: Api, origin: str) -> None:
    assert preflight(open_api, "/v2/images", origin=origin).status_code == 401
    answer = open_api.get("/v2/images", headers={"Origin": origin})
    assert answer.status_code == 200
    assert [name for name, _ in answer.headers if name.startswith("Access-Control-")] == []
    assert "Origin" in answer.headers["Vary"]


def test_second_origin_with_an_ipv6_address(open_api: Api) -> None:
    answer = preflight(open_api, "/v2/images", origin="http://[::1]:8080")
    assert answer.headers["Access-Control-Allow-Origin"] == "http://[::1]:8080"


def test_options_that_are_no_preflight_are_as_ever(open_api: Api) -> None:
    assert open_api.call("OPTIONS", "/v2/images").status_code == 405
    assert open_api.call("OPTIONS", "/v2/images", headers={"Origin": DASHBOARD}).status_code == 405
    assert open_api.call("OPTIONS", "/v2/images", None).status_code == 401


def test_without_origin_no_cors_headers_but_vary(open_api: Api) -> None:
    answer = open_api.get("/v2/images")
    assert [name for name, _ in answer.headers if name.startswith("Access-Control-")] == []
    assert "Origin" in answer.headers["Vary"]


def test_off_by_default(api: Api) -> None:
    assert preflight(api, "/v2/images").status_code == 401
    answer = api.get("/v2/images", headers={"Origin": DASHBOARD})
    assert [name for name, _ in answer.headers if name.startswith("Access-Control-")] == []
    assert "Origin" not in answer.headers.get("Vary", "")


def test_any_origin(make_api: MakeApi) -> None:
    api = make_api(cors_allowed_origin="*")
    assert preflight(api, "/v2/images", origin="https://anything.example").status_code == 204
    answer = api.get(f"/v2/images/{api.active()}/file", headers={"Origin": "https://anything.example"})
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Origin" not in answer.headers.get("Vary", "")
