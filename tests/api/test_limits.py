"""Quotas and caps of records: properties and tags. Sizes are in test_upload_sizes.py."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.conftest import MakeApi
from tests.api.support import ROOT, Api, operation


def properties(count: int) -> dict[str, str]:
    return {f"p{number}": "x" for number in range(count)}


def tags(count: int) -> list[str]:
    return [f"t{number}" for number in range(count)]


CREATES: list[tuple[str, dict[str, Any], int]] = [
    ("128 properties", properties(128), 201), ("129 properties", properties(129), 413),
    ("128 tags", {"tags": tags(128)}, 201), ("129 tags", {"tags": tags(129)}, 413),
    ("129 tags, two alike", {"tags": [*tags(128), "t0"]}, 201),
    ("128 properties beside base fields", {**properties(128), "name": "x", "min_ram": 1, "tags": tags(128)}, 201),
]  # fmt: skip


@pytest.mark.parametrize(("body", "status"), [row[1:] for row in CREATES], ids=[row[0] for row in CREATES])
def test_create(api: Api, body: dict[str, Any], status: int) -> None:
    assert api.post(body).status_code == status
    assert api.post(body, ROOT).status_code == status


PATCHES: list[tuple[str, list[dict[str, Any]], int]] = [
    ("one more property", [operation("add", "more", "x")], 413),
    ("another value", [operation("replace", "p0", "y")], 200),
    ("another value by add", [operation("add", "p0", "y")], 200),
    ("one away", [operation("remove", "p0")], 200),
    ("one away, another in", [operation("remove", "p0"), operation("add", "more", "x")], 200),
    ("another in, one away", [operation("add", "more", "x"), operation("remove", "p0")], 200),
    ("one more tag", [operation("replace", "tags", tags(129))], 413),
    ("as many tags", [operation("replace", "tags", [*tags(127), "other"])], 200),
    ("one more of the same tag", [operation("add", "tags", [*tags(128), "t0"])], 200),
    ("base fields", [operation("replace", "name", "x"), operation("add", "min_ram", 5)], 200),
]


@pytest.mark.parametrize(("operations", "status"), [row[1:] for row in PATCHES], ids=[row[0] for row in PATCHES])
def test_patch_of_a_full_image(api: Api, operations: list[dict[str, Any]], status: int) -> None:
    image_id = api.new(**properties(128), tags=tags(128))["id"]
    assert api.patch(image_id, operations).status_code == status
    assert api.record(image_id).revision == (1 if status == 413 else 2)


@pytest.mark.parametrize("quota", [0, 1, 5])
def test_settings(make_api: MakeApi, quota: int) -> None:
    api = make_api(image_property_quota=quota, image_tag_quota=quota)
    image_id = api.new(**properties(quota), tags=tags(quota))["id"]
    assert api.post(properties(quota + 1)).status_code == 413
    assert api.post({"tags": tags(quota + 1)}).status_code == 413
    assert api.patch(image_id, [operation("add", "more", "x")]).status_code == 413
    assert api.patch(image_id, [operation("replace", "tags", tags(quota + 1))]).status_code == 413


def test_negative_is_unlimited(make_api: MakeApi) -> None:
    api = make_api(image_property_quota=-1, image_tag_quota=-1)
    image_id = api.new(**properties(300), tags=tags(300))["id"]
    assert api.patch(image_id, [operation("add", "more", "x")]).status_code == 200
    assert api.call("PUT", f"/v2/images/{image_id}/tags/more").status_code == 204


def test_properties_of_the_service_do_not_count(api: Api) -> None:
    image_id = api.new(**properties(127))["id"]
    own = {f"os_glance_{number}": "x" for number in range(5)}
    api.change(image_id, properties={**api.record(image_id).properties, **own})
    assert api.patch(image_id, [operation("add", "last", "x")]).status_code == 200
    assert api.patch(image_id, [operation("add", "more", "x")]).status_code == 413


def test_lowered_quota_leaves_what_is_there(make_api: MakeApi) -> None:
    first = make_api()
    image_id = first.new(**properties(5), tags=tags(5))["id"]
    lower = make_api(memory=first.memory, image_property_quota=2, image_tag_quota=2)
    for operations, status in (
        ([operation("replace", "name", "x")], 200), ([operation("replace", "p0", "y")], 200),
        ([operation("remove", "p1")], 200), ([operation("add", "more", "x")], 413),
    ):  # fmt: skip
        assert lower.patch(image_id, operations).status_code == status
    assert lower.call("DELETE", f"/v2/images/{image_id}/tags/t0").status_code == 204
    assert lower.call("PUT", f"/v2/images/{image_id}/tags/new").status_code == 413
