"""Routes on the properties of a metadata namespace.

Owns the step from HTTP to a service call and back. Must never hold a rule of its own.
"""

from __future__ import annotations

from flask import Blueprint, Response, request

from catalog.api.bodies import read_json, without_body
from catalog.api.http import caller, empty_answer, json_answer
from catalog.api.metadefs.described import GROUP, NAMESPACE, RESOURCE_TYPE, errors
from catalog.api.operation import JSON, operation
from catalog.schemas import metadefs_bodies as bodies
from catalog.service.metadefs.contents import Properties
from catalog.service.metadefs.views import property_view

_PROPERTIES = f"{NAMESPACE}/properties"
_PROPERTY = f"{_PROPERTIES}/<name>"


def add_routes(routes: Blueprint, properties: Properties) -> None:
    """Add the routes."""
    _add_all(routes, properties)
    _add_one(routes, properties)


def _add_all(routes: Blueprint, properties: Properties) -> None:
    @routes.get(_PROPERTIES)
    @operation("List the properties of a metadata namespace", GROUP, "get_metadef_properties",
               {200: "metadef_properties", **errors(400, 403, 404)})  # fmt: skip
    @without_body
    def list_properties(namespace: str) -> Response:
        found = properties.list(caller(), namespace)
        return json_answer({"properties": {item.name: item.fields for item in found}})

    @routes.post(_PROPERTIES)
    @operation("Add a property to a metadata namespace", GROUP, "add_metadef_property",
               {201: "metadef_property", **errors(400, 403, 404, 409)}, {JSON: "metadef_property"})  # fmt: skip
    def add_property(namespace: str) -> Response:
        body = bodies.PROPERTY.parse(read_json())
        return json_answer(property_view(properties.add(caller(), namespace, body["name"], body)), 201)

    @routes.delete(_PROPERTIES)
    @operation("Delete all properties of a metadata namespace", GROUP, "delete_metadef_namespace",
               {204: "", **errors(403, 404)})  # fmt: skip
    def delete_properties(namespace: str) -> Response:
        properties.remove_all(caller(), namespace)
        return empty_answer()


def _add_one(routes: Blueprint, properties: Properties) -> None:
    @routes.get(_PROPERTY)
    @operation("Show a property of a metadata namespace", GROUP, "get_metadef_property, get_metadef_resource_type",
               {200: "metadef_property", **errors(400, 403, 404)}, parameters=(RESOURCE_TYPE,))  # fmt: skip
    def show_property(namespace: str, name: str) -> Response:
        resource_type = request.args.get("resource_type")
        if resource_type:
            return json_answer(property_view(properties.show_for(caller(), namespace, name, resource_type)))
        return json_answer(property_view(properties.show(caller(), namespace, name)))

    @routes.put(_PROPERTY)
    @operation("Replace a property of a metadata namespace", GROUP, "modify_metadef_property",
               {200: "metadef_property", **errors(400, 403, 404, 409)}, {JSON: "metadef_property"})  # fmt: skip
    def update_property(namespace: str, name: str) -> Response:
        body = bodies.PROPERTY.parse(read_json())
        return json_answer(property_view(properties.replace(caller(), namespace, name, body["name"], body)))

    @routes.delete(_PROPERTY)
    @operation("Delete a property of a metadata namespace", GROUP, "remove_metadef_property",
               {204: "", **errors(403, 404)})  # fmt: skip
    def delete_property(namespace: str, name: str) -> Response:
        properties.remove(caller(), namespace, name)
        return empty_answer()
