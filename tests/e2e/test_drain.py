"""A stopping server first says that it is not ready, and serves on; a second Ctrl-C ends that."""

from __future__ import annotations

import socket
from pathlib import Path

import requests

from tests.e2e.conftest import Start
from tests.e2e.support import Client, wait_for
from tests.servers.calotype import Calotype
from tests.servers.places import Place


def test_server_is_not_ready_before_it_refuses(new_folder: Place, start: Start):
    catalog = start(new_folder, drain_delay="120")
    client = Client(catalog.url)
    wait_for(lambda: client.call("GET", "/ready").json()["ready"] is True, "readiness")
    with requests.Session() as kept:
        kept.get(f"{catalog.url}/v2/images", timeout=120)
        catalog.interrupt()
        state = wait_for(lambda: client.call("GET", "/ready").json()["draining"], "the server drains")
        assert state is True
        assert client.call("GET", "/ready").status_code == client.call("GET", "/healthcheck").status_code == 503
        assert client.call("GET", "/live").status_code == 200
        last = kept.get(f"{catalog.url}/v2/images", timeout=120)
        assert (last.status_code, last.headers["Connection"]) == (200, "close")
        image_id = client.add("late", b"bytes")
        assert client.data(image_id) == b"bytes"
    catalog.interrupt()
    assert catalog.wait(120) == 0


def test_taken_address_for_figures_stops_the_start(tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        catalog = Calotype(tmp_path, metrics_bind=address)
        catalog.launch()
        assert catalog.wait(120) != 0
    assert f"setting metrics_bind: {address}" in catalog.printed()
