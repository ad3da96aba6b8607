"""Quotas that count over a project's images, and the report of them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.conftest import MakeApi
from tests.api.many import Many
from tests.api.support import ALICE, BOB, EVE, NOBODY, OCTETS, ROOT, Api

MIB = 2**20


def usage(api: Api, who: str = ALICE) -> Any:
    answer = api.get("/v2/info/usage", who)
    assert answer.status_code == 200
    return answer.json["usage"]


def test_without_quotas_there_is_nothing_to_report(api: Api) -> None:
    assert usage(api) == usage(api, NOBODY) == {}


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "HEAD"])
def test_other_methods_are_404(api: Api, method: str) -> None:
    assert api.call(method, "/v2/info/usage").status_code == 404


def test_own_project_in_mib(make_api: MakeApi) -> None:
    api = make_api(user_storage_quota="5MB", image_count_total=7)
    api.active(b"x" * (MIB + 5))
    api.bare()
    other = api.bare()
    api.change(other, status="saving")
    assert usage(api) == {
        "image_size_total": {"usage": 1, "limit": 5},
        "image_stage_total": {"usage": 0, "limit": -1},
        "image_count_total": {"usage": 3, "limit": 7},
        "image_count_uploading": {"usage": 1, "limit": -1},
    }
    assert usage(api, BOB) == usage(api)
    assert usage(api, EVE)["image_count_total"] == {"usage": 0, "limit": 7}


def test_staged_data_is_reported(make_api: MakeApi) -> None:
    api = make_api(image_count_total=9)
    image_id = api.bare()
    staged = api.call("PUT", f"/v2/images/{image_id}/stage", data=b"x" * 2 * MIB, content_type=OCTETS)
    assert staged.status_code == 204
    found = usage(api)
    assert found["image_stage_total"] == {"usage": 2, "limit": -1}
    assert found["image_count_uploading"]["usage"] == 1
    assert found["image_size_total"] == {"usage": 0, "limit": -1}


def test_count_of_images(make_api: MakeApi) -> None:
    api = make_api(image_count_total=2)
    first, _ = api.new()["id"], api.new()
    assert api.post({}).status_code == 413
    assert api.post({}, EVE).status_code == 201
    assert api.post({"owner": "p1"}, ROOT).status_code == 413  # the owner's quota counts
    assert api.post({"owner": None}, ROOT).status_code == 201
    assert api.call("DELETE", f"/v2/images/{first}").status_code == 204
    assert api.post({}).status_code == 201


def test_no_image_at_all(make_api: MakeApi) -> None:
    assert make_api(image_count_total=0).post({}).status_code == 413


def test_storage_counts_each_location() -> None:
    many = Many(user_storage_quota="100B")
    many.spread(many.active(b"x" * 40), "fast", "slow", data=b"x" * 40)
    assert many.put_file(many.bare(), b"x" * 21).status_code == 413
    assert many.put_file(many.bare(), b"x" * 20).status_code == 204
    many.close()
