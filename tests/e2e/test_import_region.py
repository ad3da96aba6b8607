"""Imports from another region between real processes, one of which is killed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import Start
from tests.e2e.support import MIB, OCTETS, Client, random_bytes, wait_for
from tests.e2e.test_import_killed import task_of
from tests.servers.calotype import Calotype
from tests.servers.places import Place, folder_place
from tests.servers.throttle import Throttle

DATA = random_bytes(24 * MIB, seed=6)
TOKEN = "alice:sekrit-project:member,reader"


class User(Client):
    """A client that proves who it is."""

    def call(self, method: str, path: str, **options: Any) -> Any:
        return super().call(
            method, path, **{**options, "headers": {"X-Auth-Token": TOKEN, **options.get("headers", {})}}
        )


@pytest.fixture
def source(start: Start, tmp_path: Path) -> Iterator[tuple[str, Throttle]]:
    """The id of an image in another region, and the slow line to there."""
    region = start(folder_place(tmp_path / "region"), auth="headers")
    image_id = User(region.url).add("there", DATA, hw_disk_bus="scsi")
    with Throttle(region.port, rate=12 * MIB) as line:
        yield image_id, line


def begin(start: Start, place: Place, source: tuple[str, Throttle]) -> tuple[Calotype, User, str]:
    catalog = start(place, **settings(source))
    client = User(catalog.url)
    image_id = client.create()
    method = {"name": "glance-download", "glance_region": "Two", "glance_image_id": source[0]}
    answer = client.call("POST", f"/v2/images/{image_id}/import", json={"method": method})
    assert answer.status_code == 202, answer.text
    return catalog, client, image_id


def settings(source: tuple[str, Throttle]) -> dict[str, str]:
    return {
        "auth": "headers", "task_lease_seconds": "2", "upload_part_size": "5MB",
        "enabled_import_methods": "glance-download",
        "glance_endpoints": f"Two={source[1].endpoint}",
    }  # fmt: skip


def check_no_token(place: Place, *catalogs: Calotype) -> None:
    for info in place.store.list(""):
        if "/data-" not in info.key:
            with place.store.get(info.key) as body:
                assert TOKEN not in body.read().decode()
    for catalog in catalogs:
        assert TOKEN not in catalog.stderr.read_text() + catalog.stdout.read_text()


def test_to_the_end(new_folder: Place, start: Start, source: tuple[str, Throttle]) -> None:
    catalog, client, image_id = begin(start, new_folder, source)
    client.wait_status(image_id, "active")
    assert client.data(image_id) == DATA
    assert client.show(image_id)["hw_disk_bus"] == "scsi"
    check_no_token(new_folder, catalog)


def test_killed_on_the_way(place: Place, start: Start, source: tuple[str, Throttle]) -> None:
    """The token dies with the process, so nobody can go on: the image is at rest, and can be asked for again."""
    source[1].slow_after = 12 * MIB
    first, _, image_id = begin(start, place, source)
    wait_for(lambda: place.leftovers(image_id), "data in the store")
    first.kill()
    second = start(place, **settings(source))
    client = User(second.url)
    client.wait_status(image_id, "queued")
    task = wait_for(lambda: (found := task_of(place, image_id)).ended and found, "the task ends")
    assert (task.status, "token was in its memory alone" in task.message) == ("failure", True)
    assert "os_glance_import_task" not in client.show(image_id)
    wait_for(lambda: not place.leftovers(image_id), "the data are removed")
    check_no_token(place, first, second)
    answer = client.call("PUT", f"/v2/images/{image_id}/file", data=b"again", headers=OCTETS)
    assert answer.status_code == 204
