"""The JSON bodies of the Image API v1, given and taken.

Owns their fields. Metadata of images are in headers: see ``catalog.schemas.v1``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import INCLUDE, Schema, ValidationError, fields, validate

from catalog.errors import Invalid
from catalog.schemas.fields import StrictBoolean, Text

_MAX_PROJECT = 255


def _shown(kind: type[fields.Field[Any]], null: bool = True) -> fields.Field[Any]:
    return kind(allow_none=null, required=True, metadata={"readOnly": True})


class V1SummarySchema(Schema):
    """An image in the short list."""

    id = _shown(fields.String, null=False)
    name = _shown(fields.String)
    size = _shown(fields.Integer, null=False)
    disk_format = _shown(fields.String)
    container_format = _shown(fields.String)
    checksum = _shown(fields.String)


class V1ImageSchema(V1SummarySchema):
    """An image with all that the Image API v1 shows of it."""

    status = _shown(fields.String, null=False)
    virtual_size = _shown(fields.Integer)
    min_disk = _shown(fields.Integer, null=False)
    min_ram = _shown(fields.Integer, null=False)
    is_public = _shown(fields.Boolean, null=False)
    owner = _shown(fields.String)
    protected = _shown(fields.Boolean, null=False)
    deleted = _shown(fields.Boolean, null=False)
    created_at = _shown(fields.String, null=False)
    updated_at = _shown(fields.String, null=False)
    deleted_at = _shown(fields.String)
    properties = fields.Dict(fields.String(), fields.String(allow_none=True), required=True)


class V1ImageAnswerSchema(Schema):
    """The answer of create and update."""

    image = fields.Nested(V1ImageSchema, required=True)


class V1SummaryListSchema(Schema):
    """The short list."""

    images = fields.List(fields.Nested(V1SummarySchema), required=True)


class V1ImageListSchema(Schema):
    """The detailed list."""

    images = fields.List(fields.Nested(V1ImageSchema), required=True)


class V1SharedImageSchema(Schema):
    """An image that is shared with a project."""

    image_id = _shown(fields.String, null=False)
    can_share = _shown(fields.Boolean, null=False)


class V1SharedImageListSchema(Schema):
    """What is shared with a project."""

    shared_images = fields.List(fields.Nested(V1SharedImageSchema), required=True)


class V1MemberSchema(Schema):
    """A project that an image is shared with."""

    class Meta:
        """Further keys are ignored."""

        unknown = INCLUDE

    member_id = Text(required=True, validate=validate.Length(1, _MAX_PROJECT))
    can_share = StrictBoolean(metadata={"description": "Whether the project can share the image with others"})


class V1MemberListSchema(Schema):
    """The members of an image."""

    members = fields.List(fields.Nested(V1MemberSchema), required=True)


class V1MembershipListSchema(Schema):
    """All members that an image is to have."""

    memberships = fields.List(fields.Nested(V1MemberSchema), required=True)


class V1CanShareSchema(Schema):
    """What a member may do."""

    class Meta:
        """Further keys are ignored."""

        unknown = INCLUDE

    can_share = StrictBoolean()


class V1NewMemberSchema(Schema):
    """A new or changed member, named in the path."""

    member = fields.Nested(V1CanShareSchema, required=True)


def parse_memberships(body: Any) -> dict[str, bool]:
    """Give project -> whether it can share; the last one counts of those named twice. Raises Invalid."""
    found = _load(V1MembershipListSchema(), body)
    return {one["member_id"]: one.get("can_share", False) for one in found["memberships"]}


def parse_member(body: Any) -> bool | None:
    """Give whether the member can share, None where the body does not say. Raises Invalid."""
    can_share: bool | None = _load(V1NewMemberSchema(), body)["member"].get("can_share")
    return can_share


def check_project(project: str) -> str:
    """Give the id of a project back. Raises Invalid."""
    _load(V1MemberSchema(), {"member_id": project})
    return project


def _load(schema: Schema, body: Any) -> Mapping[str, Any]:
    if not isinstance(body, dict):
        raise Invalid("The body must be a JSON object")
    try:
        found: Mapping[str, Any] = schema.load(body, unknown=INCLUDE)
    except ValidationError as error:
        raise Invalid(f"The body is not valid: {error.messages}"[:300]) from error
    return found
