"""Members of images as clients send and see them.

Owns types, limits and descriptions: the one source of validation and of ``/v2/schemas/member`` and ``members``. Must
never know who may share or accept an image.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

from catalog.errors import Invalid
from catalog.schemas.fields import Text
from catalog.schemas.image import UUID_PATTERN
from catalog.schemas.json_schema import field_schema

MAX_MEMBER_ID = 255
"""Characters of a project's id, as those of an image's owner."""
STATUSES = ("pending", "accepted", "rejected")


class _ProjectId(Text):
    """Any text but the empty one; a number is taken as its digits."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        return super()._deserialize(str(value) if number else value, attr, data, **kwargs)


class NewMemberSchema(Schema):
    """The body of ``POST /v2/images/{id}/members``; nobody checks that the project exists."""

    class Meta:
        """Further keys are ignored, as the reference does."""

        unknown = EXCLUDE

    member = _ProjectId(
        required=True,
        validate=validate.Length(1, MAX_MEMBER_ID),
        metadata={"description": "The project to share the image with", "type": ["string", "number"]},
    )


class MemberStatusSchema(Schema):
    """The body of ``PUT /v2/images/{id}/members/{member}``."""

    class Meta:
        """Further keys are ignored, as the reference does."""

        unknown = EXCLUDE

    status = Text(
        required=True,
        validate=validate.OneOf(STATUSES),
        metadata={"description": "What the member makes of the offer"},
    )


class MemberSchema(Schema):
    """One member of an image."""

    member_id = Text(metadata={"description": "An identifier for the image member (tenantId)"})
    image_id = Text(metadata={"description": "An identifier for the image", "pattern": UUID_PATTERN})
    created_at = Text(metadata={"description": "Date and time of image member creation"})
    updated_at = Text(metadata={"description": "Date and time of last modification of image member"})
    status = Text(validate=validate.OneOf(STATUSES), metadata={"description": "The status of this image member"})
    schema = Text(metadata={"description": "A member schema url", "readOnly": True})


class MemberListSchema(Schema):
    """All members of an image that the caller may see."""

    members = fields.List(fields.Nested(MemberSchema))
    schema = Text()


def parse_new_member(body: Any) -> str:
    """Give the project that the image is to be shared with. Raises Invalid."""
    return str(_load(NewMemberSchema(), body)["member"])


def parse_member_status(body: Any) -> str:
    """Give the status that a member asks for. Raises Invalid."""
    return str(_load(MemberStatusSchema(), body)["status"])


def _load(schema: Schema, body: Any) -> Mapping[str, Any]:
    try:
        loaded: Mapping[str, Any] = schema.load(body)
    except ValidationError as error:
        raise Invalid(f"Provided object does not match schema 'member': {error}"[:300]) from error
    return loaded


def member_document() -> dict[str, Any]:
    """Give the schema document of one member (Image API v2, "Show image member schema")."""
    return {"name": "member", "properties": {name: field_schema(f) for name, f in MemberSchema().fields.items()}}


def members_document() -> dict[str, Any]:
    """Give the schema document of a list of members (Image API v2, "Show image members schema")."""
    return {
        "name": "members",
        "properties": {"members": {"type": "array", "items": member_document()}, "schema": {"type": "string"}},
        "links": [{"rel": "describedby", "href": "{schema}"}],
    }
