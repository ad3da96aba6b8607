"""A store that hangs or is gone while another one holds the same data."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import requests

from tests.e2e.conftest import Start
from tests.e2e.support import Client, random_bytes, wait_for
from tests.servers.places import folder_place, s3_place
from tests.servers.seaweedfs import SeaweedFS

DATA = random_bytes(20 * 2**20, seed=5)


def _with_second_store(folder: Path, server: SeaweedFS) -> Path:
    """Give a settings file that names a bucket of the server as the store ``fast``."""
    config = folder / "settings.toml"
    lines = [f'url = "{s3_place(server, "second").settings["store"]}"', "weight = 10"]
    lines += [f's3_endpoint = "{server.endpoint}"', "s3_connect_timeout = 1", "s3_read_timeout = 1"]
    config.write_text("create_bucket = true\ndownload_range_size = 1048576\n[stores.fast]\n" + "\n".join(lines) + "\n")
    return config


def test_downloads_go_on_while_a_store_is_down(start: Start, tmp_path: Path) -> None:
    with SeaweedFS() as server:
        home = replace(folder_place(tmp_path / "images"), environment=server.environment)
        catalog = start(home, config=_with_second_store(tmp_path, server))
        client = Client(catalog.url)
        image_id = client.add("twice", DATA)
        copy = {"method": {"name": "copy-image"}, "stores": ["fast"]}
        assert client.call("POST", f"/v2/images/{image_id}/import", json=copy).status_code == 202
        wait_for(lambda: client.show(image_id).get("stores") == "default,fast", "the copy")
        assert client.data(image_id) == DATA

        server.pause()
        begin = time.monotonic()
        assert client.data(image_id) == DATA
        assert time.monotonic() - begin < 15
        server.resume()
        assert client.data(image_id) == DATA

        url = f"{catalog.url}/v2/images/{image_id}/file"
        with requests.get(url, stream=True, timeout=60) as answer:
            blocks = answer.iter_content(2**16)
            got = next(blocks)
            server.kill()  # much of the data was not even asked for yet
            assert got + b"".join(blocks) == DATA
        assert any(line.get("event") == "download.goes_on" for line in catalog.log_lines())
        begin = time.monotonic()
        assert client.data(image_id) == DATA
        assert time.monotonic() - begin < 5
        refused = client.upload(client.create("new"), DATA, **{"X-Image-Meta-Store": "fast"})
        assert refused.status_code == 503

        catalog.stop()
        catalog.start()  # a further store that is down does not keep the catalog from starting
        assert client.data(image_id) == DATA
