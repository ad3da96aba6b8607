"""docs/web-store.md: its settings and its commands, with a web server of ours, under TLS, as the mirror."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.docs.markdown import blocks
from tests.fetch.certificates import Authority
from tests.fetch.source import Source, serving
from tests.servers.calotype import Calotype

PAGE = "docs/web-store.md"
DATA = bytes(range(256)) * 4000


def test_commands_of_the_page(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    with Source(authority.context("127.0.0.1")) as mirror:
        mirror.answer = serving(DATA)
        (settings,), (script,) = blocks(PAGE, "toml"), blocks(PAGE, "sh")
        url = "https://mirror.example.org/"
        for old, new in ((url, mirror.url("", "127.0.0.1")), ("/etc/ssl/certs/mirror.pem", str(authority.bundle))):
            assert old in settings
            settings, script = settings.replace(old, new), script.replace(old, new)
        (tmp_path / "settings.toml").write_text(settings)
        with Calotype(tmp_path / "node", options=["--config", str(tmp_path / "settings.toml")]) as catalog:
            words = ["bash", "-euxo", "pipefail", "-c", f"URL={catalog.url}\n{script}"]
            done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "copy.raw").read_bytes() == DATA
    assert {request.path for request in mirror.requests} == {"/images/debian.raw"}
