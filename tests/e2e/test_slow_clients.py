"""Clients that are silent, slow or stuck: the others do not notice, and what is stuck is ended."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass

import pytest

from tests.e2e.conftest import Start
from tests.e2e.raw import RawConnection, chunk
from tests.e2e.support import MIB, Client, random_bytes, wait_for
from tests.servers.calotype import Calotype
from tests.servers.places import Place

KNOWN = f"Content-Length: {64 * MIB}"
CHUNKED = "Transfer-Encoding: chunked"


@contextmanager
def _repeating(steps: list[Callable[[], object]], pause: float) -> Iterator[None]:
    """Do all steps again and again beside the test; a step that fails is left out from then on."""
    stop = threading.Event()

    def run() -> None:
        while not stop.wait(pause):
            for step in list(steps):
                try:
                    step()
                except OSError:
                    steps.remove(step)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _seconds_of_quick_calls(client: Client, image_id: str) -> list[float]:
    seconds = []
    for number in range(20):
        for call in (
            lambda number=number: client.add(f"quick-{number}", b"small"),
            lambda: client.names(limit=10),
            lambda: client.show(image_id),
        ):
            begin = time.monotonic()
            call()
            seconds.append(time.monotonic() - begin)
    return seconds


def test_quick_calls_are_quick_beside_slow_clients(place: Place, start: Start):
    catalog = start(place)
    client = Client(catalog.url)
    large = client.add("large", random_bytes(24 * MIB))
    slow_ids = [client.create(f"slow-{number}") for number in range(30)]
    with ExitStack() as stack:

        def connect(receive_buffer: int | None = None) -> RawConnection:
            return stack.enter_context(RawConnection(catalog.url, receive_buffer=receive_buffer))

        steps: list[Callable[[], object]] = []
        for _ in range(100):
            connect()
        for _ in range(100):
            head = connect()
            head.send(b"GET /v2/images HTTP/1.1\r\nHost: catalog\r\nX-Slow: ")
            steps.append(lambda head=head: head.send(b"a"))
        for number, image_id in enumerate(slow_ids):
            upload = connect()
            upload.put(image_id, KNOWN if number % 2 else CHUNKED)
            block = b"x" * 100 if number % 2 else chunk(b"x" * 100)
            steps.append(lambda upload=upload, block=block: upload.send(block))
        for _ in range(30):
            download = connect(receive_buffer=4096)
            download.get(f"/v2/images/{large}/file")
            steps.append(lambda download=download: download.socket.recv(100))
        with _repeating(steps, 0.1):
            wait_for(lambda: all(client.status(image_id) == "saving" for image_id in slow_ids), "slow uploads run")
            seconds = _seconds_of_quick_calls(client, large)
        assert len(steps) == 160, "the slow ones were not to be cut"
        assert max(seconds) < 5
        assert statistics.median(seconds) < 0.5
    for image_id in slow_ids:
        client.wait_status(image_id, "killed")
        assert place.leftovers(image_id) == []


def test_upload_that_stalls_is_ended(place: Place, start: Start):
    client = Client(start(place, client_timeout="1", upload_part_size="5MB").url)
    data = random_bytes(17 * MIB)
    ids = {kind: client.create(kind) for kind in (KNOWN, CHUNKED)}
    with ExitStack() as stack:
        for kind, image_id in ids.items():
            upload = stack.enter_context(RawConnection(client.url))
            upload.put(image_id, kind, body=data if kind == KNOWN else chunk(data))
        begin = time.monotonic()
        for image_id in ids.values():
            client.wait_status(image_id, "killed", timeout=8)
        assert time.monotonic() - begin > 0.8
    for image_id in ids.values():
        wait_for(lambda image_id=image_id: place.leftovers(image_id) == [], "everything is removed")
        client.check_reusable(image_id, data)


def test_upload_with_pauses_shorter_than_the_limit_goes_on(new_folder: Place, start: Start):
    client = Client(start(new_folder, client_timeout="1").url)
    image_id = client.create()

    def dribble() -> Iterator[bytes]:
        for _ in range(6):
            yield b"x" * 10
            time.sleep(0.4)

    assert client.upload(image_id, dribble()).status_code == 204
    assert client.data(image_id) == b"x" * 60


def test_download_that_stalls_is_ended_and_a_slow_one_is_not(place: Place, start: Start):
    catalog = start(place, client_timeout="1", download_range_size="1MB")
    client = Client(catalog.url)
    data = random_bytes(32 * MIB)
    image_id = client.add("large", data)
    with ExitStack() as stack:
        stuck, slow = (stack.enter_context(RawConnection(catalog.url, receive_buffer=1 << 16)) for _ in range(2))
        for download in (stuck, slow):
            download.get(f"/v2/images/{image_id}/file")
        begin, received = time.monotonic(), bytearray()

        def take_slowly() -> None:
            for _ in range(10):
                received.extend(slow.socket.recv(1 << 18))
                time.sleep(0.3)
            with suppress(ConnectionError):
                while block := slow.socket.recv(1 << 20):
                    received.extend(block)
                    if received.endswith(data[-100:]):
                        return

        thread = threading.Thread(target=take_slowly)
        thread.start()
        thread.join()
        assert received.endswith(data)
        time.sleep(max(0.0, begin + 6 - time.monotonic()))  # what the kernel holds may cost some limits
        assert len(stuck.drain()) < len(data)


@dataclass
class _EndlessHead:
    """A connection that sends the first line of a request; ``closed_after`` is when the server had enough."""

    catalog: Calotype
    closed_after: float = 0.0

    def run(self) -> None:
        with RawConnection(self.catalog.url, timeout=60) as connection:
            begin = time.monotonic()
            connection.send(b"GET /v2/images HTTP/1.1\r\n")
            connection.drain()
            self.closed_after = time.monotonic() - begin


@pytest.fixture(scope="module", autouse=True)
def endless_head() -> Iterator[tuple[_EndlessHead, threading.Thread]]:
    """Begins with the first test of the module, since it takes long and needs nobody."""
    with Calotype() as catalog:
        head = _EndlessHead(catalog)
        thread = threading.Thread(target=head.run)
        thread.start()
        yield head, thread
        thread.join()


def test_headers_that_never_end_are_cut(endless_head: tuple[_EndlessHead, threading.Thread]):
    head, thread = endless_head
    thread.join()
    assert 15 < head.closed_after < 30
    assert Client(head.catalog.url).names() == []
