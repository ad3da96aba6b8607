"""The commands of the page on adoption work as they stand there, against a real Glance."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.docs.markdown import blocks
from tests.servers.glance import BUCKET, Glance
from tests.servers.seaweedfs import SeaweedFS


def test_commands_of_the_page(glance: Glance, seaweedfs: SeaweedFS, tmp_path: Path) -> None:
    image_id = glance.add(b"x" * 1000, BUCKET, name="to adopt")
    (settings,), (script,) = blocks("docs/adopt.md", "toml"), blocks("docs/adopt.md", "sh")
    settings = settings.replace("https://s3.example.org", seaweedfs.endpoint).replace("s3://calotype", "s3://adopting")
    settings = settings.replace("file:///var/lib/glance/images", f"file://{glance.images}")
    (tmp_path / "settings.toml").write_text(settings)
    script = script.replace("--map s3=", f"--image {image_id} --map {BUCKET}=")
    path = f"{Path(sys.executable).parent}{os.pathsep}/usr/bin{os.pathsep}/bin"
    environment = {"PATH": path, "HOME": str(tmp_path), "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        ["bash", "-euxo", "pipefail", "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=120,
        env={**environment, **seaweedfs.environment, **glance.environment}, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Nothing was written" in done.stdout
    assert "in place" in done.stdout.split("Nothing was written")[1]
