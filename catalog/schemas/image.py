"""The fields of an image as clients send and see them.

Owns types, limits and descriptions: the one source of validation and of ``/v2/schemas/image``. Must never know
who may set a field.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from marshmallow import fields, validate

from catalog.schemas.fields import MAX_INTEGER, StrictBoolean, StrictInteger, Text
from catalog.settings import Settings

UUID_PATTERN = "^([0-9a-fA-F]){8}-([0-9a-fA-F]){4}-([0-9a-fA-F]){4}-([0-9a-fA-F]){4}-([0-9a-fA-F]){12}$"
STATUSES = (
    "queued", "saving", "active", "killed", "deleted", "uploading", "importing", "pending_delete", "deactivated",
)  # fmt: skip
VISIBILITIES = ("community", "public", "private", "shared")

MAX_NAME = 255
"""Characters of an additional property's name."""

WRITABLE = frozenset(
    {
        "name", "visibility", "protected", "os_hidden", "owner", "container_format", "disk_format", "min_disk",
        "min_ram", "tags",
    }
)  # fmt: skip
"""Base fields that a client may change; ``id`` can be given on create alone."""

READ_ONLY = frozenset(
    {
        "created_at", "updated_at", "status", "checksum", "size", "virtual_size", "direct_url", "self", "file",
        "schema", "id", "os_hash_algo", "os_hash_value", "stores",
    }
)  # fmt: skip
"""Base fields that no client changes."""

RESERVED = frozenset({"location", "deleted", "deleted_at"})
RESERVED_PREFIX = "os_glance"


def is_reserved(name: str) -> bool:
    """Tell whether an additional property's name belongs to the service."""
    return name in RESERVED or name.startswith(RESERVED_PREFIX)


def _text(limit: int, description: str, null: bool = False, **metadata: Any) -> Text:
    length = validate.Length(max=limit)
    return Text(allow_none=null, validate=length, metadata={"description": description, **metadata})


def _choice(values: Sequence[str], description: str, null: bool = False, **metadata: Any) -> Text:
    one_of = validate.OneOf(values)
    return Text(allow_none=null, validate=one_of, metadata={"description": description, **metadata})


def _integer(description: str) -> StrictInteger:
    return StrictInteger(validate=validate.Range(0, MAX_INTEGER), metadata={"description": description})


def _shown_integer(description: str) -> StrictInteger:
    return StrictInteger(allow_none=True, metadata={"description": description, "readOnly": True})


def _link(description: str) -> Text:
    return Text(metadata={"description": description, "readOnly": True})


def image_fields(settings: Settings) -> Mapping[str, fields.Field[Any]]:
    """Give the base fields by name, in the order of the schema document."""
    return {
        "id": Text(
            validate=validate.Regexp(UUID_PATTERN.replace("$", r"\Z")),  # $ allows a line feed behind
            metadata={"description": "An identifier for the image", "pattern": UUID_PATTERN},
        ),
        "name": _text(255, "Descriptive name for the image", null=True),
        "status": _choice(STATUSES, "Status of the image", readOnly=True),
        "visibility": _choice(VISIBILITIES, "Scope of image accessibility"),
        "protected": StrictBoolean(metadata={"description": "If true, image will not be deletable."}),
        "os_hidden": StrictBoolean(
            metadata={"description": "If true, image will not appear in default image list response."}
        ),
        "checksum": _text(32, "MD5 hash of image contents.", null=True, readOnly=True),
        "os_hash_algo": _text(64, "Algorithm to calculate the os_hash_value", null=True, readOnly=True),
        "os_hash_value": _text(128, "Hexdigest of the image contents", null=True, readOnly=True),
        "owner": _text(255, "Owner of the image", null=True),
        "size": _shown_integer("Size of image file in bytes"),
        "virtual_size": _shown_integer("Virtual size of image in bytes"),
        "container_format": _choice(settings.container_formats, "Format of the container", null=True),
        "disk_format": _choice(settings.disk_formats, "Format of the disk", null=True),
        "created_at": _link("Date and time of image registration"),
        "updated_at": _link("Date and time of the last image modification"),
        "tags": fields.List(
            _text(255, "A tag"), metadata={"description": "List of strings related to the image"}
        ),
        "direct_url": _link("URL to access the image file kept in external store"),
        "min_ram": _integer("Amount of ram (in MB) required to boot image."),
        "min_disk": _integer("Amount of disk space (in GB) required to boot image."),
        "self": _link("An image self url"),
        "file": _link("An image file url"),
        "stores": _link("Store in which image data resides."),
        "schema": _link("An image schema url"),
    }  # fmt: skip
