"""A body that breaks off is taken up: whole and of one version, or an error."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.errors import TransferBroken
from tests.fetch.broken import DATA, broken
from tests.fetch.conftest import Fetching
from tests.fetch.source import Reply, Source, serving


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("options", [{}, {"etag": "", "dated": True}, {"etag": 'W/"weak"', "dated": True}], ids=str)
def test_taken_up_at_any_place(source: Source, fetching: Fetching, seed: int, options: dict[str, object]) -> None:
    chance = random.Random(seed)
    cuts, reset = _cuts(chance), seed % 2 == 1
    source.answer = serving(DATA, cuts=cuts, reset=reset, **options)
    assert fetching.read(source.url(), block=chance.choice([700, 7000, 2**20])) == DATA
    assert len(source.requests) == 1 + len(cuts)
    # A reset may throw away what had arrived: nothing was read then, and there is nothing to go on with.
    assert reset or all("if-range" in request.headers for request in source.requests[1:])


def _cuts(chance: random.Random) -> list[int]:
    """Places of up to three breaks, all of them before the end."""
    places = sorted(chance.sample(range(len(DATA)), 3))
    return [places[0], places[1] - places[0], places[2] - places[1]][: chance.randint(1, 3)]


def test_a_part_is_taken_up_too(source: Source, fetching: Fetching) -> None:
    source.answer = serving(DATA, cuts=[1000, 500])
    assert fetching.read(source.url(), offset=5, length=2000) == DATA[5:2005]
    assert [request.headers["range"] for request in source.requests] == [
        "bytes=5-2004", "bytes=1005-2004", "bytes=1505-2004",
    ]  # fmt: skip
    assert fetching.read(source.url(), offset=len(DATA) - 3) == DATA[-3:]
    assert fetching.read(source.url(), offset=len(DATA) - 3, length=9) == DATA[-3:]
    body = fetching.fetcher.open(source.url(), 7, length=1)
    assert body.expected == len(DATA)
    body.close()


def test_parts_of_a_source_that_knows_none(source: Source, fetching: Fetching) -> None:
    source.give(Reply(200, DATA))
    assert "part" in broken(fetching, source.url(), offset=5)
    assert fetching.read(source.url(), length=100) == DATA[:100]
    source.answer = serving(DATA)
    assert "416" in broken(fetching, source.url(), offset=len(DATA))


def test_tries_in_a_row_are_bounded(source: Source, fetching: Fetching) -> None:
    source.answer = serving(DATA, cuts=[100] * 10)
    broken(fetching, source.url())
    assert fetching.slept == [1.0, 2.0, 4.0]
    assert len(source.requests) == 4


def test_tries_begin_anew_after_progress(source: Source, fetching: Fetching) -> None:
    data = random.Random(1).randbytes(60 * 2**20)
    source.answer = serving(data, cuts=[9 * 2**20] * 6)
    assert fetching.read(source.url(), block=2**20) == data
    assert fetching.slept == [1.0] * 6


@pytest.mark.parametrize("headers", [{}, {"ETag": 'W/"weak"'}, {"Last-Modified": "Mon, 01 Jan 2024 00:00:00 GMT"},
                                     {"ETag": "one"}], ids=str)  # fmt: skip
def test_nothing_to_know_the_version_by(source: Source, fetching: Fetching, headers: dict[str, str]) -> None:
    source.give(Reply(200, DATA, headers, cut=1000), Reply(206, DATA, headers))
    assert "names no version" in broken(fetching, source.url())
    assert len(source.requests) == 1


def test_a_break_before_the_first_byte_needs_no_version(source: Source, fetching: Fetching) -> None:
    source.give(Reply(200, DATA, cut=0), Reply(200, DATA))
    assert fetching.read(source.url()) == DATA
    source.give(Reply(200, DATA, cut=0), Reply(200, DATA[1:]))
    assert "changed" in broken(fetching, source.url())


RESUMED = [
    (Reply(200, DATA, {"ETag": '"one"'}), "part"),
    (Reply(200, DATA, {"ETag": '"two"'}), "part"),
    (Reply(206, DATA[1000:], {"ETag": '"two"', "Content-Range": "bytes 1000-299999/300000"}), "changed"),
    (Reply(206, DATA[1000:], {"Content-Range": "bytes 1000-299999/300000"}), "changed"),
    (Reply(206, DATA[1000:], {"ETag": 'W/"one"', "Content-Range": "bytes 1000-299999/300000"}), "changed"),
    (Reply(206, DATA[1000:], {"ETag": '"one"', "Content-Range": "bytes 1000-299999/300001"}), "changed"),
    (Reply(206, DATA[1000:], {"ETag": '"one"', "Content-Range": "bytes 1000-299999/*"}), "which"),
    (Reply(206, DATA[999:], {"ETag": '"one"', "Content-Range": "bytes 999-299999/300000"}), "part"),
    (Reply(206, DATA[1000:], {"ETag": '"one"', "Content-Range": "bytes 1000-299998/300000"}), "contradicts"),
    (Reply(206, DATA[1000:], {"ETag": '"one"', "Content-Range": "bytes 1000-999/300000"}), "contradicts"),
    (Reply(206, DATA[1000:], {"ETag": '"one"'}), "which"),
    (Reply(206, DATA, {"ETag": '"one"', "Content-Type": "multipart/byteranges; boundary=x"}), "which"),
    (Reply(412), "412"),
    (Reply(416), "416"),
]


@pytest.mark.parametrize(("reply", "word"), RESUMED)
def test_what_is_not_the_missing_part_is_refused(source: Source, fetching: Fetching, reply: Reply, word: str) -> None:
    source.give(Reply(200, DATA, {"ETag": '"one"'}, cut=1000), reply)
    body = fetching.fetcher.open(source.url())
    got = b""
    with pytest.raises(TransferBroken, match=word):
        while block := body.read(700):
            got += block
    assert got == DATA[:1000]
    body.close()


def test_smaller_parts_than_asked_are_put_together(source: Source, fetching: Fetching) -> None:
    parts = [Reply(206, DATA[at : at + 100_000], {"ETag": '"one"', "Content-Range": f"bytes {at}-{at + 99999}/300000"})
             for at in (100_000, 200_000)]  # fmt: skip
    source.give(Reply(200, DATA, {"ETag": '"one"'}, cut=100_000), *parts)
    assert fetching.read(source.url()) == DATA


def test_the_place_that_answered_is_asked_first_then_the_source(
    source: Source, other: Source, fetching: Fetching
) -> None:
    """Addresses behind redirects are often signed and end soon: the source knows the next one."""
    source.give(Reply(302, b"", {"Location": other.url("signed-1", host="other.test")}),
                Reply(302, b"", {"Location": other.url("signed-2", host="other.test")}))  # fmt: skip
    good = serving(DATA, cuts=[1000])
    other.answer = lambda request: Reply(403) if request.path == "/signed-1" and other.requests[1:] else good(request)
    assert fetching.read(source.url(), headers={"X-Auth-Token": "secret"}) == DATA
    assert [request.path for request in other.requests] == ["/signed-1", "/signed-1", "/signed-2"]
    assert not any("x-auth-token" in request.headers for request in other.requests)
    assert [request.headers["x-auth-token"] for request in source.requests] == ["secret", "secret"]


def test_a_closed_body_does_not_look_whole(source: Source, fetching: Fetching) -> None:
    source.give(Reply(200, DATA, length=-1))
    body = fetching.fetcher.open(source.url())
    body.read(10)
    body.close()
    body.close()
    with pytest.raises(TransferBroken):
        body.read(10)


@given(st.lists(st.integers(0, 4000), max_size=3), st.integers(0, 5000), st.none() | st.integers(1, 6000), st.data())
@settings(max_examples=60, deadline=None, database=None)
def test_any_part_with_any_breaks(cuts: list[int], offset: int, length: int | None, draw: st.DataObject) -> None:
    data = DATA[:5001]
    with Source() as source:
        fetching = Fetching(source)
        source.answer = serving(data, cuts=cuts)
        end = None if length is None else offset + length
        block = draw.draw(st.sampled_from([1000, 4096, 10_000]))
        assert fetching.read(source.url(), block, offset=offset, length=length) == data[offset:end]
