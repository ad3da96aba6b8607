"""Tasks as clients send and see them.

Owns names, types and order of the fields: the one source of ``/v2/schemas/task`` and ``tasks``. Must never know who
may see a task.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

from catalog.errors import Invalid
from catalog.schemas.fields import Text
from catalog.schemas.image import UUID_PATTERN
from catalog.schemas.json_schema import field_schema

TYPES = ("import", "api_image_import", "location_import")
STATUSES = ("pending", "processing", "success", "failure")
_NULL = {"type": ["null", "object"]}


class TaskStubSchema(Schema):
    """One task in a list."""

    id = Text(metadata={"description": "An identifier for the task", "pattern": UUID_PATTERN})
    type = Text(validate=validate.OneOf(TYPES), metadata={"description": "The type of task"})
    status = Text(validate=validate.OneOf(STATUSES), metadata={"description": "The current status of this task"})
    owner = Text(
        allow_none=True, metadata={"type": "string", "description": "An identifier for the owner of this task"}
    )
    image_id = Text(metadata={"description": "Image associated with the task"})
    request_id = Text(metadata={"description": "Human-readable informative request-id"})
    user_id = Text(metadata={"description": "User associated with the task"})
    expires_at = Text(allow_none=True, metadata={"description": "Datetime when this resource would be removed"})
    created_at = Text(metadata={"description": "Datetime when this resource was created"})
    updated_at = Text(metadata={"description": "Datetime when this resource was updated"})
    self = Text(metadata={"readOnly": True})
    schema = Text(metadata={"readOnly": True})


class TaskSchema(TaskStubSchema):
    """One task."""

    input = fields.Dict(allow_none=True, metadata={"description": "The parameters required by the task"})
    result = fields.Dict(allow_none=True, metadata={"description": "The result of current task"})
    message = Text(metadata={"description": "Human-readable informative message, only set on failure or success"})


class TaskListSchema(Schema):
    """One page of a list of tasks."""

    tasks = fields.List(fields.Nested(TaskStubSchema), required=True)
    first = Text(required=True)
    next = Text()
    schema = Text(required=True)


class ImageTaskSchema(TaskStubSchema):
    """One task of an image; times have microseconds and no zone."""

    class Meta:
        """No links."""

        exclude = ("self", "schema")

    input = fields.Dict(allow_none=True)
    result = fields.Dict(allow_none=True)
    message = Text()
    deleted = fields.Boolean()
    deleted_at = Text(allow_none=True)


class ImageTaskListSchema(Schema):
    """All tasks of an image that the caller may know of."""

    tasks = fields.List(fields.Nested(ImageTaskSchema), required=True)


class NewTaskSchema(Schema):
    """The body of ``POST /v2/tasks``."""

    class Meta:
        """Further keys are ignored, as the reference does."""

        unknown = EXCLUDE

    type = Text(required=True, validate=validate.OneOf(TYPES), metadata={"description": "import is carried out"})
    input = fields.Dict(
        required=True, metadata={"description": "import_from, import_from_format and image_properties"}
    )


def parse_new_task(body: Any) -> Mapping[str, Any]:
    """Check a body's form. Raises Invalid, naming the key."""
    try:
        loaded: Mapping[str, Any] = NewTaskSchema().load(body)
    except ValidationError as error:
        raise Invalid(f"Provided object does not match schema 'task': {error.messages}"[:300]) from error
    return loaded


_ORDER = (
    "id", "type", "status", "input", "result", "owner", "message", "image_id", "request_id", "user_id", "expires_at",
    "created_at", "updated_at", "self", "schema",
)  # fmt: skip


def _properties(names: tuple[str, ...]) -> dict[str, Any]:
    found = TaskSchema().fields
    made: dict[str, Any] = {}
    for name in names:
        field = found[name]
        is_object = isinstance(field, fields.Dict)
        made[name] = {**field.metadata, **_NULL} if is_object else {**field_schema(field), **field.metadata}
    return made


def task_document() -> dict[str, Any]:
    """Give the schema document of one task (Image API v2, "Show task schema")."""
    return {"name": "task", "properties": _properties(_ORDER)}


def tasks_document() -> dict[str, Any]:
    """Give the schema document of a list of tasks (Image API v2, "Show tasks schema")."""
    stub = {"name": "task", "properties": _properties(tuple(n for n in _ORDER if n in TaskStubSchema().fields))}
    return {
        "name": "tasks",
        "properties": {"tasks": {"type": "array", "items": stub}, "schema": {"type": "string"}},
        "links": [{"rel": "describedby", "href": "{schema}"}],
    }


def bare_time(moment: datetime | None) -> str | None:
    """Write a time as the tasks of an image have it: microseconds, and no zone."""
    return None if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")
