"""The steps of the Dockerfile without a container engine: its files, its package, its settings, its health check."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tomllib
from fnmatch import fnmatch
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from catalog.settings import SETTINGS
from tests.docs.markdown import ROOT
from tests.fetch.certificates import Authority
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
    assert "-c requirements-dev.lock '.[keystone,adopt]'" in TEXT
    assert "-r requirements.lock" in TEXT


def test_what_the_image_has_beyond_the_lock_is_pinned_too():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pinned = {line.partition("==")[0] for line in (ROOT / "requirements-dev.lock").read_text().splitlines()}
    for extra in ("keystone", "adopt"):
        assert {Requirement(text).name for text in project["optional-dependencies"][extra]} <= pinned


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


def _check_health(bind: str, **variables: str) -> int:
    """Run the command of the health check, asking another address; give its exit code."""
    program, *words = json.loads(one("HEALTHCHECK").split("CMD", 1)[1])
    assert program == "python"
    given = {"CALOTYPE_BIND": bind, "HTTP_PROXY": "http://127.0.0.1:9", "http_proxy": "http://127.0.0.1:9"}
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **given, **variables}
    return subprocess.run([sys.executable, *words], env=environment, capture_output=True, check=False).returncode


@pytest.mark.parametrize("tls", ["", "cert_file", "ca_file"])
def test_health_check_tells_whether_the_process_answers(tmp_path: Path, tls: str):
    authority = Authority(tmp_path)
    authority.context("127.0.0.1")
    files = {"cert_file": tmp_path / "127.0.0.1.pem", "ca_file": authority.bundle}
    settings = {name: str(file) for name, file in files.items() if tls in (name, "ca_file")}
    variables = {f"CALOTYPE_{name.upper()}": value for name, value in settings.items()}
    with Calotype(tmp_path / "catalog", **settings) as running:
        port = running.url.rpartition(":")[2]
        assert _check_health(f"0.0.0.0:{port}", **variables) == 0
    assert _check_health(f"127.0.0.1:{free_port()}", **variables) != 0


def test_image_runs_the_server():
    assert [*json.loads(one("ENTRYPOINT")), *json.loads(one("CMD"))] == ["calotype", "serve"]
