"""The body of ``POST /v2/images/{id}/import``.

Owns which keys a client may send. Must never know which methods are enabled, or what the image is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import EXCLUDE, INCLUDE, Schema, ValidationError, fields

from catalog.errors import Invalid
from catalog.schemas.fields import StrictBoolean, Text


class ImportMethodSchema(Schema):
    """The method and what it needs; further keys are kept for the method to look at."""

    class Meta:
        """The method's own keys pass."""

        unknown = INCLUDE

    name = Text(required=True, metadata={"description": "glance-direct, web-download, glance-download or copy-image"})
    uri = fields.Raw(metadata={"type": "string", "description": "web-download: where the data are"})
    glance_region = fields.Raw(metadata={"type": "string", "description": "glance-download: the region of the image"})
    glance_image_id = fields.Raw(metadata={"type": "string", "description": "glance-download: the image's id there"})
    glance_service_interface = fields.Raw(
        metadata={"type": "string", "description": "glance-download: public (default), internal or admin"}
    )
    checksum = fields.Raw(metadata={"type": "string", "description": "MD5 that the data must have"})
    os_hash_algo = fields.Raw(metadata={"type": "string", "description": "md5, sha1, sha256 or sha512"})
    os_hash_value = fields.Raw(metadata={"type": "string", "description": "Hash that the data must have"})


class ImageImportSchema(Schema):
    """An import: which method, and into which stores."""

    class Meta:
        """Further keys are ignored, as the reference does."""

        unknown = EXCLUDE

    method = fields.Nested(ImportMethodSchema, required=True)
    stores = fields.List(Text(), metadata={"description": "Names of the stores to fill, in this order"})
    all_stores = StrictBoolean(load_default=False, metadata={"description": "Fill every store that takes data"})
    all_stores_must_succeed = StrictBoolean(
        load_default=True, metadata={"description": "If false, one store is enough for the image to become active"}
    )


def parse_import(body: Any) -> Mapping[str, Any]:
    """Check a body's form. Raises Invalid, naming the key."""
    try:
        loaded: Mapping[str, Any] = ImageImportSchema().load(body)
    except ValidationError as error:
        raise Invalid(f"The import request is not valid: {error.messages}"[:300]) from error
    return loaded
