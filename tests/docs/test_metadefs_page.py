"""The commands of docs/metadefs.md run as they stand, on a server of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.docs.markdown import blocks
from tests.e2e.support import Client
from tests.servers.calotype import Calotype
from tests.servers.places import folder_place

URL, STORE = "http://127.0.0.1:9292", "file:///srv/images"


def test_commands(tmp_path: Path) -> None:
    files, client = blocks("docs/metadefs.md", "sh")
    assert (STORE in files, URL in client) == (True, True)
    place = folder_place(tmp_path / "images")
    path = f"{Path(sys.executable).parent}{os.pathsep}/usr/bin{os.pathsep}/bin"
    environment = {"PATH": path, "HOME": str(tmp_path), "LC_ALL": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"}
    with Calotype(environment=place.environment, **place.settings) as catalog:
        script = f"{files}\n{client}".replace(STORE, f"file://{tmp_path}/images").replace(URL, catalog.url)
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert Client(catalog.url).call("GET", "/v2/metadefs/namespaces").json()["namespaces"] == []
    told = ["created Example::Shape", "merged Example::Shape", "exported Example::Shape", "removed Example::Shape"]
    assert [line.split(" (")[0] for line in done.stdout.splitlines() if " Example::Shape" in line][:4] == told
    assert "hw_sockets" in done.stdout
    assert (tmp_path / "saved").is_dir()
