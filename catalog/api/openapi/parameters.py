"""Parameters of a call: path variables, query, headers.

Owns what is true of a path variable wherever it stands. Must never know a query parameter: views describe these.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from catalog.api.openapi.paths import variables
from catalog.api.operation import Operation, Parameter
from catalog.schemas.image import UUID_PATTERN

SEGMENT = "^[\u0001-.0-\uffff]+$"
"""A text of the Basic Multilingual Plane in one segment of a path."""

_ID = {"type": "string", "pattern": UUID_PATTERN}
PATH_VARIABLES: Mapping[str, Parameter] = {
    "image_id": Parameter("image_id", "path", _ID, help="The image's id"),
    "task_id": Parameter("task_id", "path", _ID, help="The task's id"),
    "tag": Parameter("tag", "path", {"type": "string", "maxLength": 255, "pattern": SEGMENT}),
}
REQUEST_ID = Parameter(
    "X-Openstack-Request-Id", "header", {"type": "string", "maxLength": 64, "pattern": "^[ -~]*$"},
    help="Name of the request in logs and answer; `req-` is put in front where it lacks it.",
)  # fmt: skip


def parameters_of(path: str, described: Operation) -> list[dict[str, Any]]:
    """Give all parameters of a call; a description of the view goes before the general one."""
    own = {(one.where, one.name): one for one in described.parameters}
    in_path = [own.pop(("path", name), _path_variable(name)) for name in variables(path)]
    return [_parameter(one) for one in (*in_path, *own.values(), REQUEST_ID)]


def _path_variable(name: str) -> Parameter:
    return PATH_VARIABLES.get(name, Parameter(name, "path", {"type": "string", "pattern": SEGMENT}))


def _parameter(one: Parameter) -> dict[str, Any]:
    document: dict[str, Any] = {"name": one.name, "in": one.where, "schema": dict(one.schema)}
    if one.where == "path" or one.required:
        document["required"] = True
    return {**document, "description": one.help} if one.help else document
