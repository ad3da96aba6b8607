"""Uploads that fail, and what is left of them (section 4)."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from backends.wrap.faulty import Fault, FaultyStore
from backends.wrap.forwarding import Call
from catalog.store.errors import Corrupt, Denied, Full, NotSupported, StoreError, Unavailable
from tests.api.bodies import Body, lose_connection
from tests.api.conftest import MakeApi
from tests.api.support import OCTETS, TEN, Api
from tests.api.v1.support import bare, create, made, queued, status, update

STORE = [(Full, 413), (Unavailable, 503), (Denied, 503), (Corrupt, 503), (NotSupported, 410)]


@pytest.mark.parametrize("announced", [{"size": 9}, {"size": 11}, {"checksum": "0" * 32}])
@pytest.mark.parametrize("late", [False, True])
def test_size_or_checksum_that_does_not_fit(api: Api, announced: dict[str, Any], late: bool) -> None:
    image_id = str(uuid4())
    if late:
        create(api, bare(id=image_id, **announced))
        answer = update(api, image_id, {}, data=TEN)
    else:
        answer = create(api, bare(id=image_id, **announced), data=TEN)
    assert answer.status_code == 400
    assert status(api, image_id) == "killed"
    assert api.blobs(image_id) == []


@pytest.mark.parametrize("kind", ["text/plain", "application/json", None])
def test_other_content_types(api: Api, kind: str | None) -> None:
    image_id = queued(api)
    answer = update(api, image_id, {}, data=TEN, content_type=kind)
    assert answer.status_code == 400
    assert "Content-Type" in answer.text
    assert status(api, image_id) == "killed"


@pytest.mark.parametrize("announce", [True, False])
def test_beyond_the_cap(make_api: MakeApi, announce: bool) -> None:
    api = make_api(image_size_cap=9)
    image_id = queued(api)
    given = {} if announce else {"Transfer-Encoding": "chunked"}
    more = {"data": TEN} if announce else {"environ_overrides": {"wsgi.input": Body(TEN)}}
    answer = api.call("PUT", f"/v1/images/{image_id}", headers=given, content_type=OCTETS, **more)
    assert answer.status_code == 413
    assert status(api, image_id) == "killed"


def test_beyond_the_quota(make_api: MakeApi) -> None:
    api = make_api(user_storage_quota="9B")
    image_id = queued(api)
    assert update(api, image_id, {}, data=TEN).status_code == 413
    assert status(api, image_id) == "killed"


def test_client_cut_off(api: Api) -> None:
    image_id = queued(api)
    body = {"wsgi.input": Body(b"012", lose_connection), "CONTENT_LENGTH": "10"}
    answer = api.call("PUT", f"/v1/images/{image_id}", content_type=OCTETS, environ_overrides=body)
    assert answer.status_code == 400
    assert status(api, image_id) == "killed"
    assert api.blobs(image_id) == []


def test_duplicate_upload_is_refused_and_kills_nothing(api: Api) -> None:
    image_id = queued(api)
    seen: list[int] = []
    body = Body(b"01234", lambda: seen.append(update(api, image_id, {}, data=TEN).status_code), b"56789")
    environ = {"wsgi.input": body, "CONTENT_LENGTH": "10"}
    answer = api.call("PUT", f"/v1/images/{image_id}", content_type=OCTETS, environ_overrides=environ)
    assert seen == [409]
    assert answer.status_code == 200, answer.text
    assert made(answer)["status"] == "active"


def test_image_deleted_meanwhile(api: Api) -> None:
    image_id = queued(api)
    body = Body(b"01234", lambda: api.call("DELETE", f"/v1/images/{image_id}"), b"56789")
    environ = {"wsgi.input": body, "CONTENT_LENGTH": "10"}
    answer = api.call("PUT", f"/v1/images/{image_id}", content_type=OCTETS, environ_overrides=environ)
    assert answer.status_code == 412
    assert status(api, image_id) == "deleted"
    assert api.blobs(image_id) == []


@pytest.mark.parametrize(("failure", "expected"), STORE, ids=[row[0].__name__ for row in STORE])
@pytest.mark.parametrize("setting", ["killed", "queued"])
def test_store_fails(make_api: MakeApi, failure: type[StoreError], expected: int, setting: str) -> None:
    def plan(call: Call, number: int) -> Fault | None:
        return Fault(before=failure) if call.verb == "put" and "/data-" in call.key else None

    api = make_api(wrap=lambda store: FaultyStore(store, plan, "images/"), failed_upload=setting)
    image_id = queued(api)
    assert update(api, image_id, {}, data=TEN).status_code == expected
    assert status(api, image_id) == "killed"
    assert api.blobs(image_id) == []
