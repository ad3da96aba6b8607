"""Routes on metadata namespaces.

Owns the step from HTTP to a service call and back, and the links of a list. Must never hold a rule of its own.
"""

from __future__ import annotations

from urllib.parse import quote, urlencode

from flask import Blueprint, Response, request

from catalog.api.bodies import read_json, without_body
from catalog.api.http import base_url, caller, empty_answer, json_answer
from catalog.api.images import query_pairs
from catalog.api.metadefs.described import (
    GROUP,
    LIMIT,
    MARKER,
    NAMESPACE,
    NAMESPACES,
    RESOURCE_TYPE,
    SORT_DIR,
    VISIBILITY,
    errors,
    sort_key,
)
from catalog.api.operation import JSON, Parameter, operation
from catalog.schemas import metadefs_bodies as bodies
from catalog.schemas.metadefs_query import NAMESPACE_SORT_KEYS, Pairs, parse_namespace_query
from catalog.service.metadefs.namespaces import Namespaces
from catalog.service.metadefs.rules import SHOW_NAMESPACE
from catalog.service.metadefs.views import full_view, head_view, listed_view, namespace_path
from catalog.settings import Settings

_RESOURCE_TYPES = Parameter("resource_types", help="Only namespaces associated with one of these; commas between.")
_LIST = (LIMIT, MARKER, sort_key(NAMESPACE_SORT_KEYS), SORT_DIR, VISIBILITY, _RESOURCE_TYPES)
_PARTS = ("resource_type_associations", "properties", "objects", "tags")


def add_routes(routes: Blueprint, namespaces: Namespaces, settings: Settings) -> None:
    """Add the routes."""
    _add_all(routes, namespaces, settings)
    _add_one(routes, namespaces)


def _add_all(routes: Blueprint, namespaces: Namespaces, settings: Settings) -> None:
    @routes.get(NAMESPACES)
    @operation("List metadata namespaces", GROUP, "get_metadef_namespaces, list_metadef_resource_types",
               {200: "metadef_namespaces", **errors(400, 403, 404)}, parameters=_LIST)  # fmt: skip
    def list_namespaces() -> Response:
        pairs = query_pairs()
        query = parse_namespace_query(pairs, settings.limit_param_default, settings.api_limit_max)
        page = namespaces.page(caller(), query)
        kept = [pair for pair in pairs if pair[0] != "marker"]
        answer = {
            "namespaces": [listed_view(namespace) for namespace in page.entries],
            "first": _link(kept),
            "schema": "/v2/schemas/metadefs/namespaces",
        }
        if page.full:
            answer["next"] = _link([*kept, ("marker", page.entries[-1].name)])
        return json_answer(answer)

    @routes.post(NAMESPACES)
    @operation("Create a metadata namespace with all its parts", GROUP,
               "add_metadef_namespace, add_metadef_resource_type_association, add_metadef_object, "
               "add_metadef_property, add_metadef_tag",
               {201: "metadef_namespace", **errors(400, 403, 409)}, {JSON: "metadef_namespace"},
               headers={201: ("Location",)})  # fmt: skip
    def create_namespace() -> Response:
        body = bodies.NAMESPACE.parse(read_json())
        made = namespaces.create(caller(), body)
        answer = json_answer({**head_view(made), **{key: body[key] for key in _PARTS if body.get(key)}}, 201)
        answer.headers["Location"] = f"{base_url()}{namespace_path(made.name)}"
        return answer


def _add_one(routes: Blueprint, namespaces: Namespaces) -> None:
    @routes.get(NAMESPACE)
    @operation("Show a metadata namespace", GROUP, ", ".join(SHOW_NAMESPACE),
               {200: "metadef_namespace", **errors(400, 403, 404)}, parameters=(RESOURCE_TYPE,))  # fmt: skip
    @without_body
    def show_namespace(namespace: str) -> Response:
        found = namespaces.show(caller(), namespace)
        return json_answer(full_view(found, request.args.get("resource_type")))

    @routes.put(NAMESPACE)
    @operation("Replace what a metadata namespace says of itself", GROUP, "modify_metadef_namespace",
               {200: "metadef_namespace", **errors(400, 403, 404, 409)}, {JSON: "metadef_namespace"})  # fmt: skip
    def update_namespace(namespace: str) -> Response:
        body = bodies.NAMESPACE.parse(read_json())
        return json_answer(head_view(namespaces.replace(caller(), namespace, body)))

    @routes.delete(NAMESPACE)
    @operation("Delete a metadata namespace with all its parts", GROUP, "delete_metadef_namespace",
               {204: "", **errors(400, 403, 404)})  # fmt: skip
    @without_body
    def delete_namespace(namespace: str) -> Response:
        namespaces.delete(caller(), namespace)
        return empty_answer()


def _link(pairs: Pairs) -> str:
    return f"{NAMESPACES}?{urlencode(pairs, quote_via=quote, safe='')}" if pairs else NAMESPACES
