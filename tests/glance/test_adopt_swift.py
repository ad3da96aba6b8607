"""``calotype adopt`` of a real Glance whose data lies in a real Swift, behind a real Keystone.

One store of it names its account by reference, the other one has user and key in every address, as older ones do.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import requests

from backends.swift.client import SwiftClient
from backends.swift.login import SwiftOptions, make_login
from catalog.store.keys import image_folder
from tests.glance.adopting import Adopt, adopting, comparable, get, serving, ways
from tests.servers.glance import ADMIN, Glance
from tests.servers.glance.backends import SwiftAccount, swift_by_address, swift_by_reference
from tests.servers.keystone.cloud import PASSWORD, Cloud
from tests.servers.swift import SwiftServer
from tests.servers.swift.configuration import with_keystone

NAMED, OLDER, REGION = "images", "older", "Adopting"
SEGMENT = 1000 * 1024
"""Glance's megabyte."""
DATA = {"small": b"s" * 70_001, "large": b"".join(bytes([65 + n]) * SEGMENT for n in range(3)), "old": b"o" * 5000}
STREAMED = b"x" * SEGMENT + b"y" * 12_345


@pytest.fixture(scope="module")
def account(cloud: Cloud) -> Iterator[SwiftAccount]:
    """An account of a Swift that stands in the catalog in a region of its own."""
    keystone = cloud.keystone
    cloud.user("swift-adopt", "adopt", "member")
    with SwiftServer(**with_keystone(keystone.url, keystone.admin, keystone.password, "admin")) as swift:
        cloud.service("object-store", f"http://127.0.0.1:{swift.port}/v1/AUTH_$(project_id)s", REGION)
        yield SwiftAccount(keystone.url, "swift-adopt", PASSWORD, "adopt", REGION)


@pytest.fixture(scope="module")
def glance(account: SwiftAccount) -> Iterator[Glance]:
    with Glance(swift_by_reference(NAMED, account), swift_by_address(OLDER, account)) as server:
        yield server


@pytest.fixture(scope="module")
def images(glance: Glance) -> dict[str, str]:
    """Images by name: one object, segments of a declared length, segments of a stream, an address with a key."""
    made = {
        "small": glance.add(DATA["small"], NAMED, name="small", visibility="public", os_distro="debian"),
        "large": glance.add(DATA["large"], NAMED, name="large"),
        "old": glance.add(DATA["old"], OLDER, name="old"),
        "streamed": glance.add(iter([STREAMED[:SEGMENT], STREAMED[SEGMENT:]]), NAMED, name="streamed"),
    }
    assert PASSWORD in str(glance.show(made["old"])["locations"])
    assert glance.show(made["large"])["direct_url"].startswith("swift+config://one/images/")
    return made


@pytest.fixture
def environment(glance: Glance, tmp_path: Path) -> Mapping[str, str]:
    return {**glance.environment, "CALOTYPE_SWIFT_KEY": PASSWORD, "HOME": str(tmp_path)}


@pytest.fixture
def config(account: SwiftAccount, tmp_path: Path) -> Path:
    """Settings of a catalog in a folder, with both containers of Glance and one for our own layout."""
    path = tmp_path / "settings.toml"
    path.write_text(
        f'store = "file://{tmp_path}/home"\ncreate_bucket = true\n'
        f'swift_auth_url = "{account.auth_url}"\nswift_user = "{account.user}"\nswift_project = "{account.project}"\n'
        f'swift_region = "{account.region}"\n'
        f'[stores]\n{NAMED} = "swift://{NAMED}"\n{OLDER} = "swift://{OLDER}"\nours = "swift://ours/{tmp_path.name}"\n'
    )
    return path


@pytest.fixture
def adopt(config: Path, images: dict[str, str], environment: Mapping[str, str]) -> Adopt:
    return adopting(config, environment)


def test_in_place(
    adopt: Adopt, images: dict[str, str], glance: Glance, config: Path, environment: Mapping[str, str], tmp_path: Path
) -> None:
    planned = adopt("--dry-run")
    assert ways(planned) == dict.fromkeys(images, ("adopted", "in place"))
    assert not list((tmp_path / "home" / "images").rglob("*.json"))
    assert ways(adopt("--verify", "--image", images["large"]))["large"] == ("adopted", "in place")
    assert ways(adopt()) == {**ways(planned), "large": ("present", "")}, "a run is taken up where one ended"
    for path in (tmp_path / "home").rglob("*.json"):
        assert PASSWORD.encode() not in path.read_bytes()

    with serving(config, environment, tmp_path) as catalog:
        for name, data in {**DATA, "streamed": STREAMED}.items():
            path = f"/v2/images/{images[name]}"
            assert comparable(get(catalog, path).json()) == comparable(glance.show(images[name])), name
            assert get(catalog, f"{path}/file").content == data
            answer = requests.get(
                f"{catalog.url}{path}/file", headers={"X-Auth-Token": ADMIN, "Range": "bytes=4000-4999"}, timeout=120
            )
            assert (answer.status_code, answer.content) == (206, data[4000:5000])
        gone = requests.delete(
            f"{catalog.url}/v2/images/{images['large']}", headers={"X-Auth-Token": ADMIN}, timeout=120
        )
        assert gone.status_code == 204
    assert glance.call("GET", f"/v2/images/{images['large']}/file").content == DATA["large"]


def test_copied_by_swift_into_our_layout(
    adopt: Adopt, images: dict[str, str], account: SwiftAccount, config: Path, environment: Mapping[str, str],
    tmp_path: Path,
) -> None:  # fmt: skip
    done = adopt("--copy", "--to", "ours", "--verify")
    assert ways(done) == dict.fromkeys(images, ("adopted", "copied"))
    options = SwiftOptions(
        auth_url=account.auth_url, user=account.user, key=account.key, project=account.project, region=account.region
    )
    client = SwiftClient(make_login(options, {}), options)
    forms = {}
    for name in images:
        listed = client.call("GET", "/ours", "list", query={"prefix": f"{tmp_path.name}/{image_folder(images[name])}"})
        (blob,) = listed.data.decode().split()
        forms[name] = client.call("HEAD", f"/ours/{blob}", "head").headers.get("X-Static-Large-Object")
    client.close()
    assert forms == {"small": None, "old": None, "large": "True", "streamed": "True"}, "nothing rests on a listing"
    with serving(config, environment, tmp_path) as catalog:
        for name, data in {**DATA, "streamed": STREAMED}.items():
            assert get(catalog, f"/v2/images/{images[name]}").json()["stores"] == "ours"
            assert get(catalog, f"/v2/images/{images[name]}/file").content == data
