"""Uploads into container format bare: the bytes must be what disk_format says, and safe."""

from __future__ import annotations

import hashlib

import pytest

from tests.api.bodies import Body, pattern, send
from tests.api.conftest import MakeApi
from tests.api.disks import SIZE, WRITTEN, Disks, qcow2
from tests.api.support import Api

REAL = ["qcow2", "qcow2 v2", "vhd", "vhdx", "vmdk", "vmdk stream", "vdi", "iso"]
FORMATS = ["qcow2", "vhd", "vhdx", "vmdk", "vdi", "iso"]
OPAQUE = ["ami", "ari", "aki", "ploop"]


def upload(api: Api, disk_format: str, data: bytes, container_format: str = "bare") -> tuple[int, dict[str, object]]:
    """Give the answer's status and the view afterwards."""
    image_id = api.bare(disk_format=disk_format, container_format=container_format)
    status = send(api, image_id, Body(data)).status_code
    return status, api.show(image_id)


def assert_refused(api: Api, answer: tuple[int, dict[str, object]]) -> None:
    """415, and nothing is left of the data, neither stored nor told."""
    status, view = answer
    assert status == 415
    empty = ("size", "virtual_size", "checksum", "os_hash_algo", "os_hash_value")
    assert {name: view[name] for name in empty} == dict.fromkeys(empty)
    assert view["status"] == "queued"
    assert api.blobs(str(view["id"])) == []


@pytest.mark.parametrize("kind", REAL)
def test_real_image_of_the_declared_format(api: Api, disks: Disks, kind: str) -> None:
    data = disks(kind)
    status, view = upload(api, kind.split()[0], data)
    assert status == 204
    assert (view["status"], view["size"]) == ("active", len(data))
    assert view["checksum"] == hashlib.md5(data).hexdigest()
    if kind == "iso":
        assert 0 < int(str(view["virtual_size"])) <= len(data)
    else:
        assert view["virtual_size"] == disks.virtual_size(kind) >= SIZE


@pytest.mark.parametrize("content", [*FORMATS, "noise", "text", "few bytes", "gpt", "mbr", "luks", "qed"])
@pytest.mark.parametrize("declared", FORMATS)
def test_declared_and_real_format(api: Api, disks: Disks, declared: str, content: str) -> None:
    answer = upload(api, declared, disks(content))
    if declared == content:
        assert answer[0] == 204
    else:
        assert_refused(api, answer)


@pytest.mark.parametrize("content", [*REAL, *WRITTEN, "vmdk flat", "qed", "qcow2 on a base", "qcow2 with a data file"])
def test_raw_takes_everything(api: Api, disks: Disks, content: str) -> None:
    data = disks(content)
    status, view = upload(api, "raw", data)
    assert (status, view["status"], view["virtual_size"]) == (204, "active", len(data))


@pytest.mark.parametrize("declared", OPAQUE)
@pytest.mark.parametrize("content", ["noise", "text", "few bytes"])
def test_opaque_format_takes_unknown_bytes(api: Api, disks: Disks, declared: str, content: str) -> None:
    status, view = upload(api, declared, disks(content))
    assert (status, view["virtual_size"]) == (204, None)


@pytest.mark.parametrize("declared", OPAQUE)
@pytest.mark.parametrize("content", [*FORMATS, "qed", "luks", "vmdk with a path", "qcow2 version 1"])
def test_opaque_format_refuses_what_is_known(api: Api, disks: Disks, declared: str, content: str) -> None:
    assert_refused(api, upload(api, declared, disks(content)))


@pytest.mark.parametrize("content", ["gpt", "mbr", "mbr without partitions", "mbr with a wrong flag"])
@pytest.mark.parametrize("declared", OPAQUE)
def test_boot_sector_is_no_reason_against_kernels(api: Api, declared: str, content: str) -> None:
    answer = upload(api, declared, WRITTEN[content])
    if declared in ("aki", "ari"):
        assert (answer[0], answer[1]["virtual_size"]) == (204, None)
    else:
        assert_refused(api, answer)


UNSAFE = [
    *[("qcow2", kind) for kind in (
        "qcow2 on a base", "qcow2 with a data file", "qcow2 with a backing offset", "qcow2 with the data file bit",
        "qcow2 with an unknown feature", "qcow2 with a far feature", "qcow2 version 1", "qcow2 version 4",
        "qcow2 cut short", "qcow2 of 2^64 bytes")],
    *[("vmdk", kind) for kind in (
        "vmdk flat", "vmdk split", "vmdk with a path", "vmdk with an odd line", "vmdk without extents",
        "vmdk of another type", "vmdk without a type", "vmdk of 2^73 bytes")],
]  # fmt: skip


@pytest.mark.parametrize(("declared", "kind"), UNSAFE, ids=[row[1] for row in UNSAFE])
def test_unsafe_image_is_refused(api: Api, disks: Disks, declared: str, kind: str) -> None:
    assert_refused(api, upload(api, declared, disks(kind)))


