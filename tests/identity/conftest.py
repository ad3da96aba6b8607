"""Fixtures: people in a real Keystone, and catalogs that ask it.

Owns one cloud for the tests of this folder. A test that stops Keystone must start it again.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.e2e.support import Client
from tests.identity.limits import GENERAL, REGION, Registered
from tests.servers.calotype import Calotype
from tests.servers.keystone.cloud import PASSWORD, Cloud
from tests.servers.keystone.server import Keystone
from tests.servers.process import find_program

REGION_TWO = "RegionTwo"


@dataclass(frozen=True)
class People:
    """Who there is: ids of projects and users by name."""

    cloud: Cloud
    ids: Mapping[str, str]


@pytest.fixture(scope="session")
def cloud() -> Iterator[Cloud]:
    """The Keystone of this folder."""
    with Keystone() as server:
        yield Cloud(server)


@pytest.fixture(scope="session")
def people(cloud: Cloud) -> People:
    """Two projects, red and blue, with users for each role, and the catalog's own user."""
    users = {
        "alice": ("red", "member"), "mona": ("red", "manager"), "rita": ("red", "reader"), "nora": ("red",),
        "bob": ("blue", "member"), "ruth": ("blue", "reader"), "root": ("red", "admin"),
        "nova": ("service", "service"), "checker": ("service", "service"),
    }  # fmt: skip
    ids = {name: cloud.user(name, project, *roles) for name, (project, *roles) in users.items()}
    cloud.in_domain(ids["root"], "admin")
    cloud.in_system(ids["root"], "admin")
    return People(cloud, {**ids, **{name: cloud.project(name) for name in ("red", "blue")}})


def settings(cloud: Cloud, **more: Any) -> dict[str, Any]:
    """Give the settings of a catalog that asks a Keystone."""
    return {
        "auth": "keystone", "keystone_auth_url": cloud.keystone.url, "keystone_username": "checker",
        "keystone_password": PASSWORD, "keystone_http_request_max_retries": 0, "keystone_http_connect_timeout": 60,
        "enabled_import_methods": "glance-direct,glance-download", **more,
    }  # fmt: skip


@pytest.fixture(scope="session")
def catalog(people: People) -> Iterator[Calotype]:
    """The catalog of the region: it believes a checked token for a while."""
    with Calotype(**settings(people.cloud)) as running:
        people.cloud.service("image", running.url)
        yield running


@pytest.fixture(scope="session")
def asking(people: People, catalog: Calotype) -> Iterator[Calotype]:
    """The catalog of the second region: it asks Keystone at every request, and has two stores."""
    with Calotype(**settings(people.cloud, keystone_token_cache_time=-1, stores="more=file:./more")) as running:
        people.cloud.service("image", running.url, REGION_TWO)
        yield running


class User(Client):
    """A client that sends a token."""

    def __init__(self, url: str, token: str | None, **headers: str) -> None:
        super().__init__(url)
        self.headers = {**({"X-Auth-Token": token} if token is not None else {}), **headers}

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        """Send one request with the token."""
        headers = {**self.headers, **(options.pop("headers", None) or {})}
        return super().call(method, path, headers=headers, **options)

    def statuses(self, *calls: tuple[str, str]) -> list[int]:
        """Give the status of each call."""
        return [self.call(method, path).status_code for method, path in calls]


def signed_in(people: People, catalog: Calotype, name: str = "alice", project: str = "red") -> User:
    """Give somebody with a new token."""
    return User(catalog.url, people.cloud.token(name, project))


@pytest.fixture
def registered(people: People, catalog: Calotype) -> Iterator[Registered]:
    """Limits of the region; ``catalog`` has put the image service into Keystone."""
    made = Registered(people)
    made.register(REGION, **GENERAL)
    yield made
    made.clear()


@pytest.fixture(scope="session")
def in_system(people: People) -> None:
    """Let the catalog see the limits of all projects."""
    people.cloud.in_system(people.ids["checker"], "reader")


def limiting(people: People, **more: Any) -> dict[str, Any]:
    """Give the settings of a catalog that asks Keystone for limits, each time."""
    ours = {"use_keystone_limits": True, "keystone_limits_cache_time": 0, "keystone_region_name": REGION}
    methods = "glance-direct,web-download"
    return settings(people.cloud, **{**ours, "enabled_import_methods": methods, **more})


@pytest.fixture
def limited(people: People, registered: Registered, in_system: None) -> Iterator[Calotype]:
    """A catalog with limits from Keystone."""
    with Calotype(**limiting(people)) as running:
        yield running


def command(program: str, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a client as a user does, with nothing of our environment but the path."""
    folder = variables.pop("HOME", "/nonexistent")
    environment = {"PATH": os.environ["PATH"], "HOME": folder, "LC_ALL": "C.UTF-8", **variables}
    line = [find_program(program, "pip install -e .[test]"), *words]
    return subprocess.run(line, env=environment, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    """A file that can be the data of a raw image."""
    path = tmp_path / "disk.raw"
    path.write_bytes(b"golden image" * 1000)
    return path
