"""Uploads that are refused before their body was read: the client gets the answer, the server keeps its memory."""

from __future__ import annotations

import http.client
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.e2e.support import MIB, OCTETS, Client
from tests.servers.calotype import Calotype

SIZE = 150 * MIB
BLOCK = b"\xa5" * MIB
NOBODY = "11111111-2222-4333-8444-555555555555"


@dataclass(frozen=True)
class Refusal:
    """What is wrong with the upload, and the answer to it."""

    status: int
    image: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=lambda: OCTETS)
    active: bool = False
    missing: bool = False
    after: str = "queued"


REFUSALS = {
    "active already": Refusal(409, active=True, after="active"),
    "type": Refusal(415, headers={"Content-Type": "text/plain"}),
    "no type": Refusal(415, headers={"Content-Type": ""}),
    "announced size": Refusal(400, headers={**OCTETS, "X-Openstack-Image-Size": "many"}),
    "no formats": Refusal(400, image={"disk_format": None}),
    "no image": Refusal(404, missing=True),
    "quota": Refusal(413, image={"owner": "somebody"}),
    "content": Refusal(415, image={"disk_format": "qcow2"}),
}


class _Body:
    """Bytes of a known length that nobody holds."""

    def __init__(self) -> None:
        self.left = SIZE

    def __len__(self) -> int:
        return SIZE

    def read(self, size: int = MIB) -> bytes:
        block = BLOCK[: min(size, self.left, MIB)]
        self.left -= len(block)
        return block


def _by_requests(url: str, headers: Mapping[str, str]) -> int:
    return requests.put(url, data=_Body(), headers=dict(headers), timeout=120).status_code


def _by_requests_in_chunks(url: str, headers: Mapping[str, str]) -> int:
    blocks = (BLOCK for _ in range(SIZE // MIB))
    return requests.put(url, data=blocks, headers=dict(headers), timeout=120).status_code


def _by_http_client(url: str, headers: Mapping[str, str]) -> int:
    host, _, path = url.removeprefix("http://").partition("/")
    connection = http.client.HTTPConnection(host, timeout=120)
    try:
        connection.request("PUT", f"/{path}", _Body(), {**headers, "Content-Length": str(SIZE)})
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Calotype]:
    folder: Path = tmp_path_factory.mktemp("early")
    with Calotype(folder, user_storage_quota="100MB") as running:
        yield running


@pytest.mark.parametrize("send", [_by_requests, _by_requests_in_chunks, _by_http_client])
@pytest.mark.parametrize("name", REFUSALS)
def test_refusal_of_a_large_body_reaches_the_client(catalog: Calotype, name: str, send: Callable[..., int]):
    refusal, client = REFUSALS[name], Client(catalog.url)
    image_id = client.create(**refusal.image)
    if refusal.active:
        assert client.upload(image_id, b"the data").status_code == 204
    url = f"{catalog.url}/v2/images/{NOBODY if refusal.missing else image_id}/file"
    assert send(url, refusal.headers) == refusal.status
    assert client.status(image_id) == refusal.after
    if refusal.active:
        assert client.data(image_id) == b"the data"
    assert catalog.peak_memory < 220 * MIB
