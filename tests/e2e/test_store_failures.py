"""SeaweedFS goes away and comes back: what clients see meanwhile, and what is left afterwards."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.e2e.support import MIB, Client, random_bytes, wait_for
from tests.servers.calotype import Calotype
from tests.servers.places import Place, s3_place
from tests.servers.seaweedfs import SeaweedFS
from tests.servers.throttle import Throttle

DATA = random_bytes(40 * MIB)
FAST = {"s3_connect_timeout": "1", "s3_read_timeout": "1", "upload_part_size": "5MB"}
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
    with Calotype(tmp_path / "catalog", place.environment, **{**place.settings, **FAST}) as running:
        yield running


def _pause(server: SeaweedFS) -> None:
    server.pause()


def _kill(server: SeaweedFS) -> None:
    server.kill()


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


@pytest.mark.parametrize("take_away", [_pause, _kill])
def test_calls_while_the_store_is_away_are_503_and_later_ones_work(
    catalog: Calotype, server: SeaweedFS, take_away: Callable[[SeaweedFS], None]
):
    client = Client(catalog.url)
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
    take_away(server)
    answers = _call_all(client, calls)
    assert [answer.status_code for answer in answers] == [503] * len(calls)
    assert all(int(answer.headers["Retry-After"]) > 0 for answer in answers)
    assert all("SeaweedFS" not in answer.text and "s3" not in answer.text.lower() for answer in answers)

    _bring_back(server)
    if take_away is _kill:
        assert (client.show(active)["status"], client.show(active)["tags"]) == ("active", [])
        assert client.data(active) == b"the data"
        assert sorted(client.names()) == ["active", "queued"]
    later = client.add("later", b"new")
    assert client.data(later) == b"new"
    client.check_reusable(client.create("again"), b"once more")


LOST = {
    "rename": ("PATCH", "/v2/images/{id}", {"json": [{"op": "replace", "path": "/name", "value": "after"}]}),
    "tag": ("PUT", "/v2/images/{id}/tags/added", {}),
    "delete": ("DELETE", "/v2/images/{id}", {}),
}


@pytest.mark.parametrize("name", LOST)
def test_change_whose_answer_was_lost_is_the_same_in_show_and_list(server: SeaweedFS, tmp_path: Path, name: str):
    method, path, options = LOST[name]
    with Throttle(server.port) as line:
        place = s3_place(server, f"failing-{next(_buckets)}", endpoint=line.endpoint)
        with Calotype(tmp_path / "catalog", place.environment, **{**place.settings, **FAST}) as catalog:
            client = Client(catalog.url)
            image_id = client.create("before")
            line.lose_from = b"PUT "
            answer = client.call(method, path.format(id=image_id), headers=PATCH, **options)
            assert answer.status_code == 503
            line.lose_from, line.answers = None, True
            shown = client.call("GET", f"/v2/images/{image_id}")
            listed = client.call("GET", "/v2/images").json()["images"]
            assert listed == ([shown.json()] if shown.status_code == 200 else [])


def _slowly(data: bytes, at_half: Callable[[], None]) -> Iterator[bytes]:
    """Give data in blocks; in the middle something happens."""
    for at in range(0, len(data), MIB):
        if at == len(data) // 2:
            at_half()
        yield data[at : at + MIB]


@pytest.mark.parametrize("take_away", [_pause, _kill])
def test_upload_during_which_the_store_goes_away(
    catalog: Calotype, place: Place, server: SeaweedFS, take_away: Callable[[SeaweedFS], None]
):
    client = Client(catalog.url)
    image_id = client.create()

    def away() -> None:
        wait_for(lambda: place.pending(image_id), "parts are on the way")
        take_away(server)

    answer = client.upload(image_id, _slowly(DATA, away))
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
    with requests.get(f"{catalog.url}/v2/images/{image_id}/file", stream=True, timeout=60) as answer:
        blocks = answer.iter_content(64 * 1024)
        received = len(next(blocks))
        server.kill()
        with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
            for block in blocks:
                received += len(block)
    assert received < len(DATA)
    _bring_back(server)
    assert client.data(image_id) == DATA
