"""What the end-to-end tests say to a catalog, and what they wait for.

Owns a small client over ``requests`` and seeded data. Must never reach into the catalog's process.
"""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Callable
from typing import Any

import requests

OCTETS = {"Content-Type": "application/octet-stream"}
MIB = 2**20


def random_bytes(size: int, seed: int = 1) -> bytes:
    """Give bytes that no compression or deduplication makes smaller, the same ones for the same seed."""
    return random.Random(seed).randbytes(size)


def wait_for(condition: Callable[[], Any], what: str, timeout: float = 120.0) -> Any:
    """Give the first true value of ``condition``; fails with ``what`` if none comes."""
    end = time.monotonic() + timeout
    while not (value := condition()):
        assert time.monotonic() < end, f"{what}: not within {timeout:.0f} s"
        time.sleep(0.05)
    return value


class Client:
    """One user of a catalog; every call has a deadline, and calls that have to succeed are checked."""

    def __init__(self, url: str, timeout: float = 120.0) -> None:
        self.url, self.timeout = url, timeout

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        """Send one request on a connection of its own."""
        options.setdefault("timeout", self.timeout)
        return requests.request(method, f"{self.url}{path}", **options)

    def create(self, name: str = "image", **fields: Any) -> str:
        """Create a queued image and give its id."""
        record = {"name": name, "disk_format": "raw", "container_format": "bare", **fields}
        answer = self.call("POST", "/v2/images", json=record)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def upload(self, image_id: str, data: Any, **headers: str) -> requests.Response:
        """Send data: bytes with their length, an iterator in chunks."""
        return self.call("PUT", f"/v2/images/{image_id}/file", data=data, headers={**OCTETS, **headers})

    def add(self, name: str, data: bytes, **fields: Any) -> str:
        """Create an image with data and give its id."""
        image_id = self.create(name, **fields)
        answer = self.upload(image_id, data)
        assert answer.status_code == 204, answer.text
        return image_id

    def show(self, image_id: str) -> dict[str, Any]:
        """Give the record of an image."""
        answer = self.call("GET", f"/v2/images/{image_id}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def status(self, image_id: str) -> str:
        """Give the status of an image."""
        return str(self.show(image_id)["status"])

    def wait_status(self, image_id: str, *wanted: str) -> str:
        """Wait until an image has one of the statuses ``wanted``."""
        wait_for(lambda: self.status(image_id) in wanted, f"status {wanted} of {image_id}")
        return self.status(image_id)

    def names(self, **query: Any) -> list[str]:
        """Give the names on the first page of a list, in order."""
        answer = self.call("GET", "/v2/images", params=query)
        assert answer.status_code == 200, answer.text
        return [image["name"] for image in answer.json()["images"]]

    def data(self, image_id: str) -> bytes:
        """Give the data of an image; their length and MD5 are checked against the headers."""
        answer = self.call("GET", f"/v2/images/{image_id}/file")
        assert answer.status_code == 200, answer.text
        assert len(answer.content) == int(answer.headers["Content-Length"])
        assert hashlib.md5(answer.content).hexdigest() == answer.headers["Content-MD5"]
        return answer.content

    def check_reusable(self, image_id: str, data: bytes) -> None:
        """Fail unless an image can be uploaded (again) and then downloads right."""
        answer = self.upload(image_id, data)
        assert answer.status_code == 204, answer.text
        assert self.status(image_id) == "active"
        assert self.data(image_id) == data
