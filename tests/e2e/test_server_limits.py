"""What the server does at the limits of its system, and when its parent is gone."""

from __future__ import annotations

import os
import resource
import signal
import uuid
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.e2e.conftest import Start
from tests.e2e.raw import RawConnection, refuses
from tests.e2e.support import OCTETS, Client, random_bytes, wait_for
from tests.fetch.certificates import Authority
from tests.servers.calotype import Calotype
from tests.servers.places import Place


def test_connections_beyond_the_descriptors_wait(new_folder: Place, start: Start):
    catalog = start(new_folder)
    client, worker = Client(catalog.url), catalog.worker_pid
    client.names()
    before = resource.prlimit(worker, resource.RLIMIT_NOFILE)
    assert before[0] > 1024 or before[0] == before[1], "a server takes what it may have"
    used = len(list(Path(f"/proc/{worker}/fd").iterdir()))
    resource.prlimit(worker, resource.RLIMIT_NOFILE, (used + 5, before[1]))
    with ExitStack() as stack:
        idle = [stack.enter_context(RawConnection(catalog.url)) for _ in range(30)]
        wait_for(lambda: "connections wait" in catalog.printed(), "no descriptor is left")
        resource.prlimit(worker, resource.RLIMIT_NOFILE, before)
        for connection in idle:
            connection.get("/versions")
            assert connection.status() == 200
    assert catalog.worker_pid == worker
    assert catalog.stop() == 0


def test_a_server_without_its_parent_ends_as_it_is_asked_to(new_folder: Place, start: Start):
    catalog = start(new_folder, drain_delay="600")
    client, worker = Client(catalog.url), catalog.worker_pid
    image_id = client.create()
    with RawConnection(catalog.url) as upload:
        upload.put(image_id, "Content-Length: 6", body=b"abc")
        client.wait_status(image_id, "saving")
        os.kill(catalog.pid, signal.SIGKILL)
        wait_for(lambda: refuses(catalog.url), "new connections are refused")
        upload.send(b"def")
        assert upload.status() == 204
    wait_for(lambda: not Path(f"/proc/{worker}").exists(), "the worker ends")
    catalog.start()
    assert client.data(image_id) == b"abcdef"


def test_filters_of_a_dashboard_fit_into_a_url(new_folder: Place, start: Start):
    """Horizon names as many images as fit into 8 KiB, which a client makes longer by its quoting."""
    client = Client(start(new_folder).url)
    made = [client.create() for _ in range(3)]
    wanted = [*made, *(str(uuid.uuid4()) for _ in range(215))]
    page = client.call("GET", "/v2/images", params={"id": f"in:{','.join(wanted)}", "limit": "2"}).json()
    rest = client.call("GET", page["next"]).json()
    assert {image["id"] for image in (*page["images"], *rest["images"])} == set(made)
    assert client.call("GET", f"/v2/images?name={'x' * 17_000}").status_code == 414


@pytest.mark.parametrize("host", ["xn--a", "xn--mnchen-3ya.example"])
def test_any_name_of_the_host_gives_links_by_it(new_folder: Place, start: Start, host: str):
    client = Client(start(new_folder).url)
    made = client.call("POST", "/v2/images", json={"name": "one"}, headers={"Host": host})
    assert made.status_code == 201
    assert made.headers["Location"].startswith(f"http://{host}/v2/images/")
    versions = client.call("GET", "/versions", headers={"Host": host}).json()["versions"]
    assert {link["href"] for version in versions for link in version["links"]} <= {
        f"http://{host}/v2/", f"http://{host}/v1/",
    }  # fmt: skip


@pytest.mark.parametrize("tls", [False, True])
def test_no_limit_of_silence(tmp_path: Path, tls: bool):
    authority = Authority(tmp_path)
    authority.context("127.0.0.1")
    settings = {"cert_file": tmp_path / "127.0.0.1.pem"} if tls else {}
    data = random_bytes(5_000_000)
    with Calotype(tmp_path / "catalog", client_timeout=0, **settings) as catalog:
        url = catalog.url.replace("http:", "https:") if tls else catalog.url
        more: dict[str, Any] = {"verify": str(authority.bundle), "timeout": 120}
        body = {"disk_format": "raw", "container_format": "bare"}
        image_id = requests.post(f"{url}/v2/images", json=body, **more).json()["id"]
        path = f"{url}/v2/images/{image_id}/file"
        assert requests.put(path, data=data, headers=OCTETS, **more).status_code == 204
        assert requests.get(path, **more).content == data
