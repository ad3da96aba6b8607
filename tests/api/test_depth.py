"""JSON that nests too deep: a 400 that names the field, wherever it stands, and nothing that cannot be shown later."""

from __future__ import annotations

import json
from typing import Any

import pytest

from catalog.api.bodies import MAX_DEPTH
from tests.api.conftest import MakeApi
from tests.api.many import WEB_URL, Web
from tests.api.support import PATCH_20, PATCH_21, ROOT, TEN, Api

URL = "http://192.88.100.1/x"
SPACE = "/v2/metadefs/namespaces"
IMPORT = {"name": "web-download", "uri": URL}
TASK = {"import_from": URL, "import_from_format": "raw"}
PROPERTY = {"name": "p", "type": "array", "title": "P"}
AT = "HERE"
"""Stands for the value that nests."""

CALLS: list[tuple[str, str, Any, str]] = [
    ("POST", "/v2/images/{}/import", {"method": {**IMPORT, "x": AT}}, "method"),
    ("POST", "/v2/images/{}/import", {"method": {**IMPORT, "checksum": AT}}, "method"),
    ("POST", "/v2/images/{}/import", {"method": IMPORT, "stores": AT}, "stores"),
    ("POST", "/v2/images/{}/import", {"method": IMPORT, "ignored": AT}, "ignored"),
    ("POST", "/v2/tasks", {"type": "import", "input": {**TASK, "image_properties": {"a": AT}}}, "input"),
    ("POST", "/v2/tasks", {"type": "import", "input": {**TASK, "x": AT}}, "input"),
    ("POST", "/v2/images/{}/locations", {"url": URL, "validation_data": AT}, "validation_data"),
    ("POST", "/v2/images/{}/members", {"member": AT}, "member"),
    ("PUT", "/v2/images/{}/members/p2", {"status": AT}, "status"),
    ("POST", "/v2/images", {"name": AT}, "name"),
    ("POST", "/v2/images", {"color": AT}, "color"),
    ("PATCH", "/v2/images/{}", [{"op": "add", "path": "/color", "value": AT}], "value"),
    ("PATCH", "/v2/images/{}",
     [{"op": "add", "path": "/locations/-", "value": {"url": WEB_URL, "metadata": {"a": AT}}}], "value"),
    ("PATCH", "/v2/images/{}", AT, "body"),
    ("POST", SPACE, {"namespace": "m", "display_name": AT}, "display_name"),
    ("POST", SPACE, {"namespace": "m", "properties": {"p": {**PROPERTY, "default": AT}}}, "properties"),
    ("POST", f"{SPACE}/n/properties", {**PROPERTY, "default": AT}, "default"),
    ("POST", f"{SPACE}/n/properties", {**PROPERTY, "items": AT}, "items"),
    ("POST", f"{SPACE}/n/objects", {"name": "o", "properties": {"p": {**PROPERTY, "default": AT}}}, "properties"),
    ("POST", f"{SPACE}/n/tags", {"tags": AT}, "tags"),
    ("PUT", "/v1/images/{}/members", {"memberships": AT}, "memberships"),
    ("PUT", "/v1/images/{}/members/p2", {"member": AT}, "member"),
]  # fmt: skip
NAMES = [f"{method} {path} {field}" for method, path, _, field in CALLS]


@pytest.fixture
def open_api(make_api: MakeApi) -> Api:
    web = Web()
    web.offer(TEN)
    api = make_api(show_multiple_locations=True, blobs={"http": web})
    assert api.call("POST", SPACE, ROOT, json={"namespace": "n"}).status_code == 201
    return api


def nested(levels: int) -> str:
    return "[" * levels + "]" * levels


def send(api: Api, method: str, path: str, body: Any, levels: int) -> Any:
    data = json.dumps(body).replace(json.dumps(AT), nested(levels))
    kind = PATCH_21 if method == "PATCH" else "application/json"
    return api.call(method, path.format(api.bare(ROOT)), ROOT, data=data, content_type=kind)


@pytest.mark.parametrize("levels", [MAX_DEPTH + 1, 251, 1000])
@pytest.mark.parametrize(("method", "path", "body", "field"), CALLS, ids=NAMES)
def test_field_that_nests_too_deep_is_named(
    open_api: Api, method: str, path: str, body: Any, field: str, levels: int
) -> None:
    answer = send(open_api, method, path, body, levels)
    assert answer.status_code == 400, answer.text
    assert f"{field}: " in answer.text
    assert f"{MAX_DEPTH} levels" in answer.text


@pytest.mark.parametrize("kind", [PATCH_20, PATCH_21])
def test_field_of_a_later_operation_is_named(open_api: Api, kind: str) -> None:
    data = f'[{{}}, {{"deep": {nested(300)}}}]'
    answer = open_api.patch(open_api.bare(), data, kind=kind)
    assert answer.status_code == 400
    assert "deep: " in answer.text


def test_the_limit_counts_the_whole_body(open_api: Api) -> None:
    for levels, expected in ((MAX_DEPTH - 2, 202), (MAX_DEPTH - 1, 400)):
        image_id = open_api.bare()
        data = f'{{"method": {{"name": "web-download", "uri": "{URL}", "x": {nested(levels)}}}}}'
        assert open_api.call("POST", f"/v2/images/{image_id}/import", data=data).status_code == expected
        tasks = open_api.get(f"/v2/images/{image_id}/tasks")
        assert (tasks.status_code, len(tasks.json["tasks"])) == (200, 1 if expected == 202 else 0)


def test_what_is_stored_at_the_limit_can_be_shown_everywhere(open_api: Api) -> None:
    image_id = open_api.bare()
    value = {"url": WEB_URL, "metadata": {"a": AT}}
    data = json.dumps([{"op": "add", "path": "/locations/-", "value": value}])
    for levels, expected in ((MAX_DEPTH - 3, 400), (MAX_DEPTH - 4, 200)):
        answer = open_api.patch(image_id, data.replace(json.dumps(AT), nested(levels)))
        assert answer.status_code == expected, answer.text
    for path in (f"/v2/images/{image_id}", f"/v2/images/{image_id}/history", "/v2/images"):
        assert open_api.get(path).status_code == 200


def test_wide_bodies_are_not_deep(open_api: Api) -> None:
    body = {"method": {**IMPORT, "x": [[["x"]]] * 1000}}
    assert open_api.call("POST", f"/v2/images/{open_api.bare()}/import", json=body).status_code == 202
