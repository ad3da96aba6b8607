"""Routes on the tags of a metadata namespace.

Owns the step from HTTP to a service call and back. Must never hold a rule of its own.
"""

from __future__ import annotations

from flask import Blueprint, Response, request

from catalog.api.bodies import read_json, without_body
from catalog.api.http import caller, empty_answer, json_answer
from catalog.api.images import query_pairs
from catalog.api.metadefs.described import GROUP, LIMIT, MARKER, NAMESPACE, SORT_DIR, errors, sort_key
from catalog.api.operation import JSON, Parameter, operation
from catalog.schemas import metadefs_bodies as bodies
from catalog.schemas.metadefs_query import TAG_SORT_KEYS, parse_tag_query
from catalog.service.metadefs.contents import Tags
from catalog.service.metadefs.views import timed_view

_TAGS = f"{NAMESPACE}/tags"
_TAG = f"{_TAGS}/<name>"
_APPEND = "X-Openstack-Append"
_TRUE = frozenset({"1", "t", "true", "on", "y", "yes"})
_APPENDING = Parameter(_APPEND, "header", help="`true` adds to the tags that are there already.")


def add_list_routes(routes: Blueprint, tags: Tags) -> None:
    """Add the routes on all tags at once."""

    @routes.get(_TAGS)
    @operation("List the tags of a metadata namespace", GROUP, "get_metadef_tags",
               {200: "metadef_tags", **errors(400, 403, 404)},
               parameters=(LIMIT, MARKER, sort_key(TAG_SORT_KEYS), SORT_DIR))  # fmt: skip
    def list_tags(namespace: str) -> Response:
        found = tags.page(caller(), namespace, parse_tag_query(query_pairs()))
        return json_answer({"tags": [{"name": item.name} for item in found]})

    @routes.post(_TAGS)
    @operation("Replace the tags of a metadata namespace, or add some", GROUP, "add_metadef_tags",
               {201: "metadef_tags", **errors(400, 403, 404, 409)}, {JSON: "metadef_tags"},
               (_APPENDING,))  # fmt: skip
    def put_tags(namespace: str) -> Response:
        body = bodies.TAGS.parse(read_json())
        append = request.headers.get(_APPEND, "").strip().lower() in _TRUE
        tags.put(caller(), namespace, [tag["name"] for tag in body["tags"]], append)
        return json_answer(body, 201)

    @routes.delete(_TAGS)
    @operation("Delete all tags of a metadata namespace", GROUP, "delete_metadef_namespace, delete_metadef_tags",
               {204: "", **errors(403, 404)})  # fmt: skip
    def delete_tags(namespace: str) -> Response:
        tags.remove_all(caller(), namespace)
        return empty_answer()


def add_routes(routes: Blueprint, tags: Tags) -> None:
    """Add the routes on one tag."""

    @routes.get(_TAG)
    @operation("Show a tag of a metadata namespace", GROUP, "get_metadef_tag",
               {200: "metadef_tag", **errors(400, 403, 404)})  # fmt: skip
    @without_body
    def show_tag(namespace: str, name: str) -> Response:
        return json_answer(timed_view(tags.show(caller(), namespace, name)))

    @routes.post(_TAG)
    @operation("Add a tag to a metadata namespace", GROUP, "add_metadef_tag",
               {201: "metadef_tag", **errors(400, 403, 404, 409)})  # fmt: skip
    @without_body
    def add_tag(namespace: str, name: str) -> Response:
        body = bodies.TAG.parse({"name": name})
        return json_answer(timed_view(tags.add(caller(), namespace, body["name"], {})), 201)

    @routes.put(_TAG)
    @operation("Rename a tag of a metadata namespace", GROUP, "modify_metadef_tag",
               {200: "metadef_tag", **errors(400, 403, 404, 409)}, {JSON: "metadef_tag"})  # fmt: skip
    def rename_tag(namespace: str, name: str) -> Response:
        body = bodies.TAG.parse(read_json())
        return json_answer(timed_view(tags.replace(caller(), namespace, name, body["name"], {})))

    @routes.delete(_TAG)
    @operation("Delete a tag of a metadata namespace", GROUP, "delete_metadef_tag",
               {204: "", **errors(400, 403, 404)})  # fmt: skip
    @without_body
    def delete_tag(namespace: str, name: str) -> Response:
        tags.remove(caller(), namespace, name)
        return empty_answer()
