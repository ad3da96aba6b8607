"""Routes on the members of an image.

Owns the step from HTTP to a service call and back. Must never hold a rule of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response

from catalog.api.bodies import read_json, without_body
from catalog.api.http import caller, empty_answer, json_answer
from catalog.api.operation import JSON, operation
from catalog.model import Member
from catalog.schemas.member import parse_member_status, parse_new_member
from catalog.service.members import Members
from catalog.service.representation import api_time

GROUP = "Sharing"
_MEMBERS = "/v2/images/<image_id>/members"
_MEMBER = f"{_MEMBERS}/<member_id>"


def _errors(*statuses: int) -> Mapping[int, str]:
    return dict.fromkeys(statuses, "error")


def blueprint(members: Members) -> Blueprint:
    """Make the routes."""
    routes = Blueprint("members", __name__)
    _add_offers(routes, members)
    _add_entries(routes, members)
    return routes


def _add_offers(routes: Blueprint, members: Members) -> None:
    @routes.get(_MEMBERS)
    @operation("List the members of an image", GROUP, "get_members", {200: "members", **_errors(400, 403, 404)})
    @without_body
    def list_members(image_id: str) -> Response:
        found = [_view(image_id, member) for member in members.list(caller(), image_id)]
        return json_answer({"members": found, "schema": "/v2/schemas/members"})

    @routes.post(_MEMBERS)
    @operation("Share an image with a project", GROUP, "add_member",
               {200: "member", **_errors(400, 403, 404, 409, 413)}, {JSON: "new_member"})  # fmt: skip
    def add_member(image_id: str) -> Response:
        project = parse_new_member(read_json())
        return json_answer(_view(image_id, members.add(caller(), image_id, project)))


def _add_entries(routes: Blueprint, members: Members) -> None:
    @routes.get(_MEMBER)
    @operation("Show a member of an image", GROUP, "get_member", {200: "member", **_errors(400, 404)})
    @without_body
    def show_member(image_id: str, member_id: str) -> Response:
        return json_answer(_view(image_id, members.show(caller(), image_id, member_id)))

    @routes.put(_MEMBER)
    @operation("Accept or reject a shared image", GROUP, "modify_member",
               {200: "member", **_errors(400, 403, 404)}, {JSON: "member_status"})  # fmt: skip
    def set_member_status(image_id: str, member_id: str) -> Response:
        status = parse_member_status(read_json())
        return json_answer(_view(image_id, members.set_status(caller(), image_id, member_id, status)))

    @routes.delete(_MEMBER)
    @operation("Stop sharing an image with a project", GROUP, "delete_member", {204: "", **_errors(400, 403, 404)})
    @without_body
    def remove_member(image_id: str, member_id: str) -> Response:
        members.remove(caller(), image_id, member_id)
        return empty_answer()


def _view(image_id: str, member: Member) -> dict[str, Any]:
    return {
        "member_id": member.member_id,
        "image_id": image_id,
        "status": member.status,
        "created_at": api_time(member.created_at),
        "updated_at": api_time(member.updated_at),
        "schema": "/v2/schemas/member",
    }
