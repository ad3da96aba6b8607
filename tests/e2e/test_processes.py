"""The serving process under load: its memory and its threads stay bounded."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from tests.e2e.raw import RawConnection
from tests.e2e.support import MIB, Client, random_bytes, wait_for
from tests.servers.calotype import Calotype
from tests.servers.places import s3_place
from tests.servers.seaweedfs import SeaweedFS
from tests.servers.throttle import Throttle

SIZE, UPLOADS = 200 * MIB, 4
LIMIT = 256 * MIB
BLOCK = random_bytes(MIB)


def _blocks(number: int) -> Iterator[bytes]:
    """Give an image of ``SIZE`` bytes, another one for each number."""
    for position in range(SIZE // MIB):
        yield f"{number:08}{position:08}".encode() + BLOCK[16:]


def _md5(number: int) -> str:
    digest = hashlib.md5()
    for block in _blocks(number):
        digest.update(block)
    return digest.hexdigest()


def test_memory_is_bounded_when_the_store_is_slower_than_the_clients(seaweedfs: SeaweedFS, tmp_path: Path):
    with Throttle(seaweedfs.port, rate=80 * MIB) as slow:
        place = s3_place(seaweedfs, "memory", endpoint=slow.endpoint)
        settings = {**place.settings, "s3_read_timeout": "120", "s3_connect_timeout": "120"}
        with Calotype(tmp_path / "catalog", place.environment, **settings) as catalog:
            client = Client(catalog.url, timeout=120)
            ids = [client.create(f"large-{number}") for number in range(UPLOADS)]
            with ThreadPoolExecutor(UPLOADS) as pool:
                answers = list(pool.map(lambda n: client.upload(ids[n], _blocks(n)).status_code, range(UPLOADS)))
            assert answers == [204] * UPLOADS
            print(f"uploads took {catalog.peak_memory / MIB:.0f} MiB")
            assert catalog.peak_memory < LIMIT, f"uploads took {catalog.peak_memory / MIB:.0f} MiB"
            assert [client.show(image_id)["size"] for image_id in ids] == [SIZE] * UPLOADS
            assert client.show(ids[1])["checksum"] == _md5(1)

            with ExitStack() as stack:
                for number in range(12):
                    download = stack.enter_context(RawConnection(catalog.url, receive_buffer=4096))
                    download.get(f"/v2/images/{ids[number % UPLOADS]}/file")
                    assert download.socket.recv(100)
                names = client.names(sort="name:asc")
            assert names == [f"large-{number}" for number in range(UPLOADS)]
            assert catalog.peak_memory < LIMIT, f"downloads took {catalog.peak_memory / MIB:.0f} MiB"


def _count(pid: int, what: str) -> int:
    return len(list(Path(f"/proc/{pid}/{what}").iterdir()))


def _use_threads(client: Client, count: int) -> None:
    """Have so many requests served at once, more than a test makes later: their threads stay."""
    ids = [client.create(f"held-{number}") for number in range(count)]
    with ExitStack() as stack:
        for image_id in ids:
            stack.enter_context(RawConnection(client.url)).put(image_id, "Content-Length: 2", body=b"x")
        for image_id in ids:
            client.wait_status(image_id, "saving")
    for image_id in ids:
        client.wait_status(image_id, "killed")


def test_threads_and_files_of_ended_transfers_are_given_back(seaweedfs: SeaweedFS, tmp_path: Path):
    place = s3_place(seaweedfs, "threads")
    data = random_bytes(12 * MIB)
    with Calotype(tmp_path / "catalog", place.environment, **place.settings, upload_part_size="5MB") as catalog:
        client = Client(catalog.url)

        def transfer(number: int) -> bytes:
            return client.data(client.add(f"image-{number}", data))

        def broken(number: int) -> None:
            image_id = client.create(f"broken-{number}")
            with RawConnection(catalog.url) as upload:
                upload.put(image_id, f"Content-Length: {len(data)}", body=data[: 8 * MIB])
            client.wait_status(image_id, "killed")

        _use_threads(client, 24)
        with ThreadPoolExecutor(4) as pool:
            for work in (transfer, broken):
                list(pool.map(work, range(4)))
            threads, files = (_count(catalog.worker_pid, what) for what in ("task", "fd"))
            for work in (transfer, broken):
                list(pool.map(work, range(8)))
        # The pool of request threads and that of connections to the store may still have grown by our number.
        wait_for(lambda: _count(catalog.worker_pid, "task") <= threads + 4, "the threads of transfers end")
        wait_for(lambda: _count(catalog.worker_pid, "fd") <= files + 16, "files and connections are closed")
