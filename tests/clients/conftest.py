"""Fixtures: catalogs that the real clients talk to, and the clients' commands.

Owns one catalog over a folder and one over SeaweedFS for the whole session. Must never change a client.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.support import random_bytes
from tests.servers.calotype import Calotype
from tests.servers.disk_images import DiskImage, make_disk_image
from tests.servers.places import folder_place, s3_place
from tests.servers.process import find_program
from tests.servers.web_source import RefusingIdentity, WebSource

TIMEOUT = 120


@pytest.fixture(scope="session", params=["folder", "seaweedfs"])
def catalog_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a catalog, once over a folder and once over SeaweedFS."""
    if request.param == "folder":
        place = folder_place(tmp_path_factory.mktemp("store") / "images")
    else:
        place = s3_place(request.getfixturevalue("seaweedfs"), "clients")
    with Calotype(environment=place.environment, **place.settings) as catalog:
        yield catalog.url


@dataclass(frozen=True)
class FullCatalog:
    """A catalog with everything on, and two files on the web that it may fetch."""

    url: str
    source_url: str
    second_url: str


@pytest.fixture(scope="session", params=["folder", "seaweedfs"])
def full_catalog(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FullCatalog]:
    """A catalog with two stores, the web store, a cache and open locations, over a folder and over SeaweedFS."""
    folder = tmp_path_factory.mktemp("full")
    for name in ("web", "fast"):
        (folder / name).mkdir()
    for name in ("one", "two"):
        (folder / "web" / name).write_bytes(b"bytes from the web " * 5000)
    if request.param == "folder":
        place = folder_place(folder / "images")
    else:
        place = s3_place(request.getfixturevalue("seaweedfs"), "every-command")
    with WebSource(folder / "web") as source:
        settings = {
            **place.settings,
            "stores": f"fast=file://{folder}/fast",
            "web_store": "true",
            "image_cache_dir": f"{folder}/cache",
            "show_multiple_locations": "true",
            "allowed_hosts": "127.0.0.1",
            "allowed_ports": str(source.port),
            "user_storage_quota": "1TB",
        }
        with Calotype(environment=place.environment, **settings) as catalog:
            yield FullCatalog(catalog.url, source.url("one"), source.url("two"))


@pytest.fixture(scope="session")
def identity_url() -> Iterator[str]:
    """An identity service that does not let callers look for projects."""
    with RefusingIdentity() as server:
        yield server.url


class Command:
    """A client's command, run as users run it, in a folder that only one test uses."""

    def __init__(self, words: list[str], install: str, folder: Path) -> None:
        self.words = [find_program(words[0], install), *words[1:]]
        self.folder = folder

    def run(self, *words: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        """Run it and give what it did, whether it failed or not."""
        environment = {"PATH": "/usr/bin:/bin", "HOME": str(self.folder), "LC_ALL": "C.UTF-8"}
        return subprocess.run(
            [*self.words, *words], input=stdin, cwd=self.folder, env=environment, capture_output=True, timeout=TIMEOUT
        )

    def __call__(self, *words: str, stdin: bytes = b"") -> str:
        """Run it; it has to succeed. Gives what it printed."""
        done = self.run(*words, stdin=stdin)
        assert done.returncode == 0, f"{words}: {(done.stdout + done.stderr).decode()}"
        return done.stdout.decode()

    def json(self, *words: str) -> Any:
        """Run it with JSON output."""
        return json.loads(self(*words, "-f", "json"))


@pytest.fixture
def openstack(catalog_url: str, tmp_path: Path) -> Command:
    """``openstack image``."""
    words = ["openstack", "--os-auth-type", "none", "--os-endpoint", catalog_url, "image"]
    return Command(words, "pip install python-openstackclient", tmp_path)


@pytest.fixture
def glance(catalog_url: str, tmp_path: Path) -> Command:
    """``glance``, which wants a token even where none is looked at."""
    words = ["glance", "--os-image-url", catalog_url, "--os-auth-token", "unused"]
    return Command(words, "pip install python-glanceclient", tmp_path)


@pytest.fixture(scope="session")
def qcow2(tmp_path_factory: pytest.TempPathFactory) -> DiskImage:
    """A small qcow2; an error that names the Debian package where qemu-img is missing."""
    return make_disk_image("qcow2", tmp_path_factory.mktemp("qcow2"))


@pytest.fixture(scope="session")
def large_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A raw image that needs a multipart upload."""
    path = tmp_path_factory.mktemp("large") / "large.raw"
    path.write_bytes(random_bytes(70 * 2**20, seed=7))
    return path
