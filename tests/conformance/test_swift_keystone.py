"""Swift behind a real Keystone: logins by variables, settings and application credentials, and a token that ends."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from backends.swift.client import SwiftClient
from backends.swift.login import SwiftOptions, make_login
from backends.swift.store import SwiftStore
from backends.swift.timed import fenced
from catalog.store.errors import Denied
from catalog.store.interface import Create, Overwrite, Update
from tests.docs.markdown import ROOT, blocks
from tests.servers.keystone.cloud import PASSWORD, Cloud
from tests.servers.swift import SwiftServer
from tests.servers.swift.configuration import with_keystone


@pytest.fixture(scope="module")
def swift_cloud(cloud: Cloud) -> Iterator[Cloud]:
    """The Keystone, and a Swift that knows it; ``swift-images`` may make containers in the project ``swift``."""
    keystone = cloud.keystone
    cloud.user("swift-images", "swift", "member")
    cloud.user("swift-guest", "swift", "reader")
    with SwiftServer(**with_keystone(keystone.url, keystone.admin, keystone.password, "admin")) as swift:
        cloud.service("object-store", f"http://127.0.0.1:{swift.port}/v1/AUTH_$(project_id)s")
        yield cloud


def store_of(variables: dict[str, str], **options: str) -> SwiftStore:
    chosen = SwiftOptions(**options)
    return SwiftStore(SwiftClient(make_login(chosen, variables), chosen), "images", "catalog")


def test_a_home_store(swift_cloud: Cloud, tmp_path: Path) -> None:
    place = store_of(swift_cloud.variables("swift-images", "swift"))
    store = fenced(place, tmp_path / "host")
    store.prepare(create=True)
    info = store.put("key", b"1", Create())
    store.put("key", b"2", Update(info.etag))
    assert store.get("key").read() == b"2"
    upload_id = store.begin_upload("large")
    parts = [store.put_part("large", upload_id, 1, b"part", 0)]
    swift_cloud.revoke(place.place.client._login.token())
    store.complete_upload("large", upload_id, parts)  # with a new token
    assert store.get("large").read() == b"part"
    store.close()


def test_settings_and_application_credentials(swift_cloud: Cloud) -> None:
    own = {"auth_url": swift_cloud.keystone.url, "user": "swift-images", "key": PASSWORD, "project": "swift"}
    store = store_of({}, **own)
    store.prepare(create=True)
    assert store.put("by/settings", b"x", Overwrite()).size == 1
    connection = swift_cloud.connect("swift-images", "swift")
    made = connection.identity.create_application_credential(connection.current_user_id, "calotype", secret="s3cret")
    other = store_of({}, auth_url=swift_cloud.keystone.url, credential_id=made.id, credential_secret="s3cret")
    assert other.get("by/settings").read() == b"x"
    store.close()
    other.close()


def test_who_may_not_write(swift_cloud: Cloud) -> None:
    for variables in (
        swift_cloud.variables("swift-guest", "swift"),
        swift_cloud.variables("swift-images", "swift", "a-wrong-word"),
    ):
        store = store_of(variables)
        with pytest.raises(Denied) as raised:
            store.put("key", b"x", Overwrite())
        assert "a-wrong-word" not in str(raised.value)
        store.close()


def test_the_setup_of_the_page(swift_cloud: Cloud, tmp_path: Path) -> None:
    text = blocks("docs/swift.md", "sh")[0].replace("calotype serve", "calotype index status")
    for old, new in (
        ("https://identity.example.org/v3", swift_cloud.keystone.url),
        ("OS_USERNAME=images", "OS_USERNAME=swift-images"),
        ("OS_PASSWORD=secret", f"OS_PASSWORD={PASSWORD}"),
        ("OS_PROJECT_NAME=service", "OS_PROJECT_NAME=swift"),
        ("swift://images/", "swift://page/"),
    ):
        assert old in text
        text = text.replace(old, new)
    path = f"{Path(sys.executable).parent}{os.pathsep}/usr/bin{os.pathsep}/bin"
    environment = {"PATH": path, "HOME": str(tmp_path), "LC_ALL": "C.UTF-8", "PYTHONPATH": str(ROOT)}
    words = ["bash", "-euo", "pipefail", "-c", text]
    done = subprocess.run(words, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120)
    assert "last entry" in done.stdout, done.stderr
