"""A store that hangs or is gone while another one holds the same data."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import requests

from tests.e2e.conftest import Start
from tests.e2e.support import Client, random_bytes, wait_for
from tests.servers.calotype import Calotype
from tests.servers.places import folder_place, s3_place
from tests.servers.seaweedfs import SeaweedFS

DATA = random_bytes(40 * 2**20, seed=5)
FAILED, GOES_ON = "download.location_failed", "download.goes_on"


def _write_settings(folder: Path, server: SeaweedFS, seconds: int) -> Path:
    """Give a settings file that names a bucket of the server as the store ``fast``, which has so long to answer."""
    config = folder / "settings.toml"
    lines = [f'url = "{s3_place(server, "second").settings["store"]}"', "weight = 10"]
    lines += [f's3_endpoint = "{server.endpoint}"', f"s3_read_timeout = {seconds}"]
    config.write_text("create_bucket = true\ndownload_range_size = 1048576\n[stores.fast]\n" + "\n".join(lines) + "\n")
    return config


def _count(catalog: Calotype, *events: str) -> int:
    return sum(line.get("event") in events for line in catalog.log_lines())


def test_downloads_go_on_while_a_store_is_down(start: Start, tmp_path: Path) -> None:
    with SeaweedFS() as server:
        home = replace(folder_place(tmp_path / "images"), environment=server.environment)
        catalog = start(home, config=_write_settings(tmp_path, server, 60))
        client = Client(catalog.url)
        image_id = client.add("twice", DATA)
        copy = {"method": {"name": "copy-image"}, "stores": ["fast"]}
        assert client.call("POST", f"/v2/images/{image_id}/import", json=copy).status_code == 202
        wait_for(lambda: client.show(image_id).get("stores") == "default,fast", "the copy")
        assert client.data(image_id) == DATA
        assert _count(catalog, FAILED, GOES_ON) == 0

        url = f"{catalog.url}/v2/images/{image_id}/file"
        with requests.get(url, stream=True, timeout=120) as answer:
            blocks = answer.iter_content(2**16)
            got = next(blocks)
            server.kill()  # much of the data was not even asked for yet
            assert got + b"".join(blocks) == DATA
        wait_for(lambda: _count(catalog, GOES_ON) == 1, "a line that tells of it")
        assert client.data(image_id) == DATA
        refused = client.upload(client.create("new"), b"small", **{"X-Image-Meta-Store": "fast"})
        assert refused.status_code == 503

        catalog.stop()
        _write_settings(tmp_path, server, 1)
        catalog.start()  # a further store that is down does not keep the catalog from starting
        assert client.data(image_id) == DATA
        server.start()
        server.pause()
        before = _count(catalog, FAILED, GOES_ON)
        assert client.data(image_id) == DATA
        wait_for(lambda: _count(catalog, FAILED, GOES_ON) > before, "a line that tells of it")
        assert _count(catalog, FAILED, GOES_ON) == before + 1, "it is asked once for a download, not for each range"
        server.resume()
        assert client.data(image_id) == DATA
