"""How the S3 driver asks: signed without hashing bodies, conditions, prefixes, copies by parts."""

from __future__ import annotations

import hashlib
import socket
from base64 import b64encode
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from backends.s3 import S3Store
from backends.s3.client import S3Options, make_client
from catalog.store.errors import Denied, NotFound, NotSupported
from catalog.store.interface import Create, Overwrite, Update
from tests.servers.scripted import Reply, ScriptedServer, error_reply
from tests.servers.seaweedfs import SeaweedFS

DATE = "Tue, 03 Feb 2026 04:05:06 GMT"


@pytest.fixture
def script() -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        yield server


@pytest.fixture
def scripted(script: ScriptedServer) -> S3Store:
    session = boto3.Session(aws_access_key_id="access", aws_secret_access_key="secret")
    return S3Store(make_client(S3Options(endpoint=script.endpoint), session), "bucket", "some/prefix/")


def test_parts_are_not_hashed_again(script: ScriptedServer, scripted: S3Store) -> None:
    script.replies.extend([Reply(headers={"ETag": '"part"'})] * 2)
    body = bytearray(b"0123456789abcdef" * 2**16)
    assert scripted.put_part("key", "id", 7, body, 0).etag == "part"
    scripted.put_part("key", "id", 7, bytes(body), 0)
    for request in script.requests:
        assert request.path == "/bucket/some/prefix/key?uploadId=id&partNumber=7"
        assert request.headers["X-Amz-Content-SHA256"] == "UNSIGNED-PAYLOAD"
        assert request.headers["Authorization"].startswith("AWS4-HMAC-SHA256 ")
        for name in request.headers:
            assert name.lower() not in ("content-md5", "content-encoding", "transfer-encoding", "expect")
            assert not name.lower().startswith("x-amz-checksum")
        assert hashlib.sha256(request.body).digest() == hashlib.sha256(body).digest()


def test_many_deletions_are_one_request(script: ScriptedServer, scripted: S3Store) -> None:
    """Its digest is given in the old way too; keys that the server names as failed are told."""
    failed = b"<DeleteResult><Error><Key>some/prefix/b</Key><Code>InternalError</Code></Error></DeleteResult>"
    script.replies.append(Reply(body=failed))
    assert scripted.delete_many(["a", "b"]) == ["b"]
    (request,) = script.requests
    assert request.path == "/bucket?delete"
    assert request.headers["Content-MD5"] == b64encode(hashlib.md5(request.body).digest()).decode()
    assert request.body.count(b"<Object><Key>some/prefix/") == 2


def test_many_deletions_one_by_one_where_the_server_knows_no_better(script: ScriptedServer, scripted: S3Store) -> None:
    script.replies.extend([error_reply(501, "NotImplemented"), Reply(204), Reply(204)])
    assert scripted.delete_many(["a", "b"]) == []
    assert [request.path for request in script.requests[1:]] == ["/bucket/some/prefix/a", "/bucket/some/prefix/b"]


def test_deletions_that_are_not_allowed(script: ScriptedServer, scripted: S3Store) -> None:
    refused = b"<DeleteResult><Error><Key>some/prefix/a</Key><Code>AccessDenied</Code></Error></DeleteResult>"
    script.replies.append(Reply(body=refused))
    with pytest.raises(Denied):
        scripted.delete_many(["a"])


def test_conditions(script: ScriptedServer, scripted: S3Store) -> None:
    script.replies.extend([Reply(headers={"ETag": '"new"', "Date": DATE})] * 3)
    info = scripted.put("key", b"12345", Create())
    assert (info.key, info.size, info.etag) == ("key", 5, "new")
    scripted.put("key", b"", Update("old"))
    scripted.put("key", b"", Overwrite())
    create, update, overwrite = (request.headers for request in script.requests)
    assert create["If-None-Match"] == "*"
    assert "If-Match" not in create
    # Without quotes: the one form that all servers take.
    assert update["If-Match"] == "old"
    assert not {"If-Match", "If-None-Match"} & overwrite.keys()
    digests = [request.headers.get("Content-MD5") for request in script.requests]
    assert digests == ["gnzLDuqKcGxMNKFokfhOew==", "1B2M2Y8AsgTpgAmY7PhCfg==", None]


def _die(request: Any, **_: Any) -> None:
    """Let the connection end between head and body, as it does when the process is killed there."""

    class Broken:
        def read(self, size: int = -1) -> bytes:
            raise SystemExit

    if request.method == "PUT":
        request.body = Broken()


