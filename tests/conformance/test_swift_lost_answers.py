"""The fence of a home store on Swift when an answer is lost, and when the writer knows that it has lost."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from backends.swift.fence import Writer
from backends.swift.store import SwiftStore
from backends.swift.timed import SwiftClaims, fenced
from catalog.store.errors import StoreError, Unavailable
from catalog.store.interface import Create, Overwrite, Update
from tests.conformance.hosts import Hosts
from tests.servers.swift import SwiftServer


@pytest.fixture
def hosts(swift_client, tmp_path: Path) -> Hosts:
    return Hosts(swift_client, tmp_path)


def test_a_lost_answer_closes_its_key_for_a_while(tmp_path: Path) -> None:
    with SwiftServer() as server:
        client = server.client(connect_timeout=1, read_timeout=0.5)
        place = SwiftStore(client, "fence")
        store = fenced(place, tmp_path / "host", window=2, margin=1)
        store.prepare(create=True)
        info = store.put("key", b"1", Create())
        send = client.send

        def pausing(method: str, *args: object, **options: object) -> object:
            if method == "PUT":
                server.pause()
            return send(method, *args, **options)  # type: ignore[arg-type]

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(client, "send", pausing)
            with pytest.raises(StoreError) as raised:
                store.put("key", b"2", Update(info.etag))
        assert type(raised.value) is Unavailable
        server.resume()
        patient = fenced(SwiftStore(server.client(), "fence"), tmp_path / "host", window=2, margin=1)
        with pytest.raises(Unavailable, match="the outcome of an earlier write is open"):
            patient.put("key", b"3", Overwrite())
        assert patient.put("other", b"3", Overwrite()).size == 1
        end = time.monotonic() + 30
        while True:
            try:
                patient.put("key", b"3", Overwrite())
                break
            except Unavailable:
                assert time.monotonic() < end
                time.sleep(0.1)
        assert patient.get("key").read() == b"3"


def test_a_writer_that_knows_it_has_lost_asks_no_more(hosts: Hosts, tmp_path: Path) -> None:
    store = hosts.host("old")
    store.prepare(create=False)
    store.put("key", b"1", Create())
    SwiftClaims(hosts.place).claim(2)
    writer: Writer = store._writer
    with pytest.raises(Unavailable, match="taken this store over"):
        writer.confirm(1)
    with pytest.raises(Unavailable, match="another host writes"):
        writer.check()
