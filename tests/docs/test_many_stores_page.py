"""The settings and commands of the page on many stores do what the page says."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.docs.markdown import blocks
from tests.servers.calotype import Calotype
from tests.servers.disk_images import make_disk_image


def test_commands_of_the_page(tmp_path: Path) -> None:
    made = make_disk_image("qcow2", tmp_path)
    made.path.rename(tmp_path / "debian.qcow2")
    (settings,), (script,) = blocks("docs/many-stores.md", "toml"), blocks("docs/many-stores.md", "sh")
    (tmp_path / "settings.toml").write_text(settings)
    with Calotype(tmp_path / "node", options=["--config", str(tmp_path / "settings.toml")]) as catalog:
        words = ["bash", "-euxo", "pipefail", "-c", f"URL={catalog.url}\n" + script.replace("curl ", "curl -f ")]
        done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "copy.qcow2").read_bytes() == (tmp_path / "debian.qcow2").read_bytes()
    assert not list((tmp_path / "node" / "deep").rglob("data-*"))
