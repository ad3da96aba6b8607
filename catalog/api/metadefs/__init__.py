"""Routes on metadata definitions.

Owns the joining of the groups of routes and what is checked for all of them. Must never hold a rule.
"""

from __future__ import annotations

from flask import Blueprint, request

from catalog.api.metadefs import namespaces, objects, properties, resource_types, schemas, tags
from catalog.errors import Invalid
from catalog.service.metadefs.services import Metadefs
from catalog.settings import Settings


def blueprint(metadefs: Metadefs, settings: Settings) -> Blueprint:
    """Make the routes."""
    routes = Blueprint("metadefs", __name__)
    routes.before_request(_check_names)
    namespaces.add_routes(routes, metadefs.namespaces, settings)
    objects.add_routes(routes, metadefs.objects)
    properties.add_routes(routes, metadefs.properties)
    tags.add_list_routes(routes, metadefs.tags)
    tags.add_routes(routes, metadefs.tags)
    resource_types.add_routes(routes, metadefs.namespaces, metadefs.associations)
    schemas.add_routes(routes)
    return routes


def _check_names() -> None:
    """Refuse names in the path that no definition may have."""
    for name in (request.view_args or {}).values():
        if any(ord(character) > 0xFFFF for character in name):
            raise Invalid("Characters outside the Basic Multilingual Plane (4-byte UTF-8) are not supported.")
