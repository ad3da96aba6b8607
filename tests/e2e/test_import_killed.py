"""Imports whose process is killed: another one goes on, the image is never stuck, and nothing is left over."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from catalog.service.tasks.model import Task, decode
from catalog.store import keys
from tests.e2e.conftest import Start
from tests.e2e.support import MIB, OCTETS, Client, random_bytes, wait_for
from tests.servers.calotype import Calotype
from tests.servers.places import Place, folder_place, s3_place
from tests.servers.seaweedfs import SeaweedFS
from tests.servers.throttle import Throttle
from tests.servers.web_source import WebSource

DATA = random_bytes(24 * MIB, seed=5)
LEASE = {"task_lease_seconds": "2", "upload_part_size": "5MB"}
ENOUGH = 12 * MIB
"""Of the data, for every phase to come."""
COLD = "cold"


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebSource]:
    folder = tmp_path_factory.mktemp("web")
    (folder / "disk").write_bytes(DATA)
    with WebSource(folder) as made:
        yield made


@pytest.fixture
def slow(source: WebSource) -> Iterator[Throttle]:
    """A line to the source on which data take a second, and very long until ``slow_after`` is changed."""
    with Throttle(source.port, rate=12 * MIB) as line:
        line.slow_after = ENOUGH
        yield line


def web_settings(line: Throttle) -> dict[str, str]:
    return {"allowed_hosts": "127.0.0.1", "allowed_ports": str(line.port), **LEASE}


def begin(catalog: Calotype, line: Throttle) -> tuple[Client, str]:
    client = Client(catalog.url)
    image_id = client.create()
    start_import(client, image_id, {"name": "web-download", "uri": f"{line.endpoint}/disk"})
    return client, image_id


def start_import(client: Client, image_id: str, method: dict[str, Any], **body: Any) -> None:
    answer = client.call("POST", f"/v2/images/{image_id}/import", json={"method": method, **body})
    assert answer.status_code == 202, answer.text


def task_of(place: Place, image_id: str) -> Task:
    """Give the task as it lies in the store, past all catalogs."""
    found = []
    for info in place.store.list(keys.TASKS):
        with place.store.get(info.key) as body:
            found.append(decode(body.read()))
    return next(task for task in found if task.image_id == image_id)


def check_active(catalog: Calotype, place: Place, image_id: str) -> None:
    client = Client(catalog.url)
    client.wait_status(image_id, "active")
    assert client.data(image_id) == DATA
    task = wait_for(lambda: (found := task_of(place, image_id)).ended and found, "the task ends")
    assert task.status == "success"
    assert len(place.data_keys(image_id)) == 1
    assert place.pending(image_id) == []


PHASES = ["at once", "first bytes", "half way"]


def reach(phase: str, place: Place, image_id: str) -> None:
    if phase == "first bytes":
        wait_for(lambda: place.leftovers(image_id), "data in the store")
    elif phase == "half way":
        wait_for(lambda: task_of(place, image_id).done > 8 * MIB, "a third of the data")


@pytest.mark.parametrize("phase", PHASES)
def test_web_download_goes_on_elsewhere(place: Place, start: Start, slow: Throttle, phase: str) -> None:
    first = start(place, **web_settings(slow))
    _, image_id = begin(first, slow)
    reach(phase, place, image_id)
    first.kill()
    slow.hurry()
    second = start(place, **web_settings(slow))
    check_active(second, place, image_id)


def test_web_download_goes_on_when_the_worker_is_replaced(new_folder: Place, start: Start, slow: Throttle) -> None:
    catalog = start(new_folder, **web_settings(slow))
    _, image_id = begin(catalog, slow)
    reach("first bytes", new_folder, image_id)
    catalog.kill_worker()
    slow.hurry()
    wait_for(lambda: catalog.exit_code is None and _answers(catalog), "the next worker")
    check_active(catalog, new_folder, image_id)


def _answers(catalog: Calotype) -> bool:
    try:
        return Client(catalog.url).call("GET", "/healthcheck").status_code == 200
    except OSError:
        return False


@pytest.mark.parametrize("delay", [0.7, 2.0, 2.2])
def test_web_download_killed_at_any_time(new_folder: Place, start: Start, slow: Throttle, delay: float) -> None:
    slow.hurry()
    first = start(new_folder, **web_settings(slow))
    _, image_id = begin(first, slow)
    time.sleep(delay)
    first.kill()
    check_active(start(new_folder, **web_settings(slow)), new_folder, image_id)


def test_an_import_whose_nodes_always_die_fails(new_folder: Place, start: Start, slow: Throttle) -> None:
    settings = {**web_settings(slow), "task_max_starts": "2"}
    first = start(new_folder, **settings)
    _, image_id = begin(first, slow)
    reach("first bytes", new_folder, image_id)
    first.kill()
    second = start(new_folder, **settings)
    wait_for(lambda: task_of(new_folder, image_id).starts == 2, "the second start")
    second.kill()
    third = Client(start(new_folder, **settings).url)
    third.wait_status(image_id, "queued")
    task = wait_for(lambda: (found := task_of(new_folder, image_id)).ended and found, "the task ends")
    assert task.status == "failure"
    assert "started 2 times" in task.message
    assert "os_glance_import_task" not in third.show(image_id)
    wait_for(lambda: not new_folder.leftovers(image_id), "the data are removed")
    third.check_reusable(image_id, DATA[:MIB])


def test_a_process_that_stops_gives_its_task_up(place: Place, start: Start, slow: Throttle) -> None:
    settings = {**web_settings(slow), "task_lease_seconds": "60"}
    first = start(place, **settings)
    _, image_id = begin(first, slow)
    reach("first bytes", place, image_id)
    assert first.stop() == 0
    slow.hurry()
    task = task_of(place, image_id)
    assert (task.holder, task.until, task.starts, task.ended) == ("", None, 0, False)
    second = start(place, **{**settings, "task_lease_seconds": "2"})
    check_active(second, place, image_id)


@pytest.fixture
def cold(seaweedfs: SeaweedFS, tmp_path: Path) -> Iterator[tuple[Place, Place, dict[str, str]]]:
    """A folder as the home store and a bucket on a slow line as a second one, and the settings of the catalog."""
    with Throttle(seaweedfs.port, rate=12 * MIB) as line:
        far = s3_place(seaweedfs, f"cold-{time.monotonic_ns()}", endpoint=line.endpoint)
        near = folder_place(tmp_path / "images")
        settings = {name: value for name, value in far.settings.items() if name != "store"}
        stores = {"stores": f"{COLD}={far.settings['store']}", "s3_read_timeout": "120"}
        yield Place(near.store, {**near.settings, **settings, **stores}, far.environment), far, LEASE


@pytest.mark.parametrize("method", ["glance-direct", "copy-image"])
@pytest.mark.parametrize("phase", ["at once", "first bytes"])
def test_copies_go_on_elsewhere(
    cold: tuple[Place, Place, dict[str, str]], start: Start, method: str, phase: str
) -> None:
    near, far, settings = cold
    first = start(near, **settings)
    client = Client(first.url)
    if method == "copy-image":
        image_id = client.add("image", DATA)
    else:
        image_id = client.create()
        staged = client.call("PUT", f"/v2/images/{image_id}/stage", data=DATA, headers=OCTETS)
        assert staged.status_code == 204, staged.text
    start_import(client, image_id, {"name": method}, stores=[COLD])
    reach(phase, far, image_id)
    first.kill()
    second = Client(start(near, **settings).url)
    task = wait_for(lambda: (found := task_of(near, image_id)).ended and found, "the task ends")
    assert task.status == "success"
    view = second.show(image_id)
    assert view["status"] == "active"
    assert view["stores"] == (COLD if method == "glance-direct" else f"default,{COLD}")
    answer = second.call("GET", f"/v2/images/{image_id}/file?prefer={COLD}")
    assert answer.content == DATA
    assert len(near.data_keys(image_id)) == (method == "copy-image")
    assert len(far.data_keys(image_id)) == 1
    assert near.pending(image_id) + far.pending(image_id) == []
