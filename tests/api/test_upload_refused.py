"""PUT /v2/images/{id}/file: from whom, in which status, of which type and format it is taken."""

from __future__ import annotations

import pytest

from tests.api.support import ALICE, BOB, EVAN, EVE, MEMBER_ONLY, NOBODY, OCTETS, ROOT, TEN, UNUSED, Api
from tests.api.uploading import assert_holds


@pytest.mark.parametrize(
    ("kind", "status"),
    [(OCTETS, 204), (f"{OCTETS}; charset=binary", 204), ("Application/Octet-Stream", 204), (None, 415), ("", 415),
     ("text/plain", 415), ("application/json", 415), ("application/octet", 415), ("multipart/form-data", 415)],
)  # fmt: skip
def test_media_type(api: Api, kind: str | None, status: int) -> None:
    image_id = api.bare()
    answer = api.put_file(image_id, TEN, content_type=kind)
    assert answer.status_code == status
    assert api.show(image_id)["status"] == ("active" if status == 204 else "queued")
    assert status == 204 or (kind or "") in answer.text


WHO = [
    *[(who, visibility, 204) for who in (ALICE, ROOT, MEMBER_ONLY) for visibility in ("private", "community")],
    *[(who, visibility, 403) for who in (BOB, EVE, EVAN) for visibility in ("public", "community")],
    (BOB, "private", 403), (EVE, "private", 404), (EVE, "shared", 404), (NOBODY, "private", 404),
]  # fmt: skip


@pytest.mark.parametrize(("who", "visibility", "status"), WHO, ids=[f"{row[0]} {row[1]}" for row in WHO])
def test_who_may_upload(api: Api, who: str, visibility: str, status: int) -> None:
    image_id = api.bare()
    api.change(image_id, visibility=visibility)
    revision = api.record(image_id).revision
    assert api.put_file(image_id, TEN, who).status_code == status
    assert (api.record(image_id).revision == revision) == (status != 204)
    assert len(api.blobs(image_id)) == (1 if status == 204 else 0)


def test_absent_and_deleted_are_404(api: Api) -> None:
    assert api.put_file(UNUSED).status_code == 404
    image_id = api.bare()
    api.call("DELETE", f"/v2/images/{image_id}")
    assert api.put_file(image_id, TEN, ROOT).status_code == 404


STATUSES = [("queued", 204), ("killed", 204), ("saving", 409), ("uploading", 409), ("importing", 409),
            ("active", 409), ("deactivated", 409)]  # fmt: skip


@pytest.mark.parametrize(("status", "expected"), STATUSES)
def test_status(api: Api, status: str, expected: int) -> None:
    image_id = api.bare()
    api.change(image_id, status=status)
    revision = api.record(image_id).revision
    assert api.put_file(image_id).status_code == expected
    if expected == 409:
        assert (api.record(image_id).status, api.record(image_id).revision) == (status, revision)
        assert api.blobs(image_id) == []
    else:
        assert_holds(api, image_id, TEN)


def test_second_upload_is_409_and_harms_nothing(api: Api) -> None:
    image_id = api.active()
    assert api.put_file(image_id, b"other").status_code == 409
    assert_holds(api, image_id, TEN)


@pytest.mark.parametrize(
    "formats",
    [{}, {"disk_format": "raw"}, {"container_format": "bare"}, {"disk_format": None, "container_format": "bare"}],
    ids=str,
)
@pytest.mark.parametrize("status", ["queued", "killed"])
def test_missing_format_is_400(api: Api, formats: dict[str, str], status: str) -> None:
    image_id = api.new(**formats)["id"]
    api.change(image_id, status=status)
    assert api.put_file(image_id).status_code == 400
    assert api.show(image_id)["status"] == status
    assert api.blobs(image_id) == []


SIGNATURE = {"img_signature": "c2ln", "img_signature_hash_method": "SHA-256", "img_signature_key_type": "RSA-PSS",
             "img_signature_certificate_uuid": UNUSED}  # fmt: skip


def test_signature_that_cannot_be_verified_is_400(api: Api) -> None:
    image_id = api.bare(**SIGNATURE)
    assert api.put_file(image_id).status_code == 400
    assert api.show(image_id)["status"] == "queued"
    assert api.blobs(image_id) == []


@pytest.mark.parametrize("left_out", SIGNATURE)
def test_signature_counts_only_if_whole(api: Api, left_out: str) -> None:
    parts = {name: value for name, value in SIGNATURE.items() if name != left_out}
    assert api.put_file(api.bare(**parts)).status_code == 204
