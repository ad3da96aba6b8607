"""What each call costs in requests to the store."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from backends.wrap.counting import CountingStore
from tests.api.conftest import MakeApi
from tests.api.support import EVE, OCTETS, ROOT, TEN, Api, operation

Act = Callable[[Api, str], Any]


def path(image_id: str) -> str:
    return f"/v2/images/{image_id}"


def act_on(api: Api, image_id: str, action: str) -> Any:
    return api.call("POST", f"{path(image_id)}/actions/{action}")


ROWS: list[tuple[str, Act, dict[str, int], int]] = [
    ("create", lambda api, _: api.post({}), {"put": 2}, 201),
    ("refused create", lambda api, _: api.post({"name": 5}), {}, 400),
    ("show", lambda api, image: api.get(path(image)), {"get": 1}, 200),
    ("show, not for you", lambda api, image: api.get(path(image), EVE), {"get": 1}, 404),
    ("show, no id", lambda api, _: api.get(path("x")), {}, 404),
    ("list", lambda api, _: api.get("/v2/images"), {"get": 1}, 200),
    (
        "list with everything",
        lambda api, _: api.get("/v2/images?visibility=all&sort=name&limit=5", ROOT),
        {"get": 1},
        200,
    ),
    ("patch", lambda api, image: api.patch(image, [operation("add", "a", "b")]), {"get": 1, "put": 2}, 200),
    ("empty patch", lambda api, image: api.patch(image, []), {"get": 1}, 200),
    ("refused patch", lambda api, image: api.patch(image, [operation("add", "name", 5)]), {}, 400),
    ("tag", lambda api, image: api.call("PUT", f"{path(image)}/tags/x"), {"get": 1, "put": 2}, 204),
    (
        "deactivate",
        lambda api, image: api.call("POST", f"{path(image)}/actions/deactivate"),
        {"get": 1, "put": 2},
        204,
    ),
    ("reactivate", lambda api, image: api.call("POST", f"{path(image)}/actions/reactivate"), {"get": 1}, 204),
    ("download", lambda api, image: api.get_file(image), {"get": 2}, 200),
    ("download of a part", lambda api, image: api.get_file(image, Range="bytes=0-4"), {"get": 2}, 206),
    ("bad range", lambda api, image: api.get_file(image, Range="bytes=99-"), {"get": 1}, 416),
    ("known data", lambda api, image: api.get_file(image, If_None_Match="*"), {"get": 1}, 304),
    ("upload in a wrong status", lambda api, image: api.put_file(image), {"get": 1}, 409),
    ("wrong media type", lambda api, image: api.put_file(image, content_type="text/plain"), {}, 415),
    ("delete", lambda api, image: api.call("DELETE", path(image)), {"put": 2, "delete": 1}, 204),
    ("delete of nothing", lambda api, _: api.call("DELETE", path("x")), {}, 404),
    ("schemas", lambda api, _: api.get("/v2/schemas/images"), {}, 200),
    ("versions", lambda api, _: api.get("/"), {}, 300),
    ("health", lambda api, _: api.get("/healthcheck"), {}, 200),
]


@pytest.mark.parametrize(("act", "cost", "status"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_cost(make_api: MakeApi, act: Act, cost: dict[str, int], status: int) -> None:
    counting: list[CountingStore] = []

    def wrap(store: Any) -> CountingStore:
        counting.append(CountingStore(store))
        return counting[0]

    api = make_api(wrap=wrap)
    image_id = api.active(TEN)
    counting[0].reset()
    assert act(api, image_id).status_code == status
    assert counting[0].counts() == cost


def test_upload_of_a_small_image(make_api: MakeApi) -> None:
    counting: list[CountingStore] = []

    def wrap(store: Any) -> CountingStore:
        counting.append(CountingStore(store))
        return counting[0]

    api = make_api(wrap=wrap)
    image_id = api.bare()
    counting[0].reset()
    answer = api.call("PUT", f"{path(image_id)}/file", data=TEN, content_type=OCTETS)
    assert answer.status_code == 204
    assert counting[0].counts() == {"get": 2, "put": 5}
