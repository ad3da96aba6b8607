"""The commands and settings of docs/identity.md, as they stand: with real clients and a real Keystone."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.clients.in_process import run_openstack
from tests.docs.markdown import ROOT, blocks
from tests.e2e.support import wait_for
from tests.identity.conftest import User
from tests.servers.calotype import Calotype
from tests.servers.keystone.cloud import Cloud
from tests.servers.ports import free_port

PAGE = "docs/identity.md"
BIND, KEYSTONE = "127.0.0.1:9292", "http://127.0.0.1:5000/v3"
USERS, BASIC_CLIENT, INSTALL, ENTRY, CLIENT, LIMITS, TLS, TLS_CLIENT = range(8)


def shell(script: str, folder: Path, **variables: str) -> str:
    """Run a script, which has to succeed, and give what it printed on standard output."""
    path = f"{Path(sys.executable).parent}{os.pathsep}/usr/bin{os.pathsep}/bin"
    environment = {"PATH": path, "HOME": str(folder), "LC_ALL": "C.UTF-8", "PYTHONPATH": str(ROOT), **variables}
    line = ["bash", "-euo", "pipefail", "-c", script]
    done = subprocess.run(
        line, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, start_new_session=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def served(number: int, client: int, folder: Path, probe: str) -> str:
    """Run a block that ends with a server, and one with clients beside it."""
    scripts, bind = blocks(PAGE, "sh"), f"127.0.0.1:{free_port()}"
    start = scripts[number].rstrip()
    assert start.splitlines()[-1].startswith("calotype serve ")
    wait = f"until curl -sko /dev/null {probe}://{bind}/versions; do kill -0 $!; sleep 0.1; done"
    script = f"{start} &\ntrap 'kill $!; wait' EXIT\n{wait}\n{scripts[client]}".replace(BIND, bind)
    return shell(script, folder, CALOTYPE_BIND=bind)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the file that the page talks of."""
    (tmp_path / "disk.raw").write_bytes(b"golden image" * 100)
    return tmp_path


def test_users_in_a_file(folder: Path):
    printed = served(USERS, BASIC_CLIENT, folder, "http")
    assert "active" in printed
    assert "demo" in printed, "the owner is the user's project"


def test_tls(folder: Path):
    assert '"CURRENT"' in served(TLS, TLS_CLIENT, folder, "https")


def as_administrator(cloud: Cloud, script: str) -> None:
    """Run commands in this process: an interpreter for each would take seconds."""
    variables = cloud.variables(cloud.keystone.admin, "admin", cloud.keystone.password)
    options = [word for name, value in variables.items() for word in (f"--{name.lower().replace('_', '-')}", value)]
    for line in script.splitlines():
        assert line.startswith("openstack ")
        assert run_openstack([*options, *shlex.split(line)[1:]]) == 0, line


def test_keystone(cloud: Cloud, folder: Path):
    scripts = blocks(PAGE, "sh")
    assert scripts[INSTALL] == "pip install 'calotype[keystone]'\n"
    (settings,) = blocks(PAGE, "toml")
    assert KEYSTONE in settings
    (folder / "catalog.toml").write_text(settings.replace(KEYSTONE, cloud.keystone.url))
    cloud.user("dora", "docs", "member")
    with Calotype(folder / "catalog", options=["--config", str(folder / "catalog.toml")]) as catalog:
        as_administrator(cloud, scripts[ENTRY].replace("http://127.0.0.1:9292", catalog.url))
        assert "first" in shell(scripts[CLIENT], folder, **cloud.variables("dora", "docs"))
        (image,) = User(catalog.url, cloud.token("dora", "docs")).call("GET", "/v2/images").json()["images"]
        assert (image["status"], image["owner"]) == ("active", cloud.project("docs"))
    cloud.user("demi", "demo", "member")
    as_administrator(cloud, scripts[LIMITS])
    config = ["--config", str(folder / "catalog.toml"), "--use-keystone-limits", "true"]
    with Calotype(folder / "limited", options=config) as limited:
        usage = User(limited.url, cloud.token("demi", "demo")).call("GET", "/v2/info/usage").json()["usage"]
    limits = {name: row["limit"] for name, row in usage.items()}
    assert (limits["image_count_total"], limits["image_count_uploading"]) == (100, 10)
    assert (limits["image_size_total"], limits["image_stage_total"]) == (200_000, 20_000)


def test_fields_of_the_audit_lines(folder: Path):
    page = (ROOT / PAGE).read_text(encoding="utf-8").split("## Who did what")[1]
    with Calotype(folder / "catalog") as catalog:
        User(catalog.url, None).create("one")
        (line,) = wait_for(
            lambda: [line for line in catalog.log_lines() if line["event"] == "audit"], "the line of the audit"
        )
    assert line["logger"] == "calotype.audit"
    own = set(line) - {"event", "level", "logger", "timestamp"}
    assert own == {word.strip("` ") for row in page.splitlines() if row.startswith("| `") for word in _names(row)}
    assert json.dumps(line)


def _names(row: str) -> list[str]:
    return row.split("|")[1].split(",")
