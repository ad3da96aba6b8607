"""Calls on members, as tests make them."""

from __future__ import annotations

import json
from typing import Any

from werkzeug.test import TestResponse

from tests.api.support import ALICE, EVE, Api


def ask(api: Api, method: str, image_id: str, rest: str = "", who: str = ALICE, body: Any = None) -> TestResponse:
    """Make a call below /members; a body that is not bytes is sent as JSON."""
    options = {} if body is None else {"data": body if isinstance(body, bytes) else json.dumps(body)}
    return api.call(method, f"/v2/images/{image_id}/members{rest}", who, **options)


def add(api: Api, image_id: str, project: Any, who: str = ALICE) -> TestResponse:
    return ask(api, "POST", image_id, who=who, body={"member": project})


def set_status(api: Api, image_id: str, status: Any, who: str = EVE, project: str = "p2") -> TestResponse:
    return ask(api, "PUT", image_id, f"/{project}", who, {"status": status})


def shared(api: Api, *projects: str, **fields: Any) -> str:
    """Give an image of ALICE that is offered to projects (p2 unless named)."""
    image_id = str(api.new(**fields)["id"])
    for project in projects or ("p2",):
        assert add(api, image_id, project).status_code == 200
    return image_id
