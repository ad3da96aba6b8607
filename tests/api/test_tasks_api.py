"""The tasks API: who, lists, one task, new tasks, schemas."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.api.importing import ImportApi
from tests.api.support import ALICE, ROOT, TEN, UNUSED
from tests.servers.web_source import WebSource


@pytest.fixture(scope="module")
def api(source: WebSource) -> Iterator[ImportApi]:
    made = ImportApi(source)
    yield made
    made.close()


def new_task(api: ImportApi, who: str = ROOT, **changes: Any) -> Any:
    given = {"import_from": api.web()["uri"], "import_from_format": "raw", "image_properties": {"name": "legacy"}}
    body = {"type": "import", "input": {**given, **changes}}
    return api.call("POST", "/v2/tasks", who, json=body)


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/v2/tasks"), ("POST", "/v2/tasks"), ("GET", f"/v2/tasks/{UNUSED}")]
)
def test_admins_only(api: ImportApi, method: str, path: str) -> None:
    assert api.call(method, path, ALICE).status_code == 403


def test_import(api: ImportApi) -> None:
    answer = new_task(api)
    assert answer.status_code == 201
    task = answer.json
    assert answer.headers["Location"].endswith(f"/v2/tasks/{task['id']}")
    assert (task["type"], task["owner"], task["schema"]) == ("import", "p0", "/v2/schemas/task")
    assert "image_id" not in task
    assert "expires_at" not in task
    api.wait()
    done = api.get(f"/v2/tasks/{task['id']}", ROOT).json
    assert done["status"] == "success"
    view = api.show(done["result"]["image_id"])
    assert (view["name"], view["status"], view["disk_format"], view["container_format"]) == (
        "legacy", "active", "raw", "bare",
    )  # fmt: skip
    assert api.get_file(view["id"], ROOT).data == TEN
    assert done["expires_at"] == "2030-01-04T03:04:05Z"


def test_import_beyond_the_count_of_images(source: WebSource) -> None:
    api = ImportApi(source, image_count_total=1)
    try:
        tasks = []
        for _ in range(2):
            tasks.append(new_task(api).json["id"])
            api.wait()
        first, second = (api.get(f"/v2/tasks/{task}", ROOT).json for task in tasks)
        assert (first["status"], second["status"]) == ("success", "failure")
        assert "image_count_total" in second["message"]
        assert [image["id"] for image in api.get("/v2/images", ROOT).json["images"]] == [first["result"]["image_id"]]
    finally:
        api.close()


BODIES: list[Any] = [
    [], {}, {"type": "import"}, {"input": {}}, {"type": "export", "input": {}}, {"type": "import", "input": []},
    {"type": 5, "input": {}}, {"type": "api_image_import", "input": {}},
    {"type": "import", "input": {"import_from": "file:///etc/passwd"}},
    {"type": "import", "input": {"import_from": "swift://x/y"}},
    {"type": "import", "input": {"import_from": "http://169.254.169.254/"}},
    {"type": "import", "input": {"import_from": 5}},
]  # fmt: skip


@pytest.mark.parametrize("body", BODIES)
def test_refused(api: ImportApi, body: Any) -> None:
    assert api.call("POST", "/v2/tasks", ROOT, json=body).status_code == 400


@pytest.mark.parametrize(
    "changes",
    [
        {"image_properties": 5},
        {"image_properties": {"disk_format": "x"}},
        {"image_properties": {"status": "active"}},
        {"import_from_format": "x"},
    ],
)
def test_wrong_input_fails_the_task(api: ImportApi, changes: dict[str, Any]) -> None:
    answer = new_task(api, **changes)
    assert answer.status_code == 201
    api.wait()
    task = api.get(f"/v2/tasks/{answer.json['id']}", ROOT).json
    assert task["status"] == "failure"
    assert task["message"]


def test_missing_input_fails_the_task(api: ImportApi) -> None:
    answer = api.call("POST", "/v2/tasks", ROOT, json={"type": "import", "input": {}})
    assert answer.status_code == 201
    api.wait()
    assert "import_from" in api.get(f"/v2/tasks/{answer.json['id']}", ROOT).json["message"]


def test_source_absent(api: ImportApi) -> None:
    answer = new_task(api, import_from=api.web("absent")["uri"], image_properties={"name": "absent"})
    api.wait()
    assert api.get(f"/v2/tasks/{answer.json['id']}", ROOT).json["status"] == "failure"
    view = api.get("/v2/images?name=absent", ROOT).json["images"][0]
    assert view["status"] == "queued"
    assert api.stored(view["id"]) == []


@pytest.mark.parametrize("task_id", [UNUSED, "x", "../images"])
def test_absent(api: ImportApi, task_id: str) -> None:
    assert api.get(f"/v2/tasks/{task_id}", ROOT).status_code == 404


@pytest.mark.parametrize("method", ["DELETE", "PUT", "PATCH"])
def test_other_methods(api: ImportApi, method: str) -> None:
    answer = api.call(method, f"/v2/tasks/{UNUSED}", ROOT)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET")


@pytest.mark.parametrize(
    "query",
    ["limit=x", "limit=-1", "marker=x", "sort_key=input", "sort_dir=up", "status=done", "type=api_image_import"],
)
def test_bad_query(api: ImportApi, query: str) -> None:
    assert api.get(f"/v2/tasks?{query}", ROOT).status_code == 400


def _page(api: ImportApi, path: str) -> Any:
    answer = api.get(path, ROOT)
    assert answer.status_code == 200, answer.text
    return answer.json


def test_pages_filters_and_expiry(source: WebSource) -> None:
    api = ImportApi(source)
    ids = []
    for _ in range(5):
        ids.append(new_task(api).json["id"])
        api.wait()
        api.clock.move(10)
    failed = new_task(api, import_from_format="x").json["id"]
    api.wait()

    first = _page(api, "/v2/tasks?limit=4")
    assert [task["id"] for task in first["tasks"]] == [failed, *ids[:1:-1]]
    assert not {"input", "result", "message"} & set(first["tasks"][0])
    assert (first["first"], first["schema"]) == ("/v2/tasks?limit=4", "/v2/schemas/tasks")
    second = _page(api, first["next"])
    assert [task["id"] for task in second["tasks"]] == ids[1::-1]
    assert "next" not in second
    assert _page(api, "/v2/tasks?limit=0")["tasks"] == []
    assert [task["id"] for task in _page(api, "/v2/tasks?status=failure")["tasks"]] == [failed]
    assert len(_page(api, "/v2/tasks?type=import&owner=p0")["tasks"]) == 6
    assert _page(api, "/v2/tasks?owner=p1")["tasks"] == []
    assert _page(api, "/v2/tasks?colour=red")["tasks"] == []
    rising = _page(api, "/v2/tasks?sort_key=created_at&sort_dir=asc")["tasks"]
    assert [task["id"] for task in rising] == [*ids, failed]
    assert api.get(f"/v2/tasks?marker={UNUSED}", ROOT).status_code == 404

    api.clock.move(48 * 3600 - 20)
    assert len(_page(api, "/v2/tasks")["tasks"]) == 2
    assert api.get(f"/v2/tasks/{ids[0]}", ROOT).status_code == 404
    api.catalog.services.tasks.runner.poll()
    assert len(list(api.memory.list("tasks/"))) == 2
    api.close()


def test_schemas(api: ImportApi) -> None:
    task = api.get("/v2/schemas/task").json
    assert list(task) == ["name", "properties"]
    assert list(task["properties"]) == [
        "id", "type", "status", "input", "result", "owner", "message", "image_id", "request_id", "user_id",
        "expires_at", "created_at", "updated_at", "self", "schema",
    ]  # fmt: skip
    properties = task["properties"]
    assert properties["type"]["enum"] == ["import", "api_image_import", "location_import"]
    assert properties["status"]["enum"] == ["pending", "processing", "success", "failure"]
    assert properties["input"]["type"] == ["null", "object"]
    assert properties["expires_at"]["type"] == ["null", "string"]
    assert properties["owner"]["type"] == "string"
    assert properties["self"]["readOnly"]
    tasks = api.get("/v2/schemas/tasks").json
    assert list(tasks) == ["name", "properties", "links"]
    assert not {"input", "result", "message"} & set(tasks["properties"]["tasks"]["items"]["properties"])
    assert api.get("/v2/schemas/task", data=b"x").status_code == 200
