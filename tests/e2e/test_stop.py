"""The server is asked to stop, or a client goes away, in the middle of transfers."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress

import pytest
import requests

from tests.e2e.conftest import Start
from tests.e2e.raw import RawConnection, chunk, refuses
from tests.e2e.support import MIB, Client, random_bytes, wait_for
from tests.servers.calotype import Calotype
from tests.servers.places import Place

DATA = random_bytes(12 * MIB)
CHUNKED, END = "Transfer-Encoding: chunked", b"0\r\n\r\n"
FOLDER, BUCKET = "new_folder", "new_bucket"
ENDS = [Calotype.terminate, Calotype.interrupt, Calotype.hang_up]


def _begin(client: Client, stack: ExitStack, header: str = CHUNKED) -> tuple[str, RawConnection]:
    """Begin an upload and send some parts of it."""
    image_id = client.create("running")
    upload = stack.enter_context(RawConnection(client.url))
    upload.put(image_id, header, body=chunk(DATA) if header == CHUNKED else DATA)
    client.wait_status(image_id, "saving")
    return image_id, upload


def _answers(client: Client) -> bool:
    """Tell whether the server answers; one that was killed may have sent a part of its answer."""
    try:
        return client.call("GET", "/v2/images").status_code == 200
    except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError):
        return False


@pytest.mark.parametrize(
    ("place", "end"), [(FOLDER, ENDS[0]), (BUCKET, ENDS[0]), (BUCKET, ENDS[1])], indirect=["place"]
)
def test_transfers_that_end_within_the_drain_end_well(place: Place, start: Start, end: Callable[[Calotype], None]):
    catalog = start(place, drain_seconds="240", upload_part_size="5MB")
    client = Client(catalog.url)
    large = client.add("large", DATA)
    with ExitStack() as stack:
        image_id, upload = _begin(client, stack)
        download = stack.enter_context(RawConnection(catalog.url, receive_buffer=4096))
        download.get(f"/v2/images/{large}/file")
        assert download.socket.recv(10)
        end(catalog)
        wait_for(lambda: refuses(catalog.url), "new connections are refused")
        assert catalog.exit_code is None
        time.sleep(0.5)
        assert refuses(catalog.url)
        upload.send(chunk(DATA) + END)
        assert upload.status() == 204
        assert download.drain().endswith(DATA[-1000:])
    assert catalog.wait(120) == 0
    catalog.start()
    assert client.data(image_id) == DATA + DATA
    assert sorted(client.names()) == ["large", "running"]


@pytest.mark.parametrize("end", ENDS[:2])
def test_every_connection_is_answered_or_refused(new_folder: Place, start: Start, end: Callable[[Calotype], None]):
    """None is taken and then reset: only of a refused one a balancer knows that another node may get the request."""
    catalog, answers = start(new_folder), []

    def ask() -> None:
        with suppress(ConnectionRefusedError):
            while True:
                with RawConnection(catalog.url) as connection:
                    connection.get("/versions")
                    answers.append(connection.status())

    with ThreadPoolExecutor(16) as pool:
        threads = [pool.submit(ask) for _ in range(16)]
        wait_for(lambda: len(answers) > 100, "clients are answered")
        end(catalog)
        for thread in threads:
            thread.result()
    assert set(answers) == {200}
    assert catalog.wait(120) == 0


@pytest.mark.parametrize(
    ("place", "end", "status"),
    [
        (FOLDER, ENDS[0], "killed"),
        (FOLDER, ENDS[2], "queued"),
        (BUCKET, ENDS[0], "killed"),
        (BUCKET, ENDS[1], "queued"),
    ],
    indirect=["place"],
)
def test_upload_that_does_not_end_within_the_drain_is_aborted(
    place: Place, start: Start, end: Callable[[Calotype], None], status: str
):
    catalog = start(place, drain_seconds="1", upload_part_size="5MB", failed_upload=status)
    client = Client(catalog.url)
    with ExitStack() as stack:
        uploads = [_begin(client, stack, header)[0] for header in (CHUNKED, f"Content-Length: {10 * len(DATA)}")]
        end(catalog)
        assert catalog.wait(120) == 0
    assert [place.leftovers(image_id) for image_id in uploads] == [[], []]
    assert "Traceback" not in catalog.printed()
    catalog.start()
    for image_id in uploads:
        assert client.status(image_id) == status
        client.check_reusable(image_id, DATA)


def test_second_interrupt_ends_the_drain(new_folder: Place, start: Start):
    catalog = start(new_folder, drain_seconds="600")
    client = Client(catalog.url)
    with ExitStack() as stack:
        image_id, _ = _begin(client, stack)
        catalog.interrupt()
        wait_for(lambda: refuses(catalog.url), "new connections are refused")
        time.sleep(0.5)
        assert catalog.exit_code is None
        catalog.interrupt()
        assert catalog.wait(120) == 0
    assert new_folder.leftovers(image_id) == []
    catalog.start()
    assert client.status(image_id) == "killed"


def test_stop_does_not_wait_for_idle_and_silent_connections(new_folder: Place, start: Start):
    catalog = start(new_folder, drain_seconds="600")
    with ExitStack() as stack:
        for _ in range(20):
            stack.enter_context(RawConnection(catalog.url))
        session = stack.enter_context(requests.Session())
        assert session.get(f"{catalog.url}/v2/images", timeout=120).status_code == 200
        assert catalog.stop() == 0


def test_image_whose_upload_a_crash_ended_can_be_deleted(place: Place, start: Start):
    catalog = start(place, upload_part_size="5MB")
    client = Client(catalog.url)
    with ExitStack() as stack:
        image_id, _ = _begin(client, stack)
        wait_for(lambda: place.leftovers(image_id), "parts are stored")
        catalog.kill()
    catalog.start()
    wait_for(lambda: client.status(image_id) == "killed", "the next process ends it")
    assert client.data(client.add("other", DATA)) == DATA
    assert client.call("DELETE", f"/v2/images/{image_id}").status_code == 204
    assert place.leftovers(image_id) == []


@pytest.mark.parametrize(
    ("place", "status"), [(FOLDER, "killed"), (BUCKET, "killed"), (BUCKET, "queued")], indirect=["place"]
)
def test_client_that_goes_away_leaves_no_parts(place: Place, start: Start, status: str):
    catalog = start(place, upload_part_size="5MB", failed_upload=status)
    client = Client(catalog.url)
    image_id = client.create()

    def broken() -> Iterator[bytes]:
        for _ in range(4):
            yield DATA
        wait_for(lambda: place.leftovers(image_id), "parts are stored")
        raise RuntimeError("the client crashed")

    with pytest.raises(RuntimeError, match="crashed"):
        client.upload(image_id, broken())
    assert client.wait_status(image_id, "killed", "queued") == status
    wait_for(lambda: place.leftovers(image_id) == [], "everything is removed")
    client.check_reusable(image_id, DATA)
    assert len(place.leftovers(image_id)) == 1


def test_image_deleted_during_its_upload_leaves_nothing(place: Place, start: Start):
    client = Client(start(place, upload_part_size="5MB").url)
    with ExitStack() as stack:
        image_id, upload = _begin(client, stack)
        assert client.call("DELETE", f"/v2/images/{image_id}").status_code == 204
        upload.send(chunk(DATA) + END)
        assert upload.status() == 410
    wait_for(lambda: place.leftovers(image_id) == [], "everything is removed")
    assert client.call("GET", f"/v2/images/{image_id}").status_code == 404


def test_worker_that_dies_is_replaced(place: Place, start: Start):
    catalog = start(place)
    client = Client(catalog.url)
    image_id = client.add("kept", b"the data")
    before = catalog.worker_pid
    for number in (signal.SIGTTIN, signal.SIGTTOU, signal.SIGUSR2):
        os.kill(catalog.pid, number)
    time.sleep(0.5)
    assert catalog.worker_pid == before  # never a second one beside it
    threads = [threading.Thread(target=lambda: _answers(client)) for _ in range(4)]
    for thread in threads:
        thread.start()
    catalog.kill_worker()
    for thread in threads:
        thread.join()
    wait_for(lambda: _answers(client), "the next worker answers")
    assert catalog.worker_pid != before
    assert client.names() == ["kept"]
    assert client.data(image_id) == b"the data"
    assert catalog.stop() == 0
