"""Two nodes over the same stores: one takes the data of an image, the other one sweeps meanwhile.

Owns the ways to send, and the time that passes. Must never assert.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from werkzeug.test import TestResponse

from backends.memory import MemoryStore
from tests.api.bodies import KIB, Body, pattern, send
from tests.api.conftest import MakeApi
from tests.api.support import ALICE, OCTETS, Api
from tests.e2e.support import wait_for

DATA = pattern(300 * KIB)
LIMIT = 3600.0
RULE = "dead-transfers"
Send = Callable[[Api, str, Body], TestResponse]


def stage(api: Api, image_id: str, body: Body) -> TestResponse:
    headers, environ = {"Transfer-Encoding": "chunked"}, {"wsgi.input": body}
    path = f"/v2/images/{image_id}/stage"
    return api.call("PUT", path, ALICE, content_type=OCTETS, headers=headers, environ_overrides=environ)


def send_cold(api: Api, image_id: str, body: Body) -> TestResponse:
    return send(api, image_id, body, X_Image_Meta_Store="cold")


SENDS: dict[str, Send] = {"upload": send, "upload to another store": send_cold, "stage": stage}


class Pair:
    """Two nodes over the same stores; the second one sweeps while a client of the first one sends."""

    def __init__(self, make_api: MakeApi, **settings: Any) -> None:
        self.cold = MemoryStore()
        options = {"blobs": {"cold": self.cold}, "upload_part_size": "64KB", "upload_stall_time": LIMIT, **settings}
        self.first = make_api(**options)
        self.second = make_api(memory=self.first.memory, clock=self.first.clock, **options)
        self.image_id = self.first.bare()

    def parts(self) -> int:
        """Count the parts that are stored."""
        stores, folder = (self.first.memory, self.cold), f"images/{self.image_id}/"
        pending = [(store, upload) for store in stores for upload in store.list_uploads(folder)]
        return sum(len(store.list_parts(upload.key, upload.upload_id)) for store, upload in pending)

    def during(self, transfer: Send, act: Callable[[], Any], data: bytes = DATA) -> TestResponse:
        """Transfer data, and do something in the middle of it, when the parts so far are stored."""
        half = len(data) // 2

        def middle() -> None:
            wait_for(lambda: self.parts() == half // (64 * KIB), "parts on the way")
            act()

        return transfer(self.first, self.image_id, Body(data[:half], middle, data[half:]))

    def wait(self, seconds: float, beating: bool) -> None:
        """Let time pass, with or without a sign of life of the first node."""
        passed = 0.0
        while passed < seconds:
            step = min(600.0, seconds - passed)
            self.first.clock.move(step)
            passed += step
            if beating:
                self.first.catalog.services.core.heartbeat.beat()

    def stored(self) -> list[str]:
        folder = f"images/{self.image_id}/"
        return self.first.blobs(self.image_id) + [
            entry.key for entry in (*self.cold.list(folder), *self.cold.list_uploads(folder))
        ]
