"""Routes of the interoperable import: stage, import, the tasks of an image, the methods.

Owns the step from HTTP to a service call and back. Must never hold a rule of its own.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, g, request

from catalog.api.bodies import read_json, without_body
from catalog.api.http import caller, empty_answer, json_answer
from catalog.api.image_data import OCTETS, SIZE_HEADER, STORE_HEADER, announced_body
from catalog.api.operation import JSON, Parameter, operation
from catalog.errors import Missing, WrongMediaType
from catalog.schemas.imports import parse_import
from catalog.schemas.tasks import bare_time
from catalog.service.imports.request import ImportRequest
from catalog.service.imports.stage import Stages
from catalog.service.imports.start import Imports
from catalog.service.tasks.model import Task
from catalog.service.tasks.service import Tasks

GROUP = "Import"
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_STORE = Parameter(STORE_HEADER, "header", help="The store to import into, where there are several.")
_SIZE = Parameter(SIZE_HEADER, "header", {"type": "integer", "minimum": 0}, help="Bytes that the data will have.")


def blueprint(stages: Stages, imports: Imports, tasks: Tasks, methods: tuple[str, ...]) -> Blueprint:
    """Make the routes; ``methods`` are the import methods that are enabled."""
    routes = Blueprint("imports", __name__)
    _add_changes(routes, stages, imports)
    _add_views(routes, tasks, methods)
    return routes


def _add_changes(routes: Blueprint, stages: Stages, imports: Imports) -> None:
    @routes.put("/v2/images/<image_id>/stage")
    @operation("Stage the data of an image for import", GROUP, "modify_image",
               {204: "", **dict.fromkeys((400, 403, 404, 409, 410, 413, 415), "error")}, {OCTETS: "binary"},
               (_SIZE,))  # fmt: skip
    def stage(image_id: str) -> Response:
        if request.mimetype != OCTETS:
            raise WrongMediaType(f"Unsupported Content-Type {request.mimetype!r}: image data is {OCTETS}")
        stages.stage(caller(), image_id, announced_body())
        return empty_answer()

    @routes.post("/v2/images/<image_id>/import")
    @operation("Import an image", GROUP, "modify_image, copy_image",
               {202: "", **dict.fromkeys((400, 403, 404, 409, 413), "error")}, {JSON: "image_import"},
               (_STORE,))  # fmt: skip
    def start_import(image_id: str) -> Response:
        body = parse_import(read_json())
        method = dict(body["method"])
        wanted = ImportRequest(
            method.pop("name"),
            method,
            tuple(body["stores"]) if "stores" in body else None,
            body["all_stores"],
            body["all_stores_must_succeed"],
            request.headers.get(STORE_HEADER),
        )
        imports.start(caller(), image_id, wanted, g.request_id)
        return empty_answer(202)


def _add_views(routes: Blueprint, tasks: Tasks, methods: tuple[str, ...]) -> None:
    @routes.route("/v2/images/<image_id>/tasks", methods=_METHODS)
    @operation("Show the tasks of an image", GROUP, "get_image",
               {200: "image_tasks", **dict.fromkeys((400, 403, 404), "error")}, methods=("GET",))  # fmt: skip
    def image_tasks(image_id: str) -> Response:
        if request.method != "GET":  # the reference has no 405 here
            raise Missing("The resource could not be found.")
        return list_image_tasks(image_id)

    @without_body
    def list_image_tasks(image_id: str) -> Response:
        return json_answer({"tasks": [image_task(task) for task in tasks.of_image(caller(), image_id)]})

    @routes.get("/v2/info/import")
    @operation("Show the import methods", GROUP, "", {200: "import_info", 400: "error"})
    @without_body
    def import_methods() -> Response:
        value = {"description": "Import methods available.", "type": "array", "value": list(methods)}
        return json_answer({"import-methods": value})


def image_task(task: Task) -> dict[str, Any]:
    """Give a task as the list of an image's tasks shows it."""
    return {
        "id": task.id,
        "type": task.type,
        "status": task.status,
        "owner": task.owner,
        "image_id": task.image_id,
        "request_id": task.request_id,
        "user_id": task.user_id,
        "created_at": bare_time(task.created_at),
        "updated_at": bare_time(task.updated_at),
        "expires_at": bare_time(task.expires_at),
        "deleted_at": None,
        "deleted": False,
        "input": task.input,
        "result": task.result,
        "message": task.message,
    }