@pytest.mark.parametrize("kind", ["qcow2 written", "vmdk written"])
def test_written_headers_are_good_ones(api: Api, kind: str) -> None:
    """Else the refusals above would prove nothing."""
    status, view = upload(api, kind.split()[0], WRITTEN[kind])
    assert (status, view["virtual_size"]) == (204, SIZE)


OTHER_FORMATS = [
    ("gpt", "gpt", 204), ("gpt", "mbr", 204), ("gpt", "noise", 415), ("gpt", "gpt with another partition", 415),
    ("gpt", "gpt with a wrong start", 415), ("gpt", "mbr with a wrong flag", 415),
    ("gpt", "mbr without partitions", 415), ("gpt", "qcow2", 415), ("qed", "qed", 415), ("qed", "noise", 415),
    ("luks", "luks", 204), ("luks", "noise", 415), ("luks", "luks with its data far away", 415),
    ("iso", "iso", 204), ("gpt", "iso", 415),
]  # fmt: skip


@pytest.mark.parametrize(
    ("declared", "content", "status"), OTHER_FORMATS, ids=[f"{row[0]}: {row[1]}" for row in OTHER_FORMATS]
)
def test_formats_that_a_setting_adds(
    make_api: MakeApi, disks: Disks, declared: str, content: str, status: int
) -> None:
    api = make_api(disk_formats=["gpt", "luks", "qed", "iso"])
    answer = upload(api, declared, disks(content))
    if status == 415:
        assert_refused(api, answer)
    else:
        assert answer[0] == 204
        assert int(str(answer[1]["virtual_size"])) > 0


def test_largest_virtual_size(api: Api) -> None:
    status, view = upload(api, "qcow2", qcow2(size=2**63 - 1))
    assert (status, view["virtual_size"]) == (204, 2**63 - 1)
    assert api.get(f"/v2/images?id={view['id']}").json["images"] == [view]


@pytest.mark.parametrize("declared", ["iso", "qcow2", "ami"])
def test_two_formats_at_once_are_refused(api: Api, disks: Disks, declared: str) -> None:
    head = WRITTEN["qcow2 written"]
    assert_refused(api, upload(api, declared, head + disks("iso")[len(head) :]))


@pytest.mark.parametrize("container", ["ovf", "ova", "docker", "compressed", "ami", "aki", "ari"])
@pytest.mark.parametrize("declared", ["qcow2", "raw", "iso", "ami"])
def test_other_containers_are_not_looked_into(api: Api, container: str, declared: str) -> None:
    status, view = upload(api, declared, WRITTEN["noise"], container)
    assert (status, view["virtual_size"]) == (204, None)


@pytest.mark.parametrize("content", ["noise", "qcow2 on a base"])
def test_setting_turns_it_off(make_api: MakeApi, disks: Disks, content: str) -> None:
    assert upload(make_api(require_image_format_match=False), "qcow2", disks(content))[0] == 204


def test_retry_after_a_mismatch(api: Api, disks: Disks) -> None:
    image_id = api.bare(disk_format="qcow2")
    for _ in range(3):
        assert send(api, image_id, Body(WRITTEN["noise"])).status_code == 415
    assert send(api, image_id, Body(disks("qcow2"))).status_code == 204
    assert api.get_file(image_id).data == disks("qcow2")


def test_hashes_of_an_earlier_try_do_not_stay(api: Api) -> None:
    image_id = api.bare(disk_format="qcow2")
    api.change(image_id, checksum="0" * 32, os_hash_algo="sha512", os_hash_value="0" * 128)
    status = send(api, image_id, Body(WRITTEN["noise"])).status_code
    assert_refused(api, (status, api.show(image_id)))


def test_mismatch_ends_the_upload_early(api: Api) -> None:
    read: list[bool] = []
    image_id = api.bare(disk_format="qcow2")
    body = Body(pattern(100_000), pattern(100_000), lambda: read.append(True))
    assert send(api, image_id, body).status_code == 415
    assert not read


@pytest.mark.parametrize("first", [1, 3, 5, 63, 64, 100, 511, 512, 513, 40_000])
@pytest.mark.parametrize("kind", ["qcow2", "vhd", "vhdx", "vmdk", "vdi", "iso", "vmdk with a path", "text"])
def test_verdict_does_not_depend_on_block_sizes(api: Api, disks: Disks, kind: str, first: int) -> None:
    data = disks(kind)
    declared = "ami" if kind == "text" else kind.split()[0]
    image_id = api.bare(disk_format=declared)
    blocks = [data[:first], data[first : first + 7], data[first + 7 : 70_000], data[70_000:]]
    assert send(api, image_id, Body(*blocks)).status_code == (415 if "path" in kind else 204)
