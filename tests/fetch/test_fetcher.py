"""Fetching: to whom a connection goes, what is sent, redirects, and what each answer means."""

from __future__ import annotations

import pytest

from catalog.errors import CatalogError, Invalid, Missing, Refused, TransferBroken
from tests.fetch.conftest import Fetching, Names
from tests.fetch.failing import DATA, failure
from tests.fetch.source import Reply, Source, serving


def test_the_data_and_what_is_sent_for_it(source: Source, fetching: Fetching) -> None:
    source.answer = serving(DATA)
    body = fetching.fetcher.open(source.url("a/b?c=d#e"))
    assert (body.expected, body.etag) == (len(DATA), '"one"')
    body.close()
    assert fetching.read(source.url(), block=1000) == DATA
    (asked, _) = source.requests
    assert (asked.method, asked.path) == ("GET", "/a/b?c=d")
    assert asked.headers == {
        "host": f"source.test:{source.port}", "connection": "close", "user-agent": "calotype", "accept": "*/*",
        "accept-encoding": "identity",
    }  # fmt: skip
    assert fetching.slept == []


def test_environment_proxies_are_not_used(source: Source, fetching: Fetching, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    source.answer = serving(DATA)
    assert fetching.read(source.url()) == DATA


def test_the_connection_goes_to_the_judged_address(source: Source) -> None:
    """The name leads elsewhere at the next lookup: there is none between the judgement and the connection."""
    names = Names(rebinding=[["127.0.0.1"], ["10.255.255.1"]])
    fetching = Fetching(source, names=names, allowed_hosts="127.0.0.1")
    source.answer = serving(DATA)
    assert fetching.read(source.url(host="rebinding")) == DATA
    assert names.lookups == ["rebinding"]


def test_a_name_that_leads_inside_after_a_break_is_refused(source: Source) -> None:
    """The check of the API passed, the name was changed then: nothing is sent inside, at any of the tries."""
    names = Names(rebinding=[["127.0.0.1"], ["169.254.169.254"]])
    fetching = Fetching(source, names=names, allowed_hosts="127.0.0.1")
    source.answer = serving(DATA, cuts=[1000])
    with pytest.raises(TransferBroken):
        fetching.read(source.url(host="rebinding"))
    assert len(source.requests) == 1
    assert len(names.lookups) == 1 + 3


def test_the_next_address_is_tried(source: Source) -> None:
    fetching = Fetching(source, names=Names(several=["127.255.255.253", "127.0.0.1"]), allowed_hosts="127.0.0.0/8")
    source.answer = serving(DATA)
    assert fetching.read(source.url(host="several")) == DATA


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("relative", [False, True])
def test_redirects_are_followed(
    source: Source, other: Source, fetching: Fetching, status: int, relative: bool
) -> None:
    location = "/there?x=1" if relative else other.url("there?x=1", host="other.test")
    source.give(Reply(status, b"look there", {"Location": location}), Reply(200, DATA))
    other.give(Reply(200, DATA))
    assert fetching.read(source.url("a/b")) == DATA
    assert (source if relative else other).requests[-1].path == "/there?x=1"


def test_headers_stay_with_their_origin(source: Source, other: Source, fetching: Fetching) -> None:
    """Once the way led elsewhere they are not sent again, even if it leads back."""
    source.give(
        Reply(302, b"", {"Location": "/next"}),
        Reply(302, b"", {"Location": other.url(host="other.test")}),
        Reply(200, DATA),
    )
    other.give(Reply(302, b"", {"Location": source.url("end")}))
    assert fetching.read(source.url(), headers={"X-Auth-Token": "secret"}) == DATA
    assert [request.headers.get("x-auth-token") for request in source.requests] == ["secret", "secret", None]
    assert [request.headers.get("x-auth-token") for request in other.requests] == [None]


REFUSED = [
    "http://127.0.0.1/", "http://10.0.0.1:80/", "http://inside.test:80/", "http://169.254.169.254/latest/meta-data",
    "http://[::1]/", "http://2130706433/", "file:///etc/passwd", "ftp://source.test/", "//user:secret@source.test/",
    "http://source.test:22/", "http://\u00e4.test/", "http://[", "http://source.test:{port}\\@10.0.0.1/",
    "\\\\10.0.0.1",
]  # fmt: skip


@pytest.mark.parametrize("location", REFUSED)
@pytest.mark.parametrize("later", [False, True])
def test_redirects_are_judged(source: Source, fetching: Fetching, location: str, later: bool) -> None:
    fetching.names.hosts["inside.test"] = ["10.0.0.1"]
    bad = Reply(302, b"", {"Location": location.replace("{port}", str(source.port))})
    source.give(*([Reply(302, b"", {"Location": "/again"})] if later else []), bad)
    error = failure(fetching, source.url())
    assert isinstance(error, Invalid)
    assert "redirects" in error.message
    assert len(source.requests) == 1 + later
    assert fetching.slept == []


def test_redirects_end(source: Source, fetching: Fetching) -> None:
    source.give(Reply(302, b"", {"Location": "/round"}))
    assert isinstance(failure(fetching, source.url()), TransferBroken)
    assert len(source.requests) == 6
    source.give(Reply(302, b""))
    assert isinstance(failure(fetching, source.url()), TransferBroken)


ANSWERS = [
    (404, Missing, 1), (410, Missing, 1), (401, Refused, 1), (403, Refused, 1), (407, Refused, 1), (400, Invalid, 1),
    (418, Invalid, 1), (204, Invalid, 1), (304, Invalid, 1), (300, Invalid, 1), (206, TransferBroken, 1),
    (412, TransferBroken, 1), (416, TransferBroken, 1), (500, TransferBroken, 4), (502, TransferBroken, 4),
    (503, TransferBroken, 4), (599, TransferBroken, 4), (429, TransferBroken, 4), (408, TransferBroken, 4),
]  # fmt: skip


@pytest.mark.parametrize(("status", "expected", "asked"), ANSWERS)
def test_what_answers_mean(
    source: Source, fetching: Fetching, status: int, expected: type[CatalogError], asked: int
) -> None:
    source.give(Reply(status, b"secret"))
    error = failure(fetching, source.url("path?signature=secret"))
    assert type(error) is expected
    assert str(status) in error.message or status == 206
    assert len(source.requests) == asked
    assert fetching.slept == [1.0, 2.0, 4.0][: asked - 1]


@pytest.mark.parametrize(
    ("headers", "slept"),
    [({"Retry-After": "7"}, 7.0), ({"Retry-After": "0"}, 0.0), ({"Retry-After": "86400"}, 60.0),
     ({"Retry-After": "soon"}, 1.0), ({"Retry-After": "-3"}, 1.0),
     ({"Retry-After": "Tue, 02 Jan 2024 00:00:09 GMT", "Date": "Tue, 02 Jan 2024 00:00:00 GMT"}, 9.0),
     ({"Retry-After": "Tue, 02 Jan 2024 00:00:09 GMT"}, 1.0)],
)  # fmt: skip
def test_what_the_source_asks_for_is_waited(
    source: Source, fetching: Fetching, headers: dict[str, str], slept: float
) -> None:
    source.give(Reply(503, b"", headers), Reply(200, DATA))
    assert fetching.read(source.url()) == DATA
    assert fetching.slept == [slept]


@pytest.mark.parametrize(
    ("reply", "expected"),
    [(Reply(200, DATA, {"Content-Encoding": "gzip"}), Invalid),
     (Reply(200, DATA, {"Transfer-Encoding": "gzip, chunked"}, length=-1), TransferBroken),
     (Reply(200, DATA, {"Content-Length": "5"}), TransferBroken),
     (Reply(200, DATA, {"Content-Length": "-1"}, length=-1), TransferBroken),
     (Reply(206, DATA, {"Content-Range": f"bytes 0-{len(DATA) - 1}/{len(DATA)}"}), TransferBroken)],
    ids=["coding", "transfer coding", "two lengths", "negative", "unasked part"],
)  # fmt: skip
def test_answers_that_cannot_be_right(
    source: Source, fetching: Fetching, reply: Reply, expected: type[CatalogError]
) -> None:
    source.give(reply)
    assert isinstance(failure(fetching, source.url()), expected)


def test_nobody_there(source: Source) -> None:
    fetching = Fetching(source, web_connect_timeout=1)
    source.__exit__()
    assert isinstance(failure(fetching, source.url()), TransferBroken)
    assert fetching.slept == [1.0, 2.0, 4.0]


def test_retries_can_be_turned_off(source: Source) -> None:
    fetching = Fetching(source, http_retries=0)
    source.give(Reply(503), Reply(200, DATA))
    assert isinstance(failure(fetching, source.url()), TransferBroken)
    assert fetching.slept == []


@pytest.mark.parametrize("head", [Reply(200), Reply(405), Reply(403), Reply(500)], ids=["empty", "405", "403", "500"])
def test_size_without_a_useful_head(source: Source, fetching: Fetching, head: Reply) -> None:
    source.answer = lambda request: head if request.method == "HEAD" else Reply(200, DATA)
    assert fetching.fetcher.size(source.url()) == len(DATA)
    assert fetching.slept == []


def test_size(source: Source, fetching: Fetching) -> None:
    source.answer = serving(DATA)
    assert fetching.fetcher.size(source.url()) == len(DATA)
    assert [request.method for request in source.requests] == ["HEAD"]
    source.give(Reply(200, b"0\r\n\r\n", {"Transfer-Encoding": "chunked"}, length=-1))
    assert fetching.fetcher.size(source.url()) is None
    source.give(Reply(404))
    with pytest.raises(Missing):
        fetching.fetcher.size(source.url())
