"""The bucket's rules as SeaweedFS carries them out: what they end, what they never touch, and what we make of it.

Rules count whole days, so objects are made as old as they have to be, and the server's daily run is asked for.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatch

import pytest

from catalog.store import keys
from catalog.store.errors import NotFound
from catalog.store.interface import ObjectStore, Overwrite
from tests.deletion.conftest import DATA, Place
from tests.deletion.interrupted import Interrupted
from tests.e2e.support import wait_for
from tests.servers.seaweedfs import SeaweedFS
from tests.servers.weed_shell import WeedShell

PART = bytes(5 * 2**20)
PREFIX = "catalog/"
OCTETS = "application/octet-stream"

on_seaweedfs = pytest.mark.parametrize("place", ["seaweedfs"], indirect=True)


@pytest.fixture
def shell(seaweedfs: SeaweedFS, place: Place) -> WeedShell:
    """The server's own shell; the bucket has our rules, and the catalog knows of them."""
    prepared = place.run("store", "prepare")
    assert (prepared.exit_code, prepared.stdout) == (0, "default: 8 rules installed\n")
    place.home.prepare(create=False)
    return WeedShell(seaweedfs)


def bucket_of(place: Place) -> str:
    return place.environment["CALOTYPE_STORE"].split("/")[2]


def make_old(shell: WeedShell, place: Place, days: float, *patterns: str) -> int:
    """Make what lies below our prefix and matches, or an upload of that id, so many days old."""
    at = datetime.now(UTC) - timedelta(days=days)

    def when(name: str) -> datetime | None:
        ours = name.removeprefix(PREFIX)
        return at if any(fnmatch(ours, pattern) for pattern in patterns) else None

    return shell.make_old(bucket_of(place), when)


def listed(store: ObjectStore, prefix: str = "") -> set[str]:
    return {info.key for info in store.list(prefix)}


def history(place: Place, image_id: str) -> str:
    return str(place.app.test_client().get(f"/v2/images/{image_id}/history").json)


def bare(place: Place) -> str:
    """Give the id of an image without data."""
    fields = {"disk_format": "raw", "container_format": "bare"}
    return str(place.app.test_client().post("/v2/images", json=fields).json["id"])


def send(place: Place, image_id: str, data: bytes) -> int:
    return place.app.test_client().put(f"/v2/images/{image_id}/file", data=data, content_type=OCTETS).status_code


@on_seaweedfs
def test_the_data_of_deleted_images_goes_and_all_else_stays(place: Place, shell: WeedShell) -> None:
    living, gone, gone_large = place.active(), place.active(), bare(place)
    assert send(place, gone_large, PART * 2) == 204  # in two parts
    for image_id in (gone, gone_large):
        place.delete(image_id)
    others = {"foreign", f"{keys.IMAGES}README", f"images/{living}/signature", "tasks-of-others/1.json"}
    for key in others:
        place.home.put(key, b"x", Overwrite())
    before = listed(place.home)
    data = {key for image_id in (gone, gone_large) for key in before if key.startswith(f"images/{image_id}/data-")}
    assert len(data) == 2
    assert "complete" in shell.carry_out_rules()
    assert listed(place.home) == before  # a day has not passed
    assert make_old(shell, place, 90, "*.*", "*/data-*", "foreign", "*README", "*signature", "index/*") >= len(before)
    assert "complete" in shell.carry_out_rules()
    assert listed(place.home) == before - data
    assert others <= before
    assert place.data(living) == DATA
    late = place.run("image", "undelete", gone)
    assert (late.exit_code, "is gone" in late.output) == (1, True)
    assert place.run("sweep", deleted_retention=0).exit_code == 0
    assert [place.stored(image_id) for image_id in (gone, gone_large)] == [["image"]] * 2
    assert place.run("verify").exit_code == 0
    assert place.run("index", "verify").exit_code == 0


@on_seaweedfs
def test_an_image_that_was_brought_back_is_no_more_expected_to_go(place: Place, shell: WeedShell) -> None:
    image_id, gone = place.active(), place.active()
    for deleted in (image_id, gone):
        place.delete(deleted)
    make_old(shell, place, 1 / 24, f"images/{image_id}/image.json")
    back = place.run("image", "undelete", image_id)
    assert back.exit_code == 0, back.output
    make_old(shell, place, 90, "images/*")
    assert "complete" in shell.carry_out_rules()
    assert place.stored(gone) == ["image"]
    assert place.data(image_id) == DATA


