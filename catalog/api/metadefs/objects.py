"""Routes on the objects of a metadata namespace.

Owns the step from HTTP to a service call and back. Must never hold a rule of its own.
"""

from __future__ import annotations

from flask import Blueprint, Response

from catalog.api.bodies import read_json, without_body
from catalog.api.http import caller, empty_answer, json_answer
from catalog.api.images import query_pairs
from catalog.api.metadefs.described import GROUP, NAMESPACE, errors
from catalog.api.operation import JSON, operation
from catalog.schemas import metadefs_bodies as bodies
from catalog.schemas.metadefs_query import check_object_query
from catalog.service.metadefs.contents import Contents
from catalog.service.metadefs.views import new_object_view, object_view

_OBJECTS = f"{NAMESPACE}/objects"
_OBJECT = f"{_OBJECTS}/<name>"


def add_routes(routes: Blueprint, objects: Contents) -> None:
    """Add the routes."""
    _add_all(routes, objects)
    _add_one(routes, objects)


def _add_all(routes: Blueprint, objects: Contents) -> None:
    @routes.get(_OBJECTS)
    @operation("List the objects of a metadata namespace", GROUP, "get_metadef_objects",
               {200: "metadef_objects", **errors(400, 403, 404)})  # fmt: skip
    def list_objects(namespace: str) -> Response:
        check_object_query(query_pairs())
        shown = [object_view(namespace, item) for item in objects.list(caller(), namespace)]
        return json_answer({"objects": shown, "schema": "v2/schemas/metadefs/objects"})

    @routes.post(_OBJECTS)
    @operation("Add an object to a metadata namespace", GROUP, "add_metadef_object",
               {201: "metadef_object", **errors(400, 403, 404, 409)}, {JSON: "metadef_object"})  # fmt: skip
    def add_object(namespace: str) -> Response:
        name, fields = bodies.named(bodies.OBJECT.parse(read_json()))
        return json_answer(new_object_view(namespace, objects.add(caller(), namespace, name, fields)), 201)

    @routes.delete(_OBJECTS)
    @operation("Delete all objects of a metadata namespace", GROUP, "delete_metadef_namespace",
               {204: "", **errors(403, 404)})  # fmt: skip
    def delete_objects(namespace: str) -> Response:
        objects.remove_all(caller(), namespace)
        return empty_answer()


def _add_one(routes: Blueprint, objects: Contents) -> None:
    @routes.get(_OBJECT)
    @operation("Show an object of a metadata namespace", GROUP, "get_metadef_object",
               {200: "metadef_object", **errors(400, 403, 404)})  # fmt: skip
    @without_body
    def show_object(namespace: str, name: str) -> Response:
        return json_answer(object_view(namespace, objects.show(caller(), namespace, name)))

    @routes.put(_OBJECT)
    @operation("Replace an object of a metadata namespace", GROUP, "modify_metadef_object",
               {200: "metadef_object", **errors(400, 403, 404, 409)}, {JSON: "metadef_object"})  # fmt: skip
    def update_object(namespace: str, name: str) -> Response:
        new_name, fields = bodies.named(bodies.OBJECT.parse(read_json()))
        return json_answer(object_view(namespace, objects.replace(caller(), namespace, name, new_name, fields)))

    @routes.delete(_OBJECT)
    @operation("Delete an object of a metadata namespace", GROUP, "delete_metadef_object",
               {204: "", **errors(400, 403, 404)})  # fmt: skip
    @without_body
    def delete_object(namespace: str, name: str) -> Response:
        objects.remove(caller(), namespace, name)
        return empty_answer()
