"""Clients that are silent, slow or stuck: the others do not notice, and what is stuck is ended.

No outcome depends on the machine's speed: what must go on is tried with longer limits, what must end is waited for.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field

import pytest

from tests.e2e.conftest import Start
from tests.e2e.raw import RawConnection, chunk
from tests.e2e.support import MIB, Client, random_bytes, wait_for
from tests.servers.calotype import Calotype
from tests.servers.places import Place

KNOWN = f"Content-Length: {64 * MIB}"
CHUNKED = "Transfer-Encoding: chunked"
LIMITS = (1, 4, 16)
"""Values of ``client_timeout``, in seconds; each is tried if the one before was too short for this machine."""


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


@dataclass
class _SlowHead:
    """The head of a request that comes byte by byte, and of another one when the server had enough of it."""

    connect: Callable[[], RawConnection]
    connections: list[RawConnection] = field(default_factory=list)

    def send(self) -> None:
        with suppress(OSError):
            if self.connections:
                self.connections[-1].send(b"a")
                return
        self.connections.append(self.connect())
        self.connections[-1].send(b"GET /v2/images HTTP/1.1\r\nHost: catalog\r\nX-Slow: ")


def test_calls_are_answered_beside_slow_clients(place: Place, start: Start):
    """The slow ones never end by themselves: a call that had to wait for one of them would get no answer."""
    catalog = start(place)
    client = Client(catalog.url)
    large = client.add("large", random_bytes(24 * MIB))
    slow_ids = [client.create(f"slow-{number}") for number in range(30)]
    with ExitStack() as stack:

        def connect(receive_buffer: int | None = None) -> RawConnection:
            return stack.enter_context(RawConnection(catalog.url, receive_buffer=receive_buffer))

        for _ in range(100):
            connect()
        heads = [_SlowHead(connect) for _ in range(100)]
        steps: list[Callable[[], object]] = [head.send for head in heads]
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
            for number in range(20):
                assert client.status(client.add(f"quick-{number}", b"small")) == "active"
                assert len(client.names(limit=10)) == 10
        assert len(steps) == 160, "the slow ones were not to be cut"
    for image_id in slow_ids:
        client.wait_status(image_id, "killed")
        wait_for(lambda image_id=image_id: place.leftovers(image_id) == [], "everything is removed")


def test_upload_that_stalls_is_ended(place: Place, start: Start):
    client, data = Client(start(place, upload_part_size="5MB").url), random_bytes(17 * MIB)
    hasty = start(place, client_timeout="1", upload_part_size="5MB").url
    ids = {kind: client.create(kind) for kind in (KNOWN, CHUNKED)}
    with ExitStack() as stack:
        for kind, image_id in ids.items():
            upload = stack.enter_context(RawConnection(hasty))
            with suppress(ConnectionError):  # we may be the ones that were silent in the middle
                upload.put(image_id, kind, body=data if kind == KNOWN else chunk(data))
        for image_id in ids.values():
            client.wait_status(image_id, "killed")
    for image_id in ids.values():
        wait_for(lambda image_id=image_id: place.leftovers(image_id) == [], "everything is removed")
        client.check_reusable(image_id, data)


def test_upload_with_pauses_shorter_than_the_limit_goes_on(new_folder: Place, start: Start):
    """It takes longer than the limit in all."""
    client = Client(start(new_folder).url)

    def dribble(limit: float) -> Iterator[bytes]:
        for _ in range(6):
            yield b"x" * 10
            time.sleep(0.4 * limit)

    def goes_on(limit: float) -> bool:
        image_id, hasty = client.create(), Client(start(new_folder, client_timeout=str(limit)).url)
        with suppress(OSError):
            if hasty.upload(image_id, dribble(limit)).status_code == 204:
                return client.data(image_id) == b"x" * 60
        return False

    assert any(goes_on(limit) for limit in LIMITS)


def test_download_that_stalls_is_ended_and_a_slow_one_is_not(place: Place, start: Start):
    data = random_bytes(32 * MIB)
    image_id = Client(start(place).url).add("large", data)

    def goes_on(limit: float) -> bool:
        """Let a download take longer than the limit in all, beside one that is stuck."""
        hasty = start(place, client_timeout=str(limit), download_range_size="1MB").url
        with ExitStack() as stack:
            stuck, slow = (stack.enter_context(RawConnection(hasty, receive_buffer=1 << 16)) for _ in range(2))
            for download in (stuck, slow):
                download.get(f"/v2/images/{image_id}/file")
            received = _take_slowly(slow, 0.3 * limit, data[-100:])
            wait_for(lambda: not stuck.is_open_there, "the end of the stuck download")
            assert len(stuck.drain()) < len(data)
        return received.endswith(data)

    assert any(goes_on(limit) for limit in LIMITS)


def _take_slowly(download: RawConnection, pause: float, end: bytes) -> bytearray:
    """Read with ten pauses, then on to the end or until the connection breaks."""
    received = bytearray()
    with suppress(ConnectionError):
        for _ in range(10):
            received.extend(download.socket.recv(1 << 18))
            time.sleep(pause)
        while not received.endswith(end) and (block := download.socket.recv(1 << 20)):
            received.extend(block)
    return received


@dataclass
class _EndlessHead:
    """A connection that sends one line and no more; ``ended`` when the server had enough."""

    catalog: Calotype
    ended: bool = False

    def run(self) -> None:
        with RawConnection(self.catalog.url) as connection:
            connection.send(b"GET /v2/images HTTP/1.1\r\n")
            connection.drain()
            self.ended = True


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
    assert head.ended
    with RawConnection(head.catalog.url) as slow:
        slow.send(b"GET /v2/images HTTP/1.1\r\n")
        time.sleep(0.5)
        slow.send(b"Host: catalog\r\n\r\n")
        assert slow.status() == 200, "headers that only take a while are taken"
