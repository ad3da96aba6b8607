"""What each answer of a Swift server becomes, and what no error text may hold."""

from __future__ import annotations

import traceback
from collections.abc import Iterator

import pytest

from backends.swift.client import SwiftClient
from backends.swift.login import Login, SwiftOptions
from backends.swift.store import SwiftStore
from backends.swift.timed import SwiftTimed
from catalog.store.errors import (
    Conflict,
    Corrupt,
    Denied,
    Full,
    NotFound,
    NotSupported,
    OutcomeUnknown,
    StoreError,
    Unavailable,
)
from catalog.store.interface import ByteRange, Overwrite, Permission
from tests.conformance.swift_secrets import KEY, TOKEN, URL_KEY
from tests.servers.ports import free_port
from tests.servers.scripted import Reply, ScriptedServer


@pytest.fixture
def script() -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        yield server


def store_at(endpoint: str) -> SwiftStore:
    login = Login(lambda: TOKEN, lambda: f"{endpoint}/v1/AUTH_x", lambda: None)
    options = SwiftOptions(temp_url_key=URL_KEY, connect_timeout=60.0, read_timeout=60.0)
    return SwiftStore(SwiftClient(login, options), "container", "prefix")


def assert_no_secret(error: BaseException) -> None:
    text = "".join(traceback.format_exception(error))
    for secret in (KEY, TOKEN, URL_KEY, "temp_url_sig"):
        assert secret not in text


PLAIN: list[tuple[Reply, type[StoreError]]] = [
    (Reply(202), Conflict),
    (Reply(400), NotSupported),
    (Reply(401), Denied),
    (Reply(403), Denied),
    (Reply(404), NotFound),
    (Reply(408), Unavailable),
    (Reply(409), Conflict),
    (Reply(413, b"Upload exceeds quota."), Full),
    (Reply(413, b"too large"), NotSupported),
    (Reply(422), Corrupt),
    (Reply(429), Unavailable),
    (Reply(498), Unavailable),
    (Reply(500), Unavailable),
    (Reply(503), Unavailable),
    (Reply(507), Full),
    (Reply(drop=True), Unavailable),
]


TIMED: list[tuple[Reply, type[StoreError]]] = [
    (Reply(202), Conflict),
    (Reply(401), Conflict),
    (Reply(404), Unavailable),
    (Reply(422), Corrupt),
    (Reply(500), OutcomeUnknown),
    (Reply(503), OutcomeUnknown),
    (Reply(507), Full),
    (Reply(drop=True), OutcomeUnknown),
]


@pytest.mark.parametrize(("reply", "expected"), PLAIN, ids=range(len(PLAIN)))
def test_errors_of_put(script: ScriptedServer, reply: Reply, expected: type[StoreError]) -> None:
    script.replies.extend([reply, reply])
    with pytest.raises(StoreError) as raised:
        store_at(script.endpoint).put("key", b"body", Overwrite())
    assert raised.type is expected
    assert "swift://container/prefix/key" in str(raised.value)
    assert len(script.requests) == (2 if reply.status == 401 else 1), "a request was sent again"
    assert_no_secret(raised.value)


@pytest.mark.parametrize(("reply", "expected"), TIMED, ids=range(len(TIMED)))
def test_errors_of_a_timed_put(script: ScriptedServer, reply: Reply, expected: type[StoreError]) -> None:
    script.replies.append(reply)
    with pytest.raises(StoreError) as raised:
        SwiftTimed(store_at(script.endpoint)).put_until("key", b"body", 2_000_000_000)
    assert raised.type is expected
    (request,) = script.requests
    assert "X-Auth-Token" not in request.headers
    assert "temp_url_expires=2000000000" in request.path
    assert_no_secret(raised.value)


def test_requests(script: ScriptedServer) -> None:
    script.replies.append(Reply(201, headers={"Etag": "e", "Date": "Tue, 03 Feb 2026 04:05:06 GMT"}))
    info = store_at(script.endpoint).put("key", bytearray(b"body"), Overwrite())
    assert (info.key, info.size, info.etag, info.modified.year) == ("key", 4, "e", 2026)
    (request,) = script.requests
    assert (request.method, request.path, request.body) == ("PUT", "/v1/AUTH_x/container/prefix/key", b"body")
    assert request.headers["X-Auth-Token"] == TOKEN
    assert request.headers["ETag"] == "841a2d689ad86bd1611447453c22c6fc"


def test_a_body_that_breaks_off(script: ScriptedServer) -> None:
    script.replies.append(
        Reply(200, b"x" * 1000, {"ETag": "e", "Date": "Tue, 03 Feb 2026 04:05:06 GMT"}, promised=3000)
    )
    with store_at(script.endpoint).get("key") as body, pytest.raises(Unavailable, match="key"):
        body.read()


def test_a_server_without_ranges(script: ScriptedServer) -> None:
    script.replies.append(Reply(200, b"0123456789", {"ETag": "e"}))
    with pytest.raises(NotSupported):
        store_at(script.endpoint).get("key", ByteRange(2, 3))


def test_nobody_listens() -> None:
    store = store_at(f"http://127.0.0.1:{free_port()}")
    with pytest.raises(Unavailable, match=r"127\.0\.0\.1.*cannot be reached"):
        store.put("key", b"x", Overwrite())
    with pytest.raises(Unavailable, match="cannot be reached"):
        SwiftTimed(store).put_until("key", b"x", 2_000_000_000)


def test_a_signed_url_needs_no_request() -> None:
    url = store_at("http://127.0.0.1:1").presign(Permission.GET, "key", 60)
    assert url.startswith("http://127.0.0.1:1/v1/AUTH_x/container/prefix/key?temp_url_sig=")
    assert URL_KEY not in url