@pytest.mark.parametrize("mode", ["create", "update"])
def test_death_between_head_and_body_writes_nothing(seaweedfs: SeaweedFS, mode: str) -> None:
    store = S3Store(seaweedfs.client(), "torn", mode)
    store.prepare(create=True)
    store.put("old", b"an acknowledged record", Create())
    old = store.head("old")  # its time is the stored one: that of an answer may be of another second
    dying = seaweedfs.client()
    dying.meta.events.register_last("before-send.s3", _die)
    wanted = ("new", Create()) if mode == "create" else ("old", Update(old.etag))
    with pytest.raises(SystemExit):
        S3Store(dying, "torn", mode).put(wanted[0], b"a record that never arrives", wanted[1])
    dying.close()
    # Whatever the server makes of the torn request, it has made it by the time of these.
    for number in range(20):
        store.put(f"other-{number}", b"x", Create())
        assert store.head("old") == old
    with pytest.raises(NotFound):
        store.head("new")


def test_style_of_addresses() -> None:
    def address(**options: object) -> str:
        session = boto3.Session(aws_access_key_id="access", aws_secret_access_key="secret")
        client = make_client(S3Options(region="eu-north-1", **options), session)
        return client.generate_presigned_url("get_object", {"Bucket": "bucket", "Key": "key"}).partition("?")[0]

    assert address() == "https://bucket.s3.eu-north-1.amazonaws.com/key"
    assert address(path_style=True) == "https://s3.eu-north-1.amazonaws.com/bucket/key"
    assert address(endpoint="https://s3.example.com") == "https://s3.example.com/bucket/key"
    assert address(endpoint="https://s3.example.com", path_style=False) == "https://bucket.s3.example.com/key"


def test_a_prefix_must_be_portable(scripted: S3Store) -> None:
    assert scripted.url("a/b") == "s3://bucket/some/prefix/a/b"
    client = make_client(S3Options(endpoint="http://127.0.0.1:1"))
    assert S3Store(client, "bucket", "/").url("a") == "s3://bucket/a"
    with pytest.raises(NotSupported):
        S3Store(client, "bucket", "not portable")


def test_prefixes_share_a_bucket(seaweedfs: SeaweedFS) -> None:
    client = seaweedfs.client()
    one, two, whole = (S3Store(client, "readiness", prefix) for prefix in ("share/one", "share/two", ""))
    one.put("key", b"1", Create())
    two.put("key", b"2", Create())
    two.begin_upload("upload")
    assert [info.key for info in one.list()] == ["key"]
    assert whole.get("share/one/key").read() == b"1"
    assert list(one.list_uploads()) == []
    assert [upload.key for upload in two.list_uploads()] == ["upload"]


def test_copy_by_parts(seaweedfs: SeaweedFS) -> None:
    part = 5 * 2**20
    store = S3Store(seaweedfs.client(), "readiness", "copies", copy_limit=part)
    data = b"".join(bytes([number]) * part for number in range(2)) + b"the end"
    store.put("source", data, Overwrite())
    info = store.copy("source", "target")
    assert (info.size, info.etag) == (len(data), store.head("target").etag)
    assert info.etag.endswith("-3")
    assert store.get("target").read() == data
    assert list(store.list_uploads()) == []


def test_connections_are_used_again(seaweedfs: SeaweedFS, caplog: pytest.LogCaptureFixture) -> None:
    """Neither a body read to its end nor one given up may cost the others their connection."""
    store = S3Store(seaweedfs.client(max_connections=2), "readiness")
    store.put("large", b"x" * 3 * 2**20, Overwrite())
    store.put("empty", b"", Overwrite())
    with caplog.at_level("DEBUG", "urllib3.connectionpool"):
        for _ in range(5):
            assert len(store.get("large").read()) == 3 * 2**20
            assert store.get("empty").read() == b""
            store.head("large")
    assert sum("Starting new HTTP connection" in line for line in caplog.messages) <= 1


def test_a_large_body_goes_in_small_pieces(
    script: ScriptedServer, scripted: S3Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The time limit holds for each piece that the system is given, so a slow line does not end a large body."""
    sizes, send = [], socket.socket.sendall

    def note(self: socket.socket, data: Any, *rest: Any) -> None:
        sizes.append(len(data))
        send(self, data, *rest)

    monkeypatch.setattr(socket.socket, "sendall", note)
    script.replies.append(Reply(headers={"ETag": '"part"'}))
    assert scripted.put_part("key", "id", 1, b"x" * 32 * 2**20, 0).size == 32 * 2**20
    assert len(script.requests[0].body) == 32 * 2**20
    assert sum(sizes) > 32 * 2**20
    assert max(sizes) <= 2**18
