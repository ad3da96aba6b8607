"""SeaweedFS goes away and comes back: what clients see meanwhile, and what is left afterwards."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.e2e.hasty import SMALL, hasty
from tests.e2e.support import MIB, Client, random_bytes, wait_for
from tests.servers.calotype import Calotype
from tests.servers.places import Place, s3_place
from tests.servers.seaweedfs import SeaweedFS

DATA = random_bytes(40 * MIB)
PATCH = {"Content-Type": "application/openstack-images-v2.1-json-patch"}
_buckets = count(1)


@pytest.fixture(scope="module")
def server() -> Iterator[SeaweedFS]:
    """A SeaweedFS that no other module needs."""
    with SeaweedFS() as running:
        yield running


@pytest.fixture
def place(server: SeaweedFS) -> Iterator[Place]:
    yield s3_place(server, f"failing-{next(_buckets)}")
    _bring_back(server)


@pytest.fixture
def catalog(place: Place, tmp_path: Path) -> Iterator[Calotype]:
    with Calotype(tmp_path / "catalog", place.environment, **{**place.settings, **SMALL}) as running:
        yield running


@pytest.fixture(params=["hangs", "is gone"])
def away(
    request: pytest.FixtureRequest, catalog: Calotype, place: Place, server: SeaweedFS, tmp_path: Path
) -> Iterator[tuple[Client, Callable[[], None]]]:
    """The node whose store goes away, and how it does."""
    if request.param == "is gone":
        yield Client(catalog.url), server.kill
        return
    with hasty(tmp_path / "hasty", place) as client:
        yield client, server.pause


def _bring_back(server: SeaweedFS) -> None:
    if server.running:
        server.resume()
    else:
        server.start()


def _call_all(client: Client, calls: list[tuple[str, str, dict[str, Any]]]) -> list[requests.Response]:
    """Make calls at once, and look at the health meanwhile."""
    answers: list[requests.Response] = []
    threads = [
        threading.Thread(target=lambda m=method, p=path, o=options: answers.append(client.call(m, p, **o)))
        for method, path, options in calls
    ]
    for thread in threads:
        thread.start()
    assert client.call("GET", "/healthcheck").status_code in (200, 503)
    for thread in threads:
        thread.join()
    return answers


def test_calls_while_the_store_is_away_are_503_and_later_ones_work(
    catalog: Calotype, server: SeaweedFS, away: tuple[Client, Callable[[], None]]
):
    client, (node, take_away) = Client(catalog.url), away
    active, queued = client.add("active", b"the data"), client.create("queued")
    calls = [
        ("POST", "/v2/images", {"json": {"name": "lost"}}),
        ("GET", f"/v2/images/{active}", {}),
        ("GET", f"/v2/images/{active}/file", {}),
        ("PUT", f"/v2/images/{active}/tags/a", {}),
        ("PATCH", f"/v2/images/{queued}", {"json": [{"op": "add", "path": "/a", "value": "b"}], "headers": PATCH}),
        ("PUT", f"/v2/images/{queued}/file", {"data": b"x", "headers": {"Content-Type": "application/octet-stream"}}),
        ("POST", f"/v2/images/{active}/actions/deactivate", {}),
        ("DELETE", f"/v2/images/{active}", {}),
    ]
    take_away()
    answers = _call_all(node, calls)
    assert [answer.status_code for answer in answers] == [503] * len(calls)
    assert all(int(answer.headers["Retry-After"]) > 0 for answer in answers)
    assert all("SeaweedFS" not in answer.text and "s3" not in answer.text.lower() for answer in answers)

    gone = not server.running
    _bring_back(server)
    if gone:  # what a server that hung was sent may still happen
        assert (client.show(active)["status"], client.show(active)["tags"]) == ("active", [])
        assert client.data(active) == b"the data"
        assert sorted(client.names()) == ["active", "queued"]
    later = client.add("later", b"new")
    assert client.data(later) == b"new"
    client.check_reusable(client.create("again"), b"once more")
    wait_for(lambda: node.call("GET", f"/v2/images/{later}/file").content == b"new", "the node works again")


def _slowly(data: bytes, at_half: Callable[[], None]) -> Iterator[bytes]:
    """Give data in blocks; in the middle something happens."""
    for at in range(0, len(data), MIB):
        if at == len(data) // 2:
            at_half()
        yield data[at : at + MIB]


def test_upload_during_which_the_store_goes_away(
    catalog: Calotype, place: Place, server: SeaweedFS, away: tuple[Client, Callable[[], None]]
):
    client, (node, take_away) = Client(catalog.url), away
    image_id = client.create()

    def go_away() -> None:
        wait_for(lambda: place.pending(image_id), "parts are on the way")
        take_away()

    answer = node.upload(image_id, _slowly(DATA, go_away))
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    _bring_back(server)
    client.wait_status(image_id, "killed")
    wait_for(lambda: place.leftovers(image_id) == [], "the parts are removed")
    assert client.show(image_id)["checksum"] is None
    assert client.names() == []
    assert client.names(status="killed") == ["image"]
    client.check_reusable(image_id, DATA)
    assert len(place.leftovers(image_id)) == 1


def test_short_absence_during_an_upload_is_survived(catalog: Calotype, server: SeaweedFS):
    client = Client(catalog.url)
    image_id = client.create()

    def hiccup() -> None:
        server.pause()
        threading.Timer(0.5, server.resume).start()

    assert client.upload(image_id, _slowly(DATA, hiccup)).status_code == 204
    assert client.data(image_id) == DATA


def test_download_during_which_the_store_goes_away_breaks(catalog: Calotype, server: SeaweedFS):
    client = Client(catalog.url)
    image_id = client.add("large", DATA)
    with requests.get(f"{catalog.url}/v2/images/{image_id}/file", stream=True, timeout=120) as answer:
        blocks = answer.iter_content(64 * 1024)
        received = len(next(blocks))
        server.kill()
        with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
            for block in blocks:
                received += len(block)
    assert received < len(DATA)
    _bring_back(server)
    assert client.data(image_id) == DATA
