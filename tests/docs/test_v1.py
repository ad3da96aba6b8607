"""The commands of the page on the Image API v1 do what the page says."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.docs.markdown import blocks
from tests.e2e.support import Client
from tests.servers.calotype import Calotype
from tests.servers.disk_images import make_disk_image

URL = "http://127.0.0.1:9292"


def test_commands_of_the_page(tmp_path: Path) -> None:
    made = make_disk_image("qcow2", tmp_path)
    made.path.rename(tmp_path / "debian.qcow2")
    (script,) = blocks("docs/v1.md", "sh")
    assert URL in script
    with Calotype() as catalog:
        script = script.replace(URL, catalog.url).replace("curl -sS", "curl -sS --fail-with-body")
        done = subprocess.run(
            ["bash", "-euxo", "pipefail", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert Client(catalog.url).names() == []
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "copy.qcow2").read_bytes() == (tmp_path / "debian.qcow2").read_bytes()
    assert "x-image-meta-property-os_distro: debian" in done.stdout
    assert '"min_disk":2' in done.stdout
    assert '"os_distro":"debian"' in done.stdout
