"""A catalog in memory, and what tests say to it.

Owns the people, the client that speaks as one of them, and looks behind the scenes. Must never assert anything
beyond what every test rests on.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from werkzeug.test import TestResponse

import catalog
from backends.memory import MemoryStore
from backends.wrap.checked import CheckedStore
from catalog.app import EXTENSION, Catalog
from catalog.clock import Sources
from catalog.model import Image, Member, decode
from catalog.store.interface import ObjectStore
from catalog.store.keys import sidecar

ALICE = "alice:p1:member,reader"
BOB = "bob:p1:reader"
EVE = "eve:p2:member,reader"
EVAN = "evan:p2:reader"
ROOT = "root:p0:admin,member,reader"
NOBODY = "nobody:p1:"
MEMBER_ONLY = "mia:p1:member"

UNUSED = "11111111-2222-4333-8444-555555555555"
PATCH_21 = "application/openstack-images-v2.1-json-patch"
PATCH_20 = "application/openstack-images-v2.0-json-patch"
OCTETS = "application/octet-stream"
TEN = b"0123456789"

Wrap = Callable[[ObjectStore], ObjectStore]


class MovedClock:
    """A clock that stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def move(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class Api:
    """One catalog over a store in memory; every call speaks as ``who``."""

    def __init__(
        self,
        wrap: Wrap = lambda store: store,
        memory: ObjectStore | None = None,
        blobs: Mapping[str, ObjectStore] | None = None,
        clock: Any = None,
        sources: Sources | None = None,
        **settings: Any,
    ) -> None:
        """``memory`` is the home store: a fresh one in memory unless a test gives any other.

        ``blobs`` are further stores by name; one that is named http is the read-only web store.

        Unless a test says otherwise, the data of deleted images goes at once.
        """
        blobs = blobs or {}
        named = {name: f"file:/nowhere/{name}" for name in blobs if name != "http"}
        settings = {"stores": named, "web_store": "http" in blobs, **settings}
        self.clock = clock or MovedClock()
        self.memory = memory or MemoryStore(clock=self.clock)
        sources = replace(sources or Sources(sleep=lambda seconds: None), clock=self.clock)
        settings = {"auth": "headers", "deleted_retention": 0, "sweep_interval": 0, **settings}
        self.app = catalog.create_app(
            store=CheckedStore(wrap(self.memory)), sources=sources, blob_stores=blobs, **settings
        )
        self.client = self.app.test_client()

    @property
    def catalog(self) -> Catalog:
        found: Catalog = self.app.extensions[EXTENSION]
        return found

    def finish_tasks(self, seconds: float = 20) -> None:
        """Wait until no task runs any more."""
        assert self.catalog.services.tasks.runner.wait_idle(seconds), "tasks go on"

    def close(self) -> None:
        self.catalog.close()

    def call(self, method: str, path: str, who: str | None = ALICE, **options: Any) -> TestResponse:
        headers = dict(options.pop("headers", {}))
        if who is not None:
            headers["X-Auth-Token"] = who
        return self.client.open(path, method=method, headers=headers, **options)

    def get(self, path: str, who: str | None = ALICE, **options: Any) -> TestResponse:
        return self.call("GET", path, who, **options)

    def post(self, body: Any, who: str | None = ALICE, **options: Any) -> TestResponse:
        """Ask for a new image; bytes and texts are sent as they are."""
        data = body if isinstance(body, bytes | str) else json.dumps(body)
        return self.call("POST", "/v2/images", who, data=data, **options)

    def patch(self, image_id: str, operations: Any, who: str = ALICE, kind: str = PATCH_21) -> TestResponse:
        data = operations if isinstance(operations, bytes | str) else json.dumps(operations)
        return self.call("PATCH", f"/v2/images/{image_id}", who, data=data, content_type=kind)

    def put_file(self, image_id: str, data: bytes = TEN, who: str = ALICE, **options: Any) -> TestResponse:
        options = {"content_type": OCTETS, "data": data, **options}
        return self.call("PUT", f"/v2/images/{image_id}/file", who, **options)

    def get_file(self, image_id: str, who: str = ALICE, **headers: str) -> TestResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.get(f"/v2/images/{image_id}/file", who, headers=named)

    def new(self, who: str = ALICE, **fields: Any) -> dict[str, Any]:
        """Give the view of a fresh image."""
        made = self.post(fields, who)
        assert made.status_code == 201, made.text
        view: dict[str, Any] = made.json
        return view

    def bare(self, who: str = ALICE, **fields: Any) -> str:
        """Give the id of a queued image that takes any bytes."""
        formats = {"disk_format": "raw", "container_format": "bare", **fields}
        return str(self.new(who, **formats)["id"])

    def active(self, data: bytes = TEN, who: str = ALICE, **fields: Any) -> str:
        """Give the id of an image with data."""
        image_id = self.bare(who, **fields)
        answer = self.put_file(image_id, data, who)
        assert answer.status_code == 204, answer.text
        return image_id

    def show(self, image_id: str, who: str = ROOT) -> dict[str, Any]:
        shown = self.get(f"/v2/images/{image_id}", who)
        assert shown.status_code == 200, shown.text
        view: dict[str, Any] = shown.json
        return view

    def record(self, image_id: str) -> Image:
        """Give the record as it lies in the store, tombstones too; no wrapper sees the look."""
        return decode(self.memory.get(sidecar(image_id)).read())

    def change(self, image_id: str, **fields: Any) -> None:
        """Change a record past all rules, as parts of the service that have no route yet would."""
        self.catalog.records.update(image_id, lambda image: replace(image, **fields))

    def share(self, image_id: str, project: str, status: str = "pending") -> None:
        self.change(image_id, members=(Member(project, status, self.clock(), self.clock()),))

    def blobs(self, image_id: str) -> list[str]:
        """Name all that is stored of an image beside its sidecar, parts of unfinished uploads included."""
        folder = f"images/{image_id.lower()}/"
        stored = [info.key for info in self.memory.list(folder) if not info.key.endswith("/image.json")]
        return stored + [pending.key for pending in self.memory.list_uploads(folder)]


def operation(op: str, name: str, value: Any = None, version: str = PATCH_21) -> dict[str, Any]:
    """Give one PATCH operation in the form of a media type."""
    made = {"op": op, "path": f"/{name}"} if version == PATCH_21 else {op: f"/{name}"}
    return made if op == "remove" else {**made, "value": value}
