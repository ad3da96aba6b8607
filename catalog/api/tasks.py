"""Routes of the tasks API (deprecated, for admins).

Owns the step from HTTP to a service call and back. Must never hold a rule of its own.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, g

from catalog.api.bodies import read_json
from catalog.api.http import base_url, caller, json_answer
from catalog.api.images import query_pairs
from catalog.api.operation import JSON, Parameter, operation
from catalog.schemas.task_query import SORT_KEYS, parse_task_query
from catalog.schemas.tasks import STATUSES, parse_new_task, task_document, tasks_document
from catalog.service.core import Core
from catalog.service.imports.legacy import TaskImports
from catalog.service.representation import api_time
from catalog.service.tasks.listing import page_of
from catalog.service.tasks.model import Task
from catalog.service.tasks.service import Tasks

GROUP = "Tasks"
_RULE = "tasks_api_access"
_PAGE = (
    Parameter("limit", schema={"type": "integer", "minimum": 0}, help="Tasks on the page."),
    Parameter("marker", schema={"type": "string", "format": "uuid"}, help="The last task of the page before."),
    Parameter("sort_key", schema={"type": "string", "enum": list(SORT_KEYS)}, help="What to sort by."),
    Parameter("sort_dir", schema={"type": "string", "enum": ["asc", "desc"]}, help="Direction of the order."),
    Parameter("status", schema={"type": "string", "enum": list(STATUSES)}, help="Only tasks of this status."),
    Parameter("type", schema={"type": "string", "enum": ["import"]}, help="Only tasks of this type."),
)


def blueprint(core: Core, tasks: Tasks, imports: TaskImports) -> Blueprint:
    """Make the routes."""
    routes = Blueprint("tasks", __name__)
    _add_list(routes, core, tasks)
    _add_single(routes, core, tasks, imports)
    _add_schemas(routes)
    return routes


def _add_list(routes: Blueprint, core: Core, tasks: Tasks) -> None:
    settings = core.settings

    @routes.get("/v2/tasks")
    @operation("List tasks", GROUP, _RULE, {200: "tasks", **dict.fromkeys((400, 403, 404), "error")},
               parameters=_PAGE)  # fmt: skip
    def list_tasks() -> Response:
        core.policy.require(_RULE, caller())
        pairs = query_pairs()
        query = parse_task_query(pairs, settings.limit_param_default, settings.api_limit_max)
        page, more = page_of(tasks.all(), query)
        rest = [(name, value) for name, value in pairs if name != "marker"]
        answer: dict[str, Any] = {
            "tasks": [_view(task, stub=True) for task in page],
            "first": _link(rest),
            "schema": "/v2/schemas/tasks",
        }
        if more:
            answer["next"] = _link([*rest, ("marker", page[-1].id)])
        return json_answer(answer)


def _add_single(routes: Blueprint, core: Core, tasks: Tasks, imports: TaskImports) -> None:
    @routes.post("/v2/tasks")
    @operation("Create a task", GROUP, _RULE, {201: "task", **dict.fromkeys((400, 403), "error")},
               {JSON: "new_task"}, headers={201: ("Location",)})  # fmt: skip
    def create_task() -> Response:
        core.policy.require(_RULE, caller())
        body = parse_new_task(read_json())
        task = imports.start(caller(), body["type"], body["input"], g.request_id)
        answer = json_answer(_view(task), 201)
        answer.headers["Location"] = f"{base_url()}/v2/tasks/{task.id}"
        return answer

    @routes.get("/v2/tasks/<task_id>")
    @operation("Show a task", GROUP, _RULE, {200: "task", 403: "error", 404: "error"})
    def show_task(task_id: str) -> Response:
        core.policy.require(_RULE, caller())
        return json_answer(_view(tasks.show(task_id)))


def _add_schemas(routes: Blueprint) -> None:
    @routes.get("/v2/schemas/task")
    @operation("Show the JSON schema task", "Schemas", "", {200: "schema"})
    def task_schema() -> Response:
        return json_answer(task_document())

    @routes.get("/v2/schemas/tasks")
    @operation("Show the JSON schema tasks", "Schemas", "", {200: "schema"})
    def tasks_schema() -> Response:
        return json_answer(tasks_document())


def _link(pairs: list[tuple[str, str]]) -> str:
    return "/v2/tasks" + (f"?{urlencode(pairs)}" if pairs else "")


def _view(task: Task, stub: bool = False) -> dict[str, Any]:
    view: dict[str, Any] = {
        "id": task.id,
        "type": task.type,
        "status": task.status,
        "created_at": api_time(task.created_at),
        "updated_at": api_time(task.updated_at),
        "self": f"/v2/tasks/{task.id}",
        "schema": "/v2/schemas/task",
    }
    for name in ("image_id", "owner", "request_id", "user_id"):
        if getattr(task, name) is not None:
            view[name] = getattr(task, name)
    if task.expires_at is not None:
        view["expires_at"] = api_time(task.expires_at)
    return view if stub else {**view, "input": task.input, "result": task.result, "message": task.message or ""}
