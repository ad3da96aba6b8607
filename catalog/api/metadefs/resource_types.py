"""Routes on resource types and their associations with metadata namespaces.

Owns the step from HTTP to a service call and back. Must never hold a rule of its own.
"""

from __future__ import annotations

from flask import Blueprint, Response

from catalog.api.bodies import read_json, without_body
from catalog.api.http import caller, empty_answer, json_answer
from catalog.api.metadefs.described import GROUP, NAMESPACE, errors
from catalog.api.operation import JSON, operation
from catalog.schemas import metadefs_bodies as bodies
from catalog.service.metadefs.contents import Associations
from catalog.service.metadefs.model import Item
from catalog.service.metadefs.namespaces import Namespaces
from catalog.service.metadefs.views import timed_view

_ASSOCIATIONS = f"{NAMESPACE}/resource_types"


def add_routes(routes: Blueprint, namespaces: Namespaces, associations: Associations) -> None:
    """Add the routes."""

    @routes.get("/v2/metadefs/resource_types")
    @operation("List all resource types", GROUP, "list_metadef_resource_types",
               {200: "metadef_resource_types", **errors(400, 403)})  # fmt: skip
    @without_body
    def list_resource_types() -> Response:
        types = namespaces.resource_types(caller())
        return json_answer({"resource_types": [timed_view(Item(name, *times)) for name, times in types.items()]})

    @routes.get(_ASSOCIATIONS)
    @operation("List the resource types of a metadata namespace", GROUP,
               "list_metadef_resource_types, get_metadef_resource_type",
               {200: "metadef_associations", **errors(400, 403, 404)})  # fmt: skip
    @without_body
    def list_associations(namespace: str) -> Response:
        found = associations.list(caller(), namespace)
        return json_answer({"resource_type_associations": [timed_view(item) for item in found]})

    @routes.post(_ASSOCIATIONS)
    @operation("Associate a metadata namespace with a resource type", GROUP, "add_metadef_resource_type_association",
               {201: "metadef_association", **errors(400, 403, 404, 409)},
               {JSON: "metadef_association"})  # fmt: skip
    def add_association(namespace: str) -> Response:
        name, fields = bodies.named(bodies.ASSOCIATION.parse(read_json()))
        return json_answer(timed_view(associations.add(caller(), namespace, name, fields)), 201)

    @routes.delete(f"{_ASSOCIATIONS}/<name>")
    @operation("End the association with a resource type", GROUP, "remove_metadef_resource_type_association",
               {204: "", **errors(400, 403, 404)})  # fmt: skip
    @without_body
    def remove_association(namespace: str, name: str) -> Response:
        associations.remove(caller(), namespace, name)
        return empty_answer()
