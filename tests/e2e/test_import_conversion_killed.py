"""A process that is killed while it converts an image: another one begins anew, and no file is left on the disk."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.conftest import Start
from tests.e2e.support import Client, wait_for
from tests.e2e.test_import_killed import start_import, task_of
from tests.servers.calotype import Calotype
from tests.servers.disk_images import make_disk_image
from tests.servers.places import Place
from tests.servers.process import find_program
from tests.servers.web_source import WebSource


@pytest.fixture
def source(tmp_path: Path) -> Iterator[WebSource]:
    folder = tmp_path / "web"
    folder.mkdir()
    make_disk_image("qcow2", folder)
    with WebSource(folder) as made:
        yield made


def settings(source: WebSource, work: Path) -> dict[str, str]:
    return {
        "allowed_hosts": "127.0.0.1", "allowed_ports": str(source.port), "task_lease_seconds": "2",
        "image_import_plugins": "image_conversion", "work_dir": str(work),
    }  # fmt: skip


def slow_place(place: Place, folder: Path) -> Place:
    """Give a place whose catalogs have a qemu-img that never ends converting, and writes down who it is."""
    folder.mkdir()
    real = find_program("qemu-img", "apt-get install qemu-utils")
    slow = folder / "qemu-img"
    slow.write_text(f'#!/bin/sh\n[ $1 = convert ] && echo $$ > {folder}/pid && exec sleep 600\nexec {real} "$@"\n')
    slow.chmod(0o755)
    return Place(place.store, place.settings, {**place.environment, "PATH": f"{folder}:{os.environ['PATH']}"})


def is_alive(pid: int) -> bool:
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.mark.parametrize("end", ["kill", "stop"])
def test_killed_while_converting(place: Place, start: Start, source: WebSource, tmp_path: Path, end: str) -> None:
    work, tools = tmp_path / "work", tmp_path / "tools"
    first: Calotype = start(slow_place(place, tools), **settings(source, work))
    client = Client(first.url)
    image_id = client.create(disk_format="qcow2")
    start_import(client, image_id, {"name": "web-download", "uri": source.url("qcow2.qcow2")})
    pid = int(wait_for(lambda: (tools / "pid").exists() and (tools / "pid").read_text().strip(), "the conversion"))
    assert list(work.rglob("source"))
    if end == "kill":
        worker = first.worker_pid
        os.kill(first.pid, signal.SIGSTOP)  # else it might start another worker before it ends
        for process in (worker, first.pid):
            os.kill(process, signal.SIGKILL)
    else:
        first.stop()
    wait_for(lambda: not is_alive(pid), "the end of qemu-img")
    assert bool(list(work.rglob("source"))) == (end == "kill")
    second = start(place, **settings(source, work))
    client = Client(second.url)
    client.wait_status(image_id, "active")
    expected = (source.folder / "source.raw").read_bytes()
    assert client.data(image_id) == expected
    assert client.show(image_id)["disk_format"] == "raw"
    task = wait_for(lambda: (found := task_of(place, image_id)).ended and found, "the task ends")
    assert task.status == "success"
    assert len(place.data_keys(image_id)) == 1
    wait_for(lambda: not list(work.rglob("source")), "the files are removed")
    second.stop()
    assert list(work.iterdir()) == []
