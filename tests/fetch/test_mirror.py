"""A folder on the web that the operator has named as a store: what may be asked there, and nothing beyond."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from catalog.errors import Invalid, TransferBroken
from catalog.fetch.mirror import MirrorFilter
from catalog.open_stores import open_stores
from catalog.settings import SettingsError, build
from catalog.store.errors import Denied, NotFound, NotSupported, Unavailable
from catalog.store.interface import ByteRange, Create, ObjectStore
from tests.fetch.certificates import Authority
from tests.fetch.source import Reply, Source, serving

BASE = "https://mirror.example:8443/images/"
DATA = bytes(range(256)) * 40


def resolve(host: str, port: int) -> Sequence[str]:
    return ["10.0.0.1"] if host == "mirror.example" else ["127.0.0.1"]


@pytest.mark.parametrize(
    ("url", "passes"),
    [
        (f"{BASE}a/b.img?x=../y", True),
        (f"{BASE}..a/.b/c..", True),
        ("https://mirror.example:8443/moved/here", True),  # where a redirect of its own leads
        *((f"{BASE}{step}", False) for step in (
            "../x", "a/../../x", "..", "%2e%2E/x", "a/%2e", "..%2fx", "%252e%252e/x", "..%5cx", "..;a=b/x", "./x",
        )),
        ("https://mirror.example/images/x", False),
        ("http://mirror.example:8443/images/x", False),
        ("https://other.example:8443/images/x", False),
        ("https://user:word@mirror.example:8443/images/x", False),
    ],
)  # fmt: skip
def test_what_may_be_asked(url: str, passes: bool) -> None:
    judge = MirrorFilter(build({}), BASE, resolve)
    if passes:
        assert [str(address) for address in judge.target(url).addresses] == ["10.0.0.1"]
    else:
        with pytest.raises(Invalid):
            judge.target(url)


def test_a_name_that_leads_nowhere_may_lead_somewhere_later() -> None:
    with pytest.raises(TransferBroken):
        MirrorFilter(build({}), BASE, lambda host, port: []).target(f"{BASE}x")


def opened(url: str, **own: Any) -> ObjectStore:
    settings = build({"store": "file:/nowhere", "stores": {"mirror": {"url": url, **own}}})
    return open_stores(settings, lambda seconds: None, {})["mirror"]


def test_reading(source: Source) -> None:
    source.answer = serving(DATA, cuts=[100])
    store = opened(source.url("images", "127.0.0.1"))
    assert store.url("a b") == source.url("images/a b", "127.0.0.1")
    with store.get("debian/12.img") as body:
        assert (body.info.key, body.info.size, body.read()) == ("debian/12.img", len(DATA), DATA)
    assert store.get("x", ByteRange(3, 5)).read() == DATA[3:8]
    assert {request.path for request in source.requests} == {"/images/debian/12.img", "/images/x"}
    with pytest.raises(NotSupported):
        store.put("x", b"", Create())


@pytest.mark.parametrize(
    ("reply", "error"),
    [(Reply(404), NotFound), (Reply(403), Denied), (Reply(503), Unavailable),
     (Reply(302, headers={"Location": "http://127.0.0.1:1/x"}), Denied)],
)  # fmt: skip
def test_failures(source: Source, reply: Reply, error: type[Exception]) -> None:
    source.give(reply)
    with pytest.raises(error):
        opened(source.url("images", "127.0.0.1")).head("x")


def test_a_redirect_on_the_same_host(source: Source) -> None:
    source.give(Reply(302, headers={"Location": "/elsewhere/x"}), Reply(200, DATA))
    assert opened(source.url("images", "127.0.0.1")).head("x").size == len(DATA)
    assert source.requests[-1].path == "/elsewhere/x"


def test_a_server_that_is_down() -> None:
    with Source() as source:
        url = source.url("images", "127.0.0.1")
    with pytest.raises(Unavailable):
        opened(url, http_retries=0).head("x")


def test_authorities_of_its_own(authority: Authority) -> None:
    with Source(authority.context("127.0.0.1")) as source:
        source.give(Reply(200, DATA))
        url = source.url("images", "127.0.0.1")
        assert opened(url, web_ca_bundle=str(authority.bundle)).head("x").size == len(DATA)
        with pytest.raises(Denied):
            opened(url).head("x")
        with pytest.raises(SettingsError, match="web_ca_bundle"):
            opened(url, web_ca_bundle="/nowhere")
