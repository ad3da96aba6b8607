"""JSON Schemas of bodies that begin an import, where one part decides what another may be.

Owns their description for the OpenAPI document. Must never check a value: ``catalog.schemas.imports``, ``tasks`` and
``location`` do.
"""

from __future__ import annotations

from typing import Any

from catalog.schemas.image_bodies import BASIC_PLANE
from catalog.schemas.location import HASH_LENGTHS, MAX_URL
from catalog.settings import Settings

_TEXT = {"type": "string", "pattern": BASIC_PLANE}
_WEB_ADDRESS = r"^https?://[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]+)+(/[A-Za-z0-9._~/-]*)?$"


def image_import(settings: Settings) -> dict[str, Any]:
    """Give the body of ``POST /v2/images/{id}/import``; further keys are ignored."""
    hashes = {name: {"type": "string"} for name in ("checksum", "os_hash_algo", "os_hash_value")}
    other_region = {
        "glance_region": {"type": "string", "description": "glance-download: the region that has the image"},
        "glance_image_id": {"type": "string", "description": "glance-download: the image's id there"},
        "glance_service_interface": {
            "enum": ["public", "internal", "admin"],
            "description": "glance-download: which address of that region's image service",
        },
    }
    return {
        "type": "object",
        "required": ["method"],
        "properties": {
            "method": {
                "type": "object",
                "required": ["name"],
                "properties": {
                    "name": {"enum": list(settings.enabled_import_methods)},
                    "uri": {"type": "string", "description": "web-download: where the data are"},
                    **other_region,
                    **hashes,
                },
            },
            "stores": {"type": "array", "items": _TEXT, "description": "Names of the stores to fill, in this order"},
            "all_stores": {"type": "boolean", "description": "Fill every store that takes data"},
            "all_stores_must_succeed": {
                "type": "boolean",
                "description": "If false, one store is enough for the image to become active",
            },
        },
    }


def new_task() -> dict[str, Any]:
    """Give the body of ``POST /v2/tasks``; what is wrong with the rest of the input fails the task."""
    address = {"type": ["string", "null"], "pattern": _WEB_ADDRESS}
    return {
        "type": "object",
        "required": ["type", "input"],
        "properties": {
            "type": {"const": "import"},
            "input": {
                "type": "object",
                "properties": {
                    "import_from": address,
                    "import_from_format": {},
                    "image_properties": {},
                },
            },
        },
    }


def new_location() -> dict[str, Any]:
    """Give the body of ``POST /v2/images/{id}/locations``; further keys are ignored."""
    asked = [
        {
            "type": "object",
            "required": ["os_hash_algo", "os_hash_value"],
            "properties": {
                "os_hash_algo": {"const": algorithm},
                "os_hash_value": {"type": "string", "pattern": f"^[0-9a-fA-F]{{{length}}}$"},
            },
            "additionalProperties": False,
        }
        for algorithm, length in HASH_LENGTHS.items()
    ]
    nothing = {"type": "object", "additionalProperties": False}
    return {
        "type": "object",
        "required": ["url"],
        "properties": {
            "url": {"type": "string", "pattern": _WEB_ADDRESS, "maxLength": MAX_URL},
            "validation_data": {"anyOf": [*asked, nothing]},
        },
    }
