"""A body is whole or an error: chunks, lengths that are wrong or unknown, slow sources."""

from __future__ import annotations

import tracemalloc

import pytest

from catalog.errors import Invalid
from tests.fetch.broken import DATA, broken
from tests.fetch.certificates import Authority
from tests.fetch.conftest import Fetching
from tests.fetch.source import Reply, Source, serving


def test_a_long_body_is_refused(source: Source, fetching: Fetching) -> None:
    source.give(Reply(200, DATA, length=len(DATA) - 1))
    assert "more than" in broken(fetching, source.url())


def chunks(data: bytes, size: int = 50_000, end: bytes = b"0\r\n\r\n") -> bytes:
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + end


CHUNKED = {"Transfer-Encoding": "chunked", "ETag": '"one"'}


def test_chunks(source: Source, fetching: Fetching) -> None:
    source.give(Reply(200, chunks(DATA), CHUNKED, length=-1))
    assert fetching.fetcher.open(source.url()).expected is None
    assert fetching.read(source.url()) == DATA


@pytest.mark.parametrize("cut", [20_000, 50_000 + 6, 50_000 + 8, 120_000, len(chunks(DATA)) - 5])
def test_chunks_that_break_off_are_taken_up(source: Source, fetching: Fetching, cut: int) -> None:
    good = serving(DATA)
    first = Reply(200, chunks(DATA), CHUNKED, length=-1, cut=cut)
    source.answer = lambda request: good(request) if "range" in request.headers else first
    if cut == len(chunks(DATA)) - 5:  # all of the data came, but not the word that this was all
        assert "416" in broken(fetching, source.url())
    else:
        assert fetching.read(source.url(), block=2**20) == DATA


@pytest.mark.parametrize("bad", [b"zz\r\n", b"-5\r\nabcde\r\n", b"5\r\nab", b"", b"5;" + b"x" * 70_000])
def test_damaged_chunks(source: Source, fetching: Fetching, bad: bytes) -> None:
    source.give(Reply(200, chunks(DATA[:9], end=bad), {"Transfer-Encoding": "chunked"}, length=-1))
    assert "broke off" in broken(fetching, source.url())


@pytest.mark.parametrize("length", [len(DATA) - 1, len(DATA) + 1])
def test_chunks_of_another_length_than_announced(source: Source, fetching: Fetching, length: int) -> None:
    source.give(Reply(200, chunks(DATA), {"Transfer-Encoding": "chunked"}, length=length))
    broken(fetching, source.url())


def test_no_length_at_all(source: Source, fetching: Fetching) -> None:
    source.give(Reply(200, DATA, length=-1))
    assert fetching.read(source.url()) == DATA
    source.give(Reply(200, DATA, length=-1, cut=1000, reset=True))
    broken(fetching, source.url())


def test_no_length_at_all_with_tls(authority: Authority) -> None:
    """Only TLS's farewell tells the end then: without it somebody on the way may have cut the data."""
    with Source(authority.context("source.test")) as source:
        fetching = Fetching(source, web_ca_bundle=str(authority.bundle))
        source.give(Reply(200, DATA, length=-1))
        assert fetching.read(source.url()) == DATA
        source.give(Reply(200, DATA, length=-1, cut=1000))
        broken(fetching, source.url())


def test_empty_data(source: Source, fetching: Fetching) -> None:
    source.give(Reply(200))
    assert fetching.read(source.url()) == b""


SLOW = {
    "silent": Reply(200, DATA, cut=1000, linger=5),
    "bytes one by one": Reply(200, DATA, pause=0.02, piece=1),
    "head one by one": Reply(200, DATA, pause=0.02, slow_head=True),
    "chunk head one by one": Reply(
        200, b"5;" + b"x" * 9999, {"Transfer-Encoding": "chunked"}, -1, pause=0.02, piece=1
    ),
}


@pytest.mark.parametrize("reply", SLOW.values(), ids=SLOW)
def test_slow_sources_are_given_up(source: Source, reply: Reply) -> None:
    limits = {"web_read_timeout": 0.4, "web_low_speed_limit": 1000, "web_low_speed_time": 0.3, "http_retries": 0}
    fetching = Fetching(source, **limits)
    source.give(reply)
    message = broken(fetching, source.url())
    assert "slow" in message or "names no version" in message


def test_a_slow_reader_does_not_make_the_source_slow(source: Source) -> None:
    """Its clock goes on while it does not read, and no further: the source takes no time at all."""
    now = [0.0]
    fetching = Fetching(source, web_low_speed_limit=10_000_000, web_low_speed_time=0.2, timer=lambda: now[0])
    data = DATA * 20
    source.answer = serving(data)
    body = fetching.fetcher.open(source.url())
    got = b""
    while block := body.read(len(data) // 8):
        now[0] += 0.06
        got += block
    assert got == data
    assert now[0] > 0.2


def test_memory_does_not_grow_with_the_body(source: Source, fetching: Fetching) -> None:
    block = DATA[: 2**18]
    source.answer = lambda request: Reply(200, b"", {}, length=256 * len(block))

    def pour(sock: object, reply: Reply, method: str) -> None:
        sock.sendall(reply.head())  # type: ignore[attr-defined]
        for _ in range(256):
            sock.sendall(block)  # type: ignore[attr-defined]

    source._send = pour  # type: ignore[method-assign]
    body = fetching.fetcher.open(source.url())
    tracemalloc.start()
    try:
        count = 0
        while piece := body.read(2**20):
            count += len(piece)
        assert tracemalloc.get_traced_memory()[1] < 8 * 2**20
    finally:
        tracemalloc.stop()
    assert count == 256 * len(block)


def test_invalid_comes_at_once(source: Source, fetching: Fetching) -> None:
    with pytest.raises(Invalid):
        fetching.read("http://10.0.0.1/")
    assert (fetching.slept, source.requests) == ([], [])
