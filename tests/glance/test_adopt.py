"""``calotype adopt`` against a real Glance, and the catalog that comes out of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.glance.adopting import Adopt, comparable, get, serving, ways
from tests.glance.conftest import DATA
from tests.servers.glance import ADMIN, BUCKET, FILES, Glance
from tests.servers.glance.backends import s3_backend
from tests.servers.seaweedfs import SeaweedFS

MAP = ("--map", f"{BUCKET}=vault")


@pytest.fixture(scope="module")
def glance(seaweedfs: SeaweedFS) -> Iterator[Glance]:
    """One of its own: all images of a Glance are adopted, and other tests leave theirs in the common one."""
    with Glance(s3_backend(BUCKET, seaweedfs)) as server:
        yield server


def test_in_place(
    adopt: Adopt, images: dict[str, str], glance: Glance, config: Path, seaweedfs: SeaweedFS, tmp_path: Path
) -> None:
    planned = adopt(*MAP, "--dry-run")
    assert planned["counts"]["adopted"] == len(images)
    assert not list((tmp_path / "home" / "images").rglob("*.json"))
    before = {path.name: path.read_bytes() for path in glance.images.iterdir() if path.is_file()}

    done = adopt(*MAP)
    assert ways(done) == ways(planned) == {
        name: ("adopted", "no data" if name == "empty" else "in place") for name in images
    }  # fmt: skip
    assert {one["result"] for one in adopt(*MAP)["images"]} == {"present"}

    with serving(config, seaweedfs.environment, tmp_path) as catalog:
        for name, image_id in images.items():
            assert comparable(get(catalog, f"/v2/images/{image_id}").json()) == comparable(glance.show(image_id)), name
        for name, data in DATA.items():
            assert get(catalog, f"/v2/images/{images[name]}/file").content == data
        assert get(catalog, f"/v2/images/{images['both']}").json()["stores"] == f"{FILES},vault"
        members = get(catalog, f"/v2/images/{images['plain']}/members").json()
        assert members == glance.call("GET", f"/v2/images/{images['plain']}/members").json()

        # Deletion takes the record; what Glance stored stays.
        for name in ("deep", "both"):
            deleted = requests.delete(
                f"{catalog.url}/v2/images/{images[name]}", headers={"X-Auth-Token": ADMIN}, timeout=120
            )
            assert deleted.status_code == 204
    assert {path.name: path.read_bytes() for path in glance.images.iterdir() if path.is_file()} == before
    for name in ("deep", "both"):
        assert glance.call("GET", f"/v2/images/{images[name]}/file").content == DATA[name]
    again = ways(adopt(*MAP, code=1))
    assert again["deep"] == ("skipped", "it was deleted here")


@pytest.mark.parametrize("target", ["default", "ours"])
def test_copy(
    adopt: Adopt, images: dict[str, str], glance: Glance, config: Path, seaweedfs: SeaweedFS, tmp_path: Path,
    target: str,
) -> None:  # fmt: skip
    done = adopt(*MAP, "--copy", "--to", target, "--verify")
    assert {way for name, way in ways(done).items() if name != "empty"} == {("adopted", "copied")}
    with serving(config, seaweedfs.environment, tmp_path) as catalog:
        for name, data in DATA.items():
            view = get(catalog, f"/v2/images/{images[name]}").json()
            assert (view["stores"], view["os_hash_value"]) == (target, glance.show(images[name])["os_hash_value"])
            assert get(catalog, f"/v2/images/{images[name]}/file").content == data


def test_what_cannot_be_reached_is_downloaded(adopt: Adopt, images: dict[str, str], tmp_path: Path) -> None:
    skipped = adopt(code=1)  # the S3 store has another name here, and no --map says which
    assert skipped["counts"] == {"adopted": 5, "present": 0, "differs": 0, "skipped": 1, "failed": 0}
    assert "--map" in ways(skipped)["deep"][1]
    done = adopt("--download")
    assert ways(done)["deep"] == ("adopted", "downloaded")
    (blob,) = (tmp_path / "home" / "images" / images["deep"]).glob("data-*")
    assert blob.read_bytes() == DATA["deep"]


def test_a_difference_is_told_and_left(adopt: Adopt, images: dict[str, str], glance: Glance) -> None:
    adopt(*MAP)
    operations = [{"op": "replace", "path": "/name", "value": "changed"}]
    kind = {"Content-Type": "application/openstack-images-v2.1-json-patch"}
    path = f"/v2/images/{images['zero']}"
    glance.call("PATCH", path, json=operations, headers=kind)
    report = adopt(*MAP, "--image", images["zero"], code=1)
    assert ways(report) == {"changed": ("differs", "name")}
    glance.call("PATCH", path, json=[{**operations[0], "value": "zero"}], headers=kind)
