"""A client whose server may die at any moment: it does things by chance, and remembers what it was promised.

Owns the seeded choice and the promises. Must never take a broken connection for an answer.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

import requests

OCTETS = {"Content-Type": "application/octet-stream"}
_TIMEOUT = 30.0


class ServerGone(Exception):
    """No answer came: what was asked for may have happened or not."""


@dataclass
class Promised:
    """What was acknowledged of one image; ``open`` names what got no answer, and may be true as well.

    ``data`` is what was sent last, ``whole`` whether the image was said to be active, or to become so by an import.
    """

    data: bytes = b""
    whole: bool = False
    deleted: bool = False
    tags: set[str] = field(default_factory=set)
    members: set[str] = field(default_factory=set)
    open: str = ""
    history: list[str] = field(default_factory=list)


class Client:
    """One user, an admin, of one server."""

    def __init__(self, url: str, random: Random, source: str, small: bytes, large: bytes) -> None:
        self.url, self.random, self.source = url, random, source
        self.small, self.large = small, large
        self.images: dict[str, Promised] = {}

    def wait(self) -> None:
        """Wait until the server serves: its socket is open before."""
        assert requests.get(f"{self.url}/live", timeout=_TIMEOUT).ok

    def go_on(self, steps: int) -> None:
        """Do things until the server is gone."""
        for _ in range(steps):
            idle = [one for one in self.images if not self.images[one].deleted]
            if not idle or self.random.random() < 0.35:
                self.create()
            else:
                image_id = self.random.choice(idle)
                act = self.random.choice(ACTS)
                self.images[image_id].history.append(act.__name__)
                act(self, image_id)

    def create(self) -> None:
        image_id = str(uuid.UUID(int=self.random.getrandbits(128), version=4))
        self.images[image_id] = Promised(open="create")
        body = {"id": image_id, "disk_format": "raw", "container_format": "bare"}
        assert self._call("POST", "", json=body).status_code == 201
        self.images[image_id].open = ""

    def promised(self, image_id: str, what: str, answer: Callable[[], requests.Response], *expected: int) -> bool:
        """Ask for something; tells whether it was done. Other answers than success and ``expected`` are failures."""
        self.images[image_id].open = what
        status = answer().status_code
        self.images[image_id].open = ""
        assert status < 300 or status in expected, f"{what}: {status}"
        return status < 300

    def _call(self, method: str, path: str, **options: Any) -> requests.Response:
        try:
            return requests.request(method, f"{self.url}/v2/images{path}", timeout=_TIMEOUT, **options)
        except (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError) as error:
            raise ServerGone from error

    def transfer(self, image_id: str, kind: str) -> bool:
        """Send data, small ones with their length and large ones in chunks."""
        image = self.images[image_id]
        if not image.whole:
            image.data = self.random.choice((self.small, self.large))
        body: Any = image.data if image.data is self.small else iter([image.data[:100_000], image.data[100_000:]])
        return self.promised(
            image_id, kind, lambda: self._call("PUT", f"/{image_id}/{kind}", data=body, headers=OCTETS), 409
        )

    def ask_import(self, image_id: str, method: dict[str, str], **body: Any) -> bool:
        return self.promised(
            image_id, method["name"],
            lambda: self._call("POST", f"/{image_id}/import", json={"method": method, **body}), 400, 409,
        )  # fmt: skip


def upload(client: Client, image_id: str) -> None:
    if client.transfer(image_id, "file"):
        client.images[image_id].whole = True


def stage_and_import(client: Client, image_id: str) -> None:
    if client.transfer(image_id, "stage") and client.ask_import(image_id, {"name": "glance-direct"}):
        client.images[image_id].whole = True


def import_from_the_web(client: Client, image_id: str) -> None:
    image = client.images[image_id]
    before = image.data
    if not image.whole:
        image.data = client.large
    if client.ask_import(image_id, {"name": "web-download", "uri": client.source}, stores=["cold"]):
        image.whole = True
    elif not image.whole:
        image.data = before  # it is being staged or imported in another way


def copy(client: Client, image_id: str) -> None:
    client.ask_import(image_id, {"name": "copy-image"}, all_stores=True)


def tag(client: Client, image_id: str) -> None:
    name = f"t{client.random.randrange(100)}"
    if client.promised(image_id, "tag", lambda: client._call("PUT", f"/{image_id}/tags/{name}")):
        client.images[image_id].tags.add(name)


def member(client: Client, image_id: str) -> None:
    name = f"p{client.random.randrange(100)}"
    body = {"member": name}
    if client.promised(image_id, "member", lambda: client._call("POST", f"/{image_id}/members", json=body), 409):
        client.images[image_id].members.add(name)


def delete(client: Client, image_id: str) -> None:
    if client.promised(image_id, "delete", lambda: client._call("DELETE", f"/{image_id}")):
        client.images[image_id].deleted = True


def delete_and_undelete(client: Client, image_id: str) -> None:
    """An image without data cannot come back."""
    delete(client, image_id)
    path = f"/{image_id}/actions/undelete"
    if client.promised(image_id, "undelete", lambda: client._call("POST", path), 404, 409, 410):
        image = client.images[image_id]
        image.deleted = False
        shown = client._call("GET", f"/{image_id}").json()
        image.whole = shown["status"] == "active"  # one that was still being imported is queued again


ACTS: tuple[Callable[[Client, str], None], ...] = (
    upload, upload, upload, stage_and_import, import_from_the_web, copy, tag, member, delete, delete_and_undelete,
)  # fmt: skip
