"""The steps of the Dockerfile that need no container engine: its files, its package, its settings, its health check.

The image itself was not built here.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path

import pytest

from catalog.settings import SETTINGS
from tests.docs.markdown import ROOT
from tests.servers.calotype import Calotype
from tests.servers.ports import free_port

TEXT = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
STEPS = [tuple(line.split(None, 1)) for line in TEXT.splitlines() if line.strip() and not line.startswith("#")]
LAST_STAGE = STEPS[max(number for number, (word, _) in enumerate(STEPS) if word == "FROM") :]


def copied() -> list[tuple[list[str], str]]:
    """Give sources and target of what is copied from the project."""
    found = [rest.split() for word, rest in STEPS if word == "COPY" and "--from" not in rest]
    return [(words[:-1], words[-1]) for words in found]


def one(step: str) -> str:
    (found,) = [rest for word, rest in LAST_STAGE if word == step]
    return found


def environment() -> dict[str, str]:
    return dict(pair.split("=", 1) for pair in one("ENV").split())


def test_what_is_copied_exists_and_is_not_ignored():
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    allowed = {line[1:] for line in lines if line.startswith("!")}
    assert lines[1] == "*", "everything else stays outside"
    for sources, _ in copied():
        for source in sources:
            assert (ROOT / source).exists(), source
            assert source in allowed, f"{source} is not in the build context"


def test_nobody_is_root_and_the_version_of_python_is_one_of_ours():
    assert one("USER") == "10001:10001"
    images = [rest.split()[0] for word, rest in STEPS if word == "FROM"]
    assert len(set(images)) == 1
    assert fnmatch(images[0], "python:3.1[1-9]-slim")
    assert "--no-deps ." in TEXT
    assert "-r requirements.lock" in TEXT


def test_settings_of_the_image_are_settings():
    given = {name: value for name, value in environment().items() if name.startswith("CALOTYPE_")}
    rows = {row.env: row for row in SETTINGS.values()}
    parsed = {name: rows[name].parse(value) for name, value in given.items()}
    assert parsed == {"CALOTYPE_BIND": "0.0.0.0:9292", "CALOTYPE_STATE_DIR": "/state"}
    assert one("EXPOSE") == "9292"


def test_copied_files_make_the_whole_package(tmp_path: Path):
    context, target = tmp_path / "context", tmp_path / "installed"
    for sources, place in copied():
        for source in sources:
            found, folder = ROOT / source, context / place
            if found.is_dir():
                shutil.copytree(found, folder, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                folder.mkdir(parents=True, exist_ok=True)
                shutil.copy(found, folder)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    done = subprocess.run(
        [*pip, "--target", str(target), "."], cwd=context, capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, done.stderr
    for package in ("catalog", "backends"):
        ours = {path.relative_to(ROOT) for path in (ROOT / package).rglob("*") if path.suffix in (".py", ".sql")}
        assert {path for path in ours if not (target / path).exists()} == set()


@pytest.mark.parametrize("serves", [True, False])
def test_health_check_tells_whether_the_process_answers(tmp_path: Path, serves: bool):
    command = json.loads(one("HEALTHCHECK").split("CMD", 1)[1])
    assert command[0] == "python"
    port = re.search(r"127\.0\.0\.1:(\d+)", command[2])
    assert port is not None
    assert port[1] == one("EXPOSE")
    words = environment()
    if not serves:
        text = command[2].replace(port[1], str(free_port()))
        assert subprocess.run([sys.executable, "-c", text], capture_output=True, check=False).returncode != 0
        return
    entry = [*json.loads(one("ENTRYPOINT")), *json.loads(one("CMD"))]
    assert entry == ["calotype", "serve"]
    catalog = Calotype(tmp_path, state_dir=str(tmp_path / "state"), insecure_bind="true")
    catalog.settings["bind"] = words["CALOTYPE_BIND"].replace("9292", str(catalog.port))
    with catalog:
        text = command[2].replace(port[1], str(catalog.port))
        assert subprocess.run([sys.executable, "-c", text], capture_output=True, check=False).returncode == 0
