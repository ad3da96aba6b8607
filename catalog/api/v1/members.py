"""Routes on members in the Image API v1.

Owns the step from HTTP to a service call and back. Must never hold a rule of its own.
"""

from __future__ import annotations

from flask import Blueprint, Response

from catalog.api.bodies import RequestBody, read_json
from catalog.api.http import caller, empty_answer, json_answer
from catalog.api.operation import JSON, operation
from catalog.api.v1.answers import GROUP, errors
from catalog.schemas.v1_bodies import check_project, parse_member, parse_memberships
from catalog.service.v1.members import V1Members

_MEMBERS = "/v1/images/<image_id>/members"
_MEMBER = f"{_MEMBERS}/<member_id>"


def blueprint(members: V1Members) -> Blueprint:
    """Make the routes."""
    routes = Blueprint("v1_members", __name__)
    _add_image_members(routes, members)

    @routes.get("/v1/shared-images/<project>")
    @operation("List what is shared with a project", GROUP, "get_images", {200: "v1_shared_images", **errors(403)})
    def list_shared(project: str) -> Response:
        found = members.shared_with(caller(), project)
        return json_answer({"shared_images": [{"image_id": key, "can_share": can_share} for key, can_share in found]})

    return routes


def _add_image_members(routes: Blueprint, members: V1Members) -> None:
    @routes.get(_MEMBERS)
    @operation("List the members of an image", GROUP, "get_image", {200: "v1_members", **errors(404)})
    def list_members(image_id: str) -> Response:
        found = members.list_of(caller(), image_id)
        return json_answer({"members": [{"member_id": one.member_id, "can_share": one.can_share} for one in found]})

    @routes.put(_MEMBERS)
    @operation("Replace all members of an image", GROUP, "add_member, delete_member",
               {204: "", **errors(400, 403, 404, 413)}, {JSON: "v1_memberships"})  # fmt: skip
    def replace_members(image_id: str) -> Response:
        members.replace_all(caller(), image_id, parse_memberships(read_json()))
        return empty_answer()

    @routes.put(_MEMBER)
    @operation("Share an image with a project", GROUP, "add_member", {204: "", **errors(400, 403, 404, 413)},
               {JSON: "v1_new_member"}, body_required=False)  # fmt: skip
    def add_member(image_id: str, member_id: str) -> Response:
        body = RequestBody()
        can_share = parse_member(read_json()) if body.chunked or body.length else None
        members.add(caller(), image_id, check_project(member_id), can_share)
        return empty_answer()

    @routes.delete(_MEMBER)
    @operation("Stop sharing an image with a project", GROUP, "delete_member", {204: "", **errors(403, 404)})
    def remove_member(image_id: str, member_id: str) -> Response:
        members.remove(caller(), image_id, member_id)
        return empty_answer()