@on_seaweedfs
def test_an_upload_that_the_bucket_ended_can_be_made_again(place: Place, shell: WeedShell) -> None:
    """Its server is dead and nobody swept for a week; the image finds its way all the same."""
    image_id = place.active()
    other = place.home.begin_upload(f"images/{image_id}/data-young")
    records, attempt = place.catalog.records, "dead"
    client = place.app.test_client()
    broken = bare(place)
    records.update(broken, lambda image: replace(image, status="saving", attempt=attempt, attempt_by="nobody"))
    key = keys.blob(broken, attempt)
    upload = place.home.begin_upload(key)
    part = place.home.put_part(key, upload, 1, PART, 0)
    assert make_old(shell, place, 8, f".uploads/{upload}", f"images/{broken}/image.json") == 2
    assert "complete" in shell.carry_out_rules()
    assert [pending.upload_id for pending in place.home.list_uploads()] == [other]
    with pytest.raises(NotFound):
        place.home.complete_upload(key, upload, [part])
    assert client.get(f"/v2/images/{broken}").json["status"] == "saving"
    swept = place.run("sweep", "--json")
    assert json.loads(swept.stdout)["rules"]["dead-transfers"]["ended"] == 1
    assert client.get(f"/v2/images/{broken}").json["status"] == "killed"
    assert "is silent since" in history(place, broken)
    assert (send(place, broken, DATA), place.data(broken)) == (204, DATA)


@on_seaweedfs
def test_an_upload_that_the_bucket_ends_while_it_goes_on_says_so(place: Place, shell: WeedShell) -> None:
    """It took longer than a week: the image is killed with a reason, nothing is left, and it can be sent again."""
    image_id = bare(place)

    def a_week_passes() -> None:
        wait_for(lambda: list(place.home.list_uploads()), "the first part")
        (upload,) = place.home.list_uploads()
        make_old(shell, place, 8, f".uploads/{upload.upload_id}")
        assert "complete" in shell.carry_out_rules()
        assert list(place.home.list_uploads()) == []

    body = Interrupted(PART * 4, a_week_passes)
    sent = place.app.test_client().put(f"/v2/images/{image_id}/file", input_stream=body, content_type=OCTETS)
    assert (body.events, sent.status_code) == ([], 410), sent.text
    assert place.app.test_client().get(f"/v2/images/{image_id}").json["status"] == "killed"
    assert "its parts are gone" in history(place, image_id)
    assert place.stored(image_id) == ["image"]
    assert list(place.home.list_uploads()) == []
    assert send(place, image_id, DATA) == 204
    assert place.data(image_id) == DATA


@on_seaweedfs
def test_old_tasks_go(place: Place, shell: WeedShell) -> None:
    old, young = (f"tasks/{digit * 8}-2222-4333-8444-555555555555.json" for digit in "12")
    for key in (old, young):
        place.home.put(key, b"{}", Overwrite())
    assert make_old(shell, place, 31, old) == 1
    assert "complete" in shell.carry_out_rules()
    assert listed(place.home, keys.TASKS) == {young}


@on_seaweedfs
def test_a_bucket_with_versions_keeps_what_its_rule_removed(
    place: Place, shell: WeedShell, seaweedfs: SeaweedFS
) -> None:
    client, bucket = seaweedfs.client(), bucket_of(place)
    client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    living, gone = place.active(), place.active()
    place.delete(gone)
    make_old(shell, place, 90, "*/v_*")
    assert "complete" in shell.carry_out_rules()
    assert [place.stored(image_id) for image_id in (living, gone)] == [["data-", "image"], ["image"]]
    assert place.data(living) == DATA
    late = place.run("image", "undelete", gone)
    assert (late.exit_code, "is gone" in late.output) == (1, True)
    folder = f"{PREFIX}{keys.image_folder(gone)}data-"
    versions = client.list_object_versions(Bucket=bucket, Prefix=folder)
    assert ([one["Size"] for one in versions["Versions"]], len(versions["DeleteMarkers"])) == ([len(DATA)], 1)
    client.close()
