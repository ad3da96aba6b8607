"""Bodies received straight into the reader's memory: the same bytes and the same refusals as by gunicorn's readers."""

from __future__ import annotations

import random
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from gunicorn.config import Config
from gunicorn.http.parser import RequestParser

from catalog.server.request_body import DirectBody, receive_directly

DATA = random.Random(5).randbytes(3_000_000)
SEEDS = pytest.mark.parametrize("seed", range(12))
NEXT = b"GET /next HTTP/1.1\r\nHost: x\r\n\r\n"
CHUNKED = b"PUT / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"


def with_length(length: int) -> bytes:
    return b"PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % length


@contextmanager
def parser_on(*pieces: bytes) -> Iterator[Any]:
    """Give gunicorn's parser of a connection on which the pieces arrive and which then ends."""
    ours, theirs = socket.socketpair()

    def send() -> None:
        with theirs:
            for piece in pieces:
                theirs.sendall(piece)

    thread = threading.Thread(target=send)
    thread.start()
    try:
        yield RequestParser(Config(), ours, ("127.0.0.1", 1))
        while ours.recv(2**20):
            pass
    finally:
        thread.join()
        ours.close()


def body_of(parser: Any) -> Any:
    request = next(parser)
    receive_directly(request, parser.unreader)
    assert isinstance(request.body, DirectBody)
    return request.body


def taken(body: Any, size: int = 700_000) -> bytes:
    """Read to the end by ``readinto``."""
    data, room = bytearray(), memoryview(bytearray(size))
    while count := body.readinto(room):
        data += room[:count]
    return bytes(data)


def cut(data: bytes, sizes: random.Random, most: int) -> list[bytes]:
    pieces, at = [], 0
    while at < len(data):
        size = sizes.choice([1, 2, 9, 100, 8192, 65_536, most])
        pieces.append(data[at : at + size])
        at += size
    return pieces


def chunked(data: bytes, sizes: random.Random) -> bytes:
    """Encode with chunks of all sizes, extensions and a trailer."""
    lines = [b"%x\r\n", b"%X\r\n", b"000%x\r\n", b"%x;name=value\r\n", b'%x ; name="a b"\r\n']
    frames = [sizes.choice(lines) % len(piece) + piece + b"\r\n" for piece in cut(data, sizes, 1_000_000)]
    return b"".join(frames) + sizes.choice([b"0\r\n\r\n", b"0\r\nX-Trailer: a\r\nX-Other: b\r\n\r\n", b"000\r\n\r\n"])


@SEEDS
def test_any_chunks_in_any_segments(seed: int) -> None:
    sizes = random.Random(seed)
    data = DATA[: sizes.choice([0, 1, 255, 300_000, len(DATA)])]
    stream = CHUNKED + chunked(data, sizes) + NEXT
    with parser_on(*cut(stream, sizes, 300_000)) as parser:
        assert taken(body_of(parser), sizes.choice([1000, 65_536, 1_500_000])) == data
        assert next(parser).path == "/next"


@SEEDS
def test_any_length_in_any_segments(seed: int) -> None:
    sizes = random.Random(seed)
    data = DATA[: sizes.choice([1, 255, 300_000, len(DATA)])]
    with parser_on(*cut(with_length(len(data)) + data + NEXT, sizes, 300_000)) as parser:
        assert taken(body_of(parser), sizes.choice([1000, 65_536, 1_500_000])) == data
        assert next(parser).path == "/next"


@SEEDS
def test_read_and_readinto_may_take_turns(seed: int) -> None:
    sizes = random.Random(seed)
    data = DATA[:400_000]
    stream = with_length(len(data)) + data if seed % 2 else CHUNKED + chunked(data, sizes)
    with parser_on(stream + NEXT) as parser:
        body, got = body_of(parser), b""
        while True:
            size = sizes.choice([1, 50, 3000, 100_000])
            way = sizes.randrange(3)
            if way:
                block = body.read(size) if way == 1 else body.readline(size)
            else:
                room = bytearray(size)
                block = bytes(room[: body.readinto(memoryview(room))])
            if not block:
                break
            got += block
        assert got == data
        assert next(parser).path == "/next"


@pytest.mark.parametrize("read", [0, 1, 5000, 50_000])
@pytest.mark.parametrize("is_chunked", [False, True])
def test_what_was_not_read_is_drained(read: int, is_chunked: bool) -> None:
    data = DATA[:50_000]
    stream = CHUNKED + chunked(data, random.Random(1)) if is_chunked else with_length(len(data)) + data
    with parser_on(stream + NEXT) as parser:
        body = body_of(parser)
        assert body.readinto(memoryview(bytearray(read))) == read
        assert parser.finish_body()
        assert next(parser).path == "/next"


@pytest.mark.parametrize("sent", [0, 1, 9000, 299_999])
def test_short_body_ends_early(sent: int) -> None:
    with parser_on(with_length(300_000) + DATA[:sent]) as parser:
        assert taken(body_of(parser)) == DATA[:sent]


DAMAGED = [
    b"zz\r\nabc\r\n0\r\n\r\n", b"\r\nabc\r\n0\r\n\r\n", b"3\r\nabc0\r\n\r\n", b"3\r\nabcdef\r\n0\r\n\r\n",
    b"-5\r\nhello\r\n0\r\n\r\n",
    b"+5\r\nhello\r\n0\r\n\r\n", b"0x5\r\nhello\r\n0\r\n\r\n", b"0_5\r\nhello\r\n0\r\n\r\n",
    b" 5\r\nhello\r\n0\r\n\r\n", b"5 \r\nhello\r\n0\r\n\r\n", b"5\nhello\n0\n\n", b"5\r\nhello\n\n0\r\n\r\n",
    b"", b"5", b"5\r", b"5\r\nhel", b"5\r\nhello", b"5\r\nhello\r", b"5\r\nhello\r\n", b"0", b"0\r\n", b"0\r\n\r",
    b"0\r\nX-Trailer: a\r\n", b"0\r\nno trailer\r\n\r\n", b"0\r\nX: a\nY: b\r\n\r\n", b"5;a\rb\r\nhello\r\n0\r\n\r\n",
    b"5;=\r\nhello\r\n0\r\n\r\n", b"FFFFFFFFFFFFFFFF\r\nhello", b"5" * 9000 + b"\r\n", b"0\r\n" + b"X: a\r\n" * 60_000,
]  # fmt: skip


@pytest.mark.parametrize("before", [0, 5, 200_000, 2_000_000])
@pytest.mark.parametrize("damage", DAMAGED, ids=lambda damage: repr(damage[:30]))
def test_damaged_chunks_raise_and_close(damage: bytes, before: int) -> None:
    whole = b"%x\r\n%s\r\n" % (before, DATA[:before]) if before else b""
    with parser_on(CHUNKED + whole + damage) as parser:
        body = body_of(parser)
        with pytest.raises(Exception):  # noqa: B017 - gunicorn raises many kinds
            taken(body)
        assert body.failed
        assert not parser.finish_body()


def test_lost_connection_raises() -> None:
    ours, theirs = socket.socketpair()
    with ours:
        theirs.sendall(with_length(100) + b"x")
        parser = RequestParser(Config(), ours, ("127.0.0.1", 1))
        body = body_of(parser)
        ours.settimeout(0.01)
        with pytest.raises(TimeoutError):
            taken(body)
        assert body.failed
        theirs.close()
