"""Damaged and ambiguous uploads over raw sockets: none of them ever becomes an image."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.e2e.raw import RawConnection, chunk
from tests.e2e.support import MIB, Client, random_bytes, wait_for
from tests.servers.calotype import Calotype
from tests.servers.places import Place, folder_place, s3_place

PARTS = random_bytes(12 * MIB)
"""Enough for two parts of a multipart upload that is then still going on."""
CHUNKED = "Transfer-Encoding: chunked"
END = b"0\r\n\r\n"


@dataclass(frozen=True)
class Case:
    """What is sent: header lines and a body. ``open`` keeps our direction open after it."""

    headers: tuple[str, ...]
    body: bytes
    open: bool = False
    refused_before: bool = False
    """The request is refused before it reaches the catalog, so that the image stays queued."""


def _damaged(body: bytes, **options: Any) -> Case:
    return Case((CHUNKED,), body, **options)


def _ambiguous(*headers: str, body: bytes = chunk(b"whole") + END) -> Case:
    return Case(headers, body, refused_before=True)


CASES = {
    "size is no number": _damaged(chunk(b"whole") + b"zz\r\nabc\r\n" + END, open=True),
    "size is missing": _damaged(chunk(b"whole") + b"\r\nabc\r\n" + END, open=True),
    "no CRLF after a chunk": _damaged(b"3\r\nabc" + END, open=True),
    "chunk longer than its size": _damaged(b"3\r\nabcdef\r\n" + END, open=True),
    "negative size": _damaged(chunk(b"whole") + b"-5\r\nhello\r\n" + END, open=True),
    "signed size": _damaged(chunk(b"whole") + b"+5\r\nhello\r\n" + END, open=True),
    "prefixed size": _damaged(chunk(b"whole") + b"0x5\r\nhello\r\n" + END, open=True),
    "underscored size": _damaged(chunk(b"whole") + b"0_5\r\nhello\r\n" + END, open=True),
    "blank before the size": _damaged(chunk(b"whole") + b" 5\r\nhello\r\n" + END, open=True),
    "bare line feeds": _damaged(b"5\nhello\n0\n\n"),
    "nothing": _damaged(b""),
    "cut in a size line": _damaged(chunk(b"whole") + b"5"),
    "cut in a chunk": _damaged(chunk(b"whole") + b"5\r\nhel"),
    "cut after the data of a chunk": _damaged(chunk(b"whole") + b"5\r\nhello"),
    "cut before the last chunk": _damaged(chunk(b"whole")),
    "cut after the last size line": _damaged(chunk(b"whole") + b"0\r\n"),
    "cut in a trailer": _damaged(chunk(b"whole") + b"0\r\nX-Trailer: a\r\n"),
    "huge size": _damaged(b"FFFFFFFFFFFFFFFF\r\nhello"),
    "cut after parts": _damaged(chunk(PARTS)),
    "cut in a part": _damaged(f"{2 * len(PARTS):x}\r\n".encode() + PARTS),
    "bad size after parts": _damaged(chunk(PARTS) + b"zz\r\n", open=True),
    "short length": Case(("Content-Length: 10",), b"hello"),
    "short length after parts": Case((f"Content-Length: {2 * len(PARTS)}",), PARTS),
    "nothing of a length": Case(("Content-Length: 10",), b""),
    "length and chunked": _ambiguous("Content-Length: 5", CHUNKED),
    "chunked and length": _ambiguous(CHUNKED, "Content-Length: 15"),
    "two lengths": _ambiguous("Content-Length: 5", "Content-Length: 6", body=b"hello!"),
    "list of lengths": _ambiguous("Content-Length: 5, 6", body=b"hello!"),
    "signed length": _ambiguous("Content-Length: +5", body=b"hello"),
    "negative length": _ambiguous("Content-Length: -5", body=b"hello"),
    "underscored length": _ambiguous("Content-Length: 0_5", body=b"hello"),
    "gzip, chunked": _ambiguous("Transfer-Encoding: gzip, chunked"),
    "gzip": _ambiguous("Transfer-Encoding: gzip", body=b""),
    "two codings in two lines": _ambiguous("Transfer-Encoding: gzip", CHUNKED),
    "chunked, identity": _ambiguous("Transfer-Encoding: chunked, identity"),
    "chunked twice": _ambiguous("Transfer-Encoding: chunked, chunked"),
    "chunked with a blank in its name": _ambiguous("Transfer-Encoding : chunked"),
    "announced size differs": _ambiguous("X-Openstack-Image-Size: 6", "Content-Length: 5", body=b"hello"),
    "announced size is no number": _ambiguous("X-Openstack-Image-Size: many", "Content-Length: 5", body=b"hello"),
}


@dataclass(frozen=True)
class Shared:
    """A catalog that the cases share; each looks at its own image."""

    client: Client
    place: Place


@pytest.fixture(scope="module", params=["folder", "seaweedfs"])
def shared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shared]:
    if request.param == "folder":
        place = folder_place(tmp_path_factory.mktemp("store") / "images")
    else:
        place = s3_place(request.getfixturevalue("seaweedfs"), "damaged")
    with Calotype(environment=place.environment, upload_part_size="5MB", **place.settings) as catalog:
        yield Shared(Client(catalog.url), place)


@pytest.mark.parametrize("name", CASES)
def test_damaged_upload_never_becomes_an_image(shared: Shared, name: str):
    case, client = CASES[name], shared.client
    image_id = client.create(name)
    with RawConnection(client.url) as connection:
        connection.put(image_id, *case.headers, body=case.body)
        if not case.open:
            connection.end_sending()
        answer = connection.status()
    assert answer is None or 400 <= answer < 500 or answer == 501
    status = client.wait_status(image_id, "queued", "killed")
    assert status == ("queued" if case.refused_before else "killed")
    wait_for(lambda: shared.place.leftovers(image_id) == [], "everything is removed")
    record = client.show(image_id)
    assert (record["size"], record["checksum"], record["os_hash_value"]) == (None, None, None)
    client.check_reusable(image_id, b"the whole image")
    assert len(shared.place.data_keys(image_id)) == 1


def test_size_announced_for_a_chunked_body_is_held_to(shared: Shared):
    for size in (4, 6):
        image_id = shared.client.create()
        answer = shared.client.upload(image_id, iter([b"hello"]), **{"X-Openstack-Image-Size": str(size)})
        assert answer.status_code == 400
        assert shared.client.status(image_id) == "queued"
        assert shared.place.leftovers(image_id) == []
        shared.client.check_reusable(image_id, b"hello")


def test_bodies_that_are_only_unusual_are_taken(shared: Shared):
    data = random_bytes(700)
    pieces = b"".join(chunk(data[at : at + 1]) for at in range(len(data)))
    extended = b"2bc;name=value\r\n" + data + b"\r\n0\r\n\r\n"
    upper = b"00002BC\r\n" + data + b"\r\n0\r\nX-Trailer: a\r\n\r\n"
    for body in (pieces + END, extended, upper):
        image_id = shared.client.create()
        with RawConnection(shared.client.url) as connection:
            connection.put(image_id, CHUNKED, body=body)
            assert connection.status() == 204
        assert shared.client.data(image_id) == data


def test_client_that_resets_the_connection_leaves_nothing(shared: Shared):
    ids = [shared.client.create(f"reset-{number}") for number in range(6)]

    def send_and_go(image_id: str, header: str) -> None:
        with RawConnection(shared.client.url) as connection:
            connection.put(image_id, header, body=PARTS if header != CHUNKED else chunk(PARTS))
            wait_for(lambda: shared.client.status(image_id) == "saving", "the upload runs")

    kinds = [CHUNKED, f"Content-Length: {4 * len(PARTS)}"] * 3
    threads = [threading.Thread(target=send_and_go, args=arguments) for arguments in zip(ids, kinds, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for image_id in ids:
        assert shared.client.wait_status(image_id, "killed")
        wait_for(lambda image_id=image_id: shared.place.leftovers(image_id) == [], "everything is removed")
    shared.client.check_reusable(ids[0], PARTS)
