"""The catalog that the grids are tried on, and what a call needs before it is made.

Owns making images and namespaces. Must never look at a grid's answers.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from catalog.clock import new_image_id
from catalog.model import Image, Location, Member
from catalog.store import keys
from catalog.store.interface import Create
from tests.api.matrix.grid import KINDS, Grid
from tests.api.support import ROOT, TEN, Api

NAMESPACES = "/v2/metadefs/namespaces"


class World:
    """A catalog with everything switched on."""

    def __init__(self, folder: Path) -> None:
        settings: dict[str, Any] = {
            "allow_anonymous_access": True,
            "stores": f"fast=file://{folder}/fast",
            "web_store": True,
            "allowed_hosts": "127.0.0.1",
            "allowed_ports": "1",  # nobody answers there
            "image_cache_dir": str(folder / "cache"),
        }
        self.api = Api(create_bucket=True, **settings)
        self._namespaces_are_new = False
        self._routes = self.api.app.url_map.bind("localhost")

    def route(self, grid: Grid) -> Rule | None:
        """Find the route that a grid is about; None where there is none for its method."""
        path = grid.path.format(id=new_image_id())
        allowed = self._routes.allowed_methods(path)
        return self._routes.match(path, grid.method, return_rule=True)[0] if grid.method in allowed else None

    def image(self, kind: str, status: str, stores: Sequence[str] = ("default",)) -> str:
        """Make an image of a kind; where it has data, each of the stores has it."""
        special = KINDS[kind]
        now, image_id = self.api.clock(), new_image_id()
        members = (Member("p2", special.member, now, now),) if special.member else ()
        image = Image(
            image_id, now, now, status=status, owner=special.owner, visibility=special.visibility, members=members,
            disk_format="raw", container_format="bare", tags=("old",),
        )  # fmt: skip
        image = replace(image, **special.fields)
        if status == "active":
            key = keys.blob(image_id, "1")
            places = tuple(Location(store, key) for store in stores)
            for place in places:
                entry = self.api.catalog.stores.find(place.store)
                assert entry is not None
                entry.store.put(key, TEN, Create())
            image = replace(image, size=len(TEN), locations=places, checksum="0" * 32)
        self.api.catalog.records.create(image)
        return image_id

    def staged(self, kind: str) -> str:
        """Make an image whose data is staged for import, where its kind allows it."""
        image_id = self.image(kind, "queued")
        path = f"/v2/images/{image_id}/stage"
        if KINDS[kind].fields.get("status") is None:
            answer = self.api.call("PUT", path, ROOT, data=TEN, content_type="application/octet-stream")
            assert answer.status_code == 204, answer.text
        return image_id

    def in_two_stores(self, kind: str) -> str:
        """Make an image that both stores have."""
        return self.image(kind, "active", ("default", "fast"))

    def namespaces(self) -> None:
        """Make the two namespaces anew, unless they are as they were made."""
        if self._namespaces_are_new:
            return
        for visibility in ("private", "public"):
            self.api.call("DELETE", f"{NAMESPACES}/{visibility}", ROOT)
            body = {
                "namespace": visibility,
                "visibility": visibility,
                "owner": "p1",
                "objects": [{"name": "o"}],
                "properties": {"p": {"title": "P", "type": "string"}},
                "tags": [{"name": "t"}],
                "resource_type_associations": [{"name": "r"}],
            }
            made = self.api.call("POST", NAMESPACES, ROOT, data=json.dumps(body))
            assert made.status_code == 201, made.text
        self._namespaces_are_new = True

    def call(self, grid: Grid, kind: str, token: str | None) -> TestResponse:
        """Make one call of a grid on a fresh image of a kind."""
        image_id = ""
        if kind:
            made = {"uploading": self.staged, "in two stores": self.in_two_stores}.get(grid.status)
            image_id = made(kind) if made else self.image(kind, grid.status)
        elif grid.path.startswith(NAMESPACES):
            self.namespaces()
        answer = self.api.call(grid.method, grid.path.format(id=image_id), token, **grid.options)
        if grid.method != "GET" and answer.status_code < 300:
            self._namespaces_are_new = False
        return answer
