"""What each failure of an S3 server becomes, and what no error text may hold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from backends.s3 import S3Store
from backends.s3.client import S3Options, make_client
from backends.s3.errors import clean
from catalog.store.errors import (
    AlreadyExists,
    Conflict,
    Corrupt,
    Denied,
    Full,
    NotFound,
    NotSupported,
    OutcomeUnknown,
    PreconditionFailed,
    StoreError,
    Unavailable,
)
from catalog.store.interface import ByteRange, Create, Overwrite, Part, PutMode, Update
from tests.conformance.secrets import ACCESS, SECRET, assert_no_secret, store_at
from tests.servers.scripted import Reply, ScriptedServer, error_reply


@pytest.fixture
def script() -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        yield server


PUT_ERRORS: list[tuple[PutMode, Reply, type[StoreError]]] = [
    (Create(), error_reply(412, "PreconditionFailed"), AlreadyExists),
    (Update("e"), error_reply(412, "PreconditionFailed"), PreconditionFailed),
    (Update("e"), error_reply(404, "NoSuchKey"), PreconditionFailed),
    (Update("e"), error_reply(404, "NoSuchBucket"), Unavailable),
    (Create(), error_reply(409, "ConditionalRequestConflict"), Conflict),
    (Update("e"), error_reply(409, "ConditionalRequestConflict"), Conflict),
    (Update("e"), error_reply(409, "ConcurrentModification"), Conflict),  # who lost a race on Ceph RGW 20
    (Update("e"), error_reply(500, "UnknownError"), OutcomeUnknown),  # ... and on 16 and 18
    (Overwrite(), error_reply(409, "OperationAborted"), Conflict),
    (Create(), error_reply(500, "InternalError"), OutcomeUnknown),
    (Update("e"), error_reply(503, "SlowDown"), OutcomeUnknown),
    (Overwrite(), error_reply(500, "InternalError"), Unavailable),
    (Overwrite(), error_reply(503, "SlowDown"), Unavailable),
    (Overwrite(), Reply(502, b"<html>Bad gateway</html>"), Unavailable),
    (Create(), Reply(502, b"<html>Bad gateway</html>"), OutcomeUnknown),
    (Create(), error_reply(429, "TooManyRequests"), Unavailable),
    (Create(), error_reply(400, "RequestTimeout"), Unavailable),
    (Create(), Reply(drop=True), OutcomeUnknown),
    (Update("e"), Reply(drop=True), OutcomeUnknown),
    (Overwrite(), Reply(drop=True), Unavailable),
    (Create(), error_reply(501, "NotImplemented"), NotSupported),
    (Create(), error_reply(400, "InvalidArgument"), NotSupported),
    (Create(), error_reply(403, "AccessDenied"), Denied),
    (Create(), error_reply(403, "SignatureDoesNotMatch"), Denied),
    (Overwrite(), error_reply(400, "ExpiredToken"), Denied),
    (Create(), error_reply(507, "InsufficientStorage"), Full),
    (Overwrite(), error_reply(403, "QuotaExceeded"), Full),
]


@pytest.mark.parametrize(("mode", "reply", "expected"), PUT_ERRORS, ids=range(len(PUT_ERRORS)))
def test_errors_of_put(script: ScriptedServer, mode: PutMode, reply: Reply, expected: type[StoreError]) -> None:
    script.replies.append(reply)
    with pytest.raises(StoreError) as raised:
        store_at(script.endpoint).put("key", b"body", mode)
    assert raised.type is expected
    assert "s3://bucket/prefix/key" in str(raised.value)
    assert len(script.requests) == 1, "a request was sent again"
    assert_no_secret(raised.value, script.requests[0].headers["Authorization"].rpartition("=")[2])


def test_a_bucket_of_another_region(script: ScriptedServer) -> None:
    # The SDK follows once to the region that a server names, and gives up if the bucket is not there either.
    script.otherwise = replace(error_reply(301, "PermanentRedirect"), headers={"x-amz-bucket-region": "eu-north-1"})
    with pytest.raises(Denied, match="another region"):
        store_at(script.endpoint).put("key", b"x", Create())
    script.otherwise = Reply(400)
    with pytest.raises(StoreError, match="another region"):
        store_at(script.endpoint).prepare(create=True)


def test_errors_of_complete(script: ScriptedServer) -> None:
    store = store_at(script.endpoint)
    for reply, expected in (
        (error_reply(404, "NoSuchUpload"), NotFound),
        (error_reply(400, "InvalidPart"), Corrupt),
        (error_reply(400, "InvalidPartOrder"), Corrupt),
        (error_reply(400, "EntityTooSmall"), Corrupt),
        (error_reply(500, "InternalError"), OutcomeUnknown),
        (error_reply(200, "InternalError"), OutcomeUnknown),
        (Reply(drop=True), OutcomeUnknown),
    ):
        script.replies.append(reply)
        with pytest.raises(StoreError) as raised:
            store.complete_upload("key", "id", [Part(1, "etag", 4)])
        assert raised.type is expected
    assert len(script.requests) == 7


def test_a_completion_without_an_etag_is_looked_up(script: ScriptedServer) -> None:
    """Ceph RGW 16 answers so."""
    joined = b"<CompleteMultipartUploadResult><ETag></ETag></CompleteMultipartUploadResult>"
    script.replies += [Reply(200, joined), Reply(200, b"part", {"ETag": '"of-1"'})]
    info = store_at(script.endpoint).complete_upload("key", "id", [Part(1, "etag", 4)])
    assert (info.etag, info.size) == ("of-1", 4)
    assert [request.method for request in script.requests] == ["POST", "HEAD"]


def test_a_body_that_breaks_off(script: ScriptedServer) -> None:
    script.replies.append(Reply(200, b"x" * 1000, {"ETag": '"e"'}, promised=3000))
    with store_at(script.endpoint).get("key") as body, pytest.raises(Unavailable, match="key"):
        body.read()


def test_a_server_without_ranges(script: ScriptedServer) -> None:
    script.replies.append(Reply(200, b"0123456789", {"ETag": '"e"'}))
    with pytest.raises(NotSupported):
        store_at(script.endpoint).get("key", ByteRange(2, 3))


def test_credentials_quoted_by_a_server_are_cut_out(script: ScriptedServer) -> None:
    said = f"bad http://u:{SECRET}@h/?X-Amz-Credential={ACCESS}/2026&amp;X-Amz-Signature=abcdef0123 token"
    script.replies.append(error_reply(403, "AccessDenied", said))
    with pytest.raises(Denied) as raised:
        store_at(script.endpoint).get("key")
    assert SECRET not in str(raised.value)
    assert ACCESS not in str(raised.value)
    assert "abcdef0123" not in str(raised.value)
    assert clean("Signature=abc&x=1") == "Signature=...&x=1"


def test_options_that_cannot_work() -> None:
    with pytest.raises(NotSupported):
        make_client(S3Options(endpoint="not a url"))
    with pytest.raises(Denied, match="no-such-profile"):
        make_client(S3Options(profile="no-such-profile"))


def test_no_credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", f"{tmp_path}/none")
    monkeypatch.setenv("AWS_CONFIG_FILE", f"{tmp_path}/none")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    store = S3Store(make_client(S3Options(endpoint="http://127.0.0.1:1")), "bucket")
    with pytest.raises(Denied, match="credentials") as raised:
        store.prepare(create=False)
    assert "\n" not in str(raised.value)
